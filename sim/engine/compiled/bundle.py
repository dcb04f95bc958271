"""A bundle: every module that a page needs to run a partnership under some policies, and where what lies."""

import dataclasses
import hashlib
from collections.abc import Set
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np

from sim.core.processes import deaf_to_ctrl_c
from sim.engine.batch import Batch
from sim.engine.compiled.inputs import (
    form_of,
    leaves,
    other_policy_parameters,
    policy_parameters,
    remembered_values,
    rule_parameters,
    structure_of,
)
from sim.engine.compiled.layout import LANES, Layout, layout_of
from sim.engine.compiled.loops import Program, write
from sim.engine.compiled.node import Node
from sim.engine.compiled.runtime import parameters_of
from sim.engine.compiled.trace import Equations, Start, trace, trace_end, trace_first_day
from sim.engine.compiled.wasm import read_wasm, wasm_of
from sim.model.dated_events import name_of
from sim.model.outcomes.series import ALWAYS, series_of
from sim.model.policies import Policy
from sim.model.scenario import Scenario

Plain = dict[str, Any]


@dataclasses.dataclass
class Bundle:
    """Modules and layouts, each by a digest of what it holds.

    Attributes:
        executor: processes that compile modules meanwhile; without, each is compiled at once.
        places: where a ``module`` reads and writes: its ``layout`` and the rows it has besides (``cells``, ``runs``);
            ``spare``: rows that it keeps for itself, of partners and of the partnership; ``measured``: outcomes a
            month; ``tables``; ``columns``: where in them each column of a roster begins; ``same``: flows that are one
            number; ``holds``: conditions under which it is right, each as how (``now``: in this month; ``ever``: in
            some month), an expression, and whether it does.
        layouts: rows that all modules of a run share: ``cells``, ``runs``, and the list of ``numbers``.
    """

    executor: Executor | None = None
    places: dict[str, Plain] = dataclasses.field(default_factory=dict)
    layouts: dict[str, Plain] = dataclasses.field(default_factory=dict)
    _months: dict[Any, list[tuple[Equations, str]]] = dataclasses.field(default_factory=dict)
    _modules: dict[str, bytes | Future[bytes]] = dataclasses.field(default_factory=dict)

    @property
    def modules(self) -> dict[str, bytes]:
        """WebAssembly; it waits until all are compiled."""
        return {digest: m if isinstance(m, bytes) else m.result() for digest, m in sorted(self._modules.items())}

    def waiting(self) -> list[Future[bytes]]:
        """List the modules that are still to be compiled."""
        return [module for module in self._modules.values() if not isinstance(module, bytes)]

    def add(
        self,
        scenario: Scenario,
        policy: Policy,
        months: int,
        free: Set[str] = frozenset(),
        watch: bool = True,
        every: bool = False,
    ) -> Plain:
        """Add what runs a partnership under a policy.

        Args:
            scenario: the partnership.
            policy: the policy.
            months: how many a run lasts.
            free: parameters that the page may set to other values, and columns of the roster (``roster.size``) that it
                may fill, for as many members or fewer: nothing is left out because of theirs.
            watch: whether single months can be watched.
            every: whether every monthly outcome is measured in many runs, and not the few that others are made of.

        Returns:
            Keys into ``places``: ``first_day``, ``months``, ``watch`` and ``end``; ``parameters`` by dotted path and
            what the policy has ``remembered`` at the start; ``partners``; dated ``events`` that everybody notices;
            names of what is measured every month (``monthly``; in watched months ``series``) and of a run
            (``outcomes``).

        Raises:
            NotCompilable: some of it cannot be written as equations.
        """
        batch, free = Batch(scenario, [0, 1], policy), frozenset(free)
        params, own, series = batch.params, batch.own, series_of(batch.sectors)
        monthly = series if every or own.needs_series else ALWAYS
        rules, of_policy = dict(rule_parameters(params)), policy_parameters(batch.policy)
        first = trace_first_day(params, batch.roster, free)
        start = Start.after(first, batch.memory)
        layout = layout_of(start.n_parts, rules, of_policy, len(leaves(batch.memory)))

        def of_months(watched: bool) -> tuple[list[str], Start]:
            digests, done, known = list[str](), 0, start
            measured = series if watched else monthly
            while done < months:
                left = range(done + 1, months + 1)
                arguments = (batch.policy, batch.targeting, known, left, measured, free, watched)
                month, digest = self._month(batch, layout, arguments)
                digests.append(digest)
                known, done = known.then(month), done + month.graph.holds_until(parameters_of(batch), left)
            return digests, known

        digests, known = of_months(False)
        return {
            "first_day": self._add(first, layout, flows=True),
            "months": digests,
            "watch": of_months(True)[0] if watch else [],
            "end": self._add(trace_end(own.outcomes, monthly, months, dataclasses.replace(known, constant={})), layout),
            "parameters": {path: _number(value) for path, value in (rules | of_policy).items()},
            "remembered": {f"{name}.{k}": float(np.ravel(v)[0]) for (name, k), v in
                           remembered_values(batch.memory).items()},
            "partners": start.n_partners,
            "events": [{"month": e.month, "name": name_of(e), "member": e.member, "size": abs(e.size)}
                       for e in scenario.events if name_of(e)],
            "monthly": [o.name for o in monthly],
            "series": [o.name for o in series],
            "outcomes": [o.name for o in own.outcomes],
        }  # fmt: skip

    def _month(self, batch: Batch, layout: Layout, arguments: tuple[Any, ...]) -> tuple[Equations, str]:
        """Trace a month and add it, or find one that another partnership has: its number of members does not matter."""
        policy, targeting, start, months, measured, free, watched = arguments
        sizes = ("size.partners", "size.candidates")
        form = tuple(fact for fact in form_of(batch.params) if fact[0] not in sizes)
        shape = (tuple(start.n_parts.items()), tuple(sorted(start.wide)), structure_of(start.memory))
        key = (batch.own.traced_step, targeting, form, other_policy_parameters(policy), shape, measured, free, watched,
               self._layout(layout))  # fmt: skip
        for month, digest in self._months.setdefault(key, []):
            fits = month.constant.items() <= start.constant.items()
            if fits and month.graph.holds_until(parameters_of(batch), months):
                return month, digest
        month = trace(batch.own.traced_step, batch.params, *arguments)
        digest = self._add(month, layout, watched)
        if not self.places[digest]["tables"]:  # none has a number for each member
            self._months[key].append((month, digest))
        return month, digest

    def _add(self, equations: Equations, layout: Layout, flows: bool = False) -> str:
        program = write(equations, layout, flows)
        tables = [[_number(value) for value in table.values] for table in program.tables]
        place = _places(equations, program, layout, tables) | {"layout": self._layout(layout)}
        place["module"] = _digest(program.text.encode())
        if place["module"] not in self._modules:
            self._modules[place["module"]] = read_wasm(program) or self._compile(program)
        digest = _digest(repr(place).encode())
        self.places[digest] = place
        return digest

    def _compile(self, program: Program) -> bytes | Future[bytes]:
        if self.executor is None:
            return wasm_of(program)
        lines = Program(
            program.before, program.loops, {}, {}, {}, frozenset(), program.n_spare_cells, program.n_spare_runs, 0, []
        )
        with deaf_to_ctrl_c():
            return self.executor.submit(wasm_of, lines)

    def _layout(self, layout: Layout) -> str:
        plain = {"lanes": LANES, "cells": _named(layout.cells), "runs": _named(layout.runs),
                 "numbers": list(layout.numbers)}  # fmt: skip
        digest = _digest(repr(plain).encode())
        self.layouts[digest] = plain
        return digest


