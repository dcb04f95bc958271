"""Outcomes of a group of founders: those of a sector, a market segment or a size class, or one member.

An outcome of a group is named ``OUTCOME_of_GROUP``: ``retention_24_of_private``, ``private_value_of_segment_2``,
``collective_value_of_large``, ``private_net_of_member_7``. None of them is in the tables until it is named. What is
defined for founders is the mean over the founders of the group, so that the groups' values, weighted by their numbers
of founders, average to the value for all.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sim.core.errors import InputError
from sim.model.arrays import Array, flag, mean_over, over_partners, slots
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.summary import SUMMARY, months_alive, retention_in
from sim.model.scenario import Scenario
from sim.model.sectors import sector_names
from sim.model.state import FRUSTRATED, OTHER, SATISFIED, State

SIZES = ("small", "medium", "large")
"""Size classes: thirds of the founders by resources (``state.resources``); equal ones are in the same class."""

OF = "_of_"
"""What joins the name of an outcome and that of a group."""

Mask = Callable[[State], Array]
"""Who is in a group: flags of shape (partners, runs)."""

Measure = Callable[[Any, State], Array]


def group_mask(state: State, scenario: Scenario, group: str) -> Array:
    """Flag the founders of a group; a member that is named may have joined later.

    Args:
        state: of a batch of runs of the scenario; at its end, as a later member is one of a group when it has joined.
        scenario: the partnership.
        group: a sector, ``segment_2``, ``small``, ``medium``, ``large``, ``member_7`` (numbered from 0, as in
            ``shocks.forced_exit.member``) or a member's name.

    Returns:
        Flags of shape (partners, runs).

    Raises:
        InputError: if the scenario has no such group.
    """
    mask = _mask_of(group, scenario)
    if mask is None:
        raise InputError(f"there is no group '{group}'; groups are {describe_groups(scenario)}")
    return mask(state)


def group_outcome(name: str, scenario: Scenario | None = None) -> Outcome | None:
    """Make the outcome of a group from its name; None where the name is not of the form ``OUTCOME_of_GROUP``.

    Args:
        name: such as ``retention_24_of_private``.
        scenario: the partnership; without it the outcome says what it is and cannot be measured.

    Raises:
        InputError: if the scenario has no such group.
    """
    start, of, group = name.partition(OF)
    declared = retention_after(start) or next((o for o in SUMMARY if o.name == start and start in _MEASURES), None)
    if not of or not group or declared is None:
        return None
    doc = f"{declared.doc}; of {_in_words(group)} alone"
    if scenario is None:
        return Outcome(name, declared.unit, doc, declared.better, _not_measured)
    mask = _mask_of(group, scenario)
    if mask is None:
        raise InputError(f"{name}: there is no group '{group}'; groups are {describe_groups(scenario)}")
    measure = _MEASURES.get(start) or _retention(int(start.rpartition("_")[2]))
    return Outcome(name, declared.unit, doc, declared.better, _measured(measure, mask))


def retention_after(name: str) -> Outcome | None:
    """Give retention after any number of months, such as ``retention_36``; None for another name."""
    match = re.fullmatch(r"retention_([1-9]\d{0,3})", name)
    if match is None or int(match[1]) > 1200:
        return None
    months = int(match[1])
    doc = f"Founding members still there after {months} months"
    return Outcome(name, "1", doc, "more", retention_in(months))


def groupable() -> tuple[str, ...]:
    """Name the outcomes that a group can have; ``retention`` also after a number of months."""
    return tuple(_MEASURES)


def describe_groups(scenario: Scenario) -> str:
    """List the groups of a scenario in words."""
    sectors, size = ", ".join(sector_names(scenario.sectors)), scenario.size
    names = [str(name) for name in member_names(scenario)][:3]
    named = f", or a member's name, such as {names[0]}" if names else ""
    return (
        f"{sectors}; segment_0 to segment_{size.segments - 1}; {', '.join(SIZES)}; "
        f"member_0 to member_{size.partners - 1}{named}"
    )


def member_names(scenario: Scenario) -> Sequence[str]:
    """Name the members in the order of their numbers; empty where the scenario names none."""
    return [member.name for member in scenario.members]


def with_names_of(name: str, scenario: Scenario, other: Scenario) -> str:
    """Give the name of an outcome in a scenario whose members are called otherwise; most names stay."""
    start, of, group = name.partition(OF)
    names = member_names(scenario)
    member = _member(group, scenario) if of and names else None
    numbered = re.fullmatch(r"member_\d+", group) and member is not None and group == f"member_{member}"
    return name if member is None or numbered else f"{start}{OF}{member_names(other)[member]}"


# Groups


def _mask_of(group: str, scenario: Scenario) -> Mask | None:
    """Give who is in a group; None where the scenario has no such group."""
    sectors, match = sector_names(scenario.sectors), re.fullmatch(r"(segment|member)_(\d{1,6})", group)
    if group in sectors:
        k = sectors.index(group)
        return lambda state: state.founder * flag(state.sector == k)
    if group in SIZES:
        return _size_class(SIZES.index(group))
    member = _member(group, scenario)
    if member is not None:
        return lambda state: (state.member + state.left) * flag(slots(state.member) == member)
    if match and match[1] == "segment" and int(match[2]) < scenario.size.segments:
        segment = int(match[2])
        return lambda state: state.founder * flag(state.segment == segment)
    return None


def _member(group: str, scenario: Scenario) -> int | None:
    """Give the number of a member that is named, as it is or in small letters and digits, or numbered."""
    names = member_names(scenario)
    if group in names:
        return names.index(group)
    number = int(group[7:]) if re.fullmatch(r"member_\d{1,6}", group) else -1
    numbered = number if 0 <= number < scenario.size.partners else None
    named = [k for k, name in enumerate(names) if re.sub(r"\W+", "_", name).strip("_").lower() == group]
    if len({*named, *({numbered} if numbered is not None and named else ())}) > 1:
        raise InputError(
            f"{group}: is the name of {' and of '.join(names[k] for k in named)}"
            f"{f', and member {numbered} is {names[numbered]}' if numbered is not None else ''}; write the name in full"
        )
    return named[0] if named else numbered


def _size_class(k: int) -> Mask:
    """Flag a third of the founders by resources; a founder's place is the middle of those of its equals."""

    def mask(state: State) -> Array:
        less, equal = np.zeros_like(state.founder), np.zeros_like(state.founder)
        for row, here in zip(state.resources, state.founder, strict=True):
            less += here * flag(row < state.resources)
            equal += here * flag(row == state.resources)
        place = (less + equal / 2.0) / over_partners(state.founder)
        return state.founder * flag(np.minimum(np.floor(place * len(SIZES)), len(SIZES) - 1) == k)

    return mask


