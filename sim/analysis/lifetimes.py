"""How long founders and partnerships last: a row each, with the month they left or the last month seen."""

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.at_risk import need
from sim.core.errors import InputError, near
from sim.model.state import REASONS

if TYPE_CHECKING:
    import pandas as pd

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
