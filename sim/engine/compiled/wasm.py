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
from sim.engine.compiled.loops import LANES, Program
from sim.engine.compiled.module import FUNCTION, module_of
from sim.engine.compiled.native import optimised
from sim.engine.compiled.node import Node
from sim.engine.compiled.runtime import CompiledMonth

TRIPLE = "wasm32-unknown-unknown"

FEATURES = "+simd128,+bulk-memory,+nontrapping-fptoint"

STACK = 65536
"""Bytes at the beginning of memory that a module keeps for itself; its caller lays arrays out behind them."""


@cache
def _machine() -> Any:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    return binding.Target.from_triple(TRIPLE).create_target_machine(features=FEATURES, opt=3, reloc="static")


def layout_of(compiled: CompiledMonth) -> dict[str, Any]:
    """Say where a module reads and writes, as plain data for whoever calls it.

    Returns:
        ``lanes``; ``sizes``: numbers of one partner in cells, of one block in runs, of one partner in what is shared;
        ``cells`` and ``runs``: row of each variable (``trust.0``: its first part) and parameter (its dotted path);
        ``numbers``: variables that are the same number in every run; ``measured``: how many outcomes; ``table``.
    """
    program = compiled.program

    def rows(known: dict[Any, int]) -> dict[str, int]:
        return {name: row for key, row in known.items() if (name := _name_of(key))}

    numbers = {_name_of(key): value for key, value in compiled.month.constant.items()}
    return {"lanes": LANES, "sizes": program.sizes, "cells": rows(program.cells), "runs": rows(program.runs),
            "numbers": numbers, "measured": program.n_measured,
            "table": [float(v) for t in program.tables for v in t.values]}  # fmt: skip


def _name_of(key: Any) -> str:
    """Name a variable's part or a parameter; empty for what a program keeps for itself."""
    if isinstance(key, tuple):
        return f"{key[0]}.{key[1]}"
    return str(key.value) if isinstance(key, Node) and key.op == "parameter" else ""


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
