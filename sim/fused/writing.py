"""Write a month's equations as one loop over blocks of runs: what is needed, where, and in which order.

A sum over partners parts the month into stages: first what is known of the partnership, then a loop over partners
that works out what the next sums need, then the partnership again. What a later stage needs is kept in a row.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from sim.fused.graph import CELL, RUN, Node
from sim.fused.tracing import Month
from sim.noise import PARTNERSHIP

LANES = 16
"""Runs worked on together: a few of the machine's widest registers."""

BETWEEN = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "greater": ">", "greater_equal": ">=",
           "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=", "bitwise_and": "&", "bitwise_or": "|",
           "bitwise_xor": "^", "right_shift": ">>", "left_shift": "<<", "remainder": "%", "power": "**"}  # fmt: skip
CALLS = {"absolute": "abs", "minimum": "lesser", "maximum": "larger", "exp": "exp", "log": "log", "sqrt": "sqrt",
         "signed": "int64", "float": "float64", "floor": "floor"}  # fmt: skip
TABLES = ("normals", "exponentials")


@dataclasses.dataclass
class Program:
    """A text to compile, and which row of it holds what."""

    text: str
    cells: dict[Any, int]
    runs: dict[Any, int]
    n_kept: int
    tables: list[Any]


class _Writer:
    def __init__(self, month: Month, flows: bool) -> None:
        changed = {k: n for k, n in month.changed.items() if k not in month.constant}
        if flows:
            changed |= {k: n for k, n in month.flows.items() if not n.is_number()}
        self.outcomes = [*month.series, month.broken]
        self.wide = {k: n for k, n in changed.items() if k[0] in month.wide or n.level == CELL}
        self.narrow = {k: n for k, n in changed.items() if k not in self.wide}
        self.sums = [n for n in _reachable([*changed.values(), *self.outcomes]) if n.op == "sum"]
        self.last = max([n.args[0].depth for n in self.sums] + [n.depth for n in self.wide.values()], default=0)
        self.cells: dict[Any, int] = {}
        self.runs: dict[Any, int] = {}
        self.tables: list[Any] = []
        self.blocks: list[int] = []

    def write(self) -> Program:
        """Plan all stages, loops over partners first, then write them in order."""
        made: set[Node] = set()
        loops, wanted = [], {d: set() for d in range(self.last + 2)}  # type: ignore[var-annotated]
        for depth in range(self.last + 1):
            sinks = [n.args[0] for n in self.sums if n.args[0].depth == depth]
            loop = self._plan([*sinks, *(self.wide.values() if depth == self.last else ())], CELL, made)
            loops.append(loop)
            for node in loop.borrowed:
                wanted[node.depth].add(node)
        finish = [*self.narrow.values(), *self.outcomes]
        made = set()
        between = [self._plan([*wanted[d], *(finish if d == self.last + 1 else ())], RUN, made)
                   for d in range(self.last + 2)]  # fmt: skip
        lines: list[str] = []
        for depth in range(self.last + 2):
            lines += self._between(between[depth], depth, wanted[depth])
            if depth <= self.last:
                lines += self._loop(loops[depth], depth)
        return Program(self._frame(lines), self.cells, self.runs, len(self.outcomes), self.tables)

    def _plan(self, sinks: Iterable[Node], level: int, made: set[Node]) -> "_Stage":
        stage = _Stage(level, made)
        for node in sinks:
            stage.need(node)
        made |= set(stage.steps)
        for node in stage.kept:
            self._row(node)
        return stage

    def _row(self, what: Any, wide: bool | None = None) -> int:
        wide = what.level == CELL if wide is None else wide
        rows = self.cells if wide else self.runs
        return rows.setdefault(what, len(rows))

    def _at(self, what: Any, wide: bool) -> str:
        return f"c + {self._row(what, wide) * LANES} + r" if wide else f"s + {self._row(what, wide) * LANES} + r"

    def _between(self, stage: "_Stage", depth: int, wanted: Iterable[Node]) -> list[str]:
        body = [*self._steps(stage)]
        body += [f"set_run(runs, {self._at(n, False)}, {self._name(n)})" for n in stage.steps
                 if n in self.runs or n in wanted and self._row(n, False) >= 0]  # fmt: skip
        body += [f"set_run(runs, {self._at(n, False)}, 0.0)" for n in self.sums if n.args[0].depth == depth]
        if depth == self.last + 1:
            body += [f"set_run(runs, {self._at(k, False)}, {self._name(n)})" for k, n in self.narrow.items()]
            body += [f"keep(kept, (({k} * n_months + month - first) * n_blocks + block) * {LANES} + r, {self._name(n)})"
                     for k, n in enumerate(self.outcomes)]  # fmt: skip
        return ["", f"for r in range({LANES}):", *(f"    {line}" for line in body or ["pass"])]

    def _loop(self, stage: "_Stage", depth: int) -> list[str]:
        body = [*self._steps(stage)]
        body += [f"set_cell(cells, {self._at(n, True)}, {self._name(n)})" for n in stage.steps if n in self.cells]
        for node in (n for n in self.sums if n.args[0].depth == depth):
            place = self._at(node, False)
            body.append(f"set_run(runs, {place}, run(runs, {place}) + {self._name(node.args[0])})")
        if depth == self.last:
            body += [f"set_cell(cells, {self._at(k, True)}, {self._name(n)})" for k, n in self.wide.items()]
        return ["", "for k in range(n_partners):", "    c = (block * n_partners + k) * CELL_ROWS",
                "    slot = uint64(k) * STRIDE", f"    for r in range({LANES}):",
                *(f"        {line}" for line in body or ["pass"])]  # fmt: skip

    def _steps(self, stage: "_Stage") -> Iterator[str]:
        for node in stage.loaded:
            wide = node.level == CELL
            what = node.value if node.op == "state" else node
            yield f"{self._name(node)} = {'cell(cells' if wide else 'run(runs'}, {self._at(what, wide)})"
        for node in stage.steps:
            yield f"{self._name(node)} = {self._formula(node)}"

    def _name(self, node: Node) -> str:
        if node.op == "number":
            return _literal(node)
        if node.level == 0:
            return f"({self._formula(node)})"
        if node.op == "state":
            name, part = node.value
            return f"{name}_{part}".replace(".", "_")
        return f"{'x' if node.level == CELL else 'y'}{node.number}"

    def _formula(self, node: Node) -> str:
        args = [self._name(a) for a in node.args]
        if node.op in BETWEEN:
            return f"{args[0]} {BETWEEN[node.op]} {args[1]}"
        if node.op in CALLS:
            return f"{CALLS[node.op]}({', '.join(args)})"
        if node.op == "take":
            return f"table({self._table(node.value)}, {args[0]})"
        if node.op == "draw":
            return self._draw(*node.value)
        return {"negative": "-{0}", "invert": "not {0}", "flag": "1.0 if {0} else 0.0", "month": "float64(month)",
                "where": "{1} if {0} else {2}", "slot": "float64(k)", "slots": "float64(n_partners)"
                }[node.op].format(*args)  # fmt: skip

    def _draw(self, who: str, block: int, part: int) -> str:
        if block not in self.blocks:
            self.blocks.append(block)
        slot = "slot" if who == "partner" else f"uint64({PARTNERSHIP + (who == 'domain') * (1 + part)}) * STRIDE"
        return f"mix(key(keys, block * {LANES} + r) + {slot} + b{block})"

    def _table(self, table: Any) -> str:
        if table not in self.tables:
            self.tables.append(table)
        return f"table{self.tables.index(table)}"

    def _frame(self, lines: list[str]) -> str:
        tables = "".join(f", table{k}" for k in range(len(self.tables)))
        n_cells, n_runs = max(len(self.cells), 1) * LANES, max(len(self.runs), 1) * LANES
        months = ["", *(f"b{b} = uint64((month << 8) | {b}) * GAMMA" for b in self.blocks), *lines]
        return "\n".join([
            '"""A month of the model, written by sim.fused from the texts of the rules; do not edit."""', "",
            "from math import floor, inf, log, nan, sqrt", "", "from numba import float64, int64, njit, uint64", "",
            "from sim.fused.machine import cell, exp, keep, key, larger, lesser, mix, run, set_cell, set_run, table",
            "from sim.noise import _GAMMA as GAMMA", "",
            "STRIDE = uint64((1 << 40) * int(GAMMA) % 2**64)", f"CELL_ROWS, RUN_ROWS = {n_cells}, {n_runs}", "", "",
            '@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})',
            f"def months(cells, runs, keys, kept, first, n_months, n_partners, n_blocks{tables}):",
            '    """Go through some months with every block of runs."""',
            "    for block in range(n_blocks):", "        s = block * RUN_ROWS",
            "        for month in range(first, first + n_months):",
            *(f"            {line}".rstrip() for line in months), ""])  # fmt: skip


