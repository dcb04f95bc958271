"""The static app with its real engine: in Firefox and WebKit with Chromium's numbers; without a network after one visit."""

import json
import time
from urllib.parse import urlparse

import pytest

from tests.lab.drivers import Firefox, WebKit
from tests.lab.test_export import folder, needs_linker, own, site  # noqa: F401
from tests.lab.test_site import SETTLED

pytestmark = [pytest.mark.slow, needs_linker]

ROOMS = (
    "#first", "#watch?month=31", "#explore?grant.months=36", "#compare", "#convene?d=02303.02303", "#learn",
    "#learn?activity=hopes&guess=more", "#teach", "#board", "#watch?story=atlantis&lang=nl",
)  # fmt: skip
STATE = "document.getElementById('main').dataset.state"
TEXT = """(() => {
  const all = document.getElementById("main").cloneNode(true);
  // How many marks an axis has goes by the letters, and what stops a moving picture by whether it may move.
  for (const one of all.querySelectorAll("svg, button.still")) one.remove();
  return all.textContent;
})()"""
ELSEWHERE = "performance.getEntriesByType('resource').map((e) => e.name).filter((n) => !n.startsWith(location.origin))"
KEPT = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  return (await Promise.all(caches_.map((one) => one.keys()))).flat().map(({ url }) => new URL(url).pathname);
}"""


@pytest.fixture(scope="module", params=[Firefox, WebKit], ids=lambda kind: kind.name)
def driven(request):
    if request.param.command is None:
        pytest.skip(f"needs {request.param.name}")
    result = request.param()
    yield result
    result.close()


def settled(driven, address):
    driven.open(address)
    until = time.monotonic() + 120
    while (state := driven.run(STATE)) not in ("settled", "failed") and time.monotonic() < until:
        time.sleep(0.1)
    return state


@pytest.mark.parametrize("room", ROOMS)
def test_another_browser_shows_what_chromium_shows(driven, browser, site, room):  # noqa: F811
    driven.errors.clear()
    driven.requests.clear()
    page = browser.new_page(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    page.goto(site + room)
    page.wait_for_selector(SETTLED, timeout=120_000)
    state, there = settled(driven, site + room), page.evaluate(TEXT)
    page.close()

    assert state == "settled", driven.run(TEXT)
    assert driven.run(TEXT) == there
    assert driven.errors == []
    assert driven.run(ELSEWHERE) == []
    assert [url for url in driven.requests if not url.startswith((site, "data:", "about:"))] == []


def open_all(page, address, rooms):
    for room in rooms:
        page.goto("about:blank")
        page.goto(address + room)
        page.wait_for_selector(SETTLED, timeout=120_000)


def test_a_visit_saves_the_story_and_the_reader_may_save_all(browser, site, folder):  # noqa: F811
    context = browser.new_context(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    address = f"http://localhost:{urlparse(site).port}/"
    page.goto(f"{address}?endpoint=http%3A%2F%2Flocalhost&actor=somebody")
    page.wait_for_selector(SETTLED, timeout=120_000)
    model = json.loads((folder / "engine.json").read_text())
    keys = {k for one in model["partnerships"]["denim_alliance"].values() for k in (*one["months"], *one["watch"])}
    story = {f"/modules/{model['places'][key]['module']}.wasm" for key in keys} | {"/model.json", "/engine.json"}
    until = time.monotonic() + 60
    while not story <= set(page.evaluate(KEPT)) and time.monotonic() < until:
        page.wait_for_timeout(100)
    context.set_offline(True)
    open_all(page, address, ("#first", "#watch?month=31", "#explore?grant.months=36"))
    context.set_offline(False)
    page.get_by_role("button", name="View and share").click()
    page.get_by_role("button", name="Save for use without a network").click()
    page.get_by_text("Saved on this device").first.wait_for(timeout=60_000)
    context.set_offline(True)
    open_all(page, address, (*ROOMS, "#explore?story=neutral&b=neutral"))
    saved = page.evaluate(KEPT.replace(".pathname", ".href"))
    context.close()

    assert problems == []
    assert [url for url in saved if "somebody" in url] == []  # who reads is not saved
