"""The grant: what is left, which phase it is, and what the orchestrator may spend (processes 1, 2 and 13; E22, I7)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_most, flag, over_partners
from sim.model.state import IMPLEMENTATION, INITIATION, PAUSE, POST_GRANT, State


class Grant(Declared):
    """How the partnership is paid for, and what the money carries."""

    months: float = param(
        24.0,
        unit="months",
        low=0,
        high=1200,
        symbol="fund",
        source="Alliance for Responsible Denim: SIA-RAAK grant of 24 months (hva.nl/cet)",
        doc="Length of the grant",
    )
    subsidy: float = param(0.2, unit="1", low=0, high=1, doc="Share of the cost of taking part that the grant pays")
    initiation: int = param(
        3,
        unit="months",
        low=0,
        high=60,
        source="assumption; an eager start with the proposal as plan (Het Klimaatkantoor 2020)",
        doc="Length of the initiation, before a strategic pause can be held",
    )
    budget: float = param(
        6.0, unit="effort/month", low=0, high=100, symbol="H", doc="Effort of the orchestrator while the grant lasts"
    )
    from_fees: float = param(
        0.0,
        unit="effort/value",
        low=0,
        high=100,
        doc="Effort of the orchestrator that a unit of membership fees pays for, on top of the grant's",
    )
    budget_after: float = param(0.5, unit="1", low=0, high=1, doc="Share of that effort left when the grant has ended")


def spend_grant(state: State, cut: Array, added: Array | float = 0.0) -> tuple[Array, Array]:
    """Spend a month of grant; a cut (flag) withdraws all that is left: F' = F - spent - withdrawn (I7).

    ``added`` are months of grant that dated events add, or below 0 withdraw; withdrawn is below 0 where they add.
    """
    spent = at_most(state.fund, 1.0)
    return spent, at_most((state.fund - spent) * cut - added, state.fund - spent)


def budget(state: State, params: Grant, full: Array | float) -> Array:
    """Return this month's effort: H_t = (H, or without grant a share of it, + f fees) x the staff still there (E22).

    ``full``: H, the grant's budget, or what a dated event has set since.
    """
    funded = state.is_funded
    granted = full * (funded + (1.0 - funded) * params.budget_after)
    return (granted + params.from_fees * state.dues) * state.staff


def collect(state: State, fees: Array) -> Array:
    """Smooth the fees that members pay over a year: d' = d + (fees - d)/12."""
    return state.dues + (over_partners(fees) - state.dues) / 12.0


def phase(state: State, params: Grant, pause: Array) -> Array:
    """Name the month: initiation, then pause where one is held, implementation, post-grant."""
    paused = flag(pause > 0.0)
    early = flag(state.month <= params.initiation) * (1.0 - paused)
    funded = state.is_funded
    later = funded * IMPLEMENTATION + (1.0 - funded) * POST_GRANT
    return paused * PAUSE + early * INITIATION + (1.0 - paused) * (1.0 - early) * later


def may_pause(state: State, params: Grant, requested: Array) -> Array:
    """Allow a pause, of the strength asked for, once the initiation is over."""
    return requested * flag(state.month > params.initiation)
