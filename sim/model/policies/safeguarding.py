"""Safeguarding: sensitive information is gathered and not distributed."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import Array, any_nonzero, at_most, flag, over_partners
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


class Safeguarding(Policy):
    """Gather sensitive information and keep it, all the time; of all members, or of those that look at risk.

    Lowers risk and leaks and teaches the orchestrator about its members; but all
    combining runs through the orchestrator, members cannot learn from each other, and trust has less evidence.
    """

    name = "safeguarding"

    level: float = param(1.0, unit="1", low=0, high=1, doc="Share of sensitive information that is safeguarded")
    least_risk: float = param(
        0.0,
        unit="1",
        low=0,
        high=1,
        doc="Estimated risk from which a member's information is safeguarded; 0: that of all members",
    )

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Safeguard up to the level, as far as the budget goes."""
        price = self.level * seen.prices.safeguard
        if not any_nonzero(self.least_risk):
            return seen.spend(safeguard=at_most(price * seen.n_members, budget)), memory
        shielded = seen.members * flag(seen.risk >= self.least_risk)
        return seen.spend(safeguard=at_most(price * over_partners(shielded), budget), shielded=shielded), memory
