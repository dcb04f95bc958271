"""Figures: labels of any length are neither cut nor overlap, and the user's Matplotlib is left alone."""

import itertools
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from sim.viz.figures.comparison import FOREST, forest_figure, retention_figure, tension_and_effort_figure
from sim.viz.figures.report import hazards_figure, regimes_figure, survival_figure
from sim.viz.layout import EDGE, finish, legend_of, new_figure, panels, wrapped
from sim.viz.save import DPI, as_png
from sim.viz.style import EFFORTS, LINES, RC, TENSIONS, drawing

NAMES = ["neutral", "a_policy_of_a_user_with_a_name_that_is_longer_than_any_panel_of_the_figure_is_wide", "x" * 70, "c"]
TWELVE = [
    "neutral",
    *(f"Plan {k}: safeguard early, then bundle and connect from month {3 * k}" for k in range(1, 11)),
    "x" * 70,
]
NOTE = "A note that goes on and on, as the title of a scenario may be as long as somebody wants; " * 3


def boxes(figure):
    """Give the places of title, legends, note and panels (with their labels), in pixels."""
    figure.canvas.draw()
    words = [figure._suptitle.get_window_extent(), figure.texts[-1].get_window_extent()]
    return [*words, *(x.get_window_extent() for x in figure.legends)], [ax.get_tightbbox() for ax in figure.axes]


def assert_nothing_is_cut_or_overlaps(figure):
    outside, inside = boxes(figure)
    width, height = figure.get_size_inches() * figure.dpi
    slack = 1.5

    for box in (*outside, *inside):
        assert box.x0 >= -slack
        assert box.y0 >= -slack
        assert box.x1 <= width + slack
        assert box.y1 <= height + slack
    everything = [*outside, *inside]
    for k, one in enumerate(everything):
        for other in everything[k + 1 :]:
            apart = max(one.x0 - other.x1, other.x0 - one.x1, one.y0 - other.y1, other.y0 - one.y1)
            assert apart > -slack


def differences(names):
    return pd.DataFrame([{"policy": name, "outcome": outcome, "difference": 0.1, "low": -0.1, "high": 0.3, "p": 0.5, "verdict": "undecided"}
                         for name in names for outcome in FOREST])  # fmt: skip


def bands(names):
    rows = [
        {"policy": name, "month": m, "mean": 50 - m / 3, "low": 45 - m / 3, "high": 55 - m / 3}
        for name in names
        for m in range(1, 61)
    ]
    return pd.DataFrame(rows)


def cells(names):
    table = pd.DataFrame([{"x": x, "y": y, "best": names[(k + r) % len(names)], "verdict": "decided" if k else "undecided: within noise"}
                          for k, x in enumerate(("a_very_long_name_of_a_scenario", "unbreakablewordofsomelength", "c", "d")) for r, y in enumerate((0.1, 0.2))])  # fmt: skip
    table.attrs["bins"] = ["y"]
    return table


def monthly(names):
    """Lay out tensions and efforts by month."""
    columns = dict.fromkeys([*TENSIONS, *EFFORTS, "budget", "created_public"], 0.5)
    return bands(names)[["policy", "month"]].assign(**columns)


def survival(names):
    table = bands(names)
    shares = {to: table[column] / 60 for to, column in (("survival", "mean"), ("low", "low"), ("high", "high"))}
    return table[["policy", "month"]].assign(**shares, at_risk=51)


def rates(names):
    spans = [{"first": m, "last": m + 11, "hazard": 0.01, "low": 0.005, "high": 0.03} for m in (1, 13, 25)]
    by = {
        kind: pd.DataFrame([{kind: name} | span for name in groups for span in spans])
        for kind, groups in (("policy", names), ("sector", ["public", "private"]))
    }
    return by["policy"], by["sector"], names[-1], NOTE


NAMED = {"long names": NAMES, "short names": ["neutral", "c"], "twelve long names": TWELVE}
DRAWN = {
    "forest": lambda names: forest_figure(differences(names), "neutral", NOTE),
    "retention": lambda names: retention_figure(bands(names), names, names[-1], 51, 24, NOTE),
    "regimes": lambda names: regimes_figure(cells(names), "x", "y", NOTE, NOTE, names),
    "tension_and_effort": lambda names: tension_and_effort_figure(monthly(names), names, 24, NOTE),
    "survival": lambda names: survival_figure(survival(names), NOTE),
    "hazards": lambda names: hazards_figure(*rates(names)),
}
QUICK = {("short names", "hazards"), ("long names", "regimes"), *(("twelve long names", draw) for draw in DRAWN)}


@pytest.mark.parametrize(("named", "figure_of"), [
    pytest.param(*case, marks=() if case in QUICK else pytest.mark.slow) for case in itertools.product(NAMED, DRAWN)
])  # fmt: skip
def test_labels_of_any_length_are_neither_cut_nor_overlap(named, figure_of):
    figure = DRAWN[figure_of](NAMED[named])

    assert_nothing_is_cut_or_overlaps(figure)
    for ax in figure.axes:
        assert ax.get_window_extent().width > 0.6 * figure.dpi
        ticks = [tick.get_window_extent() for tick in ax.get_yticklabels() if tick.get_text()]
        assert all(above.y0 > below.y1 or below.y0 > above.y1 for above, below in itertools.pairwise(ticks))


