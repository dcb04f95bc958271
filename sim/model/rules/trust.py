"""Trust as two-sided evidence that fades (process 11; E16)."""

from sim.core.declare import Declared, param
from sim.model.arrays import (
    TINY,
    Array,
    any_nonzero,
    at_least,
    flag,
    over_partners,
    ratio,
    sum_over,
    trait,
    unit,
    weighted,
)
from sim.model.effort import Effort
from sim.model.random_streams import Draws
from sim.model.sectors import ETHOS
from sim.model.state import State


class Trust(Declared):
    """How members learn whether the partnership can be relied on."""

    evidence: float = param(0.3, unit="observations/month", low=0, high=5, doc="Weight of a month's evidence")
    memory: float = param(
        0.98,
        unit="1/month",
        low=0.5,
        high=1,
        source="assumption; trust and age are weakly related (Vanneste, Puranam & Kretschmer 2014)",
        doc="Share of old evidence still counted a month later",
    )
    victim: float = param(3.0, unit="observations", low=0, high=20, doc="Evidence against, for who suffers a leak")
    witness: float = param(
        0.9,
        unit="observations",
        low=0,
        high=20,
        doc="Evidence against from one leak, divided by the members, for each other member",
    )
    hidden: float = param(
        0.5, unit="1", low=0, high=1, doc="Evidence hidden when all information runs through the orchestrator"
    )
    ethos_friction: float = param(
        0.2, unit="1/distance", low=0, high=2, doc="Good evidence lost per distance in ethos from the other members"
    )
    help: float = param(0.5, unit="observations", low=0, high=5, doc="Evidence for, from a full intervention")
    match: float = param(0.3, unit="observations", low=0, high=5, doc="Evidence for, from being matched inside")


def ethos_gap(state: State) -> Array:
    """Return how far each member's ethos stands from the members' mean."""
    ethos = trait(state.dna, ETHOS)
    return abs(ethos - ratio(sum_over(ethos, state.member), over_partners(state.member)))


def conduct(state: State, participation: Array, promised: float) -> Array:
    """Return how well the other members act, 0 to 1: half by contributions as promised, half by disclosure returned.

    Contributed: mean over the others of min(1, participation / promised); returned: min(1, the others' mean
    disclosure over one's own). 0.5 for a member alone.
    """
    n = over_partners(state.member) - state.member
    as_promised = unit(participation / at_least(promised, TINY)) * state.member
    contributed = ratio(over_partners(as_promised) - as_promised, n)
    others = ratio(over_partners(state.disclosure * state.member) - state.disclosure * state.member, n)
    returned = unit(others / at_least(state.disclosure, TINY))
    return 0.5 + flag(n > 0.0) * (0.5 * (contributed + returned) - 0.5)


def build_trust(
    state: State,
    params: Trust,
    effort: Effort,
    leaked: Array,
    matched: Array,
    participation: Array,
    promised: float,
    draws: Draws,
    form: str,
) -> tuple[Array, Array]:
    """Weigh this month's evidence: alpha and beta fade, then grow by what was seen  (E16).

    Evidence is good with the partnership's reliability (``form`` coin) or as far as the others keep to what they
    promised (conduct), less for members of a distant ethos, and shows less under safeguarding; leaks weigh on the
    victim and, shared, on all others. ``promised``: participation at the start.
    """
    gathered = weighted(effort.safeguard, state.member)
    seen = params.evidence * (1.0 - params.hidden * gathered) * state.member
    near = unit(1.0 - params.ethos_friction * ethos_gap(state))
    good = (
        flag(draws.evidence < state.reliability * near)
        if form == "coin"
        else near * conduct(state, participation, promised)
    )
    n = at_least(over_partners(state.member), 1.0)
    heard = params.witness * (over_partners(leaked) - leaked) / n
    fade = 1.0 - (1.0 - params.memory) * state.member
    seen_good = seen * good
    trust_for = state.trust_for * fade + seen_good
    trust_against = state.trust_against * fade + (seen - seen_good) + (params.victim * leaked + heard) * state.member
    if any_nonzero(effort.intervene):
        trust_for = trust_for + params.help * effort.intervene * state.member
    if matched.any():
        trust_for = trust_for + params.match * matched * state.member
    return trust_for, trust_against
