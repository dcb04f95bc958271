"""Members by name: how often each is still there, by policy."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sim.viz.style import GREY, INK, LINES, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_members(fates: "pd.DataFrame", policies: Sequence[str], with_interval: Collection[str], ax: "Axes") -> "Axes":
    """Draw the share of runs in which each member is still there: a row for each member, a mark for each policy.

    Args:
        fates: a row per policy and member, of ``sim.analysis.fates.members_fates``; members of a sector together, in
            the order in which they are drawn.
        policies: in order; each has a colour and marker of its own.
        with_interval: the policies whose interval is drawn, as a thin line.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    members = fates.drop_duplicates("member")
    places: dict[int, float] = {}
    names, heads, y, sector = [], [], -1.0, None
    row: Any
    for row in members.itertuples():
        if row.sector != sector:
            sector = row.sector
            y += 1.0
            names.append(label(str(sector)).capitalize())
            heads.append(y)
        y += 1.0
        places[row.member] = y
        names.append(str(row.name))
    for rank, policy in enumerate(policies):
        rows = fates[(fates["policy"] == policy) & fates["retention"].notna()]
        colour, marker, _ = LINES[rank % len(LINES)]
        at = rows["member"].map(places) + 0.6 * ((rank + 0.5) / len(policies) - 0.5)
        if policy in with_interval:
            ax.hlines(at, rows["retention_low"], rows["retention_high"], color=colour, lw=0.9, alpha=0.7)
        ax.plot(
            rows["retention"], at, marker, color=colour, ms=5, mec="white", mew=0.4, label=label(policy), clip_on=False
        )
    ax.set_yticks(sorted([*heads, *places.values()]), names, fontsize=8)
    for tick, place in zip(ax.get_yticklabels(), sorted([*heads, *places.values()]), strict=True):
        if place in heads:
            tick.set(weight="bold", color=INK)
            ax.axhline(place, color=GREY, lw=0.5, zorder=0)
    ax.set_ylim(y + 0.7, -0.7)
    ax.set_xlim(0, 1)
    ax.set_xlabel("share of runs in which the member is still there")
    return ax
