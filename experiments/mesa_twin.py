"""The same month written again in Mesa and tuned hard: one Python object a partner, plain floats, plain lists.

The twin is compared with the engine for agreement (fed with the engine's draws it gives the engine's results,
``tests/integrations/test_mesa_twin.py``) and for speed (with its own draws, ``experiments/benchmark.py``). It is fast
for a Mesa model: group quantities are calculated only when someone leaves, a policy observes only what it uses, numbers
are drawn only where they matter, and one loop per month over plain lists updates the members. It uses no ``AgentSet``
and no ``DataCollector``; the form in ``mesa_idiomatic.py`` uses both.

It starts from the engine's first day, which it does not sample again. Not ported, and refused: shocks, pay-off
functions, candidates and entry, targeting other than by estimate, policies other than neutral (with or
without a pause) and adaptive_tracking.
"""

import math
from operator import mul
from typing import Any

import mesa
from mesa_draws import DrawsOf, OwnDraws
from mesa_partner import TINY, Partner, logistic, unit
from mesa_policies import POLICIES, Effort, planned_pause
from mesa_shared import OF_ALL, combine, refuse_what_is_not_ported

from sim import Scenario, find_policy
from sim.engine.batch import Batch
from sim.model.policies.registry import PolicyLike


class Partnership(mesa.Model):
    """The partnership, its orchestrator and the month."""

    def __init__(self, scenario: Scenario, seed: int, policy: PolicyLike, draws: DrawsOf | None = None) -> None:
        """Copy the first day of the engine's run of this seed.

        Args:
            scenario: the partnership.
            seed: the engine's seed of the first day, and that of the model's own random numbers.
            policy: as in ``sim.simulate``; one of those ported.
            draws: gives the draws of a month; the model's own random numbers by default.
        """
        super().__init__(rng=seed)
        chosen = find_policy(policy)
        refuse_what_is_not_ported(scenario, chosen)
        batch = Batch(scenario, [seed], chosen)
        self.p, state, own = batch.params, batch.state, OwnDraws(self.random)
        self.policy, self.draws = POLICIES[chosen.name](chosen), draws or (lambda month: own)
        for name in OF_ALL:
            setattr(self, name, float(getattr(state, name)[0, 0]))
        self.stock, self.agenda = state.stock[0, :, 0].tolist(), state.agenda[0, :, 0].tolist()
        self.partners = [Partner(self, slot, state, self.p.size.ties) for slot in range(self.p.size.partners)]
        self.created = self.subsidised = 0.0
        self.take_stock()

    def take_stock(self) -> None:
        """Calculate what depends only on who is a member."""
        self.members = list(self.agents)
        n = max(len(self.members), 1)
        centre = [sum(values) / n for values in zip(*(m.dna for m in self.members), strict=True)] or [0.0] * 4
        self.distance = [math.sqrt(2.0 * sum((m.dna[k] - c) ** 2 for m in self.members) / max(n - 1, 1))
                         for k, c in enumerate(centre)]  # fmt: skip
        self.goals = [sum(m.goals[d] for m in self.members) / n for d in range(len(self.stock))]
        self.segments: dict[float, list[Partner]] = {}
        for partner in self.members:
            partner.ethos_gap = abs(partner.dna[3] - centre[3])
            if partner.segment >= 0:
                self.segments.setdefault(partner.segment, []).append(partner)
        for rivals in self.segments.values():
            for partner in rivals:
                partner.rivals = len(rivals) - 1.0
                partner.pressure = partner.rivals / (partner.rivals + 2.0)

    def step(self) -> None:
        """Go through one month, in the order of sim/model/step.py."""
        rules, members, draws = self.p.rules, self.members, self.draws(self.steps)
        funded = self.fund > 0.0
        self.subsidised = self.p.grant.subsidy * funded
        effort = self.govern(members, self.p.grant.budget * (1.0 if funded else self.p.grant.budget_after), draws)
        exposure = (1.0 - effort.safeguard) * (1.0 - rules.information.bundling_protection * effort.bundle)
        self.raise_tension(members, effort, exposure, funded)
        self.create(members, effort)
        self.plan_ahead(members, effort)
        self.capture(members, effort)
        leaked = self.leak(members, exposure, draws)
        self.connect(members, effort, draws)
        self.replace(members, draws)
        self.weigh_up(members, effort, leaked, draws)
        leavers = self.find_leavers(members, funded, draws)
        self.society_value += self.created
        self.fund -= min(self.fund, 1.0)
        for partner, reason in leavers:
            partner.leave(self.steps, reason)
        if leavers:
            self.take_stock()

    def govern(self, members: list[Partner], budget: float, draws: Any) -> Effort:
        """Let the policy spend what a planned pause leaves of the budget."""
        pause = planned_pause(self, len(members), budget)
        effort = self.policy.allocate(self, members, budget - pause * self.p.prices.pause * len(members), draws)
        effort.pause = pause
        return effort

    def raise_tension(self, members: list[Partner], effort: Effort, exposure: float, funded: bool) -> None:
        """Let members open or close, and tensions follow."""
        p, n = self.p.rules.tension, len(members)
        withheld = sum([partner.disclose(self.p.rules.information, exposure) for partner in members])
        self.tension_information = withheld / (sum([partner.sensitivity for partner in members]) + TINY)
        planned = 1.0 - p.plan_relief * self.plan
        relief = (1.0 - p.bundling_relief * effort.bundle) * planned
        self.tension_interest = unit(self.distance[1]) * (1.0 - self.understanding) * relief
        coordination = n / (n + p.size_scale) * (1.0 + p.culture_friction * self.distance[2])
        self.tension_resource = unit(coordination * planned + (0.0 if funded else p.unfunded))
        self.tension = 1.0 - ((1.0 - p.weight_information * self.tension_information)
                              * (1.0 - p.weight_interest * self.tension_interest)
                              * (1.0 - p.weight_resource * self.tension_resource))  # fmt: skip

    def create(self, members: list[Partner], effort: Effort) -> None:
        """Combine what members supply, by domain with constant elasticity; none in a pause."""
        p, paying, pooled = self.p.rules.creation, self.p.rules.participation, [0.0] * len(self.stock)
        full_cost = (paying.base_cost + paying.tension_cost * self.tension) * (1.0 - self.subsidised)
        combining = 1.0 - p.bottleneck * effort.safeguard
        for partner in members:
            supply = partner.take_part(paying.allowance, full_cost, combining)
            pooled = [total + supply * share for total, share in zip(pooled, partner.expertise, strict=True)]
        combined, shares = combine(pooled, p.ces_exponent, self.p.size.partners)
        self.created = 0.0 if effort.pause > 0.0 else p.productivity * combined * (1.0 - self.tension)
        for partner in members:
            partner.contributed = self.created * partner.supply * sum(map(mul, partner.expertise, shares))

    def plan_ahead(self, members: list[Partner], effort: Effort) -> None:
        """Plan and work out business models in a pause; move the agenda; add to the stock."""
        p, making = self.p.rules.understanding, self.p.rules.creation
        pausing = effort.pause > 0.0
        self.plan += (1.0 - self.plan) * (1.0 - math.exp(-effort.pause / p.plan_time))
        pace = unit(p.plan_agenda * self.plan * pausing + p.bundle_agenda * effort.bundle) if members else 0.0
        self.agenda = [(1.0 - pace) * old + pace * goal for old, goal in zip(self.agenda, self.goals, strict=True)]
        remaining, gained = 1.0 - making.depreciation, making.stock_gain * self.created
        self.stock = [
            remaining * stock + gained * weight for stock, weight in zip(self.stock, self.agenda, strict=True)
        ]
        for partner in members if pausing else ():
            partner.business_model = max(partner.business_model, self.plan * partner.disclosure)

    def capture(self, members: list[Partner], effort: Effort) -> None:
        """Let members turn the stock into private value."""
        p, weight = self.p.rules.capture, self.p.rules.readiness.representative_weight
        fits = [stock / (stock + p.half_stock) for stock in self.stock]
        open_access = (1.0 - p.safeguard_loss * effort.safeguard) * (1.0 - p.bundle_loss * effort.bundle)
        for partner in members:
            partner.capture(p, weight, fits, open_access)

    def leak(self, members: list[Partner], exposure: float, draws: Any) -> list[Partner]:
        """Draw who leaks; rivals in the segment share a part of the loss."""
        p, leaked = self.p.rules.leak, []
        for partner, draw in zip(members, draws.uniforms("leak", members), strict=True):
            partner.lost = partner.gained = 0.0
            if draw < p.rate * partner.sensitivity * partner.disclosure * exposure * partner.pressure:
                partner.lost = p.loss
                leaked.append(partner)
        for victim in leaked:
            for rival in self.segments[victim.segment]:
                if rival is not victim:
                    rival.gained += p.rival_share * p.loss / victim.rivals
        return leaked

    def connect(self, members: list[Partner], effort: Effort, draws: Any) -> None:
        """Match members to parties outside, and at matching tables to each other."""
        p = self.p.rules.connecting
        chances = draws.uniforms("outside_match", members) if effort.outside else [1.0] * len(members)
        for partner, draw in zip(members, chances, strict=True):
            partner.meet_outside(p, draw < effort.outside)
        n_domains = len(self.stock)
        for domain, draw in enumerate(draws.tables(n_domains) if effort.tables else ()):
            if draw >= effort.tables / n_domains:
                continue
            asking = [m.goals[domain] * w * m.participation for m, w in zip(members, effort.priority, strict=True)]
            if not any(asking):
                continue
            seeker = members[draws.pick("seek", domain, members, asking)]
            offering = [m.offer(domain, n_domains) if m is not seeker else 0.0 for m in members]
            if any(offering):
                seeker.ask(p, members[draws.pick("offer", domain, members, offering)], self.steps)

    def replace(self, members: list[Partner], draws: Any) -> None:
        """Draw whose representative is replaced; the plan goes out of use with those who made it."""
        p, replaced = self.p.rules.readiness, 0
        for partner, draw in zip(members, draws.uniforms("turnover", members), strict=True):
            if draw < p.turnover:
                replaced += 1
                level = math.log(p.typical / (1.0 - p.typical)) + p.spread * draws.normals("successor", [partner])[0]
                partner.representative = logistic(level)
        self.plan *= 1.0 - self.p.rules.understanding.plan_carried * replaced / max(len(members), 1)

    def weigh_up(self, members: list[Partner], effort: Effort, leaked: list[Partner], draws: Any) -> None:
        """Settle costs, feel benefit, weigh evidence; understanding and the orchestrator's knowledge grow."""
        rules, n, pausing = self.p.rules, max(len(members), 1), effort.pause > 0.0
        paying, felt, trusting, learning, steps = (
            rules.participation, rules.commitment, rules.trust, rules.orchestrator, rules.understanding)  # fmt: skip
        full_cost = (paying.base_cost + paying.tension_cost * self.tension) * (paying.pause_share if pausing else 1.0)
        common = felt.common_weight * self.created
        seen = trusting.evidence * (1.0 - trusting.hidden * effort.safeguard)
        handled = learning.from_safeguarding * effort.safeguard
        handled += learning.from_bundling * (1.0 - effort.safeguard) * effort.bundle
        being_tracked = paying.tracking_cost * effort.track
        for partner, help_, draw in zip(members, effort.help, draws.uniforms("evidence", members), strict=True):
            if help_:
                partner.be_helped(rules.readiness, help_)
            matches = partner.outside_match + partner.inside_matches
            burden = paying.match_cost * matches + being_tracked + paying.intervention_cost * help_
            partner.needs_met += partner.captured
            private = partner.settle(paying, full_cost, burden, self.subsidised)
            partner.smooth(felt, private + common * partner.mission)
            is_good = draw < self.reliability * unit(1.0 - trusting.ethos_friction * partner.ethos_gap)
            others = len(leaked) - (partner.lost > 0.0) if leaked else 0
            witnessed = trusting.witness * others / n + (trusting.victim if others < len(leaked) else 0.0)
            partner.weigh_evidence(trusting, seen, is_good, witnessed)
            partner.knowledge = ((1.0 - learning.forgetting) * partner.knowledge + handled * partner.disclosure
                                 + learning.from_match * matches + learning.from_tracking * effort.track)  # fmt: skip
        contact = sum([partner.participation for partner in members]) / n + steps.pause_gain * pausing
        pace = steps.rate / (1.0 + steps.language_barrier * self.distance[0])
        self.understanding = unit(self.understanding + pace * (1.0 - self.understanding) * contact)

    def find_leavers(self, members: list[Partner], funded: bool, draws: Any) -> list[tuple[Partner, str]]:
        """Find who leaves, for reasons outside the model or with its goodwill used up, and why."""
        p, leavers = self.p.rules.membership, []
        floor = -p.exit_penalty if funded else 0.0
        for partner, draw in zip(members, draws.uniforms("quit", members), strict=True):
            if draw < p.other_rate:
                leavers.append((partner, "other"))
            elif partner.goodwill < floor:
                leavers.append(
                    (
                        partner,
                        "satisfied" if partner.needs_met > p.satisfaction_threshold * partner.need else "frustrated",
                    )
                )
        return leavers
