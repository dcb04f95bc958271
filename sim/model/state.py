"""Every variable of the model: ``State`` persists from month to month, ``Flows`` is what moved in one month.

A new variable is one line here. Its range is checked, Mesa agents have it, and the table of members has it unless it
says ``table=""``. Shapes: see ``sim.model.arrays``.
"""

# fmt: off
import dataclasses
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import variable
from sim.model.arrays import Array
from sim.model.sectors import MOST_FURTHER, SECTORS

PHASES = ("initiation", "pause", "implementation", "post-grant")
REASONS = ("", "satisfied", "frustrated", "other")
INITIATION, PAUSE, IMPLEMENTATION, POST_GRANT = range(4)
SATISFIED, FRUSTRATED, OTHER = range(1, 4)


if TYPE_CHECKING:
    from sim.model.effort import Effort
    from sim.model.observation import Observation

R = TypeVar("R", bound="State | Flows")


class _Arrays:
    """A frozen record of arrays that makes changed copies cheaply."""

    def replace(self, **changes: Any) -> Self:
        """Copy with some arrays replaced."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.update(changes)
        return new


@dataclasses.dataclass(frozen=True)
class State(_Arrays):
    """The partnership, its partners and its orchestrator at the end of a month, for every run of a batch."""

    month: int
    # Partner, fixed
    sector: Array = variable("partner", unit="index", doc="Sector: 0 public, 1 private, 2 academic, 3 nonprofit, then the scenario's own by the alphabet", low=0, high=len(SECTORS) + MOST_FURTHER - 1, fixed=True)
    founder: Array = variable("partner", unit="flag", doc="Member from the start, not a later entrant", low=0, high=1, fixed=True, table="")
    dna: Array = variable("partner,dna", unit="distance", doc="DNA: language, goals, culture, ethos", fixed=True, symbol="d")
    expertise: Array = variable("partner,domain", unit="1", doc="Expertise by domain: shares that sum to 1, with returns to depth", low=0, fixed=True, symbol="E")
    goals: Array = variable("partner,domain", unit="1", doc="Share of private goals by domain; sums to 1", low=0, high=1, fixed=True, symbol="w")
    segment: Array = variable("partner", unit="index", doc="Market segment, -1 for none", low=-1, fixed=True, symbol="seg")
    in_segment: Array = variable("partner,segment", unit="flag", doc="Segment as flags", low=0, high=1, fixed=True)
    resources: Array = variable("partner", unit="1", doc="Size: contribution at full engagement", low=0, fixed=True, symbol="r")
    sensitivity: Array = variable("partner", unit="1", doc="Share of its knowledge that is sensitive", low=0, high=1, fixed=True, symbol="p", table="")
    mission: Array = variable("partner", unit="1", doc="Weight it gives to value created together", low=0, high=1, fixed=True, symbol="m", table="")
    need: Array = variable("partner", unit="value", doc="Private value that would satisfy it", low=0, fixed=True, table="")
    base_aspiration: Array = variable("partner", unit="value/month", doc="Net benefit it expects from taking part", fixed=True, symbol="A0", table="")
    patience: Array = variable("partner", unit="value", doc="Goodwill at the start", low=0, fixed=True, symbol="G0", table="")
    match: Array = variable("partner", unit="value/month", doc="What a full stock is worth to it beyond what the model says, found out by taking part", fixed=True, table="")
    turnover: Array = variable("partner", unit="1", doc="How often its representative is replaced, in multiples of the typical", low=0, fixed=True, table="")
    representative_shift: Array = variable("partner", unit="logit", doc="Readiness of its representatives, above the value for all", fixed=True, table="")
    other_rate: Array = variable("partner", unit="1", doc="How often it leaves for reasons outside the model, in multiples of the typical", low=0, fixed=True, table="")
    exposure: Array = variable("partner", unit="1", doc="How hard a common shock hits it", low=0, fixed=True, table="")
    fee: Array = variable("partner", unit="value", doc="What it pays per term of membership", low=0, fixed=True, table="")
    on_calendar: Array = variable("partner", unit="flag", doc="Renews at the common date of the year after its first term", low=0, high=1, fixed=True, table="")
    # Partner, changing
    member: Array = variable("partner", unit="flag", doc="Takes part now", low=0, high=1)
    left: Array = variable("partner", unit="flag", doc="Was a member and left", low=0, high=1, table="")
    left_month: Array = variable("partner", unit="month", doc="Month of leaving, 0 if it did not", low=0, table="")
    left_reason: Array = variable("partner", unit="index", doc="Reason of leaving, in the order of REASONS", low=0, high=3, table="")
    since: Array = variable("partner", unit="month", doc="Month in which it joined; below 0 before the start", table="")
    joins: Array = variable("partner", unit="month", doc="Month in which it joins, where that is known; 0: by chance", low=0, fixed=True, table="")
    stays: Array = variable("partner", unit="month", doc="Last month for which it is known that it does not leave before its end; 0: none", low=0, fixed=True, table="")
    leaves: Array = variable("partner", unit="month", doc="Month in which it is known to leave; 0: not known", low=0, fixed=True, table="")
    going: Array = variable("partner", unit="flag", doc="Has decided to leave and is still listed", low=0, high=1, table="")
    news: Array = variable("partner", unit="value/month", doc="What its own affairs now add to its benefit or take from it", table="")
    trend: Array = variable("partner", unit="value/month2", doc="Smoothed change of its benefit a month", table="")
    interest: Array = variable("partner", unit="1", doc="Interest of its market in the theme; 1 before a shock", low=0, high=1, table="")
    engagement: Array = variable("partner", unit="1", doc="Willingness to take part", low=0, high=1, symbol="e")
    participation: Array = variable("partner", unit="1", doc="Engagement last month, as far as resources allowed", low=0, high=1, symbol="y", table="")
    disclosure: Array = variable("partner", unit="1", doc="Share of its knowledge it opens up", low=0, high=1, symbol="x")
    trust_for: Array = variable("partner", unit="observations", doc="Weight of evidence for trust", low=0, symbol="alpha", table="trust")
    trust_against: Array = variable("partner", unit="observations", doc="Weight of evidence against trust", low=0, symbol="beta", table="")
    benefit: Array = variable("partner", unit="value/month", doc="Smoothed net benefit", symbol="b")
    leak_loss_smoothed: Array = variable("partner", unit="value/month", doc="What leaks took, smoothed like benefit", low=0, table="")
    goodwill_lost_to_leaks: Array = variable("partner", unit="value", doc="Goodwill that leaks have cost so far; used to name the causes of exits", low=0, table="")
    goodwill: Array = variable("partner", unit="value", doc="Goodwill left; the member leaves when it is used up", symbol="G")
    routine: Array = variable("partner", unit="1", doc="Readiness of the organisation to learn and use", low=0, high=1, symbol="a_org")
    representative: Array = variable("partner", unit="1", doc="Readiness of its current representative", low=0, high=1, symbol="a_rep")
    inside: Array = variable("partner", unit="connections", doc="Useful connections inside the partnership", low=0, symbol="c_in")
    outside: Array = variable("partner", unit="connections", doc="Useful connections outside the partnership", low=0, symbol="c_out")
    contacts: Array = variable("partner", unit="contacts", doc="Outside contacts that open alternatives", low=0, symbol="o")
    n_ties: Array = variable("partner", unit="members", doc="Members it is tied to", low=0)
    tie_to: NDArray[np.int16] = variable("partner,tie", unit="slot", doc="Who it is tied to, -1 for an empty place", low=-1)
    tie_since: NDArray[np.int16] = variable("partner,tie", unit="month", doc="Month of the latest match of that tie", low=0)
    business_model: Array = variable("partner", unit="1", doc="Quality of its own business model for the theme", low=0, high=1, symbol="pl")
    needs_met: Array = variable("partner", unit="value", doc="Private value captured so far", low=0)
    reserve: Array = variable("partner", unit="value", doc="Resources set aside for taking part", low=0)
    value_contributed: Array = variable("partner", unit="value per founder", doc="Its part of the collective value created so far", low=0, table="")
    ledger: Array = variable("partner", unit="value", doc="Captured + gained - lost - cost net of subsidy so far", symbol="Pi")
    # Orchestrator
    knowledge: Array = variable("partner", unit="observations", doc="The orchestrator's knowledge of a member", low=0, symbol="kn")
    staff: Array = variable("run", unit="1", doc="Share of the orchestrator's capacity still there", low=0, high=1)
    dues: Array = variable("run", unit="value/month", doc="Fees that members pay, smoothed over a year", low=0)
    budget: Array = variable("run", unit="effort/month", doc="Effort the orchestrator may spend this month", low=0, symbol="H")
    # Partnership
    phase: Array = variable("run", unit="index", doc="Phase, in the order of PHASES", low=0, high=3)
    fund: Array = variable("run", unit="months", doc="Months of grant left", low=0, symbol="F")
    stock: Array = variable("run,domain", unit="value", doc="Knowledge made together, by domain", low=0, symbol="K")
    agenda: Array = variable("run,domain", unit="1", doc="Weight of a domain in joint work; sums to 1", low=0, high=1, symbol="al")
    understanding: Array = variable("run", unit="1", doc="Shared understanding", low=0, high=1, symbol="U")
    pace: Array = variable("run", unit="1", doc="Pace of joint work: it falls in a pause", low=0, high=1)
    plan: Array = variable("run", unit="1", doc="Quality of the plan made in a pause", low=0, high=1, symbol="P")
    tension_information: Array = variable("run", unit="1", doc="Tension from unwillingness to share", low=0, high=1, symbol="T_info")
    tension_interest: Array = variable("run", unit="1", doc="Tension from competing interests", low=0, high=1, symbol="T_int")
    tension_resource: Array = variable("run", unit="1", doc="Tension from time and budget", low=0, high=1, symbol="T_res")
    tension: Array = variable("run", unit="1", doc="The three tensions together", low=0, high=1, symbol="T")
    common: Array = variable("run", unit="value/month", doc="What a common shock still takes from a member's benefit", low=0)
    departing: Array = variable("run", unit="1/month", doc="Smoothed rate at which supply leaves with members", low=0)
    reliability: Array = variable("run", unit="1/month", doc="Probability that a month's evidence on the partnership is good", low=0, high=1, fixed=True, symbol="q_P")
    places: Array = variable("run", unit="members", doc="Most members at once so far: value is per place, so that a body that grows creates no more by counting", low=0)
    society_value: Array = variable("run", unit="value per founder", doc="Value created for society so far", low=0)

    @property
    def trust(self) -> Array:
        """Trust as the mean of a Beta belief: tau = alpha / (alpha + beta)."""
        return self.trust_for / (self.trust_for + self.trust_against)

    @property
    def connections(self) -> Array:
        """Useful connections, inside and outside."""
        return self.inside + self.outside

    @property
    def is_funded(self) -> Array:
        """1 while grant is left, else 0."""
        return np.multiply(self.fund > 0.0, 1.0)


@dataclasses.dataclass(frozen=True)
class Flows(_Arrays):
    """What moved in one month: the invariants, the series and the events are read from here.

    ``spent`` holds the effort per mechanism (name -> array of shape (1, runs)), ``effort`` what the policy
    did, ``seen`` what it saw. What happened to nobody may have length 1 on the partner axis.
    """

    spent: dict[str, Array]
    effort: "Effort"
    seen: "Observation"
    created: Array = variable("run", unit="value per founder", doc="Collective value created", low=0, symbol="W")
    contributed: Array = variable("partner", unit="value per founder", doc="A member's part of the value created", low=0)
    captured: Array = variable("partner", unit="value", doc="Private value captured", low=0, symbol="v")
    leaked: Array = variable("partner", unit="flag", doc="Its information leaked", low=0, high=1, table="")
    lost: Array = variable("partner", unit="value", doc="Lost to a leak", low=0)
    gained: Array = variable("partner", unit="value", doc="Gained from rivals' leaks", low=0)
    dissipated: Array = variable("run", unit="value", doc="Lost to leaks and gained by nobody", low=0)
    cost: Array = variable("partner", unit="value", doc="Cost of taking part", low=0)
    participation: Array = variable("partner", unit="1", doc="Engagement, as far as resources allow", low=0, high=1)
    subsidy: Array = variable("partner", unit="value", doc="Part of the cost that the grant pays", low=0, table="")
    refill: Array = variable("partner", unit="value", doc="Added to the reserve", table="")
    paid: Array = variable("partner", unit="value", doc="Taken from the reserve", low=0, table="")
    payoff: Array = variable("partner", unit="value", doc="Paid by a user's pay-off function", table="")
    fees: Array = variable("partner", unit="value", doc="Fee paid at a renewal", low=0, table="")
    net_benefit: Array = variable("partner", unit="value", doc="This month's net benefit, common value included", symbol="u")
    grant_spent: Array = variable("run", unit="months", doc="Grant spent", low=0)
    grant_withdrawn: Array = variable("run", unit="months", doc="Grant withdrawn by a shock", low=0)
    shortfall: Array = variable("partner", unit="value/month", doc="True net benefit minus aspiration when the orchestrator looked", table="")
    outside_matched: Array = variable("partner", unit="flag", doc="Matched to an outside party", low=0, high=1, table="")
    seeker: NDArray[np.int64] = variable("run,domain", unit="slot", doc="Member whose question a matching table took", low=-1)
    giver: NDArray[np.int64] = variable("run,domain", unit="slot", doc="Member that answered it, -1 if no table", low=-1)
    turned_over: Array = variable("partner", unit="flag", doc="Representative replaced", low=0, high=1, table="")
    entered: Array = variable("partner", unit="flag", doc="Joined", low=0, high=1, table="")
    satisfied: Array = variable("partner", unit="flag", doc="Left satisfied", low=0, high=1, table="")
    frustrated: Array = variable("partner", unit="flag", doc="Left frustrated", low=0, high=1, table="")
    other: Array = variable("partner", unit="flag", doc="Left for reasons outside the model", low=0, high=1, table="")
    forced: Array = variable("partner", unit="flag", doc="Forced out by the scenario (counted as other)", low=0, high=1, table="")


def may_leave(state: State) -> Array:
    """Flag who is free to leave this month: all but those who are known to stay; shape (partners or 1, runs)."""
    return np.multiply(state.month > state.stays, 1.0) if np.any(state.stays != 0.0) else np.ones((1, 1))


def freeze(record: R) -> R:
    """Make every array of a record read-only and give the record back."""
    for value in record.__dict__.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return record
