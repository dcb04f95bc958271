"""The policies that both Mesa forms know: those of sim/model/policies for one partnership, in plain floats."""

import dataclasses
import math
from typing import Any

from mesa_partner import Partner, unit


@dataclasses.dataclass
class Effort:
    """What the orchestrator does this month; ``help`` and ``priority`` per member, in the order of the members."""

    help: list[float]
    priority: list[float]
    safeguard: float = 0.0
    bundle: float = 0.0
    tables: float = 0.0
    outside: float = 0.0
    track: float = 0.0
    pause: float = 0.0

    def cost(self, prices: Any, n_members: int) -> float:
        """Price it."""
        of_a_member = (prices.safeguard * self.safeguard + prices.bundle * self.bundle + prices.match * self.outside
                       + prices.track * self.track + prices.pause * self.pause)  # fmt: skip
        return n_members * of_a_member + prices.match * self.tables + prices.intervene * sum(self.help)


def planned_pause(model: Any, n_members: int, budget: float) -> float:
    """Give the strength of this month's strategic pause, as far as it is planned and the budget allows."""
    since, full = model.steps - model.p.grant.initiation, model.p.prices.pause * n_members
    return min(budget / full, 1.0) if n_members and 0 < since <= model.policy.params.pause else 0.0


class Neutral:
    """Do nothing and observe nothing."""

    def __init__(self, params: Any) -> None:
        self.params = params

    def allocate(self, model: Any, members: list[Partner], budget: float, draws: Any) -> Effort:
        """Decide without observing."""
        return self.decide(model, 0.0, [0.0] * len(members), 0.0, budget)

    def decide(self, model: Any, risk: float, surplus: list[float], clash: float, budget: float) -> Effort:
        """Leave all effort idle."""
        return Effort([0.0] * len(surplus), [1.0] * len(surplus))


class AdaptiveTracking(Neutral):
    """Follow tensions, track private capture, connect, and help those judged to do worse than the average."""

    safeguard = bundle = 0.0

    def allocate(self, model: Any, members: list[Partner], budget: float, draws: Any) -> Effort:
        """Observe only what it uses: members' risk and surplus, and the interest tension."""
        errors, commitment, risk, surplus = model.p.rules.orchestrator, model.p.rules.commitment, 0.0, []
        for partner, risk_error, error in zip(members, draws.normals("risk_error", members),
                                              draws.normals("shortfall_error", members), strict=True):  # fmt: skip
            scale = 1.0 / math.sqrt(1.0 + partner.knowledge)
            risk += partner.latent_risk() + errors.risk_error * scale * risk_error
            expected = partner.base_aspiration + commitment.outside_option_pull * partner.contacts
            surplus.append(partner.benefit - expected + errors.benefit_error * scale * error)
        clash = unit(model.tension_interest + errors.tension_error * draws.interest_error())
        return self.decide(model, risk / max(len(members), 1), surplus, clash, budget)

    def decide(self, model: Any, risk: float, surplus: list[float], clash: float, budget: float) -> Effort:
        """Protect first, then track, connect and help with all that is left.

        Args:
            model: the partnership.
            risk: the mean latent risk seen.
            surplus: of each member, the net benefit over what it expects, as seen.
            clash: the interest tension seen.
            budget: effort to spend.
        """
        q, prices, n_members = self.params, model.p.prices, len(surplus)
        n = max(n_members, 1)
        mean_surplus = sum(surplus) / n
        chosen = [max(mean_surplus - own, 0.0) for own in surplus]
        alarm = unit((risk - q.risk_low) / max(q.risk_high - q.risk_low, 1e-6))
        clash = unit((clash - q.interest_low) / max(q.interest_high - q.interest_low, 1e-6))
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
            safeguard=unit(safeguard / (prices.safeguard * n)),
            bundle=unit(bundle / (prices.bundle * n)),
            tables=min(q.inside * matches / prices.match, float(len(model.stock))),
            outside=min((1.0 - q.inside) * matches / (prices.match * n), 1.0),
            track=min(track / (prices.track * n), 1.0),
        )


POLICIES = {"neutral": Neutral, "strategic_pause": Neutral, "adaptive_tracking": AdaptiveTracking}
