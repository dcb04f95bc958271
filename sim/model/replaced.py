"""The month with rules of a user's own in place of shipped ones (``rules.replace``), and all of a scenario's own code.

What can be replaced is what ``step`` calls: ``membership.leave``, and not a helper that only other rules call. A
replacement takes the same arguments, by the same names, and gives what the shipped rule gives. The month's text stays
the same: its names of rules stand for other functions. Where nothing is replaced, it is ``step`` itself.
"""

import ast
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from sim.core.declare import variables
from sim.core.errors import InputError, naming, near
from sim.core.plugins import checked_payoffs, find_same, guarded, looks_like_path
from sim.core.sources import PluginError
from sim.model import step as step_module
from sim.model.outcomes.base import Outcome
from sim.model.outcomes.named import outcomes_of
from sim.model.scenario import Scenario
from sim.model.state import Flows, State
from sim.model.step import Payoffs, step

Step = Callable[..., tuple[State, Flows, Any]]


@dataclasses.dataclass(frozen=True)
class OwnCode:
    """What a scenario's runs call that a user may have written.

    Attributes:
        payoffs: the pay-offs, checked; None for the model's.
        step: the month; what replaced rules return is checked.
        traced_step: the month without these checks, to be traced: the same object for the same rules.
        outcomes: the outcomes of a run.
        needs_series: whether an outcome may read any monthly outcome.
    """

    payoffs: Payoffs | None
    step: Step
    traced_step: Step
    outcomes: tuple[Outcome, ...]
    needs_series: bool


def own_code(scenario: Scenario) -> OwnCode:
    """Find all of a scenario's own code.

    Raises:
        InputError: for a file, function, rule or outcome that cannot be used.
    """
    rules = _replaced(scenario.rules.replace)
    checked = {name: _checked_rule(name, *rules[name]) for name in rules}
    plain = tuple((name, function) for name, (_, function) in rules.items())
    return OwnCode(
        checked_payoffs(scenario.payoffs) if scenario.payoffs else None,
        _checked_step(_composed(tuple(checked.items())), rules) if rules else step,
        _composed(plain),
        outcomes_of(scenario),
        any(text in scenario.plugins for text in scenario.outcomes),
    )


@cache
def replaceable() -> dict[str, dict[str, Any]]:
    """Name the rules that can be replaced: file -> function -> None, in the order in which the month calls them."""
    modules = {name for name, value in vars(step_module).items() if isinstance(value, ModuleType)}
    called: dict[str, dict[str, Any]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(step_module))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            called.setdefault(node.value.id, {})[node.attr] = None
    return dict(sorted(called.items()))


def _replaced(replace: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, Callable[..., Any]]]:
    """Load the functions of a user's own: rule -> what names it, and the function.

    Raises:
        InputError: for an unknown rule, or a function that cannot stand in for it.
    """
    known = [f"{file}.{name}" for file, names in replaceable().items() for name in names]
    loaded = {}
    for rule, spec in ((f"{file}.{name}", spec) for file, names in replace.items() for name, spec in names.items()):
        where = f"rules.replace.{rule}"
        if rule not in known:
            raise InputError(f"{where}: the month calls no rule of that name; {near(rule, known)}")
        if not looks_like_path(spec):
            raise InputError(f"{where} = {spec!r}: give a file with a function {_last(rule)}, as my_rules.py")
        with naming(where):
            function = find_same(spec, (_last(rule),))
        loaded[rule] = spec, _same_signature(f"{where} = {spec}", rule, function)
    return dict(sorted(loaded.items()))


def _last(rule: str) -> str:
    return rule.rpartition(".")[2]


def _shipped(rule: str) -> Callable[..., Any]:
    file, _, name = rule.partition(".")
    function: Callable[..., Any] = getattr(getattr(step_module, file), name)
    return function


def _same_signature(where: str, rule: str, function: Any) -> Callable[..., Any]:
    """Refuse a function that does not take the arguments of the rule, by the same names and in the same order."""
    if not callable(function):
        raise PluginError(f"{where}: is a {type(function).__name__}; needed is a function")
    takes = list(inspect.signature(_shipped(rule)).parameters)
    try:
        takes_here = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        takes_here = []
    if takes_here != takes:
        raise PluginError(f"{where}: takes ({', '.join(takes_here)}); the rule takes ({', '.join(takes)})")
    checked: Callable[..., Any] = function
    return checked


