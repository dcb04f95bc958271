"""Monthly outcomes: one number per run, from the state at the end of a month and the month's flows."""

from collections.abc import Callable
from functools import cache

import numpy as np

from sim.core.plugins import find_same
from sim.model.arrays import Array, flag, mean_over, over_partners, over_traits, weighted
from sim.model.effort import MECHANISMS
from sim.model.outcomes.base import Outcome
from sim.model.rules import commitment
from sim.model.scenario import Scenario
from sim.model.sectors import SECTORS
from sim.model.state import Flows, State

Measure = Callable[[State, Flows, Scenario], Array]


def _over_members(values: Array, members: Array) -> Array:
    """Average over members; NaN where nobody is left."""
    return np.where(over_partners(members) > 0, mean_over(values, members), np.nan)


def _mean(name: str) -> Measure:
    return lambda s, f, params: _over_members(getattr(s, name), s.member)


def _tension(name: str) -> Measure:
    return lambda s, f, params: np.where(over_partners(f.seen.members) > 0, getattr(s, name), np.nan)


def _of_run(name: str) -> Measure:
    return lambda s, f, params: getattr(s, name)


def _sum(name: str) -> Measure:
    return lambda s, f, params: over_partners(getattr(f, name))


def _by_sector(name: str, k: int) -> Measure:
    return lambda s, f, params: over_partners(getattr(f, name) * flag(s.sector == k))


def _created(k: int, sector: str) -> Outcome:
    doc = f"Collective value contributed by {sector} members"
    return Outcome(f"created_{sector}", "value per founder", doc, "more", _by_sector("contributed", k))


def _captured(k: int, sector: str) -> Outcome:
    doc = f"Private value captured by {sector} members"
    return Outcome(f"captured_{sector}", "value", doc, "more", _by_sector("captured", k))


def _spent(name: str) -> Measure:
    return lambda s, f, params: f.spent[name]


def aspiration(s: State, params: Scenario) -> Array:
    """Return what each member expects, by the rule of the month: the model's, or the one that replaces it."""
    own = params.rules.replace.get("commitment", {}).get("aspiration")
    rule: Callable[..., Array] = find_same(own, ("aspiration",)) if own else commitment.aspiration
    return rule(s, params.rules.commitment, params.structure.outside_options)


def _content(s: State, f: Flows, params: Scenario) -> Array:
    return _over_members(flag(s.benefit > aspiration(s, params)), s.member)


def _surplus(s: State, f: Flows, params: Scenario) -> Array:
    return _over_members(s.benefit - aspiration(s, params), s.member)


def _idle(s: State, f: Flows, params: Scenario) -> Array:
    idle: Array = s.budget - sum(f.spent.values())
    return idle


def _estimate_error(s: State, f: Flows, params: Scenario) -> Array:
    return _over_members(abs(f.seen.shortfall - f.shortfall), f.seen.members)


ALWAYS = (
    Outcome(
        "n_members", "members", "Members at the end of the month", "more", lambda s, f, params: over_partners(s.member)
    ),
    Outcome(
        "n_founders",
        "members",
        "Founding members still there",
        "more",
        lambda s, f, params: over_partners(s.member * s.founder),
    ),
    Outcome("value_created", "value per founder", "Collective value created", "more", lambda s, f, params: f.created),
    Outcome("tension", "1", "The three tensions together", "less", _tension("tension")),
    Outcome("effort_spent", "effort", "Effort the orchestrator spent", "", lambda s, f, params: sum(f.spent.values())),
    Outcome("subsidy", "value", "Part of the cost that the grant pays, all members", "less", _sum("subsidy")),
    Outcome("content", "1", "Share of members whose net benefit exceeds what they expect", "more", _content),
)

