"""Two policies' fates of the same founders."""

from typing import Any

from sim.viz.axes.style import BASELINE, GREY, INK, POLICY

ENDS = {"frustrated": "X", "satisfied": "o", "other": "s", "stays": ">"}
"""Marker of each way a member's part can end."""


def plot_fates(fates: Any, months: int, ax: Any, focus: int | None = None) -> Any:
    """Draw when each founder leaves: hollow under one policy, filled under the other, a line between; as listed."""
    for y, row in enumerate(fates.itertuples()):
        ends = ((row.left_one, row.how_one), (row.left_other, row.how_other))
        places = [months + 1 if how == "stays" else float(left) for left, how in ends]
        ax.plot(places, [y, y], color=GREY, lw=1.2, zorder=1)
        for x, (_, how), colour, fill, size in zip(
            places, ends, (BASELINE, POLICY), ("white", POLICY), (6.5, 4.5), strict=True
        ):
            ax.plot(x, y, ENDS[how], ms=size, mfc=fill, mec=colour, mew=1.1, zorder=2, clip_on=False)
    ax.set_yticks(range(len(fates)), [f"{r.sector} {r.member}" for r in fates.itertuples()], fontsize=7)
    for tick, row in zip(ax.get_yticklabels(), fates.itertuples(), strict=True):
        if row.member == focus:
            tick.set(weight="bold", color=INK)
    ax.set_ylim(len(fates) - 0.3, -0.7)
    ax.set_xlim(0, months + 1)
    ax.set_xlabel("month of leaving")
    return ax
