"""Shared understanding, the plan of a strategic pause, and the agenda (processes 6, 9 and 11; E17, E21)."""

import numpy as np

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_least, flag, mean_over, over_partners, per_trait, ratio, sum_over, trait, unit
from sim.model.effort import Effort
from sim.model.sectors import LANGUAGE
from sim.model.state import PAUSE, State


class Understanding(Declared):
    """How members come to understand each other, plan and set an agenda."""

    rate: float = param(
        0.024,
        unit="1/month",
        low=0,
        high=0.5,
        symbol="etU",
        doc="Growth of understanding while all take part fully and speak one language",
    )
    language_barrier: float = param(
        1.0, unit="1/distance", low=0, high=5, doc="How far distance in language slows understanding"
    )
    pause_gain: float = param(0.5, unit="1", low=0, high=5, doc="Understanding that a month of pause adds, in months")
    plan_time: float = param(
        3.0,
        unit="months",
        low=0.5,
        high=24,
        source="assumption; the plan saturates: P = 1 - exp(-t/3)",
        doc="Months of pause after which most of a plan is made",
    )
    plan_carried: float = param(
        1.0, unit="1", low=0, high=1, doc="Part of the plan that lives in the representatives who made it"
    )
    plan_ageing: float = param(
        0.01,
        unit="1/month",
        low=0,
        high=1,
        doc="Share of the plan that goes out of date in a month outside a pause",
    )
    plan_events: float = param(
        0.5,
        unit="1",
        low=0,
        high=5,
        doc="Share of the plan that goes out of date as all members leave or as many join, or a common shock strikes",
    )
    plan_agenda: float = param(
        0.5,
        unit="1/month",
        low=0,
        high=1,
        doc="Speed at which a full plan, in a pause, moves the agenda to the members' goals",
    )
    bundle_agenda: float = param(
        0.05, unit="1/month", low=0, high=1, doc="Speed at which full bundling, by deciding together, moves the agenda"
    )


def understand(state: State, params: Understanding, participation: Array, distance: Array, entered: Array) -> Array:
    """Grow: U += etU (1-U) (mean y + pause gain) / (1 + k d_language); entrants dilute: U n/(n+new)  (E17, E21)."""
    contact = mean_over(participation, state.member) + params.pause_gain * (state.phase == PAUSE)
    pace = params.rate / (1.0 + params.language_barrier * trait(distance, LANGUAGE))
    grown = unit(state.understanding + pace * (1.0 - state.understanding) * contact)
    n = at_least(over_partners(state.member), 1.0)
    return grown * n / (n + over_partners(entered))


def make_plan(state: State, params: Understanding, pause: Array) -> Array:
    """Plan in a pause: P' = P + (1-P)(1 - exp(-strength/time)), so P = 1 - exp(-t/time) after t full months  (E21)."""
    return state.plan + (1.0 - state.plan) * (1.0 - np.exp(-pause / params.plan_time))


def forget_plan(state: State, params: Understanding, replaced: Array) -> Array:
    """Let the plan go out of use as the representatives who made it are replaced (decision 0002)."""
    return state.plan * (1.0 - params.plan_carried * mean_over(replaced, state.member))


def age_plan(state: State, params: Understanding, moved: Array, struck: Array) -> Array:
    """Let events overtake the plan: P' = P (1 - ageing outside a pause)(1 - e min(1, moved/n + struck)).

    ``moved``: flags of who leaves or joins this month; ``struck``: flag of a common shock.
    """
    share = unit(ratio(over_partners(moved), over_partners(state.member)) + struck)
    overtaken = unit(params.plan_events * share)
    return state.plan * (1.0 - params.plan_ageing * flag(state.phase != PAUSE)) * (1.0 - overtaken)


def model_business(state: State) -> Array:
    """Work out an own business model in the pause, as far as the member is open: max(pl, P x)  (E21)."""
    if not (state.phase == PAUSE).any():
        return state.business_model
    drafted = state.plan * state.disclosure * (state.phase == PAUSE) * state.member
    return at_least(state.business_model, drafted)


def set_agenda(state: State, params: Understanding, effort: Effort) -> Array:
    """Move the agenda to the members' mean goals, by a plan in the pause and by deciding together  (E21)."""
    pace = unit(params.plan_agenda * state.plan * (state.phase == PAUSE) + params.bundle_agenda * effort.bundle)
    if not pace.any():
        return state.agenda
    goals = sum_over(state.goals, state.member) / at_least(per_trait(over_partners(state.member)), 1.0)
    shift = per_trait(pace * (over_partners(state.member) > 0))
    return (1.0 - shift) * state.agenda + shift * goals
