"""How long they stay: survival curves, mean months up to a horizon, and how two groups differ."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.at_risk import check_level, checked, need, surviving, tally
from sim.core.errors import InputError
from sim.core.intervals import half_width, resamples

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 1000
"""How many times the worlds are drawn again."""


def kaplan_meier(times: Any, left: Any, level: float = 0.95) -> "pd.DataFrame":
    """Estimate the share still there after each month, with Greenwood's interval on the log-log scale.

    A row a month from 0: ``at_risk`` up to that month, ``left`` in it, ``survival`` after it. Supposes independent
    subjects: partnerships are, members of one partnership are not (``clustered_survival``). No interval (NaN) where
    nobody has left yet or nobody remains.
    """
    import pandas as pd
    from scipy.stats import CensoredData, ecdf

    check_level(level)
    times, left = checked(times, left)
    at_risk, leavers = (counts[0] for counts in tally(times, left))
    curve = ecdf(CensoredData(uncensored=times[left], right=times[~left])).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # SciPy's, on ends without interval: marked below
        band = curve.confidence_interval(level, method="log-log")
    month = np.arange(len(at_risk))
    columns = {"month": month, "at_risk": at_risk, "left": leavers, "survival": curve.evaluate(month)}
    table = pd.DataFrame({**columns, "low": band.low.evaluate(month), "high": band.high.evaluate(month)})
    table.loc[~table["survival"].between(0, 1, inclusive="neither"), ["low", "high"]] = np.nan
    return table


def clustered_survival(
    lifetimes: "pd.DataFrame", by: str = "policy", level: float = 0.95, seed: int = 0
) -> "pd.DataFrame":
    """Estimate survival for each value of ``by``, with an interval for members who share a partnership.

    As ``kaplan_meier``, but the standard error comes from drawing whole worlds again (bootstrap), and the interval,
    on the log-log scale too, is Student's t with one degree of freedom less than there are worlds: it needs two.
    """
    import pandas as pd

    need("lifetimes", lifetimes, (by, "seed", "month", "left"))
    curves = []
    for name, rows in lifetimes.groupby(by, sort=False, observed=True):
        curve = kaplan_meier(rows["month"], rows["left"], level)
        at_risk, leavers = tally(*checked(rows["month"], rows["left"]), rows["seed"])
        worlds = len(at_risk)
        drawn = np.concatenate(list(resamples(worlds, DRAWS, seed)))
        spread = surviving(drawn @ at_risk, drawn @ leavers).std(axis=0) * worlds / np.sqrt(max(worlds - 1, 1))
        with np.errstate(divide="ignore", invalid="ignore"):  # ends without interval
            survival = curve["survival"].where(curve["low"].notna())
            factor = np.exp(half_width(spread, worlds, level) / (survival * -np.log(survival)))
        curve = curve.assign(low=survival**factor, high=survival ** (1 / factor))
        curve.insert(0, by, name)
        curves.append(curve)
    if not curves:
        raise InputError("lifetimes: has no rows; choose a group that has some")
    return pd.concat(curves, ignore_index=True)


def log_rank(one: "pd.DataFrame", other: "pd.DataFrame") -> dict[str, float]:
    """Test whether two groups of lifetimes survive alike: chi-square (one degree of freedom) and its p-value.

    Supposes independent subjects, so takes one row a world: partnerships. For members, or to gain from two policies
    having met the same worlds, which this ignores, see ``restricted_mean_difference``. NaN where nobody left.
    """
    from scipy.stats import CensoredData, logrank

    groups = []
    for rows in (one, other):
        need("lifetimes", rows, ("seed", "month", "left"))
        if rows["seed"].duplicated().any():
            raise InputError(
                "log_rank: several rows share a world, so they are not independent; give partnerships, "
                "or compare members by restricted_mean_difference"
            )
        times, left = checked(rows["month"], rows["left"])
        groups.append(CensoredData(uncensored=times[left], right=times[~left]))
    with np.errstate(invalid="ignore"):  # 0/0 where nobody left
        found = logrank(*groups)
    return {"chi_square": float(found.statistic**2), "p_value": float(found.pvalue)}


def restricted_mean(times: Any, left: Any, horizon: int) -> dict[str, float]:
    """Give the mean months until leaving, up to a horizon (the area under the survival curve), and its standard error.

    error^2 = sum over months t of (area after t)^2 d_t / (n_t (n_t - d_t)), with n_t at risk and d_t leaving. Supposes
    independent subjects. No error (NaN) where nothing varies: nobody left, or all in one month.
    """
    (n,), (d,), (survival,) = _until(horizon, *checked(times, left))
    after = survival[::-1].cumsum()[::-1]
    several = n > d
    error = np.sqrt(np.sum(after[several] ** 2 * d[several] / (n * (n - d))[several]))
    return {"mean": float(after[0]), "error": float(error) if error > 0 else np.nan}


def restricted_mean_difference(
    one: "pd.DataFrame", other: "pd.DataFrame", horizon: int, level: float = 0.95
) -> dict[str, float]:
    """Give how many months longer group ``one`` stays than ``other``, up to a horizon, with its interval.

    Where both come from the same worlds (two policies, two sectors) the differences are taken world by world and the
    interval is Student's t over worlds, so that members may share them. Where they share none and each row is a world
    of its own, ``worlds`` is 0 and the interval rests on the two standard errors of ``restricted_mean``.
    """
    from scipy.stats import norm

    check_level(level)
    for rows in (one, other):
        need("lifetimes", rows, ("seed", "month", "left"))
    shared, worlds = set(one["seed"]) & set(other["seed"]), set(one["seed"]) | set(other["seed"])
    if shared == worlds:
        gaps = np.subtract(*(_mean_by_world(rows, horizon) for rows in (one, other)))
        spread = gaps.std(ddof=1) if len(gaps) > 1 else np.nan
        difference, half = gaps.mean(), half_width(spread, len(gaps), level)
    elif shared or one["seed"].duplicated().any() or other["seed"].duplicated().any():
        raise InputError(
            f"the groups share {len(shared)} of {len(worlds)} worlds; compare groups of members in the same worlds, "
            "or partnerships in the same or in other worlds"
        )
    else:
        a, b = (restricted_mean(rows["month"], rows["left"], horizon) for rows in (one, other))
        difference, half = a["mean"] - b["mean"], norm.ppf(0.5 + level / 2) * np.hypot(a["error"], b["error"])
    ends = {"low": float(difference - half), "high": float(difference + half)}
    return {"difference": float(difference), **ends, "worlds": len(shared)}


def _mean_by_world(rows: "pd.DataFrame", horizon: int) -> np.ndarray:
    """Give the restricted mean of each world, by seed."""
    return _until(horizon, *checked(rows["month"], rows["left"]), rows["seed"])[2].sum(axis=1)


def _until(horizon: int, times: Any, left: Any, world: Any = 0) -> Any:
    """Give at risk, leaving and surviving per world, for the months from 0 to before the horizon."""
    if isinstance(horizon, bool) or not isinstance(horizon, (int, np.integer)) or horizon < 1:
        raise InputError(f"horizon = {horizon!r}: give a whole number of months from 1")
    at_risk, leavers = tally(times, left, world, max(horizon, times.max()))
    survival = surviving(at_risk, leavers)
    if ((at_risk[:, horizon] == 0) & (survival[:, horizon] > 0)).any():
        raise InputError(f"horizon = {horizon}: nobody of a group was followed that long; give a shorter one")
    return at_risk[:, :horizon], leavers[:, :horizon], survival[:, :horizon]
