"""A fixed mix: the same share of the budget for each mechanism, every month."""

from typing import Any

from pydantic import model_validator

from sim.core.declare import param
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


def _share(value: float, doc: str) -> float:
    return param(value, unit="share of budget", low=0, high=1, doc=doc)


class FixedMix(Policy):
    """Divide the budget in fixed shares; what is left over stays idle."""

    name = "fixed_mix"

    safeguard: float = _share(0.2, "For safeguarding")
    bundle: float = _share(0.1, "For bundling")
    inside: float = _share(0.2, "For matches between members")
    outside: float = _share(0.2, "For matches with outside parties")
    track: float = _share(0.1, "For tracking what members capture")
    intervene: float = _share(0.2, "For interventions, spread over all members")

    @model_validator(mode="after")
    def _within_budget(self) -> "FixedMix":
        total = self.safeguard + self.bundle + self.inside + self.outside + self.track + self.intervene
        if total > 1.0 + 1e-9:
            raise ValueError(f"the shares of fixed_mix sum to {total:g}; at most 1 can be spent: lower some")
        return self

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Spend each share."""
        return seen.spend(
            safeguard=self.safeguard * budget,
            bundle=self.bundle * budget,
            inside=self.inside * budget,
            outside=self.outside * budget,
            track=self.track * budget,
            intervene=self.intervene * budget,
        ), memory
