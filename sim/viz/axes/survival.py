"""Survival, exits by reason, and hazards."""

from typing import TYPE_CHECKING, Any

from sim.viz.layout import mark_months
from sim.viz.style import LINES, MANY_LINES, SOFT, label, sector_looks, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

REASON_LOOKS = {"other": ("#5B6675", ".."), "satisfied": ("#3F8F5F", "//"), "frustrated": ("#E69F00", "")}
"""Colour and hatch of each reason, from the bottom up."""


def plot_survival(curves: "pd.DataFrame", ax: "Axes", by: str = "policy", who: str = "founders") -> "Axes":
    """Draw survival by month, with intervals unless lines are many; beneath, how many are at risk.

    Args:
        curves: a row per group and month, of ``sim.analysis.survival.clustered_survival``.
        ax: to draw on.
        by: the column of the groups.
        who: "founders", "partnerships", or "members" (by months of membership).

    Returns:
        ``ax``.
    """
    months = int(curves["month"].max())
    mark_months(ax, months)
    groups = list(curves.groupby(by, sort=False, observed=True))
    for line, ((name, rows), look) in enumerate(zip(groups, _looks(by, groups), strict=True)):
        colour, marker, style = look
        if len(groups) <= MANY_LINES:
            ax.fill_between(rows["month"], rows["low"], rows["high"], step="post", color=colour, alpha=0.2, lw=0)
        ax.plot(
            rows["month"],
            rows["survival"],
            drawstyle="steps-post",
            color=colour,
            ls=style,
            lw=1.8,
            marker=marker,
            ms=5,
            markevery=12,
            label=label(str(name)),
        )
        end = rows.iloc[-1]
        if len(groups) <= MANY_LINES:
            ax.vlines(end["month"], end["low"], end["high"], color=colour, lw=3, alpha=0.6, clip_on=False)
        counts = rows.set_index("month")["at_risk"]
        _write_row(
            ax, line, shortened(label(str(name))), {tick: counts.get(tick, 0) for tick in ax.get_xticks()}, colour
        )
    ax.set_ylim(0, 1.02)
    ax.set_ylabel(f"{who} remaining (share)")
    ax.set_xlabel(f"{'months of membership' if who == 'members' else 'month'} (beneath: {who} at risk)")
    return ax


def plot_incidence(incidence: "pd.DataFrame", ax: "Axes") -> "Axes":
    """Stack the share that has left, by reason; above it is the share that remains.

    Args:
        incidence: a row per month, of ``sim.analysis.competing_risks.cumulative_incidence``.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    base = incidence["month"] * 0.0
    for name in (name for name in REASON_LOOKS if name in incidence):
        colour, hatch = REASON_LOOKS[name]
        top = base + incidence[name]
        ax.fill_between(
            incidence["month"],
            base,
            top,
            step="pre",
            facecolor=colour,
            hatch=hatch,
            edgecolor="white",
            lw=0,
            label=name,
        )
        base = top
    ax.set_ylim(0, 1)
    ax.set_ylabel("exits (share of founders)")
    ax.set_xlabel("month")
    return mark_months(ax, int(incidence["month"].max()))


def plot_hazards(hazards: "pd.DataFrame", ax: "Axes", by: str = "policy") -> "Axes":
    """Draw exits per member-month at the middle of each span, with intervals unless lines are many.

    Args:
        hazards: a row per group and span of months, of ``sim.analysis.competing_risks.hazards``.
        ax: to draw on.
        by: the column of the groups.

    Returns:
        ``ax``.
    """
    groups = list(hazards.groupby(by, sort=False, observed=True))
    for line, ((name, rows), look) in enumerate(zip(groups, _looks(by, groups), strict=True)):
        colour, marker, style = look
        middle = (rows["first"] - 1 + rows["last"]) / 2 + 0.6 * (line - (len(groups) - 1) / 2)
        ends = (rows["hazard"] - rows["low"], rows["high"] - rows["hazard"])
        ax.errorbar(
            middle,
            rows["hazard"],
            yerr=ends if len(groups) <= MANY_LINES else None,
            color=colour,
            marker=marker,
            ls=style,
            ms=5,
            lw=1.6,
            elinewidth=1,
            label=label(str(name)),
        )
    ax.set_ylim(0, None)
    ax.set_ylabel("hazard (exits per member-month)")
    ax.set_xlabel("month")
    return mark_months(ax, int(hazards["last"].max()))


def _looks(by: str, groups: list[Any]) -> list[Any]:
    """Give colour, marker and dash of each group: a sector's own, or those of the line's place."""
    own = sector_looks(name for name, _ in groups) if by == "sector" else {}
    return [own.get(name) or LINES[line % len(LINES)] for line, (name, _) in enumerate(groups)]


def _write_row(ax: "Axes", line: int, name: str, counts: dict[float, int], colour: str) -> None:
    """Write a row of numbers beneath the axis, under their months."""
    down = -42 - 13 * line
    where: Any = {"textcoords": "offset points", "fontsize": 8, "va": "center", "annotation_clip": False}
    ax.annotate(name, (0, 0), (-22, down), xycoords=ax.get_xaxis_transform(), ha="right", color=colour, **where)
    for tick, count in counts.items():
        place = ax.get_xaxis_transform()
        ax.annotate(f"{int(count)}", (tick, 0), (0, down), xycoords=place, ha="center", color=SOFT, **where)
