"""The game when it is over: the outcomes beside those of other ways of governing, and what members really felt."""

from typing import Any

import numpy as np

from sim.engine.batch import Batch
from sim.engine.simulate import simulate
from sim.lab.game import ROUND, ROUNDS, Convened
from sim.lab.rounds import TENSIONS
from sim.lab.stories import MONTHS, case
from sim.model.policies import POLICIES, Policy
from sim.model.sectors import SECTORS

OUTCOMES = ("retention", "private_value", "collective_value", "society_value", "private_fairness", "effort_spent")
LEFT = ("exits_satisfied", "exits_frustrated", "exits_other")


def score(scenario: str, seed: int, decisions: str) -> dict[str, Any]:
    """Give the outcomes of the decisions: those of ``simulate`` with the same policy."""
    return _outcomes(scenario, seed, Convened(decisions=decisions))


def yardsticks(scenario: str, seed: int) -> list[dict[str, Any]]:
    """Give the outcomes of every shipped policy in the same world."""
    return [{"policy": policy.name} | _outcomes(scenario, seed, policy()) for policy in POLICIES]


def _outcomes(scenario: str, seed: int, policy: Policy) -> dict[str, Any]:
    row = simulate(case(scenario), [seed], policy, MONTHS, record=("summary",)).summary.iloc[0]
    return {name: float(row[name]) for name in (*OUTCOMES, *LEFT)}


def uncover(scenario: str, seed: int, decisions: str) -> dict[str, Any]:
    """Give, month by month, what was felt; and, at the start of each round, what could be seen of it.

    Of each sector: engagement beside attendance, and net benefit over what members hope for (value/month) beside
    the guess at it; means over those who take part, None where nobody does. And each tension beside its estimate.
    """
    batch = Batch(case(scenario), [seed], Convened(decisions=decisions))
    months = [batch.advance()[:2] for _ in range(MONTHS)]
    founded = [k for k in range(len(SECTORS)) if np.any(months[0][0].sector[:, 0] == k)]
    felt, tensions = {}, {}
    for k in founded:
        rows = [
            (
                _mean(before.engagement, flows, k),
                _mean(flows.seen.attendance, flows, k),
                _mean(flows.shortfall, flows, k),
                _mean(flows.seen.shortfall, flows, k),
            )
            for before, flows in months
        ]
        engagement, attendance, surplus, guess = (list(column) for column in zip(*rows, strict=True))
        felt[SECTORS[k]] = {
            "engagement": {"true": engagement, "seen": attendance[::ROUND]},
            "surplus": {"true": surplus, "seen": guess[::ROUND]},
        }
    for name in TENSIONS:
        true = [float(getattr(before, name)[0, 0]) for before, _ in months]
        seen = [float(getattr(flows.seen, name)[0, 0]) for _, flows in months[::ROUND]]
        tensions[name.removeprefix("tension_")] = {"true": true, "seen": seen}
    assert len(months) == ROUND * ROUNDS
    return {"felt": felt, "tensions": tensions}


def _mean(values: Any, flows: Any, k: int) -> float | None:
    seen = flows.seen
    who = (seen.members[:, 0] > 0) & (seen.sectors[:, 0] == k)
    return float(values[who, 0].mean()) if who.any() else None
