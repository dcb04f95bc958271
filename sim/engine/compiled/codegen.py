"""From the text of a stage to machine code: each line becomes one instruction or a few.

Buffers (partners' rows, runs' rows, tables, ...) never overlap; the compiler is told so, which lets it process several
runs at once. There are no branches but the conditions of whole loops, and no bounds checks: the text comes from
``loops`` alone. Additions and multiplications of the rules stay two steps: a difference of equal products is exactly 0.
``exp``, ``log``, ``power`` and the quantile of the standard normal are series of our own, so that they give the same
bits on every machine and process several runs at once; a target may take their steps in one.
"""

from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir

from sim.model import random_streams

BUFFERS = ("cells", "runs", "spare_cells", "spare_runs", "numbers", "keys", "table", "measured")
FLOAT, WHOLE = ir.DoubleType(), ir.IntType(64)

ROWS = ("cell", "run", "spare_cell", "spare_run")
"""Buffers of rows that a line reads (``cell 32``) or writes (``set_cell 32 value``)."""

COMPARE = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "=="}
INTRINSICS = {
    "absolute": "llvm.fabs",
    "sqrt": "llvm.sqrt",
    "floor": "llvm.floor",
}

SERIES = tuple(map(FLOAT, (1.6059043836821613e-10, 2.08767569878681e-09, 2.505210838544172e-08, 2.755731922398589e-07,
          2.7557319223985893e-06, 2.48015873015873e-05, 1.984126984126984e-04, 1.3888888888888889e-03,
          8.333333333333333e-03, 4.1666666666666664e-02, 1.6666666666666666e-01, 0.5)))  # fmt: skip
"""1/13! to 1/2!."""

ODD = tuple(FLOAT(1.0 / n) for n in range(23, 1, -2))
"""1/23 to 1/3: log m = 2 s (1 + s^2/3 + s^4/5 + ...) with s = (m - 1)/(m + 1)."""

QUANTILE = (
    ((2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987,
      13731.69376550946, 1971.5909503065514, 133.14166789178438, 3.3871328727963665),
     (5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597,
      5394.196021424751, 687.1870074920579, 42.31333070160091, 1.0)),
    ((7.745450142783414e-04, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
      3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835),
     (1.0507500716444169e-09, 5.475938084995345e-04, 0.015198666563616457, 0.14810397642748008,
      0.6897673349851, 1.6763848301838038, 2.053191626637759, 1.0)),
)  # fmt: skip
"""Numerators and denominators of the quantile of the standard normal, within 0.425 of the middle and beyond: algorithm
AS 241 (Wichura 1988, doi 10.2307/2347330). The last digits hold for probabilities from 1.4e-11."""

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts: a whole number of up to 2,000 times the first is exact."""


class Bits:
    """64 bits as an instruction: passed to ``random_streams.mix``, so that both engines share the text of a draw."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def __xor__(self, other: "Bits") -> "Bits":
        return Bits(self.builder, self.builder.xor(self.value, other.value))

    def __add__(self, by: Any) -> "Bits":
        return Bits(self.builder, self.builder.add(self.value, WHOLE(int(by))))

    def __rshift__(self, by: Any) -> "Bits":
        return Bits(self.builder, self.builder.lshr(self.value, WHOLE(int(by))))

    def __mul__(self, by: Any) -> "Bits":
        return Bits(self.builder, self.builder.mul(self.value, WHOLE(int(by))))