SERIES: tuple[Outcome, ...] = (
    *ALWAYS,
    Outcome("society_value", "value per founder", "Value created for society so far", "more", _of_run("society_value")),
    Outcome("private_captured", "value", "Private value captured by all members", "more", _sum("captured")),
    *(_created(k, name) for k, name in enumerate(SECTORS)),
    *(_captured(k, name) for k, name in enumerate(SECTORS)),
    Outcome("cost", "value", "Cost of taking part, all members", "less", _sum("cost")),
    Outcome("leaks", "leaks", "Leaks", "less", _sum("leaked")),
    Outcome("leak_loss", "value", "Lost to leaks, all members", "less", _sum("lost")),
    Outcome("exits_satisfied", "members", "Left satisfied", "", _sum("satisfied")),
    Outcome("exits_frustrated", "members", "Left frustrated", "less", _sum("frustrated")),
    Outcome("exits_other", "members", "Left for reasons outside the model", "", _sum("other")),
    Outcome("entries", "members", "Joined", "more", _sum("entered")),
    Outcome("tension_information", "1", "Tension from unwillingness to share", "less", _tension("tension_information")),
    Outcome("tension_interest", "1", "Tension from competing interests", "less", _tension("tension_interest")),
    Outcome("tension_resource", "1", "Tension from time and budget", "less", _tension("tension_resource")),
    Outcome(
        "participation",
        "1",
        "Mean participation",
        "more",
        lambda s, f, params: _over_members(f.participation, f.seen.members),
    ),
    Outcome("engagement", "1", "Mean willingness to take part", "more", _mean("engagement")),
    Outcome("disclosure", "1", "Mean share of knowledge opened up", "more", _mean("disclosure")),
    Outcome("trust", "1", "Mean trust", "more", _mean("trust")),
    Outcome("surplus", "value/month", "Mean net benefit over what members expect", "more", _surplus),
    Outcome("goodwill", "value", "Mean goodwill left", "more", _mean("goodwill")),
    Outcome("reserve", "value", "Mean reserve of resources", "more", _mean("reserve")),
    Outcome("connections", "connections", "Mean useful connections", "more", _mean("connections")),
    Outcome("understanding", "1", "Shared understanding", "more", _of_run("understanding")),
    Outcome("plan", "1", "Quality of the plan", "more", _of_run("plan")),
    Outcome("stock", "value", "Knowledge stock, all domains", "more", lambda s, f, params: over_traits(s.stock)),
    Outcome("knowledge", "observations", "The orchestrator's mean knowledge of a member", "more", _mean("knowledge")),
    Outcome(
        "estimate_error",
        "value/month",
        "Mean error of the orchestrator on a member's shortfall",
        "less",
        _estimate_error,
    ),
    Outcome("budget", "effort", "Effort the orchestrator could spend", "", _of_run("budget")),
    *(Outcome(f"effort_{m}", "effort", f"Effort spent: {m.replace('_', ' ')}", "", _spent(m)) for m in MECHANISMS),
    Outcome("effort_idle", "effort", "Effort not spent", "", _idle),
    Outcome("safeguard", "1", "Level of safeguarding", "", lambda s, f, params: weighted(f.effort.safeguard, s.member)),
    Outcome("bundle", "1", "Level of bundling", "", lambda s, f, params: f.effort.bundle),
    Outcome("matches_outside", "matches", "Outside matches", "", _sum("outside_matched")),
    Outcome("matches_inside", "matches", "Inside matches", "", lambda s, f, params: over_traits(flag(f.giver >= 0))),
    Outcome("phase", "index", "0 initiation, 1 pause, 2 implementation, 3 post-grant", "", _of_run("phase")),
)


@cache
def series_of(sectors: tuple[str, ...]) -> tuple[Outcome, ...]:
    """List the monthly outcomes where there are these sectors: the further ones add theirs."""
    further = list(enumerate(sectors))[len(SECTORS) :]
    return (*SERIES, *(outcome(k, name) for outcome in (_created, _captured) for k, name in further))


def monthly_named(name: str) -> Outcome | None:
    """Find a monthly outcome by its name, with those of any further sector."""
    start, _, sector = name.partition("_")
    further = {"created": _created, "captured": _captured}.get(start) if sector else None
    return next((o for o in SERIES if o.name == name), further and further(len(SECTORS), sector))


def measure(outcomes: tuple[Outcome, ...], state: State, flows: Flows, params: Scenario) -> list[Array]:
    """Measure one month: an array of shape (runs,) per outcome."""
    return [_per_run(o.measure(state, flows, params), state.member.shape[-1]) for o in outcomes]


def _per_run(values: Array | float, n_runs: int) -> Array:
    spread = isinstance(values, np.ndarray) and values.shape == (1, n_runs)  # most are, and spreading takes its time
    per_run: Array = (values if spread else np.broadcast_to(np.asarray(values), (1, n_runs)))[0]  # type: ignore[index]
    return per_run
