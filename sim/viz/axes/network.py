"""The partnership as a network: members round their orchestrator, ties between those who were matched."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.viz.style import GREY, INK, label, sector_looks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_network(members: "pd.DataFrame", ties: "pd.DataFrame", ax: "Axes") -> "Axes":
    """Draw members on a circle, in order of sector, with the orchestrator as a star in the middle.

    Area is captured value, paleness disengagement; a member that left is a small hollow mark further out.

    Args:
        members: a row per partner: member, sector, active, needs_met, engagement.
        ties: a row per tie: member, other.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    ordered = members.sort_values(["sector", "member"], kind="stable").reset_index(drop=True)
    angle = 2 * np.pi * np.arange(len(ordered)) / max(len(ordered), 1)
    radius = np.where(ordered["active"] > 0, 1.0, 1.28)
    place = {m: (r * np.cos(a), r * np.sin(a)) for m, a, r in zip(ordered["member"], angle, radius, strict=True)}
    crowding = min(1.0, 24.0 / max(len(ordered), 1))
    ax.plot(0, 0, marker="*", ms=13, color=INK, zorder=3)
    for tie in ties.itertuples():
        (xa, ya), (xb, yb) = place[tie.member], place[tie.other]
        ax.plot([xa, xb], [ya, yb], color=GREY, lw=0.9, alpha=0.8, zorder=1)
    for sector, (colour, marker, _) in sector_looks(ordered["sector"]).items():
        rows = ordered[ordered["sector"] == sector]
        here, gone = rows[rows["active"] > 0], rows[rows["active"] == 0]
        for group, kind in ((here, "here"), (gone, "gone")):
            if len(group):
                xy = np.array([place[m] for m in group["member"]])
                size = crowding * (25 + 3.0 * group["needs_met"]) if kind == "here" else np.full(len(group), 18.0)
                paleness: Any = (0.35 + 0.65 * group["engagement"]).clip(0, 1) if kind == "here" else 1.0
                ax.scatter(
                    xy[:, 0],
                    xy[:, 1],
                    s=size,
                    marker=marker,
                    zorder=3,
                    lw=0.9,
                    facecolor=colour if kind == "here" else "none",
                    edgecolor=INK if kind == "here" else colour,
                    alpha=paleness,
                    label=label(sector) if kind == "here" else None,
                )
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(-1.45, 1.45)
    ax.set_ylim(-1.45, 1.45)
    return ax
