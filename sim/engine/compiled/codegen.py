"""From the text of a stage to machine code: each line becomes one instruction or a few.

A value is a vector: one number for each of the runs that are processed together. Buffers (partners' rows, runs' rows,
tables, ...) never overlap, and the compiler is told so. Lines that none of the runs needs are skipped. There are no
bounds checks: the text comes from ``loops`` alone. Additions and multiplications of the rules stay two steps: a
difference of equal products is exactly 0.
"""

from collections.abc import Callable, Iterable
from typing import Any

from llvmlite import ir

from sim.engine.compiled.elementary import FLOAT, WHOLE, Elementary, Style, constant
from sim.model import random_streams

BUFFERS = ("cells", "runs", "spare_cells", "spare_runs", "numbers", "keys", "table", "measured")

ROWS = ("cell", "run", "spare_cell", "spare_run")
"""Buffers of rows that a line reads (``cell 32``) or writes (``set_cell 32 value``)."""

COMPARE = {"greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "=="}
INTRINSICS = {"absolute": "llvm.fabs", "sqrt": "llvm.sqrt", "floor": "llvm.floor", "whole": "llvm.trunc"}


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


class Emitter(Elementary):
    """Emits the lines of a loop for some runs at once.

    Args:
        builder: of llvmlite, where the lines begin.
        buffers: pointers by name.
        places: whole numbers by name: where the first of the runs finds its rows, the month, the partner.
        style: how.
    """

    def __init__(self, builder: Any, buffers: dict[str, Any], places: dict[str, Any], style: Style) -> None:
        super().__init__(builder, style)
        self.buffers, self.places = buffers, places
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
        self._mark_buffer(
            self.builder.store(self.builder.bitcast(self._value(value), self.floats), at, align=8), buffer
        )

    def _bits(self, rows: str, row: str) -> Any:
        """Load the bits of a draw, which lie in a row of numbers."""
        return self.builder.bitcast(self._load(f"{rows}s", self.places[rows], row), self.wholes)

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
