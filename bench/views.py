"""Views of a batch, ours against torchvision v2, lightly 1.6 and kornia 0.9: `python bench/views.py [PIPELINE SIZE ...]`

Pipelines: `vicreg`, two views of CIFAR (crop .2 to 1, flip, jitter .4 .4 .2 .1 with probability .8, grey .2, solarise .1, no blur, bilinear, normalise);
`sslight`, the two global and six local views of SSLight for DINO (bicubic, with blur). Each contestant has a process of its own, as its users give it
one. They run in turn, on the same images, so that whatever else the machine does falls on each alike: the ratio of a round is ours over the peer's
in that round, and a row holds its median and quartiles; rounds go on until the quartiles of every ratio are within a tenth of it, or ROUNDS are done.
One thread is one thread for everybody. With two, peers that work image by image get two worker processes, as their users would give them, batched
ones two threads, and ours also runs against itself on one thread, and on one thread in each of two processes: what two cores can do."""
import multiprocessing,statistics,sys,time,warnings
from concurrent.futures import ProcessPoolExecutor
import torch, torchvision.transforms.v2 as T
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader,Dataset
from dynssl.views import Crop,Views,preset

MEAN,STD = (.5071,.4865,.4409),(.2673,.2564,.2762)
SCALE,JITTER,ROUNDS = (.2,1.),(.4,.4,.2,.1),15

def specs(pipeline, size):
    "The `Crop` of each view"
    if pipeline=='sslight': return preset('sslight', size, 'imagenet')
    return (Crop(size=size, scale=SCALE, jitter=JITTER, solarise=.1, mean=MEAN, std=STD),)*2

def pictures(n, size):
    "Smooth colour fields with some noise, uint8 `n 3 size size`"
    g = torch.Generator().manual_seed(0)
    x = nn.functional.interpolate(torch.rand(n,3,4,4, generator=g), (size,size), mode='bicubic')+.05*torch.randn(n,3,size,size, generator=g)
    return (x.clamp(0,1)*255).round().byte()

def of_dynssl(x, crops, threads):
    views,ids = Views(*crops),torch.arange(len(x))
    return lambda: views(x, ids)

def of_kornia(x, crops, threads):
    import kornia.augmentation as K
    def one(c):
        b,s,t,h = c.jitter
        blur = [K.RandomGaussianBlur((c.kernel,)*2, c.sigma, p=c.blur)] if c.blur else []
        sun = [K.RandomSolarize(0., 0., p=c.solarise)] if c.solarise else []
        return nn.Sequential(K.RandomResizedCrop((c.size,c.size), c.scale, c.ratio, resample=c.interpolation, same_on_batch=False), K.RandomHorizontalFlip(),
            K.ColorJitter(b, s, t, h, p=c.jitter_p, same_on_batch=False), K.RandomGrayscale(p=c.grey), *blur, *sun, K.Normalize(torch.tensor(c.mean), torch.tensor(c.std)))
    each = [one(c) for c in crops]
    return lambda: [v(x/255) for v in each]

class Each(Dataset):
    "All views of each image"
    def __init__(self, images, views): self.images,self.views = images,views
    def __len__(self): return len(self.images)
    def __getitem__(self, i): return self.views(self.images[i])

