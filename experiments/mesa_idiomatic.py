"""The same month as most Mesa modellers would write it, after Mesa's tutorial and examples: nothing is tuned.

The step schedules one process at a time, in the order of sim/model/step.py, with ``self.agents.do("process")``; the
partnership's quantities are calculated each month from the agents' attributes, where a process needs them. (Members
hear their news before representatives change, not after: nothing in between goes by it.) The orchestrator observes
all members each month, under every policy. A ``DataCollector`` collects the seven outcomes that the engine always
records. Nothing is slowed down on purpose: there is no shuffle where the order does not matter, no copy and no pandas,
and rivals are not found by comparing all pairs.

First day, formulas, policies and what is refused are those of the tuned twin (``mesa_twin.py``).
"""

import math
from typing import Any

import mesa
from mesa_idiomatic_partner import IdiomaticPartner
from mesa_partner import TINY, unit
from mesa_policies import POLICIES, Seen, mean, planned_pause
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


class IdiomaticPartnership(mesa.Model):
    """The partnership, its orchestrator and the month."""

    partner_class = IdiomaticPartner

    def __init__(self, scenario: Scenario, seed: int, policy: PolicyLike) -> None:
        """Copy the first day of the engine's run of this seed; seed the model's own random numbers with it."""
        super().__init__(rng=seed)
        self.begin(scenario, seed, policy)
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "n_members": lambda m: len(m.agents),
                "n_founders": lambda m: len(m.agents),  # nobody enters
                "value_created": "created",
                "tension": lambda m: m.tension if m.had_members else math.nan,
                "effort_spent": "effort_spent",
                "subsidy": "subsidy",
                "content": lambda m: m.agents.agg("is_content", mean) if m.agents else math.nan,
            }
        )

    def begin(self, scenario: Scenario, seed: int, policy: PolicyLike) -> None:
        """Copy the engine's first day."""
        chosen = find_policy(policy)
        refuse_what_is_not_ported(scenario, chosen)
        batch = Batch(scenario, [seed], chosen)
        self.p, state, self.policy = batch.params, batch.state, POLICIES[chosen.name](chosen)
        self.half_contacts = half_contacts(self.p.rules, self.p.structure.outside_options)
        for name in OF_ALL:
            setattr(self, name, float(getattr(state, name)[0, 0]))
        self.stock, self.agenda = state.stock[0, :, 0].tolist(), state.agenda[0, :, 0].tolist()
        self.partners = [self.partner_class(self, k, state, self.p.size.ties) for k in range(self.p.size.partners)]

    @property
    def members(self) -> list[IdiomaticPartner]:
        """Who takes part now."""
        return list(self.agents)

    def step(self) -> None:
        """Go through one month, in the order of sim/model/step.py."""
        self.had_members = bool(self.agents)
        self.fund_month()
        self.segments = self.agents.groupby("segment", result_type="list").groups
        self.crowd = crowd(self.p.rules, self.p.structure.rivals, len(self.agents))
        self.agents.do("count_rivals")
        self.agents.do("be_observed")
        self.observe_tensions()
        self.govern()
        self.agents.do("disclose")
        self.raise_tension()
        self.agents.do("take_part")
        self.create()
        self.agents.do("count_contribution")
        self.make_plan()
        self.set_agenda()
        self.accumulate()
        self.agents.do("capture")
        self.agents.do("leak")
        self.spread_leaks()
        self.agents.do("meet_outside")
        self.hold_tables()
        self.agents.do("hear_news")
        self.agents.do("change_representative")
        self.forget_plan()
        self.agents.do("be_helped")
        self.agents.do("pay")
        self.subsidy = self.agents.agg("subsidy", sum)
        self.feel_common_shock()
        self.agents.do("smooth")
        self.look_round()
        self.agents.do("weigh_evidence")
        self.agents.do("become_known")
        self.understand()
        self.agents.do("decide_to_leave")
        leavers = self.agents.select(lambda partner: partner.reason)
        self.age_plan(len(leavers))
        leavers.do("remove_leavers")
        self.fund -= min(self.fund, 1.0)
        self.society_value += self.created
        self.collect()

    def collect(self) -> None:
        """Store the month's outcomes."""
        self.datacollector.collect(self)

    def fund_month(self) -> None:
        """Give this month's effort and subsidy."""
        grant, self.is_funded = self.p.grant, self.fund > 0.0
        self.budget = grant.budget * (1.0 if self.is_funded else grant.budget_after)
        self.subsidised = grant.subsidy if self.is_funded else 0.0

    def observe_tensions(self) -> None:
        """Estimate the three tensions."""
        tensions = (self.tension_information, self.tension_interest, self.tension_resource)
        error = self.p.rules.orchestrator.tension_error
        self.seen_tensions = [unit(tension + self.random.gauss(0.0, error)) for tension in tensions]

    def govern(self) -> None:
        """Let the policy spend what a planned pause leaves of the budget, and tell members what they get."""
        members, prices, rules = self.members, self.p.prices, self.p.rules
        n = len(members)
        pause = planned_pause(self, n, self.budget)
        seen = Seen(
            risk=self.agents.agg("seen_risk", mean),
            clash=self.seen_tensions[1],
            surplus=self.agents.get("seen_surplus"),
            captured=self.agents.get("seen_captured"),
        )
        self.effort = effort = self.policy.decide(self, members, seen, self.budget - pause * prices.pause * n)
        effort.pause = pause
        self.effort_spent = effort.cost(prices, n)
        for partner, *own in zip(members, effort.help, effort.priority, effort.outside, strict=True):
            partner.help, partner.priority, partner.outside_chance = own
        bundling = 1.0 - rules.information.bundling_protection * self.effort.bundle
        self.exposure = (1.0 - self.effort.safeguard) * bundling

    def dna_distance(self, dimension: int) -> float:
        """Give the distance of two random members in a DNA dimension."""
        return apart([partner.dna[dimension] for partner in self.agents], self.p.structure.distance)

    def raise_tension(self) -> None:
        """Let the three tensions follow."""
        p = self.p.rules.tension
        planned = 1.0 - p.plan_relief * self.plan
        self.tension_information = self.agents.agg("withheld", sum) / (self.agents.agg("sensitivity", sum) + TINY)
        relief = (1.0 - p.bundling_relief * self.effort.bundle) * planned
        self.tension_interest = unit(self.dna_distance(1)) * (1.0 - self.understanding) * relief
        busy = coordination(p, len(self.agents), self.dna_distance(2))
        self.tension_resource = unit(busy * planned + (0.0 if self.is_funded else p.unfunded))
        self.tension = 1.0 - ((1.0 - p.weight_information * self.tension_information)
                              * (1.0 - p.weight_interest * self.tension_interest)
                              * (1.0 - p.weight_resource * self.tension_resource))  # fmt: skip

    def create(self) -> None:
        """Combine what members supply, by domain with constant elasticity; none in a pause."""
        p, supplies = self.p.rules.creation, self.agents.get(["supply", "expertise"])
        self.pooled = [sum(supply * skills[d] for supply, skills in supplies) for d in range(len(self.stock))]
        self.pace = keep_pace(p, self.pace, self.effort.pause > 0.0)
        combined, self.shares = combine(self.pooled, p.ces_exponent, self.p.size.partners)
        together = value_of_difference(p, self.dna_distance(0), self.understanding, self.effort.bundle,
                                       self.agents.agg("n_ties", mean))  # fmt: skip
        together *= momentum(p, self.agents.agg("supply", sum)) * self.pace * (1.0 - self.tension)
        self.created = 0.0 if self.effort.pause > 0.0 else p.productivity * combined * together

    def make_plan(self) -> None:
        """Plan, and work out business models, in a pause."""
        if self.effort.pause > 0.0:
            p = self.p.rules.understanding
            self.plan += (1.0 - self.plan) * (1.0 - math.exp(-self.effort.pause / p.plan_time))
            self.agents.do("model_business")

    def set_agenda(self) -> None:
        """Move the agenda to the members' mean goals, by a plan in the pause and by deciding together."""
        p, pausing = self.p.rules.understanding, self.effort.pause > 0.0
        pace = unit(p.plan_agenda * self.plan * pausing + p.bundle_agenda * self.effort.bundle)
        if pace > 0.0 and len(self.agents) > 0:
            goals = [mean(weights) for weights in zip(*self.agents.get("goals"), strict=True)]
            self.agenda = [(1.0 - pace) * old + pace * goal for old, goal in zip(self.agenda, goals, strict=True)]

    def accumulate(self) -> None:
        """Add what was created to the stock, along the agenda and where members bring knowledge."""
        p = self.p.rules.creation
        where = where_stock_grows(self.agenda, self.pooled, p.stock_by_supply)
        self.stock = [(1.0 - p.depreciation) * stock + p.stock_gain * self.created * weight
                      for stock, weight in zip(self.stock, where, strict=True)]  # fmt: skip

    def spread_leaks(self) -> None:
        """Let rivals gain from those who leaked."""
        victims = self.agents.select(lambda partner: partner.leaked)
        self.n_leaks = len(victims)
        victims.do("lose_to_rivals")

    def hold_tables(self) -> None:
        """Match members to each other: at most one matching table a domain."""
        members, n_domains = list(self.agents), len(self.stock)
        for domain in range(n_domains):
            if self.random.random() < self.effort.tables / n_domains:
                asking = [m.goals[domain] * m.priority * m.participation for m in members]
                if any(asking):
                    self.hold_table(members, domain, self.random.choices(members, asking)[0])

    def hold_table(self, members: list[IdiomaticPartner], domain: int, seeker: Any) -> None:
        """Let a member find another that can answer its question."""
        offering = [0.0 if m is seeker else m.offer(domain, len(self.stock)) for m in members]
        if any(offering):
            seeker.ask(self.p.rules.connecting, self.random.choices(members, offering)[0], self.steps)

    def forget_plan(self) -> None:
        """Let the plan go out of use with the representatives who made it."""
        self.plan *= 1.0 - self.p.rules.understanding.plan_carried * self.agents.agg("replaced", mean)

    def feel_common_shock(self) -> None:
        """Let common shocks wear off, and perhaps strike."""
        p = self.p.shocks.common
        harshness = self.random.expovariate(1.0) if self.random.random() < p.rate else 0.0
        blow = p.size * (harshness + (p.month == self.steps))
        self.common, self.struck = p.memory * self.common + blow, blow > 0.0

    def look_round(self) -> None:
        """Sum up what members see of each other: mean ethos, promises met and what is opened up."""
        self.mean_ethos = mean([partner.dna[3] for partner in self.agents])
        self.promises_met, self.disclosed = self.agents.agg("as_promised", sum), self.agents.agg("disclosure", sum)

    def age_plan(self, n_leavers: int) -> None:
        """Let time, departures and a common shock overtake the plan."""
        share = n_leavers / max(len(self.agents), 1)
        self.plan *= still_valid(self.p.rules.understanding, self.effort.pause > 0.0, share, self.struck)

    def understand(self) -> None:
        """Let shared understanding grow with taking part, slower across languages."""
        p = self.p.rules.understanding
        contact = self.agents.agg("participation", mean) + p.pause_gain * (self.effort.pause > 0.0)
        pace = p.rate / (1.0 + p.language_barrier * self.dna_distance(0))
        self.understanding = unit(self.understanding + pace * (1.0 - self.understanding) * contact)
