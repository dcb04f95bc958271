"""A partner of the idiomatic Mesa model: each process of a month is a method without arguments.

The formulas are the tuned twin's (``mesa_partner.py``). What differs is how they are called, as in Mesa's own
examples: an agent looks parameters and the partnership's state up through ``self.model``, draws with
``self.random`` where it needs draws, and stores its results as attributes that others read.
"""

import math

from mesa_partner import Partner, logistic, unit


class IdiomaticPartner(Partner):
    """A partner that looks up by itself what it needs to know."""

    help = priority = outside_chance = net_income = 0.0
    reason = ""

    @property
    def surplus(self) -> float:
        """Felt benefit over what it expects."""
        return self.benefit - self.expected(self.model.p.rules.commitment, self.model.half_contacts)

    @property
    def is_content(self) -> bool:
        """Whether its felt benefit exceeds what it expects."""
        return self.surplus > 0.0

    def count_rivals(self) -> None:
        """Count the other members in its market segment, and feel their pressure."""
        self.face(len(self.model.segments[self.segment]) - 1.0 if self.segment >= 0.0 else 0.0, self.model.crowd)

    def be_observed(self) -> None:
        """Show the orchestrator itself, blurred as far as it is unknown."""
        p, blur = self.model.p.rules.orchestrator, 1.0 / math.sqrt(1.0 + self.knowledge)
        self.seen_risk = self.latent_risk() + self.random.gauss(0.0, p.risk_error * blur)
        self.seen_surplus = self.surplus + self.random.gauss(0.0, p.benefit_error * blur)
        self.seen_captured = unit(self.needs_met / self.need + self.random.gauss(0.0, p.capture_error * blur))

    def disclose(self) -> None:
        """Open up as far as perceived risk allows."""
        super().disclose(self.model.p.rules.information, self.model.exposure)

    @property
    def withheld(self) -> float:
        """Sensitive knowledge that it keeps to itself."""
        return self.sensitivity * (1.0 - self.disclosure)

    def take_part(self) -> None:
        """Take part as far as willing and able, and supply knowledge."""
        p, model = self.model.p.rules.participation, self.model
        full_cost = (p.base_cost + p.tension_cost * model.tension) * (1.0 - model.subsidised)
        combining = 1.0 - model.p.rules.creation.bottleneck * model.effort.safeguard
        super().take_part(p.allowance, full_cost, combining)

    def count_contribution(self) -> None:
        """Work out its own part of the value created."""
        fitting = sum(e * share for e, share in zip(self.expertise, self.model.shares, strict=True))
        self.contributed = self.model.created * self.supply * fitting

    def model_business(self) -> None:
        """Work out an own business model in a pause, as far as it is open."""
        self.business_model = max(self.business_model, self.model.plan * self.disclosure)

    def capture(self) -> None:
        """Turn usable stock into private value."""
        p, model, effort = self.model.p.rules.capture, self.model, self.model.effort
        stocked = [stock / (stock + p.half_stock) for stock in model.stock]
        usable = self.usable(p, stocked, model.pooled, max(model.p.size.partners - 1, 1) / len(stocked))
        open_access = (1.0 - p.safeguard_loss * effort.safeguard) * (1.0 - p.bundle_loss * effort.bundle)
        super().capture(p, model.p.rules.readiness.representative_weight, usable, open_access)

    def leak(self) -> None:
        """Leak or not, by chance."""
        p, self.gained = self.model.p.rules.leak, 0.0
        chance = p.rate * self.sensitivity * self.disclosure * self.model.exposure * self.pressure
        self.leaked = self.random.random() < chance
        self.lost = p.loss * self.leaked

    def lose_to_rivals(self) -> None:
        """Let the rivals in its segment share a part of its loss."""
        for rival in self.model.segments[self.segment]:
            if rival is not self:
                rival.gained += self.model.p.rules.leak.rival_share * self.lost / self.rivals

    def meet_outside(self) -> None:
        """Let connections go stale, and perhaps be matched to a party outside."""
        super().meet_outside(self.model.p.rules.connecting, self.random.random() < self.outside_chance)

    def change_representative(self) -> None:
        """Perhaps get a new representative, readier or less ready."""
        p = self.model.p.rules.readiness
        self.replaced = self.random.random() < p.turnover * self.turnover
        if self.replaced:
            usual = math.log(p.typical / (1.0 - p.typical)) + self.representative_shift
            self.representative = logistic(usual + self.random.gauss(0.0, p.spread))

    def be_helped(self) -> None:
        """Become readier by what the orchestrator does for it."""
        if self.help > 0.0:
            super().be_helped(self.model.p.rules.readiness, self.help)

    def pay(self) -> None:
        """Bear the cost of taking part and of being governed."""
        p, model = self.model.p.rules.participation, self.model
        pausing = p.pause_share if model.effort.pause > 0.0 else 1.0
        burden = p.match_cost * (self.outside_match + self.inside_matches)
        burden += p.tracking_cost * model.effort.track + p.intervention_cost * self.help
        self.net_income = self.settle(p, (p.base_cost + p.tension_cost * model.tension) * pausing, burden,
                                      model.subsidised)  # fmt: skip
        self.needs_met += self.captured

    def hear_news(self) -> None:
        """Hear how its own affairs go, where they change at all."""
        if self.model.p.rules.commitment.news:
            super().hear_news(self.model.p.rules.commitment, self.random.gauss(0.0, 1.0))

    def smooth(self) -> None:
        """Feel private and common benefit and its own affairs; goodwill and engagement follow."""
        p, model = self.model.p.rules.commitment, self.model
        benefit = self.net_income + p.common_weight * self.mission * model.created + self.own_affairs(model.common)
        super().smooth(p, benefit, model.half_contacts, p.impatience * (model.effort.pause > 0.0))

    def weigh_evidence(self) -> None:
        """Learn from this month whether the partnership can be relied on."""
        p, model, n = self.model.p.rules.trust, self.model, len(self.model.agents)
        near = unit(1.0 - p.ethos_friction * abs(self.dna[3] - model.mean_ethos))
        if model.p.structure.trust == "conduct":
            good = near * self.judge(n - 1, model.promises_met, model.disclosed)
        else:
            good = float(self.random.random() < model.reliability * near)
        witnessed = p.victim * self.leaked + p.witness * (model.n_leaks - self.leaked) / n
        super().weigh_evidence(p, p.evidence * (1.0 - p.hidden * model.effort.safeguard), good, witnessed, self.help)

    def become_known(self) -> None:
        """Let the orchestrator learn from what passes through its hands."""
        p, effort = self.model.p.rules.orchestrator, self.model.effort
        handled = p.from_safeguarding * effort.safeguard + p.from_bundling * (1.0 - effort.safeguard) * effort.bundle
        learned = handled * self.disclosure + p.from_match * (self.outside_match + self.inside_matches)
        self.knowledge = (1.0 - p.forgetting) * self.knowledge + learned + p.from_tracking * effort.track

    def decide_to_leave(self) -> None:
        """Find a reason to leave, if there is one: from outside the model, or goodwill used up."""
        p, floor = self.model.p.rules.membership, 0.0
        if self.model.fund > 0.0:
            floor = -p.exit_penalty
        if self.random.random() < p.other_rate * self.other_rate:
            self.reason = "other"
        elif self.goodwill < floor:
            self.reason = "satisfied" if self.needs_met > p.satisfaction_threshold * self.need else "frustrated"

    def remove_leavers(self) -> None:
        """Leave, for the reason found."""
        self.leave(self.model.steps, self.reason)
