"""``TracedArray``: looks like an array to a rule, and records what the rule does with it."""

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from sim.engine.compiled import NotCompilable
from sim.engine.compiled.graph import Graph
from sim.engine.compiled.node import CELL, RUN, Node, Table, TracedIndex

OTHER_NAMES = {"true_divide": "divide", "logical_and": "bitwise_and", "logical_or": "bitwise_or",
               "logical_not": "invert", "fabs": "absolute", "float_power": "power"}  # fmt: skip
UFUNCS = {"add", "subtract", "multiply", "divide", "negative", "absolute", "power", "exp", "log", "sqrt", "floor",
          "minimum", "maximum", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "bitwise_and",
          "bitwise_or", "invert", "right_shift", "left_shift", "bitwise_xor", "ndtri"}  # fmt: skip

NUMBER_OF_TWO = {"fmax": "maximum", "fmin": "minimum"}
"""The other of two values counts where one is NaN."""

MOST_IN_PAIRS = 64
"""Most partners that are compared in pairs: each adds a few lines to a program."""


class TracedArray(NDArrayOperatorsMixin):
    """Represents an array of shape (partners or 1, [traits,] runs); ``parts`` has a node per trait."""

    def __init__(self, graph: Graph, parts: list[Node], wide: bool, traits: bool = False) -> None:
        self.graph, self.parts, self.traits = graph, parts, traits
        self.wide = wide or any(part.level == CELL for part in parts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape, with two runs."""
        rows = self.graph.inputs["months" if self.of_months else "partners"] if self.wide else 1
        return (rows, len(self.parts), 2) if self.traits else (rows, 2)

    @property
    def of_months(self) -> bool:
        """Whether it has a row for each month rather than for each partner."""
        return self.parts[0].of_months

    @property
    def ndim(self) -> int:
        """2, or 3 with a trait axis."""
        return 3 if self.traits else 2

    def astype(self, dtype: Any) -> "TracedArray":
        """Turn truth values into numbers, or numbers into whole ones."""
        parts = [self.graph.as_float(part) for part in self.parts]
        kind = np.dtype(dtype).kind
        if kind not in "fi":
            raise NotCompilable(f"turns numbers into {np.dtype(dtype)}")
        return TracedArray(self.graph, [self.graph.apply("whole", part) for part in parts] if kind == "i" else parts,
                       self.wide, self.traits)  # fmt: skip

    def view(self, dtype: Any) -> "TracedArray":
        """Read bits as a whole number; only what was shifted or masked is small enough to become a decimal one."""
        if any(part.op not in ("right_shift", "bitwise_and") for part in self.parts):
            raise NotCompilable("reads all bits of a draw as one number")
        return apply(self.graph, "signed", self)

    def copy(self) -> "TracedArray":
        """Copy, so that writing into one does not change the other."""
        return TracedArray(self.graph, list(self.parts), self.wide, self.traits)

    @property
    def T(self) -> "TracedArray":
        """Return itself: its axes are known without their order."""
        return self

    def spread(self, values: Any) -> "TracedArray":
        """Return values where this holds, else -1."""
        return apply(self.graph, "where", self, values, -1.0)

    def any(self) -> bool:
        """Tell whether it may differ from 0; a value that is not known in advance may."""
        return any(self.graph.ever(self.graph.truth(part)) for part in self.parts)

    def sum(self, axis: int, keepdims: bool = False) -> "TracedArray":
        """Sum over partners (axis 0, kept) or traits (axis 1)."""
        if axis == 0 and keepdims != self.of_months:
            return over_partners(self)
        if axis == 1 and self.traits and not keepdims:
            total = self.parts[0]
            for part in self.parts[1:]:
                total = self.graph.apply("add", total, part)
            return TracedArray(self.graph, [total], self.wide)
        raise NotCompilable(f"sums over axis {axis}")

    def __bool__(self) -> bool:
        if len(self.parts) != 1 or self.wide:
            raise NotCompilable("branches on what differs from run to run")
        return self.graph.now(self.graph.truth(self.parts[0]))

    def differences(self, members: "TracedArray") -> "TracedArray":
        """Sum the differences between pairs of members, partner by partner; only of few, and of those there are."""
        n = self.graph.inputs["partners"]
        if n > MOST_IN_PAIRS:
            raise NotCompilable(f"compares {n} partners in pairs")
        last = TracedArray(self.graph, [self.graph.node("slots")], False) - 1.0
        who = [(np.minimum(last, float(k)), (last >= float(k)).astype(float)) for k in range(n)]
        pairs = [over_partners(abs(self - self[k, ...]) * members) * members[k, ...] * there for k, there in who]
        total: TracedArray = pairs[0]
        for more in pairs[1:]:
            total = apply(self.graph, "add", total, more)
        return apply(self.graph, "multiply", total, 0.5)

    def __len__(self) -> int:
        if not self.of_months:
            raise NotCompilable("needs the numbers themselves")
        return int(self.graph.inputs["months"])

    def __getitem__(self, at: Any) -> "TracedArray":
        graph, names = self.graph, _names(at)
        if isinstance(at, int) and self.of_months:
            return self._of_month(at % len(self))
        if names.replace("some", "all") in ("new", "0", "all all", "all all all"):
            return self
        if names == "all new all" and not self.traits:
            return TracedArray(graph, list(self.parts), self.wide, True)
        if names in ("all one all", "all one some") and self.traits:
            return TracedArray(graph, [self.parts[at[1]]], self.wide)
        if names in ("who ... all", "who ... some", "who ..."):
            who = _in_range(graph, at[0])
            return TracedArray(graph, [graph.pick(part, who) for part in self.parts], False, self.traits)
        raise NotCompilable(f"picks by {at!r}")

    def _of_month(self, month: int) -> "TracedArray":
        """Read what was measured in one month, from 0."""
        (part,) = self.parts
        if part.op != "measured":
            raise NotCompilable("takes one month of something that was calculated")
        return TracedArray(self.graph, [self.graph.node("measured", value=(part.value[0], month), level=RUN)], False)

    def __setitem__(self, at: Any, new: Any) -> None:
        names, graph = _names(at), self.graph
        is_put = names in ("who ... all", "who ... some")
        if not is_put and names not in ("all all", "all all all", "all some", "all all some"):
            raise NotCompilable(f"puts by {at!r}")
        flags = at[-1].flags if is_put and names.endswith("some") else ()
        if names.endswith("some") and not is_put:
            new = apply(graph, "where", at[-1].truths, new, self)
        parts = lift(graph, new).parts
        parts = parts if len(parts) == len(self.parts) else parts * len(self.parts)
        if is_put:
            who = _in_range(graph, at[0])
            self.parts = [graph.put(old, who, part, flags) for old, part in zip(self.parts, parts, strict=True)]
        else:
            self.parts = [graph.as_float(part) for part in parts]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> "TracedArray":
        name = OTHER_NAMES.get(ufunc.__name__, ufunc.__name__)
        if method == "reduce" and name == "add":
            total: TracedArray = inputs[0].sum(more.get("axis", 0), more.get("keepdims", False))
            return total
        if method == "reduce" and name == "maximum" and more == {"axis": 0, "keepdims": True}:
            return over_partners(inputs[0], "largest")
        out: TracedArray | None
        (out,) = more.pop("out", (None,))
        if name in NUMBER_OF_TWO and method == "__call__" and not more:
            one, two = (lift(self.graph, value) for value in inputs)
            both = apply(self.graph, NUMBER_OF_TWO[name], one, two)
            return apply(self.graph, "where", one != one, two, apply(self.graph, "where", two != two, one, both))
        if method != "__call__" or more or name not in UFUNCS:
            raise NotCompilable(f"calls numpy.{ufunc.__name__}{'' if method == '__call__' else '.' + method}")
        result = apply(self.graph, name, *inputs)
        if out is None:
            return result
        out.parts = result.parts  # in place
        return out

    def __array_function__(self, function: Any, types: Any, args: Any, more: Any) -> Any:
        from sim.engine.compiled.functions import FUNCTIONS

        if function not in FUNCTIONS:
            raise NotCompilable(f"calls numpy.{function.__name__}")
        return FUNCTIONS[function](self.graph, *args, **more)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise NotCompilable("needs the numbers themselves")

    __float__ = __int__ = __index__ = __iter__ = __array__


class TracedSize(TracedArray):
    """Represents a size: a parameter in equations, and a whole number where it shapes arrays."""

    def __init__(self, graph: Graph, path: str, size: int) -> None:
        super().__init__(graph, [graph.node("parameter", value=path)], False)
        self.size = size

    def __index__(self) -> int:
        return self.size


def column(graph: Graph, name: str, values: Any, free: bool) -> TracedArray:
    """Read a number for each partner slot from a table with a name, or one that holds for all where it is not free."""
    values = np.broadcast_to(np.asarray(values, dtype=float), (graph.inputs["partners"],))
    if not free and (np.isnan(values).all() or (values == values[0]).all()):
        return TracedArray(graph, [graph.number(values[0])], True)
    slot = graph.node("slot_index", kind="i", level=CELL)
    return TracedArray(graph, [graph.node("take", slot, value=Table(values, name), kind="f")], True)


def _in_range(graph: Graph, who: TracedArray) -> Node:
    return graph.apply("maximum", who.parts[0], graph.number(0.0))


def lift(graph: Graph, value: Any) -> TracedArray:
    """Turn a number, an array that holds one number, or the numbers of the slots into a traced array."""
    if isinstance(value, TracedArray):
        return value
    array = np.asarray(value)
    if array.size and array.dtype.kind in "bifu" and np.all((array == array.flat[0]) | (array != array)):
        wide = array.ndim > 1 and array.shape[0] > 1
        return TracedArray(graph, [graph.number(array.flat[0])], wide, array.ndim == 3)
    if array.ndim == 3 and array.shape[::2] == (1, 1):
        return TracedArray(graph, [graph.number(v) for v in array[0, :, 0]], False, True)
    n_partners = graph.inputs["partners"]
    if array.shape == (n_partners, 1) and np.array_equal(array[:, 0], np.arange(n_partners)):
        return TracedArray(graph, [graph.node("slot", level=CELL)], True)
    if array.shape[0] == n_partners and (array == array[..., :1]).all() | (array != array).any():
        return _of_slots(graph, array[..., 0])
    raise NotCompilable("uses an array of its own")


def _of_slots(graph: Graph, values: Any) -> TracedArray:
    """Look a number up for each partner slot, the same in all runs; or one for each trait: shape (partners, traits)."""
    slot = graph.node("slot_index", kind="i", level=CELL)
    columns = [np.asarray(c, dtype=float) for c in (values.T if values.ndim == 2 else values[None])]
    parts = [graph.node("take", slot, value=Table(c), kind="f") for c in columns]
    if values.dtype.kind == "b":
        parts = [graph.truth(part) for part in parts]
    return TracedArray(graph, parts, True, values.ndim == 2)


def apply(graph: Graph, op: str, *inputs: Any) -> TracedArray:
    """Apply an operation cell by cell, trait by trait."""
    lifted = [lift(graph, value) for value in inputs]
    n = max(len(value.parts) for value in lifted)
    if any(len(value.parts) not in (1, n) for value in lifted):
        raise NotCompilable("meets arrays of different shapes")
    parts = [graph.apply(op, *(v.parts[k if len(v.parts) == n else 0] for v in lifted)) for k in range(n)]
    return TracedArray(graph, parts, any(v.wide for v in lifted), any(v.traits for v in lifted))


def over_partners(values: TracedArray, op: str = "sum") -> TracedArray:
    """Sum over partners, or find the largest value or its place."""
    graph = values.graph

    def total(part: Node) -> Node:
        if part.level == CELL:
            return graph.node(op, graph.as_float(part))
        return graph.apply("multiply", graph.as_float(part), graph.node("slots")) if op == "sum" else part

    return TracedArray(graph, [total(part) for part in values.parts], False, values.traits) if values.wide else values


def _names(at: Any) -> str:
    """Describe what an index picks, one word per axis."""
    if at is None or isinstance(at, int):
        return "new" if at is None else str(at)
    words = []
    for one in at if isinstance(at, tuple) else (at,):
        everything = isinstance(one, slice) and one == slice(None)
        kinds = {type(None): "new", type(...): "...", TracedIndex: "some", int: "one", TracedArray: "who"}
        words.append("all" if everything else kinds.get(type(one), "?"))
    return " ".join(words)
