"""What becomes of each member by name: how often it is still there, what it captures, and why it most often leaves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.intervals import half_width, share_interval

if TYPE_CHECKING:
    import pandas as pd

MIDTERM = 24
"""Month of the earlier look, as in the outcome ``retention_24``."""

KNOWN = "known"
"""Cause of an exit that the roster says."""


def members_fates(ends: "pd.DataFrame", events: "pd.DataFrame", months: int, level: float = 0.95) -> "pd.DataFrame":
    """Measure what becomes of each member over the runs of each policy.

    Args:
        ends: a row per run and member, of ``sim.simulate``, with ``name``.
        events: the events of the same runs.
        months: how long the runs are.
        level: of the intervals, a share.

    Returns:
        A row per policy and member. ``retention_24`` and ``retention``: the share of runs in which it is still there
        after 24 months and at the end (Wilson's interval), missing where it joins later or, for 24 months, where runs
        are shorter; ``private_value``: captured by the end (mean, Student's t); ``reason``: the commonest cause of its
        exits, empty if it never leaves; ``reason_share``: in what share of its exits. The intervals say how sure the
        numbers of this model are at that many runs, not how sure the model is.
    """
    import pandas as pd

    run_and_member = [c for c in ends if c in events]  # parameters that vary by run are among them
    exits = events[events["kind"].astype(str).str.startswith("exit")].drop_duplicates(run_and_member)
    rows = ends.merge(exits[[*run_and_member, "cause"]], on=run_and_member, how="left")
    fates = [_fate(one, months, level) for _, one in rows.groupby(["policy", "member"], sort=False)]
    return pd.DataFrame(fates)


def _fate(runs: "pd.DataFrame", months: int, level: float) -> dict[str, Any]:
    """Measure one member under one policy: a row per run."""
    first, n = runs.iloc[0], len(runs)
    left, value, causes = runs["left_month"].to_numpy(), runs["needs_met"].to_numpy(), runs["cause"].value_counts()
    half = float(half_width(value.std(ddof=1), n, level)) if n > 1 else np.nan
    fate = {
        **{name: first[name] for name in ("policy", "member", "name", "sector")},
        "replications": n,
        **_retention("retention_24", left, first["joins"], MIDTERM if months >= MIDTERM else None, level),
        **_retention("retention", left, first["joins"], months, level),
        "private_value": value.mean(),
        "private_value_low": value.mean() - half,
        "private_value_high": value.mean() + half,
        "reason": str(causes.index[0]) if len(causes) else "",
        "reason_share": causes.iloc[0] / causes.sum() if len(causes) else np.nan,
    }
    if fate["reason"] == KNOWN and causes.iloc[0] == n:  # what is known is not a matter of chance
        for name in ("retention_24", "retention"):
            fate |= {f"{name}_low": fate[name], f"{name}_high": fate[name]}
    return fate


def _retention(name: str, left: Any, joins: float, month: int | None, level: float) -> dict[str, float]:
    """Give the share of runs in which a member is still there at the end of a month, and its interval."""
    if month is None or joins > month:
        return {name: np.nan, f"{name}_low": np.nan, f"{name}_high": np.nan}
    there = int(((left == 0) | (left > month)).sum())
    low, high = share_interval(there, len(left), level)
    return {name: there / len(left), f"{name}_low": low, f"{name}_high": high}


def is_known(fates: "pd.DataFrame") -> Any:
    """Flag the rows of members that leave because the roster says so, in every run."""
    return (fates["reason"] == KNOWN) & (fates["reason_share"] == 1.0) & (fates["retention"] == 0.0)


def most_at_risk(fates: "pd.DataFrame", baseline: str, most: int) -> Sequence[int]:
    """Give the numbers of the members that stay least often under the baseline, the least first; known leavers not."""
    open_ones = fates[(fates["policy"] == baseline) & ~is_known(fates) & fates["retention"].notna()]
    return [int(m) for m in open_ones.sort_values("retention", kind="stable")["member"].head(most)]
