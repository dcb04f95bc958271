"""Who leaves, why, and who joins (processes 11 to 13; E15)."""

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import Declared, param
from sim.model.arrays import TINY, Array, any_nonzero, at_least, at_most, flag, logistic, over_partners, ratio
from sim.model.random_streams import Draws
from sim.model.state import FRUSTRATED, OTHER, SATISFIED, State

DEPARTURES_SPEED = 0.2
"""Speed at which members notice departures (1/month); assumption."""

MOST_AT_ONCE = 0.9
"""Share of supply gone in a month above which the rate counts no higher."""


class Membership(Declared):
    """When members leave, and whether others may come."""

    other_rate: float = param(
        0.0045,
        unit="1/month",
        low=0,
        high=0.5,
        symbol="h_x",
        doc="Probability of leaving for reasons outside the model (merger, bankruptcy)",
    )
    satisfaction_threshold: float = param(
        0.7,
        unit="1",
        low=0,
        high=1,
        source="assumption; short life may mean quick success (Rahman & Korn 2014)",
        doc="Share of its need captured above which a leaver counts as satisfied; at 1 none does",
    )
    exit_penalty: float = param(
        0.0,
        unit="value",
        low=0,
        high=1000,
        doc="What leaving costs during the grant: a member stays until its goodwill is that far below 0",
    )
    term: float = param(
        0.0,
        unit="months",
        low=0,
        high=120,
        source="assumption; a year in the membership lists",
        doc="Term of membership: members decide at its end; 0: every month",
    )
    on_calendar: float = param(
        0.0,
        unit="1",
        low=0,
        high=1,
        doc="Share of the members whose later terms end at a common date, the others' with the month of joining",
    )
    fee: float = param(0.0, unit="value", low=0, high=100, doc="Median fee per term of a sector that pays the full fee")
    fee_spread: float = param(0.5, unit="log", low=0, high=2, doc="Standard deviation of the fee between members")
    look_ahead: float = param(
        0.0,
        unit="months",
        low=0,
        high=60,
        symbol="L",
        source="assumption; expected future benefit decides on staying (Axelrod 1984, the shadow of the future)",
        doc="Months of expected benefit over aspiration that a member weighs when it decides",
    )
    trend: float = param(
        0.0, unit="1", low=0, high=1, doc="How far members project the trend of their benefit when they look ahead"
    )
    company: float = param(
        0.0,
        unit="1",
        low=0,
        high=1,
        doc="How far members see what further departures would take from their capture",
    )
    hazard_width: float = param(
        2.0,
        unit="value",
        low=0.01,
        high=100,
        doc="Goodwill, outlook included, that makes a stay clearly likelier than an exit (structure.exit=hazard)",
    )
    lapse_rate: float = param(
        1.0,
        unit="1/month",
        low=0.01,
        high=1,
        doc="Probability a month that a member that has decided to leave is taken off the list",
    )
    least_members: float = param(
        0.0,
        unit="members",
        low=0,
        high=1000,
        doc="Members below which the partnership as a whole ends; 0: it goes on with any",
    )
    least_secretariat: float = param(
        0.0,
        unit="effort/month",
        low=0,
        high=100,
        source="assumption; partnerships rest on a funded secretariat, the orchestrator (DiVito et al. 2021)",
        doc="Effort of the orchestrator below which the partnership as a whole ends; 0: it goes on with any",
    )
    entry_rate: float = param(
        0.0,
        unit="1/month",
        low=0,
        high=1,
        doc="Probability that a candidate joins this month; 0 keeps the partnership closed",
    )


def has_run_out(state: State, params: Membership) -> NDArray[np.bool_]:
    """Tell whose goodwill is used up, by more than what leaving costs while the contract binds."""
    return goodwill_left(state, params) < 0.0


def is_due(state: State, params: Membership) -> NDArray[np.bool_]:
    """Tell whose term ends: the first after joining, later ones at the common date or with the month of joining."""
    length = at_least(params.term, TINY)
    tenure = (state.month - state.since) / length
    own_date, common_date = tenure == np.floor(tenure), state.month / length == np.floor(state.month / length)
    later = (tenure > 1.0) & np.where(state.on_calendar > 0.0, common_date, own_date)
    due: NDArray[np.bool_] = (state.member > 0.0) & ((tenure == 1.0) | later | (params.term == 0.0))
    return due


