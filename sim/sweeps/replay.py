"""One run of a sweep made again, and compared with what is kept to the last bit."""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from sim.core.errors import InputError
from sim.engine.tables import Tables
from sim.model.scenario import Scenario
from sim.sweeps.operations import check_model, plan_in
from sim.sweeps.store import Store
from sim.sweeps.tasks import tables_of

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Again:
    """A run made again: its scenario, policy, seed and tables, and how many rows of each were compared."""

    run_id: str
    scenario: Scenario
    policy: str
    seed: int
    tables: Tables
    compared: dict[str, int] = dataclasses.field(default_factory=dict)

    def compare(self, name: str, held: "pd.DataFrame") -> None:
        """Compare a table with the rows that are kept.

        Raises:
            InputError: if a single bit differs.
        """
        made = self.tables["summary" if name == "runs" else name]
        assert made is not None
        bad = differing(made, held)
        if bad:
            raise InputError(
                f"run {self.run_id}: {name}, column {bad} is not the same; another NumPy or kind of machine made it, "
                "or the shard was changed"
            )
        self.compared[name] = len(held)


def again(store: Store, policy: str, point: int, seed: int) -> Again:
    """Make one run again, with every table."""
    check_model(store)
    plan = plan_in(store)
    (task,) = plan.tasks_for(policy, [point], [seed])
    (run_id,) = task.run_ids()
    tables = tables_of(dataclasses.replace(task, record=("series", "members", "events")), [run_id])
    scenario = next(g.scenario for g in plan.groups if g.scenario_text == task.scenario)
    swept = {path: values[0].item() for path, values in task.columns.items()}
    return Again(run_id, scenario.replace(**swept), policy, seed, tables)


def differing(made: "pd.DataFrame", held: "pd.DataFrame") -> str:
    """Name the first column in which two tables are not the same to the last bit; empty if none."""
    for column in held.columns:
        if column not in made or len(made) != len(held):
            return str(column)
        left, right = made[column].to_numpy(), held[column].to_numpy()
        decimal = left.dtype.kind == "f" and right.dtype.kind == "f"
        if not (np.array_equal(left, right, equal_nan=True) if decimal else bool((left == right).all())):
            return str(column)
    return ""
