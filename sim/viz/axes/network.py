"""The partnership as a network: members round their orchestrator, ties between those who were matched."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.viz.style import GREY, INK, SOFT, label, sector_looks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


WITH_NAMES, LONGEST = 2.15, 24
"""Reach of the axes where names are written, and the longest name in full, in characters."""


def plot_network(members: "pd.DataFrame", ties: "pd.DataFrame", ax: "Axes", named: bool = False) -> "Axes":
    """Draw members on a circle, in order of sector, with the orchestrator as a star in the middle.

    Area is captured value, paleness disengagement; a member that left is a small hollow mark further out.

    Args:
        members: a row per partner: member, sector, active, needs_met, engagement; name, to write names.
        ties: a row per tie: member, other.
        ax: to draw on.
        named: write each member's name beside its mark.

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
    if named:
        _write_names(ax, ordered, angle, radius, min(8.0, 330.0 / max(len(ordered), 1)))
    ax.set_aspect("equal")
    ax.set_axis_off()
    reach = WITH_NAMES if named else 1.45
    ax.set_xlim(-reach, reach)
    ax.set_ylim(-reach, reach)
    return ax


def _write_names(ax: "Axes", members: "pd.DataFrame", angles: Any, radii: Any, size: float) -> None:
    """Write names outward from the marks, readable from the left; those of members that left are pale."""
    for row, angle, radius in zip(members.to_dict("records"), angles, radii, strict=True):
        left_half = np.cos(angle) < 0
        name = str(row["name"])
        ax.annotate(
            name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…",
            (np.cos(angle) * max(radius + 0.09, 1.14), np.sin(angle) * max(radius + 0.09, 1.14)),
            rotation=np.degrees(angle) + (180 if left_half else 0),
            rotation_mode="anchor",
            ha="right" if left_half else "left",
            va="center",
            fontsize=size,
            color=INK if row["active"] > 0 else SOFT,
            style="normal" if row["active"] > 0 else "italic",
            annotation_clip=False,
        )
