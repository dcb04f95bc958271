"""How quick is the lab? ``python experiments/measure_lab.py`` prints a table; every number in it is measured here.

A lab of its own is started at a free port. In a headless Chromium (set CHROMIUM to its path): the time from opening a
page to its first network and first curves, of a story and of new slider values; from a slider's
move to redrawn curves, and to all of the page (1,000 runs); and the bytes that came. Then a class: clients that move
sliders at once, in all stories, always with 250 runs or fewer when the lab is slow, as the page asks; and all in the
first story, the largest. With what the lab's memory does meanwhile.

Needs the extra "browser" and psutil. Times depend on the machine, and on what else it does.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from typing import Any

from lab_clients import Crowd, middle_and_slow

from sim.lab.stories import STORIES

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SEEN = """
const watched = { network: "#network0 *", curves: "#explore path" };
window.seen = {};
new MutationObserver(() => requestAnimationFrame(() => {
  for (const [what, where] of Object.entries(watched))
    if (!(what in seen) && document.querySelector(where)) seen[what] = performance.now();
})).observe(document, { childList: true, subtree: true });
"""
MOVE = """async ([id, step]) => {
  const slider = document.getElementById(id), begin = performance.now();
  slider.value = Number(slider.value) + step * Number(slider.step);
  const drawn = new Promise((done) => {
    const seen = new MutationObserver(() => { seen.disconnect(); requestAnimationFrame(() => setTimeout(done)); });
    seen.observe(document.getElementById("explore"), { childList: true, subtree: true });
  });
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  await drawn;
  return (performance.now() - begin) / 1000;
}"""
REST = """async (id) => {
  const begin = performance.now();
  document.getElementById(id).dispatchEvent(new Event("change", { bubbles: true }));
  while (document.getElementById("lab").dataset.state !== "settled") await new Promise(requestAnimationFrame);
  return (performance.now() - begin) / 1000;
}"""


def main() -> None:
    """Measure, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long each class lasts (default: 60)")
    parser.add_argument("--clients", type=int, default=25, help="how many there are (default: 25)")
    parser.add_argument("--pause", type=float, default=3, help="seconds from an answer to the next move (default: 3)")
    parser.add_argument("--repeats", type=int, default=5, help="pages opened with new slider values (default: 5)")
    options = parser.parse_args()
    with Lab() as lab:
        print(f"{'seconds':<58}{'median':>8}{'p95':>8}{'n':>6}")
        if CHROMIUM:
            browse(lab, options.repeats)
        else:
            print("no Chromium measured: set CHROMIUM to its path")
        crowd = Crowd(lab.address)
        for story, yielding in ((None, False), (None, True), (0, True)):
            attend(lab, crowd, options, story, yielding)
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")


def browse(lab: "Lab", repeats: int) -> None:
    """Open pages and move sliders as a person would."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        stories = [f"?scenario={s.scenario}&policies={','.join(s.policies)}" for s in STORIES]
        unseen = [f"?start.trust=0.3&grant.budget={k}" for k in range(repeats)]
        for what, queries in (("a story", stories), ("new slider values", unseen)):
            opened = [_open(browser, lab.address + query) for query in queries]
            for part in ("network", "curves"):
                _print_times(f"{what}: first {part}", [o[part] for o in opened])
            print(f"{what + ': bytes of a page':<58}{max(o['bytes'] for o in opened) / 1e3:>8,.0f} kB")
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.route(re.compile("/preview/"), _all_runs)
        for story in STORIES:
            page.goto(f"{lab.address}?scenario={story.scenario}&policies={','.join(story.policies)}&seed=1")
            page.wait_for_selector("main[data-state=settled]")
            moves, rests = [], []
            for slider, step in (("rules.leak.rate", 1), ("start.trust", -1), ("grant.budget", 1)):
                moves += [page.evaluate(MOVE, [slider, step]) for _ in range(4)]
                rests.append(page.evaluate(REST, slider))
            _print_times(f"{story.scenario}: a move to redrawn curves, 250 runs", moves)
            _print_times(f"{story.scenario}: rest to all of the page, 1,000 runs", rests)
        browser.close()


def _all_runs(route: Any) -> None:
    """Ask for all runs of a preview, where the page would ask a slow server for fewer."""
    route.continue_(url=re.sub(r"replications=\d+", "replications=250", route.request.url))


def _open(browser: Any, address: str) -> dict[str, float]:
    """Open a page with nothing kept from before; seconds to its first pictures, and all bytes that came."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    page, came = context.new_page(), []
    page.add_init_script(SEEN)
    page.on("requestfinished", lambda request: came.append(request.sizes()))
    page.goto(address)
    page.wait_for_selector("main[data-state=settled]")
    measured = {what: ms / 1000 for what, ms in page.evaluate("window.seen").items()}
    context.close()
    return measured | {"bytes": sum(s["responseBodySize"] + s["responseHeadersSize"] for s in came)}


def attend(lab: "Lab", crowd: Crowd, options: argparse.Namespace, story: int | None, yielding: bool) -> None:
    """Let a class move sliders, and look at the lab's memory before, halfway and after."""
    crowd.visit(options.clients, 3, 1, story, yielding)
    memory, measured = [lab.megabytes()], []
    for _ in range(2):
        measured.append(crowd.visit(options.clients, options.seconds / 2, options.pause, story, yielding))
        memory.append(lab.megabytes())
    moved, rested, runs, failed = (
        [x for f in measured for x in getattr(f, what)] for what in ("moved", "rested", "runs", "failed")
    )
    who = f"{options.clients} clients in {'all stories' if story is None else STORIES[story].scenario}"
    _print_times(f"{who}: {statistics.mean(runs):.0f} runs", moved)
    _print_times(f"{who}: 1,000 runs", rested)
    busy, rate = sum(f.busy for f in measured), len(moved) / options.seconds
    late = sum(f.unanswered for f in measured)
    print(f"  {rate:.1f} moves a second, {busy} times busy, {late} unanswered, {len(failed)} failed; "
          f"memory before, halfway, after: {', '.join(f'{m:.0f} MB' for m in memory)}", *failed[:3])  # fmt: skip


def _print_times(what: str, seconds: list[float]) -> None:
    if not seconds:
        return print(f"{what:<58}{'none':>8}", flush=True)
    middle, slow = middle_and_slow(seconds)
    print(f"{what:<58}{middle:>8.2f}{slow:>8.2f}{len(seconds):>6}", flush=True)


class Lab:
    """A lab in processes of its own, ended with the measurement."""

    def __enter__(self) -> "Lab":
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address, begin = f"http://127.0.0.1:{port}/", time.monotonic()
        self.process = subprocess.Popen([sys.executable, "-m", "sim", "lab", f"port={port}"], stdout=subprocess.DEVNULL)
        while not self._answers():
            time.sleep(0.05)
        print(f"the lab answers after {time.monotonic() - begin:.1f} s; {os.cpu_count()} cores, "
              f"load of the machine {os.getloadavg()[0]:.1f}\n")  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)

    def _answers(self) -> bool:
        try:
            return urllib.request.urlopen(self.address, timeout=20).status == 200
        except OSError:
            return False

    def megabytes(self) -> float:
        """Give what the server and its workers hold in memory that nobody shares."""
        import psutil

        server = psutil.Process(self.process.pid)
        return sum(p.memory_full_info().uss for p in [server, *server.children(recursive=True)]) / 1e6


if __name__ == "__main__":
    main()
