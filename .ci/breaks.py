"""Try to break the main job as a user might: `python .ci/breaks.py`; `python .ci/breaks.py KILLS [EXPERIMENT ...]` kills experiments, all by default

Wrong parameters, a damaged data file and a folder that cannot be written each end in one clear error and leave nothing behind;
a run that is killed (kill -9, papermill and its kernel) at KILLS random moments and started again each time writes the same table."""
import functools,multiprocessing,os,random,shutil,subprocess,sys,tempfile,time
from pathlib import Path
import nbformat,psutil
from safetensors.torch import load
from dynssl.grids import GRIDS

MAIN = 'exp_cifar100_budget'
QUIET = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
SMALL = ['-p','smoke','True','-p','dataset','shapes']

def command(out, *args, exp=MAIN):
    return ['papermill', f'nbs/{exp}.ipynb', os.devnull, '--no-progress-bar', '-r', 'out', str(out), *args]

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
    p.wait() if isinstance(p, subprocess.Popen) else p.join()

def weights(folder):
    "The bytes of every tensor; those of a file also have a header, in which safetensors orders remarks by chance"
    found = {f:load(Path(folder,f).read_bytes()) for f in files(folder) if f.endswith('method.safetensors')}
    return {f:{k:v.numpy().tobytes() for k,v in tensors.items()} for f,tensors in found.items()}

def table(folder, exp):
    "The bytes of an experiment's table; of times only what was timed, since they never repeat"
    text = next((Path(folder)/exp).glob('*/results.csv')).read_bytes()
    return sorted(l.rsplit(b',', 5)[0] for l in text.splitlines()) if exp=='exp_latency' else text

def papermilled(exp, out, args): return subprocess.Popen(command(out, *args, exp=exp), **QUIET)

def forked(exp, out, args):
    "The code of a page in a process of its own that need not import anything: most of its life is the run itself"
    def work():
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        cells = nbformat.read(f'nbs/{exp}.ipynb', 4).cells
        names = dict(display=lambda *_: None)
        for cell in cells:
            if cell.cell_type!='code': continue
            exec(cell.source, names)
            if 'parameters' in cell.metadata.get('tags', []): names |= dict(smoke=True, dataset='shapes', out=out)
    p = multiprocessing.get_context('fork').Process(target=work)
    p.start()
    return p

def ends_within(p, seconds):
    "Whether a process ends by itself in so many seconds; one that fails is an error"
    if isinstance(p, subprocess.Popen):
        try: code = p.wait(seconds)
        except subprocess.TimeoutExpired: return False
    else:
        p.join(seconds)
        code = p.exitcode
    assert not code, f'a run failed ({code})'
    return code==0

def kill_and_resume(kills, exp=MAIN, begin=papermilled, args=()):
    "The table and the weights of a run that was killed again and again are those of one that was not"
    args,seed,hits,runs = [*SMALL, *args],random.randrange(10**6),0,0
    g = random.Random(seed)
    with tempfile.TemporaryDirectory() as whole:
        start = time.perf_counter()
        ends_within(begin(exp, whole, args), None)
        length = time.perf_counter()-start
        while hits<kills:
            folder,runs = tempfile.mkdtemp(),runs+1
            while not ends_within(p := begin(exp, folder, args), g.uniform(0, 1.1)*length):
                kill(p)
                hits += 1
            assert table(whole, exp)==table(folder, exp), f'the table of {exp} differs: {folder}, seed {seed}'
            assert weights(whole)==weights(folder), f'the weights of {exp} differ: {folder}, seed {seed}'
            odd = [f for f in set(files(folder))-set(files(whole)) if f.startswith('exp')]
            assert not [f for f in odd if '.tmp' not in f and '/runs/' not in f], f'left behind {odd}'
            shutil.rmtree(folder)
    print(f'- Completed {hits} kills of {exp} in {runs} runs of {length:.0f} s (seed {seed}): '
          'the same table and weights, bit for bit', flush=True)

if __name__=='__main__':
    if sys.argv[1:]: # so many kills of every experiment
        import dynssl.data,dynssl.experiment,dynssl.timing # once, not in every process that is killed
        dynssl.data.shapes = functools.cache(dynssl.data.shapes)
        for split in ('train','test'): dynssl.data.load('shapes', split)
        every = sorted({g.notebook for g in GRIDS.values()})
        for exp in sys.argv[2:] or every: kill_and_resume(int(sys.argv[1]), exp, forked)
        sys.exit()
    refused('a misspelt parameter', ['bugdet','did you mean budget'], '-p', 'bugdet', '0.5')
    refused('a budget out of range', ['budget must be','1.5'], '-p', 'budget', '1.5')
    refused('a budget in words', ['budget must be','half'], '-p', 'budget', 'half')
    refused('a misspelt data set', ['cifra100','did you mean cifar100'], '-p', 'dataset', 'cifra100')
    refused('an out that cannot be written', ['/proc/dynssl','-p out'], out='/proc/dynssl')
    with tempfile.TemporaryDirectory() as root:
        damaged(root)
        refused('a damaged CIFAR-100', ['cifar-100-python','delete'], '-p', 'dataset', 'cifar100', env=dict(DYNSSL_DATA=root))
    kill_and_resume(2, args=['-p','epochs','6'])
