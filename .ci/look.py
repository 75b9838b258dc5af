"""Look at every page of the website in headless Chromium: `python .ci/look.py [FOLDER]`, which gets a picture of each, on a desk and on a phone, in light and dark"""
import shutil,sys,threading
from functools import partial
from http.server import SimpleHTTPRequestHandler,ThreadingHTTPServer
from pathlib import Path
from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1]/'_docs'/'site'
SCREENS = dict(desk=dict(viewport=dict(width=1280, height=900), color_scheme='light'),
               phone=dict(viewport=dict(width=390, height=844), color_scheme='dark', device_scale_factor=2))
FLAWS = '''() => [
    ...[...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => `empty picture ${i.src}`),
    ...[...document.querySelectorAll('.md-content svg')].filter(s => !s.getBBox().width).map(() => 'empty drawing'),
    ...(document.documentElement.scrollWidth > innerWidth ? [`${document.documentElement.scrollWidth} px wide on a screen of ${innerWidth}`] : [])]'''
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
    for image in page.locator('img[loading=lazy]').all(): image.scroll_into_view_if_needed()
    return said+page.evaluate(FLAWS),page.evaluate(LINKS)

def main(folder=None):
    if not SITE.exists(): sys.exit(f'{SITE} is not there: make docs writes it')
    server = ThreadingHTTPServer(('127.0.0.1', 0), partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start,wrong,seen,targets = f'http://127.0.0.1:{server.server_port}/',{},set(),set()
    pages = sorted(p.relative_to(SITE).as_posix() for p in SITE.glob('*.html'))
    chromium = shutil.which('chromium') or shutil.which('chromium-browser') or shutil.which('google-chrome')
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        for screen,settings in SCREENS.items():
            for name in pages:
                page = browser.new_page(**settings)
                flaws,links = visit(page, start+name)
                if flaws: wrong[screen,name] = flaws
                targets |= {(name,link.removeprefix(start)) for link in links if link.startswith(start)}
                if folder: page.screenshot(path=f'{folder}/{name.removesuffix(".html")}-{screen}.png')
                page.close()
        browser.close()
    for name,link in sorted(targets):
        file,_,anchor = link.partition('#')
        path = SITE/(file or 'index.html')
        if not path.exists() or (anchor and f'id="{anchor}"' not in path.read_text()): wrong.setdefault(('link',name), []).append(link)
    for (where,name),flaws in wrong.items(): print(f'{name} ({where}):', *dict.fromkeys(flaws), sep='\n    ')
    print(f'{len(pages)} pages on {len(SCREENS)} screens, {len(targets)} links of their own, {sum(map(len, wrong.values()))} flaws')
    sys.exit(bool(wrong))

if __name__=='__main__': main(*sys.argv[1:])
