"""Net benefit, aspiration, and how they change goodwill and engagement (processes 2 and 10; E12-E14)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_most, logistic
from sim.model.state import State


class Commitment(Declared):
    """How benefit and expectations turn into goodwill and engagement."""

    common_weight: float = param(
        3.0,
        unit="founders",
        low=0,
        high=10,
        symbol="mu",
        source="assumption; private and common benefits (Khanna, Gulati & Nohria 1998)",
        doc="Value that the created value has for a member with full mission",
    )
    smoothing: float = param(0.2, unit="1/month", low=0.01, high=1, symbol="a", doc="Speed at which benefit is felt")
    outside_option_pull: float = param(
        0.06,
        unit="value/month/contact",
        low=0,
        high=1,
        symbol="xi",
        source="assumption; outside options raise aspirations (Greve et al. 2013; Olk & Young 1997)",
        doc="How far each outside contact raises what a member expects",
    )
    width: float = param(
        0.5,
        unit="value/month",
        low=0.05,
        high=5,
        symbol="s",
        doc="Net benefit over aspiration that clearly raises engagement",
    )
    adjustment: float = param(0.2, unit="1/month", low=0, high=1, doc="Speed at which engagement follows benefit")
    goodwill_limit: float = param(
        2.0, unit="1", low=1, high=10, doc="Largest goodwill, in multiples of goodwill at the start"
    )


def net_benefit(state: State, params: Commitment, income: Array, created: Array, net_cost: Array) -> Array:
    """Add private and common benefit: u = v + gain - loss + mu m W - cost net of subsidy  (E12).

    ``income`` is v + gain - loss.
    """
    common = params.common_weight * state.mission * created
    return (income + common - net_cost) * state.member


def smooth(felt: Array, state: State, params: Commitment, now: Array) -> Array:
    """Smooth what a month brings: b' = b + a (u - b)  (E12)."""
    return felt + params.smoothing * state.member * (now - felt)


def aspiration(state: State, params: Commitment) -> Array:
    """Return what a member expects: A = A0 + xi o  (E13)."""
    return state.base_aspiration + params.outside_option_pull * state.contacts


def update_goodwill(state: State, params: Commitment, surplus: Array) -> Array:
    """Fill or drain goodwill: G' = min(G + b - A, limit G0)  (E14; Fichman & Levinthal 1991)."""
    filled = at_most(state.goodwill + surplus, params.goodwill_limit * state.patience)
    return state.goodwill + state.member * (filled - state.goodwill)


def engage(state: State, params: Commitment, surplus: Array) -> Array:
    """Move engagement toward what the surplus warrants: e += k (logistic((b-A)/s) - e)  (E14)."""
    return state.engagement + params.adjustment * state.member * (logistic(surplus / params.width) - state.engagement)
