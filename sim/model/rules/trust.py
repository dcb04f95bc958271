"""Trust as two-sided evidence that fades (process 11; E16)."""

from sim.core.declare import Declared, param
from sim.model.arrays import Array, at_least, flag, over_partners, ratio, sum_over, trait, unit
from sim.model.effort import Effort
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
    match: float = param(0.3, unit="observations", low=0, high=5, doc="Evidence for, from being matched inside")


def ethos_gap(state: State) -> Array:
    """Return how far each member's ethos stands from the members' mean."""
    ethos = trait(state.dna, ETHOS)
    return abs(ethos - ratio(sum_over(ethos, state.member), over_partners(state.member)))


def build_trust(
    state: State, params: Trust, effort: Effort, leaked: Array, matched: Array, draws: Array
) -> tuple[Array, Array]:
    """Weigh this month's evidence: alpha and beta fade, then grow by what was seen  (E16).

    Evidence is good with the partnership's reliability, less for members of a distant ethos, and shows
    less under safeguarding; leaks weigh on the victim and, shared, on all others.
    """
    seen = params.evidence * (1.0 - params.hidden * effort.safeguard) * state.member
    good = flag(draws < state.reliability * unit(1.0 - params.ethos_friction * ethos_gap(state)))
    n = at_least(over_partners(state.member), 1.0)
    heard = params.witness * (over_partners(leaked) - leaked) / n
    fade = 1.0 - (1.0 - params.memory) * state.member
    seen_good = seen * good
    trust_for = state.trust_for * fade + seen_good
    trust_against = state.trust_against * fade + (seen - seen_good) + (params.victim * leaked + heard) * state.member
    if matched.any():
        trust_for = trust_for + params.match * matched * state.member
    return trust_for, trust_against
