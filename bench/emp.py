"""A step of EMP-SSL with 20 patches, ours against the published recipe written down as it stands, on the same network, heads and images

As it stands (arXiv 2304.03977): torchvision transforms image by image, in as many worker processes as there are cores, log-determinants of d x d one
after the other, cosines in a loop over the patches, LARS tensor by tensor, fp32. Rates are those of our quick profile, and our side may autocast where
the hardware has it (`precision`)."""
import itertools
import torch, torch.nn.functional as F
from torch.utils.data import DataLoader
from dynssl.backbones import backbone
from dynssl.data import shapes
from dynssl.methods import EMPSSL
from dynssl.paths import Dense
from dynssl.pretrain import Training,train_step
from dynssl.profiles import profile
from dynssl.views import Views,preset
from losses import published as coding_rates
from step import seconds
from views import Each,Torchvision,pil

PATCHES = 20

def model(size, device):
    torch.manual_seed(0)
    return EMPSSL(backbone('resnet18', size.width, size.stem), size.hidden, 1024).to(device)

def lars(params, momenta, lr, eta=.02, decay=1e-4, momentum=.9):
    for p,m in zip(params, momenta):
        g = p.grad
        if p.ndim>1:
            w,n = p.norm(),p.grad.norm()
            g = (g+decay*p)*min(eta*w/(n+decay*w)/lr, 1)
        m.mul_(momentum).add_(g)
        p.sub_(lr*(g+momentum*m))

def straight(m, loader, device, lr=.3):
    "Steps of the recipe as it stands, one for each call"
    params = list(m.parameters())
    momenta,batches = [torch.zeros_like(p) for p in params],iter(itertools.chain.from_iterable(itertools.repeat(loader)))
    def step():
        patches = next(batches)
        z = F.normalize(m.student(torch.cat(patches).to(device), Dense()), dim=1).chunk(len(patches))
        mean = sum(z)/len(z)
        sim = sum(F.cosine_similarity(o, mean).mean() for o in z)/len(z)
        loss = -200*sim-coding_rates(torch.stack(z)).mean()
        for p in params: p.grad = None
        loss.backward()
        with torch.no_grad(): lars(params, momenta, lr)
    return step

def rows(device, repeats=7, warm=3):
    "A row: how many times faster our step is, median and quartiles. Each has the machine to itself: its workers would fetch ahead in the other's time"
    size,crops = profile('quick', 'emp', paper='emp'),preset('emp', patches=PATCHES)
    data,batch = shapes(4*size.recipe.batch),size.recipe.batch
    loader = DataLoader(Each(pil(data.images), Torchvision(crops)), batch, num_workers=torch.get_num_threads(), persistent_workers=True, prefetch_factor=1)
    theirs = straight(model(size, device), loader, device)
    slow = [seconds(theirs, device) for _ in range(warm+repeats)][warm:]
    del theirs,loader
    ours = Training(model(size, device), data.to(device), Views(*crops, channels_last=True), size.recipe)
    fast = []
    for _ in range(warm+repeats):
        ours.done %= ours.steps
        fast.append(seconds(lambda: train_step(ours), device))
    slow,fast = torch.tensor(slow),torch.tensor(fast[warm:])
    low,ratio,high = (slow/fast).quantile(torch.tensor([.25,.5,.75])).tolist()
    return [dict(what=f'EMP-SSL step, {PATCHES} patches x {batch} images, ResNet-18 width {size.width}', threads=torch.get_num_threads(), published_s=slow.median().item(),
                 ours_s=fast.median().item(), precision=str(ours.half or torch.float32), ratio=ratio, ratio_low=low, ratio_high=high)]
