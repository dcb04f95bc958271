"""Plan the loops of a month: what each loads, calculates and stores for a later one."""

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from sim.engine.compiled.node import CELL, OVER_ALL, Node


class Stage:
    """One loop: what it loads, calculates, stores for later loops and takes from the other level."""

    def __init__(self, level: int, made: set[Node]) -> None:
        self.level, self.made = level, made
        self.steps: dict[Node, None] = {}
        self.loaded: dict[Node, None] = {}
        self.stored: dict[Node, None] = {}
        self.borrowed: dict[Node, None] = {}

    def need(self, node: Node) -> None:
        """Plan for a node: load it if it has a row, else calculate it after its arguments."""
        if node.is_number() or node in self.steps or node in self.loaded:
            return
        if node.op in ("state", "parameter", "measured", *OVER_ALL) or (node.op == "put" and self.level == CELL):
            self.loaded[node] = None
        elif 0 < node.level < self.level and node.kind == "f":
            self.borrowed[node] = self.loaded[node] = None
        elif node.level > 0 and node in self.made and node.kind == "f" and not node.of_months:
            if node.op != "put":
                self.stored[node] = self.loaded[node] = None
        else:
            for argument in arguments_of(node):
                self.need(argument)
            self.steps[node] = None


def arguments_of(node: Node) -> tuple[Node, ...]:
    """List what must be calculated before a node; what it picks from or puts into has a row."""
    return node.args[1:] if node.op in ("pick", "put", "gather") else node.args


def conditions_of(steps: Iterable[Node], elsewhere: Iterable[Node]) -> dict[Node, tuple[Node, ...]]:
    """List under which conditions each step of a stage is needed: those that all its users begin with.

    Args:
        steps: of the stage, in order.
        elsewhere: what is needed elsewhere, and so always.
    """
    under: dict[Node, tuple[Node, ...]] = dict.fromkeys(elsewhere, ())

    def need(node: Node, flags: tuple[Node, ...]) -> None:
        known = takewhile(lambda flag: flag.number < node.number, flags)
        shared = zip(known, under.get(node, flags), strict=False)
        under[node] = tuple(one for one, _ in takewhile(lambda pair: pair[0] is pair[1], shared))

    for node in reversed(list(steps)):
        if node.op == "put":
            need(node, node.args[3:])
        flags = under.setdefault(node, ())
        for argument in arguments_of(node):
            need(argument, flags[: flags.index(argument)] if argument in flags else flags)
    return under


def reachable(nodes: Iterable[Node]) -> list[Node]:
    """List all nodes that some nodes depend on, in the order of their creation."""
    seen: dict[Node, None] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen[node] = None
            waiting += node.args
    return sorted(seen, key=lambda n: n.number)


def by_op(nodes: Iterable[Node], *ops: str) -> list[Node]:
    """Select the nodes of some operations."""
    return [n for n in nodes if n.op in ops]


def root_of(what: Any) -> Any:
    """Return the key of a row: writing into it does not change its key."""
    while isinstance(what, Node) and what.op == "put":
        what = what.args[0]
    return what.value if isinstance(what, Node) and what.op == "state" else what
