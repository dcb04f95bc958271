"""The figures of a forecast: members from now on under each plan, and each member's chance to be there."""

from typing import TYPE_CHECKING

from sim.viz.axes.forecast import plot_chances, plot_outlook
from sim.viz.layout import finish, label_outer, legend_of, new_figure, panels
from sim.viz.style import drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

MOST = 60
"""Most members in a figure: of more, those least likely to be there."""


def forecast_figure(curves: "pd.DataFrame", history: "pd.DataFrame", title: str, note: str) -> "Figure":
    """Draw the members so far and from now on, a panel per plan.

    Args:
        curves: a row per plan and month ahead (``sim.forecast``).
        history: a row per month so far.
        title: of the figure.
        note: at the foot.

    Returns:
        The figure.
    """
    plans = list(dict.fromkeys(curves["plan"]))
    with drawing():
        figure, axes = panels(len(plans), title, columns=min(len(plans), 3), size=(3.3, 2.6))
        for ax, plan in zip(axes, plans, strict=True):
            plot_outlook(history, curves, plan, plans[0], ax)
        label_outer(axes, "Month", "Members")
        dashed = f"; dashed: median under {label(plans[0])}" if len(plans) > 1 else ""
        return finish(figure, f"{note}; dotted: now{dashed}", [legend_of(axes[0])])


def members_figure(members: "pd.DataFrame", title: str, note: str) -> "Figure":
    """Draw each member's chance to be there at the end, under each plan, by sector.

    Args:
        members: a row per plan and member (``sim.forecast``).
        title: of the figure.
        note: at the foot.

    Returns:
        The figure.
    """
    late = [str(c) for c in members if str(c).startswith("there_")][-1]
    plans = list(dict.fromkeys(members["plan"]))
    table = members.pivot_table(index=["sector", "member"], columns="plan", values=late, sort=False)[plans]
    shown = table.loc[table[plans[0]].sort_values(kind="stable").index[:MOST]]
    shown = shown.sort_values(["sector", plans[0]], kind="stable", ascending=[True, False])
    shown.index = [f"{member} ({sector})" for sector, member in shown.index]
    left = f", the {MOST} least likely of {len(table)}" if len(table) > MOST else ""
    with drawing():
        figure = new_figure(
            f"{title}: chance of each member to be there after {late.removeprefix('there_')} months (%)",
            max(3.6 + 0.95 * len(plans), 6.0),
            0.6 + 0.2 * len(shown),
        )
        plot_chances(shown, figure.add_subplot())
        return finish(figure, f"{note}{left}")
