"""A program as one function in the language of LLVM, the same for every target: blocks of runs, months, loops.

``months(cells, runs, spare_cells, spare_runs, numbers, keys, table, measured, cell_rows, run_rows, first, n_months,
offset, total, n_partners, begin, end, n_blocks)`` advances the blocks from ``begin`` up to ``end`` by some months, the
first of which has the number ``first`` and is measured at place ``offset`` of ``total``. Blocks touch nothing in
common but the table and the numbers, so threads can divide them; each thread brings its own spare rows.
"""

import dataclasses
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from llvmlite import ir

from sim.engine.compiled.codegen import BUFFERS, Bits, Emitter
from sim.engine.compiled.elementary import FLOAT, WHOLE, Style
from sim.engine.compiled.layout import LANES
from sim.engine.compiled.loops import Loop, Program
from sim.model.random_streams import keys_of

NUMBERS = ("cell_rows", "run_rows", "first", "n_months", "offset", "total", "n_partners", "begin", "end", "n_blocks")
"""Whole numbers; ``cell_rows`` and ``run_rows`` are the rows of one partner in cells and of one block in runs."""

FUNCTION = "months"
"""Name of the function that a module exports."""


KEYS_FUNCTION = "keys_of"
"""Name of the function that turns seeds into keys of random streams."""


def module_of(program: Program, style: Style, with_keys: bool = False) -> str:
    """Write a program as a module of LLVM, without a target.

    Args:
        program: what to write.
        style: how its target wants it.
        with_keys: add ``keys_of(seeds, keys, number)``, for callers that have no ``RandomStreams``.
    """
    module = ir.Module(FUNCTION)
    if with_keys:
        _write_keys(module)
    pointers = [(WHOLE if name == "keys" else FLOAT).as_pointer() for name in BUFFERS]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [*pointers, *(WHOLE for _ in NUMBERS)]), FUNCTION)
    for argument, name in zip(function.args, (*BUFFERS, *NUMBERS), strict=True):
        argument.name = name
        if name in BUFFERS:
            argument.add_attribute("noalias")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    _Frame(builder, function, program, style).write()
    builder.ret_void()
    return str(module)


def _write_keys(module: Any) -> None:
    pointer = WHOLE.as_pointer()
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [pointer, pointer, WHOLE]), KEYS_FUNCTION)
    seeds, keys, number = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))

    def one(k: Any) -> None:
        key = keys_of(Bits(builder, builder.load(builder.gep(seeds, [k]))))
        builder.store(key.value, builder.gep(keys, [k]))

    repeat(builder, function, WHOLE(0), number, one)
    builder.ret_void()


def repeat(builder: Any, function: Any, first: Any, end: Any, body: Callable[[Any], None]) -> None:
    """Write a loop over whole numbers from ``first`` up to ``end``."""
    before = builder.block
    head, inside, after = (function.append_basic_block() for _ in range(3))
    builder.branch(head)
    builder.position_at_end(head)
    number = builder.phi(WHOLE)
    number.add_incoming(first, before)
    builder.cbranch(builder.icmp_signed("<", number, end), inside, after)
    builder.position_at_end(inside)
    body(number)
    number.add_incoming(builder.add(number, WHOLE(1)), builder.block)
    builder.branch(head)
    builder.position_at_end(after)


class _Frame:
    """The loops around the lines of a program."""

    def __init__(self, builder: Any, function: Any, program: Program, style: Style) -> None:
        self.builder, self.function, self.program = builder, function, program
        self.together, self.alone = style, dataclasses.replace(style, n_lanes=1)
        self.arguments = dict(zip((*BUFFERS, *NUMBERS), function.args, strict=True))
        self.buffers = {name: self.arguments[name] for name in BUFFERS}

    def write(self) -> None:
        """Write every block, group of runs, month and loop."""
        self._repeat(self.arguments["begin"], self.arguments["end"], self._block)

    def _block(self, block: Any) -> None:
        def group(number: Any) -> None:
            lane = self.builder.mul(number, WHOLE(self.together.n_lanes))
            self._repeat(WHOLE(0), self.arguments["n_months"], partial(self._month, block, lane))

        self._repeat(WHOLE(0), WHOLE(LANES // self.together.n_lanes), group)

    def _repeat(self, first: Any, end: Any, body: Callable[[Any], None]) -> None:
        repeat(self.builder, self.function, first, end, body)

    def _month(self, block: Any, lane: Any, done: Any) -> None:
        together, alone = (self._emitter(block, done, lane, style) for style in (self.together, self.alone))
        for emitter in (together, alone):
            emitter.emit(self.program.before)
        known = dict(together.names)
        for loop in self.program.loops:
            together.names = dict(known)
            if loop.when:
                end = self.builder.add(lane, WHOLE(self.together.n_lanes))
                self._repeat(lane, end, partial(self._under, loop, block, done, alone.names))
            elif loop.over == "runs":
                together.emit(loop.lines)
            else:
                number = self.arguments["n_partners" if loop.over == "partners" else "total"]
                self._repeat(WHOLE(0), number, partial(together.emit_of, loop.lines))

    def _under(self, loop: Loop, block: Any, done: Any, known: dict[str, Any], lane: Any) -> None:
        emitter = self._emitter(block, done, lane, self.alone)
        emitter.names = dict(known)
        with ExitStack() as conditions:
            for row in loop.when:
                conditions.enter_context(self.builder.if_then(emitter.any_holds(row)))
            emitter.emit(loop.lines)

    def _emitter(self, block: Any, done: Any, lane: Any, style: Style) -> Emitter:
        b, arguments = self.builder, self.arguments
        lanes = WHOLE(LANES)
        cell_rows, run_rows = (b.mul(arguments[name], lanes) for name in ("cell_rows", "run_rows"))
        spare_rows = WHOLE(self.program.n_spare_cells * LANES)

        def at(number: Any, rows: Any) -> Any:
            return b.add(b.mul(number, rows), lane)

        places = {
            "month": b.add(arguments["first"], done),
            "slots": arguments["n_partners"],
            "cells": at(b.mul(block, arguments["n_partners"]), cell_rows),
            "cell_rows": cell_rows,
            "spare_cells": lane,
            "spare_cell_rows": spare_rows,
            "keys": at(block, lanes),
            "run": at(block, run_rows),
            "spare_run": lane,
            "measured": at(block, lanes),
            "done": b.add(arguments["offset"], done),
            "total": arguments["total"],
            "n_runs": b.mul(arguments["n_blocks"], lanes),
        }
        return Emitter(b, self.buffers, places, style)
