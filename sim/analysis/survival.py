"""How long members and partnerships last: lifetimes, survival curves, restricted means and their intervals."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.core.errors import InputError, near
from sim.core.intervals import half_width, resamples
from sim.model.state import REASONS

if TYPE_CHECKING:
    import pandas as pd


Ints = NDArray[np.int_]
Floats = NDArray[np.float64]

DRAWS = 1000
"""Resamples of seeds."""


def kaplan_meier(
    times: ArrayLike, left: ArrayLike, level: float = 0.95, entered: ArrayLike | None = None, least: int = 1
) -> "pd.DataFrame":
    """Estimate the share that remains after each month, with Greenwood's interval on the log-log scale (Kaplan-Meier).

    Subjects must be independent: partnerships are, members of one partnership are not (``clustered_survival``).

    Args:
        times: months, one per subject: of leaving, or the last one observed.
        left: whether each left; otherwise it was still there.
        level: of the interval, a share.
        entered: months after which each came under observation (delayed entry, left truncation): it is at risk from
            the next month on. By default all are from the start.
        least: subjects that must be at risk for a month to count: with delayed entry few are at first, and one exit
            among one would end the curve (Lai & Ying 1991). The curve ends with the last such month.

    Returns:
        A row per month from 0: ``at_risk`` up to that month, ``left`` in it, ``survival`` after it, with ``low`` and
        ``high`` (NaN where nobody has left yet or nobody remains).

    Raises:
        InputError: if the times are not whole months from 1, a subject entered after its time, or the level is not a
            share.
    """
    import pandas as pd
    from scipy.stats import CensoredData, ecdf

    check_level(level)
    times, left = check_durations(times, left)
    if entered is not None or least > 1:
        return _delayed_entry(times, left, level, np.zeros(len(times)) if entered is None else entered, least)
    at_risk, leavers = (counts[0] for counts in count_at_risk(times, left))
    curve = ecdf(CensoredData(uncensored=times[left], right=times[~left])).sf
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # SciPy's, on ends without interval: marked below
        band = curve.confidence_interval(level, method="log-log")
    month = np.arange(len(at_risk))
    columns = {"month": month, "at_risk": at_risk, "left": leavers, "survival": curve.evaluate(month)}
    table = pd.DataFrame({**columns, "low": band.low.evaluate(month), "high": band.high.evaluate(month)})
    table.loc[~table["survival"].between(0, 1, inclusive="neither"), ["low", "high"]] = np.nan
    return table


def _delayed_entry(
    times: Ints, left: NDArray[np.bool_], level: float, entered: ArrayLike, least: int
) -> "pd.DataFrame":
    """Estimate survival where subjects come under observation later: at risk in month t if entered < t <= time."""
    import pandas as pd
    from scipy.stats import norm

    since = np.asarray(entered, dtype=float)
    if since.shape != times.shape or not (np.isfinite(since) & (since >= 0) & (since == np.round(since))).all():
        raise InputError("entered: give a whole number of months from 0 for each subject")
    if (since >= times).any():
        raise InputError("entered: a subject came under observation after its last month; leave it out")
    at_risk, leavers = (counts[0] for counts in count_at_risk(times, left, entered=since.astype(int)))
    month, counted = np.arange(len(at_risk)), at_risk >= least
    last = int(np.nonzero(counted)[0].max(initial=0))
    exits = np.where(counted, leavers, 0)
    survival = survival_curve(at_risk, exits)
    with np.errstate(all="ignore"):  # ends without interval
        terms = np.where(exits > 0, exits / (at_risk * (at_risk - exits)), 0.0)
        spread = np.sqrt(np.cumsum(terms)) / np.abs(np.log(survival))
        ends = [survival ** np.exp(sign * norm.ppf(0.5 + level / 2) * spread) for sign in (1, -1)]
    columns = {"month": month, "at_risk": at_risk, "left": exits, "survival": survival, "low": ends[0], "high": ends[1]}
    table = pd.DataFrame(columns)
    table.loc[~table["survival"].between(0, 1, inclusive="neither"), ["low", "high"]] = np.nan
    return table.iloc[: last + 1].copy()


def clustered_survival(
    lifetimes: "pd.DataFrame", by: str = "policy", level: float = 0.95, seed: int = 0
) -> "pd.DataFrame":
    """Estimate survival by group, with an interval for members who share a partnership.

    As ``kaplan_meier``, but the standard error comes from resampling whole seeds (bootstrap), and the interval, on the
    log-log scale too, is Student's t with one degree of freedom less than there are seeds: it needs two.

    Args:
        lifetimes: a row per member and run, of ``lifetimes`` or ``sim.analysis.memberships.memberships``: with a column
            ``entered``, members are at risk from the month after (delayed entry).
        by: the column of the groups.
        level: of the interval, a share.
        seed: of the resamples.

    Returns:
        The columns of ``kaplan_meier``, with ``by`` first; a row per group and month.

    Raises:
        InputError: if a column is missing or there are no rows.
    """
    import pandas as pd

    require_columns("lifetimes", lifetimes, (by, "seed", "month", "left"))
    curves = []
    for name, rows in lifetimes.groupby(by, sort=False, observed=True):
        entered = rows["entered"].to_numpy(dtype=int) if "entered" in rows else np.zeros(len(rows), dtype=int)
        curve = kaplan_meier(rows["month"], rows["left"], level, entered if entered.any() else None)
        at_risk, leavers = count_at_risk(*check_durations(rows["month"], rows["left"]), rows["seed"], entered=entered)
        n = len(at_risk)
        drawn = np.concatenate(list(resamples(n, DRAWS, seed)))
        spread = survival_curve(drawn @ at_risk, drawn @ leavers).std(axis=0) * n / np.sqrt(max(n - 1, 1))
        with np.errstate(divide="ignore", invalid="ignore"):  # ends without interval
            survival = curve["survival"].where(curve["low"].notna())
            factor = np.exp(half_width(spread, n, level) / (survival * -np.log(survival)))
        curve = curve.assign(low=survival**factor, high=survival ** (1 / factor))
        curve.insert(0, by, name)
        curves.append(curve)
    if not curves:
        raise InputError("lifetimes: has no rows; choose a group that has some")
    return pd.concat(curves, ignore_index=True)


def log_rank(one: "pd.DataFrame", other: "pd.DataFrame") -> dict[str, float]:
    """Test whether two groups of lifetimes have the same survival.

    Subjects must be independent, so there is one row per seed: partnerships. The test ignores that two policies met
    the same seeds. For members, or to use the pairing, see ``restricted_mean_difference``.

    Args:
        one: a row per partnership, with ``seed``, ``month`` and ``left``.
        other: the same of the other group.

    Returns:
        ``chi_square`` (one degree of freedom) and ``p_value``; NaN where nobody left.

    Raises:
        InputError: if a column is missing or several rows share a seed.
    """
    from scipy.stats import CensoredData, logrank

    groups = []
    for rows in (one, other):
        require_columns("lifetimes", rows, ("seed", "month", "left"))
        if rows["seed"].duplicated().any():
            raise InputError(
                "log_rank: several rows share a seed, so they are not independent; give partnerships, "
                "or compare members by restricted_mean_difference"
            )
        times, left = check_durations(rows["month"], rows["left"])
        groups.append(CensoredData(uncensored=times[left], right=times[~left]))
    with np.errstate(invalid="ignore"):  # 0/0 where nobody left
        test = logrank(*groups)
    return {"chi_square": float(test.statistic**2), "p_value": float(test.pvalue)}


def restricted_mean(times: ArrayLike, left: ArrayLike, horizon: int) -> dict[str, float]:
    """Give the mean months until leaving, up to a horizon: the area under the survival curve.

    error^2 = sum over months t of (area after t)^2 d_t / (n_t (n_t - d_t)), with n_t at risk and d_t leaving. Subjects
    must be independent.

    Args:
        times: months, one per subject: of leaving, or the last one observed.
        left: whether each left.
        horizon: months.

    Returns:
        ``mean`` and its standard ``error`` (months); no error (NaN) where nobody left, or all in one month.

    Raises:
        InputError: if the times or the horizon are not whole months from 1, or nobody was observed that long.
    """
    (n,), (d,), (survival,) = _until(horizon, *check_durations(times, left))
    after = survival[::-1].cumsum()[::-1]
    several = n > d
    error = np.sqrt(np.sum(after[several] ** 2 * d[several] / (n * (n - d))[several]))
    return {"mean": float(after[0]), "error": float(error) if error > 0 else np.nan}


def restricted_mean_difference(
    one: "pd.DataFrame", other: "pd.DataFrame", horizon: int, level: float = 0.95
) -> dict[str, float]:
    """Give how many months longer group ``one`` stays than ``other``, up to a horizon, with its interval.

    Where both have the same seeds (two policies, two sectors), differences are taken seed by seed and the interval is
    Student's t over seeds, so that members may share them. Where they share none and each row has a seed of its own,
    the interval rests on the two standard errors of ``restricted_mean``.

    Args:
        one: a row per subject, with ``seed``, ``month`` and ``left``.
        other: the same of the other group.
        horizon: months.
        level: of the interval, a share.

    Returns:
        ``difference``, ``low`` and ``high`` (months), and ``replications``: the seeds that both have.

    Raises:
        InputError: if a column is missing, or the groups share some seeds but not all.
    """
    from scipy.stats import norm

    check_level(level)
    for rows in (one, other):
        require_columns("lifetimes", rows, ("seed", "month", "left"))
    shared, seeds = set(one["seed"]) & set(other["seed"]), set(one["seed"]) | set(other["seed"])
    if shared == seeds:
        gaps = np.subtract(*(_mean_by_seed(rows, horizon) for rows in (one, other)))
        spread = gaps.std(ddof=1) if len(gaps) > 1 else np.nan
        difference, half = gaps.mean(), half_width(spread, len(gaps), level)
    elif shared or one["seed"].duplicated().any() or other["seed"].duplicated().any():
        raise InputError(
            f"the groups share {len(shared)} of {len(seeds)} seeds; compare groups of members with the same seeds, "
            "or partnerships with the same or with other seeds"
        )
    else:
        a, b = (restricted_mean(rows["month"], rows["left"], horizon) for rows in (one, other))
        difference, half = a["mean"] - b["mean"], norm.ppf(0.5 + level / 2) * np.hypot(a["error"], b["error"])
    ends = {"low": float(difference - half), "high": float(difference + half)}
    return {"difference": float(difference), **ends, "replications": len(shared)}


def _mean_by_seed(rows: "pd.DataFrame", horizon: int) -> Floats:
    """Give the restricted mean of each seed, in order."""
    survival = _until(horizon, *check_durations(rows["month"], rows["left"]), rows["seed"])[2]
    return np.asarray(survival.sum(axis=1), dtype=float)


def _until(horizon: int, times: Ints, left: NDArray[np.bool_], seed: ArrayLike = 0) -> tuple[Ints, Ints, Floats]:
    """Give at risk, leaving and surviving per seed, for the months from 0 to before the horizon."""
    if isinstance(horizon, bool) or not isinstance(horizon, (int, np.integer)) or horizon < 1:
        raise InputError(f"horizon = {horizon!r}: give a whole number of months from 1")
    at_risk, leavers = count_at_risk(times, left, seed, max(horizon, times.max()))
    survival = survival_curve(at_risk, leavers)
    if ((at_risk[:, horizon] == 0) & (survival[:, horizon] > 0)).any():
        raise InputError(f"horizon = {horizon}: nobody of a group was observed that long; give a shorter one")
    return at_risk[:, :horizon], leavers[:, :horizon], survival[:, :horizon]


RUN = ["policy", "seed"]
"""Columns that say which run a row belongs to."""


def lifetimes(summary: "pd.DataFrame", events: "pd.DataFrame", founders: "pd.DataFrame", months: int) -> "pd.DataFrame":
    """Give how long each founder of each run took part. Members that joined later are left out.

    Args:
        summary: a row per run, of ``simulate``.
        events: the events of the same runs.
        founders: ``member`` and ``sector`` of all founders, as those who never leave have no event. They are the same
            in every run, so one run of one month has them: ``simulate(scenario, 1, months=1,
            record="members").members``, of which the members below ``scenario.size.partners``.
        months: how long the runs are.

    Returns:
        A row per policy, seed and member: policy, seed, member, sector, ``month`` of leaving, or the last one with
        ``left`` false and an empty ``reason`` where it stayed.

    Raises:
        InputError: if the tables do not belong together.
    """
    _check_runs(summary, months)
    require_columns("founders", founders, ("member", "sector"))
    require_columns("events", events, (*RUN, "month", "member", "kind", "sector"))
    places = founders[["member", "sector"]].drop_duplicates()
    if places.empty:
        raise InputError("founders: there are none; give the members of a first month")
    everyone = summary[[*RUN, "months_alive", "retention"]].merge(places, how="cross")
    exits = events[events["kind"].astype(str).str.startswith("exit")]
    _check_exits(exits, summary, places, months)
    exits = exits.assign(reason=exits["kind"].astype(str).str.removeprefix("exit "))
    rows = everyone.merge(exits[[*RUN, "member", "month", "reason"]], how="left", on=[*RUN, "member"])
    rows["left"] = rows["month"].notna()
    rows["month"] = rows["month"].fillna(months).astype(int)
    rows["reason"] = rows["reason"].fillna("")
    _check_stays(rows)
    return rows[[*RUN, "member", "sector", "month", "left", "reason"]]


def partnership_lifetimes(summary: "pd.DataFrame", months: int) -> "pd.DataFrame":
    """Give how long each partnership lasted. Only for partnerships that nobody joins: others may end and come back.

    Args:
        summary: a row per run, of ``simulate``.
        months: how long the runs are.

    Returns:
        A row per policy and seed: ``month`` in which it ended (fewer than two members remained), one more than its
        months with at least two members at their end; or the last month, with ``left`` false.

    Raises:
        InputError: if a run is there twice or did not last as long as ``months`` says.
    """
    _check_runs(summary, months)
    alive = summary["months_alive"].astype(int)
    return summary[RUN].assign(month=(alive + 1).clip(upper=months), left=alive < months).reset_index(drop=True)


def _check_runs(summary: "pd.DataFrame", months: int) -> None:
    """Refuse runs that cannot be told apart, or that did not last as long as ``months``."""
    require_columns("summary", summary, (*RUN, "months_alive", "retention"))
    if isinstance(months, bool) or not isinstance(months, (int, np.integer)) or months < 1:
        raise InputError(f"months = {months!r}: give the whole number of months that were simulated")
    if summary.empty:
        raise InputError("summary: has no runs; simulate some first")
    twice = summary[summary.duplicated(RUN)]
    if len(twice):
        raise InputError(f"summary: {_run(twice)} is there twice; give the runs of one parameter set at a time")
    alive, stayed = summary["months_alive"], summary["retention"]
    wrong = summary[~alive.between(0, months) | ((stayed > 0.5) & (alive != months))]  # over half: at least two
    if len(wrong):
        raise InputError(
            f"months = {months}: {_run(wrong)} had two members for {wrong['months_alive'].iloc[0]:g}; "
            "give the number of months that were simulated"
        )


def _check_exits(exits: "pd.DataFrame", summary: "pd.DataFrame", places: "pd.DataFrame", months: int) -> None:
    """Refuse exits that do not belong to these runs and founders, or that happen for no known reason."""
    known = [f"exit {reason}" for reason in REASONS[1:]]
    strange = exits[~exits["kind"].astype(str).isin(known)]
    if len(strange):
        kind = str(strange["kind"].iloc[0])
        raise InputError(f"events: kind '{kind}' is not a way to leave; {near(kind, known)}")
    late = exits[~exits["month"].between(1, months)]
    if len(late):
        raise InputError(f"months = {months}: an exit is in month {late['month'].iloc[0]}; give the months simulated")
    repeated = exits[exits.duplicated([*RUN, "member"])]
    if len(repeated):
        raise InputError(
            f"events: {_run(repeated)} has member {repeated['member'].iloc[0]} leave twice; give each event once"
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


def _check_stays(rows: "pd.DataFrame") -> None:
    """Refuse founders and events that do not give the retention of the summary."""
    runs = rows.groupby(RUN, sort=False, observed=True).agg(left=("left", "mean"), retention=("retention", "first"))
    wrong: Any = runs[~np.isclose(1 - runs["left"], runs["retention"])].reset_index()
    if len(wrong):
        raise InputError(
            f"founders: {_run(wrong)} would retain {1 - wrong['left'].iloc[0]:.0%} of them, but its retention is "
            f"{wrong['retention'].iloc[0]:.0%}; give all founders, no later entrants, and all exits"
        )


def _run(rows: "pd.DataFrame") -> str:
    return f"the run of policy {rows['policy'].iloc[0]}, seed {rows['seed'].iloc[0]}"


def check_durations(times: ArrayLike, left: ArrayLike) -> tuple[Ints, NDArray[np.bool_]]:
    """Check months and whether each ended in leaving.

    Args:
        times: whole months from 1, one per subject.
        left: true for subjects that left.

    Returns:
        Both as arrays, of whole numbers and of truth values.

    Raises:
        InputError: if there are none, their numbers differ, or a value is not allowed.
    """
    months, left = np.asarray(times, dtype=float), np.asarray(left)
    if months.size == 0:
        raise InputError("times: there are none; choose a group that has lifetimes")
    if months.shape != left.shape:
        raise InputError(f"times and left: {months.size} and {left.size} of them; give one of each per subject")
    odd = months[~np.isfinite(months) | (months < 1) | (months != np.round(months))]
    if odd.size:
        raise InputError(f"times: {odd[0]:g} is not allowed; give whole months from 1, the last seen for who stayed")
    if not np.isin(left, (0, 1)).all():
        raise InputError("left: give true for who left and false for who was still there")
    return months.astype(int), left.astype(bool)


def check_level(level: float) -> None:
    """Refuse a level of confidence that is not a share between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"level = {level!r}: give a share between 0 and 1, such as 0.95")


