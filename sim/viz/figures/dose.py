"""The figure of a dose: outcomes and causes of exit from none to full."""

from typing import TYPE_CHECKING

from sim.viz.axes.dose import plot_causes, plot_response
from sim.viz.layout import finish, legend_of, panels
from sim.viz.style import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def dose_figure(
    levels: "pd.DataFrame", causes: "pd.DataFrame", here: float, axis: str, title: str, note: str
) -> "Figure":
    """Draw each outcome over the levels with its interval, and the causes of exit.

    Args:
        levels: a row per level and outcome: level, outcome, mean, low, high.
        causes: a row per level and cause of exit: level, cause, share.
        here: the level that the scenario or policy has.
        axis: what varies, with its unit.
        title: of the figure.
        note: at the foot.

    Returns:
        The figure.
    """
    outcomes = list(dict.fromkeys(levels["outcome"]))
    with drawing():
        figure, axes = panels(len(outcomes) + 1, title, columns=3, size=(3.6, 2.7), share_y=False)
        for ax, outcome in zip(axes, outcomes, strict=False):
            plot_response(levels[levels["outcome"] == outcome], outcome, here, axis, ax)
        plot_causes(causes, sorted(levels["level"].unique()), here, axis, axes[-1])
        return finish(figure, f"{note}; bands: 95 % of the mean; dashed: what it is here", [legend_of(axes[-1])])
