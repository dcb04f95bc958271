"""The static classroom app in a browser: every room, by keyboard, on a phone, in every language; with a recorded engine."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "sim/lab/site"
UNITS = Path(__file__).with_name("site")
SETTLED = "main[data-state=settled]"
PAGES = (
    "#first", "#watch?month=31", "#explore?grant.months=36", "#compare", "#case", "#convene?d=02303.02303", "#learn",
    "#learn?activity=hopes&guess=more", "#board",
)  # fmt: skip
SERIOUS = ("serious", "critical")
SIZES = ((1366, 768), (390, 844), (844, 390), (683, 384))
BARS = ((768, 1024), (820, 1180), (1024, 768), (1180, 820), (1280, 720), (1920, 1080))
LANGUAGES = sorted(file.stem for file in (SITE / "words").glob("*.json"))
TRANSLATED = [language for language in LANGUAGES if language != "en"]
FITTED = [(size, language) for size in SIZES for language in LANGUAGES if language == "de" or size == (390, 844)]
BUTTON = re.compile(
    r"/room/|/clock/|/shell/(view|copy|copied|print|close)$|/strategy/\w+/act$|/first/(play|back|skip|another|door_)"
    r"|/convene/(go|skip|undo|again|same|another)$|/convene/lever/\w+/name$|/learn/(again|another|show)$|/chart/table$"
)
MARKS = {
    "de": r"[“](?=\w)|[”\"]",
    "en": r"[„«»\"]",
    "es": r"[„“”\"]|« | »|\?\w|(?<![\w)»…])\?(?!\W)|\d %",
    "fr": r"[„“”\"']|[^\u202f][!?;:»]|«(?!\u202f)|\d[ \u00a0]%",
    "nl": r"[„«»\"]",
}
"""What a language does not write: quotation marks of another, and in French a mark without its narrow space."""
UNNAMED = """() => [...document.querySelectorAll("button, a[href], select, input, canvas[role=img], svg[role=img]")]
  .filter((e) => e.checkVisibility() && !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length))
  .map((e) => e.outerHTML.slice(0, 80))"""
BEYOND = "document.documentElement.scrollHeight - innerHeight"
SIDEWAYS = """() => document.documentElement.scrollWidth - innerWidth
  + document.getElementById("main").scrollWidth - document.getElementById("main").clientWidth"""
ESCAPED = """() => [...document.querySelectorAll("#main *")]
  .filter((e) => getComputedStyle(e).position === "absolute" && e.checkVisibility())
  .filter((e) => {
    let scroller = e.parentElement;
    while (scroller.id !== "main" && !/auto|scroll/.test(getComputedStyle(scroller).overflow)) scroller = scroller.parentElement;
    return scroller.id !== "main" && !scroller.contains(e.offsetParent);
  })
  .map((e) => e.outerHTML.slice(0, 80))"""
"""What does not scroll with its room, so that the page gets blank space below or beside it."""
CONTROLS = """() => [...document.querySelectorAll("button, nav, input")]
  .filter((e) => e.checkVisibility() && !e.closest(".guesses, .seed"))
  .map((e) => e.outerHTML.slice(0, 80))"""
COVERED = """() => {
  const boxes = [...document.querySelectorAll("#bar .brand, #bar .view > button, #rooms a")].map((e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return [e.textContent, range.getBoundingClientRect()];
  });
  return boxes.flatMap(([name, a], i) => boxes.slice(i + 1).filter(([, b]) =>
    a.left < b.right - 1 && a.right > b.left + 1 && a.top < b.bottom - 1 && a.bottom > b.top + 1
  ).map(([other]) => `${name} / ${other}`));
}"""
"""Words of the bar and of the rooms that lie over each other."""
FORMS = "() => [...document.querySelectorAll('canvas')].map((e) => getComputedStyle(e).objectFit)"
SMALL = """() => [...document.querySelectorAll("button, a[href], select, summary")]
  .filter((e) => e.checkVisibility() && !e.closest(".unseen") && e.getBoundingClientRect().height < 43.5)
  .map((e) => e.textContent.trim().slice(0, 30))"""


def entries(words, path=""):
    if isinstance(words, str):
        yield path, words
    else:
        for name, inside in words.items():
            yield from entries(inside, f"{path}/{name}")


def places_out(text):
    return re.sub(r"\{[^}]*\}|\*\*", "", text)


def words_of(language):
    return dict(entries(json.loads((SITE / f"words/{language}.json").read_text())))


def places_of(text):
    return sorted(re.findall(r"\{[^}]*\}", text))


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_has_the_same_sentences_with_the_same_places(language):
    english, words = words_of("en"), words_of(language)

    assert set(words) == set(english)
    assert [key for key in english if places_of(words[key]) != places_of(english[key])] == []
    assert [key for key in english if words[key].count("**") != english[key].count("**")] == []
    assert [key for key in words if words[key] != words[key].strip() or not words[key]] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_sentence_is_left_in_english_and_no_button_grows_much(language):
    english, words = words_of("en"), words_of(language)
    alike = [
        key for key in english if words[key] == english[key] and len(re.findall(r"\w{2,}", places_out(words[key]))) > 1
    ]
    long = [key for key in english if BUTTON.match(key) and len(words[key]) > 1.6 * len(english[key]) + 8]

    assert alike == []
    assert long == []


@pytest.mark.parametrize(("language", "wrong"), MARKS.items())
def test_a_language_has_its_own_quotation_marks_and_spaces(language, wrong):
    words = words_of(language)

    assert [key for key in words if re.search(wrong, places_out(words[key]))] == []


def test_the_page_knows_the_languages_that_have_words():
    named = re.search(r"LANGUAGES = \{(.*?)\}", (SITE / "ui/words.js").read_text())[1]

    assert re.findall(r"(\w\w): \"", named) == LANGUAGES
    assert re.findall(r'hreflang="(\w\w)" href="words/\1.json"', (SITE / "index.html").read_text()) == LANGUAGES


def test_the_page_asks_no_other_host_and_has_no_script_or_style_inside():
    page = (SITE / "index.html").read_text()

    assert "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" in page
    assert re.findall(r"<style|<script(?! (type=\"module\" )?src=)|\sstyle=|\son\w+=|https?://", page) == []


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_units_of_the_page():
    files = sorted(str(f) for f in UNITS.glob("*.test.mjs"))
    done = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout[-3000:]


@pytest.fixture
def opened(browser, address):
    pages, problems = [], []

    def open_page(hash_, size=(1366, 768), **how):
        page = browser.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **how)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        page.on(
            "request", lambda asked: None if asked.url.startswith((address, "data:")) else problems.append(asked.url)
        )
        page.goto(address + hash_)
        page.wait_for_selector(SETTLED, timeout=120_000)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "language"), FITTED, ids=lambda value: "x".join(map(str, value)) if isinstance(value, tuple) else value
)
def test_every_room_fits_its_controls_are_named_and_large_enough(opened, size, language):
    for hash_ in PAGES:
        page = opened(f"{hash_}{'&' if '?' in hash_ else '?'}lang={language}", size)

        assert page.evaluate(SIDEWAYS) == 0, hash_
        assert page.evaluate(BEYOND) == 0, hash_  # the rooms scroll, and the bars stay
        assert page.evaluate(ESCAPED) == [], hash_
        assert page.evaluate(UNNAMED) == [], hash_
        assert page.evaluate(SMALL) == [], hash_


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["normal", "large"])
def test_no_name_in_the_bar_lies_over_another_on_tablets_and_projectors(opened, scale):
    for language in LANGUAGES:
        page = opened(f"#learn?lang={language}")
        page.evaluate(f"appearance.set('scale', '{scale}')")
        for width, height in (*SIZES[:3], *BARS):
            page.set_viewport_size({"width": width, "height": height})

            assert page.evaluate(COVERED) == [], (width, height, language)


@pytest.mark.slow
def test_first_minute_shows_no_result_before_the_prediction(opened):
    page = opened("")
    page.get_by_role("button", name="Introduce members").press("Enter")
    page.wait_for_selector("main[data-step=predict]")

    assert page.locator(".first .told").inner_text().startswith("51 organisations, most of them rivals")
    assert page.locator(".first svg .pale").count() == 0
    assert page.get_by_role("button", name="Play five years").is_disabled()

    page.get_by_role("slider").press("Home")
    for _ in range(20):
        page.get_by_role("slider").press("ArrowRight")
    page.get_by_role("button", name="Play five years").press("Enter")
    page.get_by_role("button", name="Skip to the end").press("Enter")
    page.wait_for_selector("main[data-step=why]")
    page.get_by_text("in nine of ten, 3 to 39").wait_for()

    assert page.locator("h1").inner_text().startswith("You said 20.")
    assert page.locator(".first svg .pale").count() == 1


@pytest.mark.slow
def test_the_page_opens_in_the_language_of_the_browser_unless_the_address_names_one(opened):
    french = opened("#learn", locale="fr-CA")

    assert french.locator("html").get_attribute("lang") == "fr"
    assert french.get_by_role("link", name="Étudier").get_attribute("href") == "#learn?v=2"

    german = opened("#learn?lang=de", locale="fr-CA")

    assert german.locator("html").get_attribute("lang") == "de"
    assert german.get_by_role("link", name="Lernen").get_attribute("href") == "#learn?v=2&lang=de"
    english = opened("#learn", locale="pl-PL")

    assert english.locator("html").get_attribute("lang") == "en"

    english.get_by_role("button", name="View and share").click()
    english.get_by_label("Language").last.select_option(label="Nederlands")
    english.get_by_role("heading", name="Leren: voorspellen").wait_for()

    assert english.url.endswith("#learn?v=2&lang=nl")


@pytest.mark.slow
def test_back_undoes_a_slider_and_a_link_opens_the_same_state(opened):
    page = opened("#explore")
    page.get_by_role("slider", name="Length of the grant").press("ArrowRight")
    page.wait_for_url(re.compile("grant.months=30"))
    page.wait_for_selector(SETTLED)

    assert page.locator(".ghost").count() == 1

    page.go_back()
    page.wait_for_url(re.compile("explore(?!.*grant)"))
    page.wait_for_selector(SETTLED)

    assert page.get_by_role("slider", name="Length of the grant").input_value() == "24"

    other = opened("#explore?v=2&grant.months=30")

    assert other.locator("output").first.inner_text() == "30 months"


@pytest.mark.slow
def test_what_an_address_asks_in_vain_is_told_and_the_rest_is_shown(opened):
    page = opened("#watch?v=2&story=atlantis&b=connecting")

    assert "story=atlantis" in page.get_by_role("alert").inner_text()
    assert page.locator("canvas").count() == 2


@pytest.mark.slow
def test_watch_goes_by_keyboard_from_exit_to_exit_and_follows_a_member(opened):
    page = opened("#watch")
    page.get_by_role("button", name="Next exit").press("Enter")
    page.wait_for_url(re.compile("month="))

    assert (
        "leave" in page.locator(".card .told").all_inner_texts()[0] + page.locator(".card .told").all_inner_texts()[1]
    )

    page.locator("canvas").first.press("ArrowRight")

    assert page.locator(".member:visible").count() == 2

    page.locator("canvas").first.press("Escape")

    assert page.locator(".member:visible").count() == 0


@pytest.mark.slow
def test_a_game_is_in_the_address_and_can_be_taken_back(opened):
    page = opened("#convene")
    page.get_by_role("button", name="One point more for Help").press("Enter")
    page.get_by_role("button", name="Let six months pass").press("Enter")
    page.wait_for_url(re.compile("d=00001"))
    page.wait_for_selector("main[data-step=decide]", timeout=20_000)
    page.wait_for_selector(SETTLED)

    assert page.locator("h1").inner_text().startswith("Half-year 2")

    page.get_by_role("button", name="Take it back").press("Enter")
    page.wait_for_url(re.compile("convene(?!.*d=)"))
    page.wait_for_selector(SETTLED)

    assert page.locator("h1").inner_text().startswith("Half-year 1")


@pytest.mark.slow
def test_an_activity_shows_what_many_runs_say_only_after_the_prediction(opened):
    page = opened("#learn?activity=hopes")

    assert page.locator("canvas").count() == 0

    page.get_by_role("button", name="Fewer members stay in B").press("Enter")
    page.wait_for_selector("canvas")

    assert page.locator(".question").bounding_box()["y"] < 100  # one reads on where one was
    assert page.evaluate("document.activeElement.className") == "predicted"

    page.get_by_role("button", name="Show what 1,000 runs say").press("Enter")
    page.wait_for_selector(".verdict", timeout=60_000)

    assert page.locator(".verdict").count() == 3
    assert "95 % interval" in page.locator(".verdict").first.inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES[:2])
def test_a_handout_is_short_and_has_no_controls_and_no_stretched_picture(opened, size):
    rooms = {"#first?guess=20": 1, "#watch?month=31": 1, "#compare": 2, "#learn": 1, "#learn?activity=hopes": 1}
    for hash_, most in rooms.items():
        page = opened(hash_, size)

        assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4"))) <= most, hash_

        page.emulate_media(media="print")

        assert page.evaluate(CONTROLS) == [], hash_
        assert set(page.evaluate(FORMS)) <= {"contain"}, hash_


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_room(opened, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    for hash_ in (*PAGES, "#first?guess=p", "#first?guess=20", "#teach", "#watch?story=atlantis"):
        page = opened(hash_, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
        for size in ((1366, 768), (683, 384)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.wait_for_timeout(100)
            found = axe.run(page).response["violations"]

            assert [
                (rule["id"], rule["nodes"][0]["html"][:150]) for rule in found if rule["impact"] in SERIOUS
            ] == [], hash_
        page.close()


@pytest.mark.slow
def test_no_page_links_to_that_of_the_teacher_and_its_address_opens_it(opened):
    page = opened("#learn")

    assert page.locator("a[href*=teach]").count() == 0

    page = opened("#teach")

    assert page.locator("h1").inner_text() == "For the teacher"
