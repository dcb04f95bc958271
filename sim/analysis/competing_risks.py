"""Why and when members leave: the share that has left for each reason, and exits per member-month at risk."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.analysis.survival import check_durations, check_level, count_at_risk, require_columns, survival_curve
from sim.core.errors import InputError, near
from sim.core.intervals import half_width
from sim.model.state import REASONS

if TYPE_CHECKING:
    import pandas as pd


def cumulative_incidence(times: ArrayLike, reason: ArrayLike, reasons: Sequence[str] = REASONS[1:]) -> "pd.DataFrame":
    """Estimate the share that has left for each reason, with the other reasons competing (Aalen-Johansen).

    I_k(t) = sum over u <= t of S(u-1) d_k(u) / n(u).

    Args:
        times: months, one per subject: of leaving, or the last one observed.
        reason: why each left; "" for a subject that was still there.
        reasons: the reasons to tell apart.

    Returns:
        A row per month from 0: ``at_risk``, ``survival`` and a column per reason (shares that sum to 1 with survival).

    Raises:
        InputError: for a reason that is not among ``reasons``, or times that are not whole months from 1.
    """
    import pandas as pd

    reason = np.asarray(reason, dtype=object)
    for name in (name for name in reason if name not in ("", *reasons)):
        raise InputError(f"reason '{name}' is not one of those compared; {near(str(name), reasons)}")
    months, left = check_durations(times, reason != "")
    at_risk, leavers = (counts[0] for counts in count_at_risk(months, left))
    survival = survival_curve(at_risk, leavers)
    before = np.append(1.0, survival[:-1])
    gone = {k: np.cumsum(before * count_at_risk(months, reason == k)[1][0] / at_risk) for k in reasons}
    return pd.DataFrame({"month": np.arange(len(at_risk)), "at_risk": at_risk, "survival": survival, **gone})


def hazards(lifetimes: "pd.DataFrame", by: str | Sequence[str], width: int = 6, level: float = 0.95) -> "pd.DataFrame":
    """Count exits over member-months at risk in spans of months, by group.

    The interval is Student's t over seeds for a ratio, on the log scale. Wilson's would take the members of one
    partnership for independent, and be too narrow.

    Args:
        lifetimes: a row per member and run, of ``sim.analysis.survival.lifetimes``.
        by: columns of the groups: sector, policy or both.
        width: of a span (months).
        level: of the intervals, a share.

    Returns:
        A row per group and span: ``first`` and ``last`` month, ``left`` (exits), ``at_risk`` (member-months) and
        ``hazard`` (1/month) with ``low`` and ``high`` (NaN without exits or with one seed), as long as somebody
        remains.

    Raises:
        InputError: if a column is missing, there is no group, or the width is not a whole number from 1.
    """
    import pandas as pd

    check_level(level)
    by = [by] if isinstance(by, str) else list(by)
    require_columns("lifetimes", lifetimes, (*by, "seed", "month", "left"))
    if not by or lifetimes.empty:
        raise InputError("lifetimes: no group to tell apart; name columns by= and give rows")
    if isinstance(width, bool) or not isinstance(width, (int, np.integer)) or width < 1:
        raise InputError(f"width = {width!r}: give a whole number of months from 1")
    spans: list[dict[str, Any]] = []
    for name, rows in lifetimes.groupby(by, sort=False, observed=True):
        at_risk, leavers = count_at_risk(*check_durations(rows["month"], rows["left"]), rows["seed"])
        for first in range(1, at_risk.shape[1], width):
            span = slice(first, first + width)
            last = min(first + width, at_risk.shape[1]) - 1
            ratio = _ratio(leavers[:, span].sum(axis=1), at_risk[:, span].sum(axis=1), level)
            spans.append({**dict(zip(by, name, strict=True)), "first": first, "last": last, **ratio})
    return pd.DataFrame(spans)


def _ratio(left: NDArray[np.int_], at_risk: NDArray[np.int_], level: float) -> dict[str, float]:
    """Divide exits by member-months, both one value per seed, with the interval over seeds."""
    hazard, low, high = left.sum() / at_risk.sum(), np.nan, np.nan
    if len(left) > 1 and left.sum() > 0:
        relative = half_width((left - hazard * at_risk).std(ddof=1), len(left), level) / left.mean()
        low, high = hazard * np.exp(-relative), min(hazard * np.exp(relative), 1.0)
    return {"left": left.sum(), "at_risk": at_risk.sum(), "hazard": hazard, "low": low, "high": high}
