"""Who leaves, why, and who joins (processes 11 to 13; E15)."""

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import Declared, param
from sim.model.arrays import Array, any_nonzero, flag
from sim.model.random_streams import Draws
from sim.model.state import FRUSTRATED, OTHER, SATISFIED, State


class Membership(Declared):
    """When members leave, and whether others may come."""

    other_rate: float = param(
        0.001,
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
    entry_rate: float = param(
        0.0,
        unit="1/month",
        low=0,
        high=1,
        doc="Probability that a candidate joins this month; 0 keeps the partnership closed",
    )


def has_run_out(state: State, params: Membership) -> NDArray[np.bool_]:
    """Tell whose goodwill is used up, by more than what leaving costs while the contract binds."""
    return state.goodwill < -params.exit_penalty * state.is_funded


def leave(state: State, params: Membership, forced: Array, draws: Array) -> tuple[Array, Array, Array]:
    """Draw the leavers: G < 0, or with probability h_x, or forced; gives satisfied, frustrated, other  (E15)."""
    present = state.member > 0.0
    outside_reasons = present & ((draws < params.other_rate) | (forced > 0.0))
    fed_up = present & ~outside_reasons & has_run_out(state, params)
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
    )


def enter(state: State, params: Membership, draws: Draws) -> Array:
    """Draw which candidates, never members so far, join next month."""
    if not any_nonzero(params.entry_rate):
        return state.fund * 0.0
    return flag(draws.enter < params.entry_rate) * (1.0 - state.member - state.left)
