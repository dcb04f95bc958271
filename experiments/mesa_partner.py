"""A partner of the Mesa twin: one object with plain floats, and a method for each thing it does in a month."""

import math
from operator import mul
from typing import Any

import mesa

TINY = 1e-300
FIXED = ("resources", "sensitivity", "mission", "segment", "need", "base_aspiration", "patience", "match", "exposure",
         "turnover", "other_rate", "representative_shift")  # fmt: skip
CHANGING = ("routine", "representative", "engagement", "participation", "disclosure", "trust_for", "trust_against",
            "benefit", "goodwill", "inside", "outside", "contacts", "business_model", "needs_met", "reserve", "ledger",
            "knowledge", "news")  # fmt: skip


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
        self.promised = max(self.participation, TINY)
        self.tie_to: list[Partner | None] = [None] * n_ties
        self.tie_since, self.n_ties = [0] * n_ties, 0
        self.left_month, self.left_reason = 0, ""
        self.rivals = self.pressure = self.competition = self.ethos_gap = 0.0
        self.supply = self.contributed = self.captured = self.lost = self.gained = self.subsidy = 0.0
        self.leaked, self.outside_match, self.inside_matches = False, 0, 0

    @property
    def trust(self) -> float:
        """Trust as the mean of a Beta belief."""
        return self.trust_for / (self.trust_for + self.trust_against)

    def face(self, rivals: float, crowd: float) -> None:
        """Feel the pressure of rivals, and their competition; ``crowd`` rivals press half as much as very many."""
        self.rivals = rivals
        self.pressure, self.competition = rivals / (rivals + crowd), rivals / (rivals + crowd / 2.0)

    def expected(self, p: Any, half_contacts: float) -> float:
        """Give the benefit it expects, more with outside contacts, each of which counts less than the one before."""
        return self.base_aspiration + p.outside_option_pull * self.contacts / (1.0 + self.contacts / half_contacts)

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

    def usable(self, p: Any, stocked: list[float], pooled: list[float], n_others: float) -> float:
        """Give what it can use: stock that fits its goals, part of it only with what others bring to the domain now.

        Args:
            p: the parameters of capture.
            stocked: how far the stock of each domain lets capture go, 0 to 1.
            pooled: what all members bring to each domain now.
            n_others: how many others a domain would have if founders spread evenly over the domains.
        """
        if not p.now:
            self.fits = sum(map(mul, self.goals, stocked))
            return self.fits
        half, fed, total = p.half_supply * n_others, p.now * (1.0 + p.half_supply), 0.0
        for goal, level, brought, skill in zip(self.goals, stocked, pooled, self.expertise, strict=True):
            by_others = brought - skill * self.supply
            total += goal * level * (1.0 - p.now + fed * by_others / (by_others + half))
        self.fits = total
        return total

    def capture(self, p: Any, weight: float, usable: float, open_access: float) -> None:
        """Turn usable stock into private value, until the need is met."""
        missing = max(self.need - self.needs_met, 0.0)
        connections = self.inside + self.outside
        ready = (1.0 - weight) * self.routine + weight * self.representative
        learning = p.scale * ready * self.participation * usable
        model = p.without_model + (1.0 - p.without_model) * self.business_model
        reach = 1.0 + p.connection_gain * connections / (1.0 + connections)
        wanted = learning * open_access * reach * model * missing / self.need
        self.captured = min(wanted / (1.0 + p.rivalry * self.competition), missing)

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
        self.subsidy = subsidised * cost
        own_cost = cost - self.subsidy
        income = self.captured + self.gained - self.lost
        inflow = p.allowance * self.resources + (p.cash_share * income if income > 0.0 else 0.0)
        paid = min(own_cost, self.reserve + inflow)
        self.reserve += min(inflow, p.reserve_limit * p.reserve * self.resources - self.reserve + paid) - paid
        self.ledger += income - own_cost
        return income - own_cost

    def hear_news(self, p: Any, draw: float) -> None:
        """Let its own affairs change: they last, and what is new keeps their spread as it is."""
        self.news = p.news_memory * self.news + p.news * math.sqrt(1.0 - p.news_memory**2) * draw

    def own_affairs(self, common: float) -> float:
        """Give what it gains or loses for reasons outside: how well it fits, its news, and a shock common to all."""
        return self.match * self.fits + self.news - self.exposure * common

    def smooth(self, p: Any, net_benefit: float, half_contacts: float, waited: float) -> None:
        """Smooth the benefit; goodwill and engagement follow what it leaves over what was expected."""
        self.benefit += p.smoothing * (net_benefit - self.benefit)
        surplus = self.benefit - self.expected(p, half_contacts)
        self.goodwill = min(self.goodwill + surplus - waited, p.goodwill_limit * self.patience)
        self.engagement += p.adjustment * (logistic(surplus / p.width) - self.engagement)

    @property
    def as_promised(self) -> float:
        """How far it takes part as it did at the start."""
        share = self.participation / self.promised
        return share if share < 1.0 else 1.0

    def judge(self, n_others: int, as_promised: float, disclosed: float) -> float:
        """Judge how the others act: half by taking part as promised, half by opening up as far as it does itself.

        Args:
            n_others: how many others there are.
            as_promised: how far members take part as promised, the sum over all.
            disclosed: their disclosure, the sum over all.
        """
        if not n_others:
            return 0.5
        contributed = (as_promised - self.as_promised) / n_others
        returned = (disclosed - self.disclosure) / n_others / max(self.disclosure, TINY)
        return 0.5 * (contributed + unit(returned))

    def weigh_evidence(self, p: Any, seen: float, good: float, witnessed: float, help_: float) -> None:
        """Let old evidence fade and add this month's, also that of help, matches and leaks."""
        self.trust_for = self.trust_for * p.memory + seen * good + p.help * help_ + p.match * self.inside_matches
        self.trust_against = self.trust_against * p.memory + seen * (1.0 - good) + witnessed

    def leave(self, month: int, reason: str) -> None:
        """Cut all ties and leave the model."""
        self.left_month, self.left_reason = month, reason
        for other in self.tie_to:
            if other is not None:
                self.cut(other)
        self.remove()
