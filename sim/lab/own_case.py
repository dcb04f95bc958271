"""A case of a reader's own in the static app: what its page can fill in, compiled once for every policy.

The page fills the columns of the roster, the months, sizes and places of a few events of each kind, and the parameters
of the scenario that the case starts from. How these make a partnership is said by the rules alone, which are compiled.
"""

from collections.abc import Iterable
from typing import Any

from sim.config.case import MOVES, RUMOUR
from sim.config.roster import NO_SEGMENT, READ_AS, SIZES
from sim.config.words import MISSING_TEXTS, TOTALS, sector_map, words_for
from sim.core.dates import MONTHS as MONTH_NAMES
from sim.core.declare import parameters
from sim.engine.compiled.inputs import rule_parameters
from sim.lab.stories import MONTHS, scenario_named, slider_parameters
from sim.model import dated_events
from sim.model.dated_events import KINDS, Event, name_of, problem_of
from sim.model.members import LONGEST_NAME, Member
from sim.model.parameters import parameters_for
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS

OWN = "own_case"
"""The story of such a case."""

PAIR = ("neutral", "adaptive_tracking")
"""The policies that it compares at first."""

MOST_MEMBERS = 60
MOST_SEGMENTS = 8
MOST_EVENTS = 4
"""Most events of each kind."""

NEVER = 1200
"""The month of an event that does not happen."""

COLUMNS = tuple(name for name in Member.model_fields if name != "name")
"""Columns of a roster that the model calculates with."""


def template() -> Scenario:
    """Give the scenario that is compiled: as many members, segments and events as a case may have."""
    members = [Member(name=f"Member {k}") for k in range(MOST_MEMBERS)]
    events = [_event(kind, 0 if _member_of(kind) == "needed" else -1) for kind in KINDS for _ in range(MOST_EVENTS)]
    own: dict[str, Any] = {"members": members, "events": events, "size.segments": MOST_SEGMENTS}
    return scenario_named("neutral").replace(**own)


def free_of(case: Scenario) -> frozenset[str]:
    """List what the page fills in: columns of the roster, events, the present, and how many segments there are."""
    events = (f"events.{k}.{name}" for k in range(len(case.events)) for name in ("month", "member", "segment", "size"))
    return frozenset((*(f"roster.{name}" for name in COLUMNS), *events, "now", "size.segments"))


def base_of(story: str) -> dict[str, float]:
    """Give the parameters of a story by dotted path: a case that starts from it has them, too."""
    return dict(rule_parameters(parameters_for(scenario_named(story), {}, 1)))


def describe_case(stories: Iterable[str], free: Iterable[str]) -> dict[str, Any]:
    """Describe what a case may hold, as plain data.

    Args:
        stories: those that a case may start from.
        free: parameters that may have other values than the template's.
    """
    facts = {p.path: p for p in parameters(Member())}
    return {
        "most": {"members": MOST_MEMBERS, "segments": MOST_SEGMENTS, "events": MOST_EVENTS, "name": LONGEST_NAME,
                 "now": MONTHS - 1},
        "pair": PAIR,
        "sectors": SECTORS,
        "sector_words": {word: sector for word, sector in sector_map(None).items() if sector in SECTORS},
        "headers": {word: column for role, column in READ_AS.items() for word in words_for(role)},
        "missing": sorted(MISSING_TEXTS),
        "totals": sorted(TOTALS),
        "no_segment": NO_SEGMENT,
        "sizes": SIZES,
        "columns": {name: {"low": facts[name].low, "high": facts[name].high} for name in COLUMNS if name != "sector"},
        "month": {"low": 1, "high": NEVER},
        "month_names": MONTH_NAMES,
        "kinds": {kind: _kind(kind) for kind in KINDS},
        "rumour": RUMOUR,
        "moves": tuple(MOVES),
        "slots": {kind: [n * MOST_EVENTS + k for k in range(MOST_EVENTS)] for n, kind in enumerate(KINDS)},
        "never": NEVER,
        "bases": {story: _base(story, free) for story in dict.fromkeys(("neutral", *stories))},
    }  # fmt: skip


def _base(story: str, free: Iterable[str]) -> dict[str, Any]:
    """Describe a story that a case may start from: what it changes, the values of its sliders, its segments."""
    plain, own = base_of("neutral"), base_of(story)
    return {
        "parameters": {path: own[path] for path in sorted(free) if path in own and own[path] != plain[path]},
        "values": {path: p.default for path, p in slider_parameters(story).items()},
        "segments": int(own["size.segments"]),
    }


def _kind(kind: str) -> dict[str, Any]:
    """Describe a kind of event: its sizes, whether it has a member or a segment, and what a run calls it."""
    low, high = dated_events.SIZES[kind]
    names = {who: [name_of(_event(kind, number, size)) for size in (-1.0, 0.0, 1.0)]
             for who, number in (("all", -1), ("one", 0))}  # fmt: skip
    return {"low": low, "high": high, "member": _member_of(kind), "segment": kind == "interest", "names": names}


def _member_of(kind: str) -> str:
    """Tell whether a kind of event strikes one member: needed, possible or none."""
    size = dated_events.SIZES[kind][0]
    alone, of_one = (problem_of([_event(kind, member, size)], 1, 1) for member in (-1, 0))
    return "none" if of_one else "needed" if alone else "possible"


def _event(kind: Any, member: int, size: float = 1.0) -> Event:
    return Event(month=NEVER, kind=kind, member=member, size=size)
