"""Shocks and switches that a scenario may set: each happens once, in its month (0: never)."""

from typing import Any

import numpy as np

from sim.core.declare import Declared, group, param
from sim.model import dated_events
from sim.model.arrays import Array, any_nonzero, at_least, at_most, flag
from sim.model.random_streams import Draws
from sim.model.state import State, may_leave


def _month() -> int:
    return param(0, unit="month", low=0, high=1200, source="scenario", doc="Month in which it happens; 0 for never")


class GrantEnd(Declared):
    """The funder withdraws what is left of the grant."""

    month: int = _month()


class OrchestratorLoss(Declared):
    """Part of the orchestrator goes, and with it what it knew."""

    month: int = _month()
    share: float = param(0.5, unit="1", low=0, high=1, source="scenario", doc="Share of capacity and knowledge lost")


class RepresentativeTurnover(Declared):
    """Many members replace their representative at once."""

    month: int = _month()
    share: float = param(0.5, unit="1", low=0, high=1, source="scenario", doc="Probability for each member")


class LossOfInterest(Declared):
    """The market of one segment loses interest in the theme."""

    month: int = _month()
    segment: int = param(0, unit="index", low=-1, high=199, source="scenario", doc="Segment, from 0; -1: those in none")
    size: float = param(0.5, unit="1", low=0, high=1, source="scenario", doc="Share of interest lost")


class ForcedExit(Declared):
    """One chosen member has to leave."""

    month: int = _month()
    member: int = param(0, unit="index", low=0, high=9999, source="scenario", doc="The member, from 0")


class Departures(Declared):
    """Many members have to leave at once."""

    month: int = _month()
    share: float = param(0.4, unit="1", low=0, high=1, source="scenario", doc="Probability for each member")


class CommonShock(Declared):
    """Something outside strikes all members, or those of one segment, and wears off."""

    rate: float = param(
        0.023,
        unit="1/month",
        low=0,
        high=1,
        source="assumption",
        doc="Probability that one strikes in a month",
    )
    size: float = param(
        0.35,
        unit="value/month",
        low=0,
        high=50,
        source="assumption",
        doc="Mean of what it takes from benefit",
    )
    memory: float = param(
        0.73, unit="1/month", low=0, high=1, source="assumption", doc="Share of it still felt a month later"
    )
    month: int = _month()


class Shocks(Declared):
    """What may happen to a partnership from outside."""

    grant_end: GrantEnd = group(GrantEnd)
    orchestrator_loss: OrchestratorLoss = group(OrchestratorLoss)
    representative_turnover: RepresentativeTurnover = group(RepresentativeTurnover)
    loss_of_interest: LossOfInterest = group(LossOfInterest)
    forced_exit: ForcedExit = group(ForcedExit)
    departures: Departures = group(Departures)
    common: CommonShock = group(CommonShock)


def now(state: State, month: Array | float) -> Array:
    """Flag whether a shock of that month happens in this one."""
    return flag(month == state.month) * flag(state.fund >= 0.0)


def apply_shocks(state: State, params: Shocks, events: Any = ()) -> State:
    """Apply the shocks and dated events that change the orchestrator, trust or a segment."""
    state = dated_events.change_state(state, events)
    if not (
        np.any(params.orchestrator_loss.month == state.month) or np.any(params.loss_of_interest.month == state.month)
    ):
        return state
    gone = now(state, params.orchestrator_loss.month) * params.orchestrator_loss.share
    struck = now(state, params.loss_of_interest.month) * flag(state.segment == params.loss_of_interest.segment)
    return state.replace(
        staff=state.staff * (1.0 - gone),
        knowledge=state.knowledge * (1.0 - gone),
        interest=state.interest * (1.0 - struck * params.loss_of_interest.size),
    )


def strike_all(state: State, params: CommonShock, draws: Draws, events: Any = ()) -> tuple[Array, Array]:
    """Let common shocks wear off and strike: s' = k s + size (exponential with rate; exactly in its month).

    Returns what is felt of them, and a flag of whether one strikes now.
    """
    dated = dated_events.happens(events, "common")
    if not (any_nonzero(params.rate) or any_nonzero(params.month) or dated):
        return state.common, state.common * 0.0
    strikes, harshness = draws.common
    by_chance = flag(strikes < params.rate) * -np.log(1.0 - harshness)
    blow = params.size * (by_chance + now(state, params.month))
    if dated:
        blow = blow + dated_events.blow(state, events)
    return params.memory * state.common + blow, flag(blow > 0.0)


def forced(state: State, params: Shocks, draws: Draws, events: Any = ()) -> Array:
    """Flag who is forced out this month: the chosen member, each with the probability of departures, known leavers.

    Who is known to stay longer is not among the departures.
    """
    known, scheduled = any_nonzero(state.leaves), _schedules(state, params, events)
    if not (known or scheduled):
        return state.fund * 0.0
    out = state.member * 0.0
    if scheduled:
        chosen, share = _chances(state, params, events)
        out = at_least(chosen, flag(draws.departure < share) * may_leave(state))
    if known:
        out = at_least(out, flag(state.leaves == state.month))
    return out * state.member


def chance_forced(state: State, params: Shocks, events: Any = ()) -> Array | float:
    """Return the probability with which shocks and events force each member out this month, whatever is known of it."""
    if not _schedules(state, params, events):
        return 0.0
    chosen, share = _chances(state, params, events)
    return at_most(at_least(chosen, share), 1.0)


def _schedules(state: State, params: Shocks, events: Any) -> bool:
    """Tell whether a scenario may force members out this month."""
    shock = np.any(params.forced_exit.month == state.month) or np.any(params.departures.month == state.month)
    return bool(shock) or dated_events.happens(events, "departures")


def _chances(state: State, params: Shocks, events: Any) -> tuple[Array, Array]:
    """Flag the chosen member, and return the probability of departures; each decides by one draw for all of them."""
    slots = np.arange(state.member.shape[0])[:, None]
    chosen = now(state, params.forced_exit.month) * flag(slots == params.forced_exit.member)
    share = now(state, params.departures.month) * params.departures.share
    return chosen, at_least(share, dated_events.departures(state, events))
