"""``StandIn``: looks like an array to a rule, and notes what the rule does with it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from sim.fused import Unfusable
from sim.fused.graph import CELL, Graph, Node

OTHER_NAMES = {"true_divide": "divide", "logical_and": "bitwise_and", "logical_or": "bitwise_or",
               "logical_not": "invert", "fabs": "absolute", "float_power": "power"}  # fmt: skip
UFUNCS = {"add", "subtract", "multiply", "divide", "negative", "absolute", "power", "exp", "log", "sqrt", "minimum",
          "maximum", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "bitwise_and",
          "bitwise_or", "invert", "right_shift", "left_shift", "bitwise_xor"}  # fmt: skip


class StandIn(NDArrayOperatorsMixin):
    """Stands in for an array of shape (partners or 1, [traits,] runs); ``parts`` has a node per trait."""

    def __init__(self, graph: Graph, parts: list[Node], wide: bool, traits: bool = False) -> None:
        self.graph, self.parts, self.traits = graph, parts, traits
        self.wide = wide or any(part.level == CELL for part in parts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape, with two runs."""
        n_partners = self.graph.given["partners"] if self.wide else 1
        return (n_partners, len(self.parts), 2) if self.traits else (n_partners, 2)

    @property
    def ndim(self) -> int:
        """2, or 3 with a trait axis."""
        return 3 if self.traits else 2

    def _map(self, op: str, *others: Any) -> "StandIn":
        return apply(self.graph, op, self, *others)

    def astype(self, dtype: Any) -> "StandIn":
        """Turn truth values into numbers."""
        if np.dtype(dtype) != np.float64:
            raise Unfusable(f"turns numbers into {np.dtype(dtype)}")
        return StandIn(self.graph, [self.graph.as_float(part) for part in self.parts], self.wide, self.traits)

    def view(self, dtype: Any) -> "StandIn":
        """Read bits as a signed whole number."""
        return self._map("signed")

    def copy(self) -> "StandIn":
        """Give itself: nothing can change it."""
        return self

    def read(self, table: Any) -> "StandIn":
        """Look whole numbers up in a table."""
        graph = self.graph
        parts = [graph.node("take", part, value=_Table(table), kind="f") for part in self.parts]
        return StandIn(graph, parts, self.wide, self.traits)

    def any(self) -> bool:
        """Tell whether it may be other than 0; what cannot be known in advance may."""
        return any(self.graph.ever(_truth(self.graph, part)) for part in self.parts)

    def sum(self, axis: int, keepdims: bool = False) -> "StandIn":
        """Sum over partners (axis 0, kept) or traits (axis 1)."""
        if axis == 0 and keepdims:
            return _over_partners(self)
        if axis == 1 and self.traits and not keepdims:
            total = self.parts[0]
            for part in self.parts[1:]:
                total = self.graph.apply("add", total, part)
            return StandIn(self.graph, [total], self.wide)
        raise Unfusable(f"sums over axis {axis}")

    def __bool__(self) -> bool:
        if len(self.parts) != 1 or self.wide:
            raise Unfusable("branches on what differs from run to run")
        return self.graph.now(_truth(self.graph, self.parts[0]))

    def __getitem__(self, at: Any) -> "StandIn":
        everything, graph = slice(None), self.graph
        if at is None or (isinstance(at, int) and at == 0 and not self.wide):
            return self
        if at == (everything, None, everything) and not self.traits:
            return StandIn(graph, self.parts, self.wide, True)
        if isinstance(at, tuple) and len(at) == 3 and at[::2] == (everything, everything) and self.traits:
            return StandIn(graph, [self.parts[at[1]]], self.wide)
        raise Unfusable(f"picks by {at!r}")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> "StandIn":
        name = OTHER_NAMES.get(ufunc.__name__, ufunc.__name__)
        if method == "reduce" and name == "add":
            return inputs[0].sum(more.get("axis", 0), more.get("keepdims", False))
        if method != "__call__" or more or name not in UFUNCS:
            raise Unfusable(f"calls numpy.{ufunc.__name__}{'' if method == '__call__' else '.' + method}")
        return apply(self.graph, name, *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, more: Any) -> Any:
        if function not in FUNCTIONS:
            raise Unfusable(f"calls numpy.{function.__name__}")
        return FUNCTIONS[function](self.graph, *args, **more)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise Unfusable("needs the numbers themselves")

    __float__ = __int__ = __index__ = __len__ = __iter__ = __array__


class _Table:
    """A table by identity, so that it can be part of a key."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and self.values is other.values

    def __hash__(self) -> int:
        return id(self.values)


def _truth(graph: Graph, node: Node) -> Node:
    return node if node.kind == "b" else graph.apply("not_equal", node, graph.number(0.0))


def lift(graph: Graph, value: Any) -> StandIn:
    """Let a number, or an array that holds one number, stand in too; the slots' numbers are known by their look."""
    if isinstance(value, StandIn):
        return value
    array = np.asarray(value)
    if array.size and array.dtype.kind in "bifu" and np.all((array == array.flat[0]) | (array != array)):
        wide = array.ndim > 1 and array.shape[0] > 1
        return StandIn(graph, [graph.number(array.flat[0])], wide, array.ndim == 3)
    n_partners = graph.given["partners"]
    if array.shape == (n_partners, 1) and np.array_equal(array[:, 0], np.arange(n_partners)):
        return StandIn(graph, [graph.node("slot", level=CELL)], True)
    raise Unfusable("uses an array of its own")


def apply(graph: Graph, op: str, *inputs: Any) -> StandIn:
    """Apply an operation cell by cell, trait by trait."""
    lifted = [lift(graph, value) for value in inputs]
    n = max(len(value.parts) for value in lifted)
    if any(len(value.parts) not in (1, n) for value in lifted):
        raise Unfusable("meets arrays of different shapes")
    parts = [graph.apply(op, *(v.parts[k if len(v.parts) == n else 0] for v in lifted)) for k in range(n)]
    return StandIn(graph, parts, any(v.wide for v in lifted), any(v.traits for v in lifted))


def _over_partners(values: StandIn) -> StandIn:
    graph = values.graph

    def total(part: Node) -> Node:
        if part.level == CELL:
            return graph.node("sum", graph.as_float(part))
        return graph.apply("multiply", graph.as_float(part), graph.node("slots"))

    return StandIn(graph, [total(part) for part in values.parts], False, values.traits) if values.wide else values


def _einsum(graph: Graph, equation: str, *inputs: Any) -> StandIn:
    names, result = equation.split("->")
    lifted = [lift(graph, v)[:, None, :] if "d" in equation and "d" not in name else lift(graph, v)
              for name, v in zip(names.split(","), inputs, strict=True)]  # fmt: skip
    product = lifted[0]
    for other in lifted[1:]:
        product = product * other
    if "d" in names and "d" not in result:
        product = product.sum(axis=1)
    return product.sum(axis=0, keepdims=True) if "p" not in result else product


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.einsum: _einsum,
    np.any: lambda graph, values: values.any(),
    np.ndim: lambda graph, values: values.ndim,
    np.shape: lambda graph, values: values.shape,
    np.sum: lambda graph, values, axis=None, keepdims=False: values.sum(axis, keepdims),
    np.where: lambda graph, *three: apply(graph, "where", *three),
    np.clip: lambda graph, values, low, high: apply(graph, "minimum", apply(graph, "maximum", values, low), high),
    np.zeros_like: lambda graph, values: values * 0.0,
    np.ones_like: lambda graph, values: values * 0.0 + 1.0,
}
"""What rules and policies may call; anything else is left to the NumPy engine."""
