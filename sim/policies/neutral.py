"""Neutral: the orchestrator convenes and does nothing more; and the same with a strategic pause."""

from typing import Any

from sim.declare import param
from sim.effort import Effort
from sim.observation import Observation, no_effort
from sim.policies.base import Policy


class Neutral(Policy):
    """Do nothing: the yardstick for every other policy."""

    name = "neutral"

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        """Leave all effort idle."""
        return no_effort(seen), memory


class StrategicPause(Neutral):
    """Hold a strategic pause and do nothing more: a plan for collective and individual value."""

    name = "strategic_pause"

    pause: int = param(
        3,
        unit="months",
        low=0,
        high=60,
        source="a strategic pause between initiation and implementation (Het Klimaatkantoor 2020)",
        doc="Length of a strategic pause, straight after the initiation",
    )