class Emitter:
    """Emits one stage; ``names`` holds the values so far by name, ``one_step`` says how series multiply and add."""

    def __init__(self, builder: Any, buffers: dict[str, Any], places: dict[str, Any], one_step: bool) -> None:
        self.builder, self.buffers, self.places, self.one_step = builder, buffers, places, one_step
        self.names: dict[str, Any] = {}
        self.marks: dict[str, tuple[Any, Any]] = {}

    def emit(self, lines: Iterable[str]) -> None:
        """Emit all lines: ``name = operation argument ...``, or ``set_... row value``."""
        for line in lines:
            name, _, formula = line.rpartition(" = ")
            if formula:
                operation, *arguments = formula.split()
                result = self._instruction(operation, arguments)
                if name:
                    self.names[name] = result

    def holds(self, row: str) -> Any:
        """Tell whether a row, as ``spare_run 8``, differs from 0."""
        buffer, *place = row.split()
        return self.builder.fcmp_unordered("!=", self._instruction(buffer, place), FLOAT(0.0))

    def _instruction(self, operation: str, arguments: list[str]) -> Any:
        special = getattr(self, f"_{operation}", None)
        if special is not None:
            return special(*arguments)
        rows = operation.removeprefix("set_")
        if rows in ROWS:
            return (self._load if rows == operation else self._store)(f"{rows}s", self.places[rows], *arguments)
        b, values = self.builder, [self._value(a) for a in arguments]
        if operation in COMPARE:
            return b.fcmp_ordered(COMPARE[operation], *values)
        if operation in INTRINSICS:
            return self._intrinsic(operation, *values)
        return PLAIN[operation](b, *values)

    def _intrinsic(self, operation: str, value: Any) -> Any:
        return self.builder.call(self.builder.module.declare_intrinsic(INTRINSICS[operation], [FLOAT]), [value])

    def _value(self, text: str) -> Any:
        if text in self.names:
            return self.names[text]
        if text in ("True", "False"):
            return ir.IntType(1)(text == "True")
        return WHOLE(int(text[1:])) if text[0] == "u" else FLOAT(float(text))

    def _at(self, buffer: str, place: Any, row: str) -> Any:
        b = self.builder
        return b.gep(self.buffers[buffer], [b.add(place, WHOLE(int(row)))], inbounds=True)

    def _load(self, buffer: str, place: Any, row: str = "0") -> Any:
        return self._mark_buffer(self.builder.load(self._at(buffer, place, row)), buffer)

    def _store(self, buffer: str, place: Any, row: str, value: str) -> None:
        self._mark_buffer(self.builder.store(self._value(value), self._at(buffer, place, row)), buffer)

    def _mark_buffer(self, instruction: Any, buffer: str) -> Any:
        """Tell the compiler that this access touches one buffer alone."""
        if buffer not in self.marks:
            module = self.builder.module
            domain = module.add_metadata([ir.MetaDataString(module, "buffers")])
            scopes = {name: module.add_metadata([ir.MetaDataString(module, name), domain]) for name in BUFFERS}
            others = [scopes[n] for n in BUFFERS if n != buffer]
            self.marks[buffer] = module.add_metadata([scopes[buffer]]), module.add_metadata(others)
        for name, mark in zip(("alias.scope", "noalias"), self.marks[buffer], strict=True):
            instruction.set_metadata(name, mark)
        return instruction

    def _measure(self, number: str, value: str) -> None:
        self._store("measured", self._measured_at(number, self.places["done"]), "0", value)

    def _measured(self, number: str, month: str) -> Any:
        return self._load(
            "measured", self._measured_at(number, self.places["k"] if month == "k" else WHOLE(int(month)))
        )

    def _measured_at(self, number: str, month: Any) -> Any:
        b, places = self.builder, self.places
        row = b.add(b.mul(WHOLE(int(number)), places["total"]), month)
        return b.add(b.mul(row, places["n_runs"]), places["measured"])

    def _parameter(self, number: str) -> Any:
        return self._load("numbers", WHOLE(int(number)))

    def _of(self, buffer: str, who: str) -> Any:
        """Return where a partner's rows begin, in cells or in spare cells."""
        b, places = self.builder, self.places
        return b.add(places[f"{buffer}s"], b.mul(b.fptosi(self._value(who), WHOLE), places[f"{buffer}_rows"]))

    def _pick(self, buffer: str, row: str, who: str) -> Any:
        return self._load(f"{buffer}s", self._of(buffer, who), row)

    _gather = _pick

    def _put(self, buffer: str, row: str, who: str, value: str) -> None:
        self._store(f"{buffer}s", self._of(buffer, who), row, value)

    def _take(self, start: str, place: str) -> Any:
        return self._load("table", self._value(place), start)

    def _draw(self, block: str, slot: str) -> Any:
        b, gamma = self.builder, int(random_streams._GAMMA)
        month = b.or_(b.shl(self.places["month"], WHOLE(8)), WHOLE(int(block)))
        number = self.places["k"] if slot == "k" else WHOLE(int(slot))
        base = b.add(self._load("keys", self.places["keys"]), b.mul(number, WHOLE((gamma << 40) % 2**64)))
        return random_streams.mix(Bits(b, b.add(base, b.mul(month, WHOLE(gamma))))).value

    def _index(self, name: str) -> Any:
        return self.places[name]

    def _number(self, name: str) -> Any:
        return self.builder.sitofp(self.places[name], FLOAT)

    def _exp(self, x: str) -> Any:
        return self._exponential(self._value(x))

    def _log(self, x: str) -> Any:
        return self._logarithm(self._value(x))

    def _ndtri(self, p: str) -> Any:
        """Calculate the quantile of the standard normal, to a few units in the last place."""
        b = self.builder
        q = b.fsub(self._value(p), FLOAT(0.5))
        size = self._intrinsic("absolute", q)
        middle = b.fcmp_ordered("<=", size, FLOAT(0.425))
        beyond = self._intrinsic("sqrt", b.fneg(self._logarithm(b.fsub(FLOAT(0.5), size))))
        r = b.select(middle, b.fsub(FLOAT(0.180625), b.fmul(q, q)), b.fsub(beyond, FLOAT(1.6)))
        above, below = (
            self._series([b.select(middle, FLOAT(one), FLOAT(two)) for one, two in zip(*both, strict=True)], r)
            for both in zip(*QUANTILE, strict=True)
        )
        sign = b.select(b.fcmp_ordered("<", q, FLOAT(0.0)), FLOAT(-1.0), FLOAT(1.0))
        return b.fmul(b.fdiv(above, below), b.select(middle, q, sign))

    def _power(self, base: str, exponent: str) -> Any:
        """Calculate x^y as e^(y log x); 0 to a power is 0, infinite or 1, and a negative number has none."""
        b, x, y = self.builder, self._value(base), self._value(exponent)
        value = self._exponential(b.fmul(y, self._logarithm(x)))
        of_zero = b.select(b.fcmp_ordered(">", y, FLOAT(0.0)), FLOAT(0.0), FLOAT(float("inf")))
        value = b.select(b.fcmp_ordered("==", x, FLOAT(0.0)), of_zero, value)
        value = b.select(b.fcmp_ordered("<", x, FLOAT(0.0)), FLOAT(float("nan")), value)
        return b.select(b.fcmp_ordered("==", y, FLOAT(0.0)), FLOAT(1.0), value)

    def _series(self, terms: Iterable[Any], x: Any) -> Any:
        b, (total, *rest) = self.builder, terms
        for term in rest:
            total = b.fma(total, x, term) if self.one_step else b.fadd(b.fmul(total, x), term)
        return total

    def _exponential(self, x: Any) -> Any:
        """Calculate e to the x, to about one unit in the last place: 2^n e^r with |r| < 0.35, and a series for e^r."""
        b, big = self.builder, FLOAT(6755399441055744.0)  # 1.5 x 2^52: what is added to it is rounded to a whole number
        x = PLAIN["minimum"](b, PLAIN["maximum"](b, x, FLOAT(-708.0)), FLOAT(709.0))
        shifted = b.fadd(b.fmul(x, FLOAT(1.4426950408889634)), big)
        nearest = b.fsub(shifted, big)
        r = b.fsub(x, b.fmul(nearest, FLOAT(LN2_HIGH)))
        r = b.fsub(r, b.fmul(nearest, FLOAT(LN2_LOW)))
        total = self._series(SERIES, r)
        total = b.fadd(b.fmul(b.fmul(total, r), r), r)
        power = b.shl(b.add(b.bitcast(shifted, WHOLE), WHOLE(1023)), WHOLE(52))
        return b.fmul(b.fadd(total, FLOAT(1.0)), b.bitcast(power, FLOAT))

    def _logarithm(self, x: Any) -> Any:
        """Calculate log x, to about one unit in the last place: n log 2 + log m, m between sqrt(1/2) and sqrt(2)."""
        b = self.builder
        tiny = b.fcmp_ordered("<", x, FLOAT(2.2250738585072014e-308))
        bits = b.bitcast(b.select(tiny, b.fmul(x, FLOAT(2.0**54)), x), WHOLE)
        exponent = b.bitcast(b.or_(b.lshr(bits, WHOLE(52)), WHOLE(0x4330 << 48)), FLOAT)  # 2^52 + the exponent's bits
        exponent = b.fsub(exponent, b.select(tiny, FLOAT(2.0**52 + 1077), FLOAT(2.0**52 + 1023)))
        m = b.bitcast(b.or_(b.and_(bits, WHOLE(2**52 - 1)), WHOLE(0x3FF << 52)), FLOAT)
        large = b.fcmp_ordered(">", m, FLOAT(1.4142135623730951))
        m = b.select(large, b.fmul(m, FLOAT(0.5)), m)
        exponent = b.select(large, b.fadd(exponent, FLOAT(1.0)), exponent)
        s = b.fdiv(b.fsub(m, FLOAT(1.0)), b.fadd(m, FLOAT(1.0)))
        z, double = b.fmul(s, s), b.fadd(s, s)
        of_m = b.fadd(double, b.fmul(double, b.fmul(z, self._series(ODD, z))))
        value = b.fadd(b.fmul(exponent, FLOAT(LN2_HIGH)), b.fadd(b.fmul(exponent, FLOAT(LN2_LOW)), of_m))
        limit = b.select(b.fcmp_ordered("==", x, FLOAT(0.0)), FLOAT(float("-inf")), FLOAT(float("nan")))
        value = b.select(b.fcmp_ordered(">", x, FLOAT(0.0)), value, limit)
        return b.select(b.fcmp_ordered("==", x, FLOAT(float("inf"))), x, value)