class _Stage:
    """One loop: what it loads, works out, keeps for later loops and takes from the other level."""

    def __init__(self, level: int, made: set[Node]) -> None:
        self.level, self.made = level, made
        self.steps: dict[Node, None] = {}
        self.loaded: dict[Node, None] = {}
        self.kept: dict[Node, None] = {}
        self.borrowed: dict[Node, None] = {}

    def need(self, node: Node) -> None:
        """Plan for a node: load it if it has a row, else work it out after what it needs."""
        if node.level == 0 or node in self.steps or node in self.loaded:
            return
        if node.op in ("state", "parameter", "sum"):
            self.loaded[node] = None
        elif node.level < self.level and node.kind == "f":
            self.borrowed[node] = self.loaded[node] = None
        elif node in self.made and node.kind == "f":
            self.kept[node] = self.loaded[node] = None
        else:
            for argument in node.args:
                self.need(argument)
            self.steps[node] = None


def _reachable(nodes: Iterable[Node]) -> list[Node]:
    seen: dict[Node, None] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen[node] = None
            waiting += node.args
    return sorted(seen, key=lambda n: n.number)


def _literal(node: Node) -> str:
    if node.kind == "b":
        return str(node.value)
    if node.kind == "u":
        return f"uint64({node.value})"
    return repr(node.value)  # nan and inf are names in the text


def write(month: Month, flows: bool) -> Program:
    """Write a month, with or without what moved in it."""
    return _Writer(month, flows).write()
