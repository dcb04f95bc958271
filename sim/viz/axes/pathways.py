"""A metro map of pathways: a line for each action, stations where one switches, ends where the target is missed."""

import math
from typing import TYPE_CHECKING, Any

from sim.viz.style import GREY, INK, LINES, SOFT, label, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

APART = 0.24
"""Distance between the tracks of one action, in rows."""

ROW = 0.8
"""Height of the row of an action that no switch leads to."""

SIDE = 0.012
"""Distance along between links from different actions, as a share of the months: they would cover each other."""

WIDE = 4.5
"""Width of a track in points."""


def height_of(paths: "pd.DataFrame") -> float:
    """Give how many rows the map needs: a row for each action, and a part of one for each switch to it."""
    return float(sum(ROW + APART * n for n in _tracks(paths).values()))


def plot_map(paths: "pd.DataFrame", months: int, ax: "Axes") -> "Axes":
    """Draw the pathways over the months.

    Args:
        paths: a row per action, and per switch (``then``): ``action``, ``then``, ``switches``, ``switch_month``,
            ``meets``, and the months by which a ``quarter``, ``half`` and ``three_quarters`` of the runs fail.
        months: the last month.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    actions = list(_tracks(paths))
    looks = {name: LINES[k % len(LINES)] for k, name in enumerate(actions)}
    places, top = dict[str, float](), 0.0
    for name, n in _tracks(paths).items():
        places[name] = top
        top += ROW + APART * n
    used, named = dict.fromkeys(actions, 0), list[str]()
    for row in paths.to_dict("records"):
        start, end = str(row["action"]), str(row["then"] or row["action"])
        y, first = places[end], 1.0
        if row["then"]:
            if math.isnan(row["switch_month"]):
                continue
            used[end] += 1
            aside = SIDE * months * (actions.index(start) - (len(actions) - 1) / 2)
            y, first = y + APART * used[end], min(max(float(row["switch_month"]) + aside, 1.0), float(months))
            ax.plot([first, first], [places[start], y], color=looks[start][0], lw=1.2, zorder=2)
            if start not in named:
                named.append(start)
                words = f"switch if {row['condition']}"
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
                ax.text(1, places[start] - 0.24, words, fontsize=7.5, color=SOFT, va="center", bbox=box, zorder=7)
            ax.plot(first, places[start], "o", ms=9, color="white", mec=INK, mew=1.6, zorder=6)
            ax.plot(first, y, "o", ms=6, color="white", mec=looks[end][0], mew=1.6, zorder=6)
        _track(row, first, y, months, looks[end], ax)
        words = f"from {shortened(label(start), 22)}" if row["then"] else "from the start"
        ax.text(months + 1.2, y, f"{100 * row['meets']:.0f}  {words}", va="center", fontsize=8.5, color=INK)
    ax.text(months + 1.2, -0.55, "of 100 runs meet the target", va="center", fontsize=8.5, color=SOFT)
    ax.set_yticks([places[name] for name in actions], [label(name) for name in actions])
    ax.set_ylim(top - ROW + 0.4, -0.75)
    ax.set_xlim(0, months)
    ax.set_xlabel("month")
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax


def _track(row: Any, first: float, y: float, months: int, look: Any, ax: "Axes") -> None:
    """Draw one track up to the month in which half of the runs have failed, thin beyond; an arrow where fewer do."""
    colour, marker, _ = look
    half, until = float(row["half"]), float(months)
    if not math.isnan(half):
        until = max(half, first)
        ax.plot([until, months], [y, y], color=GREY, lw=1.0, ls=":", zorder=1)
        ax.plot([until, until], [y - 0.1, y + 0.1], color=colour, lw=3.0, solid_capstyle="butt", zorder=5)
    early = float(row["quarter"])
    if math.isnan(early) or early >= until:
        early = until
    early = max(early, first)
    ax.plot([first, early], [y, y], color=colour, lw=WIDE, solid_capstyle="butt", zorder=3)
    ax.plot([early, until], [y, y], color=colour, lw=WIDE / 2, solid_capstyle="butt", zorder=3)
    if math.isnan(half):
        ax.plot(months, y, ">", ms=9, color=colour, clip_on=False, zorder=6)
    if not row["then"]:
        ax.plot(1, y, marker, ms=9, color=colour, zorder=6, clip_on=False)


def _tracks(paths: "pd.DataFrame") -> dict[str, int]:
    """Give, for each action, how many switches lead to it."""
    names = [str(name) for name in dict.fromkeys(paths["action"])]
    return {name: int(((paths["then"] == name) & paths["switch_month"].notna()).sum()) for name in names}
