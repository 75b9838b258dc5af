"""Try to break the main job as a user might: `python .ci/breaks.py [KILLS]`

Wrong parameters, a damaged data file and a folder that cannot be written each end in one clear error and leave nothing behind;
a run that is killed (kill -9, papermill and its kernel) at KILLS random moments and started again each time writes the same table."""
import os,random,subprocess,sys,tempfile,time
from pathlib import Path
import psutil

EXP = 'nbs/exp_cifar100_budget.ipynb'
SMALL = ['-p','smoke','True','-p','dataset','shapes']

def command(out, *args): return ['papermill', EXP, os.devnull, '--no-progress-bar', '-r', 'out', str(out), *args]

def files(folder): return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob('*') if p.is_file())

def refused(what, says, *args, out=None, env={}):
    "The command fails, its last line has all of `says`, and no file is left"
    with tempfile.TemporaryDirectory() as d:
        start = time.perf_counter()
        r = subprocess.run(command(out or d, *args), capture_output=True, text=True, env=os.environ|env, stdin=subprocess.DEVNULL)
        seconds,last = time.perf_counter()-start,' '.join(r.stderr.strip().splitlines()[-3:])
        assert r.returncode, f'{what}: no error'
        assert all(s in last for s in says), f'{what}: the error does not say {says}: {last}'
        left = [f for f in files(d) if not f.endswith('.lock')]
        assert not left, f'{what}: left behind {left}'
    print(f'- Completed {what}, refused in {seconds:.0f} s: {r.stderr.strip().splitlines()[-1][:150]}', flush=True)

def damaged(root):
    "A CIFAR-100 whose training file was cut short"
    folder = Path(root)/'cifar-100-python'
    folder.mkdir()
    for name in ('train','test','meta'): (folder/name).write_bytes(b'\x80\x02}q\x00' + b'0'*1000)

def kill(p):
    "End a process and all that it started, at once"
    for o in [*psutil.Process(p.pid).children(recursive=True), p]: o.kill()
    p.wait()

def kill_and_resume(kills, epochs=6):
    "The table of a run that was killed again and again is that of one that was not"
    args = [*SMALL, '-p', 'epochs', str(epochs)]
    with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
        start = time.perf_counter()
        subprocess.run(command(a, *args), check=True, capture_output=True)
        length,seed,hits = time.perf_counter()-start,random.randrange(10**6),0
        g = random.Random(seed)
        for _ in range(kills):
            p = subprocess.Popen(command(b, *args), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try: p.wait(g.uniform(.1, .9)*length)
            except subprocess.TimeoutExpired: kill(p); hits += 1
        assert hits or not kills, 'every run ended before its kill: nothing was tested'
        subprocess.run(command(b, *args), check=True, capture_output=True)
        one,two = (Path(d)/'exp_cifar100_budget/smoke/results.csv' for d in (a, b))
        assert one.read_bytes()==two.read_bytes(), 'the table of the killed run differs'
        odd = [f for f in files(b) if f.startswith('exp') and f not in files(a)]
        assert not [f for f in odd if '.tmp' not in f and '/runs/' not in f], f'left behind {odd}'
    print(f'- Completed {hits} kills (seed {seed}) of a run of {length:.0f} s: the same table, bit for bit', flush=True)

if __name__=='__main__':
    refused('a misspelt parameter', ['bugdet','did you mean budget'], '-p', 'bugdet', '0.5')
    refused('a budget out of range', ['budget must be','1.5'], '-p', 'budget', '1.5')
    refused('a budget in words', ['budget must be','half'], '-p', 'budget', 'half')
    refused('a misspelt data set', ['cifra100','did you mean cifar100'], '-p', 'dataset', 'cifra100')
    refused('an out that cannot be written', ['/proc/dynssl','-p out'], out='/proc/dynssl')
    with tempfile.TemporaryDirectory() as root:
        damaged(root)
        refused('a damaged CIFAR-100', ['cifar-100-python','delete'], '-p', 'dataset', 'cifar100', env=dict(DYNSSL_DATA=root))
    kill_and_resume(int(sys.argv[1]) if sys.argv[1:] else 2)
