"""How quick is the classroom app? ``python experiments/measure_lab.py FOLDER`` prints a table, all of it measured here.

FOLDER is what ``partnership lab export=FOLDER/`` wrote. It is served by a plain static server. In a headless Chromium
(set CHROMIUM to its path) whose page is slowed (``--slower 6``, as phones are): the time from opening to the first
picture and to the first curves of 250 runs; from a slider's move to redrawn curves, of 250 runs and of 1,000; and the
bytes that came. Then a class: many pages at once, and the processor time that the server took.

Needs the extra "browser". Times depend on the machine, and on what else it does.
"""

import argparse
import functools
import gzip
import http.server
import os
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SEEN = """
window.seen = {};
const curves = () => document.querySelector("main svg path");
const picture = () => {
  const canvas = document.querySelector("main canvas");
  if (!canvas?.width) return false;
  return canvas.getContext("2d").getImageData(canvas.width / 2, 0, 1, canvas.height).data.some(Boolean);
};
const look = () => {
  for (const [what, there] of Object.entries({ picture, curves }))
    if (!(what in seen) && there()) seen[what] = performance.now() / 1000;
  if (Object.keys(seen).length < 2) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
MOVE = """async ([step, kind]) => {
  const slider = document.querySelector("main input[type=range]"), main = document.getElementById("main");
  const drawn = () => new Promise((done) => {
    const seen = new MutationObserver(() => { seen.disconnect(); requestAnimationFrame(() => setTimeout(done)); });
    seen.observe(document.querySelector("main svg"), { childList: true, subtree: true });
  });
  const begin = performance.now(), first = drawn();
  slider.value = Number(slider.value) + step * Number(slider.step);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  if (kind === "change") slider.dispatchEvent(new Event("change", { bubbles: true }));
  await first;
  if (kind === "change") while (main.dataset.state !== "settled") await new Promise(requestAnimationFrame);
  return (performance.now() - begin) / 1000;
}"""
SETTLED = "main[data-state=settled]"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server that says nothing, and lets connections stay open, as web hosts do."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def main() -> None:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="an exported app")
    parser.add_argument("--slower", type=float, default=6, help="how much the page is slowed (default: 6)")
    parser.add_argument("--repeats", type=int, default=7, help="pages opened, and sliders moved (default: 7)")
    parser.add_argument("--pages", type=int, default=28, help="pages at once (default: 28)")
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    size = sum(len(gzip.compress(f.read_bytes())) for f in options.folder.rglob("*") if f.is_file())
    print(f"the whole site, compressed: {size / 1e3:,.0f} kB")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}; the page is slowed {options.slower:g} times")
    print(f"{'seconds':<58}{'median':>8}{'slowest':>9}{'n':>5}")
    with serving(options.folder) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, hash_, what in (
            ("first picture", "#first", "picture"),
            ("first curves of 250 runs", "#explore", "curves"),
        ):
            print_row(name, [opened(browser, address + hash_, options.slower, what) for _ in range(options.repeats)])
        for name, kind in (
            ("slider to curves of 250 runs", "input"),
            ("slider to curves of 1,000 runs, all settled", "change"),
        ):
            print_row(name, list(moved(browser, address + "#explore", options, kind)))
        print(f"first visit, compressed: {visit(browser, address, options.folder) / 1e3:,.0f} kB")
        crowd(browser, address, options.pages)
        browser.close()


def new_page(browser: Any, slower: float) -> Any:
    """Open a page of a visitor who was never here."""
    page = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block").new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    return page


def opened(browser: Any, address: str, slower: float, what: str) -> float:
    """Time from opening a page until something is drawn."""
    page = new_page(browser, slower)
    page.add_init_script(SEEN)
    page.goto(address)
    while not page.evaluate(f"Boolean(window.seen?.{what})"):  # wait_for_function would need unsafe-eval
        page.wait_for_timeout(50)
    seconds: float = page.evaluate(f"window.seen.{what}")
    page.context.close()
    return seconds


def moved(browser: Any, address: str, options: argparse.Namespace, kind: str) -> Iterator[float]:
    """Time from moves of a slider until the curves are redrawn."""
    page = new_page(browser, options.slower)
    page.goto(address)
    page.wait_for_selector(SETTLED, timeout=120_000)
    for move in range(options.repeats):
        yield page.evaluate(MOVE, [1 if move % 2 else -1, kind])
        page.evaluate(
            "document.querySelector('main input[type=range]').dispatchEvent(new Event('change', {bubbles: true}))"
        )
        page.wait_for_selector(SETTLED, timeout=120_000)
        page.wait_for_timeout(500)
    page.context.close()


def visit(browser: Any, address: str, folder: Path) -> int:
    """Add up what a first visit fetches, as a server would compress it."""
    page, files = new_page(browser, 1), set[str]()
    page.on("request", lambda request: files.add(request.url.removeprefix(address).split("?")[0] or "index.html"))
    page.goto(address)
    page.wait_for_selector(SETTLED, timeout=120_000)
    page.context.close()
    return sum(len(gzip.compress((folder / f).read_bytes())) for f in files if (folder / f).is_file())


def crowd(browser: Any, address: str, n: int) -> None:
    """Open many pages at once; tell errors, and the processor time of this process, which serves them."""
    problems = list[str]()
    begin, busy = time.monotonic(), time.process_time()
    pages = [new_page(browser, 1) for _ in range(n)]
    for page in pages:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(request.url))
        page.evaluate("(address) => { setTimeout(() => { location.href = address; }) }", address)
    for page in pages:
        page.wait_for_selector(SETTLED, timeout=300_000)
    took, used = time.monotonic() - begin, time.process_time() - busy
    print(
        f"{n} pages at once: all there after {took:.0f} s, {len(problems)} errors, server and driver busy {used:.1f} s"
    )
    begin = time.process_time()
    time.sleep(5)
    print(f"then the server is busy {time.process_time() - begin:.2f} s in 5 s")


def print_row(name: str, seconds: list[float]) -> None:
    """Print a line."""
    print(f"{name:<58}{statistics.median(seconds):8.2f}{max(seconds):9.2f}{len(seconds):5d}", flush=True)


if __name__ == "__main__":
    main()
