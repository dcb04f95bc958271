"""Shocks and switches that a scenario may set: each happens once, in its month (0: never)."""

import numpy as np

from sim.core.declare import Declared, group, param
from sim.model.arrays import Array, flag
from sim.model.state import State


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
    segment: int = param(0, unit="index", low=-1, high=63, source="scenario", doc="Segment, from 0; -1: those in none")
    size: float = param(0.5, unit="1", low=0, high=1, source="scenario", doc="Share of interest lost")


class ForcedExit(Declared):
    """One chosen member has to leave."""

    month: int = _month()
    member: int = param(0, unit="index", low=0, high=9999, source="scenario", doc="The member, from 0")


class Shocks(Declared):
    """What may happen to a partnership from outside."""

    grant_end: GrantEnd = group(GrantEnd)
    orchestrator_loss: OrchestratorLoss = group(OrchestratorLoss)
    representative_turnover: RepresentativeTurnover = group(RepresentativeTurnover)
    loss_of_interest: LossOfInterest = group(LossOfInterest)
    forced_exit: ForcedExit = group(ForcedExit)


def now(state: State, month: Array | float) -> Array:
    """Flag whether a shock of that month happens in this one."""
    return flag(month == state.month) * flag(state.fund >= 0.0)


def apply_shocks(state: State, params: Shocks) -> State:
    """Apply the shocks that change the orchestrator or a segment."""
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


def forced(state: State, params: Shocks) -> Array:
    """Flag the member that is forced out this month."""
    if not np.any(params.forced_exit.month == state.month):
        return state.fund * 0.0
    slots = np.arange(state.member.shape[0])[:, None]
    return now(state, params.forced_exit.month) * flag(slots == params.forced_exit.member) * state.member