@lru_cache(maxsize=64)
def _composed(functions: tuple[tuple[str, Callable[..., Any]], ...]) -> Step:
    """Give the month in which some names of rules stand for other functions; its text is that of ``step``."""
    if not functions:
        return step
    names = dict(step.__globals__)
    for rule, function in functions:
        file, _, name = rule.partition(".")
        names[file] = SimpleNamespace(**{**vars(names[file]), name: function})
    return FunctionType(step.__code__, names, step.__name__, step.__defaults__)


# What is checked


def _checked_rule(rule: str, spec: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Check, every month, that a rule of a user's own gives what the shipped one gives: kinds, axes, finite numbers.

    The shipped rule is called once, in the first month, to see what that is: rules change nothing.
    """
    shipped, expected = _shipped(rule), list[Any]()

    def checked(*arguments: Any, **named: Any) -> Any:
        state = arguments[0]
        where = f"rule {rule} ({spec}), month {state.month}"
        if not expected:
            expected.append(shipped(*arguments, **named))
        result = guarded(where, lambda: function(*arguments, **named))
        _refuse_another_kind(where, result, expected[0], state.member.shape)
        return result

    return checked


def _refuse_another_kind(where: str, result: Any, expected: Any, shape: tuple[int, ...]) -> None:
    """Refuse what is not of the kind of what the shipped rule gives."""
    if isinstance(expected, tuple):
        if not isinstance(result, tuple) or len(result) != len(expected):
            n = len(result) if isinstance(result, tuple) else 1
            raise PluginError(f"{where}: returned {n} value{'s' * (n > 1)}; the rule returns {len(expected)}")
        for one, other in zip(result, expected, strict=True):
            _refuse_another_kind(where, one, other, shape)
    elif isinstance(expected, np.ndarray):
        _refuse_another_array(where, result, expected, shape)
    elif dataclasses.is_dataclass(expected) and type(result) is not type(expected):
        raise PluginError(f"{where}: returned {_kind(result)}; the rule returns a {type(expected).__name__}")


def _refuse_another_array(where: str, result: Any, expected: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(result, np.ndarray) or result.dtype.kind != expected.dtype.kind:
        words = {"f": "decimal numbers", "b": "truth values", "i": "whole numbers"}
        raise PluginError(
            f"{where}: returned {_kind(result)}; the rule returns an array of "
            f"{words.get(expected.dtype.kind, 'numbers')}"
        )
    inner, own = expected.shape[1:-1], result.shape
    fits = result.ndim == expected.ndim and own[0] in (1, shape[0]) and own[-1] in (1, shape[-1])
    if not fits or own[1:-1] != inner:
        axes = ", ".join(map(str, (f"1 or {shape[0]}", *inner, shape[-1])))
        raise PluginError(f"{where}: returned shape {own}; needed is (partners, runs): ({axes})")
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise PluginError(f"{where}: returned NaN or infinity; needed are numbers")


def _kind(value: Any) -> str:
    words = {"f": "an array of decimal numbers", "b": "an array of truth values (put flag(...) around them)"}
    if isinstance(value, np.ndarray):
        return words.get(value.dtype.kind, f"an array of {value.dtype}")
    return f"a {type(value).__name__}"


def _checked_step(month: Step, rules: Mapping[str, Any]) -> Step:
    """Check, every month, that what replaced rules lead to is a state: its shapes and ranges are as declared."""
    named = ", ".join(f"{rule} ({spec})" for rule, (spec, _) in rules.items())

    def checked(state: State, *arguments: Any) -> tuple[State, Flows, Any]:
        where = f"rule {named}, month {state.month + 1}"
        after, flows, memory = guarded(where, lambda: month(state, *arguments))
        refuse_no_state(where, state, after)
        return after, flows, memory

    return checked


def refuse_no_state(where: str, before: State, after: State) -> None:
    """Refuse a state whose arrays have another shape than before, hold no numbers, or leave their declared range.

    Raises:
        PluginError: the message names the variable.
    """
    for name, facts in variables(State).items():
        was, now = getattr(before, name), getattr(after, name)
        if now is was:
            continue
        if np.shape(now) != np.shape(was):
            raise PluginError(f"{where}: leads to {name} of shape {np.shape(now)}; it has {np.shape(was)}")
        low, high = now.min(), now.max()
        if not (low >= facts["low"] - SLACK and high <= facts["high"] + SLACK and np.isfinite([low, high]).all()):
            worst = low if not low >= facts["low"] - SLACK else high
            span = f"{facts['low']:g} to {facts['high']:g}"
            raise PluginError(f"{where}: leads to {name} = {worst:g}; it is from {span} ({facts['unit']})")


SLACK = 1e-9
"""How far rounding may take a variable out of its range."""
