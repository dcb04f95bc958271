"""The same month written again in Mesa and tuned hard: one Python object a partner, plain floats, plain lists.

The twin is compared with the engine for agreement (fed with the engine's draws it gives the engine's results,
``tests/integrations/test_mesa_twin.py``) and for speed (with its own draws, ``experiments/benchmark.py``). It is fast
for a Mesa model: group quantities are calculated only when someone leaves, a policy observes only what it uses, numbers
are drawn only where they matter, and one loop per month over plain lists updates the members. It uses no ``AgentSet``
and no ``DataCollector``; the form in ``mesa_idiomatic.py`` uses both.

It starts from the engine's first day, which it does not sample again: sectors, their traits and what the partnership is
worth to each come with it. Both forms have the first version of the model and the second, as the scenario says. Not
ported, and refused: shocks other than the common one, terms, fees and all else that comes with renewals, an outlook
(without which departures are not foreseen), exits as a hazard, a plain sum of domains, a least number of members or
secretariat, pay-off functions, candidates and entry, targeting other than by estimate, policies other than
neutral, connecting and adaptive_tracking (each with or without a pause).
"""

import math
from operator import mul
from typing import Any

import mesa
from mesa_draws import DrawsOf, OwnDraws
from mesa_partner import TINY, Partner, logistic, unit
from mesa_policies import POLICIES, Effort, planned_pause
from mesa_shared import (
    OF_ALL,
    apart,
    combine,
    coordination,
    crowd,
    half_contacts,
    keep_pace,
    momentum,
    refuse_what_is_not_ported,
    still_valid,
    value_of_difference,
    where_stock_grows,
)

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
        self.half_contacts = half_contacts(self.p.rules, self.p.structure.outside_options)
        self.by_conduct = self.p.structure.trust == "conduct"
        self.created = self.subsidised = 0.0
        self.take_stock()

    def take_stock(self) -> None:
        """Calculate what depends only on who is a member."""
        self.members = list(self.agents)
        n = max(len(self.members), 1)
        traits = list(zip(*(m.dna for m in self.members), strict=True)) or [()] * 4
        self.distance = [apart(values, self.p.structure.distance) for values in traits]
        self.goals = [sum(m.goals[d] for m in self.members) / n for d in range(len(self.stock))]
        mean_ethos = sum(traits[3]) / n
        self.segments: dict[float, list[Partner]] = {}
        for partner in self.members:
            partner.ethos_gap = abs(partner.dna[3] - mean_ethos)
            if partner.segment >= 0:
                self.segments.setdefault(partner.segment, []).append(partner)
        pressing = crowd(self.p.rules, self.p.structure.rivals, len(self.members))
        for rivals in self.segments.values():
            for partner in rivals:
                partner.face(len(rivals) - 1.0, pressing)

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
        n_leaks = self.leak(members, exposure, draws)
        self.connect(members, effort, draws)
        self.replace(members, draws)
        self.feel_common_shock(draws)
        self.weigh_up(members, effort, draws)
        self.learn(members, effort, n_leaks, draws)
        leavers = self.find_leavers(members, funded, draws)
        self.society_value += self.created
        self.fund -= min(self.fund, 1.0)
        share = len(leavers) / max(len(members), 1)
        self.plan *= still_valid(rules.understanding, effort.pause > 0.0, share, self.struck)
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
        p = self.p.rules.tension
        withheld = sum([partner.disclose(self.p.rules.information, exposure) for partner in members])
        self.tension_information = withheld / (sum([partner.sensitivity for partner in members]) + TINY)
        planned = 1.0 - p.plan_relief * self.plan
        relief = (1.0 - p.bundling_relief * effort.bundle) * planned
        self.tension_interest = unit(self.distance[1]) * (1.0 - self.understanding) * relief
        busy = coordination(p, len(members), self.distance[2])
        self.tension_resource = unit(busy * planned + (0.0 if funded else p.unfunded))
        self.tension = 1.0 - ((1.0 - p.weight_information * self.tension_information)
                              * (1.0 - p.weight_interest * self.tension_interest)
                              * (1.0 - p.weight_resource * self.tension_resource))  # fmt: skip

    def create(self, members: list[Partner], effort: Effort) -> None:
        """Combine what members supply, by domain with constant elasticity; none in a pause."""
        p, paying, pooled = self.p.rules.creation, self.p.rules.participation, [0.0] * len(self.stock)
        full_cost = (paying.base_cost + paying.tension_cost * self.tension) * (1.0 - self.subsidised)
        combining, joint, pausing = 1.0 - p.bottleneck * effort.safeguard, 0.0, effort.pause > 0.0
        for partner in members:
            supply = partner.take_part(paying.allowance, full_cost, combining)
            joint += supply
            pooled = [total + supply * share for total, share in zip(pooled, partner.expertise, strict=True)]
        self.pace, self.pooled = keep_pace(p, self.pace, pausing), pooled
        combined, shares = combine(pooled, p.ces_exponent, self.p.size.partners)
        ties = sum([partner.n_ties for partner in members]) / max(len(members), 1)
        combined *= value_of_difference(p, self.distance[0], self.understanding, effort.bundle, ties)
        combined *= momentum(p, joint) * self.pace * (1.0 - self.tension)
        self.created = 0.0 if pausing else p.productivity * combined
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
        where = where_stock_grows(self.agenda, self.pooled, making.stock_by_supply)
        self.stock = [remaining * stock + gained * weight for stock, weight in zip(self.stock, where, strict=True)]
        for partner in members if pausing else ():
            partner.business_model = max(partner.business_model, self.plan * partner.disclosure)

    def capture(self, members: list[Partner], effort: Effort) -> None:
        """Let members turn the stock into private value."""
        p, weight = self.p.rules.capture, self.p.rules.readiness.representative_weight
        stocked = [stock / (stock + p.half_stock) for stock in self.stock]
        n_others = max(self.p.size.partners - 1, 1) / len(stocked)
        open_access = (1.0 - p.safeguard_loss * effort.safeguard) * (1.0 - p.bundle_loss * effort.bundle)
        for partner in members:
            partner.capture(p, weight, partner.usable(p, stocked, self.pooled, n_others), open_access)

    def leak(self, members: list[Partner], exposure: float, draws: Any) -> int:
        """Draw who leaks; rivals in the segment share a part of the loss; gives how many leaked."""
        p, leaked = self.p.rules.leak, []
        for partner, draw in zip(members, draws.uniforms("leak", members), strict=True):
            partner.lost, partner.gained, partner.leaked = 0.0, 0.0, False
            if draw < p.rate * partner.sensitivity * partner.disclosure * exposure * partner.pressure:
                partner.lost, partner.leaked = p.loss, True
                leaked.append(partner)
        for victim in leaked:
            for rival in self.segments[victim.segment]:
                if rival is not victim:
                    rival.gained += p.rival_share * p.loss / victim.rivals
        return len(leaked)

    def connect(self, members: list[Partner], effort: Effort, draws: Any) -> None:
        """Match members to parties outside, and at matching tables to each other."""
        p = self.p.rules.connecting
        drawn = draws.uniforms("outside_match", members) if any(effort.outside) else [1.0] * len(members)
        for partner, draw, chance in zip(members, drawn, effort.outside, strict=True):
            partner.meet_outside(p, draw < chance)
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
            if draw < p.turnover * partner.turnover:
                replaced += 1
                usual = math.log(p.typical / (1.0 - p.typical)) + partner.representative_shift
                partner.representative = logistic(usual + p.spread * draws.normals("successor", [partner])[0])
        self.plan *= 1.0 - self.p.rules.understanding.plan_carried * replaced / max(len(members), 1)

    def feel_common_shock(self, draws: Any) -> None:
        """Let common shocks wear off, and perhaps strike."""
        p = self.p.shocks.common
        harshness = draws.shock(p.rate) if p.rate else 0.0
        blow = p.size * (harshness + (p.month == self.steps))
        self.common, self.struck = p.memory * self.common + blow, blow > 0.0

    def weigh_up(self, members: list[Partner], effort: Effort, draws: Any) -> None:
        """Settle costs, hear news and feel benefit; goodwill and engagement follow."""
        rules, pausing = self.p.rules, effort.pause > 0.0
        paying, felt, waited = rules.participation, rules.commitment, rules.commitment.impatience * pausing
        full_cost = (paying.base_cost + paying.tension_cost * self.tension) * (paying.pause_share if pausing else 1.0)
        being_tracked, created = paying.tracking_cost * effort.track, felt.common_weight * self.created
        heard = draws.normals("news", members) if felt.news else [0.0] * len(members)
        for partner, help_, news in zip(members, effort.help, heard, strict=True):
            if help_:
                partner.be_helped(rules.readiness, help_)
            matches = partner.outside_match + partner.inside_matches
            burden = paying.match_cost * matches + being_tracked + paying.intervention_cost * help_
            partner.needs_met += partner.captured
            private = partner.settle(paying, full_cost, burden, self.subsidised)
            partner.hear_news(felt, news)
            benefit = private + created * partner.mission + partner.own_affairs(self.common)
            partner.smooth(felt, benefit, self.half_contacts, waited)

    def learn(self, members: list[Partner], effort: Effort, n_leaks: int, draws: Any) -> None:
        """Let members learn whom to trust and understand each other, and the orchestrator whom it works with."""
        rules, n, pausing = self.p.rules, len(members), effort.pause > 0.0
        trusting, learning, steps = rules.trust, rules.orchestrator, rules.understanding
        seen = trusting.evidence * (1.0 - trusting.hidden * effort.safeguard)
        handled = learning.from_safeguarding * effort.safeguard
        handled += learning.from_bundling * (1.0 - effort.safeguard) * effort.bundle
        as_promised = sum([partner.as_promised for partner in members]) if self.by_conduct else 0.0
        disclosed = sum([partner.disclosure for partner in members]) if self.by_conduct else 0.0
        drawn = [0.0] * n if self.by_conduct else draws.uniforms("evidence", members)
        for partner, help_, draw in zip(members, effort.help, drawn, strict=True):
            near = unit(1.0 - trusting.ethos_friction * partner.ethos_gap)
            if self.by_conduct:
                good = near * partner.judge(n - 1, as_promised, disclosed)
            else:
                good = float(draw < self.reliability * near)
            witnessed = trusting.witness * (n_leaks - partner.leaked) / n + trusting.victim * partner.leaked
            partner.weigh_evidence(trusting, seen, good, witnessed, help_)
            matches = partner.outside_match + partner.inside_matches
            partner.knowledge = ((1.0 - learning.forgetting) * partner.knowledge + handled * partner.disclosure
                                 + learning.from_match * matches + learning.from_tracking * effort.track)  # fmt: skip
        contact = sum([partner.participation for partner in members]) / max(n, 1) + steps.pause_gain * pausing
        pace = steps.rate / (1.0 + steps.language_barrier * self.distance[0])
        self.understanding = unit(self.understanding + pace * (1.0 - self.understanding) * contact)

    def find_leavers(self, members: list[Partner], funded: bool, draws: Any) -> list[tuple[Partner, str]]:
        """Find who leaves, for reasons outside the model or with its goodwill used up, and why."""
        p, leavers = self.p.rules.membership, []
        floor = -p.exit_penalty if funded else 0.0
        for partner, draw in zip(members, draws.uniforms("quit", members), strict=True):
            if draw < p.other_rate * partner.other_rate:
                leavers.append((partner, "other"))
            elif partner.goodwill < floor:
                content = partner.needs_met > p.satisfaction_threshold * partner.need
                leavers.append((partner, "satisfied" if content else "frustrated"))
        return leavers
