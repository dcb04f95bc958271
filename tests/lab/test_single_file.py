"""The static app as one file: it opens from disk in every browser, asks for nothing, and shows what the folder shows."""

import re
import time

import pytest

from sim.core.errors import InputError
from sim.lab.export import export_file
from sim.lab.folders import PAGES
from sim.lab.joined import joined
from sim.lab.single_file import single_file
from tests.lab.drivers import Firefox, WebKit
from tests.lab.test_export import folder, needs_linker, own, site  # noqa: F401
from tests.lab.test_site import SETTLED

ROOMS = ("#first?guess=20", "#watch?month=31", "#explore?story=neutral", "#convene?d=02303", "#board")
STATE = "document.getElementById('main').dataset.state"
TEXT = """(() => {
  const all = document.getElementById("main").cloneNode(true);
  for (const drawn of all.querySelectorAll("svg")) drawn.remove();
  return all.textContent;
})()"""
HERE = "globalThis.Worker = class { constructor() { throw new Error('not allowed'); } };"


def files_of(folder):  # noqa: F811
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.fixture(scope="module")
def lesson(folder, tmp_path_factory):  # noqa: F811
    file = tmp_path_factory.mktemp("lesson") / "lesson.html"
    file.write_bytes(single_file(files_of(folder)))
    return file.as_uri()


def test_the_page_carries_what_the_folder_has_and_links_to_nothing():
    page = single_file(joined(files_of(PAGES))).decode()

    assert re.findall(r'\s(?:src|href)="(?!#|data:)', page) == []
    assert "default-src 'none'" in page
    assert page.count("'sha256-") == 3
    assert single_file(joined(files_of(PAGES))).decode() == page


def test_only_files_js_reads_files_so_that_one_file_has_them_all():
    asking = r"\bfetch\(|import\.meta|new Worker\((?!addressOf)"
    found = [f.name for f in PAGES.rglob("*.js") if re.search(asking, f.read_text())]

    assert sorted(found) == ["board.js", "files.js", "offline.js", "xapi.js"]  # the first and the last ask a host


def test_a_file_that_is_no_page_by_its_name_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"give a file that ends in \.html, or a folder with / at its end"):
        export_file(tmp_path / "lesson.pdf")


@needs_linker
@pytest.mark.slow
@pytest.mark.parametrize("workers", [True, False], ids=["workers", "in the page"])
def test_from_disk_it_shows_what_the_folder_shows(browser, site, lesson, workers):  # noqa: F811
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    page, problems, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    if not workers:
        page.add_init_script(HERE)
    for room in ROOMS:
        texts = []
        for address in (site, lesson):
            page.goto("about:blank")
            page.goto(address + room)
            page.wait_for_selector(SETTLED, timeout=120_000)
            texts.append(page.evaluate(TEXT))
        assert texts[1] == texts[0], room
    context.close()

    assert problems == []
    assert [url for url in asked if not url.startswith((site, lesson, "blob:", "data:", "about:"))] == []


@needs_linker
@pytest.mark.slow
@pytest.mark.parametrize("kind", [Firefox, WebKit], ids=lambda kind: kind.name)
def test_another_browser_opens_it_from_disk(kind, lesson):
    if kind.command is None:
        pytest.skip(f"needs {kind.name}")
    driven = kind()
    try:
        for room in ROOMS:
            driven.open(lesson + room)
            until = time.monotonic() + 120
            while (state := driven.run(STATE)) not in ("settled", "failed") and time.monotonic() < until:
                time.sleep(0.1)
            assert state == "settled", (room, driven.run(TEXT))
        assert driven.errors == []
    finally:
        driven.close()
