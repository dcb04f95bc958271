"""How long members and partnerships last: lifetimes, survival curves, restricted means and their intervals."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import InputError, near
from sim.core.intervals import half_width, resamples
from sim.model.state import REASONS

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
    means: np.ndarray[Any, Any] = _until(horizon, *checked(rows["month"], rows["left"]), rows["seed"])[2].sum(axis=1)
    return means


def _until(horizon: int, times: Any, left: Any, world: Any = 0) -> Any:
    """Give at risk, leaving and surviving per world, for the months from 0 to before the horizon."""
    if isinstance(horizon, bool) or not isinstance(horizon, (int, np.integer)) or horizon < 1:
        raise InputError(f"horizon = {horizon!r}: give a whole number of months from 1")
    at_risk, leavers = tally(times, left, world, max(horizon, times.max()))
    survival = surviving(at_risk, leavers)
    if ((at_risk[:, horizon] == 0) & (survival[:, horizon] > 0)).any():
        raise InputError(f"horizon = {horizon}: nobody of a group was followed that long; give a shorter one")
    return at_risk[:, :horizon], leavers[:, :horizon], survival[:, :horizon]


RUN = ["policy", "seed"]


def lifetimes(summary: "pd.DataFrame", events: "pd.DataFrame", founders: "pd.DataFrame", months: int) -> "pd.DataFrame":
    """Give each founder of each run a row: policy, seed, member, sector, month, left, reason.

    ``month`` is the month it left in; or the last one, with ``left`` false and no ``reason``, where it stayed.
    Who joined later is left out.

    Args:
        summary: a row a run, of ``simulate``.
        events: the events of the same runs.
        founders: ``member`` and ``sector`` of all founders, as who never leaves has no event. Places and sectors are
            the same in every run, so one run of one month tells: ``simulate(scenario, 1, months=1,
            record="members").members``, of which the members below ``scenario.size.partners``.
        months: how long the runs were.
    """
    _check_runs(summary, months)
    need("founders", founders, ("member", "sector"))
    need("events", events, (*RUN, "month", "member", "kind", "sector"))
    places = founders[["member", "sector"]].drop_duplicates()
    if places.empty:
        raise InputError("founders: there are none; give the members of a first month")
    everyone = summary[[*RUN, "months_alive", "retention"]].merge(places, how="cross")
    exits = events[events["kind"].astype(str).str.startswith("exit")]
    _check_exits(exits, summary, places, months)
    exits = exits.assign(reason=exits["kind"].astype(str).str.removeprefix("exit "))
    found = everyone.merge(exits[[*RUN, "member", "month", "reason"]], how="left", on=[*RUN, "member"])
    found["left"] = found["month"].notna()
    found["month"] = found["month"].fillna(months).astype(int)
    found["reason"] = found["reason"].fillna("")
    _check_stays(found)
    return found[[*RUN, "member", "sector", "month", "left", "reason"]]


def partnership_lifetimes(summary: "pd.DataFrame", months: int) -> "pd.DataFrame":
    """Give each partnership a row: policy, seed, month, left (it ended: fewer than two members remained).

    ``month`` is the one it ended in, so one more than its months with at least two members at their end; or the last
    one. Only for partnerships that nobody joins: others may fall below two and come back.
    """
    _check_runs(summary, months)
    alive = summary["months_alive"].astype(int)
    return summary[RUN].assign(month=(alive + 1).clip(upper=months), left=alive < months).reset_index(drop=True)


def _check_runs(summary: "pd.DataFrame", months: int) -> None:
    """Refuse runs that cannot be told apart, or that did not last as long as is said."""
    need("summary", summary, (*RUN, "months_alive", "retention"))
    if isinstance(months, bool) or not isinstance(months, (int, np.integer)) or months < 1:
        raise InputError(f"months = {months!r}: give the whole number of months that were simulated")
    if summary.empty:
        raise InputError("summary: has no runs; simulate some first")
    twice = summary[summary.duplicated(RUN)]
    if len(twice):
        raise InputError(f"summary: {_run(twice)} is there twice; give the runs of one setting at a time")
    alive, stayed = summary["months_alive"], summary["retention"]
    wrong = summary[~alive.between(0, months) | ((stayed > 0.5) & (alive != months))]  # over half: at least two
    if len(wrong):
        raise InputError(
            f"months = {months}: {_run(wrong)} kept two members for {wrong['months_alive'].iloc[0]:g}; "
            "give the number of months that were simulated"
        )


def _check_exits(exits: "pd.DataFrame", summary: "pd.DataFrame", places: "pd.DataFrame", months: int) -> None:
    """Refuse exits that do not belong to these runs and founders, or that happen for no known reason."""
    known = [f"exit {reason}" for reason in REASONS[1:]]
    strange = exits[~exits["kind"].astype(str).isin(known)]
    if len(strange):
        kind = str(strange["kind"].iloc[0])
        raise InputError(f"events: kind '{kind}' is no way to leave; {near(kind, known)}")
    late = exits[~exits["month"].between(1, months)]
    if len(late):
        raise InputError(f"months = {months}: an exit is in month {late['month'].iloc[0]}; give the months simulated")
    again = exits[exits.duplicated([*RUN, "member"])]
    if len(again):
        raise InputError(
            f"events: {_run(again)} has member {again['member'].iloc[0]} leave twice; give each event once"
        )
    lost = exits.merge(summary[RUN], how="left", on=RUN, indicator=True)
    lost = lost[lost["_merge"] == "left_only"]
    if len(lost):
        raise InputError(f"events: {_run(lost)} is not in the summary; give both tables of the same runs")
    sectors = exits[["member", "sector"]].merge(places, on="member", suffixes=("_seen", ""))
    moved = sectors[sectors["sector_seen"].astype(str) != sectors["sector"].astype(str)]
    both = moved["member"].tolist() + places.loc[places["member"].duplicated(), "member"].tolist()
    if both:
        raise InputError(f"founders: member {both[0]} has two sectors; give the runs of one sector mix at a time")


def _check_stays(found: "pd.DataFrame") -> None:
    """Refuse founders and events that do not give the retention of the summary."""
    runs = found.groupby(RUN, sort=False, observed=True).agg(left=("left", "mean"), retention=("retention", "first"))
    wrong: Any = runs[~np.isclose(1 - runs["left"], runs["retention"])].reset_index()
    if len(wrong):
        raise InputError(
            f"founders: {_run(wrong)} would keep {1 - wrong['left'].iloc[0]:.0%} of them, but its retention is "
            f"{wrong['retention'].iloc[0]:.0%}; give all founders, no later entrants, and all exits"
        )


def _run(rows: "pd.DataFrame") -> str:
    return f"the run of policy {rows['policy'].iloc[0]}, seed {rows['seed'].iloc[0]}"


def checked(times: Any, left: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give the months and whether each ended in leaving, as arrays of whole numbers and truth values."""
    given, left = np.asarray(times, dtype=float), np.asarray(left)
    if given.size == 0:
        raise InputError("times: there are none; choose a group that has lifetimes")
    if given.shape != left.shape:
        raise InputError(f"times and left: {given.size} and {left.size} of them; give one of each per subject")
    odd = given[~np.isfinite(given) | (given < 1) | (given != np.round(given))]
    if odd.size:
        raise InputError(f"times: {odd[0]:g} is not allowed; give whole months from 1, the last seen for who stayed")
    if not np.isin(left, (0, 1)).all():
        raise InputError("left: give true for who left and false for who was still there")
    return given.astype(int), left.astype(bool)


def check_level(level: float) -> None:
    """Refuse a level of confidence that is no share."""
    if not 0 < level < 1:
        raise InputError(f"level = {level!r}: give a share between 0 and 1, such as 0.95")


def tally(times: Any, left: Any, world: Any = 0, months: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Count who is at risk and who leaves, in arrays of shape (worlds, months from 0); worlds are in order."""
    worlds, row = np.unique(np.broadcast_to(world, times.shape), return_inverse=True)
    shape = (len(worlds), max(months, times.max()) + 1)
    ended, leavers = np.zeros(shape, dtype=int), np.zeros(shape, dtype=int)
    np.add.at(ended, (row, times), 1)
    np.add.at(leavers, (row, times), left)
    return ended[:, ::-1].cumsum(axis=1)[:, ::-1], leavers


def surviving(at_risk: Any, leavers: Any) -> np.ndarray:
    """Multiply the shares that stay, month by month: the survival curve (Kaplan-Meier)."""
    return np.cumprod(1 - leavers / np.maximum(at_risk, 1), axis=-1)


def need(what: str, table: "pd.DataFrame", columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    for name in columns:
        if name not in table.columns:
            raise InputError(f"{what}: there is no column '{name}'; {near(name, table.columns)}")
