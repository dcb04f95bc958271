"""Creating collective value from complementary knowledge, and keeping it as a stock (processes 5 and 6; E7, E8)."""

from sim.core.declare import Declared, param
from sim.model.arrays import TINY, Array, fit, flag, over_partners, over_traits, per_trait, power, sum_over
from sim.model.effort import Effort
from sim.model.state import PAUSE, State

NEARLY_ZERO = 1e-3
"""Substitution nearer to 0 is taken to be this: at 0 the mean is geometric, which this formula only approaches."""


class Creation(Declared):
    """How members' knowledge becomes collective value."""

    productivity: float = param(
        1.6,
        unit="value per founder/month",
        low=0.1,
        high=5,
        symbol="theta",
        source="assumption; calibrate on time to milestones (Leach, Pelkey & Sabatier 2002)",
        doc="Value created if all founders contribute fully without tension",
    )
    ces_exponent: float = param(
        0.25,
        unit="1",
        low=-1,
        high=1,
        symbol="rho",
        source="assumption; complementarity (Dyer & Singh 1998)",
        doc="1: domains replace each other; lower: they need each other",
    )
    bottleneck: float = param(
        0.3,
        unit="1",
        low=0,
        high=1,
        symbol="eS",
        doc="Contribution lost when all combining runs through the orchestrator",
    )
    stock_gain: float = param(
        3.0, unit="founders", low=0, high=10, symbol="gK", doc="Knowledge stock per value created"
    )
    depreciation: float = param(
        0.02,
        unit="1/month",
        low=0,
        high=0.2,
        symbol="del",
        source="assumption; complementarity attenuates (Dyer, Singh & Hesterly 2018)",
        doc="Share of the stock that goes out of date",
    )


def contribute(state: State, params: Creation, effort: Effort, participation: Array) -> Array:
    """Return each member's supply of knowledge: y r x (1 - eS S), with participation y  (E7)."""
    return participation * state.resources * state.disclosure * (1.0 - params.bottleneck * effort.safeguard)


def create(state: State, params: Creation, supply: Array) -> tuple[Array, Array]:
    """Combine by domain with constant elasticity: W = theta [mean_d (q_d D/N0)^rho]^(1/rho) (1-T), none in a pause.

    Returns W, and each member's part of it by Euler's theorem (I2): the parts sum to W.
    """
    pooled = sum_over(state.expertise, supply)
    n_domains, founders = state.expertise.shape[1], per_trait(over_partners(state.founder))
    near = flag(abs(params.ces_exponent) < NEARLY_ZERO)
    rho = params.ces_exponent * (1.0 - near) + NEARLY_ZERO * near
    powered = power(pooled * (n_domains / founders), per_trait(rho))
    combined = power(over_traits(powered) / n_domains, 1.0 / rho) * flag(over_traits(pooled) > 0.0)
    created = params.productivity * combined * (1.0 - state.tension) * flag(state.phase != PAUSE)
    shares = powered / per_trait(over_traits(powered)) / (pooled + TINY)
    return created, created * supply * fit(state.expertise, shares)


def accumulate(state: State, params: Creation, created: Array) -> Array:
    """Add to the stock along the agenda: K' = (1-del) K + gK W al  (E8; I1)."""
    return (1.0 - per_trait(params.depreciation)) * state.stock + per_trait(params.stock_gain * created) * state.agenda
