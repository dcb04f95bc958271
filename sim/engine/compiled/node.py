"""One quantity of the month's equations; it has numbers in advance if it depends on parameters and the month alone."""

from collections.abc import Callable
from typing import Any

import numpy as np

RUN, CELL = 1, 2
"""Levels of a node: one value per run; one value per partner (or month) and run. Level 0 is one value for all."""

OVER_ALL = ("sum", "largest", "where_largest")
"""Operations that need all partners (or all months); they divide a program into loops."""

AFTER = {"pick": ("row",), "put": ("row",), "gather": ("shared",)}
"""Operations that read or write other partners' cells: only after the loop that fills them."""

COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")


class Node:
    """One quantity: an operation on others, or an input (a parameter, a state variable, a draw)."""

    __slots__ = ("args", "depth", "kind", "known", "level", "number", "of_months", "op", "value")

    def __init__(self, number: int, op: str, args: tuple["Node", ...], value: Any, kind: str, level: int) -> None:
        self.number, self.op, self.args, self.value, self.kind = number, op, args, value, kind
        self.level: int = RUN if op in OVER_ALL or op == "pick" else max([level, *(a.level for a in args)])
        self.of_months: bool = self.level == CELL and (op == "measured" or any(a.of_months for a in args))
        self.depth: int = max((a.depth + (a.op in AFTER.get(op, ())) for a in args), default=0) + (op in OVER_ALL)
        self.known: bool = op in ("number", "month", "parameter") or (
            bool(args) and op in EVALUATE and all(a.known for a in args)
        )

    def is_number(self, value: float | None = None) -> bool:
        """Tell whether this is a plain number (or this number)."""
        return self.op == "number" and (value is None or self.value == value)


class Table:
    """A table, compared by identity so that it can be part of a key; it has a name where others may fill it."""

    def __init__(self, values: Any, name: str = "") -> None:
        self.values, self.name = values, name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self.values is other.values

    def __hash__(self) -> int:
        return id(self.values)


class TracedIndex:
    """A traced index: the runs or cells in which something holds, also as flags; within an index, both hold."""

    def __init__(self, truths: Any, *flags: Node) -> None:
        self.truths, self.flags = truths, flags

    def __getitem__(self, within: "TracedIndex") -> "TracedIndex":
        return TracedIndex(self.truths & within.truths, *self.flags, *within.flags)


def parameters_in(node: Node) -> set[str]:
    """List the parameters that a node depends on."""
    own = {node.value} if node.op == "parameter" else set()
    return own.union(*map(parameters_in, node.args))


def span_of(node: Node) -> tuple[float, float]:
    """Give bounds of a quantity that is made of plain numbers and of some bits of a draw; else infinite ones."""
    spans = [span_of(a) for a in node.args if node.op in SPANS]
    if node.is_number():
        return float(node.value), float(node.value)
    if node.op == "bitwise_and" and node.args[1].is_number():
        return 0.0, float(node.args[1].value)
    return SPANS[node.op](*spans) if node.op in SPANS else (-np.inf, np.inf)


SPANS: dict[str, Callable[..., tuple[float, float]]] = {
    "signed": lambda one: one,
    "float": lambda one: one,
    "add": lambda one, two: (one[0] + two[0], one[1] + two[1]),
    "multiply": lambda one, two: (one[0] * two[0], one[1] * two[1]) if min(*one, *two) >= 0.0 else (-np.inf, np.inf),
}
"""Bounds of a result by those of the arguments."""


def evaluate(node: Node, inputs: dict[str, Any], months: range) -> Any:
    """Calculate a node that depends on parameters and the month only: shape (months or 1, runs or 1)."""
    if node.op == "number":
        return np.array([[node.value]])
    if node.op == "month":
        return np.arange(months.start, months.stop, dtype=float)[:, None]
    if node.op == "parameter":
        return np.atleast_2d(inputs[node.value])
    with np.errstate(all="ignore"):
        return EVALUATE[node.op](*(evaluate(a, inputs, months) for a in node.args))


EVALUATE: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in (*COMPARISONS, "add", "subtract", "multiply", "divide", "power", "negative",
       "absolute", "exp", "log", "sqrt", "floor", "minimum", "maximum", "where", "remainder")},
    "bitwise_and": np.logical_and,
    "bitwise_or": np.logical_or,
    "invert": np.logical_not,
    "whole": np.trunc,
    "flag": lambda truth: np.multiply(truth, 1.0),
    "float": lambda integer: np.multiply(integer, 1.0),
}  # fmt: skip
"""Each operation as a function of numbers."""
