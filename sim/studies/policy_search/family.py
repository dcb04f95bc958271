"""What a search may vary of a policy: its settings, each within a range, and no more than the policy takes."""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sim.core.declare import Parameter, parameters
from sim.core.errors import InputError, near
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyError, PolicyLike, find_policy
from sim.sweeps.designs.space import check_value

SHRINKS = (*(0.99**k for k in range(460)), 0.0)
"""How far proposals are shrunk until they fit: by a hundredth of what is left at a time."""

Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Setting:
    """One setting that is searched, from ``low`` to ``high``."""

    name: str
    shipped: float
    low: float
    high: float
    whole: bool

    def at(self, value: float) -> Any:
        """Round a value to three digits, or to a whole number, within the range."""
        rounded = round(value) if self.whole else float(f"{value:.3g}")
        return type(rounded)(min(max(rounded, self.low), self.high))


PART = Setting("part used", 1.0, 0.0, 1.0, False)
"""Of settings that only go together when shrunk: how much of what goes is used."""


@dataclasses.dataclass(frozen=True)
class Family:
    """All settings of one policy: some searched, some held at what the user gave."""

    spec: Mapping[str, Any]
    settings: tuple[Setting, ...]

    @property
    def name(self) -> str:
        """The policy's name, with the settings that are held."""
        held = [f"{k}={v}" for k, v in self.spec.items() if k != "name"]
        return " ".join([find_policy(self.spec).name, *held])

    @cached_property
    def searched(self) -> tuple[Setting, ...]:
        """The numbers that are searched: the settings and, where their high ends do not go together, ``PART``."""
        ends = {s.name: s.high for s in self.settings}
        return self.settings if self._takes(ends, 1.0) else (*self.settings, PART)

    def described(self, values: Values) -> dict[str, Any]:
        """Describe one member as ``policies=[...]`` takes it."""
        return {**self.spec, **values}

    def policy(self, values: Values) -> Policy:
        """Give one member."""
        return find_policy(self.described(values))

    def shipped(self) -> dict[str, Any]:
        """Give the numbers that the policy has when nobody searches, as near as the ranges allow."""
        return {s.name: s.at(s.shipped) for s in self.searched}

    def fit(self, proposed: Values) -> dict[str, Any]:
        """Turn the numbers proposed into settings that the policy takes, rounded.

        Settings that it refuses together, such as shares of more than the whole budget, are shrunk to their low ends
        (whole numbers are not) until it takes them; ``PART`` says how much of that is used.
        """
        share = next((share for share in SHRINKS if self._takes(proposed, share)), None)
        if share is None:
            raise InputError(f"space: {self.name} refuses even the low ends of these ranges; begin them lower")
        part = share * proposed.get(PART.name, 1.0)
        return self._shrunk(proposed, part if self._takes(proposed, part) else share)

    def _shrunk(self, proposed: Values, share: float) -> dict[str, Any]:
        return {
            s.name: s.at(proposed[s.name] if s.whole else s.low + share * (proposed[s.name] - s.low))
            for s in self.settings
        }

    def _takes(self, proposed: Values, share: float) -> bool:
        try:
            self.policy(self._shrunk(proposed, share))
        except PolicyError:
            return False
        return True


def families_of(policies: Sequence[PolicyLike], space: Mapping[str, Any], months: int) -> tuple[Family, ...]:
    """Read which policies are searched, and how far: ``space`` has [low, high] by setting, else what is declared.

    Raises:
        InputError: for an unknown policy or setting, or a range that is empty or wider than declared.
    """
    found = tuple(_family(spec, space, months) for spec in policies)
    for family in found:
        family.fit(family.shipped())
    names = [f.name for f in found]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(f"policies: {', '.join(twice)} is named twice; name each once")
    searched = {s.name for f in found for s in f.settings}
    for name in space:
        if name not in searched:
            raise InputError(f"space.{name}: {', '.join(names)} has no such setting to search; {near(name, searched)}")
    return found


def _family(given: PolicyLike, space: Mapping[str, Any], months: int) -> Family:
    spec = dict(given) if isinstance(given, Mapping) else {"name": given}
    policy = find_policy(spec)
    free = [q for q in parameters(policy) if q.kind in ("int", "float") and q.path not in spec]
    if not free:
        raise InputError(f"policies: {policy.name} has no setting left to search; leave some of them open")
    return Family(spec, tuple(_setting(q, space.get(q.path), policy.name, months) for q in free))


def _setting(fact: Parameter, asked: Any, policy: str, months: int) -> Setting:
    where = f"space.{fact.path}"
    if asked is None and (fact.low is None or fact.high is None):
        raise InputError(f"{where}: {policy} declares no range for it; give one as {where}=[low,high]")
    if asked is None:
        asked = [fact.low, min(float(fact.high or 0), months) if fact.unit == "months" else fact.high]
    if not isinstance(asked, (list, tuple)) or len(asked) != 2:
        raise InputError(f"{where} = {asked!r}: give two numbers, for example {where}=[{fact.low:g},{fact.high:g}]")
    for value in asked:
        check_value(where, value, fact)
    low, high = asked
    if not low < high:
        raise InputError(f"{where}: the range from {low:g} to {high:g} is empty; low must be below high")
    return Setting(fact.path, fact.default, low, high, fact.kind == "int")
