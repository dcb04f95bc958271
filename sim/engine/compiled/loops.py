"""Write a month's equations as one loop over blocks of runs: what is needed, where, and in which order.

Sums over partners divide the month into stages: first quantities of the partnership, then a loop over partners that
calculates what the next sums need, then the partnership again. What a later stage needs is stored in a row.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from sim.engine.compiled.node import CELL, OVER_PARTNERS, RUN, Node
from sim.engine.compiled.schedule import Stage, by_op, reachable, root_of
from sim.engine.compiled.trace import Month
from sim.model.random_streams import PARTNERSHIP

LANES = 16
"""Runs processed together: a few of the machine's widest registers."""


@dataclasses.dataclass(frozen=True)
class Loop:
    """A loop over the runs of a block, or over its partners and runs, and its lines."""

    over_partners: bool
    lines: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Program:
    """A month to compile, and the row of each quantity.

    Attributes:
        loops: in the order in which they run.
        cells: row of each quantity of a partner.
        runs: row of each quantity of a partnership.
        n_shared: rows that other partners read.
        n_measured: outcomes.
        tables: tables of numbers that are looked up.
    """

    loops: tuple[Loop, ...]
    cells: dict[Any, int]
    runs: dict[Any, int]
    n_shared: int
    n_measured: int
    tables: list[Any]

    @property
    def sizes(self) -> tuple[int, int, int]:
        """Numbers of one partner in cells, of one block in runs and of one partner in what is shared."""
        cells, runs, shared = (max(n, 1) * LANES for n in (len(self.cells), len(self.runs), self.n_shared))
        return cells, runs, shared

    @property
    def text(self) -> str:
        """What is compiled: the same for the same rules, policy and outcomes in every process."""
        loops = (
            "\n".join((f"over {'partners' if loop.over_partners else 'runs'}", *loop.lines)) for loop in self.loops
        )
        return "\n".join((f"sizes {LANES} {' '.join(map(str, self.sizes))}", *loops, ""))


