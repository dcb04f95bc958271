"""What the orchestrator may do (``Effort``) and what that costs (``Prices``)."""

import dataclasses

from sim.core.declare import Declared, param
from sim.model.arrays import Array, over_partners

MECHANISMS = ("safeguard", "bundle", "match_inside", "match_outside", "track", "intervene", "pause", "placebo")


class Prices(Declared):
    """What each mechanism costs the orchestrator."""

    safeguard: float = param(
        0.10, unit="effort/member", low=0.01, high=1, symbol="kS", doc="Full safeguarding of one member for a month"
    )
    bundle: float = param(
        0.06,
        unit="effort/member",
        low=0.01,
        high=1,
        symbol="kB",
        doc="Full bundling of one member's information for a month",
    )
    match: float = param(
        0.5, unit="effort/match", low=0.01, high=5, symbol="kC", doc="Brokering one match, inside or outside"
    )
    track: float = param(
        0.05, unit="effort/member", low=0.005, high=1, symbol="kT", doc="Assessing what one member captures"
    )
    intervene: float = param(
        1.0, unit="effort/member", low=0.05, high=10, symbol="kI", doc="One full intervention on one member"
    )
    pause: float = param(
        0.1, unit="effort/member", low=0.01, high=1, doc="Leading one member through a month of strategic pause"
    )


@dataclasses.dataclass(frozen=True)
class Effort:
    """What the orchestrator does this month. Arrays: (1, runs), or (partners, runs) where said.

    Everything but ``priority`` is paid for from the same budget (``cost_of``).
    """

    safeguard: Array
    """Share of sensitive information gathered and not distributed (0 to 1)."""
    bundle: Array
    """Share of the rest made general before it is shared (0 to 1)."""
    match_inside: Array
    """Expected matches between two members this month (0 to the number of domains)."""
    match_outside: Array
    """Probability of a match with an outside party, per member (0 to 1)."""
    track: Array
    """How closely each member's private capture is followed, per member (0 to 1)."""
    intervene: Array
    """Strength of an intervention, per member (0 to 1)."""
    priority: Array
    """Weight of each member at the inside matching tables, per member (0 or more); costs nothing."""
    pause: Array
    """Strength of a strategic pause this month (0: none, to 1); any pause stops creation."""
    placebo: Array
    """Effort spent on nothing that matters: a control."""

    def replace(self, **changes: Array) -> "Effort":
        """Copy with some actions replaced."""
        return dataclasses.replace(self, **changes)


def cost_of(effort: Effort, prices: Prices, members: Array) -> dict[str, Array]:
    """Price an effort, per mechanism: kS n S + kB n B + kC matches + kT track + kI help + kP n pause + placebo  (E22).

    Args:
        effort: what the orchestrator does this month.
        prices: what each mechanism costs.
        members: flags of who takes part, shape (partners, runs).

    Returns:
        Mechanism -> effort, shape (1, runs) or (1, 1); the sum is what the budget pays.
    """
    n = over_partners(members)

    def count(actions: Array) -> Array:
        return over_partners(actions * members) if actions.any() else n * 0.0

    return {
        "safeguard": prices.safeguard * n * effort.safeguard,
        "bundle": prices.bundle * n * effort.bundle,
        "match_inside": prices.match * effort.match_inside,
        "match_outside": prices.match * count(effort.match_outside),
        "track": prices.track * count(effort.track),
        "intervene": prices.intervene * count(effort.intervene),
        "pause": prices.pause * n * effort.pause,
        "placebo": effort.placebo * 1.0,
    }
