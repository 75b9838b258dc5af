"""Networks that compute each image's open channels against the dense network, in time and in MACs

`ratio` is dense time over this network's time, `promise` dense MACs over the MACs of the gated path on the images timed.
`in place` is the dense network with activations and sums in place, as conditional networks have them: what is theirs
beyond that is their ratio over its. `exact` asks every gate, `conditional` those that pay where it was made."""
import torch
from dynssl.backbones import backbone
from dynssl.compact import extract, open_shares
from dynssl.conditional import chosen_modes, conditional, drop_constant_gates
from dynssl.data import shapes
from dynssl.gating import add_gates, calibrate, macs_fraction
from dynssl.latency import randomise_gates, speedups, time_interleaved
from dynssl.paths import Gated
from dynssl.views import normalise, statistics

def images(device, n=256):
    "Drawn images as a network gets them: half to settle it, half to time it"
    x = normalise(shapes(n).to(device).batch(torch.arange(n)), *statistics('shapes'))
    return x.contiguous(memory_format=torch.channels_last).split(n//2)

def networks(encoder, held, batch):
    "The networks by name, and the blocks that ask in the conditional one"
    chosen = conditional(encoder, [held], batch)
    all_open = {n:torch.ones_like(s) for n,s in open_shares(encoder, [held]).items()}
    nets = {'dense':extract(encoder, fold=True), 'in place':drop_constant_gates(encoder, all_open), 'conditional':chosen,
            'static':extract(encoder, Gated(), [held], fold=True), 'exact':conditional(encoder)}
    asks = sum(m!='static' for m in chosen_modes(chosen).values())
    return {n:m.to(memory_format=torch.channels_last) for n,m in nets.items()},asks

def compare(device, width, budget, batch, threads, rounds):
    "Rows of one budget on one clock"
    torch.manual_seed(0)
    gated = randomise_gates(add_gates(backbone('resnet18', width)), torch.Generator().manual_seed(0)).to(device).eval()
    held,shown = images(device)
    calibrate(gated, [held[:32]], budget, within=.02)
    torch.set_num_threads(threads)
    nets,asks = networks(gated, held, batch)
    timed = speedups(time_interleaved(nets, shown.split(batch), threads, rounds, .02), dict.fromkeys(nets, 1))
    at = dict(width=width, budget=budget, batch=batch, threads=threads, asks=asks,
              promise=1/macs_fraction(gated, [shown]).mean().item())
    named = timed.rename(columns=dict(measured_low='ratio_low', measured='ratio', measured_high='ratio_high'))
    return [at|r for r in named[['name','ms','ratio_low','ratio','ratio_high']].to_dict('records')]

def rows(device, widths=(8,16,32,64), budgets=(.3,.5,.7), batches=(1,8,64), threads=(1,2), rounds=9):
    "Every width at every budget on every clock"
    table = []
    for width in widths:
        for budget in budgets:
            for batch in batches:
                for k in threads: table += compare(device, width, budget, batch, k, rounds)
    return table
