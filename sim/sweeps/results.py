"""A sweep's folder read back: its tables, SQL over them without loading them, and any run made again."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.engine.tables import Tables
from sim.model.outcomes import remember
from sim.model.policies.registry import is_shipped, label
from sim.model.scenario import Scenario
from sim.sweeps.export import export, form_of
from sim.sweeps.operations import check_model, plan_in
from sim.sweeps.sql import ORDER, query
from sim.sweeps.status import Status, lacking, status_of
from sim.sweeps.store import Store
from sim.sweeps.tasks import tables_of

if TYPE_CHECKING:
    import pandas as pd


@dataclasses.dataclass(frozen=True)
class Replay:
    """A run made again: its scenario, policy, seed and tables, and how many rows of each were compared."""

    run_id: str
    scenario: Scenario
    policy: str
    seed: int
    tables: Tables
    compared: dict[str, int] = dataclasses.field(default_factory=dict)

    def compare(self, name: str, stored: "pd.DataFrame") -> None:
        """Compare a table with the rows that are kept.

        Raises:
            InputError: if a single bit differs.
        """
        made = self.tables["summary" if name == "runs" else name]
        assert made is not None
        bad = differing(made, stored)
        if bad:
            raise InputError(
                f"run {self.run_id}: {name}, column {bad} is not the same; another NumPy or kind of machine made it, "
                "or the shard was changed"
            )
        self.compared[name] = len(stored)


def replay(store: Store, policy: str, point: int, seed: int) -> Replay:
    """Make one run again, with every table."""
    check_model(store)
    plan = plan_in(store)
    (task,) = plan.tasks_for(policy, [point], [seed])
    (run_id,) = task.run_ids()
    tables = tables_of(dataclasses.replace(task, record=("series", "members", "events")), [run_id])
    scenario = next(g.scenario for g in plan.groups if g.scenario_text == task.scenario)
    swept = {path: values[0].item() for path, values in task.columns.items()}
    return Replay(run_id, scenario.replace(**swept), policy, seed, tables)


def differing(made: "pd.DataFrame", stored: "pd.DataFrame") -> str:
    """Name the first column in which two tables are not the same to the last bit; empty if none."""
    foreign = [c for c in stored if c not in made and stored[c].isna().all()]  # of another scenario's further sectors
    for column in stored.columns.drop(foreign):
        if column not in made or len(made) != len(stored):
            return str(column)
        left, right = made[column].to_numpy(), stored[column].to_numpy()
        decimal = left.dtype.kind == "f" and right.dtype.kind == "f"
        if not (np.array_equal(left, right, equal_nan=True) if decimal else bool((left == right).all())):
            return str(column)
    return ""


class SweepFolder:
    """The folder of a sweep, read. Tables are read when they are used; a sweep still at work can be read too.

    ``runs`` has a row a run: ``run_id``, ``point``, ``scenario``, ``policy``, ``seed``, what varies, outcomes.
    ``series`` and ``events`` (if recorded) have the same first five columns. ``points`` says how many replications
    each point has and why no more; ``design`` is the design, row by row; ``failures`` what could not be simulated.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = path_of(folder)
        self._store = Store(self.folder).open()
        remember(self.config.get("own_outcomes"))

    @property
    def config(self) -> dict[str, Any]:
        """What was simulated: experiment, scenarios, digests of a user's own files."""
        return self._store.config

    @property
    def model(self) -> str:
        """The model that made the runs."""
        return str(self._store.manifest["model"])

    @property
    def question(self) -> str:
        """What the experiment answers."""
        return str(self.config["experiment"]["question"])

    @property
    def policies(self) -> list[str]:
        """The policies, as the tables name them, in the order of the experiment.

        Reading runs nobody's code: what a user's own files call themselves is taken from the runs.
        """
        experiment = self.config["experiment"]
        listed = experiment["policies"] or experiment["space"].get("policy", [])
        labels = [p.get("label", "") if isinstance(p, dict) else "" for p in listed]
        named = [own or (label(p) if is_shipped(p) else "") for p, own in zip(listed, labels, strict=True)]
        own = (p for p in self.sql("SELECT DISTINCT policy FROM runs ORDER BY policy")["policy"] if p not in named)
        return [name for name in (name or next(own, "") for name in named) if name]

    @property
    def runs(self) -> "pd.DataFrame":
        """A row a run."""
        return self.table("runs")

    @property
    def series(self) -> "pd.DataFrame":
        """A row a run and month."""
        return self.table("series")

    @property
    def events(self) -> "pd.DataFrame":
        """A row an event."""
        return self.table("events")

    @property
    def members(self) -> "pd.DataFrame":
        """A row a run, month and member."""
        return self.table("members")

    @property
    def failures(self) -> "pd.DataFrame":
        """A row a run that failed."""
        return self.table("failures")

    @property
    def design(self) -> "pd.DataFrame":
        """A row a design row, in the design's order; rows that are the same share a point."""
        return self._store.design().sort_values("row", ignore_index=True)

    @property
    def points(self) -> "pd.DataFrame":
        """A row a point: its replications, and why no more. Written when the sweep is done."""
        return self.table("points")

    def table(self, name: str) -> "pd.DataFrame":
        """Read a whole table, in the order of run ids."""
        tables = ("runs", "failures", "points", *self.config["experiment"]["record"])
        if name not in tables:
            raise InputError(
                f"{self.folder} has no {name}; it has {', '.join(tables)} (record=[...] selects which tables to make)"
            )
        if name == "points" and not Store(self.folder).open().is_finished:
            raise InputError(f"{self.folder}: the sweep is not done yet: partnership sweep folder={self.folder}")
        return self.sql(f"SELECT * FROM {name} ORDER BY {ORDER[name]}")

    def sql(self, text: str, values: Any = None, threads: int | None = None) -> "pd.DataFrame":
        """Query runs, series, events, members, failures, design, points in SQL (DuckDB), read as far as needed.

        Example: ``sweep.sql('SELECT policy, avg(retention_60) FROM runs GROUP BY policy')``.

        Raises:
            InputError: if the query cannot be run, or anything is damaged; the message says how to mend it.
        """
        return query(self._checked(), text, values, threads)

    def _checked(self) -> Store:
        """Read what the folder holds now, and refuse it if anything is not as it was written."""
        self._store = Store(self.folder).open()
        self._store.refuse_damage()
        return self._store

    @property
    def is_finished(self) -> bool:
        """Whether every run that the sweep asks for was tried."""
        return self._store.is_finished

    @property
    def made_by(self) -> list[dict[str, Any]]:
        """The versions and kinds of machine that made the runs, and how many runs each made."""
        return self._store.made_by()

    @property
    def described(self) -> str:
        """Name the runs, in a line: the experiment, how many there are, how many failed, the model."""
        done, failed = self._store.n_runs, len(self._store.failures())
        state = f"{f', {failed:,} failed' if failed else ''}{'' if self.is_finished else ', not finished'}"
        return f"{self.config['name']}, {done:,} runs{state}, model {self.model}"

    def lacking(self) -> str:
        """Say what is missing, in a sentence: runs not simulated yet, and runs that failed; empty if nothing is."""
        return lacking(Store(self.folder).open())

    @property
    def commands(self) -> list[str]:
        """The commands that made the sweep: the first, and what extended it."""
        return list(self._store.manifest["commands"])

    def at_work(self) -> bool:
        """Whether a sweep is at work in the folder now."""
        return self._store.at_work()

    def export(self, table: str, to: str | Path, **form: Any) -> int:
        """Write a table, sorted, for other programs; gives the number of rows.

        Args:
            table: runs, series, events, members, points, design or failures.
            to: the file; its suffix decides the format: .csv, .tsv, .xlsx (Excel), .dta (Stata) or .parquet.
            **form: ``format``, ``sep``, ``decimal``, ``names="plain"`` (letters, digits and _ only),
                ``overwrite=True``.

        Raises:
            InputError: for an unknown table or option, a file that is there already or cannot be written.
        """
        known = ("runs", "failures", "points", "design", *self.config["experiment"]["record"])
        if table not in known:
            raise InputError(f"table={table}: {self.folder} has no such table; it has {', '.join(known)}")
        return export(self._checked(), table, path_of(to), form_of(form))

    def find(self, start: str) -> str:
        """Give the whole run id that starts so.

        Raises:
            InputError: if none does, or several do.
        """
        if not (4 <= len(start) <= 24 and all(c in "0123456789abcdef" for c in start)):
            raise InputError(f"{start} is not a run id; ids have 24 digits 0-9a-f, and at least the first 4 are needed")
        ids = self.sql("SELECT run_id FROM runs WHERE starts_with(run_id, ?) LIMIT 2", [start])["run_id"].tolist()
        if len(ids) != 1:
            raise InputError(f"{self.folder}: {'several runs start' if ids else 'no run starts'} with {start}")
        return str(ids[0])

    def rerun(self, run_id: str) -> Replay:
        """Make one run again, with every table, and compare it bit by bit with the stored tables.

        Raises:
            InputError: if it cannot be made again by this model, or is not the same.
        """
        chosen = self.sql("SELECT policy, point, seed FROM runs WHERE run_id = ?", [run_id])
        if len(chosen) != 1:
            raise InputError(f"{self.folder}: there is no run {run_id}")
        row = chosen.iloc[0]
        made = replay(self._store, str(row["policy"]), int(row["point"]), int(row["seed"]))
        for name in ("runs", *self.config["experiment"]["record"]):
            stored = self.sql(f"SELECT * FROM {name} WHERE run_id = ? ORDER BY {ORDER[name]}", [run_id])
            made.compare(name, stored)
        return made

    def status(self) -> Status:
        """Say how far the sweep is, and whether everything is in order (every shard is read)."""
        self._store = Store(self.folder).open()
        return status_of(self._store)
