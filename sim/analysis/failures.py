"""Runs that failed: where a run of a policy failed, no policy is judged."""

from typing import TYPE_CHECKING

from sim.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def with_failures(runs: "pd.DataFrame", failures: "pd.DataFrame") -> "pd.DataFrame":
    """Add the runs that failed, which have no outcomes, to those that did not; the column ``failed`` tells them apart.

    Args:
        runs: a row per run: policy, point, seed and outcomes.
        failures: a row per run that failed: policy, point, seed.
    """
    import pandas as pd

    if failures.empty:
        return runs.assign(failed=False)
    return pd.concat([runs.assign(failed=False), failures.assign(failed=True)], ignore_index=True)


def where_none_failed(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Leave out policies that failed in every point, and then every point in which a run failed.

    Args:
        runs: of ``with_failures``.

    Returns:
        The other runs. ``attrs["left_out"]`` says in words what was left out; empty if nothing.

    Raises:
        InputError: if nothing is left.
    """
    points, failures = runs.groupby("policy")["point"].nunique(), runs[runs["failed"]]
    everywhere = failures.groupby("policy")["point"].nunique().reindex(points.index) == points
    out = list(points.index[everywhere])
    rest = runs[~runs["policy"].isin(out)]
    bad = set(rest.loc[rest["failed"], "point"])
    judged = rest[~rest["point"].isin(bad)].drop(columns="failed").reset_index(drop=True)
    parts = [f"policy {name}, of which runs failed in every point" for name in out]
    parts += [f"{len(bad):,} of {rest['point'].nunique():,} points, in which runs failed"] if bad else []
    left_out = f"left out of every comparison and ranking: {' and '.join(parts)}" if parts else ""
    if judged.empty:
        raise InputError(f"no policy can be judged in any point; {left_out}")
    judged.attrs["left_out"] = left_out
    return judged
