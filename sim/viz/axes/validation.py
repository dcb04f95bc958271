"""Calibration, validation and sensitivity: parameters in their prior, targets, patterns, Sobol indices."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.viz.style import GREY, INK, POLICY, SOFT

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_parameter(
    values: "pd.Series[float]", weight: "pd.Series[float]", prior: Mapping[str, Any], title: str, ax: "Axes"
) -> "Axes":
    """Draw how the plausible values of a parameter lie in its prior, relative to an even spread (1).

    Args:
        values: a value per parameter set.
        weight: of each parameter set.
        prior: its ``low`` and ``high`` end, and ``scale: log`` where it is even in logarithms.
        title: of the panel.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    low, high, in_logs = prior["low"], prior["high"], prior.get("scale") == "log"
    edges = np.geomspace(low, high, 11) if in_logs else np.linspace(low, high, 11)
    counts, _ = np.histogram(values, bins=edges, weights=weight)
    ax.stairs(counts / max(counts.mean(), 1e-12), edges, fill=True, color=POLICY, alpha=0.85)
    ax.axhline(1.0, color=INK, lw=1, ls="--")
    if in_logs:
        ax.set_xscale("log")
        ax.set_xticks([low, (low * high) ** 0.5, high], [f"{v:.2g}" for v in (low, (low * high) ** 0.5, high)])
        ax.minorticks_off()
    ax.set_xlim(low, high)
    return _small(ax, title)


def plot_target(
    values: "pd.Series[float]", weight: "pd.Series[float]", low: float, high: float, title: str, ax: "Axes"
) -> "Axes":
    """Draw what the parameter sets give for a target, with its empirical range in grey.

    Args:
        values: a value per parameter set.
        weight: of each parameter set.
        low: lower end of the empirical range, or of what is allowed.
        high: upper end.
        title: of the panel.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    ax.axvspan(low, high, color=GREY, alpha=0.35, lw=0)
    ax.hist(values, bins=12, weights=weight * len(values), color=POLICY, alpha=0.85)
    return _small(ax, title)


def plot_prediction(rows: "pd.DataFrame", title: str, unit: str, ax: "Axes") -> "Axes":
    """Draw the numbers of a fact, with what may be missed, and the median and 90 % of what a region gives for each.

    Args:
        rows: a row per number: at (month, 0 for none), real (NaN where only a range is known), low, high, q05, median,
            q95.
        title: of the panel.
        unit: of the values.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    places = np.arange(len(rows))
    known = rows["real"].fillna((rows["low"] + rows["high"]) / 2.0)
    ax.vlines(places - 0.08, rows["low"], rows["high"], color=INK, lw=1.2)
    ax.plot(places - 0.08, known, "o", color=INK, ms=5, label="known, with what is allowed")
    ax.vlines(places + 0.08, rows["q05"], rows["q95"], color=POLICY, lw=5, alpha=0.35)
    ax.plot(places + 0.08, rows["median"], "D", color=POLICY, ms=5, label="region: median and 90 %")
    ax.set_xticks(places, [f"{month:g}" if month else "" for month in rows["at"]])
    ax.set_xlim(-0.7, len(rows) - 0.3)
    ax.set_xlabel("month" if rows["at"].any() else "")
    ax.set_ylabel(unit)
    ax.set_title(title, fontsize=9.5)
    return ax


def plot_patterns(patterns: "pd.DataFrame", names: Sequence[str], ax: "Axes") -> "Axes":
    """Draw each pattern's empirical range (grey, from 0 to 1) and the model's median and 90 % range.

    Args:
        patterns: a row per pattern: low, high, q05, median, q95, verdict.
        names: of the rows.
        ax: to draw on; numbers stand at its right.

    Returns:
        ``ax``.
    """
    for y, row in enumerate(patterns.to_dict("records")):
        span = row["high"] - row["low"]
        left, middle, right = (np.clip((row[c] - row["low"]) / span, -0.95, 1.95) for c in ("q05", "median", "q95"))
        ax.barh(y, 1.0, 0.62, left=0.0, color=GREY, alpha=0.35, lw=0)
        passed = row["verdict"] == "passed"
        ax.plot([left, right], [y, y], color=INK if passed else POLICY, lw=2.2, solid_capstyle="butt")
        ax.plot(middle, y, "o" if passed else "X", color=INK if passed else POLICY, ms=7)
        known = f"data {row['low']:g} to {row['high']:g}"
        text = f"{known}; model {row['median']:.2g} ({row['q05']:.2g} to {row['q95']:.2g})"
        ax.text(2.03, y, text, va="center", fontsize=7.5, color=SOFT).set_in_layout(False)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(-1.0, 2.0)
    ax.set_xticks([0, 1], ["lower end", "upper end"])
    ax.grid(axis="y", visible=False)
    return ax


def plot_indices(rows: "pd.DataFrame", title: str, ax: "Axes") -> "Axes":
    """Draw the Sobol indices of one outcome: total as bars, first order as dots, with intervals.

    Args:
        rows: a row per parameter: first, first_half, total, total_half.
        title: of the panel.
        ax: to draw on.

    Returns:
        ``ax``.
    """
    y = np.arange(len(rows))
    ax.barh(y, rows["total"], 0.7, color=GREY, alpha=0.6, label="with others (total)")
    ax.errorbar(rows["total"], y, xerr=rows["total_half"], fmt="none", ecolor=SOFT, lw=1)
    ax.errorbar(
        rows["first"], y, xerr=rows["first_half"], fmt="o", ms=4, color=POLICY, lw=1.2, label="alone (first order)"
    )
    ax.axvline(0, color=INK, lw=1)
    ax.set_title(title, fontsize=9.5)
    ax.grid(axis="y", visible=False)
    return ax


def _small(ax: "Axes", title: str) -> "Axes":
    ax.set_title(title, fontsize=8.5)
    ax.tick_params(labelsize=8)
    return ax
