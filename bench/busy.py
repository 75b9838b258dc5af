"""The quick profile's step on two threads, alone and beside one busy process, by how long threads spin before they sleep

That is read once, when torch is loaded, so each number of turns has a process of its own. They have their turns in the same rounds: what else the machine does falls on each alike, and `others` says how many cores that took while there should have been nothing."""
import os, statistics, subprocess, sys, time
import psutil, torch
from dynssl.pretrain import train_step
from dynssl.profiles import profile
from step import training

SPINS = 300_000, 10_000, 3000, 1000, 300, 100, 0   # the first is what libgomp takes by itself; dynssl.SPINS is what this package takes

def serve():
    "In a process of its own: steps per second, whenever a line with seconds comes in"
    torch.set_num_threads(2)
    t = training('dense', profile('quick', 'vicreg'), torch.device('cpu'))
    for line in sys.stdin:
        done,start = 0,time.perf_counter()
        while time.perf_counter()-start<float(line):
            t.done %= t.steps
            train_step(t)
            done += 1
        print(done/(time.perf_counter()-start), flush=True)

def contestant(spins):
    "A process that serves"
    return psutil.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                        env=os.environ|dict(GOMP_SPINCOUNT=str(spins)))

def work(process):
    "CPU seconds of everything else"
    all_,own = psutil.cpu_times(),process.cpu_times()
    return sum(all_)-all_.idle-all_.iowait-own.user-own.system

def rate(process, seconds):
    "Steps per second, and how many cores everything else took"
    before,start = work(process),time.perf_counter()
    process.stdin.write(f'{seconds}\n')
    steps = float(process.stdout.readline())
    return steps,(work(process)-before)/(time.perf_counter()-start)

def rows(rounds=7, seconds=2.):
    "Medians over rounds of steps per second; `kept` is the share of the quiet rate that remains beside the busy process"
    processes = {spins:contestant(spins) for spins in SPINS}
    for p in processes.values(): rate(p, 1)
    quiet,busy = ({spins:[] for spins in SPINS} for _ in range(2))
    for i in range(rounds):
        turns = [*SPINS[i%len(SPINS):], *SPINS[:i%len(SPINS)]] # nobody always comes first
        for spins in turns: quiet[spins].append(rate(processes[spins], seconds))
        other = subprocess.Popen([sys.executable, '-c', 'while True: pass'])
        for spins in turns: busy[spins].append(rate(processes[spins], seconds))
        other.kill()
        other.wait()
    for p in processes.values(): p.kill()
    own,found = [steps for steps,_ in quiet[SPINS[0]]],[]
    for spins in SPINS:
        alone,beside = [steps for steps,_ in quiet[spins]],[steps for steps,_ in busy[spins]]
        found.append(dict(what=f'{spins} turns', size=32, threads=2, quiet=statistics.median(alone), busy=statistics.median(beside),
                          quiet_ratio=statistics.median(a/b for a,b in zip(alone, own)),
                          kept=statistics.median(b/a for a,b in zip(alone, beside)), others=statistics.median(o for _,o in quiet[spins])))
    return found

if __name__=='__main__': serve()
