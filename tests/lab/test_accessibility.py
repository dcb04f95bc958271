"""The page for everybody: by keyboard, screen reader, magnified, on a phone, in both languages."""

import difflib
import re
from pathlib import Path

import pytest

from sim.lab.link_state import LinkState
from sim.lab.messages import LANGUAGES
from sim.lab.stories import STORIES
from tests.lab.test_page import SETTLED, STATE
from tests.lab.test_page import address as address
from tests.lab.test_page import browser as browser
from tests.lab.test_page import page as page

pytestmark = pytest.mark.slow

COMPLETE = "main[data-divergence]"
SNAPSHOT = Path(__file__).with_name("main.aria.yml")
REACHED = """
() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
  .filter((e) => e.checkVisibility() && !e.disabled && !(e.type === "radio" && !e.checked))
  .map((e) => { e.dataset.order = e.dataset.order ?? String(document.querySelectorAll("[data-order]").length); return e.dataset.order; })
"""
COLLIDING = """
() => {
  const shown = (e) => e.checkVisibility() && !e.closest(".visually-hidden, noscript");
  const own = (e) => e.matches("button, input, select, a, svg text") || [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  const found = [...document.querySelectorAll("body *:not(option, optgroup, script, svg, title)")].filter((e) => shown(e) && own(e));
  const clipped = (e, box) => {
    for (let up = e.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflowX === "visible") continue;
      const { left, right, top, bottom } = up.getBoundingClientRect();
      box = { left: Math.max(box.left, left), right: Math.min(box.right, right), top: Math.max(box.top, top), bottom: Math.min(box.bottom, bottom) };
    }
    return box;
  };
  const boxes = found.map((e) => [e, [...e.getClientRects()].map((box) => clipped(e, box))]);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const said = [];
  boxes.forEach(([one, mine], k) => {
    for (const [other, theirs] of boxes.slice(k + 1))
      if (!one.contains(other) && !other.contains(one) && mine.some((a) => theirs.some((b) => meet(a, b))))
        said.push(`${one.tagName} ${one.textContent.trim().slice(0, 40)} | ${other.tagName} ${other.textContent.trim().slice(0, 40)}`);
  });
  return said;
}
"""


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()


def opened(browser, address, query, **how):
    result = browser.new_page(**how)
    result.goto(f"{address}?{query.removeprefix('?')}")
    result.wait_for_selector(COMPLETE, timeout=60_000)
    return result


def complaints(axe, page):
    """Open all that is folded, and let axe look at the page on a desk and on a phone."""
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    result = []
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(200)
        result += [
            (width, rule["id"], rule["impact"], rule["nodes"][0]["html"][:120])
            for rule in axe.run(page).response["violations"]
        ]
    return result


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", STORIES, ids=lambda s: s.scenario)
def test_axe_finds_nothing(axe, browser, address, story, language):
    query = LinkState(story.scenario, story.policies, 3, language=language).query() + "&m=00000000"
    page = opened(browser, address, query)
    page.click("#next")

    assert complaints(axe, page) == []
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "space", ["convene?", "learn?", "learn?activity=pause&guess=more", "teacher?", "sheet?activity=pause"]
)
def test_axe_finds_nothing_in_the_other_rooms(axe, browser, address, space, language):
    page = browser.new_page()
    page.goto(f"{address}{space}&lang={language}".replace("?&", "?"))
    page.wait_for_load_state("networkidle", timeout=300_000)

    assert complaints(axe, page) == []
    page.close()


def test_every_control_is_reached_with_tab_in_the_order_of_the_page(page):
    page.locator("#first-difference:enabled").wait_for()
    expected, reached, rings = page.evaluate(REACHED), [], []
    for _ in expected:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.order"))
        rings.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))

    assert len(expected) > 40
    assert reached == expected
    assert set(rings) == {"solid"}


