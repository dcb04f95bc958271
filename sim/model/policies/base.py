"""What a policy is: parameters, and a pure function from an observation to an effort."""

from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr, field_validator

from sim.core.declare import Declared, param
from sim.core.errors import InputError
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation

LONGEST_LABEL = 200
"""Most characters of a label."""

Targeting = Literal["estimate", "random", "perfect_information"]
"""What estimates of members rest on."""


class PolicyError(InputError):
    """A policy is unknown or returned what is not valid; the message says why and what to do."""


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
    targeting: ClassVar[Targeting | None] = None
    """What estimates of members rest on, if the policy decides it and not the scenario."""

    label: str = param(
        "", unit="text", source="configuration", doc="Its name in texts, tables and figures; changes no number"
    )
    pause: int = pause_of(0)
    _spec: str = PrivateAttr("")
    """The name or file by which it was asked for."""

    @field_validator("label")
    @classmethod
    def _readable(cls, label: str) -> str:
        text = label.strip()
        if not text.isprintable() or len(text) > LONGEST_LABEL or (label and not text):
            raise ValueError(
                f"{label[:60]!r}: give a text of at most {LONGEST_LABEL} printable characters, or leave the label out"
            )
        return text

    def start(self) -> Any:
        """Return the memory at month 1."""
        return None

    def sees(self) -> Targeting | None:
        """Tell what estimates of members rest on: as ``targeting`` says."""
        return self.targeting

    def plain(self, labelled: bool = True) -> dict[str, Any]:
        """Give the policy as plain data, which ``sim.find_policy`` takes: its name or file, and every parameter.

        Args:
            labelled: with the label, if it has one; without, what determines its numbers.
        """
        data = self.model_dump(mode="json", exclude={"function", "label"}, context={"labelled": labelled})
        label = {"label": self.label} if labelled and self.label else {}
        return {"name": self._spec or self.name, **label, **data}

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
