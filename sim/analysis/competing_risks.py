"""Why and when they leave: the share gone for each reason, and exits per member-month at risk."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.survival import check_level, checked, need, surviving, tally
from sim.core.errors import InputError, near
from sim.core.intervals import half_width
from sim.model.state import REASONS

if TYPE_CHECKING:
    import pandas as pd


def cumulative_incidence(times: Any, reason: Any, reasons: Sequence[str] = REASONS[1:]) -> "pd.DataFrame":
    """Estimate the share that has left for each reason, by month, with the other reasons competing (Aalen-Johansen).

    I_k(t) = sum over u <= t of S(u-1) d_k(u) / n(u). A row a month from 0: ``at_risk``, ``survival`` and a column for
    each reason, which sum to 1 with survival. A reason of "" is someone still there when last seen.
    """
    import pandas as pd

    reason = np.asarray(reason, dtype=object)
    for name in (name for name in reason if name not in ("", *reasons)):
        raise InputError(f"reason '{name}' is none of those compared; {near(str(name), reasons)}")
    times, left = checked(times, reason != "")
    at_risk, leavers = (counts[0] for counts in tally(times, left))
    survival = surviving(at_risk, leavers)
    before = np.append(1.0, survival[:-1])
    gone = {k: np.cumsum(before * tally(times, reason == k)[1][0] / at_risk) for k in reasons}
    return pd.DataFrame({"month": np.arange(len(at_risk)), "at_risk": at_risk, "survival": survival, **gone})


def hazards(lifetimes: "pd.DataFrame", by: str | Sequence[str], width: int = 6, level: float = 0.95) -> "pd.DataFrame":
    """Count exits over member-months at risk in spans of months, for each value of ``by`` (sector, policy or both).

    A row per group and span: ``first`` and ``last`` month, ``left``, ``at_risk`` (member-months), ``hazard``
    (1/month) and its interval: Student's t over worlds for a ratio, on the log scale. Wilson's would take members of
    one partnership for independent, and be too narrow. No interval (NaN) without exits or with one world. Rows end
    where nobody remains.
    """
    import pandas as pd

    check_level(level)
    by = [by] if isinstance(by, str) else list(by)
    need("lifetimes", lifetimes, (*by, "seed", "month", "left"))
    if not by or lifetimes.empty:
        raise InputError("lifetimes: no group to tell apart; name columns by= and give rows")
    if isinstance(width, bool) or not isinstance(width, (int, np.integer)) or width < 1:
        raise InputError(f"width = {width!r}: give a whole number of months from 1")
    found = []
    for name, rows in lifetimes.groupby(by, sort=False, observed=True):
        at_risk, leavers = tally(*checked(rows["month"], rows["left"]), rows["seed"])
        for first in range(1, at_risk.shape[1], width):
            span = slice(first, first + width)
            last = min(first + width, at_risk.shape[1]) - 1
            ratio = _ratio(leavers[:, span].sum(axis=1), at_risk[:, span].sum(axis=1), level)
            found.append({**dict(zip(by, name, strict=True)), "first": first, "last": last, **ratio})
    return pd.DataFrame(found)


def _ratio(left: Any, at_risk: Any, level: float) -> dict[str, float]:
    """Divide exits by member-months, both one value a world, with the interval over worlds."""
    hazard, low, high = left.sum() / at_risk.sum(), np.nan, np.nan
    if len(left) > 1 and left.sum() > 0:
        relative = half_width((left - hazard * at_risk).std(ddof=1), len(left), level) / left.mean()
        low, high = hazard * np.exp(-relative), min(hazard * np.exp(relative), 1.0)
    return {"left": left.sum(), "at_risk": at_risk.sum(), "hazard": hazard, "low": low, "high": high}
