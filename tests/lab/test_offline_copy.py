"""The offline copy: what is inside, what is refused, and that a browser opens it from disk and asks nobody."""

import base64
import gzip
import json
import re
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from sim.cli.main import main
from sim.lab import offline_copy
from sim.lab.link_state import LinkState, read_link
from sim.lab.offline_copy import (
    EXPORT,
    GRID,
    IMPORT,
    MARK,
    STATIC,
    build_offline_copy,
    bundle,
    grid_points,
    pack,
    story_levels,
)
from sim.lab.outcomes import compare_policies, simulate_policy
from sim.lab.stories import STORIES
from tests.lab.test_accessibility import axe, complaints  # noqa: F401
from tests.lab.test_page import browser  # noqa: F401


class Here:
    """An executor that does at once what it is given."""

    def submit(self, work, *arguments):
        done = Future()
        done.set_result(work(*arguments))
        return done


@pytest.fixture(scope="module")
def page():
    """One story at two lengths of the grant, in five runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(offline_copy, "STORIES", STORIES[3:4])
        patch.setattr(offline_copy, "GRID", {"grant.months": (12.0, 48.0, 36.0), "sectors.distance": (0.4, 0.4, 1.0)})
        patch.setattr(offline_copy, "WATCHED_SEEDS", (2,))
        patch.setattr(offline_copy, "MAX_RUNS", 5)
        heard = []
        text = build_offline_copy("en", Here(), lambda n, of: heard.append((n, of)))
        assert heard == [(1, 3), (2, 3), (3, 3)]
        return text


def inside(page, name):
    return re.search(rf'id="{name}">(.*?)</script>', page, re.DOTALL)[1]


def unpacked(page):
    return json.loads(gzip.decompress(base64.b64decode(inside(page, "data"))))


def test_the_numbers_are_those_of_the_lab(page):
    result = unpacked(page)["public_health"]["points"]
    assert len(result) == 2
    for point, grant in zip(result, (12.0, 48.0), strict=True):
        state, _ = read_link([("scenario", "public_health"), ("grant.months", str(grant))])
        place = LinkState("public_health", changes=state.changes)
        here = [simulate_policy(place, policy, 5) for policy in state.policies]
        rows = compare_policies(*(h["summary"] for h in here))

        assert point["grant"] == grant
        assert [d["difference"] for d in point["differences"]] == [r["difference"] for r in rows]
        for packed, policy in zip(point["policies"], here, strict=True):
            for name, bands in policy["curves"].items():
                step = 1 / packed["curves"][name]["steps"]
                assert np.abs(unpack(packed["curves"][name]) - np.array(bands)).max() <= step / 2 + 1e-9
                assert step <= max(np.max(bands) / 500, 1 / 20_000)


def unpack(packed):
    return (np.cumsum(np.cumsum(packed["rows"], axis=1), axis=1) + 0.5) / packed["steps"]


def format_number(value):
    """Write a number as the page does (messages.js)."""
    digits = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2
    return f"{np.floor(value * 10**digits + 0.5 + 1e-9) / 10**digits:.{digits}f}"


@pytest.mark.parametrize(("low", "high"), [(0, 0.3), (0, 3), (1, 60), (20, 51)])
def test_packed_numbers_are_told_as_they_were(low, high):
    values = np.round(np.random.default_rng(0).uniform(low, high, (5, 600)), 4)
    values[0, 11::12] = low

    assert [format_number(v) for v in unpack(pack(values))[:, 11::12].ravel()] == [
        format_number(v) for v in values[:, 11::12].ravel()
    ]


def test_every_storys_own_values_are_on_the_grid():
    for story in STORIES:
        own = LinkState(story.scenario, story.policies)
        result = list(grid_points(own))

        assert len(set(result)) == len(result) == 6 * 5
        assert own in result
        assert all({path for path, _ in state.changes} <= set(GRID) for state in result)


def test_the_levels_of_a_story_are_those_of_the_grid_moved_by_less_than_a_step(monkeypatch):
    assert story_levels("municipal_climate") == {
        "grant.months": [0, 12, 24, 36, 48, 60],
        "sectors.distance": [0.2, 0.4, 0.6, 0.8, 1.0],
    }
    assert story_levels("denim_alliance") == story_levels("municipal_climate")
    monkeypatch.setattr(offline_copy, "GRID", {"sectors.distance": (0.25, 1.05, 0.2)})
    assert story_levels("denim_alliance") == {"sectors.distance": [0.4, 0.6, 0.8, 1.0, 1.2]}


def test_every_story_describes_its_own_sliders(page):
    (described,) = re.findall(r"data-sliders='(.*?)'", page)
    grant, distance = json.loads(described)

    assert [grant[key] for key in ("path", "low", "high", "own")] == ["grant.months", "12", "48", "48"]
    assert [distance[key] for key in ("path", "low", "high", "own")] == ["sectors.distance", "0.4", "0.4", "0.4"]
    assert grant["about"] == "Length of the grant, 12 to 48 months"


def test_the_watched_runs_come_with_their_first_difference(page):
    (watched,) = unpacked(page)["public_health"]["runs"]

    assert watched["seed"] == 2
    assert [run["policy"] for run in watched["runs"]] == ["neutral", "bundling"]
    assert watched["divergence"]["places"]


def test_configuration_and_versions_are_inside(page):
    made = page.partition("<pre")[2]

    for text in ("partnership-dynamics", "numpy", "public_health", "replications", "grant.months", "leak"):
        assert text in made


def test_nothing_is_asked_of_anybody(page):
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!#|data:)', page)
    assert not re.search(r"\b(fetch|import)\s*\(|https?://(?!www\.w3\.org)", page.replace(inside(page, "data"), ""))


def test_joined_modules_keep_their_names_apart():
    text = bundle("offline_copy")

    assert "import " not in re.sub(r"//.*", "", text)
    assert "export " not in re.sub(r"//.*", "", text)
    for name in ("draw", "chart", "network", "outcomes", "watch", "divergence", "messages", "offline_copy"):
        assert text.count(f"const {name}_js = (() => {{") == 1
        file = (STATIC / f"{name}.js").read_text()
        assert len(IMPORT.findall(file)) == len(re.findall(r"^import", file, re.MULTILINE))
        assert len(EXPORT.findall(file)) == len(re.findall(r"^export", file, re.MULTILINE))
    assert text.index("const draw_js") < text.index("const chart_js") < text.index("const outcomes_js")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export=lesson.pdf"], "export=lesson.pdf: give a name that ends in .html"),
        (["export=none/lesson.html"], "export=none/lesson.html: the folder none does not exist; make it first"),
        (["export=theirs.html"], "export=theirs.html: there is something else with this name; give another name"),
        (["export=folder.html"], "there is something else with this name"),
        (["export=~nobody_of_that_name/lesson.html"], "there is no such home"),
        (["export="], "give export= (a file) and, if you like, lang=; no other option"),
        (["lang=nl"], "give export= (a file) and, if you like, lang=; no other option"),
        (["export=lesson.html", "port=8080"], "'port': give export= (a file) and, if you like, lang=; no other option"),
        (["export=lesson.html", "lang=fr"], "lang=fr: give en or nl"),
    ],
)
def test_a_wrong_argument_is_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "theirs.html").write_text("<p>mine</p>")
    (tmp_path / "folder.html").mkdir()

    assert main(["lab", *arguments]) == 2
    text = capsys.readouterr().err
    assert message in text
    assert text.count("\n") == 1
    assert (tmp_path / "theirs.html").read_text() == "<p>mine</p>"


def test_a_page_of_ours_may_be_written_again(tmp_path, page):
    ours = tmp_path / "lesson.html"
    ours.write_text(page, encoding="utf-8")

    offline_copy.check_file(ours)
    assert MARK in page[:300]


@pytest.mark.slow
def test_a_browser_opens_it_from_disk_and_asks_nobody(axe, browser, page, tmp_path):  # noqa: F811
    file = tmp_path / "lesson.html"
    file.write_text(page, encoding="utf-8")
    opened = browser.new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    output, state = [], []
    opened.on("console", lambda message: output.append(message.text))
    opened.on("pageerror", lambda error: output.append(str(error)))
    opened.on("request", lambda request: state.append(request.url))
    opened.goto(file.as_uri())
    opened.wait_for_selector("main[data-state=settled]")
    before = opened.text_content("#end")
    assert opened.get_attribute("#sectors\\.distance", "aria-valuetext") == "0.4"
    opened.focus("#grant\\.months")
    opened.keyboard.press("ArrowLeft")

    assert opened.get_attribute("#grant\\.months", "aria-valuetext") == "12 months"
    assert "grant.months=12" in opened.text_content("#command")
    assert "5 runs" in before
    assert opened.locator("#explore path.ghost").count() > 0
    assert opened.locator("svg[role=img]").count() == 2 + 4 + 8 + 4
    with opened.expect_download() as saved:
        opened.locator("#explore-members details").evaluate("(details) => (details.open = true)")
        opened.locator("#explore-members .save button").first.click()
    text = Path(saved.value.path()).read_text()
    assert "grant.months" in text
    assert "file:" not in text
    opened.click("#next")
    assert opened.input_value("#month") != "0"
    opened.click("#reset")
    assert opened.get_attribute("#grant\\.months", "aria-valuetext") == "48 months"
    assert opened.text_content("#end") == before
    assert opened.evaluate("document.documentElement.scrollWidth") == 390
    assert state == [file.as_uri()]
    assert output == []
    assert complaints(axe, opened) == []
    opened.close()
