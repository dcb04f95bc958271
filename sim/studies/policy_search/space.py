"""The space of a search: which parameters of a policy vary, in which ranges, and which combinations it accepts."""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sim.core.declare import Parameter, parameters
from sim.core.errors import InputError, near
from sim.model.policies import Policy
from sim.model.policies.plan import Plan, is_plan
from sim.model.policies.registry import PolicyError, PolicyLike, changed, find_policy, label, with_inner
from sim.sweeps.designs.space import check_value

SHRINKS = (*(0.99**k for k in range(460)), 0.0)
"""Factors by which proposals are shrunk until the policy accepts them: a hundredth of the rest at a time."""

Values = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class SearchedParameter:
    """A policy parameter that is searched from ``low`` to ``high``; ``integer`` says that it is a whole number."""

    name: str
    default: float
    low: float
    high: float
    integer: bool

    def rounded(self, value: float) -> float:
        """Round a value to three digits, or to a whole number, within the range."""
        number = round(value) if self.integer else float(f"{value:.3g}")
        return type(number)(min(max(number, self.low), self.high))


SHARE_USED = SearchedParameter("share used", 1.0, 0.0, 1.0, False)
"""Of parameters that the policy accepts together only when shrunk: the share of the largest accepted values to use."""


@dataclasses.dataclass(frozen=True)
class PolicySpace:
    """The parameter sets of one policy: some parameters searched, the others fixed at what the user gave."""

    spec: PolicyLike
    fixed: Mapping[str, Any]
    parameters: tuple[SearchedParameter, ...]

    @cached_property
    def name(self) -> str:
        """The policy's label, or its name with the fixed parameters."""
        policy = find_policy(self.spec)
        if policy.label or isinstance(policy, Plan):
            return label(policy)
        return " ".join([find_policy(self.spec).name, *(f"{k}={v}" for k, v in self.fixed.items())])

    @cached_property
    def searched(self) -> tuple[SearchedParameter, ...]:
        """The numbers that are searched: the parameters and, if their high ends do not go together, ``SHARE_USED``."""
        ends = {q.name: q.high for q in self.parameters}
        return self.parameters if self._accepts(ends, 1.0) else (*self.parameters, SHARE_USED)

    def described(self, values: Values) -> dict[str, Any]:
        """Describe one parameter set as the option ``policies=[...]`` takes it."""
        policy = find_policy(self.spec)
        if isinstance(policy, Plan):
            own = self.spec if isinstance(self.spec, Mapping) else policy.plain()
            return with_inner({k: v for k, v in own.items() if k != "label"} | dict(values))
        name = self.spec if isinstance(self.spec, str) else policy.name
        name = self.spec.get("name", name) if isinstance(self.spec, Mapping) else name
        return {"name": name, **{k: v for k, v in self.fixed.items() if k != "label"}, **values}

    def policy(self, values: Values) -> Policy:
        """Make the policy with these parameters.

        Raises:
            PolicyError: if the policy does not accept them.
        """
        if isinstance(self.spec, (str, Mapping)) and not is_plan(self.spec):
            return find_policy(self.described(values))
        return changed(find_policy(self.spec), values)

    def defaults(self) -> dict[str, float]:
        """Give the policy's own values of the numbers that are searched, as near as the ranges allow."""
        return {q.name: q.rounded(q.default) for q in self.searched}

    def fit(self, proposed: Values) -> dict[str, float]:
        """Turn proposed numbers into parameters that the policy accepts, rounded.

        Parameters that it refuses together, such as shares of more than the whole budget, are shrunk towards their
        low ends (whole numbers are not) until it accepts them; ``SHARE_USED`` says how much of that is used.

        Raises:
            InputError: if the policy refuses even the low ends.
        """
        share = next((share for share in SHRINKS if self._accepts(proposed, share)), None)
        if share is None:
            raise InputError(f"space: {self.name} refuses even the low ends of these ranges; lower them")
        part = share * proposed.get(SHARE_USED.name, 1.0)
        return self._shrunk(proposed, part if self._accepts(proposed, part) else share)

    def _shrunk(self, proposed: Values, share: float) -> dict[str, float]:
        return {
            q.name: q.rounded(proposed[q.name] if q.integer else q.low + share * (proposed[q.name] - q.low))
            for q in self.parameters
        }

    def _accepts(self, proposed: Values, share: float) -> bool:
        try:
            self.policy(self._shrunk(proposed, share))
        except PolicyError:
            return False
        return True


def policy_spaces(policies: Sequence[PolicyLike], space: Mapping[str, Any], months: int) -> tuple[PolicySpace, ...]:
    """Find the policies and the ranges of their parameters.

    Args:
        policies: names, files, mappings, policies or classes of policies.
        space: [low, high] by policy parameter, in place of the declared range.
        months: how long the runs are; parameters in months range no further.

    Raises:
        InputError: for an unknown policy or parameter, or a range that is empty or wider than declared.
    """
    spaces = tuple(_space_of(spec, space, months) for spec in policies)
    for one in spaces:
        one.fit(one.defaults())
    names = [one.name for one in spaces]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise InputError(f"policies: {', '.join(twice)} is named twice; name each once")
    searched = {q.name for one in spaces for q in one.parameters}
    for name in space:
        if name not in searched:
            raise InputError(f"space.{name}: {', '.join(names)} has no such parameter; {near(name, searched)}")
    return spaces


def _space_of(spec: PolicyLike, space: Mapping[str, Any], months: int) -> PolicySpace:
    policy = find_policy(spec)
    if isinstance(spec, Mapping):
        fixed = {k: v for k, v in spec.items() if k != "name"}
    elif isinstance(spec, Policy):
        fixed = {k: v for k, v in policy.model_dump().items() if k in policy.model_fields_set}
    else:
        fixed = {}
    numbers = [q for q in parameters(policy, lists=True) if q.kind in ("int", "float") and q.path not in fixed]
    free = [q for q in numbers if q.path in space or "." not in q.path]
    if isinstance(policy, Plan):  # what a plan says is fixed, but for the numbers that the space names
        free = [q for q in free if q.path in space]
    if not free:
        hint = "leave some of them open"
        if isinstance(policy, Plan):
            hint = f"name numbers of the plan in space, such as {numbers[-1].path}=[low,high]"
        raise InputError(f"policies: {label(policy)} has no parameter left to search; {hint}")
    searched = tuple(_parameter(q, space.get(q.path), label(policy), months) for q in free)
    if isinstance(policy, Plan):  # its widest ranges go together, or some trial would not
        changed(policy, {q.name: q.high if q.name.endswith(".from") else q.low for q in searched})
    return PolicySpace(spec, fixed, searched)


def _parameter(declared: Parameter, span: Any, policy: str, months: int) -> SearchedParameter:
    option = f"space.{declared.path}"
    if span is None and (declared.low is None or declared.high is None):
        raise InputError(f"{option}: {policy} declares no range for it; give one as {option}=[low,high]")
    if span is None:
        high = float(declared.high or 0)
        span = [declared.low, min(high, months) if declared.unit == "months" else declared.high]
    if not isinstance(span, (list, tuple)) or len(span) != 2:
        example = f"{option}=[{declared.low or 0:g},{1 if declared.high is None else declared.high:g}]"
        raise InputError(f"{option} = {span!r}: give two numbers, for example {example}")
    for value in span:
        check_value(option, value, declared)
    low, high = span
    if not low < high:
        raise InputError(f"{option}: the range from {low:g} to {high:g} is empty; low must be below high")
    return SearchedParameter(declared.path, declared.default, low, high, declared.kind == "int")
