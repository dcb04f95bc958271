"""After a crash: what is damaged is forgotten and run again, what is whole is taken over."""

from pathlib import Path

import duckdb

from sim.core.errors import InputError
from sim.storage.atomic import cut_torn_line, remove
from sim.storage.results import read_table
from sim.storage.sealed import digest, parquet_files
from sim.sweeps.plan import Plan
from sim.sweeps.store import LOG, POINTS, TABLES, Store
from sim.sweeps.tasks import Finished


def recover(store: Store, plan: Plan) -> None:
    """Put a locked store in order: every line names complete shards, and every complete shard has its line."""
    lost = _forget_damaged(store)
    if _take_over(store, plan) or lost or (store.is_finished and store.damage_of(POINTS)):
        store.unfinish()
    store.restore_texts(plan.specs)
    for table in TABLES:
        place, named = store.folder / table, set(store.shards(table))
        for path in [*place.glob(".*.partial"), *(p for p in parquet_files(place) if p not in named)]:
            remove(path)


def _forget_damaged(store: Store) -> bool:
    """Forget tasks whose shards are damaged; tells whether anything was lost."""
    log, lost = store.folder / LOG, bool(store.log_damage)
    cut_torn_line(log)
    bad = {key for key, line in store.done.items() if store.damage(line)}
    store.rewrite_log({key: line for key, line in store.done.items() if key not in bad})
    return lost or bool(bad)


def _take_over(store: Store, plan: Plan) -> int:
    """Give every whole shard without a line its line (the sweep was killed between the two).

    It counts if all tables of the task are there, each with the content its name tells of, and with the very runs
    that this plan would make.

    Returns:
        How many were taken over.
    """
    taken = 0
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
            taken += 1
    return taken


def _undamaged(path: Path) -> bytes:
    content = path.read_bytes()
    if digest(content) != path.stem.rpartition("-")[2]:
        raise ValueError("damaged")
    return content
