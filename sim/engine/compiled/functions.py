"""The NumPy functions that rules and policies may call, and what each does to traced arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.engine.compiled import NotCompilable
from sim.engine.compiled.graph import Graph
from sim.engine.compiled.node import TracedIndex
from sim.engine.compiled.traced_array import TracedArray, apply, lift, over_partners


def _extreme(graph: Graph, values: TracedArray, axis: int, keepdims: bool, better: str) -> TracedArray:
    """Find the place of the largest (or smallest) value, over partners or over traits."""
    if axis == 0 and keepdims and better == "greater" and values.wide:
        over_partners(values, "largest")
        return over_partners(values, "where_largest")
    if axis != 1 or not keepdims or not values.traits:
        raise NotCompilable("looks for an extreme along another axis")
    best, place = graph.as_float(values.parts[0]), graph.number(0.0)
    for k, part in enumerate(values.parts[1:], 1):
        is_better = graph.apply(better, part, best)
        best = graph.apply("where", is_better, graph.as_float(part), best)
        place = graph.apply("where", is_better, graph.number(float(k)), place)
    return TracedArray(graph, [place], values.wide, True)


def _among(graph: Graph, values: TracedArray, who: TracedArray, axis: int) -> TracedArray:
    if axis != 0 or len(values.parts) != 1:
        raise NotCompilable("takes along another axis")
    parts = [graph.gather(values.parts[0], graph.as_float(part)) for part in who.parts]
    return TracedArray(graph, parts, True, who.traits)


def _where_it_holds(graph: Graph, values: TracedArray) -> TracedIndex:
    return TracedIndex(values, *(graph.as_float(graph.truth(part)) for part in values.parts))


def _stack(graph: Graph, rows: Any, axis: int) -> TracedArray:
    lifted = [lift(graph, row) for row in rows]
    if axis != 1 or any(row.traits for row in lifted):
        raise NotCompilable("stacks along another axis")
    return TracedArray(graph, [row.parts[0] for row in lifted], any(row.wide for row in lifted), True)


def _einsum(graph: Graph, equation: str, *inputs: Any) -> TracedArray:
    names, result = equation.split("->")
    lifted = [lift(graph, v)[:, None, :] if "d" in equation and "d" not in name else lift(graph, v)
              for name, v in zip(names.split(","), inputs, strict=True)]  # fmt: skip
    product = lifted[0]
    for other in lifted[1:]:
        product = product * other
    if "d" in names and "d" not in result:
        product = product.sum(axis=1)
    return product.sum(axis=0, keepdims=True) if "p" not in result else product


def _mean_of_numbers(values: TracedArray, axis: int) -> TracedArray:
    """Average over the months in which there is a number."""
    there = values == values
    return np.where(there, values, 0.0).sum(axis=axis) / there.astype(float).sum(axis=axis)  # type: ignore[no-any-return]


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.einsum: _einsum,
    np.nanmean: lambda graph, values, axis=None: _mean_of_numbers(values, axis),
    np.any: lambda graph, values: values.any(),
    np.ndim: lambda graph, values: values.ndim,
    np.shape: lambda graph, values: values.shape,
    np.sum: lambda graph, values, axis=None, keepdims=False: values.sum(axis, keepdims),
    np.where: lambda graph, *three: apply(graph, "where", *three),
    np.clip: lambda graph, values, low, high: apply(graph, "minimum", apply(graph, "maximum", values, low), high),
    np.argmax: lambda graph, values, axis=None, keepdims=False: _extreme(graph, values, axis, keepdims, "greater"),
    np.argmin: lambda graph, values, axis=None, keepdims=False: _extreme(graph, values, axis, keepdims, "less"),
    np.take_along_axis: lambda graph, values, who, axis: _among(graph, values, who, axis),
    np.stack: lambda graph, rows, axis=0: _stack(graph, rows, axis),
    np.flatnonzero: _where_it_holds,
    np.nonzero: _where_it_holds,
    np.zeros_like: lambda graph, values: values * 0.0,
    np.ones_like: lambda graph, values: values * 0.0 + 1.0,
}
"""Functions by their traced versions; a policy that calls another one runs on the NumPy engine."""
