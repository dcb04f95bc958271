"""After a crash: what is damaged is forgotten and run again, what is whole is taken over."""

import json
from pathlib import Path

import duckdb

from sim.core.errors import InputError
from sim.storage.atomic import write_atomic
from sim.storage.results import read_table
from sim.storage.sealed import cut_torn_line, digest, parquet_files, sealed
from sim.sweeps.plan import Plan
from sim.sweeps.store import LOG, POINTS, TABLES, Store
from sim.sweeps.tasks import Finished


def recover(store: Store, plan: Plan) -> None:
    """Put a locked store in order: every line names complete shards, and every complete shard has its line."""
    _forget_damaged(store)
    _take_over(store, plan)
    (store.folder / POINTS).unlink(missing_ok=True)  # written again when the sweep is done
    for table in TABLES:
        place, named = store.folder / table, set(store.shards(table))
        for path in [*place.glob(".*.partial"), *(p for p in parquet_files(place) if p not in named)]:
            path.unlink()


def _forget_damaged(store: Store) -> None:
    cut_torn_line(store.folder / LOG)
    bad = {key for key, line in store.done.items() if store.damage(line)}
    if bad or store.broken_lines:
        store.done = {key: line for key, line in store.done.items() if key not in bad}
        lines = [json.dumps(sealed(line)).encode() + b"\n" for line in store.done.values()]
        write_atomic(store.folder / LOG, b"".join(lines))


def _take_over(store: Store, plan: Plan) -> None:
    """Give every whole shard without a line its line (the sweep was killed between the two).

    It counts if all tables of the task are there, each with the content its name tells of, and with the very runs
    that this plan would make.
    """
    failed, named = {f["run_id"] for f in store.failures()}, set(store.shards("runs"))
    strays = [p for p in parquet_files(store.folder / "runs") if p not in named]
    known = {r for path in named for r in read_table(path)["run_id"]} if strays else set()
    for path in strays:
        key = path.stem.rpartition("-")[0]
        try:
            files = {"runs": _undamaged(path)}
            for table in plan.experiment.record:
                (other,) = (store.folder / table).glob(f"{key}-*.parquet")
                files[table] = _undamaged(other)
            runs = read_table(path)
            (task,) = plan.tasks_for(runs["policy"][0], runs["point"], runs["seed"])
            ours = task.run_ids() == list(runs["run_id"]) and known.isdisjoint(runs["run_id"])
        except (OSError, ValueError, LookupError, InputError, duckdb.Error):
            continue
        if ours:
            known.update(runs["run_id"])
            store.add(Finished(key, len(runs), files), [r for r in runs["run_id"] if r in failed])


def _undamaged(path: Path) -> bytes:
    content = path.read_bytes()
    if digest(content) != path.stem.rpartition("-")[2]:
        raise ValueError("damaged")
    return content
