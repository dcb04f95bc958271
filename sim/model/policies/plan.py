"""A plan: policies that start, stop, rise and follow each other, several at once within one budget, and triggers."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from pydantic import Field, SerializationInfo, ValidationInfo, field_validator, model_serializer, model_validator

from sim.core.calendar import month_of
from sim.core.declare import Declared, param
from sim.model.arrays import Array, any_nonzero, at_least, at_most, flag, ratio
from sim.model.effort import ACTIONS, Effort, cost_of, largest_action
from sim.model.observation import Observation, no_effort
from sim.model.policies import POLICIES
from sim.model.policies.base import Policy, PolicyError, Targeting
from sim.model.policies.conditions import Condition, all_hold, count, first_counts, read_conditions
from sim.model.policies.decision import decide

MOST = 50
"""Most steps, or triggers, of a plan."""


def _month(value: Any, info: ValidationInfo) -> Any:
    """Refuse a date, in words: what makes a plan knows when the partnership began (see ``in_months``)."""
    name = {"start": "from"}.get(str(info.field_name), str(info.field_name))
    return value if value is None or isinstance(value, (bool, float)) else month_of(value, None, name)


def _policy(value: Any) -> Any:
    """Find the policy that a name, file or mapping stands for."""
    from sim.model.policies.registry import find_policy

    return value if value is None else find_policy(value)


class Step(Declared):
    """One policy of a plan, from one month up to and including another, at a level."""

    policy: Policy = Field(description="The policy", json_schema_extra={"unit": "policy"})
    start: int = param(1, alias="from", unit="months", low=1, high=1200, doc="First month of the step")
    until: int | None = param(
        None, unit="months", low=1, high=1200, doc="Last month of the step, itself included; to the end by default"
    )
    level: float = param(1.0, unit="1", low=0, high=1, doc="Multiple of the actions that the policy takes by itself")
    ramp: int = param(0, unit="months", low=0, high=1200, doc="Months over which the level is reached, in equal parts")

    _dated = field_validator("start", "until", mode="before")(_month)
    _resolved = field_validator("policy", mode="before")(_policy)

    @model_validator(mode="after")
    def _in_order(self) -> "Step":
        if self.until is not None and self.until < self.start:
            raise ValueError(f"until = {self.until} comes before from = {self.start}; a step lasts at least a month")
        return self

    @model_serializer
    def _plain(self, info: SerializationInfo) -> dict[str, Any]:
        until = {} if self.until is None else {"until": self.until}
        return {
            **{"policy": self.policy.plain(_labelled(info)), "from": self.start},
            **{**until, "level": self.level, "ramp": self.ramp},
        }

    def weight(self, month: Any) -> Any:
        """Give the multiple of the policy's actions in a month: 0 before ``from`` and after ``until``."""
        since = month - self.start + 1
        if self.start == 1 and self.until is None and self.ramp <= 1:
            return self.level
        on = flag(since >= 1) if self.until is None else flag((since >= 1) & (month <= self.until))
        rise = at_most(since / float(self.ramp), 1.0) if self.ramp > 1 else 1.0
        return self.level * on * rise

    def title(self) -> str:
        """Say what, when and how much, in a few words."""
        last = f" until {self.until}" if self.until is not None else ""
        when = f"{f' from {self.start}' if self.start > 1 else ''}{last}"
        level = f" at {self.level:g}" if self.level != 1.0 else ""
        return f"{_title(self.policy)}{when}{level}{f' over {self.ramp} months' if self.ramp else ''}"


