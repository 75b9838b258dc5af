"The whole pre-training step against a bare forward and backward of the same network on ready tensors"
import time
from dataclasses import replace
import torch
from dynssl.backbones import backbone
from dynssl.data import shapes
from dynssl.flops import costs
from dynssl.gating import Budget, add_gates
from dynssl.methods import POLICIES, VICReg
from dynssl.paths import Gated
from dynssl.pretrain import Training, train_step
from dynssl.profiles import profile
from dynssl.views import Views, preset

def training(method, size, device):
    "A `Training` of these sizes"
    torch.manual_seed(0)
    encoder = backbone('resnet18', size.width, size.stem)
    if method!='dense': add_gates(encoder, separate=method=='dual')
    budget = Budget(costs(encoder, 32, Gated()), costs(encoder, 32).total, .5, lam=size.lam) if method!='dense' else None
    model = VICReg(encoder, size.hidden).to(device)
    return Training(model, shapes(4*size.recipe.batch).to(device), Views(*preset('unified'), channels_last=True), size.recipe, POLICIES[method], budget)

def bare(t, xs):
    "Forward and backward of encoder and projector, nothing else"
    paths = t.policy(xs, generator=torch.Generator(t.device).manual_seed(0)).paths
    paths = [Gated(p.noise, p.generator) if p.gates else p for p in paths]
    for p in t.method.parameters(): p.grad = None
    with torch.autocast(t.device.type, t.half, enabled=t.half is not None):
        z = [t.method.projector(t.method.encoder(x, p)) for x,p in zip(xs, paths)]
    torch.autograd.backward(z, [torch.ones_like(o) for o in z])

def seconds(f, device):
    if device.type=='cuda': torch.cuda.synchronize()
    start = time.perf_counter(); f()
    if device.type=='cuda': torch.cuda.synchronize()
    return time.perf_counter()-start

def measure(what, t, repeats, warm=2):
    "A row: the share of the step that is forward and backward, median and quartiles over interleaved pairs"
    ids = torch.arange(t.recipe.batch)
    xs = [x.contiguous(memory_format=torch.channels_last) for x in t.views(t.data.batch(ids), ids)]
    pairs = []
    for _ in range(warm+repeats):
        t.done %= t.steps
        pairs.append((seconds(lambda: train_step(t), t.device), seconds(lambda: bare(t, xs), t.device)))
    step,plain = torch.tensor(pairs[warm:]).T
    low,ratio,high = (plain/step).quantile(torch.tensor([.25,.5,.75])).tolist()
    return dict(what=what, size=32, batch=t.recipe.batch, threads=torch.get_num_threads(), step_s=step.median().item(), bare_s=plain.median().item(),
                ratio=ratio, ratio_low=low, ratio_high=high)

def rows(device):
    "Rows of the quick profile's step, and of one with the published network and heads at a batch that a CPU can bear"
    quick,paper = profile('quick', 'vicreg'),profile('paper', 'vicreg')
    paper = replace(paper, recipe=replace(paper.recipe, batch=64))
    return [measure('quick profile, dense', training('dense', quick, device), 41), measure('quick profile, dual', training('dual', quick, device), 41),
            measure('published network, dual', training('dual', paper, device), 15, 1)]
