"""A slimmable step of BYOL at four widths against the steps of four networks trained one by one, in seconds and in MACs

What DSPNet's abstract promises is a large saving. Four widths share one momentum network and nothing else, so arithmetic promises 12 %."""
import torch
from dynssl.backbones import backbone
from dynssl.data import shapes
from dynssl.methods import BYOL, Alternate, Slimming
from dynssl.pretrain import Training, step_macs, train_step
from dynssl.profiles import Recipe
from dynssl.slimmable import add_widths
from dynssl.views import Views, preset
from step import seconds

WIDTHS = 1., .75, .5, .25

def training(width, slim, batch, data, device):
    "A `Training` of BYOL on a ResNet-18 of `width`, at all widths where `slim`"
    torch.manual_seed(0)
    encoder = backbone('resnet18', width, 'cifar_s2')
    if slim: add_widths(encoder, WIDTHS)
    return Training(BYOL(encoder, 512).to(device), data, Views(*preset('simclr'), channels_last=True), Recipe(99, batch, .05, 'lars', 1e-4, 0.), Slimming(WIDTHS) if slim else Alternate('dense'))

def rows(device, repeats=9, warm=1):
    "Median and quartiles of the ratio over interleaved rounds"
    width,batch = (64,256) if device.type=='cuda' else (32,32)
    data = shapes(8*batch).to(device)
    together,apart = training(width, True, batch, data, device),[training(round(w*width), False, batch, data, device) for w in WIDTHS]
    macs = step_macs(together),sum(map(step_macs, apart))
    times = [(seconds(lambda: train_step(together), device), sum(seconds(lambda: train_step(t), device) for t in apart)) for _ in range(warm+repeats)]
    one,all_ = torch.tensor(times[warm:]).T
    low,ratio,high = (one/all_).quantile(torch.tensor([.25,.5,.75])).tolist()
    return [dict(what=f'BYOL step at widths {" ".join(f"{w:g}" for w in WIDTHS)} over four networks, ResNet-18 width {width}', batch=batch, threads=torch.get_num_threads(),
                 slimmable_s=one.median().item(), individual_s=all_.median().item(), ratio=ratio, ratio_low=low, ratio_high=high, macs_ratio=macs[0]/macs[1])]
