"""Whole runs: the first day, the months and the outcomes of a run on the same rows, block by block, in the cache."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.engine.compiled import InvalidEffort, NotCompilable
from sim.engine.compiled.inputs import (
    form_of,
    leaves,
    other_policy_parameters,
    remembered_values,
    rule_parameters,
    starting_values,
    structure_of,
)
from sim.engine.compiled.layout import LANES, layout_of, varied_of
from sim.engine.compiled.runtime import (
    Compiled,
    Rows,
    compiled_end,
    compiled_first_day,
    compiled_for,
    in_blocks,
    known_of,
    numbers_of,
    parameters_of,
    rows_of,
    spare_rows,
    table_of,
)
from sim.engine.compiled.trace import Start
from sim.model.arrays import Array
from sim.model.outcomes.base import Outcome

if TYPE_CHECKING:
    from sim.engine.batch import Batch

ROWS_AT_ONCE = 2**18
"""Bytes of members' rows that are worked on at once: about what the second cache holds."""

Part = tuple[Compiled, int, int]
"""A program, the first month that it runs, and how many."""

MOST_LISTS = 256

_listed: dict[Any, list[Part]] = {}
"""The parts of runs that were asked for lately, for parameters that are the same in all runs."""


def parts_of(
    batch: "Batch", months: int, monthly: tuple[Outcome, ...], outcomes: tuple[Outcome, ...], inputs: dict[str, Any]
) -> list[Part]:
    """List the programs of whole runs, and keep the list for the next batch with the same numbers."""
    if varied_of(inputs):
        return _parts_of(batch, months, monthly, outcomes, inputs)
    policy, remembered = batch.policy, remembered_values(batch.memory)
    key = (
        batch.own.traced_step, batch.targeting, form_of(batch.params), known_of(batch.roster),
        months, monthly, outcomes,
        other_policy_parameters(policy), structure_of(batch.memory), tuple(v.tobytes() for v in remembered.values()),
        tuple(inputs.values()),
    )  # fmt: skip
    if key not in _listed:
        while len(_listed) >= MOST_LISTS:
            _listed.pop(next(iter(_listed)), None)
        _listed[key] = _parts_of(batch, months, monthly, outcomes, inputs)
    return _listed[key]


def _parts_of(
    batch: "Batch", months: int, monthly: tuple[Outcome, ...], outcomes: tuple[Outcome, ...], inputs: dict[str, Any]
) -> list[Part]:
    """List the programs of whole runs: the first day, one or several for the months, the end.

    Args:
        batch: its scenario, policy and parameters are read; its state is neither read nor changed.
        months: how many.
        monthly: what is measured every month.
        outcomes: what is measured of a run, from what was measured every month and the state at the end.
        inputs: from ``parameters_of``.

    Raises:
        NotCompilable: a rule, the policy or an outcome cannot be written as equations.
    """
    first, _ = compiled_first_day(batch.params, batch.roster)
    parts, done = [(first, 0, 1)], 0
    start = Start.after(first.equations, batch.memory)
    wide = start.wide
    while done < months:
        left = range(done + 1, months + 1)
        month, holds = compiled_for(batch, left, monthly, False, start, inputs)
        if done and month.equations.wide != wide:
            raise NotCompilable("remembers something of each member from some month on")
        parts.append((month, done + 1, holds))
        start, wide, done = start.then(month.equations), set(month.equations.wide), done + holds
    rules = dict(rule_parameters(batch.params))
    layout = dataclasses.replace(layout_of(start.n_parts, rules, (), len(leaves(batch.memory))), numbers={})
    return [*parts, (compiled_end(outcomes, monthly, months, start, layout), months + 1, 1)]


