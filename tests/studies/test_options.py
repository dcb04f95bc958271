"""The options of a comparison by criteria: dominated, scores by hand, what would change the choice, and the sliders."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest

import sim
from sim.studies.report.options import CRITERIA, Options, options_of
from sim.studies.report.page import Page, render


def options(values, low=None, names=("a", "b", "c")):
    """Make options by two criteria: founders retained (more is better) and effort (less is better)."""
    values = np.asarray(values, dtype=float)
    criteria = tuple(c for c in CRITERIA if c.key in ("retention", "effort_spent"))
    ends = values.min(axis=0), values.max(axis=0)
    by_sector = pd.DataFrame({"private_public": [1.0] * len(names)}, index=list(names))
    return Options(tuple(names), criteria, values, *ends, over=len(values), by_sector=by_sector)


def test_scores_go_from_the_worst_to_the_best_mean_of_each_criterion():
    result = options([[[40, 0], [60, 100], [50, 200]], [[40, 0], [80, 100], [50, 200]]])

    assert result.scaled[:, :, 0].mean(axis=0).tolist() == [0.0, 1.0, pytest.approx(1 / 3)]
    assert result.scores().tolist() == pytest.approx([50.0, 75.0, 100 / 6])
    assert result.scores(np.array([1.0, 3.0])).tolist() == pytest.approx([75.0, 62.5, 100 / 12])
    assert result.front.tolist() == [True, True, False]
    assert [row[1] for row in result.table()] == ["", "", "dominated"]
    assert result.often().sum() == 2


def test_the_recommendation_says_what_would_change_it():
    lines = " ".join(options([[[40, 0], [70, 100], [50, 200]]] * 2).recommendation())

    assert "With even weights b scores highest: 75 of 100; next is a with 50." in lines
    assert "a leads if effort has 2.0 times the weight of the others or more" in lines
    assert "a leads if founders retained has 0.5 times the weight of the others or less" in lines
    assert "highest in 2 of 2 plausible parameter sets" in lines


def test_a_criterion_that_does_not_differ_moves_no_score():
    result = options([[[40, 7], [60, 7], [50, 7]]])

    assert result.scores().tolist() == [0.0, 50.0, 25.0]
    assert result.scores(np.array([1.0, 9.0])).argmax() == 1


@pytest.mark.parametrize("region", [0, 2])
def test_a_comparison_has_options_with_ranges(region):
    compared = sim.compare(
        sim.Scenario().replace(**{"size.partners": 6}), ["neutral", "bundling"], 3, 12, region, progress=False
    )
    result = options_of(compared)
    runs = compared.region_runs if region else compared.summary

    assert result.over == region
    assert result.means[:, 0] == pytest.approx(100 * runs.groupby("policy", sort=False)["retention"].mean().to_numpy())
    assert (result.low <= result.means + 1e-9).all()
    assert (result.means <= result.high + 1e-9).all()


def test_one_policy_has_no_options():
    assert options_of(sim.compare("neutral", ["neutral"], 2, 3, progress=False)) is None


def test_a_label_is_text_and_the_data_are_numbers():
    names = ("<script>x</script>", "b", "c")
    html = render(Page("T", "Q", [], [], {}, options([[[40, 0], [60, 100], [50, 200]]], names=names)))

    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html
    (data,) = re.findall(r'id="scaled">(.*?)</script>', html)
    assert re.fullmatch(r"[\[\]0-9.,-]+", data)


@pytest.mark.slow
def test_the_sliders_move_the_scores_and_the_page_fits_a_phone(tmp_path):
    playwright, chromium = pytest.importorskip("playwright.sync_api"), shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium")
    page_file = tmp_path / "page.html"
    long = "a plan with a label that goes on for very much longer than a line of a phone has room for"
    made = options([[[40, 0], [70, 100], [50, 200]]] * 2, names=("a", "b", long))
    page_file.write_text(render(Page("T", "Q", [], [], {}, made)), encoding="utf-8")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        problems = []
        page.on("console", lambda message: problems.append(message.text))
        page.goto(page_file.as_uri())
        assert page.inner_text("#leader") == "By these weights: b, 75 of 100; highest in 2 of 2 parameter sets."
        page.locator("#weights input").nth(1).fill("10")
        page.locator("#weights input").nth(0).fill("2")
        assert page.inner_text("#leader").startswith("By these weights: a, 83 of 100")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.click("#weights button")
        playwright.expect(page.locator("#leader")).to_contain_text("b, 75")
        assert problems == []
        browser.close()
