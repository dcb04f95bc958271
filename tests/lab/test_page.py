"""The page in a browser, from a real server; skipped where no Chromium is found (set CHROMIUM to its path)."""

import os
import re
import shutil

import pytest

from tests.lab.test_command import serving
from tests.lab.test_messages import english_in

pytestmark = pytest.mark.slow

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SETTLED = "main[data-state=settled]"
COMPLETE = SETTLED + "[data-divergence]"  # where two runs first differ is worked out last
STATE = "?v=1&scenario=neutral&policies=neutral,connecting&size.partners=10&seed=3"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="the page is tested with Playwright, not installed")
    if not CHROMIUM:
        pytest.skip("no Chromium found: set CHROMIUM to its path")
    with playwright.sync_playwright() as player:
        result = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield result
        result.close()


@pytest.fixture(scope="module")
def address(browser):
    pytest.importorskip("uvicorn")
    with serving() as (_, result):
        yield result


@pytest.fixture
def page(browser, address):
    """Open the lab; at the end nothing went wrong on the console and nothing was asked of another host."""
    result = browser.new_page(viewport={"width": 1366, "height": 768}, reduced_motion="reduce")
    text, arguments = [], []
    result.on("console", lambda message: text.append(message.text))
    result.on("pageerror", lambda error: text.append(str(error)))
    result.on("request", lambda request: arguments.append(request.url))
    result.goto(address + STATE)
    result.wait_for_selector(SETTLED)
    yield result
    result.close()
    assert text == []
    assert [url for url in arguments if not url.removeprefix("blob:").startswith(address)] == []


def test_an_arrow_key_moves_a_slider_and_the_sentences(page):
    before = page.text_content("#explore-members p")
    page.focus("#grant\\.months")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.wait_for_selector("main[data-key*='grant.months=0']" + SETTLED.removeprefix("main"))

    assert page.get_attribute("#grant\\.months", "aria-valuetext") == "0 months"
    assert page.text_content("#explore-members p") != before
    assert "1,000 runs" in page.text_content("#end")
    assert page.locator("#explore-members path.ghost").count() == 1
    assert page.text_content("#status") == page.text_content("#end")
    assert "grant.months=0" in page.url
    assert page.input_value("#link") == page.url


def test_curves_are_marked_as_old_until_those_of_the_moved_slider_come(page):
    marked = page.evaluate("""() => {
      const slider = document.getElementById("grant.months");
      slider.value = Number(slider.value) + 6;
      slider.dispatchEvent(new Event("input"));
      return document.getElementById("explore").ariaBusy;
    }""")

    assert marked == "true"
    page.wait_for_selector("#explore[aria-busy=false]")


def test_a_table_that_opens_leaves_its_buttons_where_they_are(page):
    same = page.evaluate("""async () => {
      const details = document.querySelector("#compare-members details"), button = details.querySelector("button");
      details.open = true;
      await new Promise((done) => setTimeout(done, 500));
      return button.isConnected;
    }""")

    assert same


def test_the_link_opens_the_same_picture(page, browser):
    page.wait_for_selector(COMPLETE)
    main = page.inner_html("main")
    other = browser.new_page(viewport={"width": 1366, "height": 768})
    other.goto(page.input_value("#link"))
    other.wait_for_selector(COMPLETE)

    assert other.inner_html("main") == main
    other.close()


def test_it_plays_pauses_steps_and_jumps_to_the_next_exit(page):
    page.select_option("#speed", "150")
    page.click("#play")
    page.locator("#text0", has_text=re.compile(r"Month ([2-9]|\d\d):")).wait_for()
    page.click("#play")
    month = int(page.input_value("#month"))
    page.click("#step")

    assert page.text_content("#play") == "Play"
    assert page.input_value("#month") == str(month + 1)
    assert page.text_content("#text0").startswith(f"Month {month + 1}:")
    assert page.text_content("#text1") in page.text_content("#status")
    page.click("#next")
    assert "leaves" in page.text_content("#text0") + page.text_content("#text1")
    page.click("#again")
    assert page.input_value("#month") == "0"


