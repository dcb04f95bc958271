"""Let compiled months run on a batch: lay its arrays out in rows, call, and read the rows back."""

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from sim.core.declare import variables
from sim.engine.compiled import Refused
from sim.engine.compiled.build import compile_month
from sim.engine.compiled.inputs import (
    form_of,
    leaves,
    other_settings_in,
    parameters_in,
    rebuilt,
    settings_in,
    starting_values,
)
from sim.engine.compiled.loops import LANES, Program, write
from sim.engine.compiled.node import Node
from sim.engine.compiled.trace import Month, trace
from sim.model.arrays import Array
from sim.model.effort import Effort
from sim.model.observation import Observation
from sim.model.outcomes.base import Outcome
from sim.model.state import Flows, State, freeze

_known: dict[Any, list["CompiledMonth"]] = {}


@dataclasses.dataclass
class CompiledMonth:
    """A compiled month, and what it was made for."""

    month: Month
    program: Program
    call: Any


def compiled_for(batch: Any, months: range, outcomes: tuple[Outcome, ...], flows: bool) -> tuple[CompiledMonth, int]:
    """Give a compiled month that fits the batch as it stands, and for how many of the months it does.

    Raises:
        NotCompilable: the policy does what cannot be written as equations.
    """
    given = {**dict(parameters_in(batch.params)), **settings_in(batch.policy), "partners": batch.state.member.shape[0]}
    values = starting_values(batch.state, batch.memory)
    shapes = tuple((k, v.shape[0]) for k, v in values.items())
    others = (other_settings_in(batch.policy), form_of(batch.memory))
    key = (type(batch.policy), batch.targeting, shapes, outcomes, flows, others)
    for known in _known.setdefault(key, []):
        if all((values[k] == c).all() for k, c in known.month.constant.items()):
            holds = known.month.graph.holds_until(given, months)
            if holds:
                return known, holds
    month = trace(batch.params, batch.policy, batch.targeting, batch.state, batch.memory, months, outcomes)
    program = write(month, flows)
    made = CompiledMonth(month, program, compile_month(program.text))
    _known[key].append(made)
    return made, month.graph.holds_until(given, months)


class Rows:
    """The rows of a batch for one compiled month."""

    def __init__(self, compiled: CompiledMonth, batch: Any) -> None:
        self.compiled, self.n_runs = compiled, batch.state.member.shape[1]
        self.n_partners, self.n_blocks = batch.state.member.shape[0], -(-self.n_runs // LANES)
        program = compiled.program
        self.cells = np.zeros((self.n_blocks, self.n_partners, max(len(program.cells), 1), LANES))
        self.runs = np.zeros((self.n_blocks, max(len(program.runs), 1), LANES))
        self.keys = self._spread(batch.worlds.keys)[:, 0].copy()
        values = starting_values(batch.state, batch.memory)
        given = {**dict(parameters_in(batch.params)), **settings_in(batch.policy)}
        for key, row in program.cells.items():
            if key in values:
                self.cells[:, :, row] = self._spread(values[key])
        for key, row in program.runs.items():
            if key in values:
                self.runs[:, row] = self._spread(values[key])[:, 0]
            elif isinstance(key, Node) and key.op == "parameter":
                self.runs[:, row] = self._spread(np.atleast_2d(given[key.value]))[:, 0]

    def _spread(self, values: Array) -> Array:
        """Lay (partners, runs) out as (blocks, partners, lanes); the last run fills what is left."""
        values = np.broadcast_to(values, (len(values), self.n_runs))
        missing = self.n_blocks * LANES - self.n_runs
        if missing:
            values = np.concatenate([values, np.repeat(values[:, -1:], missing, axis=1)], axis=1)
        return values.reshape(len(values), self.n_blocks, LANES).transpose(1, 0, 2)

    def _read(self, key: Any) -> Array:
        """Read a row back as (partners or 1, runs)."""
        if key in self.compiled.program.cells:
            rows = self.cells[:, :, self.compiled.program.cells[key]].transpose(1, 0, 2)
        else:
            rows = self.runs[:, self.compiled.program.runs[key]][None]
        return rows.reshape(len(rows), -1)[:, : self.n_runs]

    def go(self, first: int, n_months: int) -> Array:
        """Go through some months; gives what was measured: shape (outcomes, months, runs)."""
        program = self.compiled.program
        kept = np.empty((program.n_kept, n_months, self.n_blocks * LANES))
        shared = np.empty(max(program.n_shared, 1) * self.n_partners * LANES)
        table = np.concatenate([[0.0], *(t.values for t in program.tables)])[1:]
        rows = (a.ravel() for a in (self.cells, self.runs, shared, self.keys, table, kept))
        self.compiled.call(*rows, first, n_months, self.n_partners, self.n_blocks)
        return kept[:, :, : self.n_runs]

    def state(self, before: State) -> State:
        """Read the state back; what did not change is the array it was."""
        changed: dict[str, Any] = {}
        for name, part in (k for k in self.compiled.month.changed if k not in self.compiled.month.constant):
            if "." not in name:
                old = getattr(before, name)
                if old.ndim == 3:
                    changed.setdefault(name, old.copy())[:, part] = self._read((name, part))
                else:
                    changed[name] = self._read((name, part))
        return before.replace(**changed)

    def memory(self, before: Any) -> Any:
        """Read the policy's memory back."""
        keys = [(f"memory.{k}", 0) for k in range(len(leaves(before)))]
        fixed = self.compiled.month.constant
        return rebuilt(
            before, iter([np.full((1, self.n_runs), fixed[k]) if k in fixed else self._read(k) for k in keys])
        )

    def flows(self) -> Flows:
        """Read what moved in the last month; what the policy saw is not kept."""
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


_FLOWS = variables(Flows)


def go(batch: Any, months: int, outcomes: tuple[Outcome, ...], watched: bool) -> Iterator[Any]:
    """Go through the months of a batch: (measured, before, flows, after), month by month only where that is watched.

    Raises:
        NotCompilable: the policy does what cannot be written as equations.
        Refused: the policy does what it may not.
    """
    done = 0
    while done < months:
        left = range(done + 1, months + 1)
        compiled, holds = compiled_for(batch, left, outcomes, watched)
        rows = Rows(compiled, batch)
        for first, n in ((m, 1) for m in left[:holds]) if watched else [(done + 1, holds)]:
            measured = rows.go(first, n)
            if measured[-1].any():
                raise Refused
            before = batch.state
            batch.state = freeze(rows.state(before).replace(month=first + n - 1))
            yield measured[:-1], before, rows.flows() if watched else None, batch.state
        batch.memory = rows.memory(batch.memory)
        done += holds