def outlook(state: State, params: Membership, surplus: Array, at_stake: Array) -> Array:
    """Return what a member expects of the months ahead: L (b - A + trend L/2) - what departures would take of v.

    ``at_stake`` is the capture that feeds on what others bring now; if supply goes on leaving at the rate it did,
    a part 1 - exp(-rate L/2) of it is gone on average over L months.
    """
    ahead = params.look_ahead
    foreseen = params.company * at_stake * (1.0 - np.exp(-state.departing * ahead / 2.0))
    return ahead * (surplus + params.trend * state.trend * ahead / 2.0 - foreseen)


def decide(
    state: State,
    params: Membership,
    outlook: Array,
    draws: Draws,
    form: str,
    renewal: Array | float = 0.0,
    free: Array | float = 1.0,
) -> tuple[Array, Array]:
    """Let members whose term ends, or all in a month of renewal, decide: G + outlook - fee below what leaving costs.

    With ``form`` hazard it goes with probability logistic(-(G + outlook - fee + cost) / width). Who is not free
    to leave, stays. Returns who has decided to go, and the fees of those who stay.
    """
    due = (is_due(state, params) | (renewal * state.member > 0.0)) & (state.going == 0.0)
    fee = state.fee * flag(params.term * state.member > 0.0)
    left = goodwill_left(state, params) + outlook - fee
    unwilling = left < 0.0 if form == "threshold" else draws.decision < logistic(-left / params.hazard_width)
    goes = flag(due & unwilling) * free
    return goes, fee * flag(due) * (1.0 - goes)


def goodwill_left(state: State, params: Membership) -> Array:
    """Return goodwill and what leaving costs while the contract binds."""
    return state.goodwill + params.exit_penalty * state.is_funded


def watch_departures(state: State, supply: Array, leavers: Array) -> Array:
    """Smooth the rate at which supply leaves with members: r' = r + a (-log(1 - share gone) - r)."""
    if not leavers.any():
        return state.departing * (1.0 - DEPARTURES_SPEED)
    gone = at_most(ratio(over_partners(supply * leavers), over_partners(supply)), MOST_AT_ONCE)
    return state.departing + DEPARTURES_SPEED * (-np.log(1.0 - gone) - state.departing)


def has_ended(state: State, params: Membership) -> NDArray[np.bool_]:
    """Tell where the partnership as a whole ends: it has too few members or too little of a secretariat."""
    ends: NDArray[np.bool_] = (over_partners(state.member) < params.least_members) | (
        state.budget < params.least_secretariat
    )
    return ends


def leave(
    state: State, params: Membership, forced: Array, draws: Draws, free: Array | float = 1.0
) -> tuple[Array, Array, Array]:
    """Draw the leavers: who has decided to, or with probability h_x, or forced; satisfied, frustrated, other  (E15).

    Who has decided to is gone with ``lapse_rate`` a month; where the partnership as a whole ends, all go.
    """
    present = state.member > 0.0
    outside_reasons = present & ((draws.quit < params.other_rate * state.other_rate * free) | (forced > 0.0))
    decided = state.going > 0.0
    if any_nonzero(params.lapse_rate - 1.0):
        decided = decided & (draws.lapse < params.lapse_rate)
    fed_up = present & (free > 0.0) & ~outside_reasons & (decided | has_ended(state, params))
    content = state.needs_met > params.satisfaction_threshold * state.need
    return flag(fed_up & content), flag(fed_up & ~content), flag(outside_reasons)


def remove_leavers(state: State, satisfied: Array, frustrated: Array, other: Array) -> State:
    """Take leavers off the roll and note month and reason."""
    leavers = satisfied + frustrated + other
    if not leavers.any():
        return state
    reason = satisfied * SATISFIED + frustrated * FRUSTRATED + other * OTHER
    return state.replace(
        member=state.member - leavers,
        left=state.left + leavers,
        left_month=state.left_month + leavers * state.month,
        left_reason=state.left_reason + reason,
        going=state.going * (1.0 - leavers),
    )


def enter(state: State, params: Membership, draws: Draws) -> Array:
    """Draw which candidates, never members so far, join next month; those whose month is known join in that month."""
    if not (any_nonzero(params.entry_rate) or any_nonzero(state.joins)):
        return state.fund * 0.0
    chosen = np.where(state.joins > 0.0, flag(state.joins == state.month), flag(draws.enter < params.entry_rate))
    return chosen * (1.0 - state.member - state.left)
