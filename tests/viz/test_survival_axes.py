"""The axes of survival, reasons for leaving and hazards."""

import pytest
from matplotlib.figure import Figure

from sim.analysis.competing_risks import cumulative_incidence, hazards
from sim.analysis.survival import (
    clustered_survival,
)
from sim.viz.axes.survival import plot_hazards, plot_incidence, plot_survival
from sim.viz.style import sector_looks
from tests.analysis.subjects import members, simulate_hasty, simulated_lifetimes


@pytest.fixture(scope="module")
def life():
    return simulated_lifetimes(simulate_hasty())


def test_the_figure_of_survival_shows_the_curves_and_who_is_at_risk(life):
    curves = clustered_survival(life)
    ax = plot_survival(curves, Figure().subplots())
    numbers = [t.get_text() for t in ax.texts]

    assert [line.get_label() for line in ax.lines] == ["neutral", "strategic pause"]
    for line, (_, rows) in zip(ax.lines, curves.groupby("policy"), strict=True):
        assert line.get_ydata().tolist() == rows["survival"].tolist()
        assert {str(n) for n in rows.loc[rows["month"].isin([0, 12, 24, 36]), "at_risk"]} <= set(numbers)
    assert ax.get_ylabel() == "founders remaining (share)"


def test_the_figure_of_reasons_stacks_up_to_all_who_left(life):
    table = cumulative_incidence(life["month"], life["reason"])
    ax = plot_incidence(table, Figure().subplots())

    assert [c.get_label() for c in ax.collections] == ["other", "satisfied", "frustrated"]
    top = ax.collections[-1].get_paths()[0].vertices[:, 1].max()
    assert top == pytest.approx(1 - table["survival"].iloc[-1])


def test_the_figure_of_hazards_keeps_the_looks_of_sectors_and_spans_without_exits():
    rows = members("1 8+ 8+", "2 8+ 8+").assign(sector="academic")
    ax = plot_hazards(hazards(rows, "sector", width=4), Figure().subplots(), by="sector")

    assert ax.lines[0].get_color() == sector_looks([])["academic"][0]
    assert ax.lines[0].get_ydata().tolist() == pytest.approx([2 / 19, 0])
    assert ax.get_ylim()[0] == 0
