"""What a step of every published profile takes of memory, by the number of views that go through the encoder at a time

Counted on shapes, in bfloat16 as on a GPU: weights, gradients, momenta, views, and what the backward pass wants. `auto_views` is what a card
of 24 GB gets, of which a tenth is left for what operations use inside themselves.
`python bench/memory.py` writes results/bench/memory.csv; with `on` it goes on where it was stopped."""
import functools, itertools, sys
from pathlib import Path
import pandas as pd
from dynssl.pretrain import largest_batch, part_sizes, step_memory
from dynssl.setup import published_training

CARD = .9*24e9
COLUMNS = ['paper','loss','network','side','path','views','patches','batch','largest','gb_at_once','gb_whole_batch','gb_256','gb_64',
           'auto_views','auto_gb']
PROFILES = [
    dict(paper='dcs', loss='simsiam', network='resnet18', side=32, path='gated', views='dcs'),
    dict(paper='unified', loss='vicreg', network='resnet18', side=32, path='dual', views='unified'),
    *[dict(paper='sslight', loss=l, network=n, side=224, views='sslight') for l,n in itertools.product(('mocov2','swav','dino'), ('mobilenet_v2','resnet18','resnet34','resnet50'))],
    dict(paper='sslight', loss='dino', network='vit_tiny', side=224, views='sslight'),
    *[dict(paper='dspnet', loss='byol', network=n, side=s, path='slimmable') for n,s in itertools.product(('resnet18','resnet50'), (32,224))],
    *[dict(paper='emp', loss='emp', network='resnet18', side=32, views='emp', patches=n) for n in (20,200)]]

def name(row):
    "What tells a profile from the others"
    patches = row.get('patches')
    return (*(row[k] for k in ('paper','loss','network','side')), 0 if pd.isna(patches) else int(patches))

def training(row):
    "The training of a profile; `dcs` has its sizes with `unified`"
    return published_training(**row|dict(paper='unified' if row['paper']=='dcs' else row['paper']))

def measured(row):
    "A row of the table, GB"
    t = training(row)
    gb = functools.cache(lambda parts: round(step_memory(t, parts)/1e9, 2))
    few,auto = {f'gb_{n}':gb(n) for n in (256,64)},next(n for n in part_sizes(t) if 1e9*gb(n)<=CARD)
    return dict(row, batch=t.recipe.batch, largest=largest_batch(t), gb_at_once=gb(None), gb_whole_batch=gb(largest_batch(t)), **few,
                auto_views=auto, auto_gb=gb(auto))

if __name__=='__main__':
    out = Path(__file__).parent.parent/'results'/'bench'/'memory.csv'
    rows = pd.read_csv(out).to_dict('records') if out.exists() and 'on' in sys.argv else []
    known = {name(row):row for row in rows}
    for row in PROFILES:
        if name(row) not in known: print(known.setdefault(name(row), measured(row)), flush=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        frame = pd.DataFrame([known[name(o)] for o in PROFILES if name(o) in known]).reindex(columns=COLUMNS)
        frame.astype(dict(patches='Int64', auto_views='Int64')).to_csv(out, index=False, lineterminator='\n')
