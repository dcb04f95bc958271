"""What parameter sets give: runs of every list and of other partnerships, and their table."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.simulate import simulate
from sim.model.scenario import Scenario
from sim.studies.validation.list_spec import PartnershipFact
from sim.studies.validation.lists import Array, Counts, MemberList, read_lists, simulate_list

if TYPE_CHECKING:
    import pandas as pd

SEEDS_APART = 200_000
"""How far apart the seeds of two lists begin: what strikes one body does not strike another."""

Other = tuple[Scenario, PartnershipFact]
"""A partnership that is no list, and what is known of it."""


@dataclasses.dataclass(frozen=True)
class Runs:
    """What parameter sets gave: the counts of each list, and a number for each fact about partnerships; runs last."""

    counts: Mapping[str, Counts]
    partnerships: Mapping[str, Array]

    def without(self, name: str | None) -> "Runs":
        """Leave a list out."""
        return Runs({k: c for k, c in self.counts.items() if k != name}, self.partnerships)

    @staticmethod
    def joined(parts: Sequence["Runs"]) -> "Runs":
        """Lay runs side by side."""
        first = parts[0]
        return Runs(
            {name: Counts.joined([p.counts[name] for p in parts]) for name in first.counts},
            {name: np.concatenate([p.partnerships[name] for p in parts]) for name in first.partnerships},
        )


@dataclasses.dataclass(frozen=True)
class Task:
    """What a worker simulates: every list, and the other partnerships, for some parameter sets."""

    lists: Mapping[str, MemberList]
    scenario: Scenario
    changes: Mapping[str, Mapping[str, Any]]
    others: Mapping[str, Other]
    rows: "pd.DataFrame"
    seed: int


def simulate_sets(task: Task) -> Runs:
    """Simulate every list once for each parameter set, on seeds of its own, and the other partnerships."""
    rows, seed = task.rows, task.seed
    order = {name: k for k, name in enumerate(dict.fromkeys([*read_lists(), *task.lists]))}
    columns = {str(path): rows[path].to_numpy() for path in rows}
    first = {name: seed + SEEDS_APART * order.get(name, 0) for name in task.lists}
    counts = {
        name: simulate_list(
            real,
            task.scenario.replace(**task.changes.get(name, {})),
            range(first[name], first[name] + len(rows)),
            columns,
        )
        for name, real in task.lists.items()
    }
    return Runs(counts, {name: _partnerships(*other, columns, seed) for name, other in task.others.items()})


def _partnerships(scenario: Scenario, fact: PartnershipFact, columns: Mapping[str, Array], seed: int) -> Array:
    """Give a fact about partnerships for each parameter set; what the scenario sets itself stays; shape (sets,)."""
    free = {path: values for path, values in columns.items() if path not in fact.changes}
    n_sets, n = len(next(iter(columns.values()))), fact.replications
    seeds = np.tile(np.arange(seed, seed + n), n_sets).tolist()
    tiled = {path: np.repeat(values, n).tolist() for path, values in free.items()}
    outcome = simulate(scenario, seeds, "neutral", record=(), columns=tiled).summary[fact.outcome].to_numpy(dtype=float)
    values = outcome if fact.at_least is None else (outcome >= fact.at_least) * 1.0
    means: Array = values.reshape(n_sets, n).mean(axis=1)
    return means


def as_table(runs: Runs) -> "pd.DataFrame":
    """Lay runs out as a table: a row per run, a column per number."""
    import pandas as pd

    columns: dict[str, Array] = {}
    for name, c in runs.counts.items():
        for field in dataclasses.fields(Counts):
            values = getattr(c, field.name).reshape(-1, c.founders.shape[-1])
            columns |= {f"{name}.{field.name}.{k}": row for k, row in enumerate(values)}
    return pd.DataFrame(columns | {f"partnership.{name}": values for name, values in runs.partnerships.items()})


def from_table(table: "pd.DataFrame", lists: Sequence[str], others: Sequence[str]) -> Runs:
    """Read runs back; the inverse of ``as_table``."""
    result = {}
    for name in lists:
        fields = {}
        for field, shape in count_shapes().items():
            n = int(np.prod(shape, dtype=int))
            values = np.stack([table[f"{name}.{field}.{k}"].to_numpy(dtype=float) for k in range(n)])
            fields[field] = values.reshape(*shape, len(table))
        result[name] = Counts(**fields)
    return Runs(result, {name: table[f"partnership.{name}"].to_numpy(dtype=float) for name in others})


def count_shapes() -> dict[str, tuple[int, ...]]:
    """Give the shape of each field of ``Counts``, without its runs."""
    example = next(iter(read_lists().values())).facts()
    return {f.name: getattr(example, f.name).shape[:-1] for f in dataclasses.fields(Counts)}
