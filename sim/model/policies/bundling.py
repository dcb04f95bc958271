"""Bundling: information is made general, so that members can decide together."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import Array, at_most
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


class Bundling(Policy):
    """Make information general before it is shared, all the time.

    Cheap; lowers leaks and the clash of interests and moves the agenda to shared goals; but results
    become too general for a member to use.
    """

    name = "bundling"

    level: float = param(1.0, unit="1", low=0, high=1, doc="Share of information that is bundled")

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Bundle up to the level, as far as the budget goes."""
        return seen.spend(bundle=at_most(self.level * seen.prices.bundle * seen.n_members, budget)), memory
