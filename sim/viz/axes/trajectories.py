"""Two policies on the same seed: when each founder leaves, and one member month by month."""

from typing import Any

from sim.viz.style import BASELINE, GREY, INK, POLICY, SOFT

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


def plot_lives(lives: Any, quantity: str, ax: Any) -> Any:
    """Draw a quantity month by month, dashed under one policy and solid under the other, with marks for what happened.

    ``lives`` are two pairs of a member's months and how they ended; thin lines are what it expected, beside benefit.
    """
    looks = ((BASELINE, "--", "white", 3), (POLICY, "-", POLICY, 2))
    for (rows, how), (colour, dash, fill, layer) in zip(lives, looks, strict=True):
        look: Any = {"color": colour, "mec": colour, "mfc": fill, "zorder": layer, "clip_on": False, "in_layout": False}
        if quantity == "benefit":
            ax.plot(rows["month"], rows["expected"], ls=dash, lw=1.0, **look)
        ax.plot(rows["month"], rows[quantity], ls=dash, lw=2, **look)
        leaks, last = rows[rows["lost"] > 0], rows.tail(1)
        ax.plot(leaks["month"], leaks[quantity], "v", ms=10, **look)
        ax.plot(last["month"], last[quantity], ENDS[how], ms=7, **look)
    ax.axhline(0, color=SOFT, lw=0.8)
    ax.set_xlabel("month")
    return ax
