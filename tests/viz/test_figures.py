"""Figures of regimes and traces."""

from sim.analysis.divergence import fates
from sim.analysis.regimes import regimes
from sim.analysis.story import trajectory
from sim.viz.figures.report import regimes_figure
from tests.analysis.cells import runs_of_cells
from tests.analysis.written_runs import simulated


def test_the_map_shows_a_letter_for_each_cell_and_keeps_the_legend_off_the_data():
    inputs = {(0, "few"): {"a": [1.0, 2, 3, 4], "b": [0.0, 1.1, 2, 3]}, (1, "few"): {"a": [1.0, 9.0], "b": [2.0, 3.0]}}
    inputs |= {(0, "many"): {"a": [1.0], "b": [1.0]}, (1, "many"): {"a": [0.0, 1, 2, 3], "b": [1.0, 2.1, 3, 4]}}
    table = regimes(runs_of_cells(inputs), "x", "y", "value", "more")
    figure = regimes_figure(table, "x", "y", "Best policy", "note", ["a", "b"])
    (ax,), (legend,) = figure.axes, figure.legends
    figure.canvas.draw()
    words = [text.get_text() for text in ax.texts]
    names = [text.get_text() for text in legend.get_texts()]

    assert words == ["A", "·", "(A)", "B"]
    assert names == ["A  a", "B  b", "( )  ahead, undecided", "·  tie, or nothing to compare"]
    assert legend.get_window_extent().y1 <= ax.get_window_extent().y0
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["few", "many"]


def test_the_figure_has_room_for_trajectories_without_a_leak():
    from sim.viz.figures.trace import trace_figure

    runs = simulated("neutral"), simulated("adaptive")
    trajectories = [(trajectory(run, 0), "stays") for run in runs]
    figure = trace_figure(fates(*runs), trajectories, ("public member 0", 0), 24, 24.0, "note")

    assert not any(rows["lost"].any() for rows, _ in trajectories)
    assert all(ax.get_position().width > 0.3 for ax in figure.axes)
    assert all(ax.get_xlabel() and not ax.get_legend() for ax in figure.axes)
