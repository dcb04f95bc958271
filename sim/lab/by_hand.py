"""The policy of a player: what the effort of a month is spent on is a set of parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.core.declare import param
from sim.engine.batch import Batch
from sim.model.arrays import Array, at_least, at_most, flag
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.outcomes.series import measure, series_of
from sim.model.policies.base import Policy
from sim.model.scenario import Scenario


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


def hand_of(effort: Mapping[str, float]) -> ByHand:
    """Give the policy of a month of a game.

    Args:
        effort: shares of the budget by action, as the page names them.
    """
    return ByHand(**{"hold" if action == "pause" else action: share for action, share in effort.items()})


def play(
    scenario: Scenario, seeds: Sequence[int], hands: Sequence[ByHand], months: int
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Play the same game with every seed.

    Args:
        scenario: the partnership.
        seeds: one whole number per run.
        hands: the policy of each month; in the months after the last one nothing is done.
        months: how many.

    Returns:
        The monthly outcomes, each of shape (months, runs), and the outcomes of each run, by name.
    """
    batch, rows = Batch(scenario, seeds, ByHand()), []
    outcomes = series_of(batch.sectors)
    for month in range(months):
        batch = batch.under(hands[month] if month < len(hands) else ByHand())
        _, flows, after = batch.advance()
        rows.append(np.array(measure(outcomes, after, flows, batch.params)))
    history = dict(zip((o.name for o in outcomes), np.moveaxis(np.array(rows), 1, 0), strict=True))
    summary = {o.name: o.measure(history, batch.state)[: batch.n_runs] for o in batch.own.outcomes}
    return {name: values[:, : batch.n_runs] for name, values in history.items()}, summary
