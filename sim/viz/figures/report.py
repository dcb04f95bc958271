"""The figures of a report: survival, exits by reason, hazards, trade-offs and regimes."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.analysis.scenario_discovery import name_and_unit
from sim.viz.axes.regimes import plot_regimes
from sim.viz.axes.survival import plot_hazards, plot_incidence, plot_survival
from sim.viz.axes.tradeoffs import plot_tradeoff
from sim.viz.layout import finish, label_outer, legend_of, panels
from sim.viz.style import MANY_LINES, drawing, label

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

TRADEOFFS = {
    "society_value": "value for society (value per founder)",
    "private_value": "private value (value per founder)",
    "effort_spent": "effort spent (effort)",
}
"""Outcomes shown beside retention, with their axis labels."""


def survival_figure(curves: "pd.DataFrame", note: str, who: str = "founders") -> "Figure":
    """Draw how long founders stay, or partnerships last, under each policy, with who is at risk beneath.

    Args:
        curves: a row per policy and month, of ``sim.analysis.survival.clustered_survival``.
        note: at the foot.
        who: "founders", "partnerships", or "members" (by months of membership).

    Returns:
        The figure.
    """
    title = f"Survival: how long {who} {'last' if who == 'partnerships' else 'stay'}"
    with drawing():
        figure, (ax,) = panels(1, title, size=(9, 4.0 + 0.2 * curves["policy"].nunique()))
        plot_survival(curves, ax, who=who)
        return finish(figure, _without_intervals(note, curves), [legend_of(ax)])


def incidence_figure(by_policy: Mapping[str, "pd.DataFrame"], note: str) -> "Figure":
    """Draw the share of founders that has left, by reason, a panel for each policy.

    Args:
        by_policy: policy -> table of ``sim.analysis.competing_risks.cumulative_incidence``.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, axes = panels(len(by_policy), "Exits by reason (cumulative incidence)", size=(2.7, 2.5), width=6.5)
        for ax, (policy, table) in zip(axes, by_policy.items(), strict=True):
            plot_incidence(table, ax)
            ax.set_title(label(policy))
        label_outer(axes, "month", "share of founders")
        return finish(figure, note, [legend_of(axes[0])])


def hazards_figure(by_policy: "pd.DataFrame", by_sector: "pd.DataFrame", policy: str, note: str) -> "Figure":
    """Draw exits per member-month in spans of months: by policy, and by sector under one of them.

    Args:
        by_policy: a row per policy and span, of ``sim.analysis.competing_risks.hazards``.
        by_sector: a row per sector and span.
        policy: that of ``by_sector``.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, axes = panels(2, "Hazard of leaving", size=(5.5, 3.7))
        plot_hazards(by_policy, axes[0])
        plot_hazards(by_sector, axes[1], "sector")
        axes[0].set_title("by policy")
        axes[1].set_title(f"by sector, under {label(policy)}")
        axes[1].set_ylabel("")
        axes[0].set_autoscaley_on(True)  # the panels share their scale: both are to fit
        axes[0].autoscale_view(scalex=False)
        axes[0].set_ylim(0, None)
        note = _without_intervals(note, by_policy)
        return finish(figure, note, [legend_of(axes[0], "policy"), legend_of(axes[1], "sector")])


def tradeoff_figure(
    means: "pd.DataFrame", retention: str, front: "Sequence[bool] | NDArray[np.bool_]", note: str
) -> "Figure":
    """Draw retention beside value for society, private value and effort.

    Args:
        means: a row per policy.
        retention: the column along, a share.
        front: for each policy, whether it is on the Pareto front.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, axes = panels(3, "Trade-offs between outcomes", size=(3.83, 3.5), share_x=False, share_y=False)
        for ax, (outcome, name) in zip(axes, TRADEOFFS.items(), strict=True):
            plot_tradeoff(means, retention, outcome, front, ax, 100.0)
            ax.set_xlabel("retention (% of founders)")
            ax.set_ylabel(name)
        return finish(figure, f"{note}; hollow: dominated (Pareto)", [legend_of(axes[0])])


def regimes_figure(table: "pd.DataFrame", x: str, y: str, title: str, note: str, policies: Sequence[str]) -> "Figure":
    """Draw which policy is best over two columns.

    Args:
        table: a row per cell, of ``sim.analysis.regimes.regimes``.
        x: the column along.
        y: the column up.
        title: of the figure.
        note: at the foot.
        policies: in the order that gives each its look.

    Returns:
        The figure.
    """
    size = (1.4 + 0.72 * max(table[x].nunique(), 4), 0.9 + 0.5 * max(table[y].nunique(), 4))
    with drawing():
        figure, (ax,) = panels(1, title, size=size, width=5.6)
        plot_regimes(table, x, y, policies, ax)
        ax.set_xlabel(_axis(x, table))
        ax.set_ylabel(_axis(y, table))
        return finish(figure, note, [legend_of(ax)])


def _without_intervals(note: str, rows: "pd.DataFrame") -> str:
    """Say where intervals are, if there are too many policies to draw them."""
    many = rows["policy"].nunique() > MANY_LINES
    return f"{note}; intervals of more than {MANY_LINES} policies are in the table" if many else note


def _axis(path: str, table: "pd.DataFrame") -> str:
    name, unit = name_and_unit(path)
    return f"{name}{f' ({unit})' if unit else ''}{', means of bins' if path in table.attrs['bins'] else ''}"
