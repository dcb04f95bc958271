"""A policy of your own: connect members, and help those that have captured least."""

from sim import Effort, Observation


def allocate(seen: Observation, budget, memory) -> tuple[Effort, object]:
    """Spend half on inside matches, half on help; members that captured less get more of both."""
    least_first = 1.0 - seen.captured
    return seen.spend(inside=0.5 * budget, intervene=0.5 * budget, whom=least_first), memory
