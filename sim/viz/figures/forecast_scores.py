"""The figures of scored forecasts: CRPS by horizon, and coverage beside sharpness."""

from typing import TYPE_CHECKING, Any

from sim.viz.layout import finish, legend_of, panels
from sim.viz.style import GREY, INK, LINES, drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MODEL = "model"


def crps_figure(summary: "pd.DataFrame", note: str) -> "Figure":
    """Draw the mean CRPS of every forecast over the horizons.

    Args:
        summary: a row per forecast and horizon: forecast, horizon, crps.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, (ax,) = panels(1, "Forecasts of who is still listed: CRPS, less is better", size=(6.8, 4.0))
        _lines(summary, "crps", ax)
        ax.set(xlabel="months ahead", ylabel="CRPS (% of the members)", ylim=(0.0, None))
        return finish(figure, note, [legend_of(ax)])


def coverage_figure(summary: "pd.DataFrame", note: str) -> "Figure":
    """Draw how often 90 % intervals hold what happened, and how wide they are.

    Args:
        summary: a row per forecast and horizon: forecast, horizon, in90, width90.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, (left, right) = panels(2, "90 % intervals of the forecasts", columns=2, size=(4.2, 3.6), share_y=False)
        _lines(summary, "in90", left)
        left.axhspan(85.0, 95.0, color=GREY, alpha=0.25, lw=0)
        left.set(xlabel="months ahead", ylabel="% that hold what happened", ylim=(0.0, 102.0))
        _lines(summary, "width90", right)
        right.set(xlabel="months ahead", ylabel="width (% of the members)", ylim=(0.0, None))
        return finish(figure, f"{note}; band: 85 to 95 %", [legend_of(left)])


def _lines(summary: "pd.DataFrame", measure: str, ax: "Axes") -> None:
    """Draw a line over the horizons for every forecast, the model's on top."""
    others = [name for name in summary["forecast"].unique() if name != MODEL]
    for k, name in enumerate([*others, MODEL]):
        rows = summary[summary["forecast"] == name].sort_values("horizon")
        colour, marker, style = LINES[k % len(LINES)]
        look: Any = {"color": colour, "marker": marker, "ls": style, "lw": 1.3, "ms": 4}
        if name == MODEL:
            look = {"color": INK, "marker": "*", "ls": "-", "lw": 2.6, "ms": 9}
        ax.plot(rows["horizon"], 100.0 * rows[measure], label=label(str(name)), **look)
    ax.set_xticks(sorted(summary["horizon"].unique()))
