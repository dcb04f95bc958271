"""From the text of a stage to machine code: each line becomes one instruction or a few.

A value is a vector: one number for each of the runs that are processed together. Buffers (partners' rows, runs' rows,
tables, ...) never overlap, and the compiler is told so. Lines that none of the runs needs are skipped. There are no
bounds checks: the text comes from ``loops`` alone. Additions and multiplications of the rules stay two steps: a
difference of equal products is exactly 0. ``exp``, ``log``, ``power`` and the quantile of the standard normal are
series of our own, so that they give the same bits on every machine and process several runs at once; a target may take
their steps in one.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir

from sim.engine.compiled.layout import LANES
from sim.model import random_streams

BUFFERS = ("cells", "runs", "spare_cells", "spare_runs", "numbers", "keys", "table", "measured")
FLOAT, WHOLE = ir.DoubleType(), ir.IntType(64)

ROWS = ("cell", "run", "spare_cell", "spare_run")
"""Buffers of rows that a line reads (``cell 32``) or writes (``set_cell 32 value``)."""

COMPARE = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "=="}
INTRINSICS = {"absolute": "llvm.fabs", "sqrt": "llvm.sqrt", "floor": "llvm.floor", "whole": "llvm.trunc"}

EXPONENTIAL = (2.5100472505694996e-08, 2.7620201591031547e-07, 2.7557268276905696e-06, 2.4801521057868204e-05,
               0.00019841269863171557, 0.0013888888917367081, 0.008333333333330039, 0.041666666666623824,
               0.16666666666666669, 0.5000000000000001)  # fmt: skip
"""(e^r - 1 - r) / r^2 for |r| up to log(2)/2, highest power first: Chebyshev's polynomial, off by 1.3e-17 at most."""

LOGARITHM = (0.07308292712444311, 0.07665855309105386, 0.09091444727837474, 0.11111105565129939,
             0.14285714313001635, 0.19999999999949722, 0.3333333333333335)  # fmt: skip
"""(log(m) / 2 s - 1) / s^2 by powers of s^2, with s = (m - 1)/(m + 1) and m from sqrt(1/2) to sqrt(2): the same, off by
1.6e-16 at most."""

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

