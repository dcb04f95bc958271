"""Paired differences between policies on the same seeds: how large, how certain, how often, and what would decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.core.intervals import mean_interval
from sim.model.outcomes import better_of

if TYPE_CHECKING:
    import pandas as pd

DECIDED = 0.05
"""Probability of one or more false verdicts in a table, up to which differences are called higher or lower."""

POWER = 0.8
"""Probability with which ``more_replications`` would decide, if the difference is what it seems."""

COLUMNS = (
    *("policy", "baseline", "outcome", "difference", "low", "high", "replications"),
    *("effect", "better", "p", "p_adjusted", "verdict", "more_replications", "saving"),
)

NUMBERS = ("difference", "low", "high", "effect", "better", "p", "p_adjusted", "more_replications", "saving")


def means(summary: "pd.DataFrame", outcomes: Sequence[str]) -> "pd.DataFrame":
    """Average each outcome over the runs of each policy.

    Args:
        summary: a row per run, with ``policy`` and the outcomes.
        outcomes: columns to average.

    Returns:
        A row per policy (the index, in order of appearance) and a column per outcome.
    """
    return summary.groupby("policy", sort=False)[list(outcomes)].mean()


def differences(
    summary: "pd.DataFrame",
    baseline: str,
    outcomes: Sequence[str],
    level: float = 0.95,
    paired_by: Sequence[str] = ("seed",),
) -> "pd.DataFrame":
    """Compare each policy with the baseline, seed by seed (common random numbers).

    Args:
        summary: a row per run, with ``policy``, the columns of ``paired_by`` and the outcomes.
        baseline: the policy to compare with.
        outcomes: columns to compare.
        level: of the intervals, a share.
        paired_by: columns that say which runs of two policies belong together.

    Returns:
        A row per policy and outcome. ``difference``: the mean of the paired differences, in the outcome's unit, with
        its interval ``low`` to ``high`` (studentised bootstrap, ``sim.core.intervals``). ``replications``: pairs in
        which the outcome is known; below two all but the difference is NaN, and the verdict undecided. ``effect``: the
        difference in standard deviations of the paired differences (Cohen's d_z). ``better``: share of pairs in which
        the policy does better (ties count half; where no direction is better, the larger). ``p``: of the paired
        t-test; ``p_adjusted``: Holm-corrected over the rows of this table (Holm 1979). ``verdict``: higher, lower or
        undecided. ``more_replications``: how many would decide with a probability of 80 %, if the difference is what
        it seems (0 where decided, infinite where no difference is seen). ``saving``: how many times as many
        independent replications would be needed for the same interval.
    """
    import pandas as pd

    by_policy = {name: rows.set_index([*paired_by]) for name, rows in summary.groupby("policy", sort=False)}
    rows = []
    for policy in (p for p in by_policy if p != baseline):
        for outcome in outcomes:
            one, other = by_policy[policy][outcome].align(by_policy[baseline][outcome], join="inner")
            known = (one.notna() & other.notna()).to_numpy()
            row = _row(
                one.to_numpy(dtype=float)[known],
                other.to_numpy(dtype=float)[known],
                better_of(outcome) == "less",
                level,
            )
            rows.append({"policy": policy, "baseline": baseline, "outcome": outcome, **row})
    return add_verdicts(pd.DataFrame(rows, columns=list(COLUMNS)))


def _row(one: NDArray[np.float64], other: NDArray[np.float64], less: bool, level: float) -> dict[str, Any]:
    from scipy.stats import ttest_1samp

    gaps, n = one - other, len(one)
    low, high = mean_interval(gaps, level)
    row = {"difference": gaps.mean() if n else np.nan, "low": low, "high": high, "replications": n}
    if n < 2:
        return row
    spread = gaps.std(ddof=1)
    row["better"] = float(np.mean((gaps < 0) if less else (gaps > 0)) + np.mean(gaps == 0) / 2)
    if spread <= 1e-12 * np.abs(gaps).max():  # the same difference for every seed
        return row | {"p": float(not gaps.any()), "effect": np.nan if gaps.any() else 0.0}
    row["effect"] = gaps.mean() / spread
    row["p"] = float(ttest_1samp(gaps, 0.0).pvalue)
    row["saving"] = (one.var(ddof=1) + other.var(ddof=1)) / spread**2
    return row


def add_verdicts(table: "pd.DataFrame") -> "pd.DataFrame":
    """Correct for the number of comparisons, and say what is decided."""
    known = table["p"].notna().to_numpy(dtype=bool)
    adjusted = np.full(len(table), np.nan)
    adjusted[known] = adjust(table.loc[known, "p"].to_numpy(dtype=float))
    decided = adjusted <= DECIDED
    table["p_adjusted"] = adjusted
    table["verdict"] = np.where(decided, np.where(table["difference"] > 0, "higher", "lower"), "undecided")
    pairs = zip(table["effect"], table["replications"], strict=True)
    more = [replications_needed(effect, len(table)) - n for effect, n in pairs]
    table["more_replications"] = np.where(decided, 0.0, np.where(known, np.maximum(more, 1.0), np.nan))
    return table.astype(dict.fromkeys(NUMBERS, float))


def adjust(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Adjust p-values so that the probability of one or more false verdicts among all stays at the level (Holm 1979).

    Args:
        p: p-values, one dimension.

    Returns:
        The adjusted p-values, in the same order.
    """
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted


def replications_needed(effect: float, comparisons: int = 1) -> float:
    """Give how many replications show a paired difference with a probability of 80 %.

    Normal approximation, at the level that Bonferroni leaves each comparison.

    Args:
        effect: the difference in standard deviations of the paired differences (d_z).
        comparisons: how many comparisons are made at once.

    Returns:
        A whole number; infinite for no effect.
    """
    from scipy.stats import norm

    if not effect:
        return np.inf
    return float(np.ceil(((norm.ppf(1.0 - DECIDED / 2 / comparisons) + norm.ppf(POWER)) / effect) ** 2))


def curves(series: "pd.DataFrame", outcome: str, low: float = 0.1, high: float = 0.9) -> "pd.DataFrame":
    """Summarise a monthly outcome over runs.

    Args:
        series: a row per run and month, with ``policy``, ``month`` and the outcome.
        outcome: a column.
        low: lower quantile of the band, a share.
        high: upper quantile of the band, a share.

    Returns:
        A row per policy and month: ``mean``, ``low`` and ``high``, in the outcome's unit.
    """
    import pandas as pd

    grouped = series.groupby(["policy", "month"], sort=False)[outcome]
    bands = pd.DataFrame({"mean": grouped.mean(), "low": grouped.quantile(low), "high": grouped.quantile(high)})
    return bands.reset_index()
