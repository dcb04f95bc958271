"""Python expressions of the rules as LaTeX; what is outside this small language is not an equation."""

import ast
import re
from collections.abc import Callable, Mapping

GREEK = {
    **{"alpha": r"\alpha", "beta": r"\beta", "delta": r"\delta", "mu": r"\mu", "rho": r"\rho", "theta": r"\theta"},
    **{"xi": r"\xi", "kap": r"\kappa", "lam": r"\lambda", "zet": r"\zeta", "pi0": r"\pi_{0}", "etU": r"\eta_{U}"},
    **{"psS": r"\psi_{S}", "psB": r"\psi_{B}", "psC": r"\psi_{C}", "del": r"\delta_{K}", "mean a": r"\bar{a}"},
    **{"Kh": "K_{h}", "nc": "n_{c}", "so": r"\sigma_{o}"},
}
"""Symbols of the declarations that are the names of letters, or letters with an index."""

LOOSE, SUM, PRODUCT, POWER, ATOM = range(5)
"""How tightly a piece of LaTeX binds: what binds less than its place allows is put in brackets."""


class NotAnEquation(Exception):
    """A statement that has no form in mathematics, such as a loop."""


def symbol_of(symbol: str, name: str) -> str:
    """Write a symbol as declared, such as ``kL`` or ``a_org``, or else a name, as LaTeX."""
    if symbol in GREEK:
        return GREEK[symbol]
    if re.fullmatch(r"[A-Za-z][A-Z]|[a-zA-Z]\d", symbol):
        return f"{symbol[0]}_{{{symbol[1]}}}"
    if re.fullmatch(r"[A-Za-z]_\w+", symbol):
        return rf"{symbol[0]}_{{\mathrm{{{_text(symbol[2:])}}}}}"
    word = symbol or name
    if len(word) == 1:
        return word
    return rf"\mathrm{{{_text(word)}}}" if word.isupper() else rf"\mathit{{{_text(word)}}}"


def _text(word: str) -> str:
    return word.replace("_", r"\_")


def _bracket(text: str) -> str:
    return rf"\left({text}\right)"


def _iverson(text: str) -> str:
    return rf"\left[{text}\right]"


def _operator(name: str) -> Callable[..., tuple[str, int]]:
    return lambda *parts: (rf"{name}\left({', '.join(text for text, _ in parts)}\right)", ATOM)


def _sum(index: str, *parts: tuple[str, int]) -> tuple[str, int]:
    product = r" \, ".join(text if binding >= PRODUCT else _bracket(text) for text, binding in parts)
    return rf"\sum_{{{index}}} {product}", LOOSE


def _fraction(above: tuple[str, int], below: tuple[str, int]) -> tuple[str, int]:
    return rf"\frac{{{above[0]}}}{{{below[0]}}}", POWER


def _power(base: tuple[str, int], exponent: tuple[str, int]) -> tuple[str, int]:
    return f"{base[0] if base[1] >= ATOM else _bracket(base[0])}^{{{exponent[0]}}}", POWER


def _cases(*rows: tuple[str, str]) -> str:
    body = r" \\ ".join(f"{value} & {condition}" for value, condition in rows)
    return rf"\begin{{cases}} {body} \end{{cases}}"


FORMS: dict[str, Callable[..., tuple[str, int]]] = {
    "over_partners": lambda x: _sum("i", x),
    "over_traits": lambda x: _sum("d", x),
    "sum_over": lambda x, w: _sum("i", x, w),
    "squares_over": lambda x, w: _sum("i", _power(x, ("2", ATOM)), w),
    "fit": lambda x, w: _sum("d", x, w),
    "mean_over": lambda x, w: _fraction(_sum("i", x, w), _sum("i", w)),
    "weighted": lambda x, w: _fraction(_sum("i", x, w), _sum("i", w)),
    "per_trait": lambda x: x,
    "ratio": _fraction,
    "power": _power,
    "at_least": _operator(r"\max"),
    "at_most": _operator(r"\min"),
    "exp": _operator(r"\exp"),
    "unit": _operator(r"\mathrm{unit}"),
    "logistic": _operator(r"\mathrm{logistic}"),
    "abs": lambda x: (rf"\left\lvert {x[0]} \right\rvert", ATOM),
    "flag": lambda x: x,
    "log": _operator(r"\log"),
    "floor": lambda x: (rf"\left\lfloor {x[0]} \right\rfloor", ATOM),
    "where": lambda c, a, b: (_cases((a[0], f"{c[0]} \\ne 0"), (b[0], r"\text{otherwise}")), ATOM),
}
"""The functions of ``sim.model.arrays`` and NumPy in the rules, as pieces of LaTeX."""

