"""Every page of the website in headless Chromium, on a desk in light and on a phone in dark: `python .ci/look.py [FOLDER]`

A folder gets a picture of each. Ends with 1 where there is a flaw: an error in the console, an empty picture, a page wider
than its screen, a link to a page or a heading that is not there."""
import shutil,sys,threading
from functools import partial
from http.server import SimpleHTTPRequestHandler,ThreadingHTTPServer
from pathlib import Path
from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1]/'_docs'/'site'
SCREENS = dict(desk=dict(viewport=dict(width=1280, height=900), color_scheme='light'),
               phone=dict(viewport=dict(width=390, height=844), color_scheme='dark', device_scale_factor=2))
FLAWS = '''() => {
    const empty = [...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => `empty picture ${i.src}`)
    const width = document.documentElement.scrollWidth
    return width > innerWidth ? [...empty, `${width} px wide on a screen of ${innerWidth}`] : empty
}'''
LINKS = '''() => [...document.querySelectorAll('a[href]')].map(a => a.href)'''

class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args): pass

def visit(page, url):
    "What is wrong with a page, and where its links lead"
    said = []
    page.on('console', lambda m: said.append(f'console: {m.text}') if m.type in ('error','warning') else None)
    page.on('pageerror', lambda e: said.append(f'error: {e}'))
    page.on('response', lambda r: said.append(f'{r.status} {r.url}') if r.status>=400 else None)
    page.on('requestfailed', lambda r: said.append(f'failed {r.url}'))
    page.goto(url, wait_until='load')
    return said+page.evaluate(FLAWS),page.evaluate(LINKS)

def look(start, names, folder):
    "What is wrong with each page, by screen and page, and its links, by page"
    chromium = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    wrong,targets = {},set()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        for screen,settings in SCREENS.items():
            for name in names:
                page = browser.new_page(**settings)
                flaws,links = visit(page, start+name)
                if flaws: wrong[screen,name] = flaws
                targets |= {(name,link.removeprefix(start)) for link in links if link.startswith(start)}
                if folder: page.screenshot(path=f'{folder}/{name.removesuffix(".html")}-{screen}.png')
                page.close()
        browser.close()
    return wrong,targets

def missing(targets):
    "Links to pages or headings that are not there, by page"
    wrong = {}
    for name,link in sorted(targets):
        file,_,anchor = link.partition('#')
        path = SITE/(file or 'index.html')
        found = path.exists() and (not anchor or f'id="{anchor}"' in path.read_text())
        if not found: wrong.setdefault(('link',name), []).append(link)
    return wrong

def main(folder=None):
    if not SITE.exists(): sys.exit(f'{SITE} is not there: make docs writes it')
    server = ThreadingHTTPServer(('127.0.0.1', 0), partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = sorted(p.relative_to(SITE).as_posix() for p in SITE.glob('*.html'))
    wrong,targets = look(f'http://127.0.0.1:{server.server_port}/', names, folder)
    wrong |= missing(targets)
    for (where,name),flaws in wrong.items(): print(f'{name} ({where}):', *dict.fromkeys(flaws), sep='\n    ')
    flaws = sum(map(len, wrong.values()))
    print(f'{len(names)} pages on {len(SCREENS)} screens, {len(targets)} links of their own, {flaws} flaws')
    sys.exit(bool(wrong))

if __name__=='__main__': main(*sys.argv[1:])