def simulate_runs(
    batch: "Batch", months: int, monthly: tuple[Outcome, ...], outcomes: tuple[Outcome, ...]
) -> tuple[Array, dict[str, Array]]:
    """Simulate whole runs of a batch from its parameters and seeds.

    Args:
        batch: as for ``parts_of``.
        months: how many.
        monthly: what is measured every month.
        outcomes: what is measured of a run.

    Returns:
        What was measured every month, shape (monthly outcomes, months, runs), and each outcome, shape (runs,).

    Raises:
        NotCompilable: a rule, the policy or an outcome cannot be written as equations.
        InvalidEffort: the policy returned an effort that is not valid.
    """
    inputs = parameters_of(batch)
    parts = parts_of(batch, months, monthly, outcomes, inputs)
    programs = [part.program for part, _, _ in parts]
    keys, n_partners = in_blocks(batch.streams.keys)[:, 0].copy(), int(inputs["partners"])
    n_blocks, n_runs = len(keys), batch.streams.keys.shape[1]
    n_cells, n_run_rows = max(len(p.cells) for p in programs), max(len(p.runs) for p in programs)
    at_once = min(n_blocks, max(1, ROWS_AT_ONCE // (n_partners * n_cells * LANES * 8)))
    cells, runs = rows_of(at_once, n_partners, n_cells, LANES), rows_of(at_once, n_run_rows, LANES)
    measured = rows_of(len(monthly) + 1, months, n_blocks * LANES)
    rows = [programs[-1].runs[f"outcome.{o.name}", 0] for o in outcomes]
    ends = np.empty((n_blocks, len(rows), LANES))
    spare, sizes = spare_rows(programs, n_partners), (n_cells, n_run_rows)
    calls = [_call(part, first, n, months, (cells, runs, *spare), sizes, inputs) for part, first, n in parts]
    laid = [(runs[:, k][:, None], np.atleast_2d(inputs[path])) for k, path in enumerate(varied_of(inputs))]
    laid += [(_remembered_rows(parts[1][0], key, cells, runs), values) for key, values in
             remembered_values(batch.memory).items() if any(key in p.reads for p in programs)]  # fmt: skip
    laid = [(place, in_blocks(np.broadcast_to(values, (len(values), n_runs)))) for place, values in laid]
    for block in range(0, n_blocks, at_once):
        n = min(at_once, n_blocks - block)
        for place, values in laid:
            place[:n] = values[block : block + n]
        shift = block * LANES * keys.itemsize
        for call in calls:
            call(keys.ctypes.data + shift, measured.ctypes.data + shift, n, n_blocks)
        ends[block : block + n] = runs[:n, rows]
    if measured[-1].any():
        raise InvalidEffort
    by_outcome = ends.transpose(1, 0, 2).reshape(len(rows), -1)[:, :n_runs]
    return measured[:-1, :, :n_runs], {o.name: v for o, v in zip(outcomes, by_outcome, strict=True)}


def outcomes_of(
    batch: "Batch", history: Array, monthly: tuple[Outcome, ...], outcomes: tuple[Outcome, ...]
) -> dict[str, Array]:
    """Measure the outcomes of runs that were simulated month by month, with the same bits as ``simulate_runs``.

    Args:
        batch: at the end.
        history: what was measured every month, shape (monthly outcomes, months, runs).
        monthly: which outcomes these are.
        outcomes: what is measured of a run.

    Raises:
        NotCompilable: an outcome cannot be written as equations.
    """
    inputs, start, months = parameters_of(batch), Start.of(batch.state, None), history.shape[1]
    rules = dict(rule_parameters(batch.params))
    layout = dataclasses.replace(layout_of(start.n_parts, rules), numbers={})
    end = compiled_end(outcomes, monthly, months, start, layout)
    rows = Rows(end, batch.streams.keys, starting_values(batch.state, None), inputs)
    missing = rows.n_blocks * LANES - history.shape[2]
    measured = np.ascontiguousarray(np.pad(history, ((0, 0), (0, 0), (0, missing)), mode="edge"))
    shared = (rows.cells, rows.runs, *spare_rows([end.program], start.n_partners))
    call = _call(end, months + 1, 1, months, shared, (len(end.program.cells), len(end.program.runs)), inputs)
    call(rows.keys.ctypes.data, measured.ctypes.data, rows.n_blocks, rows.n_blocks)
    ends = {o.name: rows.runs[:, end.program.runs[f"outcome.{o.name}", 0]] for o in outcomes}
    return {name: values.reshape(-1)[: rows.n_runs] for name, values in ends.items()}


def _call(
    part: Compiled, first: int, n: int, months: int, shared: tuple[Array, ...], sizes: tuple[int, int],
    inputs: dict[str, Any],
) -> Callable[[int, int, int, int], None]:  # fmt: skip
    """Give a function of where keys and measures of some blocks begin, of their number, and of that of all blocks."""
    own = numbers_of(part.program, inputs), table_of(part.program)
    data, table = [array.ctypes.data for array in (*shared, own[0])], own[1].ctypes.data
    numbers = (*sizes, first, n, max(first - 1, 0), months, int(inputs["partners"]), 0)

    def call(keys: int, measured: int, blocks: int, n_blocks: int, alive: Any = (own, shared)) -> None:
        part.call(*data, keys, table, measured, *numbers, blocks, n_blocks)

    return call


def _remembered_rows(month: Compiled, key: tuple[str, int], cells: Array, runs: Array) -> Array:
    """Give the rows of a part of what the policy remembers: shape (blocks, partners or 1, lanes)."""
    if key[0] in month.equations.wide:
        return cells[:, :, month.program.cells[key]]
    return runs[:, month.program.runs[key]][:, None]
