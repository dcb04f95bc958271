"""Neutral: the orchestrator convenes and does nothing more; and the same with a strategic pause."""

from typing import Any

from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation, no_effort
from sim.model.policies.base import Policy, pause_of


class Neutral(Policy):
    """Do nothing: the yardstick for every other policy."""

    name = "neutral"

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Leave all effort idle."""
        return no_effort(seen), memory


class StrategicPause(Neutral):
    """Hold a strategic pause and do nothing more: a plan for collective and individual value."""

    name = "strategic_pause"

    pause: int = pause_of(3)
