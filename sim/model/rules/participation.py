"""Taking part costs, and only a financially solid partner can do it fully (processes 5 and 10; E11, reserve)."""

from sim.core.declare import Declared, param
from sim.model.arrays import TINY, Array, at_least, at_most, unit
from sim.model.effort import Effort
from sim.model.state import PAUSE, State


class Participation(Declared):
    """Cost of taking part and the reserve it is paid from."""

    base_cost: float = param(
        0.6,
        unit="value/month",
        low=0,
        high=3,
        symbol="c0",
        source="sets the unit: 1 is a month of full engagement at a tension of 0.4",
        doc="Cost of a fully engaged member without tension",
    )
    tension_cost: float = param(1.0, unit="value/month", low=0, high=3, symbol="c1", doc="Cost that full tension adds")
    fixed_share: float = param(0.5, unit="1", low=0, high=1, doc="Share of the cost that even a passive member bears")
    pause_share: float = param(0.7, unit="1", low=0, high=1, doc="Share of the cost that a month of pause takes")
    match_cost: float = param(0.1, unit="value", low=0, high=2, doc="A member's own time for one match")
    tracking_cost: float = param(0.05, unit="value", low=0, high=2, doc="A member's own time for being assessed")
    intervention_cost: float = param(0.3, unit="value", low=0, high=5, doc="A member's own time for an intervention")
    reserve: float = param(
        12.0,
        unit="value",
        low=0,
        high=120,
        source="assumption; partners need to be financially solid (Het Klimaatkantoor 2020)",
        doc="Means set aside at the start by a member of size 1",
    )
    allowance: float = param(
        0.5, unit="value/month", low=0, high=5, doc="Means a member of size 1 adds each month from its own budget"
    )
    cash_share: float = param(
        0.5, unit="1", low=0, high=1, doc="Share of what is captured and gained, less lost, that refills the reserve"
    )
    reserve_limit: float = param(
        2.0, unit="1", low=1, high=20, doc="Largest reserve, in multiples of the reserve at the start"
    )


def participate(state: State, params: Participation, subsidised: Array) -> Array:
    """Take part as far as willing and able: y = e min(1, (reserve + allowance) / net cost of a full month)."""
    full_cost = (params.base_cost + params.tension_cost * state.tension) * (1.0 - subsidised)
    affordable = unit((state.reserve + params.allowance * state.resources + TINY) / (full_cost + TINY))
    return state.member * state.engagement * affordable


def burden(params: Participation, effort: Effort, matches: Array) -> Array:
    """Add up what being matched, assessed and helped takes of a member's own time."""
    return (
        params.match_cost * matches + params.tracking_cost * effort.track + params.intervention_cost * effort.intervene
    )


def cost(state: State, params: Participation, participation: Array, burden: Array) -> Array:
    """Return the month's cost: (c0 + c1 T)(f + (1-f) y), less in a pause, plus the burden  (E11)."""
    pausing = 1.0 - (1.0 - params.pause_share) * (state.phase == PAUSE)
    load = params.fixed_share + (1.0 - params.fixed_share) * participation
    full: Array = (params.base_cost + params.tension_cost * state.tension) * pausing
    return (full * load + burden) * state.member


def settle(state: State, params: Participation, net_cost: Array, income: Array) -> tuple[Array, Array]:
    """Pay from the reserve and refill it: refill = allowance r + cash share of income, up to the limit.

    Returns refill and paid, so that reserve' = reserve + refill - paid stays within 0 and the limit. What a
    member cannot pay from its reserve it takes from elsewhere; it felt the cost in full (E12).
    """
    inflow = (params.allowance * state.resources + params.cash_share * at_least(income, 0.0)) * state.member
    paid = at_most(net_cost, state.reserve + inflow)
    refill = at_most(inflow, params.reserve_limit * params.reserve * state.resources - state.reserve + paid)
    return refill, paid
