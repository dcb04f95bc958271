"""One member's two lives: a monthly quantity under one policy and the other."""

from typing import Any

from sim.viz.axes.fates import ENDS
from sim.viz.axes.style import BASELINE, POLICY, SOFT


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
