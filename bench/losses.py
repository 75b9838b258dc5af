"The total coding rate of EMP-SSL through the smaller Gram matrix, against the published formula one patch after the other"
import torch
from dynssl.losses import tcr
from step import seconds

def published(z, eps=.2):
    "One log-determinant of d x d for each patch (arXiv 2304.03977, eq. 1)"
    (_,b,d),one = z.shape,torch.eye(z.shape[-1], device=z.device)
    return torch.stack([torch.logdet(one+d/(b*eps)*x.T@x)/2 for x in z])

def both_ways(f, z):
    z = z.detach().requires_grad_()
    f(z).mean().backward()
    return z.grad

def rows(device, repeats=7):
    "A row: how many times faster ours is, forward and backward, median and quartiles over interleaved pairs"
    z = torch.nn.functional.normalize(torch.randn(20,100,1024, generator=torch.Generator().manual_seed(0)), dim=2).to(device)
    torch.testing.assert_close(both_ways(tcr, z), both_ways(published, z), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(tcr(z), published(z), rtol=1e-5, atol=0)
    pairs = []
    for _ in range(repeats):
        slow = seconds(lambda: both_ways(published, z), device)
        pairs.append((slow, seconds(lambda: [both_ways(tcr, z) for _ in range(5)], device)/5))
    slow,fast = torch.tensor(pairs).T
    low,ratio,high = (slow/fast).quantile(torch.tensor([.25,.5,.75])).tolist()
    return [dict(what='total coding rate, 20 patches x 100 images x 1024', threads=torch.get_num_threads(), published_s=slow.median().item(), ours_s=fast.median().item(),
                 ratio=ratio, ratio_low=low, ratio_high=high)]
