"""Two policies on one seed: when each founder leaves, and one member month by month."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.viz.style import BASELINE, GREY, INK, POLICY, SOFT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

EXITS = {"frustrated": "X", "satisfied": "o", "other": "s", "stays": ">"}
"""Marker of each way a member's time in the partnership can end."""


def plot_exits(exits: "pd.DataFrame", months: int, ax: "Axes", focus: int | None = None) -> "Axes":
    """Draw when each founder leaves: hollow under one policy, filled under the other, with a line between.

    Args:
        exits: a row per founder, of ``sim.analysis.divergence.paired_exits``; drawn in this order.
        months: how long the runs are.
        ax: to draw on.
        focus: a member whose name is set in bold.

    Returns:
        ``ax``.
    """
    rows = exits.to_dict("records")
    for y, row in enumerate(rows):
        ends = [(row[f"left_{run}"], str(row[f"how_{run}"])) for run in ("one", "other")]
        places = [float(months + 1) if how == "stays" else float(left) for left, how in ends]
        ax.plot(places, [y, y], color=GREY, lw=1.2, zorder=1)
        looks = ((BASELINE, "white", 6.5), (POLICY, POLICY, 4.5))
        for x, (_, how), (colour, fill, size) in zip(places, ends, looks, strict=True):
            ax.plot(x, y, EXITS[how], ms=size, mfc=fill, mec=colour, mew=1.1, zorder=2, clip_on=False)
    names = [str(row.get("name", f"{row['sector']} {row['member']}")) for row in rows]
    ax.set_yticks(range(len(rows)), names, fontsize=7)
    for tick, row in zip(ax.get_yticklabels(), rows, strict=True):
        if row["member"] == focus:
            tick.set(weight="bold", color=INK)
    ax.set_ylim(len(rows) - 0.3, -0.7)
    ax.set_xlim(0, months + 1)
    ax.set_xlabel("month of leaving")
    return ax


def plot_trajectories(trajectories: Sequence[tuple["pd.DataFrame", str]], quantity: str, ax: "Axes") -> "Axes":
    """Draw a member's quantity by month, dashed under one policy and solid under the other, with its leaks and exit.

    Args:
        trajectories: for each policy the member's months, of ``sim.analysis.story.trajectory``, and how it left
            ("stays" if it did not).
        quantity: a column of the months. Beside ``benefit``, thin lines show what the member expected.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    looks = ((BASELINE, "--", "white", 3), (POLICY, "-", POLICY, 2))
    for (rows, how), (colour, dash, fill, layer) in zip(trajectories, looks, strict=True):
        look: dict[str, Any] = {"color": colour, "mec": colour, "mfc": fill, "zorder": layer}
        look |= {"clip_on": False, "in_layout": False}
        if quantity == "benefit":
            ax.plot(rows["month"], rows["expected"], ls=dash, lw=1.0, **look)
        ax.plot(rows["month"], rows[quantity], ls=dash, lw=2, **look)
        leaks, last = rows[rows["lost"] > 0], rows.tail(1)
        ax.plot(leaks["month"], leaks[quantity], "v", ms=10, **look)
        ax.plot(last["month"], last[quantity], EXITS[how], ms=7, **look)
    ax.axhline(0, color=SOFT, lw=0.8)
    ax.set_xlabel("month")
    return ax
