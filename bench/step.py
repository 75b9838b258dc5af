"The whole pre-training step against a bare forward and backward of the same network on ready tensors"
import time
import torch
from dynssl.backbones import backbone
from dynssl.data import shapes
from dynssl.flops import costs
from dynssl.gating import Budget, add_gates
from dynssl.methods import VICReg, view_paths
from dynssl.paths import Dense, Gated
from dynssl.pretrain import Training, half_precision, log, profile, train_step
from dynssl.views import Views, preset

def trainings(method, device):
    "A `Training` of the quick profile's sizes"
    size = profile('quick', 'vicreg')
    torch.manual_seed(0)
    encoder = backbone('resnet18', size.width, size.stem)
    if method!='dense': add_gates(encoder, separate=method=='dual')
    budget = Budget(costs(encoder, 32, Gated()), costs(encoder, 32).total, .5, lam=size.lam) if method!='dense' else None
    model = VICReg(encoder, size.hidden).to(device)
    return Training(model, shapes(4*size.recipe.batch).to(device), Views(*preset('unified')), size.recipe, method, budget)

def bare(t, xs):
    "Forward and backward of encoder and projector, nothing else"
    paths = [Dense() if p.key=='dense' else Gated(p.noise, p.generator) for p in view_paths(t.training, generator=torch.Generator(t.device).manual_seed(0))]
    for p in t.method.parameters(): p.grad = None
    with torch.autocast(t.device.type, t.half, enabled=t.half is not None):
        z = [t.method.projector(t.method.encoder(x, p)) for x,p in zip(xs, paths)]
    torch.autograd.backward(z, [torch.ones_like(o) for o in z])

def seconds(f, device):
    if device.type=='cuda': torch.cuda.synchronize()
    start = time.perf_counter(); f()
    if device.type=='cuda': torch.cuda.synchronize()
    return time.perf_counter()-start

def rows(device, repeats=25, warm=3):
    "Rows `what, size, threads, ours_s, bare_s, ratio`: the share of the step that is forward and backward, medians of interleaved pairs"
    out = []
    for method in ('dense','dual'):
        t = trainings(method, device)
        ids = torch.arange(t.recipe.batch)
        xs = [x.contiguous(memory_format=torch.channels_last) for x in t.views(t.data.batch(ids), ids)]
        pairs = []
        for i in range(warm+repeats):
            t.done %= t.steps
            pairs.append((seconds(lambda: train_step(t), device), seconds(lambda: bare(t, xs), device)))
        ours,plain = torch.tensor(pairs[warm:]).quantile(torch.tensor([.25,.5,.75]), dim=0).T.tolist()
        out.append(dict(what=f'pre-training step, {method}, bare forward and backward = 1', size=32, threads=torch.get_num_threads(),
                        ours_s=ours[1], ours_q1=ours[0], ours_q3=ours[2], peer_s=plain[1], peer_q1=plain[0], peer_q3=plain[2], ratio=plain[1]/ours[1]))
    return out
