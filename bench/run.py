"All benchmarks, as ratios measured in one run on one machine, to results/bench/: `make bench`"
import sys
import pandas as pd, torch
from dynssl.pretrain import pick_device
from dynssl.results import Store, provenance
import step, views

def main():
    device = pick_device()
    store = Store('bench', 'quick')
    for name,rows in (('views', views.main), ('step', lambda: step.rows(device))):
        df = pd.DataFrame(rows())
        print(df.to_string())
        run = f'{device.type}_{name}'
        store.path.joinpath(f'{run}.csv').write_text(df.to_csv(index=False, float_format='%.6g'))
    import json
    store.path.joinpath(f'{device.type}.json').write_text(json.dumps(provenance(dict(benchmarks=['views','step']), device), indent=1, sort_keys=True)+'\n')

if __name__=='__main__': main()
