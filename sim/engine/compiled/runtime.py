"""Run compiled months on a batch: lay its arrays out in rows, call, and read the rows back."""

import dataclasses
import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.core.declare import variables
from sim.core.sources import PluginError
from sim.engine.compiled import InvalidEffort, cache
from sim.engine.compiled.inputs import (
    form_of,
    leaves,
    other_policy_parameters,
    policy_parameters,
    rule_parameters,
    starting_values,
    structure_of,
    with_leaves,
)
from sim.engine.compiled.layout import LANES, Layout, layout_of, varied_of
from sim.engine.compiled.loops import Program, write
from sim.engine.compiled.trace import Equations, Start, trace, trace_end, trace_first_day
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.members import Roster
from sim.model.observation import Observation
from sim.model.outcomes.base import Outcome
from sim.model.random_streams import Bits
from sim.model.replaced import refuse_no_state
from sim.model.scenario import Scenario
from sim.model.state import Flows, State, freeze

if TYPE_CHECKING:
    from sim.engine.batch import Batch, Months

_compiled: dict[Any, list["Compiled"]] = {}

_compiling = threading.Lock()
"""Held while a month is traced and compiled, so that threads do not do it twice."""


@dataclasses.dataclass
class Compiled:
    """A compiled program, and the equations that it was made from."""

    equations: Equations
    program: Program
    call: Any


def parameters_of(batch: "Batch") -> dict[str, Any]:
    """List the numbers that a batch calculates with besides its state: parameters of rules and policy, its size."""
    params = batch.params
    return {
        **dict(rule_parameters(params)),
        **policy_parameters(batch.policy),
        "partners": params.size.partners + params.size.candidates,
    }


def compiled_for(
    batch: "Batch",
    months: range,
    outcomes: tuple[Outcome, ...],
    flows: bool,
    start: Start | None = None,
    inputs: dict[str, Any] | None = None,
) -> tuple[Compiled, int]:
    """Return a compiled month that fits a batch, and the number of months for which it does.

    Args:
        batch: its scenario, policy and parameters are read; its state where ``start`` is None.
        months: those to come.
        outcomes: measured every month.
        flows: whether the month's flows are written.
        start: what is known of the state and the policy's memory.
        inputs: from ``parameters_of``.

    Raises:
        NotCompilable: the policy cannot be written as equations.
    """
    start = Start.of(batch.state, batch.memory) if start is None else start
    inputs = parameters_of(batch) if inputs is None else inputs
    step, policy = batch.own.traced_step, batch.policy
    shape = (tuple(start.n_parts.items()), tuple(sorted(start.wide)), structure_of(start.memory))
    key = (step, batch.targeting, form_of(batch.params), other_policy_parameters(policy), shape, outcomes, flows)

    def made() -> Compiled:
        equations = trace(step, batch.params, policy, batch.targeting, start, months, outcomes)
        rules, of_policy = dict(rule_parameters(batch.params)), policy_parameters(policy)
        layout = layout_of(start.n_parts, rules, of_policy, len(leaves(start.memory)))
        return _built(equations, layout, flows)

    compiled = _known(key, made, inputs, months, start)
    return compiled, compiled.equations.graph.holds_until(inputs, months)


def _known(
    key: Any, make: Callable[[], Compiled], inputs: dict[str, Any], months: range, start: Start | None
) -> Compiled:
    """Return what was compiled before and fits, or compile it."""
    with _compiling:
        for known in _compiled.setdefault(key, []):
            constants = start is None or known.equations.constant.items() <= start.constant.items()
            if constants and known.equations.graph.holds_until(inputs, months):
                return known
        made = make()
        _compiled[key].append(made)
        return made


