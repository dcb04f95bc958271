"""Adaptive: protect as far as estimated risk and tension require; with tracking; and two controls."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import Array, any_nonzero, at_most, flag, over_partners, unit
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy, enough_contacts


class Adaptive(Policy):
    """Follow the tensions: safeguard as leaks look likely, bundle as interests clash, connect with part of the rest.

    S <- inertia S + (1 - inertia) unit((risk seen - low) / (high - low)); B likewise with interest
    tension, up to ``bundle_most``. Of what is left ``connect`` goes to matches; the rest stays idle.
    """

    name = "adaptive"

    risk_low: float = param(0.03, unit="1", low=0, high=1, doc="Mean risk seen below which safeguards are dropped")
    risk_high: float = param(0.13, unit="1", low=0, high=1, doc="Mean risk seen from which safeguarding is full")
    interest_low: float = param(0.2, unit="1", low=0, high=1, doc="Interest tension seen below which bundling stops")
    interest_high: float = param(0.6, unit="1", low=0, high=1, doc="Interest tension seen from which bundling is full")
    bundle_most: float = param(0.5, unit="1", low=0, high=1, doc="Most bundling used")
    inertia: float = param(0.5, unit="1", low=0, high=0.99, doc="How slowly levels follow what is seen")
    connect: float = param(0.5, unit="1", low=0, high=1, doc="Share of the remaining budget for matches")
    inside: float = param(0.5, unit="1", low=0, high=1, doc="Share of that for matches between members")
    least_risk: float = param(
        0.0,
        unit="1",
        low=0,
        high=1,
        doc="Risk seen from which a member's information is safeguarded; 0: that of all members",
    )
    enough: float = enough_contacts()

    def start(self) -> Any:
        """Remember the levels of safeguarding and bundling."""
        return {"safeguard": 0.0, "bundle": 0.0}

    def protect(self, seen: Observation, budget: Array, memory: Any) -> tuple[Array, Array, dict[str, Array]]:
        """Return the effort for safeguarding and bundling, and the levels to remember."""
        alarm = unit((seen.mean(seen.risk) - self.risk_low) / max(self.risk_high - self.risk_low, 1e-6))
        clash = unit((seen.tension_interest - self.interest_low) / max(self.interest_high - self.interest_low, 1e-6))
        levels = {
            "safeguard": self.inertia * memory["safeguard"] + (1.0 - self.inertia) * alarm,
            "bundle": self.inertia * memory["bundle"] + (1.0 - self.inertia) * self.bundle_most * clash,
        }
        n = over_partners(self.shielded(seen)) if any_nonzero(self.least_risk) else seen.n_members
        safeguard = at_most(levels["safeguard"] * seen.prices.safeguard * n, budget)
        bundle = at_most(levels["bundle"] * seen.prices.bundle * seen.n_members, budget - safeguard)
        return safeguard, bundle, levels

    def shielded(self, seen: Observation) -> Array:
        """Flag the members whose information is safeguarded: those that look at risk."""
        return seen.members * flag(seen.risk >= self.least_risk)

    def spend(self, seen: Observation, safeguard: Array, matches: Array, **rest: Any) -> Effort:
        """Turn effort into actions: safeguards for who looks at risk, outside matches for who lacks contacts."""
        shielded = self.shielded(seen) if any_nonzero(self.least_risk) else None
        effort = seen.spend(safeguard=safeguard, shielded=shielded, inside=self.inside * matches, **rest)
        outside = seen.spend(outside=(1.0 - self.inside) * matches, whom=seen.open_to_more(self.enough))
        return effort.replace(match_outside=outside.match_outside)

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Protect first, then connect with a part of what is left."""
        safeguard, bundle, levels = self.protect(seen, budget, memory)
        return self.spend(seen, safeguard, self.connect * (budget - safeguard - bundle), bundle=bundle), levels


class AdaptiveTracking(Adaptive):
    """Follow tensions, track private capture, connect, and help those judged to fall short.

    Help and inside matches go to members in proportion to how far they are thought to lie below the
    members' average in net benefit over aspiration, or, as far as ``expected_effect`` says, to how far help is expected
    to move them. Whether seeing better helps depends on the case: compare ``perfect_information`` and
    ``random_allocation``.
    """

    name = "adaptive_tracking"

    track: float = param(0.2, unit="1", low=0, high=1, doc="Share of the remaining budget for tracking")
    connect: float = param(0.4, unit="1", low=0, high=1, doc="Share of the remaining budget for matches")
    expected_effect: float = param(
        1.0, unit="1", low=0, high=1, doc="How far help goes where it should move most, and not where most is missing"
    )

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Protect first, then track, connect and help with all that is left."""
        safeguard, bundle, levels = self.protect(seen, budget, memory)
        rest = budget - safeguard - bundle
        matches = self.connect * rest
        track = at_most(self.track * rest, at_most(seen.prices.track * seen.n_members, rest - matches))
        whom = seen.below_average(seen.shortfall)
        if any_nonzero(self.expected_effect):
            whom = (1.0 - self.expected_effect) * whom + self.expected_effect * seen.moved_by_help()
        help_all = rest - matches - track
        chosen = self.spend(seen, safeguard, matches, bundle=bundle, intervene=help_all, whom=whom)
        return chosen.replace(track=seen.spend(track=track).track), levels


class RandomAllocation(AdaptiveTracking):
    """Control: the same spending, with help and matches going to members by chance."""

    name = "random_allocation"
    targeting = "random"


class PerfectInformation(AdaptiveTracking):
    """Control: the same spending, with members' shortfall and risk seen without error."""

    name = "perfect_information"
    targeting = "perfect_information"
