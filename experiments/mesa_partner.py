"""A partner of the Mesa twin: one object with plain floats, and a method for each thing it does in a month."""

import math
from operator import mul
from typing import Any

import mesa

TINY = 1e-300
FIXED = ("resources", "sensitivity", "mission", "segment", "need", "base_aspiration", "patience")
CHANGING = ("routine", "representative", "engagement", "disclosure", "trust_for", "trust_against", "benefit",
            "goodwill", "inside", "outside", "contacts", "business_model", "needs_met", "reserve",
            "ledger", "knowledge")  # fmt: skip


def unit(value: float) -> float:
    """Limit to the interval from 0 to 1."""
    return 0.0 if value < 0.0 else 1.0 if value > 1.0 else value


def logistic(value: float) -> float:
    """Map the real line to (0, 1)."""
    return 1.0 / (1.0 + math.exp(-min(max(value, -60.0), 60.0)))


class Partner(mesa.Agent):
    """A partner: its attributes, and what it does in a month. The formulas are in the docstrings of sim/model/rules."""

    def __init__(self, model: mesa.Model, slot: int, state: Any, n_ties: int) -> None:
        super().__init__(model)
        self.begin(slot, state, n_ties)

    def begin(self, slot: int, state: Any, n_ties: int) -> None:
        """Copy the engine's first day."""
        self.slot = slot
        for name in FIXED + CHANGING:
            setattr(self, name, float(getattr(state, name)[slot, 0]))
        for name in ("dna", "expertise", "goals"):
            setattr(self, name, getattr(state, name)[slot, :, 0].tolist())
        self.tie_to: list[Partner | None] = [None] * n_ties
        self.tie_since, self.n_ties = [0] * n_ties, 0
        self.left_month, self.left_reason = 0, ""
        self.rivals = self.pressure = self.ethos_gap = 0.0
        self.participation = self.supply = self.contributed = self.captured = self.lost = self.gained = 0.0
        self.outside_match = self.inside_matches = 0

    @property
    def trust(self) -> float:
        """Trust as the mean of a Beta belief."""
        return self.trust_for / (self.trust_for + self.trust_against)

    def latent_risk(self) -> float:
        """Give the risk it would see without safeguards."""
        return self.sensitivity * self.pressure * (1.0 - self.trust)

    def disclose(self, p: Any, exposure: float) -> float:
        """Move disclosure toward what risk allows; gives the sensitive knowledge withheld."""
        allowed = unit(1.0 - p.caution * self.latent_risk() * exposure) if self.pressure else 1.0
        self.disclosure += p.adjustment * (allowed - self.disclosure)
        return self.sensitivity * (1.0 - self.disclosure)

    def take_part(self, allowance: float, full_cost: float, combining: float) -> float:
        """Take part as far as willing and able; gives the supply of knowledge."""
        means = (self.reserve + allowance * self.resources + TINY) / (full_cost + TINY)
        self.participation = self.engagement * (means if means < 1.0 else 1.0)
        self.supply = self.participation * self.resources * self.disclosure * combining
        return self.supply

    def capture(self, p: Any, weight: float, fits: list[float], open_access: float) -> None:
        """Turn usable stock into private value, until the need is met."""
        missing = max(self.need - self.needs_met, 0.0)
        connections = self.inside + self.outside
        ready = (1.0 - weight) * self.routine + weight * self.representative
        learning = p.scale * ready * self.participation * sum(map(mul, self.goals, fits))
        model = p.without_model + (1.0 - p.without_model) * self.business_model
        reach = 1.0 + p.connection_gain * connections / (1.0 + connections)
        wanted = learning * open_access * reach * model * missing / self.need
        self.captured = min(wanted / (1.0 + p.rivalry * self.rivals / (self.rivals + 1.0)), missing)

    def meet_outside(self, p: Any, matched: bool) -> None:
        """Let connections go stale, and gain from a match with an outside party."""
        self.inside *= 1.0 - p.fading
        self.outside *= 1.0 - p.fading
        self.contacts *= 1.0 - p.contacts_fading
        self.outside_match, self.inside_matches = int(matched), 0
        if matched:
            self.outside += self.gain(p)
            self.contacts += 1.0

    def gain(self, p: Any) -> float:
        """Give the useful connections that a match brings it."""
        return p.blind_gain + p.known_gain * self.knowledge / (1.0 + self.knowledge)

    def offer(self, domain: int, n_domains: int) -> float:
        """Give its chance to be found at a matching table, as far as the orchestrator knows what it can give."""
        known = self.knowledge / (1.0 + self.knowledge)
        skill = (1.0 - known) / n_domains + known * self.expertise[domain]
        return skill * self.participation * self.disclosure

    def ask(self, p: Any, giver: "Partner", month: int) -> None:
        """Tie up with another member that answers it at a matching table, and gain from the answer."""
        known = giver in self.tie_to
        for one in () if known else (self, giver):
            if one.n_ties == len(one.tie_to):
                one.cut(one.tie_to[one.tie_since.index(min(one.tie_since))])
        for one, other in ((self, giver), (giver, self)):
            place = one.tie_to.index(other if known else None)
            one.tie_to[place], one.tie_since[place] = other, month
            one.n_ties += not known
            one.inside_matches += 1
        brought = self.gain(p) * giver.disclosure
        self.inside += brought
        giver.inside += p.giver_share * brought

    def cut(self, other: "Partner") -> None:
        """Undo a tie; each loses its share of inside connections."""
        for one, two in ((self, other), (other, self)):
            one.tie_to[one.tie_to.index(two)] = None
            one.inside *= 1.0 - 1.0 / one.n_ties
            one.n_ties -= 1

    def be_helped(self, p: Any, help_: float) -> None:
        """Become readier, and secure a business model, by an intervention."""
        self.routine += p.coaching * help_ * (1.0 - self.routine)
        self.representative += p.coaching * help_ * (1.0 - self.representative)
        self.business_model = max(self.business_model, p.coached_model * help_)

    def settle(self, p: Any, full_cost: float, burden: float, subsidised: float) -> float:
        """Bear the cost, pay from the reserve and refill it; gives the month's private benefit net of subsidy."""
        load = p.fixed_share + (1.0 - p.fixed_share) * self.participation
        cost = full_cost * load + burden
        own_cost = cost - subsidised * cost
        income = self.captured + self.gained - self.lost
        inflow = p.allowance * self.resources + (p.cash_share * income if income > 0.0 else 0.0)
        paid = min(own_cost, self.reserve + inflow)
        self.reserve += min(inflow, p.reserve_limit * p.reserve * self.resources - self.reserve + paid) - paid
        self.ledger += income - own_cost
        return income - own_cost

    def smooth(self, p: Any, net_benefit: float) -> None:
        """Smooth the benefit; goodwill and engagement follow what it leaves over what was expected."""
        self.benefit += p.smoothing * (net_benefit - self.benefit)
        surplus = self.benefit - self.base_aspiration - p.outside_option_pull * self.contacts
        self.goodwill = min(self.goodwill + surplus, p.goodwill_limit * self.patience)
        self.engagement += p.adjustment * (logistic(surplus / p.width) - self.engagement)

    def weigh_evidence(self, p: Any, seen: float, is_good: bool, witnessed: float) -> None:
        """Let old evidence fade and add this month's, also that of matches and leaks."""
        self.trust_for = self.trust_for * p.memory + (seen if is_good else 0.0) + p.match * self.inside_matches
        self.trust_against = self.trust_against * p.memory + (0.0 if is_good else seen) + witnessed

    def leave(self, month: int, reason: str) -> None:
        """Cut all ties and leave the model."""
        self.left_month, self.left_reason = month, reason
        for other in self.tie_to:
            if other is not None:
                self.cut(other)
        self.remove()
