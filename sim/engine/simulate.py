"""``simulate``: many seeds, one scenario, one policy; tidy tables out."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np

from sim.core.errors import InputError
from sim.engine.batch import Batch
from sim.engine.compiled import NotCompilable, Refused, able, tell_once
from sim.engine.tables import Tables, as_tables
from sim.model.arrays import Array
from sim.model.events import of_month
from sim.model.outcomes.series import ALWAYS, SERIES
from sim.model.outcomes.summary import SUMMARY
from sim.model.parameters import check_columns
from sim.model.policies import Policy
from sim.model.policies.registry import PolicyLike, find_policy, label
from sim.model.scenario import Scenario

CELLS = 24_576
"""Partner slots worked on at once: about what fits the cache (docs/decisions/0003)."""

MANY = 10_000_000
"""Runs that nobody asks for by a number: it is a seed, perhaps a date."""

RECORDS = ("summary", "series", "members", "events")

PER_MEMBER = ("member", "engagement", "disclosure", "trust", "benefit", "goodwill", "routine", "representative",
              "inside", "outside", "contacts", "n_ties", "business_model", "needs_met",
              "reserve", "ledger", "knowledge")  # fmt: skip
PER_MEMBER_FLOWS = ("contributed", "captured", "lost", "gained", "cost", "participation", "net_benefit")


def simulate(
    scenario: Scenario | str | None = None,
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
        scenario: the partnership, or the name of a shipped one; the neutral reference by default.
        seeds: one whole number per run, or how many runs (seeds 0, 1, ...). A seed is a world: the same
            seed meets the same draws under every policy.
        policy: a name, a file, settings, a function or a policy (see ``sim.find_policy``).
        months: how long, in months.
        record: which tables to make, from ``summary``, ``series``, ``members``, ``events``.
        columns: parameters that differ by run: dotted path -> one number per seed.
        check_invariants: check every accounting identity every month (slower by half).
        progress: called with the number of runs done after each batch.
        engine: ``numpy``, or ``compiled``: the same rules, compiled (needs Numba); equal to within 1e-9.

    Raises:
        InputError: (a ``ValueError``) for anything out of range; the message names what was given and what is allowed.
    """
    scenario = scenario_of(scenario)
    seeds, months, record = check_inputs(seeds, months, record)
    varied = check_columns(scenario, {} if columns is None else columns, len(seeds))
    chosen = find_policy(policy)
    parts = []
    for part in histories(scenario, seeds, chosen, months, record, varied, check_invariants, engine):
        parts.append(part)
        if progress:
            progress(len(part["seeds"]))
    return as_tables(parts, {"seed": np.asarray(seeds), "policy": label(chosen), **varied}, record)


def histories(
    scenario: Scenario,
    seeds: Sequence[int],
    policy: Policy,
    months: int,
    record: Sequence[str],
    columns: Mapping[str, Array],
    check_invariants: bool | None = None,
    engine: str = "numpy",
) -> Iterator[dict[str, Any]]:
    """Run checked input, as many runs at once as fit the cache; what was asked for, as arrays, batch by batch."""
    engine = able(engine, scenario, policy)
    np.empty(CELLS * 100)  # having seen a larger block go, the C library keeps those that months give back
    for some in _batches(len(seeds), scenario.size.partners + scenario.size.candidates):
        given = (scenario, [seeds[i] for i in some], policy, {k: v[some] for k, v in columns.items()}, check_invariants)
        if engine == "compiled":
            try:
                yield _record(Batch(*given, engine), months, record)
                continue
            except Refused:
                pass  # the NumPy engine complains in words
            except NotCompilable as reason:
                tell_once(label(policy), reason)
        yield _record(Batch(*given), months, record)


def scenario_of(given: Scenario | str | None) -> Scenario:
    """Give a scenario, or the shipped one of that name; the neutral reference for None."""
    if isinstance(given, str):
        from sim.config.job import load_scenario

        return load_scenario(given)
    if given is not None and not isinstance(given, Scenario):
        raise InputError(
            f"scenario is {type(given).__name__}; give a sim.Scenario or a name: sim.load_scenario lists them"
        )
    return Scenario() if given is None else given


def _batches(n_runs: int, slots: int) -> Iterator[range]:
    size = max(2, CELLS // slots)
    for first in range(0, n_runs, size):
        yield range(first, min(first + size, n_runs))


def _record(batch: Batch, months: int, record: Sequence[str]) -> dict[str, Any]:
    """Run a batch and keep what was asked for, as plain arrays."""
    outcomes = SERIES if "series" in record else ALWAYS
    kept = np.empty((len(outcomes), months, len(batch.seeds)))
    members: list[dict[str, Array]] = []
    events: list[dict[str, Array]] = []
    done = 0
    for measured, before, flows, after in batch.go(months, outcomes, "members" in record or "events" in record):
        kept[:, done : done + measured.shape[1]] = measured
        done += measured.shape[1]
        if "members" in record:
            members.append(
                {"active" if n == "member" else n: getattr(after, n)[:, : batch.n_runs] for n in PER_MEMBER}
                | {n: getattr(flows, n)[:, : batch.n_runs] for n in PER_MEMBER_FLOWS}
            )
        if "events" in record:
            events += of_month(before, flows, after, batch.params, batch.n_runs)
        del before, flows, after  # the next month's arrays take their place in the cache
    history = {o.name: kept[k] for k, o in enumerate(outcomes)}
    summary = {o.name: o.measure(history, batch.state)[: batch.n_runs] for o in SUMMARY}
    return {
        "seeds": batch.seeds[: batch.n_runs],
        "summary": summary,
        "months": months,
        "members": members,
        "history": {k: v[:, : batch.n_runs] for k, v in history.items()},
        "events": events,
        "fixed": {n: getattr(batch.state, n)[:, : batch.n_runs] for n in ("sector", "segment", "resources")},
    }


def check_inputs(
    seeds: Sequence[int] | int, months: int, record: Sequence[str]
) -> tuple[list[int], int, tuple[str, ...]]:
    """Give seeds as a list, months and the tables to record, checked.

    Raises:
        InputError: for anything out of range; the message names what was given and what is allowed.
    """
    if isinstance(seeds, (int, np.integer)) and seeds > MANY:
        raise InputError(f"seeds = {seeds}: that many runs; for the world {seeds} give [{seeds}], else range({seeds})")
    given: Any = range(int(seeds)) if isinstance(seeds, (int, np.integer)) and not isinstance(seeds, bool) else seeds
    given = list(given) if np.iterable(given) and not isinstance(given, (bytes, Set, Mapping)) else []
    whole = [int(s) for s in given if isinstance(s, (int, np.integer)) and not isinstance(s, bool)]
    if not whole or len(whole) != len(given) or min(whole) < 0 or max(whole) >= 2**63:
        raise InputError(f"seeds = {seeds!r}: give whole numbers from 0 to 2^63 - 1, at least one, or how many runs")
    if isinstance(months, bool) or not isinstance(months, (int, np.integer)) or not 1 <= months <= 1200:
        raise InputError(f"months = {months!r}: give a whole number from 1 to 1200")
    record = () if record is None else record
    record = tuple(record) if np.iterable(record) and not isinstance(record, str) else (record,)
    unknown = [r for r in record if r not in RECORDS]
    if unknown:
        raise InputError(f"record = {unknown}: known tables are {', '.join(RECORDS)}")
    return whole, int(months), record
