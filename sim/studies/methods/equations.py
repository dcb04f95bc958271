"""The rules as equations in LaTeX, derived from their text: what a paper prints is what is calculated.

Each line of a rule gives a line of its equation. A test evaluates the LaTeX with the numbers of real runs and compares
what comes out with what the rule gives. Rules with loops (matching tables, ties) have no equation, only words.
"""

import ast
import contextlib
import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.core.declare import Declared, variables
from sim.model import rules
from sim.model import step as step_module
from sim.model.effort import Effort
from sim.model.state import State
from sim.studies.methods.latex import NotAnEquation, Writer, symbol_of

RULES = Path(str(rules.__file__)).parent


@dataclasses.dataclass(frozen=True)
class Equation:
    """One rule, or one property of the state.

    Attributes:
        rule: its file and function, such as ``information.disclose``.
        words: what it does, with its source.
        lines: left and right sides, in LaTeX; none where the rule is a procedure.
        inputs: what the month gives it under another name.
        results: the symbols of what it returns, in order.
        symbols: each symbol of the lines, with the name that it stands for in the code.
        constants: the values of those that are constants of the code.
    """

    rule: str
    words: str
    lines: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    results: tuple[str, ...] = ()
    symbols: Mapping[str, str] = dataclasses.field(default_factory=dict)
    constants: Mapping[str, float] = dataclasses.field(default_factory=dict)


@cache
def equations() -> tuple[Equation, ...]:
    """Derive every equation: the properties of the state, then the rules in the order of their files.

    Returns:
        One for each public function of ``sim/model/rules``.
    """
    state = ast.parse(inspect.getsource(State)).body[0]
    assert isinstance(state, ast.ClassDef)
    properties = [node for node in state.body if isinstance(node, ast.FunctionDef)]
    words = {node.name: ast.get_docstring(node) or "" for node in properties}
    derived = [_property(node, words[node.name]) for node in properties if _is_equation(node)]
    for path in sorted(RULES.glob("[!_]*.py")):
        module = import_module(f"{rules.__name__}.{path.stem}")
        derived += _of_file(module, ast.parse(path.read_text(encoding="utf-8")))
    return tuple(derived)


def _is_equation(node: ast.FunctionDef) -> bool:
    decorated = any(ast.unparse(d) == "property" for d in node.decorator_list)
    return decorated and isinstance(node.body[-1], ast.Return) and len(node.body) == 2


def _property(node: ast.FunctionDef, words: str) -> Equation:
    names = {f"self.{name}": symbol for name, symbol in _symbols(State).items()}
    writer = Writer(names | {node.name: symbol_of("", node.name)}, frozenset())
    returned = node.body[-1]
    assert isinstance(returned, ast.Return)
    assert returned.value is not None
    value = returned.value
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "np.multiply":
        value = value.args[0]  # a condition as a flag
    line = (writer.name(node.name), writer.write(value))
    return Equation(f"state.{node.name}", words.split("\n\n")[0], (line,), (), (line[0],), dict(writer.used))


def _of_file(module: ModuleType, tree: ast.Module) -> Iterator[Equation]:
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
    own = frozenset(f.name for f in functions)
    for function in functions:
        words = (ast.get_docstring(function) or "").split("\n\n")[0]
        rule = f"{module.__name__.rpartition('.')[2]}.{function.name}"
        writer = Writer(_names(function, module), own - {a.arg for a in function.args.args})
        calls = _calls().get(rule, [])
        call = calls[0] if len(calls) == 1 else _Call((function.name,), ())
        try:
            lines = tuple(_lines(function, call, writer))
            inputs = tuple(_inputs(function, call, writer))
        except NotAnEquation:
            yield Equation(rule, words)
            continue
        constants = {symbol: getattr(module, name) for symbol, name in writer.used.items() if name in vars(module)}
        numbers = {symbol: float(value) for symbol, value in constants.items() if isinstance(value, int | float)}
        yield Equation(rule, words, lines, inputs, tuple(writer.results), dict(writer.used), numbers)


