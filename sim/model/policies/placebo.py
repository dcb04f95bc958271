"""Placebo: spend the whole budget to no effect (a control for spending itself)."""

from typing import Any

from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


class Placebo(Policy):
    """Control: pay the same, do nothing."""

    name = "placebo"

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Spend all of it to no effect."""
        return seen.spend(placebo=budget), memory
