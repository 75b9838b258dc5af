"""Two views of a batch, ours against torchvision v2, lightly 1.6 and kornia 0.9: `python bench/views.py [SIZE ...]`

The pipeline is VICReg's for CIFAR: crop .2 to 1, flip, jitter .4 .4 .2 .1 with probability .8, grey .2, solarise .1, no blur, bilinear, normalise.
Each contestant has a process of its own, as its users give it one. They run in turn, on the same images, so that whatever else the machine does
falls on each alike: the ratio of a round is ours over the peer's in that round, and a row holds its median and quartiles. One thread is one
thread for everybody. With two, peers that work image by image get two worker processes, as their users would give them, batched ones two threads."""
import multiprocessing,statistics,sys,time,warnings
from concurrent.futures import ProcessPoolExecutor
import torch, torchvision.transforms.v2 as T
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader,Dataset

MEAN,STD = (.5071,.4865,.4409),(.2673,.2564,.2762)
SCALE,JITTER,ROUNDS = (.2,1.),(.4,.4,.2,.1),15

def pictures(n, size):
    "Smooth colour fields with some noise, uint8 `n 3 size size`"
    g = torch.Generator().manual_seed(0)
    x = nn.functional.interpolate(torch.rand(n,3,4,4, generator=g), (size,size), mode='bicubic')+.05*torch.randn(n,3,size,size, generator=g)
    return (x.clamp(0,1)*255).round().byte()

def of_dynssl(x, threads):
    from dynssl.views import Crop,Views
    views,ids = Views(*[Crop(size=x.shape[-1], scale=SCALE, jitter=JITTER, solarise=.1, mean=MEAN, std=STD)]*2),torch.arange(len(x))
    return lambda: views(x, ids)

def of_kornia(x, threads):
    import kornia.augmentation as K
    size,(b,c,s,h) = x.shape[-1],JITTER
    view = nn.Sequential(K.RandomResizedCrop((size,size), SCALE, same_on_batch=False), K.RandomHorizontalFlip(), K.ColorJitter(b, c, s, h, p=.8, same_on_batch=False),
        K.RandomGrayscale(p=.2), K.RandomSolarize(0., 0., p=.1), K.Normalize(torch.tensor(MEAN), torch.tensor(STD)))
    return lambda: (view(x/255),view(x/255))

class Twice(Dataset):
    "Both views of each image, made by a transform of one image"
    def __init__(self, images, views): self.images,self.views = images,views
    def __len__(self): return len(self.images)
    def __getitem__(self, i): return self.views(self.images[i])

def one_by_one(images, views, threads):
    data = Twice(images, views)
    if threads==1: return lambda: [torch.stack(v) for v in zip(*(data[i] for i in range(len(data))))]
    loader = DataLoader(data, max(1, len(data)//8), num_workers=threads, persistent_workers=True)
    return lambda: list(loader)

def pil(x): return [Image.fromarray(i.permute(1,2,0).numpy()) for i in x]

class Both:
    "Two views by one torchvision transform"
    def __init__(self, size):
        self.view = T.Compose([T.RandomResizedCrop(size, SCALE, antialias=True), T.RandomHorizontalFlip(), T.RandomApply([T.ColorJitter(*JITTER)], .8),
            T.RandomGrayscale(.2), T.RandomSolarize(128, .1), T.ToImage(), T.ToDtype(torch.float32, scale=True), T.Normalize(MEAN, STD)])
    def __call__(self, x): return self.view(x),self.view(x)

def of_lightly(x, threads):
    from lightly.transforms import VICRegTransform
    b,c,s,h = JITTER
    return one_by_one(pil(x), VICRegTransform(input_size=x.shape[-1], cj_prob=.8, cj_strength=1., cj_bright=b, cj_contrast=c, cj_sat=s, cj_hue=h, min_scale=SCALE[0],
        random_gray_scale=.2, solarize_prob=.1, gaussian_blur=0., hf_prob=.5, normalize=dict(mean=MEAN, std=STD)), threads)

# name: how it is made, and the share of the images it gets (the slow ones need fewer for as sure a speed)
CONTESTANTS = {'dynssl':(of_dynssl, 1), 'torchvision v2, PIL':(lambda x,t: one_by_one(pil(x), Both(x.shape[-1]), t), 1/4),
    'torchvision v2, tensor':(lambda x,t: one_by_one(list(x), Both(x.shape[-1]), t), 1/4), 'lightly 1.6, PIL':(of_lightly, 1/4), 'kornia 0.9, batched':(of_kornia, 1)}

def prepare(name, size, threads, n):
    "In a contestant's process: what it will run"
    global work,views,clock
    warnings.filterwarnings('ignore')
    torch.set_num_threads(threads); torch.set_grad_enabled(False)
    make,share = CONTESTANTS[name]
    x = pictures(max(8, round(share*n)), size)
    work,views,clock = make(x, threads),2*len(x),time.process_time if threads==1 else time.perf_counter

def speed():
    "Views per second, after one call to warm the caches. One thread is timed by its processor, so that waiting for other programs counts for nobody"
    work(); start = clock(); work(); work()
    return 2*views/(clock()-start)

def measure(size=32, threads=1, rounds=ROUNDS):
    "A row for each contestant: what, size, threads, views_per_second, ratio of ours to it, and the quartiles of the ratio"
    n,spawn = max(16, 256*32**2//size**2),multiprocessing.get_context('spawn')
    pools = {name:ProcessPoolExecutor(1, spawn, prepare, (name,size,threads,n)) for name in CONTESTANTS}
    for p in pools.values(): p.submit(speed).result()
    speeds = {name:[] for name in pools}
    for _ in range(rounds):
        for name,p in pools.items(): speeds[name].append(p.submit(speed).result())
    for p in pools.values(): p.shutdown()
    rows = []
    for name,own in speeds.items():
        low,ratio,high = statistics.quantiles([a/b for a,b in zip(speeds['dynssl'], own)], n=4)
        rows.append(dict(what=name, size=size, threads=threads, views_per_second=round(statistics.median(own)), ratio=round(ratio, 2), ratio_low=round(low, 2), ratio_high=round(high, 2)))
    return rows

def main(sizes=(32,)):
    "Rows of all sizes on one and two threads; torchvision is there with PIL images and with tensors, the faster of them is its row"
    return [row for size in sizes for threads in (1,2) for row in measure(size, threads)]

if __name__=='__main__':
    for row in main([int(a) for a in sys.argv[1:]] or (32,)): print(row)