SMALLEST = 2.2250738585072014e-308
"""Smaller positive numbers have fewer digits."""

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts: a whole number of up to 2,000 times the first is exact."""


class Bits:
    """64 bits as an instruction: passed to ``random_streams.mix``, so that both engines share the text of a draw."""

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _with(self, by: Any) -> Any:
        return constant(self.value.type, int(by))

    def __xor__(self, other: "Bits") -> "Bits":
        return Bits(self.builder, self.builder.xor(self.value, other.value))

    def __add__(self, by: Any) -> "Bits":
        return Bits(self.builder, self.builder.add(self.value, self._with(by)))

    def __rshift__(self, by: Any) -> "Bits":
        return Bits(self.builder, self.builder.lshr(self.value, self._with(by)))

    def __mul__(self, by: Any) -> "Bits":
        return Bits(self.builder, self.builder.mul(self.value, self._with(by)))


def constant(kind: Any, value: Any) -> Any:
    """Write a constant of a type: the same in every lane of a vector."""
    return kind([value] * kind.count) if isinstance(kind, ir.VectorType) else kind(value)


@dataclasses.dataclass(frozen=True)
class Style:
    """How code is written for a target.

    Attributes:
        n_lanes: runs processed together, each value a vector of as many numbers (or one number): a register or two.
        one_step: whether series multiply and add in one step.
        calls: whether elementary functions are called (small code) or copied to where they are used (fast code).
    """

    n_lanes: int = LANES
    one_step: bool = False
    calls: bool = False


class Emitter:
    """Emits the lines of a loop for some runs at once.

    Args:
        builder: of llvmlite, where the lines begin.
        buffers: pointers by name.
        places: whole numbers by name: where the first of the runs finds its rows, the month, the partner.
        style: how.
    """

    def __init__(self, builder: Any, buffers: dict[str, Any], places: dict[str, Any], style: Style) -> None:
        self.builder, self.buffers, self.places, self.style = builder, buffers, places, style
        self.n_lanes = n_lanes = style.n_lanes
        self.floats, self.wholes, self.truths = (
            kind if n_lanes == 1 else ir.VectorType(kind, n_lanes) for kind in (FLOAT, WHOLE, ir.IntType(1))
        )
        self.names: dict[str, Any] = {}
        self.marks: dict[str, tuple[Any, Any]] = {}
        self.open: list[tuple[Any, Any]] = []

    def emit(self, lines: Iterable[str]) -> None:
        """Emit all lines: ``name = operation argument ...``, or ``set_... row value``."""
        for line in lines:
            name, _, formula = line.rpartition(" = ")
            if formula:
                operation, *arguments = formula.split()
                result = self._instruction(operation, arguments)
                if name:
                    self.names[name] = result

    def emit_of(self, lines: Iterable[str], k: Any) -> None:
        """Emit the lines of partner (or month) ``k``."""
        b, places = self.builder, self.places
        places |= {"k": k} | {
            buffer: b.add(places[f"{buffer}s"], b.mul(k, places[f"{buffer}_rows"])) for buffer in ("cell", "spare_cell")
        }
        self.emit(lines)

    def any_holds(self, row: str) -> Any:
        """Tell whether a row, as ``spare_run 8``, differs from 0 for one of the runs."""
        buffer, *place = row.split()
        return self._any(self.builder.fcmp_unordered("!=", self._instruction(buffer, place), self._float_of(0.0)))

    def _any(self, truth: Any) -> Any:
        if self.n_lanes == 1:
            return truth
        bits = ir.IntType(self.n_lanes)
        return self.builder.icmp_unsigned("!=", self.builder.bitcast(truth, bits), bits(0))

    def _begin(self, truth: str) -> None:
        """Begin lines that are skipped where a truth value holds for none of the runs; ``choose`` ends them."""
        before, skipped = self.builder.block, self.builder.if_then(self._any(self._value(truth)))
        skipped.__enter__()
        self.open.append((before, skipped))

    def _choose(self, truth: str, one: str, other: str) -> Any:
        before, skipped = self.open.pop()
        chosen = self.builder.select(*map(self._value, (truth, one, other)))
        inside = self.builder.block
        skipped.__exit__(None, None, None)
        return self._either(self._value(other), before, chosen, inside)

    def _either(self, one: Any, before: Any, other: Any, inside: Any) -> Any:
        value = self.builder.phi(one.type)
        value.add_incoming(one, before)
        value.add_incoming(other, inside)
        return value

    def _seldom(self, truth: Any, usual: Any, make: Callable[[], Any]) -> Any:
        """Replace a value where ``truth`` holds; what replaces it is made only where it holds for one of the runs."""
        before = self.builder.block
        with self.builder.if_then(self._any(truth), likely=False):
            replaced = self.builder.select(truth, make(), usual)
            inside = self.builder.block
        return self._either(usual, before, replaced, inside)

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
            return self._intrinsic(INTRINSICS[operation], *values)
        return PLAIN[operation](b, *values)

    def _intrinsic(self, name: str, *values: Any) -> Any:
        """Call a function of LLVM for several lanes: llvmlite declares those of one number alone."""
        full = f"{name}.{'f64' if self.n_lanes == 1 else f'v{self.n_lanes}f64'}"
        function = self.builder.module.globals.get(full)
        if function is None:
            kind = ir.FunctionType(self.floats, [self.floats] * len(values))
            function = ir.Function(self.builder.module, kind, full)
        return self.builder.call(function, values)

    def _float_of(self, number: float) -> Any:
        return constant(self.floats, number)

    def _whole_of(self, number: int) -> Any:
        return constant(self.wholes, number)

    def _value(self, text: str) -> Any:
        if text in self.names:
            return self.names[text]
        if text in ("True", "False"):
            return constant(self.truths, int(text == "True"))
        return self._whole_of(int(text[1:])) if text[0] == "u" else self._float_of(float(text))

    def _everywhere(self, value: Any) -> Any:
        """Give one number to every lane."""
        if self.n_lanes == 1:
            return value
        b, empty = self.builder, ir.Constant(ir.VectorType(value.type, self.n_lanes), ir.Undefined)
        first = b.insert_element(empty, value, ir.IntType(32)(0))
        return b.shuffle_vector(first, empty, constant(ir.VectorType(ir.IntType(32), self.n_lanes), 0))

    def _lanes(self, values: Any) -> list[Any]:
        if self.n_lanes == 1:
            return [values]
        return [self.builder.extract_element(values, ir.IntType(32)(k)) for k in range(self.n_lanes)]

    def _from_lanes(self, values: list[Any]) -> Any:
        if self.n_lanes == 1:
            return values[0]
        together = ir.Constant(self.floats, ir.Undefined)
        for k, value in enumerate(values):
            together = self.builder.insert_element(together, value, ir.IntType(32)(k))
        return together

    def _at(self, buffer: str, place: Any, row: str, lane: int = 0) -> Any:
        first = self.builder.gep(self.buffers[buffer], [place], inbounds=True)
        return self.builder.gep(first, [WHOLE(int(row) + lane)], inbounds=True)

    def _load(self, buffer: str, place: Any, row: str = "0") -> Any:
        at = self._of_lanes(self._at(buffer, place, row))
        return self._mark_buffer(self.builder.load(at, align=8), buffer)

    def _store(self, buffer: str, place: Any, row: str, value: str) -> None:
        at = self._of_lanes(self._at(buffer, place, row))
        self._mark_buffer(self.builder.store(self._value(value), at, align=8), buffer)

    def _of_lanes(self, pointer: Any) -> Any:
        if self.n_lanes == 1:
            return pointer
        kind = ir.VectorType(pointer.type.pointee, self.n_lanes)
        return self.builder.bitcast(pointer, kind.as_pointer())

    def _load_one(self, buffer: str, place: Any, row: str = "0", lane: int = 0) -> Any:
        return self._mark_buffer(self.builder.load(self._at(buffer, place, row, lane)), buffer)

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
        return self._everywhere(self._load_one("numbers", WHOLE(int(number))))

    def _rows_of(self, buffer: str, who: str) -> list[Any]:
        """List where each run's partner has its rows, in cells or in spare cells."""
        b, places = self.builder, self.places
        first, n_rows = places[f"{buffer}s"], places[f"{buffer}_rows"]
        return [b.add(first, b.mul(b.fptosi(one, WHOLE), n_rows)) for one in self._lanes(self._value(who))]

    def _pick(self, buffer: str, row: str, who: str) -> Any:
        places = enumerate(self._rows_of(buffer, who))
        return self._from_lanes([self._load_one(f"{buffer}s", place, row, lane) for lane, place in places])

    _gather = _pick

    def _put(self, buffer: str, row: str, who: str, value: str) -> None:
        values = self._lanes(self._value(value))
        for lane, (place, one) in enumerate(zip(self._rows_of(buffer, who), values, strict=True)):
            at = self._at(f"{buffer}s", place, row, lane)
            self._mark_buffer(self.builder.store(one, at), f"{buffer}s")

    def _take(self, start: str, place: str) -> Any:
        return self._from_lanes([self._load_one("table", one, start) for one in self._lanes(self._value(place))])

    def _draw(self, block: str, slot: str) -> Any:
        b, gamma = self.builder, int(random_streams._GAMMA)
        month = b.or_(b.shl(self.places["month"], WHOLE(8)), WHOLE(int(block)))
        number = self.places["k"] if slot == "k" else WHOLE(int(slot))
        address = b.add(b.mul(number, WHOLE((gamma << 40) % 2**64)), b.mul(month, WHOLE(gamma)))
        base = b.add(self._load("keys", self.places["keys"]), self._everywhere(address))
        return random_streams.mix(Bits(b, base)).value

    def _index(self, name: str) -> Any:
        return self._everywhere(self.places[name])

    def _number(self, name: str) -> Any:
        return self._everywhere(self.builder.sitofp(self.places[name], FLOAT))

    def _flag(self, truth: str) -> Any:
        return self.builder.select(self._value(truth), self._float_of(1.0), self._float_of(0.0))

    def _float(self, number: str) -> Any:
        """Turn whole numbers from 0 to 2^52 - 1 into decimal numbers."""
        b, bits = self.builder, self._whole_of(0x4330 << 48)
        return b.fsub(b.bitcast(b.or_(self._value(number), bits), self.floats), self._float_of(2.0**52))

    def _exp(self, x: str) -> Any:
        return self._function("exponential", x)

    def _log(self, x: str) -> Any:
        return self._function("logarithm", x)

    def _plain_log(self, x: str) -> Any:
        return self._function("plain_logarithm", x)

    def _ndtri(self, p: str) -> Any:
        return self._function("quantile", p)

    def _power(self, base: str, exponent: str) -> Any:
        return self._function("any_power", base, exponent)

    def _function(self, name: str, *arguments: str) -> Any:
        """Call an elementary function, which is written once in a module."""
        return self.builder.call(self._written(name, len(arguments)), [self._value(a) for a in arguments])

    def _written(self, name: str, n: int, apart: bool = False) -> Any:
        full, module = f"{name}_{self.n_lanes}", self.builder.module
        if full in module.globals:
            return module.globals[full]
        function = ir.Function(module, ir.FunctionType(self.floats, [self.floats] * n), full)
        function.linkage = "internal"
        function.attributes.add("noinline" if apart or self.style.calls else "alwaysinline")
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        builder.ret(getattr(Emitter(builder, {}, {}, self.style), f"_{name}")(*function.args))
        return function

    def _quantile(self, p: Any) -> Any:
        """Calculate the quantile of the standard normal, to a few units in the last place."""
        b = self.builder
        q = b.fsub(p, self._float_of(0.5))
        size = self._intrinsic("llvm.fabs", q)
        root = self._intrinsic("llvm.sqrt", b.fneg(self._plain_logarithm(b.fsub(self._float_of(0.5), size))))
        of_middle = b.fmul(self._ratio(QUANTILE[0], b.fsub(self._float_of(0.180625), b.fmul(q, q))), q)
        of_tail = self._ratio(QUANTILE[1], b.fsub(root, self._float_of(1.6)))
        of_tail = b.select(b.fcmp_ordered("<", q, self._float_of(0.0)), b.fneg(of_tail), of_tail)
        return b.select(b.fcmp_ordered("<=", size, self._float_of(0.425)), of_middle, of_tail)

    def _ratio(self, series: Iterable[Iterable[float]], x: Any) -> Any:
        return self.builder.fdiv(*(self._series(terms, x) for terms in series))

    def _any_power(self, x: Any, y: Any) -> Any:
        """Calculate x^y as e^(y log x); 0 to a power is 0, infinite or 1, and a negative number has none."""
        b, zero = self.builder, self._float_of(0.0)
        value = self._exponential(b.fmul(y, self._logarithm(x)))
        of_zero = b.select(b.fcmp_ordered(">", y, zero), zero, self._float_of(float("inf")))
        value = b.select(b.fcmp_ordered("==", x, zero), of_zero, value)
        value = b.select(b.fcmp_ordered("<", x, zero), self._float_of(float("nan")), value)
        return b.select(b.fcmp_ordered("==", y, zero), self._float_of(1.0), value)

    def _series(self, terms: Iterable[float], x: Any) -> Any:
        """Calculate a polynomial, highest power first, by pairs: a chain half as long."""
        parts = [self._float_of(term) for term in terms][::-1]
        while len(parts) > 1:
            pairs = [self._multiply_add(high, x, low) for low, high in zip(parts[::2], parts[1::2], strict=False)]
            parts = [*pairs, *parts[len(pairs) * 2 :]]
            x = self.builder.fmul(x, x)
        return parts[0]

    def _multiply_add(self, one: Any, two: Any, three: Any) -> Any:
        if self.style.one_step:
            return self._intrinsic("llvm.fma", one, two, three)
        return self.builder.fadd(self.builder.fmul(one, two), three)

    def _exponential(self, x: Any) -> Any:
        """Calculate e to the x, to about one unit in the last place: 2^n e^r with |r| < 0.35, and a series for e^r."""
        b, of = self.builder, self._float_of
        big = of(6755399441055744.0)  # 1.5 x 2^52: what is added to it is rounded to a whole number
        x = PLAIN["minimum"](b, PLAIN["maximum"](b, x, of(-708.0)), of(709.0))
        shifted = b.fadd(b.fmul(x, of(1.4426950408889634)), big)
        nearest = b.fsub(shifted, big)
        r = b.fsub(x, b.fmul(nearest, of(LN2_HIGH)))
        r = b.fsub(r, b.fmul(nearest, of(LN2_LOW)))
        total = b.fadd(b.fmul(b.fmul(self._series(EXPONENTIAL, r), r), r), r)
        power = b.shl(b.add(b.bitcast(shifted, self.wholes), self._whole_of(1023)), self._whole_of(52))
        return b.fmul(b.fadd(total, of(1.0)), b.bitcast(power, self.floats))

    def _logarithm(self, x: Any) -> Any:
        """Calculate log x, to about one unit in the last place."""
        b, of = self.builder, self._float_of
        plain = b.and_(b.fcmp_ordered(">=", x, of(SMALLEST)), b.fcmp_ordered("<", x, of(float("inf"))))
        other = self._written("other_logarithm", 1, apart=True)
        return self._seldom(b.not_(plain), self._plain_logarithm(x), lambda: b.call(other, [x]))

    def _other_logarithm(self, x: Any) -> Any:
        """Calculate log x of numbers that are not plain: 0, infinite, tiny or none."""
        b, of = self.builder, self._float_of
        value = b.fsub(self._plain_logarithm(b.fmul(x, of(2.0**54))), of(54 * math.log(2.0)))
        value = b.select(b.fcmp_ordered(">", x, of(0.0)), value, of(float("nan")))
        value = b.select(b.fcmp_ordered("==", x, of(0.0)), of(float("-inf")), value)
        return b.select(b.fcmp_ordered("==", x, of(float("inf"))), x, value)

    def _plain_logarithm(self, x: Any) -> Any:
        """Calculate log x of numbers from ``SMALLEST`` on: n log 2 + log m, m between sqrt(1/2) and sqrt(2)."""
        b, of = self.builder, self._float_of
        bits = b.bitcast(x, self.wholes)
        exponent = b.or_(b.lshr(bits, self._whole_of(52)), self._whole_of(0x4330 << 48))
        exponent = b.fsub(b.bitcast(exponent, self.floats), of(2.0**52 + 1023))
        m = b.or_(b.and_(bits, self._whole_of(2**52 - 1)), self._whole_of(0x3FF << 52))
        m = b.bitcast(m, self.floats)
        large = b.fcmp_ordered(">", m, of(1.4142135623730951))
        m = b.select(large, b.fmul(m, of(0.5)), m)
        exponent = b.select(large, b.fadd(exponent, of(1.0)), exponent)
        s = b.fdiv(b.fsub(m, of(1.0)), b.fadd(m, of(1.0)))
        z, double = b.fmul(s, s), b.fadd(s, s)
        of_m = b.fadd(double, b.fmul(double, b.fmul(z, self._series(LOGARITHM, z))))
        return b.fadd(b.fmul(exponent, of(LN2_HIGH)), b.fadd(b.fmul(exponent, of(LN2_LOW)), of_m))


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
    "invert": lambda b, truth: b.not_(truth),
    "bitwise_and": lambda b, x, y: b.and_(x, y),
    "bitwise_or": lambda b, x, y: b.or_(x, y),
    "bitwise_xor": lambda b, x, y: b.xor(x, y),
    "right_shift": lambda b, x, y: b.lshr(x, y),
    "left_shift": lambda b, x, y: b.shl(x, y),
    "signed": lambda b, x: x,
    "same": lambda b, x: x,
}
