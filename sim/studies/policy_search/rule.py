"""A policy as a rule that a person can follow: short sentences with round numbers."""

from collections.abc import Callable, Mapping
from typing import Any

from sim.model.policies import Policy
from sim.model.policies.plan import Plan, Step, Trigger

SHARES = {
    1 / 10: "a tenth", 1 / 5: "a fifth", 1 / 4: "a quarter", 1 / 3: "a third", 2 / 5: "two fifths", 1 / 2: "half",
    3 / 5: "three fifths", 2 / 3: "two thirds", 3 / 4: "three quarters", 4 / 5: "four fifths", 9 / 10: "nine tenths",
}  # fmt: skip
"""Shares that have a word of their own."""

NEAR = 0.005
"""How near a share has to be to its word."""

MIXED = {
    "safeguard": "safeguarding", "bundle": "bundling", "inside": "introductions between members",
    "outside": "introductions outside", "track": "tracking what members capture", "intervene": "help for all alike",
}  # fmt: skip
"""What a fixed mix spends on."""


def rule(policy: Policy) -> list[str]:
    """Say what a policy does.

    Args:
        policy: a shipped one, a plan, or one of a user's own, of which the first line of its docstring is said.

    Returns:
        Sentences, in the order in which they are followed.
    """
    if isinstance(policy, Plan):
        lines = [line for step in policy.steps for line in _step(step)]
        return [*lines, *(line for trigger in policy.when for line in _trigger(trigger))] or ["Do nothing."]
    first = [f"After the initiation, pause for {_months(policy.pause)}."] if policy.pause else []
    return [*first, *SENTENCES.get(policy.name, _own)(policy)] or ["Do nothing."]


def in_words(share: float) -> str:
    """Write a share in words where it has any, and else in per cent."""
    named = min(SHARES, key=lambda known: abs(known - share))
    return SHARES[named] if abs(named - share) <= NEAR else f"{100 * share:.3g} %"


def _months(n: float) -> str:
    return "a month" if n == 1 else f"{n:g} months"


def _step(step: Step) -> list[str]:
    first = f"From month {step.start} on" if step.until is None else f"From month {step.start} until month {step.until}"
    ramp = f", reached in {_months(step.ramp)}" if step.ramp > 1 else ""
    level = f", with {in_words(step.level)} of the effort" if step.level < 1.0 else ""
    return [f"{first}{level}{ramp}:", *(f"  {line}" for line in rule(step.policy))]


def _trigger(trigger: Trigger) -> list[str]:
    lasting = f" for {_months(trigger.months)}" if trigger.months is not None else ""
    what = "add to this" if trigger.then is None else "change to this"
    return [f"As soon as {trigger.condition}, {what}{lasting}:", *(f"  {line}" for line in rule(trigger.policy))]


def _safeguarding(policy: Any) -> list[str]:
    whose = f"members that look at risk ({policy.least_risk:g} or more)" if policy.least_risk else "all members"
    return [f"Safeguard {_all(policy.level)}sensitive information of {whose}."]


def _bundling(policy: Any) -> list[str]:
    return [f"Bundle {_all(policy.level)}information before it is shared."]


def _connecting(policy: Any) -> list[str]:
    return [f"Spend {_of(policy.share, 'the budget')} on introductions, {_split(policy)}."]


def _scheduled(policy: Any) -> list[str]:
    first, second = "safeguard", "connect members, inside and outside alike"
    if policy.name == "reversed_schedule":
        first, second = second, first
    return [f"Up to month {policy.months} {first}; from then on {second}."]


def _mix(policy: Any) -> list[str]:
    parts = [f"{in_words(getattr(policy, name))} on {words}" for name, words in MIXED.items() if getattr(policy, name)]
    idle = 1.0 - sum(getattr(policy, name) for name in MIXED)
    rest = f"; leave {in_words(idle)} of it" if idle > NEAR else ""
    return [f"Spend of the budget {', '.join(parts)}{rest}."] if parts else []


