"""A sweep over the smallest pages of every experiment, killed, doubled and handed to a scheduler: `python .ci/sweeps.py FOLDER STAGE ...`

Stages, each with a folder of its own below FOLDER. They take minutes, so `make test` does without; it kills sweeps of smaller pages in 65_sweep.
- `plain`: undisturbed, one page at a time
- `killed`: two pages at a time; five times a worker or a kernel and then the driver are killed (kill -9), and the sweep is started again
- `twice`: two sweeps at once on one folder
- `elsewhere`: by a scheduler and two workers in other processes
- `compare`: the tables of every stage that was run are those of `plain`, bit for bit; times are times, so of latencies all but the values
- `drive OUT JOBS SCHEDULER`: the sweep itself"""
import json,random,subprocess,sys,time
from pathlib import Path
import pandas as pd, psutil
from dynssl import sweep as room

KILLS = 5
PAGES = dict( # Grids, and what leaves only one or two pages of them
    budget={}, emp=dict(loss='emp', dataset='cifar100', epochs=0., patches=2), sslight=dict(loss='mocov2', views='sslight', width=16),
    dspnet=dict(dataset='cifar100', train='slimmable', width=.5), latency=dict(threads=1, engine='eager', batch=1),
    synergies=dict(loss='dino', views='sslight', path='slimmable'),
    recipes=dict(epochs=0., batch=0, lr=0., optimiser='auto', weight_decay=-1.))

def drive(out, jobs, scheduler=''):
    same = dict(smoke=True, seed=0, out=out)
    pages = [page for name,changed in PAGES.items() for page in room.pages_of(room.GRIDS[name], name, changed|same)]
    if failed := room.sweep(pages, int(jobs), scheduler): sys.exit(str(failed))

def start(out, *args): return psutil.Popen([sys.executable, __file__, '-', 'drive', str(out), *args])

def end(process): assert process.wait()==0, 'a sweep failed'

def gone(p): return not p.is_running() or p.status()==psutil.STATUS_ZOMBIE

def words(p):
    try: return ' '.join(p.cmdline())
    except psutil.Error: return ''

def kill(process, g):
    "Kill a worker or a kernel, and soon after the driver; what it started ends with it, a worker once it is loaded"
    below = [p for p in process.children(recursive=True) if 'resource_tracker' not in words(p)]
    one = g.choice(below)
    what = 'kernel' if 'ipykernel' in words(one) else 'worker'
    one.kill()
    time.sleep(g.uniform(0, 5))
    family = {*below, *process.children(recursive=True)}
    process.kill()
    process.wait()
    begun = time.perf_counter()
    while not all(map(gone, family)):
        assert time.perf_counter()-begun<60, f'left behind: {[p for p in family if not gone(p)]}'
        time.sleep(.05)
    print(f'killed a {what}, then the driver: its {len(family)} processes were gone after {time.perf_counter()-begun:.1f} s', flush=True)

def at_work(out, begun):
    "Whether a training or its measures have begun since; `join_run` notes it"
    time.sleep(.1)
    return any(f.stat().st_mtime>begun for f in out.glob('exp_*/smoke/runs/*/processes.json'))

def plain(out): end(start(out, '1'))

def killed(out):
    seed = random.randrange(10**6)
    print(f'seed {seed}', flush=True)
    g = random.Random(seed)
    for _ in range(KILLS):
        process = start(out, '2')
        begun = time.time()
        while not at_work(out, begun): assert not gone(process), 'the sweep ended before its kill: nothing was tested'
        time.sleep(g.uniform(0, 8))
        kill(process, g)
    end(start(out, '2'))

def twice(out):
    both = [start(out, '1') for _ in range(2)]
    for process in both: end(process)

def elsewhere(out):
    address = 'tcp://127.0.0.1:18786'
    options = [['scheduler', '--port', '18786', '--no-dashboard'], ['worker', address, '--nthreads', '1', '--nworkers', '2', '--no-dashboard']]
    quiet = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd='/')
    there = [psutil.Popen([sys.executable, '-m', 'dask', *o], **quiet) for o in options]
    try: end(start(out, '0', address))
    finally:
        for p in there: p.terminate()

def compare(top):
    for file in sorted((top/'plain').glob('exp_*/smoke/results.csv')):
        for other in sorted(top.glob(f'*/{file.relative_to(top/"plain")}')):
            if other==file: continue
            one,two = file.read_bytes(),other.read_bytes()
            if file.parts[-3]=='exp_latency': one,two = (pd.read_csv(f).drop(columns='value').to_csv() for f in (file, other))
            assert one==two, f'{other} differs'
            records = [json.loads(f.read_text()) for f in other.parent.glob('provenance/*.json')]
            several = sum(len(record.get('processes', []))>1 for record in records)
            print(f'{other.relative_to(top)}: {len(pd.read_csv(other))} rows as in plain, {several} of {len(records)} runs by several processes',
                  flush=True)

if __name__=='__main__':
    top,stage,*rest = sys.argv[1:]
    if stage=='drive': drive(*rest)
    elif stage=='compare': compare(Path(top).absolute())
    else: dict(plain=plain, killed=killed, twice=twice, elsewhere=elsewhere)[stage](Path(top).absolute()/stage)
