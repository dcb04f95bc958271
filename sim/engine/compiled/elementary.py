"""Values of several runs as vectors, and the elementary functions of such values.

``exp``, ``log``, powers and the quantile of the standard normal are series of our own, so that they give the same bits
on every machine and process several runs at once; a target may take their steps in one.
"""

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir

from sim.engine.compiled.layout import LANES

FLOAT, WHOLE = ir.DoubleType(), ir.IntType(64)

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

ROOT_OF_HALF = 0x3FE6A09E667F3BCD
"""The bits of sqrt(1/2)."""

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts: a whole number of up to 2,000 times the first is exact."""


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


class Elementary:
    """Writes what is made of one value or two.

    Args:
        builder: of llvmlite, where the next instruction goes.
        style: how the target wants it.
    """

    def __init__(self, builder: Any, style: Style) -> None:
        self.builder, self.style = builder, style
        self.n_lanes = n_lanes = style.n_lanes
        self.floats, self.wholes, self.truths = (
            kind if n_lanes == 1 else ir.VectorType(kind, n_lanes) for kind in (FLOAT, WHOLE, ir.IntType(1))
        )

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

    def _any(self, truth: Any) -> Any:
        if self.n_lanes == 1:
            return truth
        bits = ir.IntType(self.n_lanes)
        return self.builder.icmp_unsigned("!=", self.builder.bitcast(truth, bits), bits(0))

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

    def _written(self, name: str, n: int, apart: bool = False) -> Any:
        """Give an elementary function of ``n`` arguments, which is written once in a module.

        Args:
            name: of the method that writes it, without its first letter.
            n: arguments.
            apart: never copied to where it is called.
        """
        full, module = f"{name}_{self.n_lanes}", self.builder.module
        if full in module.globals:
            return module.globals[full]
        function = ir.Function(module, ir.FunctionType(self.floats, [self.floats] * n), full)
        function.linkage = "internal"
        function.attributes.add("noinline" if apart or self.style.calls else "alwaysinline")
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        builder.ret(getattr(Elementary(builder, self.style), f"_{name}")(*function.args))
        return function

    def _quantile(self, p: Any) -> Any:
        """Calculate the quantile of the standard normal, to a few units in the last place."""
        b, of = self.builder, self._float_of
        q = b.fsub(p, of(0.5))
        size = self._intrinsic("llvm.fabs", q)
        root = self._intrinsic("llvm.sqrt", b.fneg(self._plain_logarithm(b.fsub(of(0.5), size))))
        in_middle = b.fcmp_ordered("<=", size, of(0.425))
        middle, tail = b.fsub(of(0.180625), b.fmul(q, q)), b.fsub(root, of(1.6))
        above, below = (
            b.select(in_middle, self._series(of_middle, middle), self._series(of_tail, tail))
            for of_middle, of_tail in zip(*QUANTILE, strict=True)
        )
        factor = b.select(in_middle, q, self._intrinsic("llvm.copysign", of(1.0), q))
        return b.fdiv(b.fmul(factor, above), below)

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
        x = b.select(b.fcmp_ordered(">", x, of(-708.0)), x, of(-708.0))
        x = b.select(b.fcmp_ordered("<", x, of(709.0)), x, of(709.0))
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
        above = b.sub(b.bitcast(x, self.wholes), self._whole_of(ROOT_OF_HALF - (1023 << 52)))
        exponent = b.or_(b.lshr(above, self._whole_of(52)), self._whole_of(0x4330 << 48))
        exponent = b.fsub(b.bitcast(exponent, self.floats), of(2.0**52 + 1023))
        m = b.bitcast(b.add(b.and_(above, self._whole_of(2**52 - 1)), self._whole_of(ROOT_OF_HALF)), self.floats)
        s = b.fdiv(b.fsub(m, of(1.0)), b.fadd(m, of(1.0)))
        z, double = b.fmul(s, s), b.fadd(s, s)
        of_m = b.fadd(double, b.fmul(double, b.fmul(z, self._series(LOGARITHM, z))))
        return b.fadd(b.fmul(exponent, of(LN2_HIGH)), b.fadd(b.fmul(exponent, of(LN2_LOW)), of_m))
