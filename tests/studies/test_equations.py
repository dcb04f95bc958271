"""The equations of the paper kit: their LaTeX, evaluated with the numbers of real runs, gives what the rules give."""

import functools
import inspect
from importlib import import_module

import numpy as np
import pytest
from lark import Lark, Transformer, v_args

from sim import load_scenario, simulate
from sim.core.declare import parameters, variables
from sim.model.arrays import logistic, unit
from sim.model.scenario import Scenario
from sim.model.sectors import CULTURE, ETHOS, GOALS, LANGUAGE
from sim.model.state import Flows, State
from sim.studies.methods.equations import equations
from sim.studies.methods.latex import symbol_of
from tests.helpers import EVERY_MECHANISM

GRAMMAR = r"""
?sum: product | sum "+" product -> add | sum "-" product -> subtract | "-" product -> minus
    | "\\sum_{i}" product -> over_partners | "\\sum_{d}" product -> over_traits
?product: power | product "\\," power -> multiply
?power: atom | atom "^{" sum "}" -> to_the_power
?atom: NUMBER -> number | SYMBOL -> symbol
    | "\\frac{" sum "}{" sum "}" -> divide
    | "\\max" pair -> larger | "\\min" pair -> smaller
    | "\\exp" brackets -> exp | "\\log" brackets -> log | "\\left\\lfloor" sum "\\right\\rfloor" -> floor
    | "\\begin{cases}" sum "&" condition "\\\\" sum "&" "\\text{otherwise}" "\\end{cases}" -> cases
    | "\\mathrm{unit}" brackets -> unit | "\\mathrm{logistic}" brackets -> logistic
    | "\\left\\lvert" sum "\\right\\rvert" -> magnitude
    | brackets | "\\left[" sum RELATION sum "\\right]" -> holds
    | SYMBOL "_{\\mathrm{" TRAIT "}}" -> trait
condition: "\\text{" FORM "}" -> form | sum RELATION sum -> holds
FORM: /(?!otherwise)[a-z]+/
brackets: "\\left(" sum "\\right)" -> inside
pair: "\\left(" sum "," sum "\\right)"
RELATION: "<" | ">" | "\\le" | "\\ge" | "=" | "\\ne"
TRAIT.3: "language" | "goals" | "culture" | "ethos"
NUMBER: /\d+(\.\d+)?(e-?\d+)?/
SYMBOL.2: /(\\mathit\{[^}]*\}|\\mathrm\{[A-Z\\_]+\}|\\bar\{a\}|\\(alpha|beta|delta|mu|rho|theta|xi|kappa|lambda|zeta|pi|eta|psi)|[A-Za-z])(_\{(\\mathrm\{(?!language|goals|culture|ethos)[^}]*\}|\w)\})?'*/
%ignore " "
"""


@v_args(inline=True)
class Evaluate(Transformer):
    """Evaluate LaTeX on arrays of shape (partners, traits, runs), each of which may be 1."""

    add, subtract, multiply, divide = np.add, np.subtract, np.multiply, lambda _, a, b: a / (b + 1e-300 * (b == 0))
    log, floor = np.log, np.floor
    minus, exp, larger, smaller = np.negative, np.exp, lambda _, p: np.maximum(*p), lambda _, p: np.minimum(*p)
    unit, logistic, magnitude = staticmethod(unit), staticmethod(logistic), np.abs

    def __init__(self, values):
        super().__init__()
        self.values = values

    def number(self, text):
        return float(text)

    def symbol(self, text):
        return self.values(str(text).strip())

    def form(self, text):
        return self.values("form") == str(text)

    def cases(self, one, condition, other):
        return np.where(condition, one, other)

    def pair(self, a, b):
        return a, b

    def inside(self, a):
        return a

    def to_the_power(self, base, exponent):
        return np.power(base, exponent)

    def over_partners(self, values):
        return np.sum(np.broadcast_to(values, np.broadcast_shapes(np.shape(values), (1, 1, 1))), 0, keepdims=True)

    def over_traits(self, values):
        return np.sum(values, 1, keepdims=True)

    def trait(self, name, which):
        place = {"language": LANGUAGE, "goals": GOALS, "culture": CULTURE, "ethos": ETHOS}[which]
        return self.symbol(name)[:, place : place + 1, :]

    def holds(self, a, relation, b):
        compare = {"<": np.less, ">": np.greater, r"\le": np.less_equal, r"\ge": np.greater_equal}
        return (compare | {"=": np.equal, r"\ne": np.not_equal})[str(relation)](a, b) * 1.0


PARSER = Lark(GRAMMAR, start="sum", parser="lalr")


@functools.cache
def parsed(text):
    return PARSER.parse(text)


def laid_out(value):
    """Lay a value out as (partners, traits, runs)."""
    if np.ndim(value) == 0:
        return float(value)
    value = np.asarray(value, float)
    return value[:, None, :] if value.ndim == 2 else value