def test_a_button_leads_to_where_the_two_runs_first_differ_and_to_each_place(page):
    page.locator("main[data-divergence*='seed=3']").wait_for()
    page.locator("#first-difference:enabled").click()
    first = page.input_value("#month")
    page.locator("#places .jump").last.click()

    assert first == "1"
    assert page.locator("#places li").count() == 3  # in this run nobody leaves at another time
    assert page.input_value("#month") == page.locator("#places .jump").last.text_content().removeprefix("Month ")
    assert "with connecting it is" in page.text_content("#without")


def test_every_picture_is_named_and_every_chart_has_a_table(page):
    pictures = page.locator("svg[role=img]")
    names = [pictures.nth(k).get_attribute("aria-label") or pictures.nth(k).get_attribute("aria-labelledby")
             for k in range(pictures.count())]  # fmt: skip
    tables = page.locator("details:has(table)")

    assert len(names) == 2 + 4 + 8 + 4
    assert all(names)
    assert tables.count() == 8
    tables.first.locator("summary").click()
    assert tables.first.locator("tbody tr").count() == 5


def test_the_other_policy_can_be_shown_and_chosen(page):
    page.check("[name=shown][value='0']")
    assert page.text_content("#explore-members p").startswith(
        "After five years, if nobody does anything, the median is"
    )
    page.select_option("#strategy1", "bundling")
    page.wait_for_selector("main[data-key*='policies=neutral,bundling']" + SETTLED.removeprefix("main"))
    assert "with bundling" in page.text_content("#end")
    assert page.locator("#strategy0 option[value=bundling]").is_disabled()


def test_the_other_language_shows_the_same_state_and_nothing_of_this_one(page):
    page.focus("#start\\.trust")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("main[data-key*='start.trust=0.65']" + SETTLED.removeprefix("main"))
    page.click("nav.languages a[lang=nl]")
    page.wait_for_selector("html[lang=nl] " + SETTLED)
    page.click("#next")
    shown = page.evaluate("document.querySelector('main').innerText")
    read = "[...document.querySelectorAll('[aria-label],[aria-valuetext]')].map(e => e.ariaLabel ?? e.ariaValueText)"
    chart = page.locator("#explore-collective svg text").all_text_contents()

    assert "start.trust=0.65" in page.url
    assert page.text_content("output[for='start.trust']") == "0,65"
    assert page.get_attribute("#start\\.trust", "aria-valuetext") == "0,65"
    assert "Looptijd van de subsidie" in shown
    assert {line: english_in(line) for line in [*shown.split("\n"), *page.evaluate(read)] if english_in(line)} == {}
    assert "jaar 0" in chart
    assert any(re.fullmatch(r"0,\d\d", text) for text in chart)


def test_a_phone_needs_no_sideways_scroll(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)

    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_lost_server_is_reported_and_the_choices_are_kept(browser):
    with serving() as (process, address):
        page = browser.new_page()
        page.goto(address + STATE)
        page.wait_for_selector(SETTLED)
        process.terminate()
        process.wait(10)
        page.focus("#start\\.trust")
        page.keyboard.press("ArrowRight")
        page.wait_for_selector("#failure:not([hidden])")

        assert "The teacher's computer cannot be reached. Your choices are kept." in page.text_content("#failure")
        assert page.input_value("#start\\.trust") == "0.65"
        page.close()


def test_a_busy_lab_is_asked_again_until_it_answers(browser, address):
    page, refused = browser.new_page(), []

    def refuse_once(route):
        if refused:
            return route.continue_()
        refused.append(route.request.url)
        return route.fulfill(status=503, headers={"retry-after": "0.3"}, body="The lab is busy; ask again in a moment.")

    page.route(re.compile(r"/outcomes\?"), refuse_once)
    page.goto(address + STATE)
    page.wait_for_selector("#busy:not([hidden])")
    page.wait_for_selector(SETTLED)

    assert page.locator("#busy").is_hidden()
    assert page.locator("#failure").is_hidden()
    assert "1,000 runs" in page.text_content("#end")
    page.close()


def test_what_nobody_waits_for_is_given_up(page):
    given_up = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    page.route(
        re.compile(r"/outcomes\?"), lambda route: None if "trust=0.65" in route.request.url else route.continue_()
    )
    page.focus("#start\\.trust")
    with page.expect_request(re.compile(r"/outcomes\?.*trust=0.65")):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("main[data-key*='trust=0.7']" + SETTLED.removeprefix("main"))

    assert any("/outcomes" in url and "trust=0.65" in url for url in given_up)
