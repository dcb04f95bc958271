"""What the orchestrator faces and does: tensions, and effort by mechanism."""

from typing import TYPE_CHECKING

from sim.viz.layout import mark_months
from sim.viz.style import EFFORTS, INK, TENSIONS, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_tensions(means: "pd.DataFrame", policy: str, ax: "Axes", grant: float | None = None) -> "Axes":
    """Draw the three tensions and their combination, from 0 to 1.

    Args:
        means: a row per policy and month, with ``tension_information``, ``tension_interest``, ``tension_resource`` and
            ``tension``.
        policy: which rows.
        ax: to draw on.
        grant: month in which the grant ends.

    Returns:
        ``ax``.
    """
    rows = means[means["policy"] == policy]
    for name, (text, colour, style) in TENSIONS.items():
        ax.plot(rows["month"], rows[name], color=colour, ls=style, lw=1.8, label=text)
    ax.set_ylim(0, 1)
    ax.set_title(label(policy))
    return mark_months(ax, int(rows["month"].max()), grant)


def plot_effort(means: "pd.DataFrame", policy: str, ax: "Axes", grant: float | None = None) -> "Axes":
    """Stack the effort spent by mechanism, up to the budget; what is left is idle.

    Args:
        means: a row per policy and month, with ``effort_...`` for each mechanism and ``budget`` (effort/month).
        policy: which rows.
        ax: to draw on.
        grant: month in which the grant ends.

    Returns:
        ``ax``.
    """
    rows = means[means["policy"] == policy]
    base = rows["month"] * 0.0
    for name, (text, colour, hatch) in EFFORTS.items():
        top = base + rows[name]
        ax.fill_between(
            rows["month"], base, top, facecolor=colour, hatch=hatch, edgecolor="white", lw=0, step="mid", label=text
        )
        base = top
    ax.step(rows["month"], rows["budget"], where="mid", color=INK, lw=1.2, label="budget")
    return mark_months(ax, int(rows["month"].max()), grant)
