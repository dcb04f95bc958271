"""Paired differences between policies on the same worlds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.intervals import half_width

if TYPE_CHECKING:
    import pandas as pd


def means(summary: "pd.DataFrame", outcomes: Sequence[str]) -> "pd.DataFrame":
    """Average each outcome over the runs of each policy; policies in order of appearance."""
    return summary.groupby("policy", sort=False)[list(outcomes)].mean()


def differences(summary: "pd.DataFrame", baseline: str, outcomes: Sequence[str], level: float = 0.95) -> "pd.DataFrame":
    """Compare each policy with the baseline, world by world.

    A row per policy and outcome: mean difference, its interval (Student's t on the paired differences),
    how often the policy is the larger of the two, and the number of worlds. Where an outcome is missing in
    a world, that world is left out; with fewer than two worlds there is no interval (NaN).
    """
    import pandas as pd

    by_policy = {name: rows.set_index("seed") for name, rows in summary.groupby("policy", sort=False)}
    rows = []
    for policy in (p for p in by_policy if p != baseline):
        for outcome in outcomes:
            gaps = (by_policy[policy][outcome] - by_policy[baseline][outcome]).dropna().to_numpy()
            n = len(gaps)
            mean = gaps.mean() if n else np.nan
            half = float(half_width(gaps.std(ddof=1), n, level)) if n > 1 else np.nan
            rows.append(
                {
                    "policy": policy,
                    "baseline": baseline,
                    "outcome": outcome,
                    "difference": mean,
                    "low": mean - half,
                    "high": mean + half,
                    "larger": (gaps > 0).mean() if n else np.nan,
                    "worlds": n,
                }
            )
    columns = ["policy", "baseline", "outcome", "difference", "low", "high", "larger", "worlds"]
    return pd.DataFrame(rows, columns=columns)


def curves(series: "pd.DataFrame", outcome: str, low: float = 0.1, high: float = 0.9) -> "pd.DataFrame":
    """Summarise a monthly outcome over runs: mean and the range that holds most runs, by policy and month."""
    import pandas as pd

    grouped = series.groupby(["policy", "month"], sort=False)[outcome]
    bands = pd.DataFrame({"mean": grouped.mean(), "low": grouped.quantile(low), "high": grouped.quantile(high)})
    return bands.reset_index()
