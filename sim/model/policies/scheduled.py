"""A schedule: safeguard first and connect later; and, as a control, the other way round."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import Array, at_most
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


class Scheduled(Policy):
    """Safeguard for some months, then connect: the timing the case study's authors suggest."""

    name = "scheduled"

    months: int = param(12, unit="months", low=0, high=600, doc="Months before the switch")

    def _guards(self, month: int) -> bool:
        return month <= self.months

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Safeguard or connect, by the calendar."""
        if self._guards(seen.month):
            return seen.spend(safeguard=at_most(seen.prices.safeguard * seen.n_members, budget)), memory
        return seen.spend(inside=0.5 * budget, outside=0.5 * budget), memory


class ReversedSchedule(Scheduled):
    """Control: connect first and safeguard later."""

    name = "reversed_schedule"

    def _guards(self, month: int) -> bool:
        return month > self.months
