"""Run compiled months on a batch: lay its arrays out in rows, call, and read the rows back."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import variables
from sim.core.sources import PluginError
from sim.engine.compiled import InvalidEffort, cache
from sim.engine.compiled.inputs import (
    leaves,
    other_policy_parameters,
    policy_parameters,
    rule_parameters,
    starting_values,
    structure_of,
    with_leaves,
)
from sim.engine.compiled.loops import LANES, Program, write
from sim.engine.compiled.node import Node
from sim.engine.compiled.trace import Month, trace, trace_first_day
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.members import Roster
from sim.model.observation import Observation
from sim.model.outcomes.base import Outcome
from sim.model.random_streams import Bits
from sim.model.replaced import refuse_no_state
from sim.model.scenario import Scenario
from sim.model.sectors import sector_names
from sim.model.state import Flows, State, freeze

if TYPE_CHECKING:
    from sim.engine.batch import Batch, Months

_compiled: dict[Any, list["CompiledMonth"]] = {}

_compiling = threading.Lock()
"""Held while a month is traced and compiled, so that threads do not do it twice."""


@dataclasses.dataclass
class CompiledMonth:
    """A compiled month, and the trace that it was made from."""

    month: Month
    program: Program
    call: Any


def inputs_of(batch: "Batch") -> dict[str, Any]:
    """List the numbers that a batch calculates with besides its state: parameters of rules and policy, its size."""
    return {
        **dict(rule_parameters(batch.params)),
        **policy_parameters(batch.policy),
        "partners": batch.state.member.shape[0],
    }


def compiled_for(
    batch: "Batch", months: range, outcomes: tuple[Outcome, ...], flows: bool, inputs: dict[str, Any] | None = None
) -> tuple[CompiledMonth, int]:
    """Return a compiled month that fits the batch as it is, and the number of months for which it does.

    Raises:
        NotCompilable: the policy cannot be written as equations.
    """
    inputs = inputs_of(batch) if inputs is None else inputs
    values = starting_values(batch.state, batch.memory)
    shapes = tuple((k, v.shape[0]) for k, v in values.items())
    kinds = tuple(event.kind for event in batch.params.events)
    others = (other_policy_parameters(batch.policy), structure_of(batch.memory), kinds)
    key = (batch.own.traced_step, batch.targeting, shapes, outcomes, flows, others)
    with _compiling:
        for known in _compiled.setdefault(key, []):
            if all((values[k] == c).all() for k, c in known.month.constant.items()):
                holds = known.month.graph.holds_until(inputs, months)
                if holds:
                    return known, holds
        step, memory = batch.own.traced_step, batch.memory
        month = trace(step, batch.params, batch.policy, batch.targeting, batch.state, memory, months, outcomes)
        program = write(month, flows)
        made = CompiledMonth(month, program, cache.compiled(program))
        _compiled[key].append(made)
        return made, month.graph.holds_until(inputs, months)


def _refuse_no_state(batch: "Batch", before: State) -> None:
    """Leave what rules of a user's own lead to, where that is no state, to the NumPy engine: it says what is wrong."""
    if batch.own.step is not batch.own.traced_step:
        try:
            refuse_no_state("", before, batch.state)
        except PluginError as error:
            raise InvalidEffort from error


