"""The game in a browser, from a real server; skipped where no Chromium is found (set CHROMIUM to its path)."""

import pytest

from sim.lab.game import ROUNDS
from tests.lab.test_command import serving
from tests.lab.test_page import browser as browser

pytestmark = pytest.mark.slow

SETTLED = "main[data-state=settled]"
PLACE = "convene?scenario=contract_consortium&seed=2"
WHOLE = ".".join(["302010ap", *["112221s"] * (ROUNDS - 1)])


@pytest.fixture(scope="module")
def address(browser):
    pytest.importorskip("uvicorn")
    with serving("board=true") as (_, result):
        yield result


@pytest.fixture
def visit(browser, address):
    """Open pages; at the end nothing went wrong on a console and nothing was asked of another host."""
    text, arguments, pages = [], [], []

    def at(path, width=1366, height=768):
        result = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        result.on("console", lambda message: text.append(message.text))
        result.on("pageerror", lambda error: text.append(str(error)))
        result.on("request", lambda request: arguments.append(request.url))
        result.goto(address + path)
        result.wait_for_selector(SETTLED, timeout=60_000)
        pages.append(result)
        return result

    yield at
    for page in pages:
        page.close()
    assert text == []
    assert [url for url in arguments if not url.startswith(address)] == []


def wait_for_round(page, done):
    """Wait until as many rounds are over."""
    page.wait_for_selector(f"{SETTLED}:has(#years[value='{done}'])", timeout=60_000)


def test_a_game_is_played_to_its_end_with_the_keyboard_alone(visit):
    page = visit(PLACE)
    for done in range(ROUNDS):
        page.focus("#safeguard")
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
        page.keyboard.press("Home")
        for _ in range(5):  # on to the choice of whom, past the other levers
            page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight" if done else "ArrowLeft")
        while page.evaluate("document.activeElement.type") != "submit":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        wait_for_round(page, done + 1)
        assert page.evaluate("document.activeElement.id") == "head"

    assert "d=200000s" in page.url
    assert page.url.count("200000") == ROUNDS
    assert page.is_visible("#end")
    assert not page.is_visible("#decide")
    assert "You kept" in page.text_content("#status")
    assert page.locator("#rows tr").count() == 14
    assert page.locator("#rows tr.you th").text_content() == "you"


def test_points_are_limited_to_ten_and_say_what_they_buy(visit):
    page = visit(PLACE)
    page.focus("#intervene")
    page.keyboard.press("End")
    assert page.text_content("#left-text") == "0 of 10"
    assert "full help for" in page.text_content("#intervene-effect")
    page.click("button.more[data-for=track]")

    assert page.input_value("#track") == "0"
    assert "You have spent all ten points" in page.text_content("#status")
    page.click("button.less[data-for=intervene]")
    page.click("button.more[data-for=track]")
    assert (page.input_value("#intervene"), page.input_value("#track")) == ("9", "1")
    assert page.get_attribute("#track", "aria-valuetext").startswith("1: ")


def test_a_pause_is_held_gone_on_with_and_taken_back(visit):
    page = visit(PLACE)
    page.check("#pause")
    page.click("#decide [type=submit]")
    wait_for_round(page, 1)
    assert "The strategic pause begins" in page.text_content("#news")
    assert "Continue the pause" in page.text_content("#pause-text")
    page.click("#nothing")
    wait_for_round(page, 2)

    assert not page.is_visible("#pause-box")
    assert page.url.endswith("d=000000ap.000000a")
    page.go_back()
    wait_for_round(page, 1)
    assert page.is_visible("#pause-box")
    page.click("#back")
    wait_for_round(page, 0)
    assert not page.is_visible("#back")


@pytest.mark.parametrize("moves", ["302010ap.000000a", WHOLE])
def test_the_same_link_gives_the_same_page(visit, moves):
    first = visit(f"{PLACE}&d={moves}")
    second = visit(first.input_value("#link").split("/", 3)[3])

    assert second.url == first.url
    assert second.inner_html("main") == first.inner_html("main")


@pytest.mark.parametrize("moves", ["", "302010ap.000000a", WHOLE])
@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_phone_needs_no_sideways_scroll_and_has_large_targets(visit, moves, language):
    page = visit(f"{PLACE}&d={moves}&lang={language}", 390, 844)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    small = page.evaluate(
        "[...document.querySelectorAll('button, a, select, summary, .points input')]"
        ".filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44 - 0.5).map((e) => e.outerHTML)"
    )
    assert small == []