PLAIN: dict[str, Callable[..., Any]] = {
    "add": lambda b, x, y: b.fadd(x, y),
    "subtract": lambda b, x, y: b.fsub(x, y),
    "multiply": lambda b, x, y: b.fmul(x, y),
    "divide": lambda b, x, y: b.fdiv(x, y),
    "negative": lambda b, x: b.fneg(x),
    "minimum": lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y),
    "maximum": lambda b, x, y: b.select(b.fcmp_ordered(">", x, y), x, y),
    "not_equal": lambda b, x, y: b.fcmp_unordered("!=", x, y),
    "where": lambda b, truth, x, y: b.select(truth, x, y),
    "flag": lambda b, truth: b.uitofp(truth, FLOAT),
    "invert": lambda b, truth: b.not_(truth),
    "bitwise_and": lambda b, x, y: b.and_(x, y),
    "bitwise_or": lambda b, x, y: b.or_(x, y),
    "bitwise_xor": lambda b, x, y: b.xor(x, y),
    "right_shift": lambda b, x, y: b.lshr(x, y),
    "left_shift": lambda b, x, y: b.shl(x, y),
    "signed": lambda b, x: x,
    "float": lambda b, x: b.fsub(b.bitcast(b.or_(x, WHOLE(0x4330 << 48)), FLOAT), FLOAT(2.0**52)),  # 0 to 2^52 - 1
    "whole": lambda b, x: b.sitofp(b.fptosi(x, WHOLE), FLOAT),
    "same": lambda b, x: x,
}