RELATIONS: dict[type[ast.cmpop], str] = {
    **{ast.Lt: "<", ast.Gt: ">", ast.LtE: r"\le", ast.GtE: r"\ge", ast.Eq: "=", ast.NotEq: r"\ne"},
}


class Writer:
    """Writes the expressions of one function.

    Args:
        names: what each name or dotted name of the function is called in LaTeX; other names are written out.
        own: the functions of the same file that are written by their name.
    """

    def __init__(self, names: Mapping[str, str], own: frozenset[str]) -> None:
        self.names, self.own = dict(names), own
        self.used = dict[str, str]()
        """Each symbol that was written, with the name it stands for."""
        self.results = list[str]()
        """The symbols of what the function returns, in order."""

    def write(self, node: ast.expr) -> str:
        """Write an expression.

        Raises:
            NotAnEquation: if it has no form here.
        """
        return self._piece(node)[0]

    def name(self, dotted: str) -> str:
        """Write a name, and remember what it stands for."""
        if dotted.startswith("draws."):
            drawn = rf"u_{{\mathrm{{{_text(dotted.removeprefix('draws.'))}}}}}"
            self.used[drawn] = dotted
            return drawn
        symbol = self.names.get(dotted) or symbol_of("", dotted.rpartition(".")[2])
        if self.used.setdefault(symbol, dotted) != dotted:
            symbol = symbol_of("", dotted.replace(".", "_"))  # two things of one letter: the second by its name
            self.used[symbol] = dotted
        return symbol

    def assigned(self, name: str) -> str:
        """Write a name that gets a value: with a prime where its letter is another thing's, or had a value before."""
        base, prime, _ = name.partition("'")
        symbol = f"{self.names.get(base) or symbol_of('', base.rpartition('.')[2])}{prime}"
        if symbol in self.used:
            symbol += "'"
            self.names[base] = symbol
        self.used[symbol] = f"{base}{prime}"
        return symbol

    def _piece(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return f"{value:g}", ATOM
            case ast.Name() | ast.Attribute():
                return self.name(ast.unparse(node)), ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self._at(operand, PRODUCT)}", SUM
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return f"1 - {self._at(operand, PRODUCT)}", SUM
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _iverson(f"{self.write(left)} {RELATIONS[type(op)]} {self.write(right)}"), ATOM
            case ast.IfExp(
                test=ast.Compare(left=ast.Name(id="form"), comparators=[ast.Constant(value=str() as form)]),
                body=chosen,
                orelse=other,
            ):
                rows = (self.write(chosen), rf"\text{{{form}}}"), (self.write(other), r"\text{otherwise}")
                return _cases(*rows), ATOM
            case ast.Subscript(value=ast.Attribute(attr="shape"), slice=ast.Constant(value=1)):
                return self.name("D"), ATOM
            case ast.Call():
                return self._call(node)
        raise NotAnEquation(ast.unparse(node))

    def _at(self, node: ast.expr, least: int) -> str:
        text, binding = self._piece(node)
        return text if binding >= least else _bracket(text)

    def _binary(self, node: ast.BinOp) -> tuple[str, int]:
        left, right = node.left, node.right
        match node.op:
            case ast.Add():
                return f"{self._at(left, SUM)} + {self._at(right, SUM)}", SUM
            case ast.Sub():
                return f"{self._at(left, SUM)} - {self._at(right, PRODUCT)}", SUM
            case ast.Mult() | ast.BitAnd():  # flags are 0 or 1
                return rf"{self._at(left, PRODUCT)} \, {self._at(right, PRODUCT)}", PRODUCT
            case ast.BitOr():
                return _operator(r"\max")(self._piece(left), self._piece(right))
            case ast.Div():
                return _fraction(self._piece(left), self._piece(right))
            case ast.Pow():
                return _power(self._piece(left), self._piece(right))
        raise NotAnEquation(ast.unparse(node))

    def _call(self, node: ast.Call) -> tuple[str, int]:
        function = ast.unparse(node.func).removeprefix("np.")
        if function in self.own:
            return self.name(function), ATOM
        if function == "trait":
            values, which = node.args
            base = self._at(values, ATOM)
            return rf"{base}_{{\mathrm{{{ast.unparse(which).lower()}}}}}", ATOM
        if function not in FORMS or node.keywords:
            raise NotAnEquation(ast.unparse(node))
        return FORMS[function](*(self._piece(part) for part in node.args))