def one_by_one(images, views, threads):
    data = Each(images, views)
    if threads==1: return lambda: [torch.stack(v) for v in zip(*(data[i] for i in range(len(data))))]
    loader = DataLoader(data, max(1, len(data)//8), num_workers=threads, persistent_workers=True)
    return lambda: list(loader)

def pil(x): return [Image.fromarray(i.permute(1,2,0).numpy()) for i in x]

class Torchvision:
    "Each view by a torchvision transform"
    def __init__(self, crops):
        self.views = [T.Compose([T.RandomResizedCrop(c.size, c.scale, c.ratio, interpolation=T.InterpolationMode(c.interpolation), antialias=True), T.RandomHorizontalFlip(),
            T.RandomApply([T.ColorJitter(*c.jitter)], c.jitter_p), T.RandomGrayscale(c.grey), *([T.RandomApply([T.GaussianBlur(c.kernel, c.sigma)], c.blur)] if c.blur else []),
            *([T.RandomSolarize(128, c.solarise)] if c.solarise else []), T.ToImage(), T.ToDtype(torch.float32, scale=True), T.Normalize(c.mean, c.std)]) for c in crops]
    def __call__(self, x): return [v(x) for v in self.views]

def of_lightly(x, crops, threads):
    from lightly.transforms import VICRegTransform
    b,c,s,h = JITTER
    return one_by_one(pil(x), VICRegTransform(input_size=x.shape[-1], cj_prob=.8, cj_strength=1., cj_bright=b, cj_contrast=c, cj_sat=s, cj_hue=h, min_scale=SCALE[0],
        random_gray_scale=.2, solarize_prob=.1, gaussian_blur=0., hf_prob=.5, normalize=dict(mean=MEAN, std=STD)), threads)

# name: how it is made, and the share of the images it gets (the slow ones need fewer for as sure a speed)
CONTESTANTS = {'dynssl':(of_dynssl, 1), 'torchvision v2, PIL':(lambda x,c,t: one_by_one(pil(x), Torchvision(c), t), 1/4),
    'torchvision v2, tensor':(lambda x,c,t: one_by_one(list(x), Torchvision(c), t), 1/4), 'lightly 1.6, PIL':(of_lightly, 1/4), 'kornia 0.9, batched':(of_kornia, 1), 'dynssl, one thread':(of_dynssl, 1),
    'dynssl, two processes':(of_dynssl, 1)}
ALONE = 'dynssl, one thread','dynssl, two processes' # With one thread, where the others have two

def prepare(name, pipeline, size, threads, n):
    "In a contestant's process: what it will run"
    global work,views,clock
    warnings.filterwarnings('ignore')
    torch.set_num_threads(1 if name in ALONE else threads); torch.set_grad_enabled(False)
    (make,share),crops = CONTESTANTS[name],specs(pipeline, size)
    x = pictures(max(8, round(share*n)), size)
    work,views,clock = make(x, crops, threads),len(crops)*len(x),time.process_time if threads==1 else time.perf_counter

def speed():
    "Views per second, after one call to warm the caches. One thread is timed by its processor, so that waiting for other programs counts for nobody"
    work(); start = clock(); work(); work()
    return 2*views/(clock()-start)

def speed_of(pool): return sum(f.result() for f in [pool.submit(speed) for _ in range(pool._max_workers)])

def quartiles(ours, theirs): return statistics.quantiles([a/b for a,b in zip(ours, theirs)], n=4)

def measure(pipeline='vicreg', size=32, threads=1, rounds=ROUNDS):
    "A row for each contestant: what, pipeline, size, threads, rounds, views_per_second, ratio of ours to it, and the quartiles of the ratio"
    n,spawn = max(32, 256*32**2//size**2),multiprocessing.get_context('spawn')
    left_out = (['lightly 1.6, PIL'] if pipeline!='vicreg' else [])+(list(ALONE) if threads==1 else [])
    names = [k for k in CONTESTANTS if k not in left_out]
    pools = {name:ProcessPoolExecutor(1+(name==ALONE[1]), spawn, prepare, (name,pipeline,size,threads,n)) for name in names}
    for p in pools.values(): speed_of(p)
    speeds = {name:[] for name in pools}
    narrow = lambda q: q[2]-q[0]<.2*q[1]
    while len(speeds['dynssl'])<rounds:
        for name,p in pools.items(): speeds[name].append(speed_of(p))
        if len(speeds['dynssl'])>=7 and all(narrow(quartiles(speeds['dynssl'], s)) for s in speeds.values()): break
    for p in pools.values(): p.shutdown()
    rows = []
    for name,own in speeds.items():
        low,ratio,high = quartiles(speeds['dynssl'], own)
        rows.append(dict(what=name, pipeline=pipeline, size=size, threads=threads, rounds=len(own), views_per_second=round(statistics.median(own)),
                         ratio=round(ratio, 2), ratio_low=round(low, 2), ratio_high=round(high, 2)))
    return rows

ALL = ('vicreg',32),('sslight',96),('sslight',224)

def main(pipelines=ALL):
    "Rows of all pipelines and sizes on one and two threads; torchvision is there with PIL images and with tensors, the faster of them is its row"
    return [row for pipeline,size in pipelines for threads in (1,2) for row in measure(pipeline, size, threads, ROUNDS if size<64 else 7)]

if __name__=='__main__':
    a = sys.argv[1:]
    for row in main([(k,int(s)) for k,s in zip(a[::2], a[1::2])] or ALL): print(row)
