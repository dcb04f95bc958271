"""``simulate``: many seeds, one scenario, one policy; tidy tables out."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import chain, repeat
from typing import Any, TypeVar

import numpy as np

from sim.config.plan_file import opened
from sim.core.cores import in_order, threads
from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.engine.compiled import InvalidEffort, NotCompilable, engine_for, warn_once
from sim.engine.tables import TABLES, Tables, as_tables, ends_of_members, fixed_of_members, members_of_month
from sim.model.arrays import Array
from sim.model.events import of_month
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.series import ALWAYS, series_of
from sim.model.parameters import check_columns
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.scenario import Scenario

R = TypeVar("R")

CELLS = 24_576
"""Partner slots simulated at once: about what fits the cache (docs/decisions/0003)."""

MANY = 10_000_000
"""A larger number is not a number of runs but a seed, perhaps a date."""

RECORDS = ("summary", "series", "members", "events")
"""The tables of a run."""


def simulate(
    scenario: Scenario | str | Mapping[str, Any] | None = None,
    seeds: Sequence[int] | int = 100,
    policy: PolicyLike = "neutral",
    months: int = 60,
    record: Sequence[str] = ("summary", "series", "events"),
    columns: Mapping[str, Sequence[float]] | None = None,
    check_invariants: bool | None = None,
    progress: Callable[[int], None] | None = None,
    engine: str = "numpy",
) -> Tables:
    """Simulate one partnership per seed under one policy.

    Args:
        scenario: the partnership, the name of a shipped one, the path of a YAML file, or a mapping of what such a
            file says; the neutral reference by default.
        seeds: one whole number per run, or how many runs (seeds 0, 1, ...). The same seed gets the same random
            draws under every policy (common random numbers).
        policy: a name, a file, a mapping, a function or a policy (see ``sim.find_policy``), or a plan file,
            ``my_plan.yaml``.
        months: how many months to simulate, 1 to 1200.
        record: which tables to make: ``summary``, ``series``, ``members``, ``events``, ``ends``. The summary is always
            made.
        columns: parameters that differ by run: dotted path -> one number per seed.
        check_invariants: check every accounting identity every month (half as slow again).
        progress: called after each batch with the number of runs in it.
        engine: ``numpy``, or ``compiled``: the same rules as machine code (needs llvmlite); equal to within 1e-9.

    Returns:
        Tidy tables: ``summary`` with a row per run, ``series`` per run and month, ``members`` per run, month and
        member, ``events`` per event, ``ends`` per run and member; None where a table is not in ``record``. Units:
        ``partnership describe``.

    Raises:
        InputError: (a ``ValueError``) for anything out of range; the message says what was given and what is allowed.
    """
    scenario = scenario_from(scenario)
    seeds, months, record = check_inputs(seeds, months, record)
    varied = check_columns(scenario, {} if columns is None else columns, len(seeds))
    chosen = find_policy(opened(policy))
    parts = []
    for part in simulate_batches(scenario, seeds, chosen, months, record, varied, check_invariants, engine):
        parts.append(part)
        if progress:
            progress(len(part["seeds"]))
    return as_tables(parts, {"seed": np.asarray(seeds), "policy": label(chosen), **varied}, record)


def simulate_batches(
    scenario: Scenario,
    seeds: Sequence[int],
    policy: Policy,
    months: int,
    record: Sequence[str],
    columns: Mapping[str, Array],
    check_invariants: bool | None = None,
    engine: str = "numpy",
) -> Iterator[dict[str, Any]]:
    """Simulate checked input, as many runs at once as fit the cache.

    The arguments are those of ``simulate``, checked.

    Yields:
        The results of each batch as plain arrays, for ``as_tables``.
    """
    engine = engine_for(engine, scenario, policy)
    if engine == "compiled" and scenario.rules.replace:  # what such rules return is checked by the NumPy engine alone
        Batch(scenario, seeds[:1], policy, {path: values[:1] for path, values in columns.items()}).advance()
    np.empty(CELLS * 100)  # once a larger block was freed, the C library keeps the memory that months free

    def first_day(runs: range, engine: str = "numpy") -> Batch:
        varied = {path: values[runs] for path, values in columns.items()}
        return Batch(scenario, [seeds[i] for i in runs], policy, varied, check_invariants, engine)

    def compiled(runs: range) -> dict[str, Any] | NotCompilable:
        try:
            return _results(first_day(runs, "compiled"), months, record)
        except NotCompilable as reason:
            return reason

    parts = list(_batches(len(seeds), scenario.size.partners + scenario.size.candidates))
    tried: Iterator[dict[str, Any] | NotCompilable | None] = repeat(None)
    if engine == "compiled":
        first = compiled(parts[0])  # the others find the code of the first
        others = in_order((partial(compiled, runs) for runs in parts[1:]), threads() if isinstance(first, dict) else 1)
        tried = chain([first], others)
    for runs, result in zip(parts, tried, strict=False):
        if isinstance(result, NotCompilable) and not isinstance(result, InvalidEffort):
            warn_once(label(policy) + (" with rules of your own" if scenario.rules.replace else ""), result)
        # the NumPy engine says in words what is wrong with an effort
        yield result if isinstance(result, dict) else _results(first_day(runs), months, record)


def scenario_from(scenario: Scenario | str | Mapping[str, Any] | None) -> Scenario:
    """Return a scenario, the shipped one of that name, or what a mapping says; the neutral reference for None.

    Raises:
        InputError: an unknown name, or something else than a scenario, a name or a mapping.
    """
    if isinstance(scenario, (str, Mapping)):
        from sim.config.job import load_scenario

        return load_scenario(scenario)
    if scenario is not None and not isinstance(scenario, Scenario):
        raise InputError(
            f"scenario is {type(scenario).__name__}, of {type(scenario).__module__}; give a sim.Scenario, or a name: "
            "sim.load_scenario lists them"
        )
    return Scenario() if scenario is None else scenario


def _batches(n_runs: int, slots: int) -> Iterator[range]:
    size = max(2, CELLS // slots)
    for first in range(0, n_runs, size):
        yield range(first, min(first + size, n_runs))


def _results(batch: Batch, months: int, record: Sequence[str]) -> dict[str, Any]:
    """Run a batch and collect what the tables need, as plain arrays."""
    outcomes = series_of(batch.sectors) if "series" in record or batch.own.needs_series else ALWAYS
    is_compiled = batch.engine == "compiled"
    if is_compiled:
        from sim.engine.compiled.runs import outcomes_of, simulate_runs

        at_once = batch.runs_at_once(record)
        results = _or_none(lambda: simulate_runs(batch, months, outcomes, batch.own.outcomes)) if at_once else None
        if results is not None:
            return _as_plain(batch, months, outcomes, *results)
    history = np.empty((len(outcomes), months, len(batch.seeds)))
    members: list[dict[str, Array]] = []
    events: list[dict[str, Array]] = []
    done = 0
    each_month = "members" in record or "events" in record
    for measured, before, flows, after in batch.run_months(months, outcomes, each_month):
        history[:, done : done + measured.shape[1]] = measured
        done += measured.shape[1]
        if "members" in record:
            members.append(members_of_month(flows, after, batch.n_runs))
        if "events" in record:
            assert flows is not None
            events += of_month(before, flows, after, batch.params, batch.n_runs)
        del before, flows, after  # the next month's arrays take their place in the cache
    history.flags.writeable = False
    by_name = {outcome.name: values for outcome, values in zip(outcomes, history, strict=True)}
    summary = _or_none(lambda: outcomes_of(batch, history, outcomes, batch.own.outcomes)) if is_compiled else None
    if summary is None:
        summary = {o.name: o.measure(by_name, batch.state) for o in batch.own.outcomes}
    return _as_plain(batch, months, outcomes, history, summary) | {
        "members": members,
        "events": events,
        "fixed": fixed_of_members(batch.state, batch.n_runs),
        "ends": ends_of_members(batch.state, batch.n_runs) if "ends" in record else {},
    }


def _or_none(compiled: Callable[[], R]) -> R | None:
    """Run compiled code; None where some of it cannot be written as equations."""
    try:
        return compiled()
    except InvalidEffort:
        raise
    except NotCompilable:
        return None


def _as_plain(
    batch: Batch, months: int, outcomes: Sequence[Outcome], history: Array, summary: Mapping[str, Array]
) -> dict[str, Any]:
    return {
        "seeds": batch.seeds[: batch.n_runs],
        "sectors": batch.sectors,
        "names": batch.names,
        "months": months,
        "history": {o.name: values[:, : batch.n_runs] for o, values in zip(outcomes, history, strict=True)},
        "summary": {name: values[: batch.n_runs] for name, values in summary.items()},
    }


def check_inputs(
    seeds: Sequence[int] | int, months: int, record: Sequence[str]
) -> tuple[list[int], int, tuple[str, ...]]:
    """Check what is simulated.

    Returns:
        The seeds as a list, the months, and the tables to record.

    Raises:
        InputError: for anything out of range; the message says what was given and what is allowed.
    """
    count = int(seeds) if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool) else None
    if count is not None and count > MANY:
        raise InputError(f"seeds = {seeds}: that many runs; for the single seed {seeds} give [{seeds}]")
    listed: Any = seeds if count is None else range(count)
    listed = list(listed) if np.iterable(listed) and not isinstance(listed, (bytes, Set, Mapping)) else []
    integers = [int(s) for s in listed if isinstance(s, (int, np.integer)) and not isinstance(s, bool)]
    if not integers or len(integers) != len(listed) or min(integers) < 0 or max(integers) >= 2**63:
        raise InputError(f"seeds = {seeds!r}: give whole numbers from 0 to 2^63 - 1, at least one, or how many runs")
    if isinstance(months, bool) or not isinstance(months, (int, np.integer)) or not 1 <= months <= 1200:
        raise InputError(f"months = {months!r}: give a whole number from 1 to 1200")
    record = () if record is None else record
    record = tuple(record) if np.iterable(record) and not isinstance(record, str) else (record,)
    unknown = [r for r in record if r not in TABLES]
    if unknown:
        raise InputError(f"record = {unknown}: known tables are {', '.join(TABLES)}")
    return integers, int(months), record
