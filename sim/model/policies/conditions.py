"""Conditions of a plan's triggers, such as ``exits in 6 months >= 2 and tension > 0.5``: what they say, and counting.

A condition reads what the orchestrator sees at the start of a month, and what it has counted in earlier months.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sim.core.errors import near
from sim.model.arrays import Array, at_least, flag, over_partners, ratio
from sim.model.observation import Observation

QUANTITIES: dict[str, tuple[str, Callable[[Observation], Array]]] = {
    "members": ("Members now", lambda seen: seen.n_members),
    "tension": ("The highest of the three tensions (estimate, 0 to 1)", lambda seen: _highest(seen)),
    "tension information": ("Tension from unwillingness to share (estimate)", lambda seen: seen.tension_information),
    "tension interest": ("Tension from competing interests (estimate)", lambda seen: seen.tension_interest),
    "tension resource": ("Tension from time and budget (estimate)", lambda seen: seen.tension_resource),
    "attendance": ("Mean participation of members last month (0 to 1)", lambda seen: seen.mean(seen.attendance)),
    "captured": ("Mean share of its need that a member has captured (estimate)", lambda seen: seen.mean(seen.captured)),
    "risk": ("Mean risk that members fear (estimate, about 0 to 1)", lambda seen: seen.mean(seen.risk)),
    "shortfall": ("Mean net benefit minus aspiration (estimate, value/month)", lambda seen: seen.mean(seen.shortfall)),
    "contacts": ("Mean outside contacts opened for a member", lambda seen: seen.mean(seen.contacts)),
    "plan": ("Quality of the partnership's plan so far (0 to 1)", lambda seen: seen.plan),
    "grant months left": ("Months of grant left", lambda seen: seen.months_funded),
    "budget": ("Effort to spend this month", lambda seen: seen.budget),
    "month": ("The month, counted as the plan counts", lambda seen: seen.month + seen.budget * 0.0),
}
"""What a condition can ask: its sentence, and how it is read from an observation."""

COUNTED = {
    "exits": "Members that have left; with 'in N months', in the last N months",
    "share left": "The same, as a share of the members in the first month",
}
"""Quantities that are counted from month to month: the orchestrator remembers who was there."""

RELATIONS: dict[str, Callable[[Any, float], Any]] = {
    ">=": lambda value, number: value >= number,
    "<=": lambda value, number: value <= number,
    ">": lambda value, number: value > number,
    "<": lambda value, number: value < number,
}

LONGEST_SPAN = 60
"""Most months over which exits are counted."""

FORM = re.compile(r"(?P<quantity>[a-z ]+?)(?: in (?P<span>\S+) months?)? ?(?P<relation>[<>=!]+) ?(?P<number>.+)")

EXAMPLE = "'exits in 6 months >= 2 and tension > 0.5'"


@dataclasses.dataclass(frozen=True)
class Condition:
    """One comparison: a quantity, over the last ``span`` months where it is counted (0: since the start), a number."""

    quantity: str
    span: int
    relation: str
    number: float

    def holds(self, seen: Observation, counts: Any) -> Array:
        """Flag the runs in which it holds: shape (1, runs)."""
        value = self._counted(counts) if self.quantity in COUNTED else QUANTITIES[self.quantity][1](seen)
        return flag(RELATIONS[self.relation](value, self.number)) + seen.budget * 0.0

    def _counted(self, counts: Any) -> Array:
        exits = sum(counts["last"][: self.span]) if self.span else counts["exits"]
        return ratio(exits, counts["first"]) if self.quantity == "share left" else exits


@cache
def read_conditions(text: str) -> tuple[Condition, ...]:
    """Read conditions joined by ``and``: ``QUANTITY [in N months] RELATION NUMBER``.

    Raises:
        ValueError: for what cannot be read; the message says what is allowed.
    """
    words = " ".join(text.lower().split())
    if re.search(r"\bor\b", words):
        raise ValueError(f"{text!r}: conditions are joined by 'and'; for 'or' write a trigger for each")
    return tuple(_condition(part.strip(), text) for part in re.split(r"\band\b", words))


def _condition(part: str, text: str) -> Condition:
    form = FORM.fullmatch(part)
    if form is None:
        raise ValueError(
            f"{text!r}: {part!r} is not QUANTITY >= NUMBER, for example {EXAMPLE}; "
            f"quantities are {', '.join([*COUNTED, *QUANTITIES])}"
        )
    quantity, span, relation, number = form["quantity"].strip(), form["span"], form["relation"], form["number"]
    if quantity not in COUNTED and quantity not in QUANTITIES:
        raise ValueError(f"{text!r}: the orchestrator sees no {quantity!r}; {near(quantity, [*COUNTED, *QUANTITIES])}")
    if relation not in RELATIONS:
        raise ValueError(f"{text!r}: {relation!r} does not compare here; give >=, <=, > or <")
    if span is not None and quantity not in COUNTED:
        raise ValueError(
            f"{text!r}: {quantity} is a value of one month; only {' and '.join(COUNTED)} take 'in N months'"
        )
    if span is not None and not (span.isascii() and span.isdigit() and 1 <= int(span) <= LONGEST_SPAN):
        raise ValueError(f"{text!r}: 'in {span} months': give a whole number of months from 1 to {LONGEST_SPAN}")
    if re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", number) is None:
        raise ValueError(f"{text!r}: {number!r} is not a number; give one such as 2 or 0.25")
    return Condition(quantity, int(span or 0), relation, float(number))


def all_hold(conditions: Sequence[Condition], seen: Observation, counts: Any) -> Array:
    """Flag the runs in which every condition holds: shape (1, runs)."""
    together = conditions[0].holds(seen, counts)
    for condition in conditions[1:]:
        together = together * condition.holds(seen, counts)
    return together


def first_counts(conditions: Sequence[Condition]) -> Any:
    """Give the counts before the first month: None where no condition needs any."""
    spans = [condition.span for condition in conditions if condition.quantity in COUNTED]
    return {"members": 0.0, "first": 0.0, "exits": 0.0, "last": [0.0] * max(spans)} if spans else None


def count(seen: Observation, counts: Any) -> Any:
    """Count who was there last month and is not now; the newest month comes first."""
    if counts is None:
        return None
    exits = over_partners(counts["members"] * (1.0 - seen.members))
    return {
        "members": seen.members,
        "first": counts["first"] + flag(counts["first"] <= 0.0) * seen.n_members,
        "exits": counts["exits"] + exits,
        "last": [exits, *counts["last"][:-1]] if counts["last"] else [],
    }


def _highest(seen: Observation) -> Array:
    return at_least(at_least(seen.tension_information, seen.tension_interest), seen.tension_resource)
