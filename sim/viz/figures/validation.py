"""The figures of calibration and validation."""

from textwrap import shorten
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from sim.viz.style import GREY, INK, POLICY, RC, SOFT


def calibration_figure(region: Any, space: Any, targets: Any, note: str) -> Any:
    """Draw, for each free parameter, how what is left lies in its prior; and the facts."""
    with mpl.rc_context(RC):
        names = [*space, *targets]
        rows = -(-len(names) // 4)
        picture, axes = plt.subplots(rows, 4, figsize=(11, 2.0 * rows + 0.8), squeeze=False)
        for ax, name in zip(axes.flat, names, strict=False):
            fact = targets.get(name)
            low, high = (fact.low, fact.high) if fact else (space[name]["low"], space[name]["high"])
            if fact:
                ax.axvspan(low, high, color=GREY, alpha=0.35, lw=0)
                ax.hist(region[name], bins=12, color=POLICY, alpha=0.85)
            else:
                counts, edges = np.histogram(region[name], bins=10, range=(low, high))
                ax.stairs(counts / max(counts.mean(), 1e-9), edges, fill=True, color=POLICY, alpha=0.85)
                ax.axhline(1.0, color=INK, lw=1, ls="--")
                ax.set_xlim(low, high)
            ax.set_title(f"{name}: {fact.outcome}" if fact else name, fontsize=8.5)
            ax.tick_params(labelsize=8)
        for ax in list(axes.flat)[len(names) :]:
            ax.set_axis_off()
        for row in axes:
            row[0].set_ylabel("share left\n(1: as in the prior)", fontsize=8)
        picture.suptitle("What known facts leave of the prior", x=0.01, ha="left", weight="bold")
        picture.text(0.01, 0.005, f"{note}; grey: empirical range of a fact, bars: settings", color=SOFT, fontsize=8)
        picture.tight_layout(rect=(0, 0.02, 1, 1))
        return picture


def pattern_figure(found: Any, note: str) -> Any:
    """Draw each pattern's empirical range (grey) and what the model gives, scaled so that the ranges line up."""
    with mpl.rc_context(RC):
        picture, ax = plt.subplots(figsize=(10, 0.34 * len(found) + 1.3))
        for y, row in enumerate(found.itertuples()):
            span = row.high - row.low
            left, middle, right = (np.clip((v - row.low) / span, -0.95, 1.95) for v in (row.q05, row.median, row.q95))
            ax.barh(y, 1.0, 0.62, left=0.0, color=GREY, alpha=0.35, lw=0)
            colour = INK if row.verdict == "passed" else POLICY
            ax.plot([left, right], [y, y], color=colour, lw=2.2, solid_capstyle="butt")
            ax.plot(middle, y, "o" if row.verdict == "passed" else "X", color=colour, ms=7)
            label = f"known {row.low:g} to {row.high:g}; here {row.median:.2g} ({row.q05:.2g} to {row.q95:.2g})"
            ax.text(2.03, y, label, va="center", fontsize=7.5, color=SOFT)
        names = [
            f"{r.pattern} {shorten(r.fact, 62, placeholder='...')}{' *' if r.kind == 'built in' else ''}"
            for r in found.itertuples()
        ]
        ax.set_yticks(range(len(found)), names, fontsize=8)
        ax.set_ylim(len(found) - 0.4, -0.6)
        ax.set_xlim(-1.0, 2.0)
        ax.set_xticks([0, 1], ["lower end", "upper end"])
        ax.grid(axis="y", visible=False)
        passed = int((found["verdict"] == "passed").sum())
        ax.set_title(f"Facts the model was not fitted to: {passed} passed, {len(found) - passed} failed")
        note = f"{note}; line: 90 % of settings; o median inside the range, X outside; * built in; cut at the edges"
        picture.text(0.01, 0.005, note, color=SOFT, fontsize=7)
        picture.tight_layout(rect=(0, 0.02, 0.99, 1))
        picture.subplots_adjust(right=0.72)
        return picture


def sensitivity_figure(sobol: Any, note: str) -> Any:
    """Draw first-order and total indices with intervals, a panel an outcome."""
    outcomes = list(dict.fromkeys(sobol["outcome"]))
    order = sobol.groupby("parameter")["total"].mean().sort_values().index
    with mpl.rc_context(RC):
        picture, axes = plt.subplots(
            1, len(outcomes), figsize=(11.5, 0.3 * len(order) + 1.6), sharey=True, squeeze=False
        )
        for ax, outcome in zip(axes.flat, outcomes, strict=True):
            rows = sobol[sobol["outcome"] == outcome].set_index("parameter").loc[order]
            y = np.arange(len(order))
            ax.barh(y, rows["total"], 0.7, color=GREY, alpha=0.6, label="with others (total)")
            ax.errorbar(rows["total"], y, xerr=rows["total_half"], fmt="none", ecolor=SOFT, lw=1)
            ax.errorbar(
                rows["first"],
                y,
                xerr=rows["first_half"],
                fmt="o",
                ms=4,
                color=POLICY,
                lw=1.2,
                label="alone (first order)",
            )
            ax.axvline(0, color=INK, lw=1)
            ax.set_title(f"{outcome.replace('_', ' ')}\n(noise {rows['noise'].iloc[0]:.1%})", fontsize=9.5)
            ax.grid(axis="y", visible=False)
        axes[0, 0].set_yticks(np.arange(len(order)), order, fontsize=8)
        handles, names = axes[0, 0].get_legend_handles_labels()
        picture.legend(handles, names, loc="lower center", ncols=2, fontsize=9, bbox_to_anchor=(0.6, 0.03))
        picture.text(0.01, 0.008, f"{note}; share of variance, 95 % intervals", color=SOFT, fontsize=7)
        picture.tight_layout(rect=(0, 0.08, 1, 1))
        return picture
