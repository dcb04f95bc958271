"""What is saved from the page in a browser: the numbers shown, with what reproduces them."""

import json
import xml.etree.ElementTree as ET

import pandas as pd
import pytest

import sim
from sim.model.sectors import SECTORS
from sim.storage.digests import model_version
from tests.lab.test_page import SETTLED, STATE
from tests.lab.test_page import address as address
from tests.lab.test_page import browser as browser
from tests.lab.test_page import page as page

pytestmark = pytest.mark.slow

OUTCOMES = {"members": "n_founders", "collective": "value_created", "society": "society_value", "private": None}
QUANTILES = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
SVG = "{http://www.w3.org/2000/svg}"


def save(page, place, kind, folder):
    """Press a button and give the saved file."""
    closed = page.locator(f"{place} details:not([open]) > summary")
    if closed.count():
        closed.click()
    with page.expect_download() as download:
        page.locator(f"{place} .save button", has_text=kind.upper()).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def rows_of(path):
    import pandas as pd

    return pd.read_csv(path, comment="#", keep_default_na=False)


def head_of(path):
    lines = [line.removeprefix("# ").partition(": ") for line in path.read_text().splitlines() if line.startswith("# ")]
    return {key: text for key, _, text in lines}


@pytest.fixture
def shown(page):
    """Give what the server answered to the page."""
    return page.evaluate("fetch(`/outcomes${location.search}&replications=1000`).then((answer) => answer.json())")


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_numbers_saved_are_those_shown(outcome, page, shown, tmp_path):
    rows = rows_of(save(page, f"#compare-{outcome}", "csv", tmp_path))
    explored = rows_of(save(page, f"#explore-{outcome}", "csv", tmp_path))

    for policy in shown["policies"]:
        for sector in SECTORS if outcome == "private" else [""]:
            mine = rows[(rows["policy"] == policy["name"]) & (rows["sector"] == sector)]
            curves = policy["curves"][f"private_{sector}" if sector else outcome]
            assert mine["month"].tolist() == list(range(1, 61))
            assert [mine[q].tolist() for q in QUANTILES] == curves
    beside = rows[rows["policy"] == "connecting"].reset_index(drop=True)
    pd.testing.assert_frame_equal(explored, beside, check_dtype=False, check_exact=True)


def test_the_configuration_in_a_file_gives_its_numbers_again(page, tmp_path):
    path = save(page, "#compare-members", "csv", tmp_path)
    head, rows = head_of(path), rows_of(path)
    parameters = [f"{key}={value}" for key, value in json.loads(head["parameters"]).items()]
    scenario = sim.load_scenario(head["scenario"], *parameters)
    first, last = map(int, head["seeds"].split(" to "))
    text = json.loads(head["difference"])
    ends = {}
    for policy in json.loads(head["policies"]):
        run = sim.simulate(scenario, range(first, last + 1), policy, int(head["months"]), record=("series",))
        monthly = run.series.groupby("month")["n_founders"]
        ends[policy] = run.summary["retention"]
        for column, share in QUANTILES.items():
            result = rows.loc[rows["policy"] == policy, column].tolist()
            assert result == pytest.approx(monthly.quantile(share).tolist(), abs=1e-4)

    assert text["difference"] == pytest.approx((ends[text["policy"]] - ends[text["baseline"]]).mean())
    assert head["model"] == model_version()
    assert head["command"] == page.text_content("#command")
    assert head["link"] == page.input_value("#link")


@pytest.mark.parametrize("place", ["#pictures", "#explore-private", "#compare-society"])
def test_a_picture_stands_alone_and_says_how_it_was_made(place, page, browser, tmp_path):
    from PIL import Image

    page.locator("#month").evaluate("e => { e.value = 20; e.dispatchEvent(new Event('input')); }")
    path = save(page, place, "svg", tmp_path)
    drawing = ET.parse(path).getroot()
    about = json.loads(drawing.findtext(f"{SVG}metadata"))
    picture = Image.open(save(page, place, "png", tmp_path))
    texts = [text.text for text in drawing.iter(f"{SVG}text")]

    assert json.loads(picture.text["Description"]) == about
    assert picture.text["Title"] == drawing.findtext(f"{SVG}title") in texts[0]
    assert picture.size == tuple(int(2 * float(drawing.get(side))) for side in ("width", "height"))
    assert len(picture.convert("RGB").getcolors(10**6)) > 50
    assert not [each for each in drawing.iter() if each.get("class") or each.get("style") or each.get("id")]
    assert {"doing nothing", "connecting"} & set(texts)
    assert about["parameters"] == {"size.partners": 10}
    assert about["command"] in " ".join(texts)
    if place == "#pictures":
        assert about["month"] == 20
        assert about["seeds"] == "3"
        assert about["command"].endswith("seed=3")
    alone = browser.new_page()
    alone.goto(path.as_uri())
    fonts = alone.evaluate("[...document.querySelectorAll('text')].map((e) => getComputedStyle(e).fontFamily)")
    assert all("sans-serif" in font for font in fonts)
    alone.close()


def test_a_saved_picture_leaves_out_the_earlier_values(page, tmp_path):
    page.focus("#start\\.trust")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("main[data-key*='start.trust=0.65']" + SETTLED.removeprefix("main"))
    drawing = save(page, "#explore-members", "svg", tmp_path).read_text()

    assert page.locator("#explore-members path.ghost").count() == 1
    assert "#7b8694" not in drawing
    assert "Before:" not in drawing


def test_nothing_is_saved_while_it_is_calculated(page):
    page.locator("#explore-members summary").click()
    page.evaluate("document.getElementById('lab').dataset.state = 'working'")
    page.locator("#explore-members .save button").first.click()

    assert page.text_content("#status") == "Still calculating; save in a moment."


def test_the_link_is_copied_where_that_is_allowed_and_selected_where_it_is_not(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(address + STATE)
    page.wait_for_selector(SETTLED)
    page.click("#copy")
    page.locator("#copied", has_text="Copied.").wait_for()

    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#link")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.execCommand = () => false")
    page.click("#copy")
    page.locator("#copied", has_text="Selected: copy it yourself.").wait_for()
    assert page.evaluate("getSelection().toString()") == page.input_value("#link")
    context.close()


def test_a_link_of_another_model_says_so(page, browser, address):
    assert f"m={model_version().partition('+')[2]}" in page.input_value("#link")
    assert page.locator(".note").count() == 0
    other = browser.new_page()
    other.goto(address + STATE + "&m=00000000&lang=nl")
    other.wait_for_selector(SETTLED)

    assert "een andere versie van het model (00000000;" in other.text_content(".note")
    assert "m=00000000" not in other.url
    other.close()
