"""The policy of a player: what the effort of a month is spent on is a set of parameters."""

from typing import Any

from sim.core.declare import param
from sim.model.arrays import at_least, at_most, flag
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.policies.base import Policy


def _share(doc: str) -> Any:
    return param(0.0, unit="1", low=0, high=1, source="policy choice", doc=doc)


class ByHand(Policy):
    """Divide the month's effort as a player says; shares that add up to more than one are made smaller together."""

    name = "by_hand"

    safeguard: float = _share("Share of the effort for safeguarding")
    bundle: float = _share("Share of the effort for bundling")
    match_inside: float = _share("Share of the effort for introductions between members")
    match_outside: float = _share("Share of the effort for introductions outside")
    track: float = _share("Share of the effort for assessing what members capture")
    intervene: float = _share("Share of the effort for helping members")
    hold: float = _share("Strength of a strategic pause, after the initiation; it is paid first")

    def allocate(self, seen: Observation, budget: Any, memory: Any) -> tuple[Effort, Any]:
        """Spend a month's effort: a pause is paid first, and the shares divide the rest."""
        pauses = self.hold * flag(seen.month > seen.initiation_months)
        pause = pauses * at_most(seen.prices.pause * seen.n_members, budget)
        shares = (self.safeguard, self.bundle, self.match_inside, self.match_outside, self.track, self.intervene)
        safeguard, bundle, inside, outside, track, intervene = (
            share * (budget - pause) / at_least(sum(shares), 1.0) for share in shares
        )
        effort = seen.spend(
            safeguard=safeguard, bundle=bundle, inside=inside, outside=outside, track=track, intervene=intervene,
            pause=pause,
        )  # fmt: skip
        return effort, memory
