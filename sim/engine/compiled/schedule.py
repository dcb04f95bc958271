"""Plan the loops of a month: what each loads, calculates and stores for a later one."""

from collections import defaultdict
from collections.abc import Iterable, Set
from itertools import takewhile
from typing import Any

from sim.engine.compiled.node import CELL, OVER_ALL, Node

COSTLY = ("exp", "log", "ndtri", "power")
"""Operations that are worth a question whether anybody needs their result."""


class Stage:
    """One loop: what it loads, calculates, stores for later loops, takes from the other level, and is there for.

    ``sinks`` are the nodes that it is there for (in loops over partners and months), ``written`` the variables that it
    writes and their nodes.
    """

    def __init__(self, level: int, made: set[Node]) -> None:
        self.level, self.made = level, made
        self.steps: dict[Node, None] = {}
        self.loaded: dict[Node, None] = {}
        self.stored: dict[Node, None] = {}
        self.borrowed: dict[Node, None] = {}
        self.sinks: dict[Node, None] = {}
        self.written: dict[Any, Node] = {}

    @property
    def reads(self) -> set[Any]:
        """The variables whose old values it loads."""
        return {root_of(node) for node in self.loaded if node.op in ("state", "put")}

    def need(self, node: Node) -> None:
        """Plan for a node: load it if it has a row, else calculate it after its arguments."""
        if node.is_number() or node in self.steps or node in self.loaded:
            return
        if node.op in ("state", "parameter", "measured", *OVER_ALL) or (node.op == "put" and self.level == CELL):
            self.loaded[node] = None
        elif 0 < node.level < self.level and node.kind == "f":
            self.borrowed[node] = self.loaded[node] = None
        elif node.level > 0 and node in self.made and (node.kind == "f" or node.op == "draw") and not node.of_months:
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


def skipped_of(steps: Iterable[Node], elsewhere: Set[Node]) -> dict[Node, list[Node]]:
    """List, for each choice ("where"), the steps that it alone needs, and only if it holds; cheap ones are left alone.

    Args:
        steps: of a stage, in order.
        elsewhere: what is needed besides.
    """
    steps, users = list(steps), defaultdict[Node, list[Node]](list)
    for node in steps:
        for argument in arguments_of(node):
            users[argument].append(node)
    skipped = {}
    for place, choice in enumerate(steps):
        if choice.op == "where" and choice.level > 0:
            always = {choice.args[0], choice.args[2], *elsewhere}
            alone = dict.fromkeys([choice])
            for step in reversed(steps[:place]):
                movable = step.level > 0 and step.op not in ("pick", "put", "gather") and step not in always
                if movable and all(user in alone for user in users[step]):
                    alone[step] = None
            if any(step.op in COSTLY for step in alone):
                skipped[choice] = [step for step in reversed(alone) if step is not choice]
    return skipped


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