def test_a_phone_leads_to_the_levers_and_folds_the_story_once_begun(visit):
    page = visit(PLACE, 390, 844)
    assert page.locator("#opening[open]").count() == 1
    page.click("#to-levers")
    assert page.evaluate("document.activeElement.id") == "decide-title"
    assert 0 <= page.locator("#decide-title").bounding_box()["y"] < 100
    page.click("#nothing")
    wait_for_round(page, 1)

    assert page.locator("#opening[open]").count() == 0


@pytest.mark.parametrize("moves", ["000000a", WHOLE])
def test_no_two_landmarks_have_one_name(visit, moves):
    page = visit(f"{PLACE}&d={moves}")

    named = page.evaluate(
        "[...document.querySelectorAll('section, form, [role=region]')].filter((e) => e.checkVisibility())"
        ".map((e) => e.getAttribute('aria-labelledby') ?? e.className)"
    )
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("moves", ["000000a", WHOLE])
def test_everything_that_can_be_used_or_seen_has_a_name(visit, moves):
    page = visit(f"{PLACE}&d={moves}")

    nameless = page.evaluate(
        "[...document.querySelectorAll('button, a, input:not([type=hidden]), meter, progress, svg[role=img], form')]"
        ".filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length"
        " || document.getElementById(e.getAttribute('aria-labelledby')))).map((e) => e.outerHTML)"
    )
    assert nameless == []
    assert page.locator("[role=status]").count() == 1
    assert page.locator("h1").count() == 1


def test_months_pass_one_after_the_other_where_motion_is_wanted(browser, address):
    page = browser.new_page(viewport={"width": 1366, "height": 768}, reduced_motion="no-preference")
    page.goto(f"{address}{PLACE}")
    page.wait_for_selector(SETTLED)
    page.click("#nothing")
    wait_for_round(page, 1)
    seen = page.text_content("#month")
    page.locator("#month", has_text="Month 6:").wait_for()

    assert seen.startswith(("Month 0:", "Month 1:", "Month 2:"))
    page.close()


def test_a_link_that_cannot_be_is_said_in_words(browser, address):
    page = browser.new_page()
    answer = page.goto(f"{address}{PLACE}&d=999999a")

    assert answer.status == 400
    assert "spends 54 points" in page.text_content("body")
    page.close()


def test_a_lost_server_is_said_and_the_decisions_are_kept(browser):
    with serving() as (process, address):
        page = browser.new_page()
        page.goto(f"{address}{PLACE}&d=302010a")
        page.wait_for_selector(SETTLED)
        process.terminate()
        process.wait(10)
        page.click("#nothing")
        page.wait_for_selector("#failure:not([hidden])")

        assert "The teacher's computer cannot be reached" in page.text_content("#failure")
        assert page.url.endswith("d=302010a.000000a")
        page.close()


def test_a_finished_game_is_sent_to_the_board_and_ruled_there(visit, address):
    board = visit("board")
    board.select_option("#scenario", "contract_consortium")
    board.fill("#seed", "2")
    board.click("#begin button")
    board.locator("#run", has_text="Bound by contract, seed 2").wait_for()
    assert board.input_value("#link") == f"{address}convene?v=1&scenario=contract_consortium&seed=2"
    page = visit(f"{PLACE}&d={WHOLE}")
    page.locator("#nickname").wait_for()
    page.fill("#nickname", "<b>Anna</b> 1")
    page.press("#nickname", "Enter")
    page.locator("#sent", has_text="On the board").wait_for()

    board.locator("#rows th", has_text="<b>Anna</b> 1").wait_for()
    assert "<b>Anna</b> 1" in board.text_content("#status")
    assert board.locator("#picture circle").count() == 14
    board.get_by_role("button", name="Take <b>Anna</b> 1 off the board").click()
    board.locator("#rows td", has_text="Nobody yet").wait_for()
    assert board.locator("#picture circle").count() == 13


@pytest.mark.parametrize("width", [390, 1366])
def test_the_board_fits_and_others_are_not_offered_to_send(visit, width):
    board = visit("board?lang=nl", width)
    other = visit(PLACE.replace("seed=2", "seed=3") + f"&d={WHOLE}", width)

    assert board.evaluate("document.documentElement.scrollWidth") == width
    assert not other.is_visible("#send")
