"""The equations of a month as a graph: every quantity once, simplified where a factor or term is 0 or 1."""

from collections.abc import Callable, Iterable, Set
from typing import Any

import numpy as np

from sim.engine.compiled import NotCompilable
from sim.engine.compiled.node import CELL, COMPARISONS, EVALUATE, Node, evaluate, parameters_in

TRUTHS = (*COMPARISONS, "bitwise_and", "bitwise_or", "invert")
BITS = ("right_shift", "left_shift", "bitwise_xor")


class Graph:
    """All quantities of a trace, and the conditions that were assumed to hold when it was made."""

    def __init__(self, inputs: dict[str, Any], months: range, free: Set[str] = frozenset()) -> None:
        """Begin a graph.

        Args:
            inputs: parameters by dotted path, and sizes.
            months: those in which the equations are to hold.
            free: parameters that may take any value: no condition on them is assumed to fail always.
        """
        self.inputs, self.months, self.free = inputs, months, free
        self.assumed: dict[tuple[str, Node], bool] = {}
        self._nodes: dict[Any, Node] = {}
        self._last_read: dict[Node, int] = {}

    def node(self, op: str, *args: Node, value: Any = None, kind: str = "f", level: int = 0) -> Node:
        """Return the node of this operation, the same one each time."""
        key = (op, args, value, type(value), kind)
        if key not in self._nodes:
            if len({a.of_months for a in args if a.level == CELL}) > 1:
                raise NotCompilable("mixes values of partners with values of months")
            self._nodes[key] = Node(len(self._nodes), op, args, value, kind, level)
        return self._nodes[key]

    def pick(self, values: Node, who: Node) -> Node:
        """Return the value of one partner per run."""
        if values.level < CELL:
            return values
        picked = self.node("pick", self._in_row(values), who)
        self._last_read[picked.args[0]] = max(picked.depth, self._last_read.get(picked.args[0], 0))
        return picked

    def put(self, values: Node, who: Node, new: Node, conditions: Iterable[Node] = ()) -> Node:
        """Return the values with one partner's replaced in the same row, after everything that reads the old ones.

        Args:
            values: of all partners.
            who: the partner.
            new: its value.
            conditions: as numbers; it is replaced in the runs in which none is 0.
        """
        conditions = [flag for flag in conditions if not flag.is_number(1.0)]
        if any(flag.is_number() for flag in conditions):
            return values
        if any(flag.level == CELL for flag in conditions):
            raise NotCompilable("changes one partner where something holds for several")
        row = self._in_row(values)
        node = self.node("put", row, who, self.as_float(new), *conditions, level=CELL)
        node.depth = max(node.depth, self._last_read.get(row, 0))
        return node

    def gather(self, values: Node, who: Node) -> Node:
        """Return the value of the partner whose slot each cell holds."""
        return values if values.level < CELL else self.node("gather", self.node("shared", values), who)

    def _in_row(self, values: Node) -> Node:
        return values if values.op in ("row", "put", "state") else self.node("row", values, level=CELL)

    def number(self, value: Any) -> Node:
        """Return the node of a plain number."""
        if isinstance(value, (bool, np.bool_)):
            return self.node("number", value=bool(value), kind="b")
        if isinstance(value, np.unsignedinteger):
            return self.node("number", value=int(value), kind="u")
        return self.node("number", value=float(value))

    def apply(self, op: str, *args: Node) -> Node:
        """Return the node of an operation; calculated at once if all arguments are numbers, and simplified."""
        args = tuple(map(self._settled, args))
        if op not in (*TRUTHS, *BITS, "where", "flag", "take", "signed", "float"):
            args = tuple(self.as_float(a) for a in args)
        if all(a.is_number() and a.kind != "u" for a in args) and op != "take":
            with np.errstate(all="ignore"):
                return self.number(EVALUATE[op](*(a.value for a in args)))
        short = self._shorten(op, *args)
        if short is not None:
            return short
        kind = (
            "u"
            if args[0].kind == "u" and op in (*BITS, "bitwise_and")
            else "b"
            if op in TRUTHS
            else "i"
            if op == "signed"
            else "f"
        )
        if op == "where":
            kind = args[1].kind
        return self.node(op, *args, kind=kind)

    def as_float(self, node: Node) -> Node:
        """Turn a truth value or whole number into a decimal number."""
        if node.kind == "b":
            return self.apply("flag", node)
        return node if node.kind == "f" else self.apply("float", node)

    def truth(self, node: Node) -> Node:
        """Turn a number into a truth value: whether it differs from 0."""
        if node.op == "flag":
            return node.args[0]
        return node if node.kind == "b" else self.apply("not_equal", node, self.number(0.0))

    def _settled(self, node: Node) -> Node:
        """Take a parameter that is 0 and does not differ by run for a number: what it turns off is not calculated."""
        if node.op != "parameter" or node.level or node.value in self.free or self.inputs[node.value]:
            return node
        self.assumed["ever", node] = False
        return self.number(0.0)

    def _shorten(self, op: str, *args: Node) -> Node | None:
        one, two = args[0], args[1] if len(args) > 1 else args[0]
        if op == "multiply":
            if one.is_number(0.0) or two.is_number(0.0):
                return self.number(0.0)
            return two if one.is_number(1.0) else one if two.is_number(1.0) else None
        if op == "add":
            return two if one.is_number(0.0) else one if two.is_number(0.0) else None
        if op == "subtract":
            return one if two.is_number(0.0) else self.number(0.0) if one is two else None
        if op == "divide":
            return one if two.is_number(1.0) or one.is_number(0.0) else None
        if op in ("bitwise_and", "bitwise_or") and one.kind == "b":
            stop = op == "bitwise_or"
            for this, other in ((one, two), (two, one)):
                if this.is_number():
                    return self.number(stop) if this.value == stop else other
        if op == "where" and one.is_number():
            return two if one.value else args[2]
        if op == "power":
            return self._power(one, two)
        if op in ("flag", "where") and one.known and not self.ever(one):
            return self.number(0.0) if op == "flag" else args[2]
        return None

    def _power(self, base: Node, exponent: Node) -> Node | None:
        if exponent.is_number(2.0):
            return self.apply("multiply", base, base)
        return self.apply("sqrt", base) if exponent.is_number(0.5) else None

    def ever(self, node: Node) -> bool:
        """Tell whether a truth value may hold in some run and month; one that is not known in advance may."""
        if node.is_number():
            return bool(node.value)
        if not node.known or self.free & parameters_in(node):
            return True
        return self._assume("ever", node, lambda: bool(np.any(evaluate(node, self.inputs, self.months))))

    def now(self, node: Node) -> bool:
        """Tell whether a truth value holds in the first month; used where Python code branches on it."""
        if node.is_number():
            return bool(node.value)
        if not node.known:
            raise NotCompilable("branches on what differs from run to run")
        return self._assume("now", node, lambda: _single(evaluate(node, self.inputs, self.months[:1])))

    def _assume(self, how: str, node: Node, find: Callable[[], bool]) -> bool:
        if (how, node) not in self.assumed:
            self.assumed[how, node] = find()
        return self.assumed[how, node]

    def holds_until(self, inputs: dict[str, Any], months: range) -> int:
        """Count the months, from the first, for which the assumed conditions hold with these parameters."""
        holds = len(months)
        for (how, node), expected in self.assumed.items():
            values = evaluate(node, inputs, months)
            if how == "ever":
                holds = holds if bool(np.any(values)) == expected else 0
            else:
                same = np.all(np.broadcast_to(values, (len(months), np.shape(values)[-1])) == expected, axis=1)
                holds = min(holds, len(months) if same.all() else int(np.argmin(same)))
        return holds


def _single(values: Any) -> bool:
    if bool(np.any(values)) != bool(np.all(values)):
        raise NotCompilable("branches on a parameter that differs from run to run")
    return bool(np.any(values))
