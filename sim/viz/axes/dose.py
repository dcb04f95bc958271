"""Dose and response: one outcome, or the causes of exit, over the levels of one parameter."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.model.outcomes import unit_of
from sim.viz.layout import GRANT_DASH
from sim.viz.style import CAUSE_LOOKS, GREY, POLICY, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_response(rows: "pd.DataFrame", outcome: str, here: float, axis: str, ax: "Axes") -> "Axes":
    """Draw the mean of an outcome over the levels, with its interval.

    Args:
        rows: a row per level: level, mean, low, high.
        outcome: its name.
        here: the level that is marked.
        axis: what varies, with its unit.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    ax.fill_between(rows["level"], rows["low"], rows["high"], color=POLICY, alpha=0.2, lw=0)
    ax.plot(rows["level"], rows["mean"], color=POLICY, marker="o", ms=3.5, lw=1.6)
    _mark(here, rows["level"].tolist(), ax)
    ax.set_title(label(outcome), fontsize=10)
    ax.set_ylabel("share of founders" if outcome.startswith("retention") else unit_of(outcome), fontsize=9)
    ax.set_xlabel(axis, fontsize=9)
    ax.set_ylim(bottom=min(0.0, float(rows["low"].min())))
    return ax


def plot_causes(causes: "pd.DataFrame", levels: Sequence[float], here: float, axis: str, ax: "Axes") -> "Axes":
    """Draw what share of the founders left for which cause, over the levels; a cause looks the same in every figure.

    Args:
        causes: a row per level and cause: level, cause, share.
        levels: all levels.
        here: the level that is marked.
        axis: what varies, with its unit.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    for cause, (colour, marker, line) in CAUSE_LOOKS.items():
        rows = causes[causes["cause"] == cause].set_index("level")["share"].reindex(levels, fill_value=0.0)
        if rows.any():
            ax.plot(levels, 100.0 * rows, color=colour, marker=marker, ls=line, ms=4, lw=1.4, label=cause)
    _mark(here, levels, ax)
    ax.set_title("exits by cause", fontsize=10)
    ax.set_ylabel("% of founders", fontsize=9)
    ax.set_xlabel(axis, fontsize=9)
    ax.set_ylim(bottom=0)
    return ax


def _mark(here: float, levels: Sequence[float], ax: "Axes") -> None:
    if min(levels) <= here <= max(levels):
        ax.axvline(here, color=GREY, lw=1, ls=GRANT_DASH, zorder=1)
