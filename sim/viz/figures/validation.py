"""The figures of calibration, validation and sensitivity."""

from collections.abc import Mapping
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.outcomes import unit_of
from sim.viz.axes.validation import plot_indices, plot_parameter, plot_patterns, plot_prediction, plot_target
from sim.viz.layout import finish, legend_of, panels
from sim.viz.style import drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def calibration_figure(
    region: "pd.DataFrame", space: Mapping[str, Any], targets: Mapping[str, Any], note: str
) -> "Figure":
    """Draw how the plausible region lies in the prior, by parameter, and what it gives for each target.

    Args:
        region: a row per parameter set, a column per free parameter and target, and ``weight``.
        space: free parameter -> its prior, with "low", "high" and, if it is even in logarithms, "scale".
        targets: target -> what is known of it, with ``span`` (low, high) and ``outcome``.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        n, title = (
            len(space) + len(targets),
            "The plausible region: parameters within their prior, and calibration data",
        )
        figure, axes = panels(n, title, size=(2.75, 2.0), share_x=False, share_y=False)
        for ax, (name, prior) in zip(axes, space.items(), strict=False):
            plot_parameter(region[name], region["weight"], prior, name.removeprefix("rules."), ax)
        for ax, (name, target) in zip(axes[len(space) :], targets.items(), strict=True):
            title = label(name if name.startswith(target.outcome) else f"{name}: {target.outcome}")
            low, high = target.span
            plot_target(region[name], region["weight"], low, high, title, ax)
        for ax in axes[: len(space) : 4]:
            ax.set_ylabel("density (prior: 1)", fontsize=8)
        for ax in axes[len(space) :]:
            ax.set_ylabel("parameter sets", fontsize=8)
        return finish(figure, f"{note}; grey: empirical range of a target; bars: parameter sets")


def prediction_figure(prediction: "pd.DataFrame", note: str) -> "Figure":
    """Draw every number that a region was calibrated on beside what runs of the region give, a panel per fact.

    Args:
        prediction: a row per number: fact, at, outcome, real, low, high, q05, median, q95.
        note: at the foot.

    Returns:
        The figure.
    """
    facts = list(dict.fromkeys(prediction["fact"]))
    with drawing():
        figure, axes = panels(
            len(facts), "What is known, and what the region gives", size=(3.4, 2.6), share_x=False, share_y=False
        )
        for ax, fact in zip(axes, facts, strict=True):
            rows = prediction[prediction["fact"] == fact]
            plot_prediction(rows, label(fact), unit_of(rows["outcome"].iloc[0]), ax)
        return finish(figure, f"{note}; bars: 90 % of what single partnerships of the region do", [legend_of(axes[0])])


def pattern_figure(patterns: "pd.DataFrame", note: str) -> "Figure":
    """Draw each pattern's empirical range and what the model gives, scaled so that the ranges line up.

    Args:
        patterns: a row per pattern: pattern, fact, kind, low, high, q05, median, q95, verdict.
        note: at the foot.

    Returns:
        The figure.
    """
    passed = int((patterns["verdict"] == "passed").sum())
    title = f"Patterns not used in calibration: {passed} passed, {len(patterns) - passed} failed"
    with drawing():
        figure, (ax,) = panels(1, title, size=(10, 0.34 * len(patterns) + 0.7))
        names = [
            f"{row['pattern']} {shorten(str(row['fact']), 62, placeholder='...')}{' *' * (row['kind'] == 'built in')}"
            for row in patterns.to_dict("records")
        ]
        plot_patterns(patterns, names, ax)
        note = (
            f"{note}; line: 90 % of parameter sets; o median inside the range, X outside; * built in; cut at the edges"
        )
        return finish(figure, note, right=2.6)


def sensitivity_figure(sobol: "pd.DataFrame", note: str) -> "Figure":
    """Draw first-order and total indices with intervals, a panel for each outcome.

    Args:
        sobol: a row per outcome and parameter: first, first_half, total, total_half, noise.
        note: at the foot.

    Returns:
        The figure.
    """
    outcomes = list(dict.fromkeys(sobol["outcome"]))
    order = [str(name) for name in sobol.groupby("parameter")["total"].mean().sort_values().index]
    width = 11.5 / max(len(outcomes), 1)
    with drawing():
        figure, axes = panels(
            len(outcomes), "Sobol indices: share of variance", size=(width, 0.3 * len(order) + 0.8), share_x=False
        )
        for ax, outcome in zip(axes, outcomes, strict=True):
            rows = sobol[sobol["outcome"] == outcome].set_index("parameter").loc[order]
            plot_indices(rows, f"{label(outcome)} (noise {rows['noise'].iloc[0]:.1%})", ax)
        axes[0].set_yticks(np.arange(len(order)), order, fontsize=8)
        return finish(figure, f"{note}; 95 % intervals", [legend_of(axes[0])])