def _names(function: ast.FunctionDef, module: ModuleType) -> dict[str, str]:
    """Give the LaTeX of what a function reads: state, parameters, effort, by their declared symbols."""
    names = {f"state.{name}": symbol for name, symbol in _symbols(State).items()}
    for argument in function.args.args:
        kind = getattr(module, ast.unparse(argument.annotation), None) if argument.annotation else None
        if inspect.isclass(kind) and issubclass(kind, (Effort, Declared)):
            names |= {f"{argument.arg}.{name}": symbol for name, symbol in _symbols(kind).items()}
    return names


def _symbols(kind: type) -> dict[str, str]:
    if issubclass(kind, Declared):
        extras: dict[str, Any] = {name: field.json_schema_extra or {} for name, field in kind.model_fields.items()}
        return {name: symbol_of(extra.get("symbol", ""), name) for name, extra in extras.items()}
    return {name: symbol_of(facts["symbol"], name) for name, facts in variables(kind).items()}


@dataclasses.dataclass(frozen=True)
class _Call:
    """How the month uses a rule: what its results become, and what it is given."""

    results: tuple[str, ...]
    arguments: tuple[ast.expr, ...]


@cache
def _calls() -> dict[str, list[_Call]]:
    """Read from ``step.py`` what becomes of each rule's results; ``disclosure'`` is the state's next disclosure."""
    calls: dict[str, list[_Call]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(step_module))):
        if isinstance(node, ast.keyword) and isinstance(node.value, ast.Call):
            results: tuple[str, ...] = (f"state.{node.arg}'",)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target = node.targets[0]
            results = tuple(map(ast.unparse, target.elts if isinstance(target, ast.Tuple) else [target]))
        else:
            continue
        rule = ast.unparse(node.value.func)
        calls.setdefault(rule, []).append(_Call(results, tuple(node.value.args)))
    return calls


def _inputs(function: ast.FunctionDef, call: _Call, writer: Writer) -> Iterator[tuple[str, str]]:
    """Write what the month gives a rule under another name; a shock, which has no equation, is left out."""
    for argument, value in zip(function.args.args, call.arguments, strict=bool(call.arguments)):
        written = ast.unparse(value)
        if written not in (argument.arg, "state", "draws") and not written.startswith(("rules.", "params.")):
            with contextlib.suppress(NotAnEquation):
                yield writer.name(argument.arg), writer.write(value)


def _lines(function: ast.FunctionDef, call: _Call, writer: Writer) -> Iterator[tuple[str, str]]:
    """Write the statements of a function one by one, and note the symbols of its results."""
    for targets, value in _assignments(function):
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        names = targets or call.results
        if not targets and _is_change(value):
            assert isinstance(value, ast.Call)
            names = tuple(f"state.{keyword.arg}'" for keyword in value.keywords)
            values = [keyword.value for keyword in value.keywords]
        elif not targets and len(values) > len(names) == 1:
            names = tuple(f"{names[0]}_{k}" for k in range(1, len(values) + 1))
        if len(names) != len(values):
            raise NotAnEquation(ast.unparse(value))
        for name, part in zip(names, values, strict=True):
            right = writer.write(part)
            if not targets and ast.unparse(part) == name:
                writer.results.append(right)
                continue
            left = writer.assigned(name)
            if not targets:
                writer.results.append(left)
            yield left, right


def _is_change(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == "state.replace"


def _assignments(function: ast.FunctionDef) -> Iterator[tuple[tuple[str, ...], ast.expr]]:
    """Give what is assigned to which names; no names for what is returned.

    Shortcuts are left out (``if nothing happens: return ...``): without them the lines below give the same.
    """
    body = list(function.body[1:])
    while body:
        match body.pop(0):
            case ast.If(body=[ast.Return()], orelse=[]):
                continue
            case ast.If(body=[ast.Assign() as inner], orelse=[]):
                body.insert(0, inner)
            case ast.Assign(targets=[ast.Tuple(elts=elements)], value=value):
                yield tuple(map(ast.unparse, elements)), value
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                yield (ast.unparse(target),), value
            case ast.Return(value=ast.expr() as value):
                yield (), value
            case other:
                raise NotAnEquation(ast.unparse(other))