class Trigger(Declared):
    """A condition, and the policy that takes over from the steps, or is added to them, when it holds."""

    condition: str = Field(alias="if", description="The condition", json_schema_extra={"unit": "text"})
    then: Policy | None = param(None, unit="policy", doc="The policy that takes over from the steps")
    also: Policy | None = param(None, unit="policy", doc="The policy that is added to the steps")
    months: int | None = param(
        None, alias="for", unit="months", low=1, high=1200, doc="For how many months; from then on by default"
    )

    _resolved = field_validator("then", "also", mode="before")(_policy)

    @field_validator("condition")
    @classmethod
    def _read(cls, text: str) -> str:
        read_conditions(text)
        return text

    @model_validator(mode="after")
    def _one(self) -> "Trigger":
        if (self.then is None) == (self.also is None):
            raise ValueError("give then (the policy takes over) or also (it is added to the steps), one of the two")
        return self

    @model_serializer
    def _plain(self, info: SerializationInfo) -> dict[str, Any]:
        key, months = ("also" if self.then is None else "then"), {} if self.months is None else {"for": self.months}
        return {"if": self.condition, key: self.policy.plain(_labelled(info)), **months}

    @property
    def policy(self) -> Policy:
        """The policy that it starts."""
        policy = self.also if self.then is None else self.then
        assert policy is not None
        return policy

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What has to hold."""
        return read_conditions(self.condition)

    def since(self, since: Any, seen: Observation, counts: Any) -> tuple[Any, Any]:
        """Give the month in which it last started (0: it is not on), per run, and flags of the runs where it starts."""
        on = flag(since > 0.0)
        if self.months is not None:
            on = on * flag(seen.month - since < self.months)
        starts = all_hold(self.conditions, seen, counts) * (1.0 - on)
        return on * since + starts * seen.month, starts

    def title(self) -> str:
        """Say the condition and the policy, in a few words."""
        months = f" for {self.months} months" if self.months is not None else ""
        return f"if {self.condition} {'also' if self.then is None else 'then'} {_title(self.policy)}{months}"


class Plan(Policy):
    """Policies by the calendar: each step from a month, up to and including another, at a level; and triggers.

    Each step takes the actions that its policy takes by itself with the whole budget, times its level; ``ramp`` reaches
    the level in equal monthly parts. Actions of several steps add up to their limits (of pauses the strongest counts;
    the priority at the tables is the mean by inside matches); if they cost more than the budget, all are scaled
    down in proportion. A step's policy counts its months from ``from``, and begins to remember there: a
    strategic pause from month 14 is held in months 14 to 16. A trigger looks at the start of each month and acts
    in that month; its policy counts from there, with ``seen.month`` one value per run. Of several triggers that
    take over, the first listed does. A plan without steps does nothing.
    """

    name = "plan"

    steps: list[Step] = param([], unit="steps", doc="Policies, each with from, until, level and ramp")
    when: list[Trigger] = param([], unit="triggers", doc="Conditions, each with then or also, and for")

    @field_validator("steps", "when", mode="before")
    @classmethod
    def _few(cls, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and len(value) > MOST:
            raise ValueError(f"has {len(value)} entries; give at most {MOST}")
        return list(value) if isinstance(value, tuple) else value

    @model_validator(mode="after")
    def _one_view(self) -> "Plan":
        views = {policy.sees(): policy.name for policy in self.parts()}
        if len(views) > 1:
            raise ValueError(
                f"{' and '.join(views.values())} see members in different ways (targeting); "
                "use them in plans of their own"
            )
        return self

    def parts(self) -> list[Policy]:
        """List the policies of its steps and triggers."""
        return [step.policy for step in self.steps] + [trigger.policy for trigger in self.when]

    def sees(self) -> Targeting | None:
        """Tell what estimates of members rest on: as its policies say."""
        return next((policy.sees() for policy in self.parts()), None)

    def title(self) -> str:
        """Say what the plan does, in a few words: its name where it has no label."""
        return "; ".join([*(step.title() for step in self.steps), *(t.title() for t in self.when)]) or "do nothing"

    def as_mapping(self) -> dict[str, Any]:
        """Give the plan as ``sim.find_policy`` takes it, with its policies as they are."""
        steps = [
            {"policy": s.policy, "from": s.start, "until": s.until, "level": s.level, "ramp": s.ramp}
            for s in self.steps
        ]
        when = [{"if": t.condition, "then": t.then, "also": t.also, "for": t.months} for t in self.when]
        return {"name": self.name, "label": self.label, "pause": self.pause, "steps": steps, "when": when}

    def start(self) -> Any:
        """Remember what each policy remembers, since when each trigger is on, and who was there."""
        return {
            "steps": [step.policy.start() for step in self.steps],
            "when": [{"since": 0.0, "memory": trigger.policy.start()} for trigger in self.when],
            "counts": first_counts([one for trigger in self.when for one in trigger.conditions]),
        }

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Let the triggers that are on and the steps of this month act, and put their efforts together."""
        seen = seen if budget is seen.budget else dataclasses.replace(seen, budget=budget)
        counts = count(seen, memory["counts"])
        efforts: list[Effort] = []
        left: Any = 1.0
        triggers = []
        for trigger, past in zip(self.when, memory["when"], strict=True):
            since, starts = trigger.since(past["since"], seen, counts)
            on = flag(since > 0.0)
            remembered = past["memory"]
            if trigger.months is not None:  # it may start again
                remembered = _chosen(starts, trigger.policy.start(), remembered, trigger.policy)
            weight = on if trigger.then is None else on * left
            left = left if trigger.then is None else left * (1.0 - on)
            later = _counted_from(seen, on * since + (1.0 - on) * seen.month)
            remembered = _act(trigger.policy, weight, later, remembered, efforts)
            triggers.append({"since": since, "memory": remembered})
        steps = []
        for step, remembered in zip(self.steps, memory["steps"], strict=True):
            later = seen if step.start == 1 else _counted_from(seen, step.start)
            steps.append(_act(step.policy, step.weight(seen.month) * left, later, remembered, efforts))
        effort = _within_budget(_together(efforts, seen), seen) if efforts else no_effort(seen)
        return effort, {"steps": steps, "when": triggers, "counts": counts}


