"""The website: `python .ci/docs.py` writes it to _docs/site, experiments as their committed rows draw them

With `--keep`, from the pages that were executed the last time."""
import os,re,shutil,subprocess,sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import nbformat,yaml,dynssl
from latex2mathml.converter import convert
from nbconvert import MarkdownExporter
from nbconvert.preprocessors import RegexRemovePreprocessor,TagRemovePreprocessor
from dynssl.claims import PROFILES
from dynssl.grids import GRIDS
from dynssl.results import Store

ROOT = Path(__file__).parents[1]
MADE,SITE = ROOT/'_docs'/'pages',ROOT/'_docs'/'site'
KEEP = '--keep' in sys.argv
HIDDEN = r'^#\|\s*(hide|eval:\s*false)'
MATH = re.compile(r'\$\$(.+?)\$\$|(?<![\w$\\])\$(?! )([^$\n]+?)(?<! )\$(?!\w)', re.S)
UNSEEN = '!!! note\n    Shown as it is written: this version has no rows of it yet.'
CODE = re.compile(r'(```.*?```|`[^`\n]*`)', re.S)

def groups():
    "Rooms by group, as the README lists them"
    rows = re.findall(r'^\| (\w+) \| (.*nbs/.*) \|$', (ROOT/'README.md').read_text(), re.M)
    return {group:re.findall(r'nbs/(\w+)\.ipynb', rooms) for group,rooms in rows}

def experiments():
    "Pages in the order of the README, the ledger first"
    told = re.findall(r'nbs/(exp_\w+)\.ipynb', (ROOT/'README.md').read_text())
    return list(dict.fromkeys(told))

def native(text):
    "Formulas as MathML, which browsers draw by themselves; code is left alone"
    def formula(m): return convert(m[1] or m[2], display='block' if m[1] else 'inline')
    return ''.join(part if i%2 else MATH.sub(formula, part) for i,part in enumerate(CODE.split(text)))

def linked(text):
    "Links to notebooks and to committed figures as the site has them"
    text = re.sub(r'\]\((?:nbs/)?(\w+)\.ipynb\)', r'](\1.md)', text)
    return re.sub(r'\]\((?:\.\./)?(results/[^)]+)\)', r'](\1)', text)

def committed(out):
    "A copy of the committed results whose runs count as this machine's own"
    if KEEP: return out
    if out.exists(): shutil.rmtree(out)
    shutil.copytree(ROOT/'results', out, ignore=shutil.ignore_patterns('runs', '*.ipynb', '*.html'))
    for csv in out.glob('exp_*/*/results.csv'): Store(csv.parts[-3], csv.parts[-2], out).adopt()
    return out

def current(name):
    "Whether this version has rows of an experiment, or it has none of its own"
    if name not in {g.notebook for g in GRIDS.values()}: return True
    tables = [Store(name, profile).table() for profile in PROFILES]
    return any((rows.version==dynssl.__version__).any() for rows in tables)

def executed(name, out):
    "Path of an experiment's executed copy, of the first run of its grid, or None where its rows are not committed"
    copy = out/f'{name}.ipynb'
    if KEEP: return copy if copy.exists() else None
    run = next((next(iter(g)) for g in GRIDS.values() if g.notebook==name), {})
    given = [str(word) for k,v in (run|dict(out=out)).items() for word in ('-p', k, v)]
    words = ['papermill', ROOT/'nbs'/f'{name}.ipynb', copy, *given, '--execution-timeout', '120']
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=os.environ|dict(OMP_NUM_THREADS='1'))
    if done.returncode==0: return copy
    copy.unlink(missing_ok=True)
    said = [line for line in done.stderr.splitlines() if line.strip('- ')]
    print(f'{name} is shown without its results: {said[-1] if said else done.returncode}', flush=True)

def page(name, source):
    "Write a notebook as Markdown, its figures beside it"
    nb = nbformat.read(source, 4)
    nb.metadata.language_info = dict(name='python')
    for cell in nb.cells:
        if cell.cell_type=='markdown': cell.source = linked(native(cell.source.replace('- skip_exec: true', '')))
        elif not re.match(HIDDEN, cell.source): cell.source = re.sub(r'^#\|.*\n?', '', cell.source, flags=re.M)
    nb.cells = [cell for cell in nb.cells if cell.source]
    unseen = name.startswith('exp_') and source.parent==ROOT/'nbs'
    if unseen: nb.cells.insert(1, nbformat.v4.new_markdown_cell(UNSEEN))
    exporter = MarkdownExporter(template_file=str(ROOT/'.ci'/'readme.md.j2'))
    exporter.register_preprocessor(RegexRemovePreprocessor(patterns=[HIDDEN]), enabled=True)
    tags = {'hide-input','injected-parameters'}
    exporter.register_preprocessor(TagRemovePreprocessor(remove_input_tags=tags), enabled=True)
    text,files = exporter.from_notebook_node(nb, dict(unique_key=name, output_files_dir=f'{name}_files'))
    for path,content in files['outputs'].items():
        (MADE/path).parent.mkdir(parents=True, exist_ok=True)
        (MADE/path).write_bytes(content)
    (MADE/f'{name}.md').write_text(text)

def title(name): return re.search('^# (.+)$', (MADE/f'{name}.md').read_text(), re.M)[1]

def write_pages():
    "Write all pages and what they show; names of the experiments, and of the rooms by group"
    if MADE.exists(): shutil.rmtree(MADE)
    MADE.mkdir(parents=True)
    out,told,rooms = committed(SITE.parent/'results'),experiments(),groups()
    names = [n for n in told if current(n)]
    with ThreadPoolExecutor(2) as pool: copies = dict(zip(names, pool.map(lambda n: executed(n, out), names)))
    for name in [*told, *sum(rooms.values(), [])]: page(name, copies.get(name) or ROOT/'nbs'/f'{name}.ipynb')
    for figure in (ROOT/'results').rglob('figures/*.png'):
        to = MADE/figure.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(figure, to)
    (MADE/'index.md').write_text(linked((ROOT/'README.md').read_text()))
    shutil.copy(ROOT/'.ci'/'site.css', MADE)
    return told,rooms

def main():
    told,rooms = write_pages()
    sections = dict(Experiments=told)|{group.capitalize():names for group,names in rooms.items()}
    nav = [dict(dynssl='index.md')]
    for section,names in sections.items(): nav.append({section:[{title(n):f'{n}.md'} for n in names]})
    settings = dict(INHERIT=str(ROOT/'.ci'/'mkdocs.yml'), docs_dir=str(MADE), site_dir=str(SITE), nav=nav)
    (SITE.parent/'mkdocs.yml').write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True))
    words = ['mkdocs', 'build', '--strict', '-q', '-f', SITE.parent/'mkdocs.yml']
    sys.exit(subprocess.run(words, env=os.environ|dict(NO_MKDOCS_2_WARNING='1')).returncode)

if __name__=='__main__': main()
