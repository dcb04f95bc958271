"""A program as one function in the language of LLVM, the same for every target: blocks of runs, months, loops.

``months(cells, runs, shared, keys, table, measured, first, n_months, n_partners, begin, end, n_blocks)`` advances the
blocks from ``begin`` up to ``end`` of ``n_blocks`` by some months. Blocks touch nothing in common but the table, so
threads can divide them; each thread brings its own ``shared``.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir

from sim.engine.compiled.codegen import BUFFERS, FLOAT, WHOLE, Emitter
from sim.engine.compiled.loops import LANES, Loop, Program

NUMBERS = ("first", "n_months", "n_partners", "begin", "end", "n_blocks")

FUNCTION = "months"
"""Name of the function that a module exports."""


def module_of(program: Program) -> str:
    """Write a program as a module of LLVM, without a target."""
    module = ir.Module(FUNCTION)
    pointers = [(WHOLE if name == "keys" else FLOAT).as_pointer() for name in BUFFERS]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [*pointers, *(WHOLE for _ in NUMBERS)]), FUNCTION)
    for argument, name in zip(function.args, (*BUFFERS, *NUMBERS), strict=True):
        argument.name = name
        if name in BUFFERS:
            argument.add_attribute("noalias")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    _Frame(builder, function, program).write()
    builder.ret_void()
    return str(module)


class _Frame:
    """The loops around the lines of a program."""

    def __init__(self, builder: Any, function: Any, program: Program) -> None:
        self.builder, self.function, self.program = builder, function, program
        self.arguments = dict(zip((*BUFFERS, *NUMBERS), function.args, strict=True))
        self.buffers = {name: self.arguments[name] for name in BUFFERS}

    def write(self) -> None:
        """Write every block, month and loop."""
        arguments = self.arguments
        self._repeat(
            arguments["begin"],
            arguments["end"],
            lambda block: self._repeat(WHOLE(0), arguments["n_months"], lambda done: self._month(block, done)),
        )

    def _repeat(self, first: Any, end: Any, body: Callable[[Any], None]) -> None:
        b, before = self.builder, self.builder.block
        head, inside, after = (self.function.append_basic_block() for _ in range(3))
        b.branch(head)
        b.position_at_end(head)
        number = b.phi(WHOLE)
        number.add_incoming(first, before)
        b.cbranch(b.icmp_signed("<", number, end), inside, after)
        b.position_at_end(inside)
        body(number)
        number.add_incoming(b.add(number, WHOLE(1)), b.block)
        b.branch(head)
        b.position_at_end(after)

    def _month(self, block: Any, done: Any) -> None:
        for loop in self.program.loops:

            def of_partner(k: Any, loop: Loop = loop) -> None:
                self._repeat(WHOLE(0), WHOLE(LANES), lambda lane: self._lines(loop, block, done, k, lane))

            if loop.over_partners:
                self._repeat(WHOLE(0), self.arguments["n_partners"], of_partner)
            else:
                of_partner(WHOLE(0))

    def _lines(self, loop: Loop, block: Any, done: Any, k: Any, lane: Any) -> None:
        b, arguments = self.builder, self.arguments
        cell_rows, run_rows, shared_rows = (WHOLE(n) for n in self.program.sizes)
        lanes = WHOLE(LANES)

        def at(number: Any, rows: Any) -> Any:
            return b.add(b.mul(number, rows), lane)

        first = at(b.mul(block, arguments["n_partners"]), cell_rows)
        places = {
            "lane": lane,
            "k": k,
            "month": b.add(arguments["first"], done),
            "slots": arguments["n_partners"],
            "first": first,
            "cell_rows": cell_rows,
            "shared_rows": shared_rows,
            "key": at(block, lanes),
            "cell": b.add(first, b.mul(k, cell_rows)),
            "run": at(block, run_rows),
            "share": at(k, shared_rows),
            "measured": at(b.add(b.mul(done, arguments["n_blocks"]), block), lanes),
            "n_measured": b.mul(b.mul(arguments["n_months"], arguments["n_blocks"]), lanes),
        }
        Emitter(b, self.buffers, places).emit(loop.lines)
