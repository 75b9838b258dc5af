"All benchmarks, as ratios measured in one run on one machine, to results/bench/ratios/DEVICE/: `make bench`"
import json
import pandas as pd, torch
from dynssl.pretrain import pick_device
from dynssl.results import Store, provenance
import emp, losses, step, views

def main():
    device,threads = pick_device(),torch.get_num_threads()
    store = Store('bench', 'ratios')
    for name,rows in (('step', lambda: step.rows(device)), ('losses', lambda: losses.rows(device)), ('emp', lambda: emp.rows(device)), ('views', views.main)):
        torch.set_num_threads(threads)
        table = pd.DataFrame(rows())
        store.keep(name, device.type, table)
        print(table.to_string(), flush=True)
    torch.set_num_threads(threads)
    record = provenance(dict(benchmarks=['step','losses','emp','views']), device)
    (store.path/device.type/'provenance.json').write_text(json.dumps(record, indent=1, sort_keys=True)+'\n')

if __name__=='__main__': main()   # the contestants are processes of their own, which import this file
