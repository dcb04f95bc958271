"""The policies that the Mesa twin knows: those of sim/policies for one partnership, in plain floats."""

import dataclasses
import math
from typing import Any

from mesa_partner import Partner, logistic, unit


@dataclasses.dataclass
class Effort:
    """What the orchestrator does this month; ``help`` and ``priority`` per member, in the order of the roll."""

    help: list[float]
    priority: list[float]
    safeguard: float = 0.0
    bundle: float = 0.0
    tables: float = 0.0
    outside: float = 0.0
    track: float = 0.0
    pause: float = 0.0


class Neutral:
    """Do nothing, look at nothing."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def allocate(self, model: Any, members: list[Partner], budget: float, luck: Any) -> Effort:
        """Leave all effort idle."""
        return Effort([0.0] * len(members), [1.0] * len(members))


class AdaptiveTracking(Neutral):
    """Follow tensions, track private capture, connect, and help those judged to fall short."""

    safeguard = bundle = 0.0

    def allocate(self, model: Any, members: list[Partner], budget: float, luck: Any) -> Effort:
        """Protect first, then track, connect and help with all that is left."""
        q, prices, errors, n = self.settings, model.p.prices, model.p.rules.orchestrator, max(len(members), 1)
        pull, risk, chosen = model.p.rules.commitment.pull, 0.0, []
        for partner, risk_error, error in zip(members, luck.normals("risk_error", members),
                                              luck.normals("shortfall_error", members), strict=True):  # fmt: skip
            scale = 1.0 / math.sqrt(1.0 + partner.knowledge)
            risk += partner.latent_risk() + errors.risk_error * scale * risk_error
            surplus = partner.benefit - partner.base_aspiration - pull * partner.contacts
            chosen.append(logistic(-(surplus + errors.benefit_error * scale * error) / q.width))
        alarm = unit((risk / n - q.risk_low) / max(q.risk_high - q.risk_low, 1e-6))
        clash = unit(model.tension_interest + errors.tension_error * luck.interest_error())
        clash = unit((clash - q.interest_low) / max(q.interest_high - q.interest_low, 1e-6))
        self.safeguard = q.inertia * self.safeguard + (1.0 - q.inertia) * alarm
        self.bundle = q.inertia * self.bundle + (1.0 - q.inertia) * q.bundle_most * clash
        safeguard = min(self.safeguard * prices.safeguard * len(members), budget)
        bundle = min(self.bundle * prices.bundle * len(members), budget - safeguard)
        rest = budget - safeguard - bundle
        matches = q.connect * rest
        track = min(q.track * rest, prices.track * len(members), rest - matches)
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
