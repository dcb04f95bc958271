"""Paired differences between policies on the same worlds: how much, how sure, how often, and what would decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.intervals import mean_interval
from sim.model.outcomes.summary import SUMMARY

if TYPE_CHECKING:
    import pandas as pd

DECIDED = 0.05
"""Chance of a single false verdict in a table up to which differences are called higher or lower."""

POWER = 0.8
"""Chance with which ``more_worlds`` would decide, if the difference is what it seems."""

LESS = frozenset(o.name for o in SUMMARY if o.better == "less")
COLUMNS = (
    *("policy", "baseline", "outcome", "difference", "low", "high", "worlds"),
    *("effect", "better", "p", "p_adjusted", "verdict", "more_worlds", "saving"),
)

NUMBERS = ("difference", "low", "high", "effect", "better", "p", "p_adjusted", "more_worlds", "saving")


def means(summary: "pd.DataFrame", outcomes: Sequence[str]) -> "pd.DataFrame":
    """Average each outcome over the runs of each policy; policies in order of appearance."""
    return summary.groupby("policy", sort=False)[list(outcomes)].mean()


def differences(
    summary: "pd.DataFrame",
    baseline: str,
    outcomes: Sequence[str],
    level: float = 0.95,
    world: Sequence[str] = ("seed",),
) -> "pd.DataFrame":
    """Compare each policy with the baseline, world by world.

    Args:
        summary: a row a run, with ``policy``, the columns of ``world`` and the outcomes.
        baseline: the policy that differences are to.
        outcomes: columns to compare.
        level: of the intervals.
        world: columns that say which runs met the same draws.

    A row per policy and outcome: mean ``difference`` with its interval ``low`` to ``high`` (studentised bootstrap,
    ``sim.core.intervals``); ``worlds``; ``effect``, the difference in standard deviations of the paired differences
    (Cohen's d_z); ``better``, the share of worlds in which the policy does better (ties half; the larger where the
    outcome has no better direction); ``p`` of the paired t-test and ``p_adjusted`` for all rows of this table together
    (Holm 1979); ``verdict``: higher, lower or undecided; ``more_worlds`` that would decide with a
    chance of 80 %, if the difference is what it seems (0 where decided, infinite where none is seen); ``saving``, how
    many times as many independent worlds would be needed for the same interval. Where an outcome is missing in a
    world, that world is left out; below two worlds all but the difference is NaN, and undecided.
    """
    import pandas as pd

    by_policy = {name: rows.set_index([*world]) for name, rows in summary.groupby("policy", sort=False)}
    rows = []
    for policy in (p for p in by_policy if p != baseline):
        for outcome in outcomes:
            one, other = by_policy[policy][outcome].align(by_policy[baseline][outcome], join="inner")
            known = (one.notna() & other.notna()).to_numpy()
            row = _row(one.to_numpy(dtype=float)[known], other.to_numpy(dtype=float)[known], outcome in LESS, level)
            rows.append({"policy": policy, "baseline": baseline, "outcome": outcome, **row})
    return _judged(pd.DataFrame(rows, columns=COLUMNS))


def _row(one: Any, other: Any, less: bool, level: float) -> dict[str, Any]:
    from scipy.stats import ttest_1samp

    gaps, n = one - other, len(one)
    low, high = mean_interval(gaps, level)
    row = {"difference": gaps.mean() if n else np.nan, "low": low, "high": high, "worlds": n}
    if n < 2:
        return row
    spread = gaps.std(ddof=1)
    row["better"] = float(np.mean((gaps < 0) if less else (gaps > 0)) + np.mean(gaps == 0) / 2)
    if spread <= 1e-12 * np.abs(gaps).max():  # the same difference in every world
        return row | {"p": float(not gaps.any()), "effect": np.nan if gaps.any() else 0.0}
    row["effect"] = gaps.mean() / spread
    row["p"] = float(ttest_1samp(gaps, 0.0).pvalue)
    row["saving"] = (one.var(ddof=1) + other.var(ddof=1)) / spread**2
    return row


def _judged(table: "pd.DataFrame") -> "pd.DataFrame":
    """Correct for many comparisons, and say what is decided."""
    known = table["p"].notna().to_numpy(dtype=bool)
    adjusted = np.full(len(table), np.nan)
    adjusted[known] = adjust(table.loc[known, "p"].to_numpy(dtype=float))
    decided = adjusted <= DECIDED
    table["p_adjusted"] = adjusted
    table["verdict"] = np.where(decided, np.where(table["difference"] > 0, "higher", "lower"), "undecided")
    more = [worlds_needed(e, len(table)) - n for e, n in zip(table["effect"], table["worlds"], strict=True)]
    table["more_worlds"] = np.where(decided, 0.0, np.where(known, np.maximum(more, 1.0), np.nan))
    return table.astype(dict.fromkeys(NUMBERS, float))


def adjust(p: Any) -> Any:
    """Adjust p values for their number, so that one or more false verdicts among all stay at the level (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted


def worlds_needed(effect: float, comparisons: int = 1) -> float:
    """Give how many worlds show a paired difference of an effect size (d_z) among comparisons with a chance of 80 %.

    Normal approximation, at the level that Bonferroni leaves each comparison; infinite for no effect.
    """
    from scipy.stats import norm

    if not effect:
        return np.inf
    return float(np.ceil(((norm.ppf(1.0 - DECIDED / 2 / comparisons) + norm.ppf(POWER)) / effect) ** 2))


def curves(series: "pd.DataFrame", outcome: str, low: float = 0.1, high: float = 0.9) -> "pd.DataFrame":
    """Summarise a monthly outcome over runs: mean and the range that holds most runs, by policy and month."""
    import pandas as pd

    grouped = series.groupby(["policy", "month"], sort=False)[outcome]
    bands = pd.DataFrame({"mean": grouped.mean(), "low": grouped.quantile(low), "high": grouped.quantile(high)})
    return bands.reset_index()