def _protect(policy: Any) -> list[str]:
    whose = f"members that look at risk ({policy.least_risk:g} or more)" if policy.least_risk else "all members"
    low, high = policy.risk_low, max(policy.risk_high, policy.risk_low)
    below = f"below {low:g} safeguard nothing, from {high:g} on" if low else f"from {high:g} on safeguard"
    between = ", in between a part" if high > low else ""
    lines = [
        f"Look each month at the mean risk that members fear: {below} the information of {whose}{between}."
        if low < 1.0
        else "Do not safeguard."
    ]
    if policy.bundle_most:
        lines.append(
            f"Bundle as interests clash: nothing below a tension of {policy.interest_low:g}, "
            f"{_of(policy.bundle_most, 'the information')} from {max(policy.interest_high, policy.interest_low):g} on."
        )
    if policy.inertia and (low < 1.0 or policy.bundle_most):
        lines.append(f"Change that slowly: {_of(policy.inertia, 'the level')} of last month stays.")
    return lines


def _adaptive(policy: Any) -> list[str]:
    left = f"{_left(policy)}, spend {in_words(policy.connect)} on introductions, {_split(policy)}."
    return [*_protect(policy), *([left] if policy.connect else ["Leave the rest."])]


def _tracking(policy: Any) -> list[str]:
    parts = [f"{in_words(policy.connect)} on introductions, {_split(policy)}"] if policy.connect else []
    parts += [f"{in_words(policy.track)} on tracking what members capture"] if policy.track else []
    whom = {"random_allocation": "members by chance"}.get(
        policy.name,
        "members that stand nearest to the edge of leaving"
        if policy.expected_effect > 0.5
        else "members that fall furthest below the others",
    )
    start = f"{_left(policy)}, spend {'; '.join(parts)}; help with the rest" if parts else "Help with what is left"
    return [*_protect(policy), f"{start} the {whom}." if whom.startswith("members that") else f"{start} {whom}."]


def _left(policy: Any) -> str:
    """Say of what the rest is spent: of the whole budget, where nothing is safeguarded or bundled."""
    return "Of what is left" if policy.risk_low < 1.0 or policy.bundle_most else "Of the budget"


def _split(policy: Any) -> str:
    outside = f"outside up to {policy.enough:g} contacts a member"
    if policy.inside in (0.0, 1.0):
        return "all inside" if policy.inside else f"all {outside}"
    return f"{in_words(policy.inside)} of it inside and the rest {outside}"


def _all(level: float) -> str:
    return "all " if level == 1.0 else f"{in_words(level)} of the "


def _of(share: float, what: str) -> str:
    return f"all of {what}" if share == 1.0 else f"{in_words(share)} of {what}"


def _own(policy: Any) -> list[str]:
    """Say the first line of the docstring and the parameters that differ from their defaults."""
    fields = type(policy).model_fields
    first = (type(policy).__doc__ or "").strip().partition("\n")[0].rstrip(".")
    values = {
        name: value
        for name, value in policy.model_dump().items()
        if name not in ("label", "pause", "function") and value != fields[name].default
    }
    parts = ", ".join(f"{k} = {v:g}" if isinstance(v, float) else f"{k} = {v}" for k, v in values.items())
    return [f"{first or policy.name}{f', with {parts}' if parts else ''}."]


SENTENCES: Mapping[str, Callable[[Any], list[str]]] = {
    "neutral": lambda _: [],
    "strategic_pause": lambda _: [],
    "placebo": lambda _: ["Spend the whole budget to no effect."],
    "safeguarding": _safeguarding,
    "bundling": _bundling,
    "connecting": _connecting,
    "scheduled": _scheduled,
    "reversed_schedule": _scheduled,
    "fixed_mix": _mix,
    "adaptive": _adaptive,
    "adaptive_tracking": _tracking,
    "random_allocation": _tracking,
    "perfect_information": _tracking,
}
"""The sentences of each shipped policy."""