def _in_words(group: str) -> str:
    kind, _, number = group.partition("_")
    if group in SIZES:
        return f"{group} founders (thirds by resources)"
    return f"{kind} {number}" if kind in ("segment", "member") and number.isdigit() else group


# What is measured


def _measured(measure: Callable[[Any, State, Array], Array], mask: Mask) -> Measure:
    return lambda h, s: measure(h, s, mask(s))


def _not_measured(h: Any, s: State) -> Array:
    raise InputError("an outcome of a group is measured in a scenario that has the group")


def _mean(values: Array, who: Array) -> Array:
    """Average over founders of a group; NaN where it has none."""
    return np.where(over_partners(who)[0] > 0, mean_over(values, who)[0], np.nan)


def _retention(month: int | None) -> Callable[[Any, State, Array], Array]:
    def retention(h: Any, s: State, who: Array) -> Array:
        n_months = len(h["n_founders"])
        if month is not None and month > n_months:
            return np.full(who.shape[-1], np.nan)
        until = n_months if month is None else month
        there = (s.left_month == 0) | (s.left_month > until)
        return _mean(flag(there), who * flag(s.since <= until))

    return retention


def _collective(h: Any, s: State, who: Array) -> Array:
    """Contributed by the group, a month, as if all founders contributed as its own did on average."""
    contributed: Array = _mean(s.value_contributed, who) * over_partners(s.founder)[0]
    return contributed / np.maximum(months_alive(h, s), 1.0)


def _exits(reason: int) -> Callable[[Any, State, Array], Array]:
    return lambda h, s, who: over_partners(flag(s.left_reason == reason) * who)[0]


_MEASURES: dict[str, Callable[[Any, State, Array], Array]] = {
    "retention": _retention(None),
    "private_value": lambda h, s, who: _mean(s.needs_met, who),
    "private_net": lambda h, s, who: _mean(s.ledger, who),
    "collective_value": _collective,
    "exits_satisfied": _exits(SATISFIED),
    "exits_frustrated": _exits(FRUSTRATED),
    "exits_other": _exits(OTHER),
}
