"""The policies that both Mesa forms know: those of sim/model/policies for one partnership, in plain floats."""

import dataclasses
import math
from typing import Any

from mesa_partner import Partner, logistic, unit


@dataclasses.dataclass
class Effort:
    """What the orchestrator does this month; what is a list is per member, in the order of the members."""

    help: list[float]
    priority: list[float]
    outside: list[float]
    safeguard: float = 0.0
    bundle: float = 0.0
    tables: float = 0.0
    track: float = 0.0
    pause: float = 0.0

    def cost(self, prices: Any, n_members: int) -> float:
        """Price it."""
        of_a_member = (prices.safeguard * self.safeguard + prices.bundle * self.bundle + prices.track * self.track
                       + prices.pause * self.pause)  # fmt: skip
        matches = self.tables + sum(self.outside)
        return n_members * of_a_member + prices.match * matches + prices.intervene * sum(self.help)


@dataclasses.dataclass
class Seen:
    """What the orchestrator sees: mean latent risk, the interest tension, and of each member two estimates.

    ``surplus`` is net benefit over what the member expects, ``captured`` the share of its need that it captured.
    """

    risk: float = 0.0
    clash: float = 0.0
    surplus: list[float] = dataclasses.field(default_factory=list)
    captured: list[float] = dataclasses.field(default_factory=list)


def planned_pause(model: Any, n_members: int, budget: float) -> float:
    """Give the strength of this month's strategic pause, as far as it is planned and the budget allows."""
    since, full = model.steps - model.p.grant.initiation, model.p.prices.pause * n_members
    return min(budget / full, 1.0) if n_members and 0 < since <= model.policy.params.pause else 0.0


def mean(values: list[Any]) -> float:
    """Average, with 0 for nobody."""
    return sum(values) / len(values) if values else 0.0


class Neutral:
    """Do nothing and observe nothing."""

    def __init__(self, params: Any) -> None:
        self.params = params

    def allocate(self, model: Any, members: list[Partner], budget: float, draws: Any) -> Effort:
        """Decide without observing."""
        return self.decide(model, members, Seen(), budget)

    def decide(self, model: Any, members: list[Partner], seen: Seen, budget: float) -> Effort:
        """Leave all effort idle."""
        return Effort(help=[0.0] * len(members), priority=[1.0] * len(members), outside=[0.0] * len(members))

    def match_outside(self, model: Any, members: list[Partner], effort: float) -> list[float]:
        """Spread matches with outside parties evenly over the members that have too few contacts."""
        lacking = [partner.contacts < self.params.enough for partner in members]
        chance = min(effort / (model.p.prices.match * max(sum(lacking), 1)), 1.0)
        return [chance if lacks else 0.0 for lacks in lacking]


class Connecting(Neutral):
    """Spend a share of the budget on matches, inside as far as tables can be held, and outside."""

    def decide(self, model: Any, members: list[Partner], seen: Seen, budget: float) -> Effort:
        """Split it between tables and outside matches."""
        effort, idle = self.params.share * budget, super().decide(model, members, seen, budget)
        return dataclasses.replace(
            idle,
            tables=min(self.params.inside * effort / model.p.prices.match, float(len(model.stock))),
            outside=self.match_outside(model, members, (1.0 - self.params.inside) * effort),
        )


class AdaptiveTracking(Neutral):
    """Follow tensions, track private capture, connect, and help those judged to fall short or to be moved by help."""

    safeguard = bundle = 0.0

    def allocate(self, model: Any, members: list[Partner], budget: float, draws: Any) -> Effort:
        """Observe only what it uses."""
        errors, seen, risk = model.p.rules.orchestrator, Seen(), 0.0
        blurs = [1.0 / math.sqrt(1.0 + partner.knowledge) for partner in members]
        risk_errors, surplus_errors = draws.normals("risk_error", members), draws.normals("shortfall_error", members)
        for partner, blur, risk_error, error in zip(members, blurs, risk_errors, surplus_errors, strict=True):
            risk += partner.latent_risk() + errors.risk_error * blur * risk_error
            surplus = partner.benefit - partner.expected(model.p.rules.commitment, model.half_contacts)
            seen.surplus.append(surplus + errors.benefit_error * blur * error)
        if self.params.expected_effect:
            drawn = draws.normals("capture_error", members)
            seen.captured = [unit(partner.needs_met / partner.need + errors.capture_error * blur * error)
                             for partner, blur, error in zip(members, blurs, drawn, strict=True)]  # fmt: skip
        seen.risk = risk / max(len(members), 1)
        seen.clash = unit(model.tension_interest + errors.tension_error * draws.interest_error())
        return self.decide(model, members, seen, budget)

    def decide(self, model: Any, members: list[Partner], seen: Seen, budget: float) -> Effort:
        """Protect first, then track, connect and help with all that is left."""
        q, prices, n_members = self.params, model.p.prices, len(members)
        n, chosen = max(n_members, 1), self.choose(members, seen)
        alarm = unit((seen.risk - q.risk_low) / max(q.risk_high - q.risk_low, 1e-6))
        clash = unit((seen.clash - q.interest_low) / max(q.interest_high - q.interest_low, 1e-6))
        self.safeguard = q.inertia * self.safeguard + (1.0 - q.inertia) * alarm
        self.bundle = q.inertia * self.bundle + (1.0 - q.inertia) * q.bundle_most * clash
        safeguard = min(self.safeguard * prices.safeguard * n_members, budget)
        bundle = min(self.bundle * prices.bundle * n_members, budget - safeguard)
        rest = budget - safeguard - bundle
        matches = q.connect * rest
        track = min(q.track * rest, prices.track * n_members, rest - matches)
        each = (rest - matches - track) / (prices.intervene * max(sum(chosen), 1e-12))
        return Effort(
            help=[min(weight * each, 1.0) for weight in chosen],
            priority=chosen,
            outside=self.match_outside(model, members, (1.0 - q.inside) * matches),
            safeguard=unit(safeguard / (prices.safeguard * n)),
            bundle=unit(bundle / (prices.bundle * n)),
            tables=min(q.inside * matches / prices.match, float(len(model.stock))),
            track=min(track / (prices.track * n), 1.0),
        )

    def choose(self, members: list[Partner], seen: Seen) -> list[float]:
        """Weigh members by how far they are below the average and, as far as expected, by how far help moves them."""
        average, moved = mean(seen.surplus), self.params.expected_effect
        chosen = [max(average - surplus, 0.0) for surplus in seen.surplus]
        if not moved:
            return chosen
        return [(1.0 - moved) * short + moved * moved_by_help(partner, surplus, captured)
                for partner, short, surplus, captured
                in zip(members, chosen, seen.surplus, seen.captured, strict=True)]  # fmt: skip


def moved_by_help(partner: Partner, surplus: float, captured: float) -> float:
    """Estimate how far help would move a member to stay: most on the edge, with much to gain, and there to use it."""
    edge = logistic(2.0 * surplus)
    return 4.0 * edge * (1.0 - edge) * (1.0 - captured) * partner.participation


POLICIES = {
    "neutral": Neutral,
    "strategic_pause": Neutral,
    "connecting": Connecting,
    "adaptive_tracking": AdaptiveTracking,
}
