"""Two views of a batch, ours against torchvision v2, lightly 1.6 and kornia 0.9: `python bench/views.py [SIZE ...]`

The pipeline is VICReg's for CIFAR: crop .2 to 1, flip, jitter .4 .4 .2 .1 with probability .8, grey .2, solarise .1, no blur, bilinear, normalise.
All contestants run in one process, in turn, on the same images, so that whatever else the machine does falls on each alike: the ratio of
a round is ours over the peer's in that round, and the row holds its median and quartiles. One thread is one thread for everybody. With two,
the peers that work image by image get two worker processes, as their users would give them, and the batched ones two threads."""
import statistics,sys,time,warnings
import torch, torchvision.transforms.v2 as T
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from dynssl.views import Crop,STATISTICS,Views

MEAN,STD = STATISTICS['cifar100']
SCALE,JITTER,ROUNDS = (.2,1.),(.4,.4,.2,.1),9

def pictures(n, size):
    "Smooth colour fields with some noise, uint8 `n 3 size size`: flat noise would be kind to nobody"
    g = torch.Generator().manual_seed(0)
    x = nn.functional.interpolate(torch.rand(n,3,4,4, generator=g), (size,size), mode='bicubic')+.05*torch.randn(n,3,size,size, generator=g)
    return (x.clamp(0,1)*255).round().byte()

def of_torchvision(size):
    return T.Compose([T.RandomResizedCrop(size, SCALE, antialias=True), T.RandomHorizontalFlip(), T.RandomApply([T.ColorJitter(*JITTER)], .8),
        T.RandomGrayscale(.2), T.RandomSolarize(128, .1), T.ToImage(), T.ToDtype(torch.float32, scale=True), T.Normalize(MEAN, STD)])

def of_lightly(size):
    from lightly.transforms import VICRegTransform
    b,c,s,h = JITTER
    return VICRegTransform(input_size=size, cj_prob=.8, cj_strength=1., cj_bright=b, cj_contrast=c, cj_sat=s, cj_hue=h, min_scale=SCALE[0], random_gray_scale=.2,
        solarize_prob=.1, gaussian_blur=0., hf_prob=.5, normalize=dict(mean=MEAN, std=STD))

def of_kornia(size):
    import kornia.augmentation as K
    b,c,s,h = JITTER
    return nn.Sequential(K.RandomResizedCrop((size,size), SCALE, same_on_batch=False), K.RandomHorizontalFlip(), K.ColorJitter(b, c, s, h, p=.8, same_on_batch=False),
        K.RandomGrayscale(p=.2), K.RandomSolarize(0., 0., p=.1), K.Normalize(torch.tensor(MEAN), torch.tensor(STD)))

class Twice(torch.utils.data.Dataset):
    "Both views of each image, made by a transform of one image"
    def __init__(self, images, views): self.images,self.views = images,views
    def __len__(self): return len(self.images)
    def __getitem__(self, i): return self.views(self.images[i])

def per_image(images, views, threads):
    data = Twice(images, views)
    if threads==1: return lambda: [torch.stack(v) for v in zip(*(data[i] for i in range(len(data))))]
    loader = DataLoader(data, max(1, len(data)//8), num_workers=threads, persistent_workers=True)
    return lambda: list(loader)

def contestants(size, threads, n, few):
    "Name, number of views and function of each; the slow ones get fewer images"
    x,ids = pictures(n, size),torch.arange(n)
    pil,tensors = [Image.fromarray(i.permute(1,2,0).numpy()) for i in x[:few]],list(x[:few])
    views = Views(*[Crop(size=size, scale=SCALE, jitter=JITTER, solarise=.1, mean=MEAN, std=STD)]*2)
    tv = of_torchvision(size); kornia = of_kornia(size)
    batched = x[:few*2]/255
    yield 'dynssl',2*n,lambda: views(x, ids)
    for kind,images in (('PIL',pil),('tensor',tensors)): yield f'torchvision v2, {kind}',2*few,per_image(images, lambda i: (tv(i),tv(i)), threads)
    yield 'lightly 1.6, PIL',2*few,per_image(pil, of_lightly(size), threads)
    yield 'kornia 0.9, batched',2*len(batched),lambda: (kornia(batched),kornia(batched))

def seconds(f, threads):
    "Of the processor on one thread, so that waiting for other programs counts for nobody; else of the clock on the wall"
    clock = time.process_time if threads==1 else time.perf_counter
    start = clock(); f()
    return clock()-start

def measure(size=32, threads=1, rounds=ROUNDS):
    "Rows of one size and number of threads: dicts with what, size, threads, views_per_second, ratio and its quartiles"
    torch.set_num_threads(threads)
    n = max(16, 256*32**2//size**2)
    names,counts,functions = zip(*contestants(size, threads, n, max(8, n//4)))
    with torch.no_grad():
        for f in functions: f(); f()
        speeds = [[c/seconds(f, threads) for c,f in zip(counts, functions)] for _ in range(rounds)]
    rows = []
    for k,(name,mine) in enumerate(zip(names, zip(*speeds))):
        low,ratio,high = statistics.quantiles([s[0]/s[k] for s in speeds], n=4)
        rows.append(dict(what=name, size=size, threads=threads, views_per_second=round(statistics.median(mine)), ratio=round(ratio, 2), ratio_low=round(low, 2), ratio_high=round(high, 2)))
    return rows

def main(sizes=(32,)):
    "Rows of all sizes on one and two threads; torchvision's ratio is that of its faster input, PIL or tensor"
    warnings.filterwarnings('ignore')
    return [row for size in sizes for threads in (1,2) for row in measure(size, threads)]

if __name__=='__main__':
    for row in main([int(a) for a in sys.argv[1:]] or (32,)): print(row)
