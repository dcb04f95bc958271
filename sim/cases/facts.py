"""What lists say about leaving, beside the model: survival by sector, hazard by tenure, clustering, level, founders."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.survival import kaplan_meier
from sim.cases.quality import by_partnership
from sim.cases.spells import Spell, months
from sim.core.errors import InputError
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS
from sim.studies.validation.lists import (
    HORIZONS,
    TENURES,
    UNSURE_DAYS,
    Counts,
    MemberList,
    facts_of,
    simulate_list,
    why_no_timing,
)

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

LEAST_AT_RISK = 5
"""Members that must be at risk for a month to count in a survival curve."""

ROUNDING = 0.05
"""Months by which calendar ones differ from equal ones: an exit on the first anniversary is in month 12."""

UNKNOWN = "not known"
SURVIVAL = ("sector", "month", "at_risk", "left", "survival", "low", "high", "earliest", "latest")
HAZARDS = ("first", "last", "exits", "member_months", "at", "real", "low", "high", "q05", "median", "q95", "note")
FACTS = ("fact", "unit", "at", "real", "low", "high", "q05", "median", "q95", "note")


def survival_by_sector(spells: Sequence[Spell], bulk_is_exit: bool = False, level: float = 0.95) -> "pd.DataFrame":
    """Estimate how long members stay, by sector, from when their membership began (Kaplan-Meier with delayed entry).

    Members of the first list whose beginning is not known are left out. An exit between two days is put half-way;
    ``earliest`` and ``latest`` are the curves with all exits on the first and on the last day that each can be.

    Args:
        spells: of one or more lists.
        bulk_is_exit: whether members gone in a bulk clean-up count as exits; else they are followed up to it.
        level: of the intervals, a share.

    Returns:
        A row per sector and month: ``at_risk``, ``left``, ``survival``, ``low``, ``high``, ``earliest``, ``latest``.
    """
    import pandas as pd

    tables = []
    for sector in (*SECTORS, UNKNOWN):
        own = [s for s in spells if (s.sector or UNKNOWN) == sector]
        rows = [row for s in own if (row := _tenures(s, bulk_is_exit)) is not None]
        if len(rows) < LEAST_AT_RISK:
            continue
        entered, low, middle, high, left = (np.array(column) for column in zip(*rows, strict=True))
        curve = kaplan_meier(middle, left, level, entered, LEAST_AT_RISK)
        for name, times in (("earliest", low), ("latest", high)):
            other = kaplan_meier(times, left, level, entered, LEAST_AT_RISK).set_index("month")["survival"]
            curve[name] = other.reindex(curve["month"], method="ffill").to_numpy()
        curve.insert(0, "sector", sector)
        tables.append(curve)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(SURVIVAL))


def _tenures(spell: Spell, bulk_is_exit: bool) -> tuple[int, int, int, int, bool] | None:
    """Give months of membership at entry to observation and at the end (earliest to latest), and whether it left."""
    clock = spell.clock
    if clock is None:
        return None
    entered = int(max(months(clock, spell.begins) + ROUNDING, 0.0))
    left = spell.gone_by is not None and (bulk_is_exit or not spell.in_bulk)
    ends = (spell.last_seen, spell.left_at, spell.gone_by) if left else (spell.last_seen,) * 3
    low, middle, high = (int(np.ceil(months(clock, day) - ROUNDING)) for day in ends if day is not None)
    if (spell.gone_by or spell.last_seen) <= spell.window_start:
        return None
    return (entered, *(max(end, entered + 1) for end in (low, middle, high)), left)  # type: ignore[return-value]


def hazard_counts(spells: Sequence[Spell], bulk_is_exit: bool = False) -> tuple[Array, Array]:
    """Count exits and member-months by class of tenure, from when each membership began, as known.

    Who joined before the list begins is at risk from its first day on (delayed entry). Members whose beginning is not
    known are left out, as in ``survival_by_sector``.

    Args:
        spells: of one or more lists.
        bulk_is_exit: whether members gone in a bulk clean-up count as exits; else they are followed up to it.

    Returns:
        Exits and member-months, of the classes between ``TENURES``.
    """
    rows = []
    for spell in spells:
        if spell.clock is None or (spell.gone_by or spell.last_seen) <= spell.window_start:
            continue
        left = spell.left_at if bulk_is_exit or not spell.in_bulk else None
        since, until = months(spell.clock, spell.begins), months(spell.clock, left or spell.last_seen)
        rows.append((max(since, 0.0), until, left is not None))
    since, until, left = np.array(rows, dtype=float).reshape(-1, 3).T[:, :, None]
    low, high = TENURES[:-1], TENURES[1:]
    exits = ((left > 0) & (until > low) & (until <= high)).sum(axis=0)
    exposure = np.clip(np.minimum(until, high) - np.maximum(since, low), 0.0, None).sum(axis=0)
    return exits.astype(float), exposure


def member_list(name: str, spells: Sequence[Spell], bulk_is_exit: bool = False) -> MemberList:
    """Describe one list as the calibration on lists takes it; a member without a sector is of the commonest one.

    Args:
        name: of the list.
        spells: at least one.
        bulk_is_exit: whether members gone in a bulk clean-up count as exits.

    Returns:
        The list, in months after its first day.
    """
    known = [SECTORS.index(s.sector) for s in spells if s.sector in SECTORS]
    common = max(set(known), key=known.count) if known else SECTORS.index("private")
    start = min(s.window_start for s in spells)
    length = max(1, round(months(start, max(s.window_end for s in spells))))
    joins = np.array([max(months(start, s.begins), 0.0) for s in spells])
    gone = [months(start, s.left_at) if s.left_at and (bulk_is_exit or not s.in_bulk) else np.inf for s in spells]
    leaves = np.array(
        [max(g, 1e-6) if s.begins < (s.gone_by or s.window_end) else 0.0 for g, s in zip(gone, spells, strict=True)]
    )
    ends = [s.last_seen if s.in_bulk and not bulk_is_exit else s.window_end for s in spells]
    until = np.array([months(start, day) for day in ends])
    founder = np.array([s.founder for s in spells]) | (joins <= 0.0)
    return MemberList(
        name,
        np.array([SECTORS.index(s.sector) if s.sector in SECTORS else common for s in spells]),
        founder,
        np.where(founder, 0.0, joins),
        leaves,
        length,
        start.month,
        np.maximum(until, 0.01),
        unsure=np.array([s.gone_by is not None and (s.gone_by - s.last_seen).days > UNSURE_DAYS for s in spells]),
    )


def beside_model(
    spells: Sequence[Spell],
    curves: "pd.DataFrame",
    scenario: Scenario,
    seeds: Sequence[int],
    bulk_is_exit: bool = False,
) -> tuple["pd.DataFrame", "pd.DataFrame", list[str]]:
    """Give the facts of the lists, and what the model gives for lists with the same sectors, sizes and entries.

    Args:
        spells: of all lists.
        curves: their survival, of ``survival_by_sector``.
        scenario: the rules of the model.
        seeds: a run of each list for each; none: no model.
        bulk_is_exit: whether members gone in a bulk clean-up count as exits.

    Returns:
        A table of facts (``real`` with its 95 % interval ``low`` to ``high`` where exits are independent; the model's
        median and 90 % of runs), one of hazards by class of tenure, and what could not be made. Lists followed for
        less than half a year are left out. Where exits are known only to within long intervals, clustering and hazards
        are empty and ``note`` says why.
    """
    import pandas as pd

    lists = {name: member_list(name, own, bulk_is_exit) for name, own in by_partnership(spells).items()}
    short = [name for name, own in lists.items() if own.months < HORIZONS[0]]
    lists = {name: own for name, own in lists.items() if name not in short}
    if not lists:
        empty = pd.DataFrame(columns=list(FACTS)), pd.DataFrame(columns=list(HAZARDS))
        return (*empty, [f"followed for less than {HORIZONS[0]} months: too short to say how many leave a month"])
    real = {name: own.facts() for name, own in lists.items()}
    problems: list[str] = []
    model: dict[str, Counts] = {}
    for name, own in lists.items() if len(seeds) else ():
        try:
            if own.size < 2:
                raise InputError("it begins with fewer than two members")
            model[name] = simulate_list(own, scenario, seeds)
        except ValueError as error:
            problems.append(f"{name or 'the list'} is not simulated: {str(error).splitlines()[0]}")
    model = model if set(model) == set(real) else {}
    why_not = why_no_timing(lists.values())
    groups = by_partnership(spells)
    counts = hazard_counts([spell for name in lists for spell in groups[name]], bulk_is_exit)
    hazards = pd.DataFrame(_hazards(*counts, model, why_not), columns=list(HAZARDS))
    known = {name: _of_known_sector(own, groups[name]).facts() for name, own in lists.items()}
    rows = [_rate("exits, all", real, model, slice(None))]
    rows += [
        _rate(f"exits, {sector}", known, model, slice(s, s + 1))
        for s, sector in enumerate(SECTORS)
        if sum(c.all_exposure[s].sum() for c in known.values()) > 0
    ]
    rows += _facts(real, model, curves, why_not)
    return pd.DataFrame(rows, columns=list(FACTS)), hazards, problems


def _of_known_sector(real: MemberList, spells: Sequence[Spell]) -> MemberList:
    """Take members without a sector out of all sectors."""
    is_known = np.array([s.sector in SECTORS for s in spells])
    return replace(real, sector=np.where(is_known, real.sector, -1))


def _facts(
    real: Mapping[str, Counts], model: Mapping[str, Counts], curves: "pd.DataFrame", why_not: str
) -> list[dict[str, Any]]:
    """Give survival by sector, retention of first members, and clustering, or why not."""
    simulated = facts_of(model, ()) if model else {}
    own = facts_of(real, ())
    rows: list[dict[str, Any]] = []
    curve: Any
    for sector in SECTORS:
        curve = curves[curves["sector"] == sector].set_index("month")
        for k, at in enumerate(HORIZONS):
            if at in curve.index:
                name = f"survival_{sector}"
                entrants = any(c.exposure[SECTORS.index(sector)].sum() > 0 for c in real.values())
                bands = 100 * simulated[name][k] if name in simulated and entrants else None
                values = [100 * float(curve.loc[at, column]) for column in ("survival", "low", "high")]
                rows.append(_row(f"still there, {sector}", "%", at, values[0], bands, *values[1:]))
    for k, value in enumerate(own["founders"]):
        bands = 100 * simulated["founders"][k] if k < len(simulated.get("founders", ())) else None
        n = sum(c.founders.sum() for c in real.values() if np.isfinite(c.stayed[k]).all())
        low, high = _share_interval(float(value[0]), float(n))
        rows.append(
            _row("first members still there", "%", HORIZONS[k], 100 * float(value[0]), bands, 100 * low, 100 * high)
        )
    ratio = np.exp(own["clustering"]) - 0.1  # facts have log(ratio + .1)
    bands = np.exp(simulated["clustering"][0]) - 0.1 if simulated else None
    value = np.nan if why_not else float(ratio[0, 0])
    row = _row("clustering", "variance over mean of exits a month", np.nan, value, bands)
    rows.append({**row, "note": why_not})
    return rows


def _rate(name: str, real: Mapping[str, Counts], model: Mapping[str, Counts], sectors: slice) -> dict[str, Any]:
    """Give exits per member-month (%), with the interval of a Poisson count (Garwood 1936)."""
    exits, exposure = (sum(getattr(c, f)[sectors].sum() for c in real.values()) for f in ("all_exits", "all_exposure"))
    bands = None
    if model:
        parts = [sum(getattr(c, f)[sectors].sum(axis=0) for c in model.values()) for f in ("all_exits", "all_exposure")]
        bands = 100 * np.asarray(parts[0]) / np.maximum(parts[1], 1e-9)
    low, high = poisson_interval(float(exits))
    of = 100 / max(float(exposure), 1e-9)
    return _row(name, "% a month", np.nan, of * float(exits), bands, of * low, of * high)


def _hazards(exits: Array, exposure: Array, model: Mapping[str, Counts], why_not: str) -> list[dict[str, Any]]:
    """Give exits per member-month (%) by class of tenure, or why not; beside those who join later in the model."""
    rows = []
    for k, (first, last) in enumerate(pairwise(TENURES)):
        if exposure[k] < 1.0:
            continue
        bands = None
        if model:
            parts = [sum(getattr(c, f).sum(axis=0)[k] for c in model.values()) for f in ("exits", "exposure")]
            if np.min(parts[1]) >= 1.0:
                bands = 100 * np.asarray(parts[0]) / parts[1]
        of, seen = 100 / exposure[k], np.nan if why_not else int(exits[k])
        low, high = poisson_interval(seen) if seen == seen else (np.nan, np.nan)
        row = _row("", "", (first + last) / 2, of * seen, bands, of * low, of * high) | {"note": why_not}
        rows.append({"first": first, "last": last, "exits": seen, "member_months": exposure[k], **row})
    return rows


def _row(
    fact: str, unit: str, at: float, real: float, model: Any = None, low: float = np.nan, high: float = np.nan
) -> dict[str, Any]:
    bands = [np.nan] * 3 if model is None else np.quantile(np.asarray(model, dtype=float), [0.05, 0.5, 0.95])
    return {
        "fact": fact,
        "unit": unit,
        "at": at,
        "real": real,
        "low": low,
        "high": high,
        **dict(zip(("q05", "median", "q95"), map(float, bands), strict=True)),
        "note": "",
    }


def poisson_interval(n: float, level: float = 0.95) -> tuple[float, float]:
    """Give the exact interval of an expected count of which n were seen (Garwood 1936)."""
    from scipy.stats import chi2

    tail = (1 - level) / 2
    return float(chi2.ppf(tail, 2 * n) / 2) if n > 0 else 0.0, float(chi2.ppf(1 - tail, 2 * n + 2) / 2)


def _share_interval(share: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Give Wilson's interval of a share of n."""
    from scipy.stats import norm

    if n <= 0:
        return np.nan, np.nan
    z = float(norm.ppf(0.5 + level / 2))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return middle - half, middle + half