def _places(equations: Equations, program: Program, layout: Layout, tables: list[Any]) -> Plain:
    def besides(rows: dict[Any, int], shared: dict[Any, int]) -> dict[Any, int]:
        return {key: row for key, row in rows.items() if key not in shared}

    return {
        "cells": _named(besides(program.cells, layout.cells)),
        "runs": _named(besides(program.runs, layout.runs)),
        "spare": [program.n_spare_cells, program.n_spare_runs],
        "measured": program.n_measured,
        "tables": tables,
        "columns": {table.name: program.table_starts[k] for k, table in enumerate(program.tables) if table.name},
        "wide": sorted(equations.wide),
        "same": _named({key: float(n.value) for key, n in equations.flows.items() if n.is_number()}),
        "holds": [[how, _plain(node), expected] for (how, node), expected in equations.graph.assumed.items()],
    }


def _named(values: dict[Any, Any]) -> Plain:
    return {key if isinstance(key, str) else f"{key[0]}.{key[1]}": value for key, value in values.items()}


def _number(value: Any) -> float | str:
    """Give a number as JSON can hold it: what is not finite as a text."""
    number = float(value)
    return number if np.isfinite(number) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(number)]


def _plain(node: Node) -> list[Any]:
    """Write a condition as nested lists: an operation and what it is applied to."""
    return [node.op, node.value] if node.op in ("number", "parameter") else [node.op, *map(_plain, node.args)]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
