"""A case: a partnership of a user's own, from a list of its members to a scenario.

A case is a scenario file with a few more names: the scenario to start from, a roster (a table beside the file, rows, or
how many of each sector), calendar dates, what happened so far and up to when, and the plans to compare from there on.
"""

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.config.roster import read_roster
from sim.core.calendar import FIRST_YEAR, month_of
from sim.core.errors import InputError, near
from sim.model.dated_events import KINDS, SIZES
from sim.model.members import numbered
from sim.model.outcomes.groups import with_names_of
from sim.model.scenario import Scenario

CASE = {
    "scenario": "what the case starts from: a shipped scenario or a file; `neutral` by default",
    "members": "the roster: a table beside the file (`members.csv`), rows (`- {name: Brand 1, sector: private}`), or "
    "how many of each sector (`{private: 18, public: 6}`)",
    "start": "the date of month 1, as `2025-01`; needed where other dates are given",
    "now": "the month, or date, up to whose end it is known who joined and who left; 0: nothing is known yet",
    "events": "what happened and what is to come, a list",
    "plans": "what `compare` compares, if no `policies=` is given",
    "policy": "what the orchestrator did so far: `run` takes it, if no `policy=` is given",
    "anonymise": "`true`: number the members in all that is written",
}
"""What a case says besides what any scenario may say, each with its meaning."""

MOVES = {"joins": "`member` joins", "leaves": "`member` leaves, or is going to"}
"""Events that the roster takes up."""

RUMOUR = 3.0
"""Observations against the partnership that a rumour counts for, if its size is not given; assumption."""


QUIET = 36
"""Months without any date before now that a case may have without a warning."""


def is_case(data: Mapping[str, Any]) -> bool:
    """Tell whether what a scenario file says needs the reading of a case."""
    return any(name in data for name in CASE if name != "start") or _is_date(data.get("start"))


