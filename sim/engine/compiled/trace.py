"""Run the first day, a month and the end of a run once on traced arrays: they become equations."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Set
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from sim.core.declare import variables
from sim.engine.compiled import NotCompilable
from sim.engine.compiled.graph import Graph
from sim.engine.compiled.inputs import (
    is_several,
    leaves,
    policy_parameters,
    remembered_values,
    rule_parameters,
    starting_values,
    structure_of,
    with_leaves,
)
from sim.engine.compiled.node import CELL, RUN, Node
from sim.engine.compiled.traced_array import TracedArray, TracedSize, column, lift
from sim.model.arrays import flag, over_partners
from sim.model.effort import ACTIONS, PER_PARTNER, Effort, cost_of, largest_action
from sim.model.events import watched
from sim.model.initialise import first_day
from sim.model.members import Roster
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.series import aspiration
from sim.model.policies import Policy
from sim.model.policies.decision import planned_pause
from sim.model.random_streams import Draws
from sim.model.replaced import Step
from sim.model.scenario import Scenario
from sim.model.state import Flows, State
from sim.model.step import step as shipped_step

CONSTANT_VALUES = (-1.0, 0.0, 1.0)
"""A variable that starts at one of these values in all runs, and keeps it, is left out."""

SEEN = ("attendance", "knowledge", "shortfall", "captured", "risk", "tension_information", "tension_interest",
        "tension_resource", "months_funded")  # fmt: skip
"""What a player of the game sees of an observation."""

Constants = dict[tuple[str, int], float]

Values = dict[tuple[str, int], Node]
"""Quantities by name and trait."""


@dataclasses.dataclass
class Equations:
    """The equations of the first day, of a month or of the end of a run.

    Attributes:
        graph: all quantities.
        constant: variables that are one number throughout, and which.
        changed: variables that are written.
        flows: flows and efforts of the month.
        series: outcomes of the month.
        broken: in how many ways an effort is not valid.
        wide: names of what the policy remembers of each partner.
    """

    graph: Graph
    constant: Constants
    changed: Values
    flows: Values = dataclasses.field(default_factory=dict)
    series: list[Node] = dataclasses.field(default_factory=list)
    broken: list[Node] = dataclasses.field(default_factory=list)
    wide: frozenset[str] = frozenset()


@dataclasses.dataclass
class Start:
    """What is known before a program runs.

    Attributes:
        n_partners: partner slots.
        n_parts: traits of each variable of the state (1 for one value).
        constant: variables and parts of the policy's memory that are one of ``CONSTANT_VALUES`` in all runs.
        memory: what the policy remembers.
        wide: the parts of it that have a value for each partner.
    """

    n_partners: int
    n_parts: dict[str, int]
    constant: Constants
    memory: Any
    wide: set[str]

    @classmethod
    def of(cls, state: State, memory: Any) -> "Start":
        """Describe a state and a memory."""
        values = starting_values(state, memory)
        constant = {k: float(v.flat[0]) for k, v in values.items()
                    if v.flat[0] in CONSTANT_VALUES and (v == v.flat[0]).all()}  # fmt: skip
        n_parts = {name: a.shape[1] if a.ndim == 3 else 1 for name in variables(State) for a in [getattr(state, name)]}
        wide = {name for (name, _), v in values.items() if v.shape[0] > 1 and name not in n_parts}
        return cls(len(state.member), n_parts, constant, memory, wide)

    @classmethod
    def after(cls, first_day: Equations, memory: Any) -> "Start":
        """Describe the state after the first day."""
        constant = {key: value for key, value in first_day.constant.items() if value in CONSTANT_VALUES}
        remembered = remembered_values(memory)
        constant |= {k: float(v.flat[0]) for k, v in remembered.items()
                     if v.flat[0] in CONSTANT_VALUES and (v == v.flat[0]).all()}  # fmt: skip
        wide = {name for (name, _), v in remembered.items() if v.shape[0] > 1}
        n_parts = Counter(name for name, _ in first_day.changed)
        return cls(int(first_day.graph.inputs["partners"]), dict(n_parts), constant, memory, wide)

    def then(self, month: Equations) -> "Start":
        """Describe what is known after some months."""
        constant = {key: value for key, value in self.constant.items() if key not in month.changed}
        return dataclasses.replace(self, constant=constant, wide=self.wide | set(month.wide))


def trace(
    step: Step, params: Scenario, policy: Policy, targeting: str, start: Start, months: range,
    outcomes: tuple[Outcome, ...], free: Set[str] = frozenset(), watch: bool = False,
) -> Equations:  # fmt: skip
    """Trace a month, leaving out variables that are constant from the start.

    Args:
        step: the month.
        params: the parameters of the runs.
        policy: the policy.
        targeting: what the policy sees.
        start: what is known before.
        months: those for which the equations are to hold.
        outcomes: measured every month.
        free: parameters that may take any value afterwards.
        watch: whether the flows hold what ``watched`` shows and what the orchestrator sees.

    Raises:
        NotCompilable: a rule, policy or outcome cannot be written as equations.
    """
    while True:
        try:
            month = _trace(step, params, policy, targeting, start, months, outcomes, free, watch)
        except NotCompilable:
            raise
        except Exception as error:
            if step is shipped_step:
                raise
            raise NotCompilable(f"needs real arrays ({type(error).__name__}: {error})") from error
        moved = [
            k for k, node in month.changed.items() if k in start.constant and not node.is_number(start.constant[k])
        ]
        grown = {name for (name, _), node in month.changed.items()
                 if node.level == CELL and name.startswith("memory.") and name not in start.wide}  # fmt: skip
        if not moved and not grown:
            return month
        constant = {key: value for key, value in start.constant.items() if key not in moved}
        start = dataclasses.replace(start, constant=constant, wide=start.wide | grown)


def _trace(
    step: Step, params: Scenario, policy: Policy, targeting: str, start: Start, months: range,
    outcomes: tuple[Outcome, ...], free: Set[str], watch: bool,
) -> Equations:  # fmt: skip
    memory = start.memory
    inputs = {**dict(rule_parameters(params)), **policy_parameters(policy), "partners": start.n_partners}
    graph = Graph(inputs, months, free)
    before = _state(graph, start)
    remembered_arrays = [_variable(graph, f"memory.{k}", 1, start.constant, f"memory.{k}" in start.wide)
                         for k in range(len(leaves(memory)))]  # fmt: skip
    parameters = cast(Scenario, _parameters(graph, params))
    numbers = {k.removeprefix("policy."): _parameter(graph, k) for k in policy_parameters(policy)}
    traced_policy = policy.model_construct(
        **{name: getattr(policy, name) for name in type(policy).model_fields} | numbers
    )
    broken: list[Any] = []

    def act(seen: Any, remembered: Any) -> tuple[Effort, dict[str, Any], Any]:
        planned, rest = planned_pause(traced_policy, seen)
        try:
            effort, remembered = traced_policy.allocate(seen.shown(rest), rest, remembered)
        except NotCompilable:
            raise
        except Exception as error:
            raise NotCompilable(f"needs real arrays ({type(error).__name__}: {error})") from error
        effort, costs, fault = _priced(graph, effort, seen, planned)
        broken.append(fault)
        return effort, costs, remembered

    streams: Any = _TracedStreams(graph, start.n_parts["expertise"])
    draws = Draws(streams, before.month + 1)
    remembered = with_leaves(memory, iter(remembered_arrays))
    after, flows, new_memory = step(before, parameters, draws, act, remembered, targeting)
    if structure_of(new_memory) != structure_of(memory):
        raise NotCompilable("remembers something else than at the start")
    changed = {key: node for name in variables(State) for key, node in _nodes(graph, name, getattr(after, name))}
    changed |= {key: node for k, v in enumerate(leaves(new_memory)) for key, node in _nodes(graph, f"memory.{k}", v)}
    changed = {key: node for key, node in changed.items() if node.value != key}
    changed = {key: node for key, node in changed.items()
               if key not in start.constant or not node.is_number(start.constant[key])}  # fmt: skip
    series = [graph.as_float(lift(graph, o.measure(after, flows, parameters)).parts[0]) for o in outcomes]
    fault = lift(graph, broken[0]).parts[0]
    shown = _flows(graph, flows)
    if watch:
        seen = {f"seen.{name}": getattr(flows.seen, name) for name in SEEN}
        more = seen | {f"watched.{name}": v for name, v in watched(before, flows, after, parameters).items()}
        shown |= {key: node for name, values in more.items() for key, node in _nodes(graph, name, values)}
    return Equations(graph, start.constant, changed, shown, series, [fault], frozenset(start.wide))


def trace_first_day(params: Scenario, roster: Roster | None, free: Set[str] = frozenset()) -> Equations:
    """Trace the first day: every variable of the state from parameters, draws and what a roster says.

    Args:
        params: the parameters of the runs.
        roster: what is known of each member, or None.
        free: parameters that may take any value afterwards, and columns of the roster (``roster.size``) that may say
            anything.

    Raises:
        NotCompilable: it cannot be written as equations.
    """
    n_partners = params.size.partners + params.size.candidates
    graph = Graph({**dict(rule_parameters(params)), "partners": n_partners}, range(1), free)
    streams: Any = _TracedStreams(graph, params.size.domains)
    state = first_day(cast(Scenario, _parameters(graph, params)), streams, _traced_roster(graph, roster, free))
    values = dict[tuple[str, int], Node]()
    for name in variables(State):
        array = getattr(state, name)
        traced = lift(graph, array)
        n = array.shape[1] if len(array.shape) == 3 else 1
        parts = traced.parts if len(traced.parts) == n else traced.parts * n
        values |= {(name, k): graph.as_float(part) for k, part in enumerate(parts)}
    constant = {key: float(node.value) for key, node in values.items() if node.is_number()}
    expected = aspiration(state, cast(Scenario, _parameters(graph, params)))
    return Equations(graph, constant, values, dict(_nodes(graph, "watched.aspiration", expected)))


def trace_end(outcomes: tuple[Outcome, ...], monthly: tuple[Outcome, ...], months: int, start: Start) -> Equations:
    """Trace the outcomes of a run, from what was measured every month and the state at the end.

    Raises:
        NotCompilable: an outcome cannot be written as equations.
    """
    graph = Graph({"partners": start.n_partners, "months": months}, range(1))
    state = _state(graph, start)
    history = {o.name: TracedArray(graph, [graph.node("measured", value=(k, None), level=CELL)], True)
               for k, o in enumerate(monthly)}  # fmt: skip
    changed = {}
    for outcome in outcomes:
        try:
            values = lift(graph, outcome.measure(history, state))
        except NotCompilable:
            raise
        except Exception as error:
            raise NotCompilable(f"needs real arrays ({type(error).__name__}: {error})") from error
        if values.wide or len(values.parts) != 1:
            raise NotCompilable(f"measures {outcome.name} in another shape than usual")
        changed[f"outcome.{outcome.name}", 0] = graph.as_float(values.parts[0])
    return Equations(graph, start.constant, changed)


def _nodes(graph: Graph, name: str, values: Any) -> Iterator[tuple[tuple[str, int], Node]]:
    for part, node in enumerate(lift(graph, values).parts):
        yield (name, part), graph.as_float(node)


def _variable(graph: Graph, name: str, n: int, constant: Constants, wide: bool, traits: bool = False) -> TracedArray:
    parts = [graph.number(constant[name, k]) if (name, k) in constant
             else graph.node("state", value=(name, k), level=CELL if wide else RUN) for k in range(n)]  # fmt: skip
    return TracedArray(graph, parts, wide, traits)


def _state(graph: Graph, start: Start) -> State:
    axes = {name: fact["axes"] for name, fact in variables(State).items()}
    traced: Any = {name: _variable(graph, name, n, start.constant, axes[name].startswith("partner"), "," in axes[name])
                   for name, n in start.n_parts.items()}  # fmt: skip
    month = TracedArray(graph, [graph.node("month")], False) - 1.0
    return State(month=cast(int, month), **traced)


def _parameter(graph: Graph, path: str) -> TracedArray:
    level = RUN if isinstance(graph.inputs[path], np.ndarray) else 0
    return TracedArray(graph, [graph.node("parameter", value=path, level=level)], False)


def _parameters(graph: Graph, params: Any, prefix: str = "") -> SimpleNamespace:
    laid: dict[str, Any] = {}
    for name, value in vars(params).items():
        path = f"{prefix}{name}"
        if is_several(value):
            laid[name] = tuple(_parameters(graph, item, f"{path}.{k}.") for k, item in enumerate(value))
        elif isinstance(value, SimpleNamespace):
            laid[name] = _parameters(graph, value, f"{path}.")
        elif path == "size.segments":
            laid[name] = TracedSize(graph, path, value)
        else:
            laid[name] = _parameter(graph, path) if path in graph.inputs else value
    return SimpleNamespace(**laid)


def _traced_roster(graph: Graph, roster: Roster | None, free: Set[str]) -> Roster | None:
    """Let what a roster says be read from tables with the names of its columns."""
    if roster is None:
        return None
    columns: dict[str, Any] = {name: column(graph, f"roster.{name}", values, f"roster.{name}" in free)
               for name, values in vars(roster).items() if name != "ordered"}  # fmt: skip
    return dataclasses.replace(roster, **columns)


def _priced(graph: Graph, effort: Any, seen: Any, planned: Any) -> tuple[Effort, dict[str, Any], TracedArray]:
    """Price an effort, and count in how many ways it is out of range or over the budget, per run."""
    if not isinstance(effort, Effort):
        raise NotCompilable("does not return an effort")
    values: dict[str, Any] = {name: lift(graph, getattr(effort, name)) for name in ACTIONS}
    fault = lift(graph, 0.0)
    for name, value in values.items():
        if value.traits or (value.wide and name not in PER_PARTNER):
            raise NotCompilable(f"gives {name} in another shape than usual")
        fine = (value >= -1e-12) & (value <= min(largest_action(name, seen.n_domains) + 1e-9, 1e300))
        fault = fault + over_partners(flag(~fine))
    values["pause"] = np.maximum(values["pause"], planned)
    priced = Effort(**values)
    costs = cost_of(priced, seen.prices, seen.members)
    return priced, costs, fault + flag(sum(costs.values()) - seen.budget > 1e-9)


def _flows(graph: Graph, flows: Flows) -> Values:
    named = {f"flows.{name}": getattr(flows, name) for name in variables(Flows)}
    named |= {f"effort.{name}": getattr(flows.effort, name) for name in ACTIONS}
    named |= {f"spent.{name}": values for name, values in flows.spent.items()}
    return {key: node for name, values in named.items() for key, node in _nodes(graph, name, values)}


class _TracedStreams:
    """Traced random streams: a draw is recorded by its address, not made."""

    n_runs = 2

    def __init__(self, graph: Graph, n_domains: int) -> None:
        self.graph, self.n_domains = graph, n_domains

    def _draw(self, who: str, block: int, n: int = 1, level: int = RUN) -> TracedArray:
        parts = [self.graph.node("draw", value=(who, block, k), kind="u", level=level) for k in range(n)]
        return TracedArray(self.graph, parts, level == CELL, who == "domain")

    def partner(self, month: Any, block: int) -> TracedArray:
        """Record 64 bits for every partner slot."""
        return self._draw("partner", block, level=CELL)

    def partnership(self, month: Any, block: int) -> TracedArray:
        """Record 64 bits for every partnership."""
        return self._draw("partnership", block)

    def domain(self, month: Any, block: int) -> TracedArray:
        """Record 64 bits for every knowledge domain."""
        return self._draw("domain", block, self.n_domains)
