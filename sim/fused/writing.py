"""Write a month's equations as one loop over blocks of runs: what is needed, where, and in which order.

A sum over partners parts the month into stages: first what is known of the partnership, then a loop over partners
that works out what the next sums need, then the partnership again. What a later stage needs is kept in a row.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from sim.fused.graph import CELL, OVER_PARTNERS, RUN, Node
from sim.fused.planning import Stage, by_op, reachable, root_of
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
    n_shared: int
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
        needed = reachable([*changed.values(), *self.outcomes])
        self.sums = by_op(needed, *OVER_PARTNERS)
        self.filled, self.touched = by_op(needed, "row", "shared"), by_op(needed, "pick", "put")
        depths = [n.args[0].depth for n in self.sums] + [n.depth for n in (*self.wide.values(), *self.touched)]
        self.last = max(depths, default=0)
        self.cells: dict[Any, int] = {}
        self.shared: dict[Any, int] = {}
        self.runs: dict[Any, int] = {}
        self.tables: list[Any] = []
        self.blocks: list[int] = []
        self.stage = ""

    def write(self) -> Program:
        """Plan all stages, loops over partners first, then write them in order."""
        made: set[Node] = set()
        loops, wanted = [], {d: set() for d in range(self.last + 2)}  # type: ignore[var-annotated]
        for depth in range(self.last + 1):
            sinks = [n.args[0] for n in self.sums if n.args[0].depth == depth]
            sinks += [n for n in self.filled if n.depth == depth]
            loop = self._plan([*sinks, *(self.wide.values() if depth == self.last else ())], CELL, made)
            loops.append(loop)
            for node in loop.borrowed:
                wanted[node.depth].add(node)
                self._row(node)
        for node in self.filled:
            self._row(node)
        for node in self.touched:
            wanted[node.depth].add(node)
        finish = [*self.narrow.values(), *self.outcomes]
        made = set()
        between = [self._plan([*wanted[d], *(finish if d == self.last + 1 else ())], RUN, made)
                   for d in range(self.last + 2)]  # fmt: skip
        lines: list[str] = []
        for depth in range(self.last + 2):
            lines += self._between(between[depth], depth)
            if depth <= self.last:
                lines += self._loop(loops[depth], depth)
        return Program(self._frame(lines), self.cells, self.runs, len(self.shared), len(self.outcomes), self.tables)

    def _plan(self, sinks: Iterable[Node], level: int, made: set[Node]) -> Stage:
        stage = Stage(level, made)
        for node in sinks:
            stage.need(node)
        stage.steps = dict.fromkeys(sorted(stage.steps, key=lambda n: n.number))
        made |= set(stage.steps)
        for node in stage.kept:
            self._row(node)
        return stage

    def _row(self, what: Any, wide: bool | None = None) -> int:
        wide = what.level == CELL if wide is None else wide
        what = root_of(what)
        rows = self.shared if isinstance(what, Node) and what.op == "shared" else self.cells if wide else self.runs
        return rows.setdefault(what, len(rows))

    def _at(self, what: Any, wide: bool) -> str:
        return f"{'c' if wide else 's'}, {self._row(what, wide) * LANES}"

    def _between(self, stage: Stage, depth: int) -> list[str]:
        self.stage = f"r{depth}"
        body = [*self._steps(stage)]
        body += [f"set_run(runs, {self._at(n, False)}, {self._name(n)})" for n in stage.steps
                 if n in self.runs]  # fmt: skip
        body += [f"set_run(runs, {self._at(n, False)}, {'-inf' if n.op == 'largest' else '0.0'})"
                 for n in self.sums if n.args[0].depth == depth]  # fmt: skip
        if depth == self.last + 1:
            body += [f"set_run(runs, {self._at(k, False)}, {self._name(n)})" for k, n in self.narrow.items()]
            lane = f"n_months + month - first) * n_blocks + block) * {LANES} + r"
            body += [f"keep(kept, (({k} * {lane}, 0, {self._name(n)})" for k, n in enumerate(self.outcomes)]
        return ["", f"for r in range({LANES}):", "    s = b + r", *(f"    {line}" for line in body)]

    def _loop(self, stage: Stage, depth: int) -> list[str]:
        self.stage = f"c{depth}"
        body = [*self._steps(stage)]
        body += [f"set_cell(cells, {self._at(n, True)}, {self._name(n)})" for n in stage.steps if n in self.cells]
        body += [f"share(shared, {self._at(n, True).replace('c,', 'h,')}, {self._name(n)})"
                 for n in stage.steps if n.op == "shared"]  # fmt: skip
        for node in (n for n in reversed(self.sums) if n.args[0].depth == depth):
            body.append(f"set_run(runs, {self._at(node, False)}, {self._grown(node)})")
        if depth == self.last:
            body += [f"set_cell(cells, {self._at(k, True)}, {self._name(n)})"
                     for k, n in self.wide.items() if root_of(n) != k]  # fmt: skip
        return ["", "for k in range(n_partners):", "    slot = uint64(k) * STRIDE", f"    for r in range({LANES}):",
                "        s, c, h = b + r, (block * n_partners + k) * CELL_ROWS + r, k * SHARED_ROWS + r",
                *(f"        {line}" for line in body)]  # fmt: skip

    def _grown(self, node: Node) -> str:
        """Write what a sum, or the largest so far, becomes with one more partner."""
        value, old = self._name(node.args[0]), f"run(runs, {self._at(node, False)})"
        if node.op == "sum":
            return f"{old} + {value}"
        best = next(n for n in self.sums if n.op == "largest" and n.args == node.args)
        best_so_far = f"run(runs, {self._at(best, False)})"
        if node.op == "largest":
            return f"larger({value}, {old})"
        return f"choose({value} > {best_so_far}, float64(k), {old})"

    def _steps(self, stage: Stage) -> Iterator[str]:
        for node in stage.loaded:
            wide = node.level == CELL
            yield f"{self._name(node)} = {'cell(cells' if wide else 'run(runs'}, {self._at(node, wide)})"
        for node in stage.steps:
            if node.op == "put":
                yield f"set_cell(cells, {self._place(node)}, {self._name(node.args[2])})"
            else:
                yield f"{self._name(node)} = {self._formula(node)}"

    def _place(self, node: Node) -> str:
        """Say where the cell of one partner a run lies."""
        row = self._row(node.args[0], True) * LANES
        return f"(block * n_partners + int64({self._name(node.args[1])})) * CELL_ROWS + r, {row}"

    def _name(self, node: Node) -> str:
        if node.op == "number":
            return _literal(node)
        if node.level == 0:
            return f"({self._formula(node)})"
        if node.op == "state":
            name, part = node.value
            return f"{name}_{part}_{self.stage}".replace(".", "_")
        return f"{'x' if node.level == CELL else 'y'}{node.number}_{self.stage}"

    def _formula(self, node: Node) -> str:
        args = [self._name(a) for a in node.args]
        if node.op in BETWEEN:
            return f"{args[0]} {BETWEEN[node.op]} {args[1]}"
        if node.op in CALLS:
            return f"{CALLS[node.op]}({', '.join(args)})"
        if node.op == "take":
            return f"table({self._table(node.value)}, {args[0]}, 0)"
        if node.op == "pick":
            return f"cell(cells, {self._place(node)})"
        if node.op == "gather":
            row = self._row(node.args[0], True) * LANES
            return f"gathered(shared, int64({args[1]}) * SHARED_ROWS + r, {row})"
        if node.op == "draw":
            return self._draw(*node.value)
        return {"negative": "-{0}", "invert": "not {0}", "flag": "flag({0})", "month": "float64(month)",
                "where": "choose({0}, {1}, {2})", "slot": "float64(k)", "slots": "float64(n_partners)",
                "row": "{0}", "shared": "{0}", "whole": "float64(int64({0}))"
                }[node.op].format(*args)  # fmt: skip

    def _draw(self, who: str, block: int, part: int) -> str:
        if block not in self.blocks:
            self.blocks.append(block)
        slot = "slot" if who == "partner" else f"uint64({PARTNERSHIP + (who == 'domain') * (1 + part)}) * STRIDE"
        return f"mix(key(keys, block * {LANES} + r, 0) + {slot} + b{block})"

    def _table(self, table: Any) -> str:
        if table not in self.tables:
            self.tables.append(table)
        return f"table{self.tables.index(table)}"

    def _frame(self, lines: list[str]) -> str:
        tables = "".join(f", table{k}" for k in range(len(self.tables)))
        rows = [max(len(rows), 1) * LANES for rows in (self.cells, self.runs, self.shared)]
        months = ["", *(f"b{b} = uint64((month << 8) | {b}) * GAMMA" for b in self.blocks), *lines]
        return "\n".join([
            '"""A month of the model, written by sim.fused from the texts of the rules; do not edit."""', "",
            "from math import floor, inf, log, nan, sqrt", "", "from numba import float64, int64, njit, uint64", "",
            "from sim.fused.machine import cell, choose, exp, flag, gathered, keep, key, larger, lesser, mix",
            "from sim.fused.machine import run, set_cell, set_run, share, table",
            "from sim.noise import _GAMMA as GAMMA", "",
            "STRIDE = uint64((1 << 40) * int(GAMMA) % 2**64)",
            "CELL_ROWS, RUN_ROWS, SHARED_ROWS = {}, {}, {}".format(*rows), "", "",
            '@njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})',
            f"def months(cells, runs, shared, keys, kept, first, n_months, n_partners, n_blocks{tables}):",
            '    """Go through some months with every block of runs."""',
            "    for block in range(n_blocks):", "        b = block * RUN_ROWS",
            "        for month in range(first, first + n_months):",
            *(f"            {line}".rstrip() for line in months), ""])  # fmt: skip


def _literal(node: Node) -> str:
    if node.kind == "b":
        return str(node.value)
    if node.kind == "u":
        return f"uint64({node.value})"
    return repr(node.value)  # nan and inf are names in the text


def write(month: Month, flows: bool) -> Program:
    """Write a month, with or without what moved in it."""
    return _Writer(month, flows).write()
