"""A sweep's folder read back: one table each of runs, series, events; SQL without loading them; any run made again."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import Busy, InputError
from sim.core.paths import path_of
from sim.model.policies.registry import is_shipped, label
from sim.sweeps.replay import Again, again
from sim.sweeps.status import Status, status_of
from sim.sweeps.store import Store
from sim.sweeps.views import ORDER, damaged, query, write_csv

if TYPE_CHECKING:
    import pandas as pd


class Sweep:
    """The results of a sweep. Tables are read when asked for; a sweep still at work can be read too.

    ``runs`` has a row a run: ``run_id``, ``point``, ``scenario``, ``policy``, ``seed``, what varies, outcomes.
    ``series`` and ``events`` (if recorded) have the same first five columns. ``points`` says how many worlds each
    point has and why no more; ``design`` is the design, row by row; ``failures`` what could not be simulated.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = path_of(folder)
        self._store = Store(self.folder).open()

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
        named = [
            label(p) if is_shipped(p) else "" for p in experiment["policies"] or experiment["space"].get("policy", [])
        ]
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
        """A row a point: worlds simulated, and why no more. Written when the sweep is done."""
        return self.table("points")

    def table(self, name: str) -> "pd.DataFrame":
        """Read a whole table, in the order of run ids."""
        kept = ("runs", "failures", "points", *self.config["experiment"]["record"])
        if name not in kept:
            raise InputError(f"{self.folder} has no {name}; it has {', '.join(kept)} (record=[...] says what is kept)")
        if name == "points" and not (self._store.folder / "points.parquet").is_file():
            raise InputError(f"{self.folder}: the sweep is not done yet: partnership sweep folder={self.folder}")
        return self.sql(f"SELECT * FROM {name} ORDER BY {ORDER[name]}")

    def sql(self, text: str, values: Any = None, threads: int | None = None) -> "pd.DataFrame":
        """Query runs, series, events, members, failures, design, points in SQL (DuckDB), read as far as needed.

        Example: ``sweep.sql('SELECT policy, avg(retention_60) FROM runs GROUP BY policy')``.

        Raises:
            InputError: if the query cannot be run, or a shard is damaged.
        """
        self._store = Store(self.folder).open()
        self._refuse_damage()
        return query(self._store, text, values, threads)

    def _refuse_damage(self) -> None:
        for line in self._store.done.values():
            bad = self._store.damage(line, thorough=False)
            if bad:
                raise damaged(self._store, bad[0])

    @property
    def commands(self) -> list[str]:
        """The commands that made the sweep: the first, and what extended it."""
        return list(self._store.manifest["commands"])

    def at_work(self) -> bool:
        """Whether a sweep is at work in the folder now."""
        try:
            with self._store.locked():
                return False
        except Busy:
            return True
        except InputError:
            return False

    def export(self, table: str, to: Path) -> int:
        """Write a table as CSV, sorted; gives the number of rows.

        Raises:
            InputError: for an unknown table, or a file that cannot be written.
        """
        known = ("runs", "failures", "points", "design", *self.config["experiment"]["record"])
        if table not in known:
            raise InputError(f"table={table}: {self.folder} has no such table; it has {', '.join(known)}")
        self._refuse_damage()
        return write_csv(self._store, table, to)

    def find(self, start: str) -> str:
        """Give the whole run id that starts so.

        Raises:
            InputError: if none does, or several do.
        """
        if not (4 <= len(start) <= 24 and all(c in "0123456789abcdef" for c in start)):
            raise InputError(f"{start} is no run id; ids have 24 digits 0-9a-f, and at least the first 4 are needed")
        found = self.sql("SELECT run_id FROM runs WHERE starts_with(run_id, ?) LIMIT 2", [start])["run_id"].tolist()
        if len(found) != 1:
            raise InputError(f"{self.folder}: {'several runs start' if found else 'no run starts'} with {start}")
        return str(found[0])

    def rerun(self, run_id: str) -> Again:
        """Make one run again, with every table, and compare it with what is kept, to the last bit.

        Raises:
            InputError: if it cannot be made again by this model, or is not the same.
        """
        kept = self.sql("SELECT policy, point, seed FROM runs WHERE run_id = ?", [run_id])
        if len(kept) != 1:
            raise InputError(f"{self.folder}: there is no run {run_id}")
        row = kept.iloc[0]
        made = again(self._store, str(row["policy"]), int(row["point"]), int(row["seed"]))
        for name in ("runs", *self.config["experiment"]["record"]):
            held = self.sql(f"SELECT * FROM {name} WHERE run_id = ? ORDER BY {ORDER[name]}", [run_id])
            made.compare(name, held)
        return made

    def status(self) -> Status:
        """Say how far the sweep is, and whether everything is in order (every shard is read)."""
        self._store = Store(self.folder).open()
        return status_of(self._store)


def load(folder: str | Path) -> Sweep:
    """Load the results of a sweep from its folder.

    Raises:
        InputError: if it holds no sweep, or its manifest was damaged or changed by hand.
    """
    return Sweep(folder)