def evaluate(equation, function, arguments):
    """Evaluate the lines of an equation with the arguments of one call; give the value of every result."""
    module, known = import_module(function.__module__), {}

    def value_of(symbol):
        if symbol in known or symbol == "form":
            return known[symbol] if symbol in known else arguments["form"]
        name = equation.symbols[symbol]
        place, _, attribute = name.rpartition(".")
        if place:
            return laid_out(getattr(arguments[place], attribute))
        if name in arguments:
            return laid_out(arguments[name])
        if name == "D":
            return arguments["state"].expertise.shape[1]
        found = getattr(module, name)
        if callable(found):
            return laid_out(found(*(arguments[a] for a in inspect.signature(found).parameters)))
        return found

    for left, right in equation.lines:
        known[left] = Evaluate(value_of).transform(parsed(right))
    return [known[symbol] for symbol in equation.results]


class Recorder:
    """Keeps some calls of every rule in real runs: the arguments, and what came out."""

    def __init__(self, monkeypatch, names):
        self.calls = {}
        for name in names:
            file, _, function = name.partition(".")
            module = import_module(f"sim.model.rules.{file}")
            monkeypatch.setattr(module, function, self.recording(name, getattr(module, function)))

    def recording(self, name, function):
        signature = inspect.signature(function)

        @functools.wraps(function)
        def call(*given):
            result = function(*given)
            self.calls.setdefault(name, []).append((function, dict(signature.bind(*given).arguments), result))
            return result

        return call


def runs_of_every_kind():
    """Simulate with every mechanism, entries, shocks and an exit penalty."""
    scenario = load_scenario("denim_alliance").replace(
        **{"size.partners": 9, "size.candidates": 3, "rules.membership.entry_rate": 0.05, "grant.months": 8},
        **{"rules.membership.exit_penalty": 0.1, "rules.leak.rate": 0.9, "rules.membership.other_rate": 0.05},
    )
    for policy in ({"name": "adaptive_tracking", "pause": 2}, "scheduled", "neutral"):
        simulate(scenario, seeds=range(3), policy=policy, months=16)
        simulate(scenario.replace(**EVERY_MECHANISM), seeds=range(3), policy=policy, months=16)


def as_results(equation, result):
    """Give what a rule returned as a list, in the order of the equation's results."""
    if isinstance(result, State):
        names = [equation.symbols[symbol].removeprefix("state.").rstrip("'") for symbol in equation.results]
        return [getattr(result, name) for name in names]
    return list(result) if isinstance(result, tuple) else [result]


def test_the_latex_of_every_rule_gives_what_the_rule_gives_in_real_runs(monkeypatch):
    rules = {e.rule: e for e in equations() if e.lines and not e.rule.startswith("state.")}
    recorder = Recorder(monkeypatch, rules)
    runs_of_every_kind()
    seen = set()
    for name, calls in [(n, list(c)) for n, c in recorder.calls.items()]:
        for function, arguments, result in calls[:: max(1, len(calls) // 20)]:
            expected = as_results(rules[name], result)
            measured = evaluate(rules[name], function, arguments)
            assert len(expected) == len(measured)
            for one, other in zip(expected, measured, strict=True):
                shape = np.shape(laid_out(one))
                # a shortcut for what happens to nobody may leave an axis at 1
                np.testing.assert_allclose(np.broadcast_to(laid_out(one), np.broadcast_shapes(shape, np.shape(other))), other * np.ones(shape), rtol=1e-6, atol=1e-7, err_msg=name)  # fmt: skip
            seen.add(name)

    assert rules.keys() - seen == {
        "information.channels",
        "membership.has_run_out",
    }  # used by invariants and events only


def test_a_wrong_equation_would_be_noticed(monkeypatch):
    recorder = Recorder(monkeypatch, ["information.disclose"])
    runs_of_every_kind()
    function, arguments, result = recorder.calls["information.disclose"][5]
    right = next(e for e in equations() if e.rule == "information.disclose")
    lines = tuple((left, text.replace("1 - k_{L}", "1 + k_{L}")) for left, text in right.lines)
    wrong = type(right)(right.rule, right.words, lines, right.inputs, right.results, right.symbols)

    assert np.allclose(laid_out(result), evaluate(right, function, arguments)[0])
    assert not np.allclose(laid_out(result), evaluate(wrong, function, arguments)[0])


@pytest.mark.parametrize("name", ["trust", "connections", "is_funded"])
def test_the_properties_of_the_state_have_their_equations(name, monkeypatch):
    recorder = Recorder(monkeypatch, ["information.latent_risk"])
    runs_of_every_kind()
    state = recorder.calls["information.latent_risk"][9][1]["state"]
    equation = next(e for e in equations() if e.rule == f"state.{name}")

    (measured,) = evaluate(equation, State, {"self": state})
    np.testing.assert_allclose(laid_out(getattr(state, name)), measured)


def test_only_rules_with_loops_have_words_instead_of_an_equation():
    assert [e.rule for e in equations() if not e.lines] == [
        "connecting.match_inside",
        "connecting.connect",
        "connecting.lose_ties",
        "orchestrator.observe",
        "readiness.replace_representative",
    ]


def test_two_declared_symbols_never_become_the_same_letter():
    declared = {q.symbol for q in parameters(Scenario())}
    declared |= {f["symbol"] for kind in (State, Flows) for f in variables(kind).values()}
    declared -= {""}
    written = {symbol: symbol_of(symbol, "") for symbol in declared}

    assert len(set(written.values())) == len(declared)
