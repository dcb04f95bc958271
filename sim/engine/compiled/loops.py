"""Write equations as loops over blocks of runs: what is needed, where, and in which order.

Sums over partners divide a program into stages: first quantities of the partnership, then a loop over partners that
calculates what the next sums need, then the partnership again. What a later stage needs is stored in a row. Rows of
the state are the same in every program of a run (``layout``), so that the first day, the months and the end work on
the same rows; rows that a program keeps for itself are used again for the next block.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, groupby
from typing import Any

import numpy as np

from sim.engine.compiled.layout import LANES, Layout
from sim.engine.compiled.node import CELL, OVER_ALL, RUN, Node, span_of
from sim.engine.compiled.schedule import Stage, by_op, conditions_of, reachable, root_of, skipped_of
from sim.engine.compiled.trace import Equations
from sim.model.random_streams import PARTNERSHIP

PORTION = 30
"""Steps of a loop over partners, about: a processor works on several turns of a short loop at once, and waits less."""


@dataclasses.dataclass(frozen=True)
class Loop:
    """A loop over the runs of a block, or over its partners (or months) and runs, and its lines.

    Attributes:
        over: "runs", "partners" or "months".
        lines: in order.
        when: rows; it does nothing for the runs in which one of them is 0.
    """

    over: str
    lines: tuple[str, ...]
    when: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Program:
    """What is compiled, and the row of each quantity.

    Attributes:
        before: lines of what is the same for all partners and runs.
        loops: in the order in which they run.
        cells: row of each quantity of a partner.
        runs: row of each quantity of a partnership.
        numbers: place of each parameter that is the same in all runs.
        reads: variables that it reads.
        n_spare_cells: rows of partners that the program keeps for itself.
        n_spare_runs: rows of the partnership that the program keeps for itself.
        n_measured: outcomes measured every month.
        tables: tables of numbers that are looked up.
    """

    before: tuple[str, ...]
    loops: tuple[Loop, ...]
    cells: dict[Any, int]
    runs: dict[Any, int]
    numbers: dict[str, int]
    reads: frozenset[Any]
    n_spare_cells: int
    n_spare_runs: int
    n_measured: int
    tables: list[Any]

    @property
    def table_starts(self) -> list[int]:
        """Where each table starts among all tables laid end to end."""
        return [0, *accumulate(len(table.values) for table in self.tables)]

    @property
    def text(self) -> str:
        """What is compiled: the same for the same rules, policy and outcomes in every process."""
        loops = ((" ".join(("over", loop.over, *loop.when)), *loop.lines) for loop in self.loops)
        sizes = f"sizes {LANES} {self.n_spare_cells} {self.n_spare_runs}"
        return "\n".join((sizes, *self.before, *chain(*loops), ""))


class _Writer:
    def __init__(self, equations: Equations, layout: Layout, flows: bool) -> None:
        changed = dict(equations.changed)
        if flows:
            changed |= {k: n for k, n in equations.flows.items() if not n.is_number()}
        self.outcomes = [*equations.series, *equations.broken]
        self.of_partners = equations.wide
        self.cells, self.runs, self.numbers = dict(layout.cells), dict(layout.runs), layout.numbers
        for key, node in changed.items():
            if key not in self.cells and key not in self.runs:
                rows = self.cells if node.level == CELL else self.runs
                rows[key] = len(rows)
        self.wide = {k: n for k, n in changed.items() if self._is_wide(k)}
        self.narrow = {k: n for k, n in changed.items() if k not in self.wide}
        needed = reachable([*changed.values(), *self.outcomes])
        self.sums = by_op(needed, *OVER_ALL)
        self.filled, self.touched = by_op(needed, "row", "shared"), by_op(needed, "pick", "put")
        depths = [n.args[0].depth for n in self.sums] + [n.depth for n in (*self.wide.values(), *self.touched)]
        self.last = max(depths, default=0)
        self.reads = frozenset(n.value for n in needed if n.op == "state")
        self.elsewhere = {*changed.values(), *self.outcomes, *(n.args[0] for n in self.sums)}
        self.spare_cells: dict[Any, int] = {}
        self.spare_runs: dict[Any, int] = {}
        self.tables: list[Any] = []
        self.once: dict[Node, None] = {}

    def _is_wide(self, key: Any) -> bool:
        """Tell whether a variable has a row for each partner; what a policy remembers may have either."""
        return key in self.cells and (key not in self.runs or key[0] in self.of_partners)

    def write(self) -> Program:
        """Plan all stages, loops over partners and months first, then write them in order."""
        made: set[Node] = set()
        loops = list[list[tuple[str, Stage]]]()
        wanted = [dict[Node, None]() for _ in range(self.last + 2)]  # in order: a set has none
        for depth in range(self.last + 1):
            of_months = [n.args[0] for n in self.sums if n.args[0].depth == depth and n.args[0].of_months]
            sinks = [n.args[0] for n in self.sums if n.args[0].depth == depth and not n.args[0].of_months]
            sinks += [n for n in self.filled if n.depth == depth]
            sinks += self.wide.values() if depth == self.last else ()
            loops.append([(over, portion) for over, nodes in (("partners", sinks), ("months", of_months))
                          for portion in self._portions(nodes, made)])  # fmt: skip
            if depth == self.last:
                self._end([loop for over, loop in loops[-1] if over == "partners"])
            for node in dict.fromkeys(n for _, loop in loops[-1] for n in loop.borrowed):
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
        pieces = self._divided(between)
        self.elsewhere |= self.spare_cells.keys() | self.spare_runs.keys()
        written = []
        for depth in range(self.last + 2):
            written += [Loop("runs", tuple(self._of_runs(piece)), tuple(map(self._row, flags)))
                        for flags, piece in pieces[depth]]  # fmt: skip
            written.append(Loop("runs", tuple(self._between(between[depth], depth))))
            if depth <= self.last:
                written += [Loop(over, tuple(self._loop(loop, depth, over))) for over, loop in loops[depth]]
        return Program(
            tuple(self._before()), tuple(written), self.cells, self.runs, self.numbers, self.reads,
            len(self.spare_cells), len(self.spare_runs), len(self.outcomes), self.tables,
        )  # fmt: skip

    def _divided(self, between: list[Stage]) -> list[list[tuple[tuple[Node, ...], Stage]]]:
        """Divide the stages of the partnership that change one partner by the conditions under which they do."""
        made, pieces = set[Node](), list[list[tuple[tuple[Node, ...], Stage]]]()
        for stage in between:
            pieces.append([])
            if any(node.op == "put" and node.args[3:] for node in stage.steps):
                under = conditions_of(stage.steps, [n for n in stage.steps if n in self.spare_runs])
                for flags, steps in groupby(list(stage.steps), under.__getitem__):
                    pieces[-1].append((flags, self._plan(steps, RUN, made)))
                    for flag in flags:
                        self._row(flag)
                stage.steps, stage.loaded = {}, {}
            made |= set(stage.steps)
        return pieces

    def _plan(self, sinks: Iterable[Node], level: int, made: set[Node]) -> Stage:
        stage = Stage(level, made)
        for node in sinks:
            stage.need(node)
        self._close(stage)
        return stage

    def _portions(self, sinks: Iterable[Node], made: set[Node]) -> list[Stage]:
        """Plan the loops that calculate some nodes of partners, or of months."""
        stages = list[Stage]()
        for node in sorted(dict.fromkeys(sinks), key=lambda n: n.number):
            if not stages or len(stages[-1].steps) >= PORTION:
                for full in stages[-1:]:
                    self._close(full)
                stages.append(Stage(CELL, made))
            stages[-1].need(node)
            stages[-1].sinks[node] = None
        for full in stages[-1:]:
            self._close(full)
        return stages

    def _close(self, stage: Stage) -> None:
        stage.steps = dict.fromkeys(sorted(stage.steps, key=lambda n: n.number))
        stage.made.update(stage.steps)
        for node in stage.stored:
            self._row(node)

    def _end(self, loops: list[Stage]) -> None:
        """Plan where new values of partners are written: over the old ones, in the last loop that reads these.

        What is only moved, from another row, comes first: that row, too, is read in the last of all loops.
        """
        moved = [(key, node) for key, node in self.wide.items() if node.op in ("state", "put", "number")]
        for key, node in (dict(moved) | self.wide).items():
            if root_of(node) == key:
                continue
            last = [loop for loop in loops if node in loop.sinks or key in loop.reads or (key, node) in moved][-1]
            last.need(node)
            last.written[key] = node
            for stored in last.stored:
                self._row(stored)

    def _row(self, what: Any) -> str:
        """Give the buffer and the row of a quantity, as operations name them: ``cell 3``, ``spare_run 7``."""
        what = root_of(what)
        if isinstance(what, Node) and what.op == "parameter":
            path = what.value
            return f"run {self.runs[path] * LANES}" if what.level else f"parameter {self.numbers[path]}"
        if not isinstance(what, Node):
            name, rows = ("cell", self.cells) if self._is_wide(what) else ("run", self.runs)
            return f"{name} {rows[what] * LANES}"
        name, rows = ("cell", self.spare_cells) if what.level == CELL else ("run", self.spare_runs)
        return f"spare_{name} {rows.setdefault(what, len(rows)) * LANES}"

    def _set(self, what: Any, value: str) -> str:
        return f" = set_{self._row(what)} {value}"

    def _of_runs(self, stage: Stage) -> list[str]:
        return [
            *self._steps(stage),
            *(self._set(n, self._name(n)) for n in stage.steps if n in self.spare_runs),
        ]

    def _between(self, stage: Stage, depth: int) -> list[str]:
        lines = self._of_runs(stage)
        lines += [self._set(n, "-inf" if n.op == "largest" else "0.0")
                  for n in self.sums if n.args[0].depth == depth]  # fmt: skip
        if depth == self.last + 1:
            lines += [self._set(k, self._name(n)) for k, n in self.narrow.items()]
            lines += [f" = measure {k} {self._name(n)}" for k, n in enumerate(self.outcomes)]
        return lines

    def _loop(self, stage: Stage, depth: int, over: str) -> list[str]:
        lines = [*self._steps(stage)]
        lines += [self._set(n, self._name(n)) for n in stage.steps if n in self.spare_cells]
        for node in reversed(self.sums):
            value = node.args[0]
            if value.depth == depth and value in stage.sinks and value.of_months == (over == "months"):
                lines += self._grow(node)
        return [*lines, *(self._set(k, self._name(n)) for k, n in stage.written.items())]

    def _grow(self, node: Node) -> list[str]:
        """Write how one more partner changes a sum, or the largest value so far."""
        value, row = self._name(node.args[0]), self._row(node)
        if node.op == "where_largest":
            best = next(n for n in self.sums if n.op == "largest" and n.args == node.args)
            lines = [f"best = {self._row(best)}", f"is_better = greater {value} best", "here = number k",
                     f"so_far = {row}", "now = where is_better here so_far"]  # fmt: skip
        else:
            lines = [f"so_far = {row}", f"now = {'add' if node.op == 'sum' else 'maximum'} so_far {value}"]
        return [*lines, self._set(node, "now")]

    def _before(self) -> Iterator[str]:
        for node in sorted(self.once, key=lambda n: n.number):
            yield f"{self._name(node)} = {self._row(node) if node.op == 'parameter' else self._formula(node)}"

    def _steps(self, stage: Stage) -> Iterator[str]:
        self.once |= {n: None for n in (*stage.loaded, *stage.steps) if n.level == 0}
        for node in (n for n in stage.loaded if n.level > 0):
            row = f"bits {self._row(node)}" if node.kind == "u" else self._row(node)
            yield f"{self._name(node)} = {self._formula(node) if node.op == 'measured' else row}"
        nodes = [n for n in stage.steps if n.level > 0]
        yield from self._in_order(nodes, skipped_of(nodes, self.elsewhere))

    def _in_order(self, nodes: list[Node], skipped: dict[Node, list[Node]]) -> Iterator[str]:
        """Write steps; those that only a choice needs come between its ``begin`` and itself."""
        hidden = {step for node in nodes for step in skipped.get(node, ())}
        for node in (n for n in nodes if n not in hidden):
            if node in skipped:
                yield f" = begin {self._name(node.args[0])}"
                yield from self._in_order(skipped[node], skipped)
                yield f"{self._name(node)} = choose {' '.join(map(self._name, node.args))}"
            else:
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
            return " ".join([op, self._row(node.args[0]), *args[1:3]])
        if op == "log" and span_of(node.args[0])[0] > 1e-300 and span_of(node.args[0])[1] < np.inf:
            return f"plain_log {args[0]}"
        if op == "take":
            return f"take {self._table(node.value)} {args[0]}"
        if op == "draw":
            who, block, part = node.value
            return f"draw {block} {'k' if who == 'partner' else PARTNERSHIP + (who == 'domain') * (1 + part)}"
        if op == "measured":
            outcome, month = node.value
            return f"measured {outcome} {'k' if month is None else month}"
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


def write(equations: Equations, layout: Layout, flows: bool = False) -> Program:
    """Write equations as a program, with or without flows."""
    return _Writer(equations, layout, flows).write()
