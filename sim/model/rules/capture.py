"""Capturing private value outside the partnership from the knowledge made inside it (process 7; E9)."""

from sim.core.declare import Declared, param
from sim.model.arrays import (
    Array,
    any_nonzero,
    at_least,
    at_most,
    fit,
    over_traits,
    per_trait,
    sum_over,
    weighted,
)
from sim.model.effort import Effort
from sim.model.state import State


class Capture(Declared):
    """What lets a member benefit, and what stands in the way."""

    scale: float = param(
        15.0,
        unit="value/month",
        low=0,
        high=30,
        symbol="kap",
        source="assumption; calibrate on member hazard (UN Global Compact 2014)",
        doc="Capture of a fully ready, fully engaged member from a full stock",
    )
    half_stock: float = param(
        2.0,
        unit="value",
        low=0.1,
        high=20,
        symbol="Kh",
        doc="Stock of a domain that gives half of the possible capture",
    )
    safeguard_loss: float = param(
        0.36,
        unit="1",
        low=0,
        high=1,
        symbol="psS",
        source="assumption; rivals that avoid spillovers do not learn (Majewski, NCRA contracts)",
        doc="Capture lost under full safeguarding: members cannot learn from each other",
    )
    bundle_loss: float = param(
        0.5, unit="1", low=0, high=1, symbol="psB", doc="Capture lost under full bundling: results too general to use"
    )
    connection_gain: float = param(
        1.0, unit="1", low=0, high=2, symbol="psC", doc="Capture added by very many useful connections"
    )
    without_model: float = param(
        0.8,
        unit="1",
        low=0,
        high=1,
        symbol="b0",
        source="assumption; individual business models (Het Klimaatkantoor 2020)",
        doc="Share of capture possible without an own business model for the theme",
    )
    rivalry: float = param(
        0.5,
        unit="1",
        low=0,
        high=1,
        symbol="lam",
        source="assumption; rival incentives (Kitts 2006)",
        doc="How far rivals in the segment compete the capture away",
    )
    now: float = param(
        0.23,
        unit="1",
        low=0,
        high=1,
        symbol="om",
        source="assumption; relational rents need partners that are still there (Dyer & Singh 1998)",
        doc="Part of capture that feeds on what others bring now, and not on the stock alone",
    )
    half_supply: float = param(
        0.5,
        unit="1",
        low=0.01,
        high=10,
        symbol="qh",
        doc="What others bring now to a domain, per founder, that gives half of that part from very much",
    )


def usable(state: State, params: Capture, supply: Array) -> Array:
    """Return what fits a member's goals: sum_d w_d K_d/(K_d+Kh) [1-om + om (1+qh) q_d/(q_d+qh)].

    Both the stock K and q_d, what the *other* members bring to the domain now per other founder, saturate; where all
    take part fully (q_d = 1) the bracket is 1. "Per other founder" is per other place (``State.places``). ``supply``:
    of each member, shape (partners, runs).
    """
    level = state.stock / (state.stock + per_trait(params.half_stock))
    of_stock = fit(state.goals, level)
    if not any_nonzero(params.now):
        return of_stock
    others = at_least(state.places - 1.0, 1.0) / state.expertise.shape[1]
    brought = (sum_over(state.expertise, supply) - state.expertise * per_trait(supply)) / per_trait(others)
    half = per_trait(params.half_supply)
    feeding = (1.0 + half) * brought / (brought + half)
    return of_stock - params.now * over_traits(state.goals * level * (1.0 - feeding))


def capture(
    state: State,
    params: Capture,
    effort: Effort,
    participation: Array,
    readiness: Array,
    supply: Array,
    fits: Array,
    rivals: Array,
    half: Array | float,
) -> Array:
    """Turn usable stock into private value: readiness x participation x fit, until the need is met.

    With ``fits`` what is usable of the stock:
    v = kap a y fits interest (1-psS S)(1-psB B)(1+psC c/(1+c))(b0+(1-b0)pl)(1-met/need)/(1+lam z/(z+half/2)),
    with readiness a, participation y, S the mean over what members bring, and ``half`` rivals that press half as much
    as very many (``information.crowd``), and never more than is missing
    (E9; Cohen & Levinthal 1990; Khanna, Gulati & Nohria 1998).
    """
    gathered = weighted(effort.safeguard, supply)
    open_access = (1.0 - params.safeguard_loss * gathered) * (1.0 - params.bundle_loss * effort.bundle)
    learning = (params.scale * open_access) * readiness * participation * fits * state.interest
    connections = state.connections
    reach = 1.0 + params.connection_gain * connections / (1.0 + connections)
    model = params.without_model + (1.0 - params.without_model) * state.business_model
    missing = at_least(state.need - state.needs_met, 0.0)
    wanted = learning * reach * model * (missing / state.need)
    return at_most(wanted / (1.0 + params.rivalry * rivals / (rivals + half / 2.0)), missing)
