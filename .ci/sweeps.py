"""Sweeps of every grid at its smallest, killed, doubled and handed to a scheduler: `python .ci/sweeps.py FOLDER STAGE GRID ...`

Stages, for grids or for `all`, below FOLDER (minutes each, so `make test` does without; it kills sweeps of small pages in 60_sweep):
- `plain`: undisturbed, one page at a time
- `killed`: two pages at a time, five times killed (kill -9), each time a worker or a kernel and then the driver, and started again
- `twice`: two sweeps at once on one folder
- `elsewhere`: by a scheduler and two workers in other processes
- `compare`: the tables of every stage that was run are those of `plain`, bit for bit; times are times, so of `latency` all but the values"""
import os,random,subprocess,sys,time
from pathlib import Path
import pandas as pd, psutil

KILLS = 5

def command(out, grid, *args):
    settings = ['-p', 'smoke', 'True', '-p', 'seed', '0', '-p', 'out', str(out)]
    return [sys.executable, '-m', 'dynssl.sweep', grid, *settings, *args]

def start(out, grid, *args): return psutil.Popen(command(out, grid, *args))

def end(process):
    assert process.wait()==0, 'a sweep failed'

def gone(p): return not p.is_running() or p.status()==psutil.STATUS_ZOMBIE

def kill(process, g):
    "Kill a worker or a kernel, soon after the driver; all that it started ends with it"
    below = [p for p in process.children(recursive=True) if 'resource_tracker' not in ' '.join(p.cmdline())]
    one = g.choice(below)
    what = 'kernel' if 'ipykernel' in ' '.join(one.cmdline()) else 'worker'
    one.kill()
    time.sleep(g.uniform(0, 5))
    family = {*below, *process.children(recursive=True)}
    process.kill()
    process.wait()
    begun = time.perf_counter()
    while not all(map(gone, family)):
        assert time.perf_counter()-begun<10, f'left behind: {[p for p in family if not gone(p)]}'
        time.sleep(.05)
    print(f'killed a {what}, then the driver; its {len(family)} processes were gone after {time.perf_counter()-begun:.1f} s',
          flush=True)

def killed(out, grid):
    seed = random.randrange(10**6)
    print(f'seed {seed}')
    g = random.Random(seed)
    for _ in range(KILLS):
        process = start(out, grid, '--jobs', '2')
        try:
            code = process.wait(g.uniform(10, 40))
            sys.exit(f'the sweep ended before its kill, with {code}: nothing was tested')
        except psutil.TimeoutExpired: kill(process, g)
    end(start(out, grid, '--jobs', '2'))

def twice(out, grid):
    both = [start(out, grid, '--jobs', '1') for _ in range(2)]
    for process in both: end(process)

def elsewhere(out, grid):
    cli = [sys.executable, '-m', 'dask', 'scheduler', '--port', '18786', '--no-dashboard']
    worker = [sys.executable, '-m', 'dask', 'worker', 'tcp://127.0.0.1:18786', '--nthreads', '1', '--nworkers', '2', '--no-dashboard']
    there = [psutil.Popen(o, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd='/') for o in (cli, worker)]
    try: end(start(out, grid, '--scheduler', 'tcp://127.0.0.1:18786'))
    finally:
        for p in there: p.terminate()

def plain(out, grid): end(start(out, grid, '--jobs', '1'))

def compare(top):
    for file in sorted((top/'plain').glob('exp_*/smoke/results.csv')):
        for other in sorted(top.glob(f'*/{file.relative_to(top/"plain")}')):
            if other==file: continue
            one,two = file.read_bytes(),other.read_bytes()
            if 'latency' in str(file): one,two = (pd.read_csv(f).drop(columns='value').to_csv().encode() for f in (file, other))
            assert one==two, f'{other} differs'
            print(f'{other.relative_to(top)}: {len(pd.read_csv(other))} rows as in plain', flush=True)

if __name__=='__main__':
    top,stage,grids = Path(sys.argv[1]).absolute(),sys.argv[2],sys.argv[3:]
    if stage=='compare': compare(top)
    for grid in grids: dict(plain=plain, killed=killed, twice=twice, elsewhere=elsewhere)[stage](top/stage, grid)
