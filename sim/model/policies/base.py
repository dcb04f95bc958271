"""What a policy is: settings, and a pure function from what is seen to what is done."""

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


class Policy(Declared):
    """A way of governing. Subclasses say what they do in ``allocate``; every policy can hold a pause."""

    name: ClassVar[str] = ""
    targeting: ClassVar[Literal["estimate", "random", "perfect_information"] | None] = None
    """What member estimates rest on, where the policy and not the scenario decides."""

    pause: int = pause_of(0)

    def start(self) -> Any:
        """Give the memory at month 1."""
        return None

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Decide this month's effort from what is seen; gives the effort and the memory for next month.

        ``budget`` and every array have runs last; a policy must treat each run by itself.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method allocate(seen, budget, memory)")
