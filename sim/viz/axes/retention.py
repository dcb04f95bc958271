"""Founding members over time, beside a baseline policy."""

from typing import TYPE_CHECKING

from sim.viz.layout import mark_months
from sim.viz.style import BASELINE, POLICY, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_retention(
    bands: "pd.DataFrame", policy: str, baseline: str, founders: int, ax: "Axes", grant: float | None = None
) -> "Axes":
    """Draw the mean number of founding members with the band that holds 8 runs in 10; the baseline's mean dashed.

    Args:
        bands: a row per policy and month, of ``sim.analysis.paired.curves``.
        policy: whose band.
        baseline: the policy beside it.
        founders: how many members start.
        ax: to draw on.
        grant: month in which the grant ends.

    Returns:
        ``ax``.
    """
    for name, colour, style, width in ((baseline, BASELINE, "--", 1.6), (policy, POLICY, "-", 2.2)):
        rows = bands[bands["policy"] == name]
        if name == policy or policy == baseline:
            ax.fill_between(rows["month"], rows["low"], rows["high"], color=colour, alpha=0.18, lw=0)
        ax.plot(rows["month"], rows["mean"], color=colour, ls=style, lw=width, label=label(name))
    ax.set_ylim(0, founders * 1.02)
    ax.set_title(label(policy))
    return mark_months(ax, int(bands["month"].max()), grant)