def count_at_risk(
    times: Ints, left: ArrayLike, seed: ArrayLike = 0, months: int = 0, entered: ArrayLike = 0
) -> tuple[Ints, Ints]:
    """Count subjects at risk and subjects that leave, by seed and month.

    Args:
        times: months, one per subject.
        left: whether each left.
        seed: of each subject's run, or one for all.
        months: least number of months.
        entered: months after which each came under observation, or one for all.

    Returns:
        Two arrays of shape (seeds in order, months from 0).
    """
    seeds, row = np.unique(np.broadcast_to(seed, times.shape), return_inverse=True)
    shape = (len(seeds), max(months, times.max()) + 1)
    ended, leavers, came = (np.zeros(shape, dtype=int) for _ in range(3))
    np.add.at(ended, (row, times), 1)
    np.add.at(leavers, (row, times), left)
    np.add.at(came, (row, np.broadcast_to(np.asarray(entered, dtype=int), times.shape)), 1)
    still, later = (counts[:, ::-1].cumsum(axis=1)[:, ::-1] for counts in (ended, came))
    later[:, 0] -= came[:, 0]  # those that came at 0 are there at 0, and from the first month on
    return still - later, leavers


def survival_curve(at_risk: ArrayLike, leavers: ArrayLike) -> Floats:
    """Multiply the shares that stay, month by month (Kaplan-Meier).

    Args:
        at_risk: subjects at risk, months last.
        leavers: subjects that leave, of the same shape.

    Returns:
        The share that remains after each month, of the same shape.
    """
    remaining: Floats = np.cumprod(1 - np.asarray(leavers) / np.maximum(at_risk, 1), axis=-1).astype(np.float64)
    return remaining


def require_columns(what: str, table: "pd.DataFrame", columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column; ``what`` is the table's name in the message."""
    for name in columns:
        if name not in table.columns:
            raise InputError(f"{what}: there is no column '{name}'; {near(name, table.columns)}")
