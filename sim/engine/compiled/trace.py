"""Run the month once on traced arrays: ``step``, the policy and the outcomes become equations."""

import dataclasses
from collections.abc import Iterator
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
    rule_parameters,
    starting_values,
    structure_of,
    with_leaves,
)
from sim.engine.compiled.node import CELL, RUN, Node
from sim.engine.compiled.traced_array import TracedArray, lift
from sim.model.arrays import flag, over_partners
from sim.model.effort import ACTIONS, PER_PARTNER, Effort, cost_of, largest_action
from sim.model.initialise import first_day
from sim.model.members import Roster
from sim.model.outcomes.base import Outcome
from sim.model.policies import Policy
from sim.model.policies.decision import planned_pause
from sim.model.random_streams import Draws
from sim.model.replaced import Step
from sim.model.scenario import Scenario
from sim.model.state import Flows, State
from sim.model.step import step as shipped_step

CONSTANT_VALUES = (-1.0, 0.0, 1.0)
"""A variable that starts at one of these values in all runs, and keeps it, is left out."""

Constants = dict[tuple[str, int], float]

Values = dict[tuple[str, int], Node]
"""Quantities by name and trait."""


@dataclasses.dataclass
class Month:
    """The equations of a month: constants, changed variables, flows and outcomes."""

    graph: Graph
    constant: Constants
    changed: Values
    flows: Values
    series: list[Node]
    broken: Node
    wide: frozenset[str]


def trace(
    step: Step,
    params: Scenario,
    policy: Policy,
    targeting: str,
    state: State,
    memory: Any,
    months: range,
    outcomes: tuple[Outcome, ...],
) -> Month:
    """Trace a month, leaving out variables that are constant from the start.

    Raises:
        NotCompilable: a rule, policy or outcome cannot be written as equations.
    """
    values = starting_values(state, memory)
    constant = {
        key: float(v.flat[0]) for key, v in values.items() if v.flat[0] in CONSTANT_VALUES and (v == v.flat[0]).all()
    }
    wide = {name for (name, _), v in values.items() if v.shape[0] > 1}
    while True:
        try:
            month = _trace(step, params, policy, targeting, state, memory, months, outcomes, constant, wide)
        except NotCompilable:
            raise
        except Exception as error:
            if step is shipped_step:
                raise
            raise NotCompilable(f"needs real arrays ({type(error).__name__}: {error})") from error
        moved = [key for key, node in month.changed.items() if key in constant and not node.is_number(constant[key])]
        grown = {name for (name, _), node in month.changed.items() if node.level == CELL and name not in wide}
        if not moved and not grown:
            return month
        constant = {key: value for key, value in constant.items() if key not in moved}
        wide |= grown


def _trace(
    step: Step,
    params: Scenario,
    policy: Policy,
    targeting: str,
    state: State,
    memory: Any,
    months: range,
    outcomes: tuple[Outcome, ...],
    constant: Constants,
    wide: set[str],
) -> Month:
    n_partners = state.member.shape[0]
    graph = Graph({**dict(rule_parameters(params)), **policy_parameters(policy), "partners": n_partners}, months)
    before = _state(graph, state, constant, wide)
    remembered_arrays = [_variable(graph, f"memory.{k}", 1, constant, wide, False) for k in range(len(leaves(memory)))]
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

    streams: Any = _TracedStreams(graph, state.expertise.shape[1])
    draws = Draws(streams, before.month + 1)
    remembered = with_leaves(memory, iter(remembered_arrays))
    after, flows, new_memory = step(before, parameters, draws, act, remembered, targeting)
    if structure_of(new_memory) != structure_of(memory):
        raise NotCompilable("remembers something else than at the start")
    changed = {key: node for name in variables(State) for key, node in _nodes(graph, name, getattr(after, name))}
    changed |= {key: node for k, v in enumerate(leaves(new_memory)) for key, node in _nodes(graph, f"memory.{k}", v)}
    changed = {key: node for key, node in changed.items() if node.value != key}
    series = [graph.as_float(lift(graph, o.measure(after, flows, parameters)).parts[0]) for o in outcomes]
    fault = lift(graph, broken[0]).parts[0]
    return Month(graph, constant, changed, _flows(graph, flows), series, fault, frozenset(wide))


def trace_first_day(params: Scenario, roster: Roster | None) -> Month:
    """Trace the first day: every variable of the state from parameters, draws and what a roster says.

    Raises:
        NotCompilable: it cannot be written as equations.
    """
    n_partners = params.size.partners + params.size.candidates
    graph = Graph({**dict(rule_parameters(params)), "partners": n_partners}, range(1))
    streams: Any = _TracedStreams(graph, params.size.domains)
    state = first_day(cast(Scenario, _parameters(graph, params)), streams, roster)
    values, wide = dict[tuple[str, int], Node](), set[str]()
    for name in variables(State):
        array = getattr(state, name)
        traced = lift(graph, array)
        n = array.shape[1] if len(array.shape) == 3 else 1
        parts = traced.parts if len(traced.parts) == n else traced.parts * n
        values |= {(name, k): graph.as_float(part) for k, part in enumerate(parts)}
        wide |= {name} if traced.wide else set()
    constant = {key: float(node.value) for key, node in values.items() if node.is_number()}
    return Month(graph, constant, values, {}, [], graph.number(0.0), frozenset(wide))


def _nodes(graph: Graph, name: str, values: Any) -> Iterator[tuple[tuple[str, int], Node]]:
    for part, node in enumerate(lift(graph, values).parts):
        yield (name, part), graph.as_float(node)


def _variable(graph: Graph, name: str, n: int, constant: Constants, wide: set[str], traits: bool) -> TracedArray:
    level = CELL if name in wide else RUN
    parts = [graph.number(constant[name, k]) if (name, k) in constant
             else graph.node("state", value=(name, k), level=level) for k in range(n)]  # fmt: skip
    return TracedArray(graph, parts, name in wide, traits)


def _state(graph: Graph, state: State, constant: Constants, wide: set[str]) -> State:
    arrays = {name: getattr(state, name) for name in variables(State)}
    traced: Any = {name: _variable(graph, name, a.shape[1] if a.ndim == 3 else 1, constant, wide, a.ndim == 3)
                 for name, a in arrays.items()}  # fmt: skip
    month = TracedArray(graph, [graph.node("month")], False) - 1.0
    return State(month=cast(int, month), **traced)


def _parameter(graph: Graph, path: str) -> TracedArray:
    return TracedArray(graph, [graph.node("parameter", value=path, level=RUN)], False)


def _parameters(graph: Graph, params: Any, prefix: str = "") -> SimpleNamespace:
    laid: dict[str, Any] = {}
    for name, value in vars(params).items():
        path = f"{prefix}{name}"
        if is_several(value):
            laid[name] = tuple(_parameters(graph, item, f"{path}.{k}.") for k, item in enumerate(value))
        elif isinstance(value, SimpleNamespace):
            laid[name] = value if path == "size" else _parameters(graph, value, f"{path}.")
        else:
            laid[name] = _parameter(graph, path) if path in graph.inputs else value
    return SimpleNamespace(**laid)


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
