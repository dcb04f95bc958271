"""What a policy is: parameters, and a pure function from an observation to an effort."""

from typing import Any, ClassVar, Literal

from sim.core.declare import Declared, param
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation


def pause_of(months: int) -> int:
    """Declare a strategic pause of some months by default."""
    return param(
        months,
        unit="months",
        low=0,
        high=60,
        source="a strategic pause between initiation and implementation (Het Klimaatkantoor 2020)",
        doc="Length of a strategic pause, straight after the initiation",
    )


def enough_contacts() -> float:
    """Declare how many outside contacts are enough: what a further one brings falls, what it costs in time does not."""
    return param(
        3.0,
        unit="contacts",
        low=0,
        high=1000,
        doc="Outside contacts from which a member is matched to no more; what does not go to matches stays idle",
    )


class Policy(Declared):
    """A way in which the orchestrator spends its effort: subclasses define ``allocate``; all can hold a pause."""

    name: ClassVar[str] = ""
    targeting: ClassVar[Literal["estimate", "random", "perfect_information"] | None] = None
    """What estimates of members rest on, if the policy decides it and not the scenario."""

    pause: int = pause_of(0)

    def start(self) -> Any:
        """Return the memory at month 1."""
        return None

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Decide this month's effort.

        Args:
            seen: what the orchestrator knows.
            budget: effort it may spend, shape (1, runs), after a planned pause.
            memory: what the policy remembered last month; at month 1 what ``start`` returns.

        Returns:
            The effort, made by ``seen.spend(...)``, and the memory for next month. Runs are the last axis, and each
            run is decided by itself.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method allocate(seen, budget, memory)")