class _Writer:
    def __init__(self, month: Month, flows: bool) -> None:
        changed = {k: n for k, n in month.changed.items() if k not in month.constant}
        if flows:
            changed |= {k: n for k, n in month.flows.items() if not n.is_number()}
        self.outcomes = [*month.series, month.broken]
        self.wide = {k: n for k, n in changed.items() if k[0] in month.wide or n.level == CELL}
        self.narrow = {k: n for k, n in changed.items() if k not in self.wide}
        needed = reachable([*changed.values(), *self.outcomes])
        self.sums = by_op(needed, *OVER_PARTNERS)
        self.filled, self.touched = by_op(needed, "row", "shared"), by_op(needed, "pick", "put")
        depths = [n.args[0].depth for n in self.sums] + [n.depth for n in (*self.wide.values(), *self.touched)]
        self.last = max(depths, default=0)
        self.cells: dict[Any, int] = {}
        self.shared: dict[Any, int] = {}
        self.runs: dict[Any, int] = {}
        self.tables: list[Any] = []

    def write(self) -> Program:
        """Plan all stages, loops over partners first, then write them in order."""
        made: set[Node] = set()
        loops, wanted = list[Stage](), [dict[Node, None]() for _ in range(self.last + 2)]  # in order: a set has none
        for depth in range(self.last + 1):
            sinks = [n.args[0] for n in self.sums if n.args[0].depth == depth]
            sinks += [n for n in self.filled if n.depth == depth]
            loop = self._plan([*sinks, *(self.wide.values() if depth == self.last else ())], CELL, made)
            loops.append(loop)
            for node in loop.borrowed:
                wanted[node.depth][node] = None
                self._row(node)
        for node in self.filled:
            self._row(node)
        for node in self.touched:
            wanted[node.depth][node] = None
        finish = [*self.narrow.values(), *self.outcomes]
        made = set()
        between = [self._plan([*wanted[d], *(finish if d == self.last + 1 else ())], RUN, made)
                   for d in range(self.last + 2)]  # fmt: skip
        written = []
        for depth in range(self.last + 2):
            written.append(Loop(False, tuple(self._between(between[depth], depth))))
            if depth <= self.last:
                written.append(Loop(True, tuple(self._loop(loops[depth], depth))))
        return Program(tuple(written), self.cells, self.runs, len(self.shared), len(self.outcomes), self.tables)

    def _plan(self, sinks: Iterable[Node], level: int, made: set[Node]) -> Stage:
        stage = Stage(level, made)
        for node in sinks:
            stage.need(node)
        stage.steps = dict.fromkeys(sorted(stage.steps, key=lambda n: n.number))
        made |= set(stage.steps)
        for node in stage.stored:
            self._row(node)
        return stage

    def _row(self, what: Any, wide: bool | None = None) -> int:
        wide = what.level == CELL if wide is None else wide
        what = root_of(what)
        rows = self.shared if isinstance(what, Node) and what.op == "shared" else self.cells if wide else self.runs
        return rows.setdefault(what, len(rows))

    def _place(self, what: Any, wide: bool) -> int:
        return self._row(what, wide) * LANES

    def _between(self, stage: Stage, depth: int) -> list[str]:
        lines = [*self._steps(stage)]
        lines += [f" = set_run {self._place(n, False)} {self._name(n)}" for n in stage.steps if n in self.runs]
        lines += [f" = set_run {self._place(n, False)} {'-inf' if n.op == 'largest' else '0.0'}"
                  for n in self.sums if n.args[0].depth == depth]  # fmt: skip
        if depth == self.last + 1:
            lines += [f" = set_run {self._place(k, False)} {self._name(n)}" for k, n in self.narrow.items()]
            lines += [f" = measure {k} {self._name(n)}" for k, n in enumerate(self.outcomes)]
        return lines

    def _loop(self, stage: Stage, depth: int) -> list[str]:
        lines = [*self._steps(stage)]
        lines += [f" = set_cell {self._place(n, True)} {self._name(n)}" for n in stage.steps if n in self.cells]
        lines += [f" = share {self._place(n, True)} {self._name(n)}" for n in stage.steps if n.op == "shared"]
        for node in (n for n in reversed(self.sums) if n.args[0].depth == depth):
            lines += self._grow(node)
        if depth == self.last:
            lines += [f" = set_cell {self._place(k, True)} {self._name(n)}"
                      for k, n in self.wide.items() if root_of(n) != k]  # fmt: skip
        return lines

    def _grow(self, node: Node) -> list[str]:
        """Write how one more partner changes a sum, or the largest value so far."""
        value, row = self._name(node.args[0]), self._place(node, False)
        if node.op == "where_largest":
            best = next(n for n in self.sums if n.op == "largest" and n.args == node.args)
            lines = [f"best = run {self._place(best, False)}", f"is_better = greater {value} best", "here = number k",
                     f"so_far = run {row}", "now = where is_better here so_far"]  # fmt: skip
        else:
            lines = [f"so_far = run {row}", f"now = {'add' if node.op == 'sum' else 'maximum'} so_far {value}"]
        return [*lines, f" = set_run {row} now"]

    def _steps(self, stage: Stage) -> Iterator[str]:
        for node in stage.loaded:
            wide = node.level == CELL
            yield f"{self._name(node)} = {'cell' if wide else 'run'} {self._place(node, wide)}"
        for node in stage.steps:
            yield f"{'' if node.op == 'put' else self._name(node)} = {self._formula(node)}"

    def _name(self, node: Node) -> str:
        if node.op == "number":
            return f"u{node.value}" if node.kind == "u" else repr(node.value)
        if node.op == "state":
            name, part = node.value
            return f"{name}_{part}".replace(".", "_")
        return f"{'myx'[node.level]}{node.number}"

    def _formula(self, node: Node) -> str:
        op, args = node.op, [self._name(a) for a in node.args]
        if op in ("pick", "gather", "put"):
            return " ".join([op, str(self._place(node.args[0], True)), *args[1:]])
        if op == "take":
            return f"take {self._table(node.value)} {args[0]}"
        if op == "draw":
            who, block, part = node.value
            return f"draw {block} {'k' if who == 'partner' else PARTNERSHIP + (who == 'domain') * (1 + part)}"
        if op == "slot_index":
            return "index k"
        if op in ("month", "slot", "slots"):
            return f"number {'k' if op == 'slot' else op}"
        return " ".join(["same" if op in ("row", "shared") else op, *args])

    def _table(self, table: Any) -> int:
        """Return where a table starts among all tables laid end to end."""
        if table not in self.tables:
            self.tables.append(table)
        return sum(len(t.values) for t in self.tables[: self.tables.index(table)])


def write(month: Month, flows: bool) -> Program:
    """Write a month as a program, with or without its flows."""
    return _Writer(month, flows).write()