def _built(equations: Equations, layout: Layout, flows: bool = False) -> Compiled:
    program = write(equations, layout, flows)
    return Compiled(equations, program, cache.compiled(program))


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
        inputs: as ``parameters_of`` gives them.
    """

    def __init__(
        self, compiled: Compiled, keys: Bits, values: Mapping[tuple[str, int], Array], inputs: dict[str, Any]
    ) -> None:
        self.compiled, self.n_runs, program = compiled, keys.shape[1], compiled.program
        self.n_partners, self.n_blocks = int(inputs["partners"]), -(-self.n_runs // LANES)
        self.cells = rows_of(self.n_blocks, self.n_partners, max(len(program.cells), 1), LANES)
        self.runs = rows_of(self.n_blocks, max(len(program.runs), 1), LANES)
        self.numbers = numbers_of(program, inputs)
        self.keys = in_blocks(keys)[:, 0].copy()
        for key in program.reads & values.keys():
            if self._is_wide(key):
                self._lay(values[key], self.cells[:, :, program.cells[key]])
            else:
                self._lay(values[key], self.runs[:, program.runs[key]][:, None])
        for path in varied_of(inputs):
            self._lay(np.atleast_2d(inputs[path]), self.runs[:, program.runs[path]][:, None])

    def _is_wide(self, key: Any) -> bool:
        """Tell whether a variable has a row for each partner."""
        program = self.compiled.program
        return key in program.cells and (key not in program.runs or key[0] in self.compiled.equations.wide)

    def _lay(self, values: NDArray[Any], rows: NDArray[Any]) -> None:
        """Lay (partners or 1, runs or 1) out as (blocks, partners, lanes)."""
        rows[:] = values[None] if values.shape[1] == 1 else in_blocks(values)

    def _read(self, key: Any) -> Array:
        """Read a row back as (partners or 1, runs): a copy, as the coming months overwrite the row."""
        if self._is_wide(key):
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
        arrays = (self.cells, self.runs, *spare_rows([program], self.n_partners), self.numbers, self.keys,
                  table_of(program), measured)  # fmt: skip
        rows = (len(program.cells), len(program.runs))
        months = (first, n_months, 0, n_months)
        pointers = (a.ctypes.data for a in arrays)
        self.compiled.call(*pointers, *rows, *months, self.n_partners, 0, self.n_blocks, self.n_blocks)
        return measured[:, :, : self.n_runs]

    def state(self, before: State) -> State:
        """Read the state back; variables that did not change keep their arrays."""
        changed: dict[str, Any] = {}
        for name, part in self.compiled.equations.changed:
            if "." not in name:
                old = getattr(before, name)
                if old.ndim == 3:
                    changed.setdefault(name, old.copy())[:, part] = self._read((name, part))
                else:
                    changed[name] = self._read((name, part))
        return before.replace(**changed)

    def whole_state(self) -> State:
        """Read every variable of the first day; those that are one number share arrays, as nobody writes into them."""
        first, same = self.compiled.equations, dict[tuple[Any, ...], Array]()
        parts = Counter(name for name, _ in first.changed)
        arrays: dict[str, Any] = {}
        for name, n in parts.items():
            several = "," in _STATE[name]["axes"]
            rows = self.n_partners if _STATE[name]["axes"].startswith("partner") else 1
            shape = (rows, n, self.n_runs) if several else (rows, self.n_runs)
            numbers = {first.constant.get((name, k)) for k in range(n)}
            kind = np.int16 if name in ("tie_to", "tie_since") else np.float64
            if len(numbers) == 1 and None not in numbers:
                (number,) = numbers
                if (shape, number, kind) not in same:
                    same[shape, number, kind] = np.full(shape, number, dtype=kind)
                arrays[name] = same[shape, number, kind]
            elif several:
                arrays[name] = np.empty(shape)
                for k in range(n):
                    number = first.constant.get((name, k))
                    arrays[name][:, k] = self._read((name, k)) if number is None else number
            else:
                arrays[name] = self._read((name, 0))
        return State(month=0, **arrays)

    def memory(self, before: Any) -> Any:
        """Read the policy's memory back."""
        keys = [(f"memory.{k}", 0) for k in range(len(leaves(before)))]
        fixed = self.compiled.equations.constant
        return with_leaves(
            before, iter([np.full((1, self.n_runs), fixed[k]) if k in fixed else self._read(k) for k in keys])
        )

    def flows(self) -> Flows:
        """Read the flows of the last month; what the policy saw is left out."""
        groups: dict[str, dict[str, list[Array]]] = {"flows": {}, "effort": {}, "spent": {}}
        for (name, part), node in self.compiled.equations.flows.items():
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


