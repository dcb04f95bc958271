"""Leaks of sensitive information to rivals (process 8; E10)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_least, fit, flag, over_partners, sum_over
from sim.model.state import State


class Leak(Declared):
    """How often information leaks and what that does."""

    rate: float = param(
        0.29,
        unit="1/month",
        low=0,
        high=1,
        symbol="pi0",
        doc="Probability that fully open, fully sensitive information leaks to very many rivals",
    )
    loss: float = param(6.0, unit="value", low=0, high=50, symbol="l", doc="What a leak costs the member")
    rival_share: float = param(
        0.4, unit="1", low=0, high=1, symbol="zet", doc="Part of the loss that rivals gain; the rest dissipates"
    )


def leak(state: State, params: Leak, exposure: Array, pressure: Array, draws: Array) -> Array:
    """Draw who leaks: probability pi0 p x (1-S)(1-gB B) R  (E10; Larsson et al. 1998)."""
    chance = (params.rate * exposure) * state.sensitivity * state.disclosure * pressure
    return flag(draws < chance) * state.member


def divide_loss(state: State, params: Leak, leaked: Array, rivals: Array) -> tuple[Array, Array, Array]:
    """Take the loss from who leaked and give rivals in the segment, in equal parts, their share of it (I4).

    Returns lost, gained (per member) and dissipated (per run).
    """
    lost = params.loss * leaked
    if not leaked.any():
        return lost, lost, over_partners(lost)
    in_reach = fit(state.in_segment, sum_over(state.in_segment, lost)) - lost
    gained = params.rival_share * in_reach / at_least(rivals, 1.0) * state.member
    return lost, gained, over_partners(lost) - over_partners(gained)
