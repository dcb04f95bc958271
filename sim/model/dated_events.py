"""Dated events: what happens to a partnership in a month, as many as wanted, each of a kind and with a size."""

from typing import Any, Literal, get_args

import numpy as np

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_least, at_most, flag
from sim.model.state import State

Kind = Literal[
    "leak", "trust", "interest", "grant", "budget", "orchestrator", "turnover", "departures", "common", "renewal"
]

KINDS: dict[str, str] = {
    "leak": "information of `member` leaks to its rivals",
    "trust": "`size` observations of evidence for the partnership, below 0 against it (a rumour), for `member` or all",
    "interest": "the market of `segment`, or every market, loses the share `size` of its interest; below 0 it regains",
    "grant": "`size` months of grant are added; below 0 they are cut",
    "budget": "from then on the orchestrator may spend `size` effort a month while the grant lasts",
    "orchestrator": "the orchestrator changes: the share `size` of what it knew of the members is lost",
    "turnover": "the representative of `member` is replaced, or of each member with probability `size`",
    "departures": "each member has to leave with probability `size`",
    "common": "something outside takes `size` (value/month) from every member's benefit, and wears off",
    "renewal": "every member decides in that month whether to go on",
}
"""Every kind of event, and what it does."""

assert tuple(KINDS) == get_args(Kind)

SIZES: dict[str, tuple[float, float]] = {
    "leak": (1, 1), "trust": (-100, 100), "interest": (-1, 1), "grant": (-1200, 1200), "budget": (0, 100),
    "orchestrator": (0, 1), "turnover": (0, 1), "departures": (0, 1), "common": (0, 50), "renewal": (1, 1),
}  # fmt: skip
"""Least and largest size of each kind of event."""


NAMES: dict[str, tuple[str, str]] = {
    "trust": ("evidence", "rumour"), "interest": ("", "segment regained interest"), "grant": ("grant extended", ""),
    "budget": ("budget changed", ""), "orchestrator": ("orchestrator changed", ""), "departures": ("departures", ""),
    "turnover": ("representatives replaced", ""), "common": ("common shock", ""), "renewal": ("renewal of all", ""),
}  # fmt: skip
"""What tables call an event with a size above 0, or below; empty where they show by other rows what it does."""


class Event(Declared):
    """One dated event."""

    month: int = param(1, unit="month", low=1, high=1200, source="scenario", doc="Month in which it happens")
    kind: Kind = param("common", unit="", source="scenario", structural=True, doc="What happens")
    member: int = param(-1, unit="index", low=-1, high=9999, source="scenario", doc="To whom, from 0; -1: to all")
    segment: int = param(-1, unit="index", low=-1, high=199, source="scenario", doc="Which market, from 0; -1: all")
    size: float = param(1.0, unit="", low=-1200, high=1200, source="scenario", doc="How much; see the kind")


def name_of(event: Event) -> str:
    """Name an event for tables and stories; empty where other rows show what it does, or it does nothing."""
    above, below = ("", "") if event.kind == "turnover" and event.member >= 0 else NAMES.get(event.kind, ("", ""))
    return above if event.size > 0 else below if event.size < 0 else "budget changed" * (event.kind == "budget")


def problem_of(events: Any, partners: int, segments: int) -> str:
    """Say what is wrong with a list of events; empty if nothing is."""
    for number, event in enumerate(events, 1):
        where, (low, high) = f"events, number {number} ({event.kind})", SIZES[event.kind]
        if not low <= event.size <= high:
            return f"{where}: size = {event.size:g}; allowed is {low:g} to {high:g}: {KINDS[event.kind]}"
        if event.member >= partners:
            return f"{where}: member {event.member} does not exist; members are 0 to {partners - 1}"
        if event.member >= 0 and event.kind not in ("leak", "trust", "turnover"):
            return f"{where}: strikes no single member; leave member out"
        if event.member < 0 and event.kind == "leak":
            return f"{where}: name the member whose information leaks"
        if event.segment >= segments:
            return f"{where}: segment {event.segment} does not exist; segments are 0 to {segments - 1}"
    return ""


def _total(state: State, events: Any, kind: str) -> Array | float:
    """Add up the sizes of this month's events of a kind: shape (1, runs), or 0."""
    return sum((e.size * flag(state.month == e.month) for e in events if e.kind == kind), 0.0)


def _by_member(state: State, events: Any, kind: str) -> Array | float:
    """Add up the sizes of this month's events of a kind for each member: shape (partners, 1), or 0."""
    slots = np.arange(state.member.shape[0])[:, None]
    total: Array | float = 0.0
    for e in events:
        if e.kind == kind:
            total = total + e.size * flag(state.month == e.month) * flag((slots == e.member) | (e.member < 0))
    return total


def happens(events: Any, *kinds: str) -> bool:
    """Tell whether a scenario has events of these kinds at all: rules leave the rest out where it has none."""
    return any(e.kind in kinds for e in events)


def change_state(state: State, events: Any) -> State:
    """Let events change trust, interest and what the orchestrator knows, at the start of their month."""
    if happens(events, "trust"):
        evidence = _by_member(state, events, "trust") * state.member
        state = state.replace(
            trust_for=state.trust_for + at_least(evidence, 0.0),
            trust_against=state.trust_against + at_least(-evidence, 0.0),
        )
    if happens(events, "interest"):
        interest = state.interest
        for e in events:
            if e.kind == "interest":
                struck = flag(state.month == e.month) * flag((state.segment == e.segment) | (e.segment < 0))
                interest = interest * (1.0 - struck * at_least(e.size, 0.0)) + struck * at_least(-e.size, 0.0)
        state = state.replace(interest=at_most(interest, 1.0))
    if happens(events, "orchestrator"):
        lost = at_most(_total(state, events, "orchestrator"), 1.0)
        state = state.replace(knowledge=state.knowledge * (1.0 - lost))
    return state


def granted_budget(state: State, events: Any, usual: float) -> Any:
    """Return the effort that the orchestrator may spend a month while the grant lasts: the latest event's, or usual."""
    for e in events:  # in the order of their months
        if e.kind == "budget":
            started = flag(state.month >= e.month)
            usual = started * e.size + (1.0 - started) * usual
    return usual


def leak(state: State, events: Any, leaked: Array) -> Array:
    """Add the leaks of named members to those that happen by chance: flags."""
    return at_least(leaked, _by_member(state, events, "leak")) * state.member


def turnover(state: State, events: Any) -> Array | float:
    """Return the probability that events add to that of a new representative, per member."""
    return _by_member(state, events, "turnover")


def departures(state: State, events: Any) -> Array | float:
    """Return the probability that events force each member to leave."""
    return _total(state, events, "departures")


def blow(state: State, events: Any) -> Array | float:
    """Return what events outside take from every member's benefit (value/month)."""
    return _total(state, events, "common")


def renewal(state: State, events: Any) -> Array | float:
    """Flag whether every member decides on going on this month."""
    return _total(state, events, "renewal")


def grant_added(state: State, events: Any) -> Array | float:
    """Return the months of grant that events add; below 0 they withdraw."""
    return _total(state, events, "grant")
