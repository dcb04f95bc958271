"""After a crash: what is damaged is forgotten and run again, what is whole is taken over."""

import json

from sim.ensemble.files import mend_tail, parquet_files, sealed, write_whole
from sim.ensemble.plan import Plan
from sim.ensemble.store import LOG, TABLES, Store
from sim.ensemble.tasks import Finished
from sim.results import read_table


def mend(store: Store, plan: Plan) -> None:
    """Put a locked store in order: every line names whole shards, and every whole shard has its line."""
    _forget_damaged(store)
    _take_over(store, plan)
    for place in (store.folder / table for table in TABLES):
        for path in [*place.glob(".*.partial"), *(p for p in parquet_files(place) if p.stem not in store.done)]:
            path.unlink()


def _forget_damaged(store: Store) -> None:
    mend_tail(store.folder / LOG)
    bad = {key for key, line in store.done.items() if store.damage(line)}
    if bad or store.broken_lines:
        store.done = {key: line for key, line in store.done.items() if key not in bad}
        lines = [json.dumps(sealed(line)).encode() + b"\n" for line in store.done.values()]
        write_whole(store.folder / LOG, b"".join(lines))


def _take_over(store: Store, plan: Plan) -> None:
    """Give every whole shard without a line its line (the sweep was killed between the two)."""
    failed = {f["run_id"] for f in store.failures()}
    for path in [p for p in parquet_files(store.folder / "runs") if p.stem not in store.done]:
        shards = {t: store.shard(t, path.stem) for t in ("runs", *plan.experiment.record)}
        try:
            runs = {t: read_table(p) for t, p in shards.items()}["runs"]
            (task,) = plan.tasks_for(runs["policy"][0], runs["point"], runs["seed"])
            whole = task.run_ids() == list(runs["run_id"])
        except Exception:
            whole = False
        if whole:
            files = {t: p.read_bytes() for t, p in shards.items()}
            store.add(Finished(path.stem, len(runs), files), [r for r in runs["run_id"] if r in failed])
