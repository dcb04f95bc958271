"""What a choice between policies gives up: regret over circumstances, and the price of a partner kept."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import InputError, near
from sim.core.intervals import resamples
from sim.model.outcomes.summary import SUMMARY

if TYPE_CHECKING:
    import pandas as pd

BETTER = {o.name: o.better for o in SUMMARY}
"""Which way of each outcome is better: more, less, or neither."""

DECIDING = {n: BETTER[n] for n in ("retention", "private_value", "private_fairness", "society_value", "effort_spent")}
"""Outcomes that a policy is weighed by, and which way is better."""

NEAR = 0.1
"""Share of the best policy's mean within which another counts as near the best."""


def pareto(table: "pd.DataFrame", directions: Mapping[str, str]) -> Any:
    """Tell which rows no other row betters: at least as good in every column named, and better in one.

    ``directions`` says for each column whether "more" or "less" is better. Rows that tie in all of them stand or fall
    together. A row with a missing value (NaN) is never on the front, and betters no other.
    """
    if not directions:
        raise InputError("pareto: name at least one column with its direction, for example {'retention_60': 'more'}")
    for column, better in directions.items():
        if column not in table:
            raise InputError(f"pareto: there is no column '{column}'; {near(column, table.columns)}")
        if better not in ("more", "less"):
            raise InputError(f"pareto: {column}: better is 'more' or 'less', not {better!r}")
    signs = [1.0 if better == "more" else -1.0 for better in directions.values()]
    values = table[list(directions)].to_numpy(dtype=float) * signs
    front = np.asarray(~np.isnan(values).any(axis=1))
    for row in np.flatnonzero(front):
        front[row] = not ((values >= values[row]).all(axis=1) & (values > values[row]).any(axis=1)).any()
    return front


def regrets(runs: "pd.DataFrame", outcome: str, circumstances: Sequence[str]) -> "pd.DataFrame":
    """Give what each policy misses, on average, of the best one in the same circumstances (Savage 1951).

    Args:
        runs: a row a run, with ``policy``, the columns of circumstances and the outcome.
        outcome: an outcome; where less is better, the best is the smallest.
        circumstances: columns that tell circumstances apart: scenario, point, setting.

    Returns a row per circumstance, a column per policy, 0 for the best; NaN where a policy has no runs.
    """
    found = runs.groupby([*circumstances, "policy"], sort=False, observed=True)[outcome].mean().unstack()
    found = found[list(dict.fromkeys(runs["policy"]))]
    if BETTER.get(outcome) == "less":
        return found.sub(found.min(axis=1), axis=0)
    return found.rsub(found.max(axis=1), axis=0)


def robustness(runs: "pd.DataFrame", outcome: str, circumstances: Sequence[str]) -> "pd.DataFrame":
    """Sum up regrets: a row per policy, the one whose worst regret is smallest first.

    ``mean``: of the outcome over circumstances; ``mean_regret``; ``worst_regret`` and ``worst_at``, the circumstance
    it happens in; ``best``: share of circumstances in which it is best; ``near_best``: share in which it is within a
    tenth of the best. Only circumstances that every policy was run in count; ``circumstances`` says how many.
    """
    import pandas as pd

    table = regrets(runs, outcome, circumstances).dropna()
    average = runs.groupby([*circumstances, "policy"], observed=True)[outcome].mean().unstack().loc[table.index]
    best = (average.min(axis=1) if BETTER.get(outcome) == "less" else average.max(axis=1)).abs()
    rows = [
        {
            "policy": policy,
            "outcome": outcome,
            "mean": average[policy].mean(),
            "mean_regret": lost.mean(),
            "worst_regret": lost.max(),
            "worst_at": lost.idxmax() if len(lost) else None,
            "best": float((lost == 0.0).mean()),
            "near_best": float((lost <= NEAR * best).mean()),
            "circumstances": len(lost),
        }
        for policy, lost in table.items()
    ]
    return pd.DataFrame(rows).sort_values("worst_regret", kind="stable", ignore_index=True)


def retention_cost(summary: "pd.DataFrame", baseline: str, founders: int, level: float = 0.95) -> "pd.DataFrame":
    """Give the effort per partner kept that would have left under the baseline, policy by policy.

    The ratio of two mean differences in the same worlds, with the percentile interval of 2,000 resamples of worlds;
    NaN where it is not clear that any partner is kept: where one resample in forty keeps none.
    """
    import pandas as pd

    base = summary[summary["policy"] == baseline].set_index("seed")
    rows = []
    for policy, found in summary[summary["policy"] != baseline].groupby("policy", sort=False):
        gaps = (found.set_index("seed")[["retention", "effort_spent"]] - base[["retention", "effort_spent"]]).dropna()
        kept, spent = gaps["retention"].to_numpy() * founders, gaps["effort_spent"].to_numpy()
        n = len(gaps)
        row: dict[str, Any] = {"policy": policy, "worlds": n}  # what is not known stays NaN
        if n:
            row |= {"kept": kept.mean(), "effort": spent.mean()}
        if n > 1:
            drawn = np.concatenate([counts @ np.stack([kept, spent], axis=1) for counts in resamples(n)])
            if np.quantile(drawn[:, 0], 0.5 - level / 2) > 0.0:
                row["cost"] = spent.mean() / kept.mean()
                ratios = np.divide(drawn[:, 1], drawn[:, 0], out=np.full(len(drawn), np.inf), where=drawn[:, 0] > 0.0)
                row["low"], row["high"] = np.quantile(ratios, [0.5 - level / 2, 0.5 + level / 2], method="nearest")
        rows.append(row)
    return pd.DataFrame(rows, columns=["policy", "kept", "effort", "cost", "low", "high", "worlds"])
