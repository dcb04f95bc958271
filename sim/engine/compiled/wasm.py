"""WebAssembly as a target: a program as a module that a browser or Node runs, with 128-bit registers.

A module imports its memory and nothing else, and exports ``months`` (``module.py``); whole numbers are ``BigInt`` in
JavaScript, pointers numbers. Linking needs ``ziglang`` (the extra ``page``); whoever uses a module needs no tool.
"""

import importlib.util
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from llvmlite import binding

from sim.core.errors import InputError
from sim.engine.compiled.layout import LANES
from sim.engine.compiled.loops import Program
from sim.engine.compiled.module import FUNCTION, module_of
from sim.engine.compiled.native import optimised
from sim.engine.compiled.runtime import Compiled

TRIPLE = "wasm32-unknown-unknown"

FEATURES = "+simd128,+bulk-memory,+nontrapping-fptoint"

STACK = 65536
"""Bytes at the beginning of memory that a module keeps for itself; its caller lays arrays out behind them."""


@cache
def _machine() -> Any:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    return binding.Target.from_triple(TRIPLE).create_target_machine(features=FEATURES, opt=3, reloc="static")


def layout_of(compiled: Compiled) -> dict[str, Any]:
    """Say where a module reads and writes, as plain data for whoever calls it.

    Returns:
        ``lanes``; ``cells`` and ``runs``: row of each variable (``trust.0``: its first part) and of each parameter
        that differs by run (its dotted path); ``spare``: rows that the module keeps for itself, of partners and of the
        partnership; ``numbers``: the other parameters, in their order; ``measured``: how many outcomes a month;
        ``table``; ``holds``: conditions on parameters and the month under which the module is right.
    """
    program = compiled.program

    def rows(known: dict[Any, int]) -> dict[str, int]:
        return {key if isinstance(key, str) else f"{key[0]}.{key[1]}": row for key, row in known.items()}

    return {"lanes": LANES, "cells": rows(program.cells), "runs": rows(program.runs),
            "spare": [program.n_spare_cells, program.n_spare_runs], "numbers": list(program.numbers),
            "measured": program.n_measured, "table": [float(v) for t in program.tables for v in t.values]}  # fmt: skip


def wasm_of(program: Program) -> bytes:
    """Compile a program to a WebAssembly module.

    Raises:
        InputError: without the linker.
    """
    if importlib.util.find_spec("ziglang") is None:
        raise InputError("a WebAssembly module is linked by ziglang: python -m pip install ziglang (the extra 'page')")
    machine = _machine()
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place, "months.o"), Path(place, "months.wasm")
        source.write_bytes(machine.emit_object(optimised(module_of(program), machine)))
        done = subprocess.run(
            [sys.executable, "-m", "ziglang", "wasm-ld", "--no-entry", f"--export={FUNCTION}", "--import-memory",
             "--strip-all", f"-zstack-size={STACK}", "-o", str(target), str(source)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise InputError(f"linking a WebAssembly module failed: {done.stderr.strip()}")
        return target.read_bytes()