def test_fourteen_lines_differ_in_colour_marker_and_style():
    assert [len(LINES)] * 2 == [len(set(looks)) for looks in list(zip(*LINES, strict=True))[:2]]
    assert len(set(LINES)) == len(LINES) >= 12


def test_many_lines_leave_their_intervals_to_the_table_and_say_so():
    few, many = (survival_figure(survival(names), "A note") for names in (TWELVE[:3], TWELVE))

    assert len(few.axes[0].collections) == 6
    assert len(many.axes[0].collections) == 0
    assert many.texts[-1].get_text() == "A note; intervals of more than 6 policies are in the table"


def test_a_figure_grows_with_what_stands_around_its_panels():
    def height(note, n):
        with drawing():
            figure, (ax,) = panels(1, "A title")
            for k in range(n):
                ax.plot([0, 1], [0, k], label=f"a line with a name of some length {k}")
            return finish(figure, note, [legend_of(ax)]).get_figheight()

    assert height(NOTE, 1) > height("A note", 1)
    assert height("A note", 9) > height("A note", 1)


def test_text_is_wrapped_between_words_and_within_words_that_are_too_long():
    with drawing():
        figure, _ = panels(1, "A title")
        font = figure._suptitle.get_fontproperties()
        lines = wrapped(figure, "one two three " + "x" * 40, 1.0, font).split("\n")
        figure.text(0, 0, "")

    assert " ".join(lines).replace(" ", "") == "onetwothree" + "x" * 40
    assert lines[0].startswith("one")
    assert len(lines) > 4
    assert wrapped(figure, "one\ntwo", 9.0, font) == "one\ntwo"


def test_the_look_does_not_depend_on_a_matplotlibrc_and_leaves_it_as_it_was():
    plain = as_png(retention_figure(bands(["a", "b"]), ["a", "b"], "a", 51, 24, "note"))
    with mpl.rc_context({"font.size": 22, "axes.facecolor": "black", "lines.linewidth": 9, "savefig.dpi": 30}):
        before = dict(mpl.rcParams)
        changed = as_png(retention_figure(bands(["a", "b"]), ["a", "b"], "a", 51, 24, "note"))

        assert dict(mpl.rcParams) == before
    assert changed == plain


def test_no_backend_is_chosen_and_pyplot_is_not_needed():
    code = (
        "import sys, matplotlib, sim.viz.figures.comparison as f, sim.viz.figures.sweep, sim.viz.figures.report, sim.viz.save as s\n"
        "import sim.viz.figures.search, sim.viz.figures.trace, sim.viz.figures.validation, pandas as pd\n"
        "rows = [{'policy': p, 'month': m, 'mean': 1.0, 'low': 0.5, 'high': 1.5} for p in 'ab' for m in range(1, 25)]\n"
        "s.as_png(f.retention_figure(pd.DataFrame(rows), ['a', 'b'], 'a', 3, 12.0, 'note'))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert matplotlib.rcParams._get('backend') == 'svg'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"MPLBACKEND": "svg", "PATH": ""}
    )

    assert done.returncode == 0, done.stderr


def test_panels_keep_their_order_and_share_what_they_should():
    with drawing():
        figure, axes = panels(5, "A title", columns=3)

    assert [ax.get_subplotspec().rowspan.start for ax in axes] == [0, 0, 0, 1, 1]
    assert axes[0].get_shared_y_axes().joined(axes[0], axes[4])
    assert figure.get_size_inches()[0] == pytest.approx(8.7)
    assert np.isclose(figure._suptitle.get_position()[0] * 8.7, EDGE)
    assert RC["text.parse_math"] is False


def test_a_notebook_shows_a_figure_without_pyplot():
    import pickle

    from sim.viz.layout import new_figure

    figure = new_figure("Title", 3.0, 1.0)

    assert figure._repr_png_().startswith(b"\x89PNG")
    assert pickle.loads(pickle.dumps(figure))._repr_png_() == figure._repr_png_()


def test_a_difference_that_is_a_rounding_error_is_drawn_at_0():
    rounding = differences(["a", "b"]).assign(difference=-1e-17, low=-3e-17, high=1e-17)
    figure = forest_figure(rounding, "neutral", NOTE)
    figure.canvas.draw()

    assert all(ax.xaxis.get_offset_text().get_text() == "" for ax in figure.axes)
    assert {float(x) for ax in figure.axes for line in ax.lines for x in line.get_xdata()} == {0.0}


def test_long_names_along_an_axis_stay_inside_the_picture_that_is_saved():
    figure = new_figure("Title", 6.0, 2.0)
    ax = figure.add_subplot()
    ax.set_yticks(range(2), ["A long name of a member that is wrapped to two lines", "Member 2"], fontsize=7.5)
    finish(figure, "note")
    figure.set_dpi(DPI)

    assert all(tick.get_window_extent().x0 >= 0 for tick in ax.get_yticklabels())
