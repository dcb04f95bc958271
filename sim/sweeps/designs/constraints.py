"""Constraints between parameters: comparisons like ``rules.leak.rate + 0.1 < start.trust``, read and never executed."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.core.errors import InputError, near

SUMS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
LONGEST = 1000


def holds(constraint: str, values: Mapping[str, Any]) -> Any:
    """Tell for which rows a constraint holds.

    Args:
        constraint: comparisons of sums and products of parameters and numbers, joined by and, or, not.
        values: dotted path -> a number, or one per row.

    Raises:
        InputError: if it is anything else, or names an unknown parameter.
    """
    try:
        if len(constraint) > LONGEST:
            raise SyntaxError
        tree = ast.parse(constraint.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _unreadable(constraint) from error
    if not isinstance(tree, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
        raise _unreadable(constraint)
    with np.errstate(all="ignore"):
        return np.asarray(_value(tree, constraint, values), dtype=bool)


def _value(node: ast.AST, text: str, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.BoolOp):
        parts = [_value(v, text, values) for v in node.values]
        join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return join.reduce(np.broadcast_arrays(*parts), axis=0)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        inner = _value(node.operand, text, values)
        return np.logical_not(inner) if isinstance(node.op, ast.Not) else np.negative(inner)
    if isinstance(node, ast.BinOp) and type(node.op) in SUMS:
        return SUMS[type(node.op)](_value(node.left, text, values), _value(node.right, text, values))
    if isinstance(node, ast.Compare) and all(type(op) in COMPARED for op in node.ops):
        sides = [_value(side, text, values) for side in (node.left, *node.comparators)]
        pairs = zip(node.ops, sides, sides[1:], strict=False)
        results = [COMPARED[type(op)](left, right) for op, left, right in pairs]
        return np.logical_and.reduce(np.broadcast_arrays(*results), axis=0)
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, (ast.Name, ast.Attribute)):
        path = ast.unparse(node)
        if path not in values:
            raise InputError(f"constraint '{text}': there is no parameter '{path}'; {near(path, values)}")
        return values[path]
    raise _unreadable(text)


def _unreadable(text: str) -> InputError:
    return InputError(
        f"constraint '{text[:80]}' cannot be read; compare parameters by their dotted paths, "
        "for example: rules.leak.rate + 0.1 < start.trust and grant.months >= 12"
    )
