"""What the orchestrator may do (``Effort``) and what that costs (``Prices``)."""

import dataclasses

from sim.core.declare import Declared, param, variable, variables
from sim.model.arrays import Array, over_partners, weighted


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
    """What the orchestrator does this month: arrays of shape (1, runs), or (partners, runs) for single members.

    Everything but ``priority`` is paid for from the same budget (``cost_of``).
    """

    # fmt: off
    safeguard: Array = variable("partner", unit="1", low=0, high=1, doc="Share of a member's sensitive information gathered and not distributed; one value for all, or each its own")
    bundle: Array = variable("run", unit="1", low=0, high=1, doc="Share of the rest made general before it is shared")
    match_inside: Array = variable("run", unit="matches", low=0, doc="Expected matches between two members this month, at most one per domain")
    match_outside: Array = variable("partner", unit="1", low=0, high=1, doc="Probability that a member is matched to an outside party")
    track: Array = variable("partner", unit="1", low=0, high=1, doc="How closely a member's private capture is followed")
    intervene: Array = variable("partner", unit="1", low=0, high=1, doc="Strength of an intervention on a member")
    priority: Array = variable("partner", unit="1", low=0, doc="Weight of a member at the inside matching tables; costs nothing")
    pause: Array = variable("run", unit="1", low=0, high=1, doc="Strength of a strategic pause this month; any pause stops creation")
    placebo: Array = variable("run", unit="effort", low=0, doc="Effort spent to no effect: a control")
    # fmt: on

    def replace(self, **changes: Array) -> "Effort":
        """Copy with some actions replaced."""
        return dataclasses.replace(self, **changes)


ACTIONS = variables(Effort)
"""Every field of ``Effort`` with its declaration."""

MECHANISMS = tuple(name for name in ACTIONS if name != "priority")
"""What the budget pays for."""

PER_PARTNER = tuple(name for name, facts in ACTIONS.items() if facts["axes"] == "partner")
"""Actions that may differ between members."""


def largest_action(action: str, n_domains: int) -> float:
    """Give the largest value that an action may have; inside matches are limited to one per domain."""
    return float(n_domains) if action == "match_inside" else float(ACTIONS[action]["high"])


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
        "safeguard": prices.safeguard * n * weighted(effort.safeguard, members),
        "bundle": prices.bundle * n * effort.bundle,
        "match_inside": prices.match * effort.match_inside,
        "match_outside": prices.match * count(effort.match_outside),
        "track": prices.track * count(effort.track),
        "intervene": prices.intervene * count(effort.intervene),
        "pause": prices.pause * n * effort.pause,
        "placebo": effort.placebo * 1.0,
    }
