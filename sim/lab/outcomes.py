"""What many worlds say: bands over the months for each policy, and paired differences between two.

Numbers are those of ``simulate`` and ``differences``, as in ``partnership compare``; only quantiles are taken here.
"""

import dataclasses
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

import numpy as np

from sim.analysis.paired import differences
from sim.engine.batch import Batch
from sim.lab.settings import Asked
from sim.lab.stories import MONTHS
from sim.model.outcomes.series import SERIES
from sim.model.outcomes.summary import SUMMARY
from sim.model.sectors import SECTORS

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COMPARED = ("retention", "collective_value", "private_value", "society_value")
PREVIEW = 250
"""Replications simulated at a time, and shown while the hand moves."""

SHOWN = {"members": "n_founders", "collective": "value_created", "society": "society_value"}
MEASURED = tuple(
    o for o in SERIES if o.name in ("n_members", *SHOWN.values()) or o.name in {f"captured_{s}" for s in SECTORS}
)
ENDS = tuple(o for o in SUMMARY if o.name in COMPARED)


Give = Callable[[dict[Any, Any]], Awaitable[list[Any]]]
"""Gives the result of each task, under the key that determines it (``Workers.give``)."""

Held = Callable[[Collection[Any]], list[Any] | None]
"""Gives what is remembered under these keys, or nothing if one is not (``Workers.held``)."""


@dataclasses.dataclass(frozen=True)
class Part:
    """Some worlds under one policy: how they end, and a row a world of each curve; of the first worlds, their bands."""

    policy: str
    ends: dict[str, Any]
    rows: dict[str, Any]
    bands: dict[str, Any]

    @property
    def nbytes(self) -> int:
        """Bytes of the rows, which are most of it."""
        return sum(values.nbytes for values in self.rows.values())


async def settle(place: Asked, policies: Sequence[str], runs: int, give: Give, held: Held) -> list[Any]:
    """Give what ``of_policy`` gives for each policy, and what ``judge`` says: a turn for some worlds, then the next."""
    keys = [(place, p, runs) for p in policies]
    if known := held([*keys, ("judge", *keys)]):
        return known
    turns = zip(*(_parts(place, p, runs) for p in policies), strict=True)
    by_policy = list(zip(*[await give({call: (of_worlds, *call) for call in calls}) for calls in turns], strict=True))
    tasks: dict[Any, Any] = {key: (gather, parts) for key, parts in zip(keys, by_policy, strict=True)}
    return await give({**tasks, ("judge", *keys): (judge, *map(summary, by_policy))})


def of_policy(asked: Asked, policy: str, runs: int) -> dict[str, Any]:
    """Simulate the first worlds under one policy: the summary, and quantiles a month of each curve."""
    return gather([of_worlds(*call) for call in _parts(asked, policy, runs)])


def of_worlds(asked: Asked, policy: str, first: int, count: int, engine: str = "numpy") -> Part:
    """Simulate some worlds under one policy, at once, and measure only what the page shows."""
    batch = Batch(asked.model(), range(first, first + count), policy, engine=engine)
    months = [measured for measured, *_ in batch.go(MONTHS, MEASURED, watched=False)]
    history = dict(zip((o.name for o in MEASURED), np.concatenate(months, axis=1), strict=True))
    found = {name: history[column] for name, column in SHOWN.items()}
    founders = batch.state.sector[batch.state.founder[:, 0] > 0, 0]  # the same in every world, by quota
    for k, sector in enumerate(SECTORS):
        if number := int((founders == k).sum()):
            found[f"private_{sector}"] = np.cumsum(history[f"captured_{sector}"], axis=0) / number
    ends = {o.name: o.measure(history, batch.state)[:count] for o in ENDS}
    rows = {name: values.T[:count] for name, values in found.items()}
    return Part(policy, ends, rows, {} if first else {name: _quantiles(values) for name, values in rows.items()})


def gather(parts: Sequence[Part]) -> dict[str, Any]:
    """Join the worlds of one policy: the summary, and quantiles a month of each curve."""
    rows = {name: np.concatenate([p.rows[name] for p in parts]) for name in parts[0].rows}
    return {"summary": summary(parts), "curves": {name: _quantiles(values) for name, values in rows.items()}}


def summary(parts: Sequence[Part]) -> Any:
    """Give a row a world, from world 0 on."""
    import pandas as pd

    ends = {name: np.concatenate([p.ends[name] for p in parts]) for name in COMPARED}
    return pd.DataFrame({"seed": np.arange(len(ends["retention"])), "policy": parts[0].policy, **ends})


def judge(one: Any, other: Any) -> list[dict[str, Any]]:
    """Compare two summaries world by world, as ``partnership compare`` does: with neutral, or else with the first."""
    import pandas as pd

    both = pd.concat([one, other], ignore_index=True)
    names = list(both["policy"].unique())
    base = "neutral" if "neutral" in names else names[0]
    rows = differences(both, base, COMPARED)
    kept = ["policy", "baseline", "outcome", "difference", "low", "high", "worlds", "better", "verdict"]
    return [{str(k): v for k, v in row.items()} for row in rows[kept].to_dict("records")]


def _parts(asked: Asked, policy: str, runs: int) -> list[tuple[Asked, str, int, int]]:
    """Give the calls of ``of_worlds`` that make the first worlds."""
    return [(asked, policy, first, min(PREVIEW, runs - first)) for first in range(0, runs, PREVIEW)]


def _quantiles(values: Any) -> list[list[float]]:
    """Give a row of numbers a month for each quantile."""
    return [[round(float(v), 4) for v in row] for row in np.quantile(values, QUANTILES, axis=0)]