def in_blocks(values: NDArray[Any]) -> NDArray[Any]:
    """Lay (rows, runs) out as (blocks, rows, lanes); the last run fills the last block."""
    n_rows, n_runs = values.shape
    n_blocks = -(-n_runs // LANES)
    full = np.concatenate([values, np.repeat(values[:, -1:], n_blocks * LANES - n_runs, axis=1)], axis=1)
    return full.reshape(n_rows, n_blocks, LANES).transpose(1, 0, 2)


def numbers_of(program: Program, inputs: Mapping[str, Any]) -> Array:
    """List the parameters that are the same in all runs, as a program finds them."""
    return np.array([float(inputs[path]) for path in program.numbers] or [0.0])


def table_of(program: Program) -> Array:
    """Lay the tables of a program end to end."""
    return np.concatenate([*(t.values for t in program.tables), [0.0]])


def rows_of(*shape: int) -> Array:
    """Make rows of zeros, the first where a line of the processor's cache begins: so no row lies on two lines."""
    n = math.prod(shape)
    buffer = np.zeros(n + _LINE)
    first = -(buffer.ctypes.data // buffer.itemsize) % _LINE
    return buffer[first : first + n].reshape(shape)


_LINE = 8
"""Numbers in a line of the cache."""


def spare_rows(programs: Sequence[Program], n_partners: int) -> tuple[Array, Array]:
    """Make the rows that programs keep for themselves: of partners, and of the partnership."""
    cells = max(program.n_spare_cells for program in programs) * n_partners
    runs = max(program.n_spare_runs for program in programs)
    return rows_of(max(cells, 1), LANES), rows_of(max(runs, 1), LANES)


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


def known_of(roster: Roster | None) -> bytes:
    """Give what a roster says as bytes, to compare by."""
    return b"" if roster is None else b"|".join(np.asarray(values).tobytes() for values in vars(roster).values())


def compiled_first_day(params: Scenario, roster: Roster | None) -> tuple[Compiled, dict[str, Any]]:
    """Return a compiled first day that fits parameters and a roster, and what it calculates with.

    Raises:
        NotCompilable: the first day cannot be written as equations.
    """
    inputs: dict[str, Any] = dict(rule_parameters(params))
    rules = dict(inputs)
    inputs["partners"] = params.size.partners + params.size.candidates

    def made() -> Compiled:
        equations = trace_first_day(params, roster)
        n_parts = Counter(name for name, _ in equations.changed)
        return _built(equations, layout_of(n_parts, rules))

    return _known(("first day", form_of(params), known_of(roster)), made, inputs, range(1), None), inputs


def compiled_end(
    outcomes: tuple[Outcome, ...], monthly: tuple[Outcome, ...], months: int, start: Start, layout: Layout
) -> Compiled:
    """Return the compiled outcomes of a run; nothing is taken for constant, so that all runs have the same program.

    Raises:
        NotCompilable: an outcome cannot be written as equations.
    """
    start = dataclasses.replace(start, constant={})
    shape = (start.n_partners, tuple(start.n_parts.items()))
    rows = (tuple(layout.cells), tuple(layout.runs))

    def made() -> Compiled:
        return _built(trace_end(outcomes, monthly, months, start), layout)

    return _known(("end", shape, rows, outcomes, monthly, months), made, {}, range(1), start)


def run_months(batch: "Batch", months: int, outcomes: tuple[Outcome, ...], each_month: bool) -> Iterator["Months"]:
    """Advance a batch: (measured, before, flows, after), month by month where ``each_month`` says so.

    Raises:
        NotCompilable: the policy cannot be written as equations.
        InvalidEffort: the policy returned an effort that is not valid.
    """
    done = begin = batch.state.month
    inputs = parameters_of(batch)
    while done < begin + months:
        left = range(done + 1, begin + months + 1)
        compiled, holds = compiled_for(batch, left, outcomes, each_month, inputs=inputs)
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
