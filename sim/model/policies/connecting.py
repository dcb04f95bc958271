"""Connecting: members are matched to parties outside and to each other."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy, enough_contacts


class Connecting(Policy):
    """Spend effort on matching members, outside and inside, all the time.

    Raises what members can capture; but every match takes their time, outside contacts open
    alternatives, and inside connections are lost with the partner.
    """

    name = "connecting"

    share: float = param(1.0, unit="1", low=0, high=1, doc="Share of the budget spent on matches")
    inside: float = param(
        0.5, unit="1", low=0, high=1, doc="Share of that for matches between members, as far as tables can be held"
    )

    enough: float = enough_contacts()

    def allocate(self, seen: Observation, budget: Array, memory: Any) -> tuple[Effort, Any]:
        """Split the effort between inside and outside matches; who has contacts enough gets no more."""
        effort = self.share * budget
        inside = seen.spend(inside=self.inside * effort)
        outside = seen.spend(outside=(1.0 - self.inside) * effort, whom=seen.open_to_more(self.enough))
        return inside.replace(match_outside=outside.match_outside), memory
