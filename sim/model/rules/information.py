"""What members fear to share, what they share, and how the orchestrator channels it (processes 2 and 3; E1, E2, I9)."""

from sim.core.declare import Declared, param
from sim.model.arrays import TINY, Array, at_least, fit, over_partners, sum_over, unit
from sim.model.effort import Effort
from sim.model.state import State


class Information(Declared):
    """How sensitive information is feared for, protected and opened up."""

    caution: float = param(
        2.5, unit="1", low=0, high=5, symbol="kL", doc="How strongly perceived risk closes a partner"
    )
    adjustment: float = param(0.3, unit="1/month", low=0, high=1, doc="Speed at which disclosure follows risk")
    bundling_protection: float = param(
        0.6, unit="1", low=0, high=1, symbol="gB", doc="How much of the risk full bundling takes away"
    )
    half_share: float = param(
        0.4,
        unit="1",
        low=0.001,
        high=1,
        symbol="zh",
        doc="Share of the members that, as rivals, presses half as much as very many (structure.rivals=share)",
    )


def channels(effort: Effort) -> tuple[Array, Array, Array]:
    """Split what is disclosed into orchestrator-only, bundled and open: S, (1-S)B, (1-S)(1-B) (I9)."""
    return effort.safeguard, (1 - effort.safeguard) * effort.bundle, (1 - effort.safeguard) * (1 - effort.bundle)


def exposure(effort: Effort, params: Information) -> Array:
    """Return the share of the risk that is left under safeguarding and bundling: (1-S)(1-gB B)."""
    return (1 - effort.safeguard) * (1 - params.bundling_protection * effort.bundle)


def count_rivals(state: State) -> Array:
    """Count the other active members in a member's market segment: z; 0 for a member that competes with nobody."""
    return at_least(fit(state.in_segment, sum_over(state.in_segment, state.member)) - 1.0, 0.0)


def crowd(state: State, params: Information, form: str) -> Array | float:
    """Return how many rivals press half as much as very many: 2, or by share zh n of n members (structure.rivals)."""
    return 2.0 if form == "count" else at_least(params.half_share * over_partners(state.member), TINY)


def rival_pressure(rivals: Array, half: Array | float) -> Array:
    """Scale rivals to 0..1: R = z/(z + half)."""
    return rivals / (rivals + half)


def latent_risk(state: State, pressure: Array) -> Array:
    """Return the risk a member would see without safeguards: L0 = p R (1-tau)  (E1; Larsson et al. 1998)."""
    return state.sensitivity * pressure * (1.0 - state.trust)


def disclose(state: State, params: Information, perceived_risk: Array) -> Array:
    """Move disclosure toward what risk allows: x += r (unit(1 - kL L) - x)  (E2; transparency, Larsson et al. 1998)."""
    allowed = unit(1.0 - params.caution * perceived_risk)
    return state.disclosure + params.adjustment * state.member * (allowed - state.disclosure)
