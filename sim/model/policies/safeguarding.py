"""Safeguarding: sensitive information is gathered and not distributed."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import Array, at_most
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


class Safeguarding(Policy):
    """Gather sensitive information and keep it, all the time.

    Lowers risk and leaks and teaches the orchestrator about its members; but all
    combining runs through the orchestrator, members cannot learn from each other, and trust has less evidence.
    """

    name = "safeguarding"

    level: float = param(1.0, unit="1", low=0, high=1, doc="Share of sensitive information that is safeguarded")

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Safeguard up to the level, as far as the budget goes."""
        return seen.spend(safeguard=at_most(self.level * seen.prices.safeguard * seen.n_members, budget)), memory
