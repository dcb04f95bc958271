"""Learning in a browser, from a real server; skipped where no Chromium is found (set CHROMIUM to its path)."""

import pytest

from sim.lab.activities import ACTIVITIES
from tests.lab.test_page import address, browser  # noqa: F401

pytestmark = pytest.mark.slow

A4_INSIDE = (297 - 2 * 11) / 25.4 * 96
"""Height of a sheet of A4 without its margins, in pixels of CSS."""


@pytest.fixture
def page(browser, address):  # noqa: F811
    """Open a page; at the end nothing went wrong on the console and nothing was asked of another host."""
    result = browser.new_page(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    text, arguments = [], []
    result.on("console", lambda message: text.append(message.text))
    result.on("pageerror", lambda error: text.append(str(error)))
    result.on("request", lambda request: arguments.append(request.url))
    yield result
    result.close()
    assert text == []
    assert [url for url in arguments if not url.startswith(address)] == []


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_predict_observe_and_explain_by_keyboard_alone(page, address):  # noqa: F811
    page.goto(f"{address}learn?activity=pause")
    assert "1,000 runs" not in page.text_content("body")
    assert page.locator("#observe").count() == 0
    page.focus("fieldset input >> nth=0")
    press(page, "ArrowDown", "Tab", "Enter")

    page.wait_for_selector("#observe")
    assert page.url.endswith("learn?activity=pause&guess=fewer#observe")
    assert "You predicted: Fewer members stay" in page.text_content("#guess")
    assert page.locator(".result").count() == 0
    page.focus("details.many summary")
    press(page, "Enter")
    page.wait_for_selector("[data-state=settled]", timeout=60_000)
    assert "You predicted" in page.text_content(".result")
    assert "1,000 runs" in page.text_content(".case .text")
    assert page.locator(".case svg[role=img] path").count() >= 4
    page.focus("ol details summary >> nth=0")
    press(page, "Enter")
    assert page.locator("ol details[open] p").count() == 1


def test_no_prediction_no_result(page, address):  # noqa: F811
    page.goto(f"{address}learn?activity=safe")
    page.click("form button")

    assert page.locator("#observe").count() == 0
    assert "guess" not in page.url


def test_the_links_open_the_lab_in_the_state_of_the_activity(page, address):  # noqa: F811
    page.goto(f"{address}learn?activity=difference&guess=more&lang=nl")
    page.click("#observe ~ .links a >> nth=0")
    page.wait_for_selector("main[data-state=settled]", timeout=60_000)

    assert "sectors.distance=0.2" in page.url
    assert page.get_attribute("html", "lang") == "nl"
    page.go_back()
    assert page.locator("#guess").count() == 1


def test_the_teacher_gets_every_expected_result(page, address):  # noqa: F811
    page.goto(f"{address}teacher?lang=nl")
    for activity in ACTIVITIES:
        page.wait_for_selector(f"section[aria-labelledby={activity.name}] [data-state=settled]", timeout=120_000)

    assert page.locator(".case").count() == sum(len(a.compared) for a in ACTIVITIES)
    assert page.locator(".result").count() == 0


@pytest.mark.parametrize(
    "path", ["learn", "learn?activity=chance", "learn?activity=chance&guess=same", "teacher", "sheet"]
)
@pytest.mark.parametrize("width", [390, 1366])
def test_no_page_needs_a_sideways_scroll(page, address, path, width):  # noqa: F811
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{address}{path}")
    if "guess" in path:
        page.click("details.many summary")
        page.wait_for_selector("[data-state=settled]", timeout=120_000)

    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("language", ["en", "nl"])
def test_each_sheet_fits_on_one_page_of_paper(page, address, language):  # noqa: F811
    page.set_viewport_size({"width": round((210 - 2 * 11) / 25.4 * 96), "height": 1000})
    page.emulate_media(media="print")
    page.goto(f"{address}sheet?lang={language}")
    heights = page.eval_on_selector_all(".sheet", "sheets => sheets.map((s) => s.getBoundingClientRect().height)")

    assert len(heights) == len(ACTIVITIES)
    assert max(heights) < A4_INSIDE
    assert page.locator("header").is_hidden()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == len(ACTIVITIES)


def test_a_lost_server_is_said(browser):  # noqa: F811
    from tests.lab.test_command import serving

    with serving() as (process, own):
        page = browser.new_page()
        page.goto(f"{own}learn?activity=pause&guess=more")
        process.terminate()
        process.wait(10)
        page.click("details.many summary")
        page.wait_for_selector("[data-state=failed]")

        assert "The teacher's computer cannot be reached" in page.text_content("details.many")
        page.close()
