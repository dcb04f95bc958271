"""Creating collective value from complementary knowledge, and keeping it as a stock (processes 5 and 6; E7, E8)."""

import numpy as np

from sim.core.declare import Declared, param
from sim.model.arrays import (
    TINY,
    Array,
    any_nonzero,
    at_least,
    fit,
    flag,
    logistic,
    mean_over,
    over_partners,
    over_traits,
    per_trait,
    power,
    ratio,
    sum_over,
    trait,
)
from sim.model.effort import Effort
from sim.model.sectors import LANGUAGE
from sim.model.state import PAUSE, State

NEARLY_ZERO = 1e-3
"""Substitution nearer to 0 is taken to be this: at 0 the mean is geometric, which this formula only approaches."""


class Creation(Declared):
    """How members' knowledge becomes collective value."""

    productivity: float = param(
        1.7,
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
    novelty: float = param(
        2.0,
        unit="1/distance",
        low=0,
        high=10,
        symbol="nu",
        source="assumption; novelty rises with cognitive distance (Nooteboom et al. 2007)",
        doc="What distance in language adds to what is created: members know what others do not",
    )
    strangeness: float = param(
        0.6,
        unit="1/distance",
        low=0,
        high=10,
        symbol="ka",
        source="assumption; absorption falls with cognitive distance (Nooteboom et al. 2007)",
        doc="What distance in language takes from what is created while nothing bridges it",
    )
    bundling_bridge: float = param(
        0.5, unit="1", low=0, high=1, doc="How far full bundling, by making information general, bridges distance"
    )
    tie_bridge: float = param(
        0.5, unit="1", low=0, high=1, doc="How far very many ties between members bridge distance"
    )
    critical_mass: float = param(
        0.91,
        unit="founders",
        low=0,
        high=100,
        symbol="S0",
        source="assumption; critical mass (Oliver, Marwell & Teixeira 1985)",
        doc="Members' joint supply at which half of what they could create comes about; 0 for none",
    )
    mass_steepness: float = param(
        2.0,
        unit="1",
        low=0.5,
        high=8,
        doc="Above 1 the first contributions bring little (start-up problem), at 1 or below they bring most (surplus)",
    )
    standstill: float = param(
        0.2,
        unit="1/month",
        low=0,
        high=1,
        doc="Share of its pace that joint work loses in a month of pause, and of what it lacks that it regains after",
    )
    stock_by_supply: float = param(
        0.5,
        unit="1",
        low=0,
        high=1,
        doc="How far the stock grows where members bring knowledge, and not only where the agenda wants it",
    )


def contribute(state: State, params: Creation, effort: Effort, participation: Array) -> Array:
    """Return each member's supply of knowledge: y r x (1 - eS S), with participation y  (E7)."""
    return participation * state.resources * state.disclosure * (1.0 - params.bottleneck * effort.safeguard)


def value_of_difference(state: State, params: Creation, effort: Effort, distance: Array) -> Array:
    """Return what distance in language does to creation: (1 + nu d) max(0, 1 - ka d (1-U)(1 - b B)(1 - t h/(h+1))).

    Novelty rises with distance d; absorption falls, the less so the better members understand each other (U), the
    more is bundled (B) and the more ties they have (h, the members' mean). 1 where they speak one language
    (Nooteboom et al. 2007; Wuyts et al. 2005 for the product).
    """
    apart, ties = trait(distance, LANGUAGE), mean_over(state.n_ties, state.member)
    unbridged = (1.0 - params.bundling_bridge * effort.bundle) * (1.0 - params.tie_bridge * ties / (ties + 1.0))
    strange = params.strangeness * apart * (1.0 - state.understanding) * unbridged
    return (1.0 + params.novelty * apart) * at_least(1.0 - strange, 0.0)


def keep_pace(state: State, params: Creation) -> Array:
    """Let joint work lose its pace in a pause and regain it after: p' = p (1-k) in a pause, else p + k (1-p)."""
    pausing = flag(state.phase == PAUSE)
    return state.pace + params.standstill * ((1.0 - pausing) * (1.0 - state.pace) - pausing * state.pace)


def momentum(params: Creation, supply: Array) -> Array:
    """Return the share of what members could create that comes about: S^k/(S^k + S0^k), S their joint supply."""
    lead = np.log(over_partners(supply) + TINY) - np.log(params.critical_mass + TINY)
    return np.where(params.critical_mass > 0.0, logistic(params.mass_steepness * lead), 1.0)


def create(
    state: State, params: Creation, supply: Array, effort: Effort, distance: Array, form: str
) -> tuple[Array, Array]:
    """Combine by domain with constant elasticity: W = theta [mean_d (q_d D/N0)^rho]^(1/rho) (1-T), none in a pause.

    N0 are the places: the founders, or the most members at once so far. With ``form`` linear rho is 1. Times the value
    of difference, the momentum of a critical mass and the pace of joint work. Returns W, and each member's part of it
    by Euler's theorem, scaled to W (I2): the parts sum to W.
    """
    pooled = sum_over(state.expertise, supply)
    n_domains, places = state.expertise.shape[1], per_trait(state.places)
    exponent = params.ces_exponent if form == "ces" else 1.0
    near = flag(abs(exponent) < NEARLY_ZERO)
    rho = exponent * (1.0 - near) + NEARLY_ZERO * near
    powered = power(pooled * (n_domains / places), per_trait(rho))
    combined = power(over_traits(powered) / n_domains, 1.0 / rho) * flag(over_traits(pooled) > 0.0)
    created = params.productivity * combined * (1.0 - state.tension) * state.pace * flag(state.phase != PAUSE)
    if any_nonzero(params.novelty) or any_nonzero(params.strangeness):
        created = created * value_of_difference(state, params, effort, distance)
    if any_nonzero(params.critical_mass):
        created = created * momentum(params, supply)
    shares = powered / per_trait(over_traits(powered)) / (pooled + TINY)
    return created, created * supply * fit(state.expertise, shares)


def supplied(state: State, supply: Array) -> Array:
    """Return where members bring knowledge that the agenda wants: al_d q_d / sum(al q); the agenda where none do."""
    brought = state.agenda * sum_over(state.expertise, supply)
    total = per_trait(over_traits(brought))
    return ratio(brought, total) + flag(total == 0.0) * state.agenda


def accumulate(state: State, params: Creation, created: Array, supply: Array) -> Array:
    """Add to the stock along the agenda: K' = (1-del) K + gK W al  (E8; I1).

    As far as ``stock_by_supply`` says, where members bring what the agenda wants, and not along the agenda alone.
    """
    where = state.agenda
    if any_nonzero(params.stock_by_supply):
        where = where + per_trait(params.stock_by_supply) * (supplied(state, supply) - where)
    return (1.0 - per_trait(params.depreciation)) * state.stock + per_trait(params.stock_gain * created) * where