class Rows:
    """Arrays of some runs, laid out for one compiled month.

    Args:
        compiled: the month, or the first day.
        keys: of the random streams, shape (1, runs).
        values: what the state and the policy's memory hold, by name and part.
        inputs: as ``inputs_of`` gives them.
    """

    def __init__(
        self, compiled: CompiledMonth, keys: Bits, values: Mapping[tuple[str, int], Array], inputs: dict[str, Any]
    ) -> None:
        self.compiled, self.n_runs, program = compiled, keys.shape[1], compiled.program
        self.n_partners, self.n_blocks = int(inputs["partners"]), -(-self.n_runs // LANES)
        self.cells = np.zeros((self.n_blocks, self.n_partners, max(len(program.cells), 1), LANES))
        self.runs = np.zeros((self.n_blocks, max(len(program.runs), 1), LANES))
        self.keys = np.zeros((self.n_blocks, LANES), dtype=np.uint64)
        self._lay(keys, self.keys[:, None])
        for key, row in program.cells.items():
            if key in values:
                self._lay(values[key], self.cells[:, :, row])
        for key, row in program.runs.items():
            if key in values:
                self._lay(values[key], self.runs[:, row][:, None])
            elif isinstance(key, Node) and key.op == "parameter":
                number = inputs[key.value]
                if isinstance(number, np.ndarray):
                    self._lay(np.atleast_2d(number), self.runs[:, row][:, None])
                else:
                    self.runs[:, row] = number

    def _lay(self, values: NDArray[Any], rows: NDArray[Any]) -> None:
        """Lay (partners or 1, runs or 1) out as (blocks, partners, lanes); the last run fills the last block."""
        if values.shape[1] == 1:
            rows[:] = values[None]
            return
        full = self.n_runs // LANES
        n = full * LANES
        rows[:full] = values[:, :n].reshape(len(values), full, LANES).transpose(1, 0, 2)
        if n < self.n_runs:
            rows[full, :, : self.n_runs - n] = values[:, n:]
            rows[full, :, self.n_runs - n :] = values[:, -1:]

    def _read(self, key: Any) -> Array:
        """Read a row back as (partners or 1, runs): a copy, as the coming months overwrite the row."""
        if key in self.compiled.program.cells:
            rows = self.cells[:, :, self.compiled.program.cells[key]].transpose(1, 0, 2)
        else:
            rows = self.runs[:, self.compiled.program.runs[key]][None]
        values = rows.reshape(len(rows), -1)  # a copy, but of one block or row a view
        is_copy = values.shape[1] == self.n_runs and not np.may_share_memory(values, rows)
        return values if is_copy else values[:, : self.n_runs].copy()

    def run(self, first: int, n_months: int) -> Array:
        """Advance by some months; returns the outcomes measured, shape (outcomes, months, runs)."""
        program = self.compiled.program
        measured = np.empty((program.n_measured, n_months, self.n_blocks * LANES))
        shared = np.empty(max(program.n_shared, 1) * self.n_partners * LANES)
        table = np.concatenate([*(t.values for t in program.tables), [0.0]])
        rows = (a.ctypes.data for a in (self.cells, self.runs, shared, self.keys, table, measured))
        self.compiled.call(*rows, first, n_months, self.n_partners, 0, self.n_blocks, self.n_blocks)
        return measured[:, :, : self.n_runs]

    def state(self, before: State) -> State:
        """Read the state back; variables that did not change keep their arrays."""
        changed: dict[str, Any] = {}
        for name, part in (k for k in self.compiled.month.changed if k not in self.compiled.month.constant):
            if "." not in name:
                old = getattr(before, name)
                if old.ndim == 3:
                    changed.setdefault(name, old.copy())[:, part] = self._read((name, part))
                else:
                    changed[name] = self._read((name, part))
        return before.replace(**changed)

    def whole_state(self) -> State:
        """Read every variable of the first day; those that are one number share arrays, as nobody writes into them."""
        month, same = self.compiled.month, dict[tuple[Any, ...], Array]()
        parts = Counter(name for name, _ in month.changed)
        arrays: dict[str, Any] = {}
        for name, n in parts.items():
            several = "," in _STATE[name]["axes"]
            rows = self.n_partners if name in month.wide else 1
            shape = (rows, n, self.n_runs) if several else (rows, self.n_runs)
            numbers = {month.constant.get((name, k)) for k in range(n)}
            kind = np.int16 if name in ("tie_to", "tie_since") else np.float64
            if len(numbers) == 1 and None not in numbers:
                (number,) = numbers
                if (shape, number, kind) not in same:
                    same[shape, number, kind] = np.full(shape, number, dtype=kind)
                arrays[name] = same[shape, number, kind]
            elif several:
                arrays[name] = np.empty(shape)
                for k in range(n):
                    number = month.constant.get((name, k))
                    arrays[name][:, k] = self._read((name, k)) if number is None else number
            else:
                arrays[name] = self._read((name, 0))
        return State(month=0, **arrays)

    def memory(self, before: Any) -> Any:
        """Read the policy's memory back."""
        keys = [(f"memory.{k}", 0) for k in range(len(leaves(before)))]
        fixed = self.compiled.month.constant
        return with_leaves(
            before, iter([np.full((1, self.n_runs), fixed[k]) if k in fixed else self._read(k) for k in keys])
        )

    def flows(self) -> Flows:
        """Read the flows of the last month; what the policy saw is left out."""
        groups: dict[str, dict[str, list[Array]]] = {"flows": {}, "effort": {}, "spent": {}}
        for (name, part), node in self.compiled.month.flows.items():
            group, field = name.split(".")
            values = np.array([[node.value]]) if node.is_number() else self._read((name, part))
            n = self.n_partners if group == "flows" and _FLOWS[field]["axes"].startswith("partner") else len(values)
            groups[group].setdefault(field, []).append(np.broadcast_to(values, (n, self.n_runs)))
        arrays: dict[str, dict[str, Any]] = {
            group: {name: v[0] for name, v in fields.items()} for group, fields in groups.items()
        }
        for name in ("seeker", "giver"):
            arrays["flows"][name] = np.stack(groups["flows"][name], axis=1).astype(np.int64)
        return Flows(
            seen=cast(Observation, None), spent=arrays["spent"], effort=Effort(**arrays["effort"]), **arrays["flows"]
        )


_FLOWS, _STATE = variables(Flows), variables(State)


def first_day_of(params: Scenario, keys: Bits, roster: Roster | None) -> State:
    """Draw every partner and partnership of some runs, as ``first_day`` does: the state at month 0.

    Args:
        params: the parameters of the runs.
        keys: of their random streams, shape (1, runs).
        roster: what is known of each member, or None.

    Raises:
        NotCompilable: the first day cannot be written as equations.
    """
    first, inputs = compiled_first_day(params, roster)
    rows = Rows(first, keys, {}, inputs)
    rows.run(0, 1)
    return rows.whole_state()


def compiled_first_day(params: Scenario, roster: Roster | None) -> tuple[CompiledMonth, dict[str, Any]]:
    """Return a compiled first day that fits parameters and a roster, and what it calculates with.

    Raises:
        NotCompilable: the first day cannot be written as equations.
    """
    inputs: dict[str, Any] = dict(rule_parameters(params))
    inputs["partners"] = params.size.partners + params.size.candidates
    homes = [getattr(getattr(params.sectors, name), "home", name) for name in sector_names(params.sectors)]
    known = b"" if roster is None else b"|".join(np.asarray(v).tobytes() for v in vars(roster).values())
    key = ("first day", repr((vars(params.size), homes, sorted(inputs))), known)
    with _compiling:
        fits = [c for c in _compiled.setdefault(key, []) if c.month.graph.holds_until(inputs, range(1))]
        if not fits:
            month = trace_first_day(params, roster)
            program = write(month, False)
            fits = [CompiledMonth(month, program, cache.compiled(program))]
            _compiled[key] += fits
    return fits[0], inputs


def run_months(batch: "Batch", months: int, outcomes: tuple[Outcome, ...], each_month: bool) -> Iterator["Months"]:
    """Advance a batch: (measured, before, flows, after), month by month where ``each_month`` says so.

    Raises:
        NotCompilable: the policy cannot be written as equations.
        InvalidEffort: the policy returned an effort that is not valid.
    """
    done = start = batch.state.month
    inputs = inputs_of(batch)
    while done < start + months:
        left = range(done + 1, start + months + 1)
        compiled, holds = compiled_for(batch, left, outcomes, each_month, inputs)
        rows = Rows(compiled, batch.streams.keys, starting_values(batch.state, batch.memory), inputs)
        for first, n in ((m, 1) for m in left[:holds]) if each_month else [(done + 1, holds)]:
            measured = rows.run(first, n)
            if measured[-1].any():
                raise InvalidEffort
            before = batch.state
            batch.state = freeze(rows.state(before).replace(month=first + n - 1))
            _refuse_no_state(batch, before)
            yield measured[:-1], before, rows.flows() if each_month else None, batch.state
        batch.memory = rows.memory(batch.memory)
        done += holds