def test_the_whole_page_is_used_by_keyboard_alone(page, tmp_path):
    press = page.keyboard.press
    page.locator("#first-difference:enabled").wait_for()

    def at(place, *keys):
        page.focus(place)
        for key in keys:
            press(key)

    at("#play", "Space")
    assert page.text_content("#play") == "Pause"
    press("Space")
    at("#step", "Enter")
    at("#first-difference", "Enter")
    assert page.input_value("#month") == "1"
    at("#month", "ArrowRight")
    assert page.get_attribute("#month", "aria-valuetext") == "month 2 of 60"
    at("#speed", "ArrowDown")
    assert page.input_value("#speed") == "150"
    at("#seed", "ArrowUp", "Tab")
    page.wait_for_selector("main[data-key*='seed=4']" + SETTLED.removeprefix("main"))
    at("#strategy1", "ArrowUp")
    page.wait_for_selector("main[data-key*='policies=neutral,bundling']" + SETTLED.removeprefix("main"))
    at("[name=shown][value='1']", "ArrowLeft")
    assert page.text_content("#explore-members p").startswith(
        "After five years, if nobody does anything, the median is"
    )
    at(".controls summary", "Enter", "Enter", "Tab", "ArrowRight")
    page.wait_for_selector("main[data-key*='size.partners=11']" + SETTLED.removeprefix("main"))
    at("#reset", "Enter")
    page.wait_for_selector("main:not([data-key*='size.partners'])" + SETTLED.removeprefix("main"))
    at("#compare-members summary", "Enter", "Tab", "Tab")
    with page.expect_download() as download:
        press("Enter")
    assert download.value.suggested_filename == "compare-members-neutral.csv"
    at("nav.stories a:last-child", "Enter")
    page.wait_for_selector("[data-scenario=contract_consortium]" + SETTLED.removeprefix("main"))
    at("nav.languages a[lang=nl]", "Enter")
    page.wait_for_selector("html[lang=nl] " + SETTLED)


def test_a_screen_reader_meets_what_it_met_before(page):
    """Hold the accessibility tree, without numbers; after a wanted change copy the new one over the held one."""
    page.locator("#first-difference:enabled").wait_for()
    text = re.sub(r"\d[\d.,]*\d|\d", "#", page.locator("main").aria_snapshot()) + "\n"
    content = SNAPSHOT.read_text(encoding="utf-8")

    assert text == content, "\n".join(difflib.unified_diff(content.splitlines(), text.splitlines(), lineterm=""))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "scale"), [(390, 3), (683, 2), (1366, 1)])
def test_nothing_overlaps_or_runs_off_sideways(browser, address, language, width, scale):
    query = LinkState(STORIES[0].scenario, STORIES[0].policies, language=language).query()
    view = {"width": width, "height": 768 // scale if scale == 2 else 844}
    page = opened(browser, address, query, viewport=view, device_scale_factor=scale)
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    page.wait_for_timeout(200)
    wide, colliding = page.evaluate("document.documentElement.scrollWidth"), page.evaluate(COLLIDING)
    page.close()

    assert wide == width
    assert colliding == []


def test_nothing_moves_by_itself(page):
    moving = "[...document.querySelectorAll('*')].filter((e) => ['animationDuration', 'transitionDuration'].some((n) => parseFloat(getComputedStyle(e)[n]) > 0)).length"
    month = page.input_value("#month")
    page.wait_for_timeout(1200)

    assert page.input_value("#month") == month
    assert page.evaluate(moving) == 0
    assert page.evaluate("document.getAnimations().length") == 0


def test_targets_are_large_enough_for_a_finger(browser, address):
    page = opened(browser, address, STATE, viewport={"width": 390, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    small = page.evaluate(
        "[...document.querySelectorAll('button, select, summary, nav a, input:not([type=radio]):not(#link)')]"
        ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 27.9).map((e) => e.outerHTML)"
    )
    page.close()

    assert small == []
