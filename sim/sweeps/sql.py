"""The tables of a sweep's folder in SQL: views over the finished shards, read when they are needed."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError
from sim.storage.results import database, literal, quoted
from sim.sweeps.designs.space import swept
from sim.sweeps.store import POINTS, TABLES, Store

if TYPE_CHECKING:
    import pandas as pd

ORDER = {
    "runs": "run_id",
    "series": "run_id, month",
    "events": "run_id, event",
    "members": "run_id, month, member",
    "failures": "run_id",
    "points": "point",
}
"""What the rows of each table are sorted by when it is read or exported."""

EMPTY = "SELECT ''::VARCHAR AS run_id, 0::BIGINT AS point, ''::VARCHAR AS policy, 0::BIGINT AS seed WHERE false"


def connect(store: Store, threads: int | None = None) -> Any:
    """Open an in-memory database with a view per table: runs, series, events, members, failures, design, points.

    With one thread the views are sorted by what the runs are: the last bit of a sum depends on the order of its terms.
    """
    import duckdb
    import pandas as pd

    db = database(**({"threads": threads} if threads else {}))
    with suppress(duckdb.InvalidInputException):  # a notebook without ipywidgets has no bar, and refuses to hear of it
        db.execute("SET enable_progress_bar = false")
    design = db.from_parquet(literal(store.design_file))
    design.create_view("design")
    if threads == 1:  # the number of a point depends on when it was added, and an id on the model
        order = ", ".join(quoted(c) for c in swept(design.columns)) or "0"
        ranks = f"SELECT DISTINCT point, dense_rank() OVER (ORDER BY {order}) AS place FROM design"
        db.execute(f"CREATE TABLE places AS {ranks}")
    scenarios = store.config["scenarios"].values()
    differ = len({(*sorted(plain["sectors"]), *plain.get("outcomes", ())) for plain in scenarios}) > 1
    columns = {"union_by_name": differ}  # each scenario has columns of its own
    for table in TABLES:
        shards = sorted(literal(path) for path in store.shards(table))
        if shards and threads == 1:
            db.from_parquet(shards, **columns).create_view(f"unsorted_{table}")
            order = ORDER[table].replace("run_id", "policy, place, seed")
            rows = f"SELECT t.* FROM unsorted_{table} t JOIN places USING (point) ORDER BY {order}"
            db.execute(f"CREATE VIEW {table} AS {rows}")
        elif shards:
            db.from_parquet(shards, **columns).create_view(table)
        else:
            db.execute(f"CREATE VIEW {table} AS SELECT *, 0::BIGINT AS month, 0 AS event, 0 AS member FROM ({EMPTY})")
    failures = store.failures()
    if failures:
        db.register("failures", pd.DataFrame(failures))
    else:
        db.execute(f"CREATE VIEW failures AS SELECT *, '' AS error FROM ({EMPTY})")
    if store.is_finished:
        db.from_parquet(literal(store.folder / POINTS)).create_view("points")
    return db


def query(store: Store, sql: str, values: Any = None, threads: int | None = None) -> "pd.DataFrame":
    """Run a query over the folder's tables.

    With one thread, sums depend neither on the machine nor on how the runs were cut into tasks.

    Raises:
        InputError: if the query cannot be run, in the database's words.
    """
    import duckdb

    try:
        with connect(store, threads) as db:
            table: pd.DataFrame = db.execute(sql, values).df()
            return table
    except (duckdb.Error, RuntimeError, ValueError) as error:  # the last two of a damaged shard's names
        store.refuse_damage()
        raise InputError(f"the query cannot be run: {' '.join(str(error).split())[:400]}") from error
