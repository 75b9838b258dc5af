"All benchmarks, or those that are named, as ratios measured in one run on one machine, to results/bench/ratios/DEVICE/: `make bench`, `python bench/run.py step`"
import json, sys
import pandas as pd, torch
from dynssl.data import check_choice
from dynssl.pretrain import pick_device
from dynssl.results import Store, provenance
import busy, conditional, emp, losses, step, views, widths

def main(names):
    device,threads = pick_device(),torch.get_num_threads()
    known = dict(step=lambda: step.rows(device), widths=lambda: widths.rows(device), losses=lambda: losses.rows(device),
                 conditional=lambda: conditional.rows(device), emp=lambda: emp.rows(device), views=views.main,
                 busy=busy.rows)
    for n in names: check_choice('benchmark', n, known)
    store = Store('bench', 'ratios').ready()
    for name in names or known:
        torch.set_num_threads(threads)
        table = pd.DataFrame(known[name]())
        store.keep(name, device.type, table)
        print(table.to_string(), flush=True)
        torch.set_num_threads(threads)
        (store.path/device.type/f'{name}.json').write_text(json.dumps(provenance(dict(benchmark=name), device), indent=1, sort_keys=True)+'\n')

if __name__=='__main__': main(sys.argv[1:])   # the contestants are processes of their own, which import this file