SHIPPED: tuple[type[Policy], ...] = (*POLICIES, Plan)
"""Every policy that ships: those of the menu, and plans made of them."""


def _title(policy: Policy) -> str:
    """Name a policy of a plan; what a plan inside it does stands in brackets."""
    from sim.model.policies.registry import label

    inside = isinstance(policy, Plan) and not policy.label
    return f"({label(policy)})" if inside else label(policy)


def _labelled(info: SerializationInfo) -> bool:
    return bool((info.context or {}).get("labelled", True))


def _counted_from(seen: Observation, start: Any) -> Observation:
    """Let the months count from a start, which is month 1."""
    before = start - 1
    initiation: Any = at_least(seen.initiation_months - before, 0)
    return dataclasses.replace(seen, month=seen.month - before, initiation_months=initiation)


def _act(policy: Policy, weight: Any, seen: Observation, memory: Any, efforts: list[Effort]) -> Any:
    """Add a policy's actions, times a weight, to a list; gives its memory, which moves on where the weight is not 0."""
    if not any_nonzero(weight):
        return memory
    own = type(policy) not in SHIPPED
    month = f"month {seen.month}" if np.ndim(seen.month) == 0 else "started by a trigger"
    where = f"policy {policy.name}, {month} of its own"
    effort, new = decide(policy, seen, memory, where, own, check=own and isinstance(seen.budget, np.ndarray))
    efforts.append(Effort(**{a: (1.0 if a == "priority" else weight) * getattr(effort, a) for a in ACTIONS}))
    return new if isinstance(weight, float) else _chosen(weight, new, memory, policy)


