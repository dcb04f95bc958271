"""Capturing private value outside the partnership from the knowledge made inside it (process 7; E9)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_least, at_most, fit, per_trait
from sim.model.effort import Effort
from sim.model.state import State


class Capture(Declared):
    """What lets a member benefit, and what stands in the way."""

    scale: float = param(
        9.0,
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


def usable(state: State, params: Capture) -> Array:
    """Return the stock that fits a member's goals, saturating: sum_d w_d K_d/(K_d+Kh)."""
    return fit(state.goals, state.stock / (state.stock + per_trait(params.half_stock)))


def capture(
    state: State, params: Capture, effort: Effort, participation: Array, readiness: Array, rivals: Array
) -> Array:
    """Turn usable stock into private value: readiness x participation x fit, until the need is met.

    v = kap a y fit interest (1-psS S)(1-psB B)(1+psC c/(1+c))(b0+(1-b0)pl)(1-met/need)/(1+lam z/(z+1)),
    with readiness a and participation y, and never more than is missing
    (E9; Cohen & Levinthal 1990; Khanna, Gulati & Nohria 1998).
    """
    open_access = (1.0 - params.safeguard_loss * effort.safeguard) * (1.0 - params.bundle_loss * effort.bundle)
    learning = (params.scale * open_access) * readiness * participation * usable(state, params) * state.interest
    connections = state.connections
    reach = 1.0 + params.connection_gain * connections / (1.0 + connections)
    model = params.without_model + (1.0 - params.without_model) * state.business_model
    missing = at_least(state.need - state.needs_met, 0.0)
    wanted = learning * reach * model * (missing / state.need)
    return at_most(wanted / (1.0 + params.rivalry * rivals / (rivals + 1.0)), missing)
