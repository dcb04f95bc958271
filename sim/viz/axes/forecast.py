"""Members so far and from now on, and each member's chance to be there."""

from typing import TYPE_CHECKING

import numpy as np

from sim.viz.layout import mark_months
from sim.viz.style import BASELINE, GREY, INK, POLICY, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_outlook(history: "pd.DataFrame", curves: "pd.DataFrame", plan: str, first: str, ax: "Axes") -> "Axes":
    """Draw the members so far, and from now on the median with bands of half and nine in ten of the partnerships.

    Args:
        history: a row per month so far: month, members.
        curves: a row per plan and month ahead: ahead, median, q05, q25, q75, q95.
        plan: whose bands.
        first: the plan whose median is dashed.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    now = int(history["month"].max())
    ax.plot(history["month"], history["members"], color=INK, lw=2.0, drawstyle="steps-post", label="so far")
    rows = curves[curves["plan"] == plan]
    month = now + rows["ahead"]
    ax.fill_between(month, rows["q05"], rows["q95"], color=POLICY, alpha=0.15, lw=0, label="nine in ten")
    ax.fill_between(month, rows["q25"], rows["q75"], color=POLICY, alpha=0.3, lw=0, label="half")
    ax.plot(month, rows["median"], color=POLICY, lw=2.0, label="median")
    if plan != first:
        other = curves[curves["plan"] == first]
        ax.plot(now + other["ahead"], other["median"], color=BASELINE, ls="--", lw=1.4)
    ax.axvline(now, color=GREY, ls=":", lw=1.2)
    ax.set_ylim(0, max(float(history["members"].max()), float(curves["q95"].max())) * 1.05)
    ax.set_title(label(plan))
    return mark_months(ax, int(month.max()))


def plot_chances(table: "pd.DataFrame", ax: "Axes") -> "Axes":
    """Draw a table of chances, a row per member and a column per plan, shaded and with the numbers.

    Args:
        table: members as index, plans as columns, values from 0 to 1.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("chance", ["#B2451B", "#F4E3D7", "#FFFFFF", "#DCE7F3", "#1F5FA8"])
    values = table.to_numpy(dtype=float)
    ax.imshow(values, cmap=shades, vmin=0, vmax=1, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        dark = value < 0.12 or value > 0.88
        ax.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color="white" if dark else INK)
    ax.set_yticks(range(len(table)), [str(name) for name in table.index], fontsize=7.5)
    ax.set_xticks(range(table.shape[1]), [label(str(name)) for name in table.columns], fontsize=8)
    ax.grid(False)
    ax.tick_params(length=0)
    return ax