def _chosen(weight: Any, new: Any, old: Any, policy: Policy) -> Any:
    """Take a new memory in the runs where the weight is not 0, and the old one in the others."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return {key: _chosen(weight, new[key], old[key], policy) for key in old}
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)) and len(old) == len(new):
        return type(old)(_chosen(weight, one, other, policy) for one, other in zip(new, old, strict=True))
    if old is None or new is None:
        return new
    if isinstance(new, (str, bytes, dict, list, tuple, set)):
        raise PolicyError(
            f"policy {policy.name}: remembers a {type(new).__name__}; in a plan with triggers a policy remembers "
            "numbers and arrays, in a dictionary or list that keeps its shape"
        )
    return np.where(weight > 0.0, new, old)


def _together(efforts: list[Effort], seen: Observation) -> Effort:
    """Add actions up to their limits; of pauses the strongest; the priority is the mean, by inside matches."""
    if len(efforts) == 1:
        return efforts[0]
    total: dict[str, Any] = {}
    for action in ACTIONS:
        values = [getattr(effort, action) for effort in efforts]
        if action == "pause":
            total[action] = _folded(np.maximum, values)
        elif action != "priority":
            amount, most = _folded(np.add, values), largest_action(action, seen.n_domains)
            total[action] = at_most(amount, most) if most < np.inf else amount
    inside = _folded(np.add, [effort.match_inside for effort in efforts])
    shares = [ratio(effort.match_inside, inside) * _mean_one(effort.priority, seen) for effort in efforts]
    return Effort(**total, priority=_folded(np.add, shares) + flag(inside <= 0.0) * seen.members)


def _mean_one(priority: Array, seen: Observation) -> Array:
    """Scale a priority so that its mean over members is 1, as only its proportions count."""
    return ratio(priority, seen.mean(priority))


def _folded(function: Callable[[Any, Any], Any], values: list[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = function(total, value)
    return total


def _within_budget(effort: Effort, seen: Observation) -> Effort:
    """Scale all actions down in proportion where they cost more than the budget."""
    costs = _folded(np.add, list(cost_of(effort, seen.prices, seen.members).values()))
    over = flag(costs > seen.budget + 1e-9)
    if not any_nonzero(over):
        return effort
    scale = np.where(over > 0.0, ratio(seen.budget, costs), 1.0)
    return effort.replace(**{a: scale * getattr(effort, a) for a in ACTIONS if a != "priority"})


# Plans as plain data


def is_plan(spec: Any) -> bool:
    """Tell whether a mapping says what a plan does."""
    return isinstance(spec, Mapping) and (spec.get("name") == Plan.name or "steps" in spec or "when" in spec)


def rewritten(spec: Any, policy: Callable[[Any], Any], month: Callable[[Any], Any] = lambda value: value) -> Any:
    """Rewrite the policies, and the months, that a plan names; anything that is not a plan is one policy.

    Args:
        spec: a policy as ``sim.find_policy`` takes it.
        policy: gives the new form of a policy that is not a plan.
        month: gives the new form of ``from`` and ``until``.
    """
    if not is_plan(spec):
        return policy(spec)
    changed = dict(spec)
    for entries, keys in (("steps", ("policy",)), ("when", ("then", "also"))):
        listed = changed.get(entries)
        if isinstance(listed, (list, tuple)):
            changed[entries] = [_entry(entry, keys, policy, month) for entry in listed]
    return changed


def _entry(entry: Any, keys: tuple[str, ...], policy: Callable[[Any], Any], month: Callable[[Any], Any]) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    new = {key: rewritten(entry[key], policy, month) for key in keys if entry.get(key) is not None}
    new |= {key: month(entry[key]) for key in ("from", "until") if key in entry and "policy" in keys}
    return {**entry, **new}


def bare_plan(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Give a plan of the same policies, conditions and order, with every number as it is by default."""
    bare = dict(rewritten(spec, lambda policy: policy.get("name") if isinstance(policy, Mapping) else policy))
    plans = {key: value for key, value in bare.items() if key in ("steps", "when")}
    listed = {
        key: [
            {k: bare_plan(v) if is_plan(v) else v for k, v in entry.items() if k in ("policy", "if", "then", "also")}
            for entry in entries
        ]
        for key, entries in plans.items()
    }
    return {"name": Plan.name, **listed}


def in_months(spec: Any, begins: str | None) -> Any:
    """Turn the dates of a plan into months.

    Args:
        spec: a policy as ``sim.find_policy`` takes it.
        begins: the date of month 1, such as ``2025-01``, or None where the partnership has none.

    Raises:
        InputError: for a date that cannot be read, or one where there is no date of month 1.
    """
    return rewritten(
        spec,
        lambda policy: policy,
        lambda value: month_of(value, begins, "plan: from and until") if isinstance(value, str) else value,
    )


def ingredients(spec: Any) -> Iterator[Any]:
    """Give the policies that a policy is made of, as they were named: those of a plan, or the policy itself."""
    if isinstance(spec, Plan):
        for part in spec.parts():
            yield from ingredients(part._spec or part)
    elif is_plan(spec):
        leaves: list[Any] = []
        rewritten(spec, lambda policy: leaves.append(policy))
        for leaf in leaves:
            yield from ingredients(leaf)
    else:
        yield spec
