"""Membership lists: a real curve with the band that a model gives."""

from textwrap import fill
from typing import TYPE_CHECKING

from sim.viz.layout import mark_months
from sim.viz.style import INK, POLICY

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_curve(rows: "pd.DataFrame", title: str, unit: str, ax: "Axes") -> "Axes":
    """Draw a real curve, and the median and 90 % of what the model gives.

    Args:
        rows: a row per month: at, real, q05, median, q95.
        title: of the panel.
        unit: of the values.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    months = rows["at"]
    ax.fill_between(months, rows["q05"], rows["q95"], color=POLICY, alpha=0.25, lw=0, label="model, 90 %")
    ax.plot(months, rows["median"], color=POLICY, lw=1.6, ls="--", label="model, median")
    ax.plot(months, rows["real"], color=INK, lw=1.6, marker="o", ms=3.5, label="real")
    ax.set_title(title, fontsize=9.5)
    ax.set_xlabel("month")
    ax.set_ylabel(unit)
    ax.set_ylim(bottom=0)
    return ax


def plot_tenure(rows: "pd.DataFrame", ax: "Axes") -> "Axes":
    """Draw exits a month by months of membership, with intervals, and the median and 90 % of what the model gives.

    Args:
        rows: a row per class of tenure: first, last (months), at, real, low, high, q05, median, q95 (% a month), and
            ``note``: why there is nothing real to draw, which then stands in the panel.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    edges = [*rows["first"], rows["last"].iloc[-1]]
    if rows["median"].notna().any():
        for column, width in (("q05", 0.0), ("median", 1.6)):
            steps = [*rows[column], rows[column].iloc[-1]]
            if width:
                ax.step(edges, steps, where="post", color=POLICY, lw=width, ls="--", label="model, median")
            else:
                top = [*rows["q95"], rows["q95"].iloc[-1]]
                ax.fill_between(edges, steps, top, step="post", color=POLICY, alpha=0.25, lw=0, label="model, 90 %")
    ax.set_xlabel("months of membership")
    ax.set_ylabel("exits (% of members a month)")
    why_not = str(rows["note"].iloc[0])
    if why_not:
        text = fill(f"The list: not stated. {why_not}.", 42)
        ax.text(0.5, 0.96, text, transform=ax.transAxes, ha="center", va="top", color=INK, fontsize=8.5)
        top = rows["q95"].max()
        ax.set_ylim(0, 2.0 * (float(top) if top > 0 else 1.0))
        return mark_months(ax, int(edges[-1]))
    ends = (rows["real"] - rows["low"], rows["high"] - rows["real"])
    ax.errorbar(
        rows["at"], rows["real"], yerr=ends, color=INK, marker="o", ms=4, lw=0, elinewidth=1.2, label="list, with 95 %"
    )
    highest = float(rows["real"].max()) if rows["real"].max() > 0 else 1.0
    ax.set_ylim(0, min(float(rows["high"].max()), 3.0 * highest) * 1.05)
    return mark_months(ax, int(edges[-1]))


def plot_forecast(rows: "pd.DataFrame", ax: "Axes") -> "Axes":
    """Draw the share of a list's founders still there, real and foretold.

    Args:
        rows: a row per horizon of one list: list, founders, months, real, q05, median, q95.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    shares = rows.rename(columns={"months": "at"}).copy()
    shares[["real", "q05", "median", "q95"]] *= 100.0
    first = rows.iloc[0]
    plot_curve(shares, f"{first['list']} ({first['founders']} members)", "% still there", ax)
    ax.set_ylim(0, 100)
    return ax
