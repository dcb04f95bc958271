"""What a choice between policies gives up: dominated policies, regret, and effort per additional member retained."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.core.errors import InputError, near
from sim.core.intervals import resamples
from sim.model.outcomes import better_of

if TYPE_CHECKING:
    import pandas as pd

"""Which direction of each outcome is better: more, less, or neither."""

DECIDING = {
    n: better_of(n) for n in ("retention", "private_value", "private_fairness", "society_value", "effort_spent")
}
"""Outcomes that policies are weighed by, and which direction is better."""

NEAR = 0.1
"""Share of the best policy's mean within which another counts as near the best."""


def pareto(table: "pd.DataFrame", directions: Mapping[str, str]) -> NDArray[np.bool_]:
    """Tell which rows are on the Pareto front: no other row is at least as good in all columns and better in one.

    Args:
        table: a row per candidate.
        directions: column -> "more" or "less", whichever is better.

    Returns:
        True for each row on the front. Equal rows are on it together or not at all. A row with a missing value (NaN)
        is never on it and dominates no other.

    Raises:
        InputError: if no column is named, a column is unknown, or a direction is not "more" or "less".
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


def regrets(runs: "pd.DataFrame", outcome: str, states: Sequence[str]) -> "pd.DataFrame":
    """Give how much less each policy gives, on average, than the best one in the same state of the world (Savage 1951).

    Args:
        runs: a row per run, with ``policy``, the columns of ``states`` and the outcome.
        outcome: a column; where less of it is better, the best policy is the one with the least.
        states: columns that tell states of the world apart: scenario, point, parameter set.

    Returns:
        A row per state and a column per policy, in the outcome's unit: 0 for the best, NaN where a policy has no runs.
    """
    averages = runs.groupby([*states, "policy"], sort=False, observed=True)[outcome].mean().unstack()
    averages = averages[list(dict.fromkeys(runs["policy"]))]
    if better_of(outcome) == "less":
        return averages.sub(averages.min(axis=1), axis=0)
    return averages.rsub(averages.max(axis=1), axis=0)


def robustness(runs: "pd.DataFrame", outcome: str, states: Sequence[str]) -> "pd.DataFrame":
    """Summarise regrets over states of the world.

    Args:
        runs: a row per run, with ``policy``, the columns of ``states`` and the outcome.
        outcome: a column.
        states: columns that tell states of the world apart.

    Returns:
        A row per policy, smallest worst regret first: ``mean`` of the outcome over states, ``mean_regret``,
        ``worst_regret``, and ``worst_at``, the state in which that happens; ``best``: share of states in which it is
        best; ``near_best``: share in which it is within a tenth of the best; ``states``: how many count, which are
        those in which every policy has runs.
    """
    import pandas as pd

    table = regrets(runs, outcome, states).dropna()
    average = runs.groupby([*states, "policy"], observed=True)[outcome].mean().unstack().loc[table.index]
    best = (average.min(axis=1) if better_of(outcome) == "less" else average.max(axis=1)).abs()
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
            "states": len(lost),
        }
        for policy, lost in table.items()
    ]
    return pd.DataFrame(rows).sort_values("worst_regret", kind="stable", ignore_index=True)


def effort_per_member_retained(
    summary: "pd.DataFrame", baseline: str, founders: int, level: float = 0.95
) -> "pd.DataFrame":
    """Give the effort for each additional founding member that a policy retains, compared with the baseline.

    The ratio of two mean paired differences, with the percentile interval of 2,000 resamples of seeds.

    Args:
        summary: a row per run, with ``policy``, ``seed``, ``retention`` and ``effort_spent``.
        baseline: the policy to compare with.
        founders: how many members start.
        level: of the interval, a share.

    Returns:
        A row per policy: ``retained``, additional members per run; ``effort``, additional effort per run;
        ``effort_per_member`` with its interval ``low`` to ``high`` (effort per member), NaN where it is uncertain that
        any additional member is retained: where one resample in forty retains none; and ``replications``.
    """
    import pandas as pd

    columns = ["retention", "effort_spent"]
    base = summary[summary["policy"] == baseline].set_index("seed")
    rows = []
    for policy, runs in summary[summary["policy"] != baseline].groupby("policy", sort=False):
        gaps = (runs.set_index("seed")[columns] - base[columns]).dropna()
        retained, spent = gaps["retention"].to_numpy() * founders, gaps["effort_spent"].to_numpy()
        n = len(gaps)
        row: dict[str, Any] = {"policy": policy, "replications": n}  # what is not known stays NaN
        if n:
            row |= {"retained": retained.mean(), "effort": spent.mean()}
        if n > 1:
            drawn = np.concatenate([counts @ np.stack([retained, spent], axis=1) for counts in resamples(n)])
            if np.quantile(drawn[:, 0], 0.5 - level / 2) > 0.0:
                row["effort_per_member"] = spent.mean() / retained.mean()
                ratios = np.divide(drawn[:, 1], drawn[:, 0], out=np.full(len(drawn), np.inf), where=drawn[:, 0] > 0.0)
                row["low"], row["high"] = np.quantile(ratios, [0.5 - level / 2, 0.5 + level / 2], method="nearest")
        rows.append(row)
    return pd.DataFrame(
        rows, columns=["policy", "retained", "effort", "effort_per_member", "low", "high", "replications"]
    )