def read_case(
    data: Mapping[str, Any], folder: Path, where: str, base: Callable[[str], dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Turn a case into a scenario's data.

    Args:
        data: what the file says.
        folder: where the file stands: a roster is looked for beside it.
        where: how messages name the file.
        base: gives the scenario of a name or path, as plain data.

    Returns:
        The scenario to start from, and what differs from it.

    Raises:
        InputError: for anything that cannot be used.
    """
    rest = {name: value for name, value in data.items() if name not in ("scenario", "plans", "policy", "anonymise")}
    begins = rest.pop("start") if _is_date(rest.get("start")) else rest.get("begins")
    name = data.get("scenario", "neutral")
    if not isinstance(name, str):
        raise InputError(f"{where}: scenario = {name!r}: give the name of the scenario to start from, as neutral")
    own = folder / name if name.endswith((".yaml", ".yml")) else name
    start = base(str(own))
    if begins is not None:
        month_of(begins, str(begins), f"{where}: start")
        rest["begins"] = str(begins)
    begins = rest.get("begins")
    events = _events(rest.get("events"), begins, where)
    if "members" in rest:
        sectors = [
            *(name for name, value in start["sectors"].items() if isinstance(value, Mapping)),
            *rest.get("sectors", {}),
        ]
        rest["members"], labels = read_roster(rest["members"], folder, begins, sectors, where)
        _move(rest["members"], events, where)
        _warn_of_absent(events, rest["members"], where)
        if labels:
            rest["size"] = {**rest.get("size", {}), "segments": len(labels)}
    else:
        labels = []
    if events or "events" in rest:
        names = [str(m["name"]) for m in _in_order(rest.get("members", start.get("members", [])))]
        rest["events"] = [_numbered(e, names, labels, where) for e in events if e["kind"] not in MOVES]
    if "now" in rest:
        stated, rest["now"] = rest["now"], month_of(rest["now"], begins, f"{where}: now")
        if rest["now"] < 0:
            raise InputError(
                f"{where}: now = {stated}: is before the start ({begins or 'month 1'}); put one of them right"
            )
        _warn_if_far(rest["now"], rest.get("members", []), events, f"{where}: now = {stated}")
    if not isinstance(data.get("anonymise", False), bool):
        raise InputError(f"{where}: anonymise = {data['anonymise']!r}: give true or false")
    if data.get("anonymise"):
        rest["members"] = without_names(
            rest.get("members", start.get("members", [])), rest.get("title", start.get("title", ""))
        )
    return start, rest


def _is_date(start: Any) -> bool:
    """Tell a date of month 1 from the parameters of the scenario's start; a year alone is a date to refuse."""
    return isinstance(start, str) or (isinstance(start, int) and start >= FIRST_YEAR)


def without_names(members: Sequence[Mapping[str, Any]], title: str) -> list[dict[str, Any]]:
    """Number the members by sector, founders first, in place of their names; warn of a title that names one.

    This is the only place where names are taken out: before anything is simulated, identified or written. All else
    that the roster says stays.

    Args:
        members: as plain data, each with a sector.
        title: of the scenario; it stays as it is.
    """
    ordered = _in_order(members)
    named = [m["name"] for m in ordered if re.search(rf"(?<!\w){re.escape(m['name'])}(?!\w)", title, re.IGNORECASE)]
    if named:
        warnings.warn(f"anonymise: the title still names {named[0]}; give another: scenario.title=...", stacklevel=2)
    names = numbered([m["sector"] for m in ordered])
    return [{**m, "name": name} for m, name in zip(ordered, names, strict=True)]


def anonymised(scenario: Scenario) -> Scenario:
    """Give a scenario whose members have numbers in place of names (``without_names``)."""
    without = scenario.replace(
        outcomes=(), members=without_names([m.model_dump() for m in scenario.members], scenario.title)
    )
    return without.replace(outcomes=[with_names_of(name, scenario, without) for name in scenario.outcomes])


def _events(events: Any, begins: str | None, where: str) -> list[dict[str, Any]]:
    """Read the list of dated events: their months, and their kinds."""
    if events is None:
        return []
    if not (isinstance(events, Sequence) and all(isinstance(e, Mapping) for e in events)):
        raise InputError(f"{where}: events takes a list, each as {{month: 14, kind: leak, member: ...}}")
    kinds: tuple[str, ...] = (*MOVES, "rumour", *KINDS)
    result = []
    for number, entry in enumerate(events, 1):
        event, who = dict(entry), f"{where}: events, number {number}"
        if event.get("kind") not in kinds:
            raise InputError(f"{who}: kind = {event.get('kind')!r}; {near(event.get('kind'), kinds)}")
        if "month" not in event:
            raise InputError(f"{who} ({event['kind']}): say when: month: 14, or a date as 2026-03")
        event["month"] = month_of(event["month"], begins, f"{who}: month")
        if isinstance(event.get("size", 0), (str, bool)):
            raise InputError(f"{who} ({event['kind']}): size = {event['size']!r}: give a number")
        rumour, size = event["kind"] == "rumour", event.get("size", 0.0)
        low, high = (0.0, SIZES["trust"][1]) if rumour else SIZES.get(event["kind"], (0.0, 0.0))
        if (
            event["kind"] not in MOVES
            and "size" in event
            and isinstance(size, (int, float))
            and not low <= size <= high
        ):
            raise InputError(f"{who} ({event['kind']}): size = {size:g}; allowed is {low:g} to {high:g}")
        if rumour:
            event |= {"kind": "trust", "size": -event.get("size", RUMOUR)}
        result.append(event)
    return result


def _move(members: list[dict[str, Any]], events: list[dict[str, Any]], where: str) -> None:
    """Write entries and exits that are given as events into the roster."""
    by_name = {member["name"]: member for member in members}
    for event in events:
        if event["kind"] in MOVES:
            name = event.get("member")
            if name not in by_name:
                raise InputError(
                    f"{where}: events: {event['kind']}: no member is called {name!r}; {near(name, by_name)}"
                )
            if by_name[name].get(event["kind"], event["month"]) != event["month"]:
                other = by_name[name][event["kind"]]
                raise InputError(
                    f"{where}: {name} {event['kind']} in month {other} by the roster, {event['month']} by events"
                )
            by_name[name][event["kind"]] = event["month"]
    for member in members:
        if member.get("joins") == 1:
            member["joins"] = 0  # who joins in the first month is a founder


def _warn_if_far(now: int, members: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]], who: str) -> None:
    """Warn of a present long after all that the case says: a year mistyped, or a list not kept up to date."""
    months = [m.get(name) or 0 for m in members for name in MOVES] + [e["month"] for e in events]
    last = max([month for month in months if month <= now], default=0)
    if now - last > QUIET:
        warnings.warn(
            f"{who}: is month {now}, and nothing is known of the {now - last} months before it: if somebody "
            "joined or left then, say so; if the year is not right, change it",
            stacklevel=2,
        )


def _warn_of_absent(events: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]], where: str) -> None:
    """Warn of events that are to strike a member who is not there then: they strike nobody."""
    by_name = {member["name"]: member for member in members}
    for event in events:
        member = by_name.get(event.get("member", ""))
        if event["kind"] in MOVES or member is None:
            continue
        joins, leaves = member.get("joins") or 0, member.get("leaves")
        if event["month"] <= joins or (leaves is not None and event["month"] > leaves):
            when = f"joins in month {joins}" if event["month"] <= joins else f"left in month {leaves}"
            warnings.warn(
                f"{where}: events: {event['kind']} of {member['name']} in month {event['month']}: it {when}, so this "
                "strikes nobody",
                stacklevel=2,
            )


def _in_order(members: Sequence[Any]) -> list[Any]:
    return sorted(members, key=lambda m: max(m.get("joins") or 0, 0))


def _numbered(event: dict[str, Any], names: list[str], labels: list[str], where: str) -> dict[str, Any]:
    """Put numbers in place of the names of members and segments."""
    for key, known in (("member", names), ("segment", labels)):
        value = event.get(key)
        if isinstance(value, str):
            if value not in known:
                raise InputError(f"{where}: events: {event['kind']}: there is no {key} '{value}'; {near(value, known)}")
            event[key] = known.index(value)
    return event
