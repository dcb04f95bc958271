"""WebAssembly as a target: a program as a module that a browser or Node runs, with 128-bit registers.

A module imports its memory and nothing else, and exports ``months`` and ``keys_of`` (``module.py``); whole numbers
are ``BigInt`` in JavaScript, pointers numbers. Linking needs ``ziglang`` (the extra ``page``); whoever uses a module
needs no tool.
"""

import hashlib
import importlib.metadata
import importlib.util
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
from llvmlite import binding

from sim.core.errors import InputError
from sim.engine.compiled import cache as disk
from sim.engine.compiled.elementary import Style
from sim.engine.compiled.loops import Program
from sim.engine.compiled.module import FUNCTION, KEYS_FUNCTION, module_of
from sim.engine.compiled.native import optimised

TRIPLE = "wasm32-unknown-unknown"

FEATURES = "+simd128,+bulk-memory,+nontrapping-fptoint"

STYLE = Style(n_lanes=2, calls=True)
"""A register holds two numbers, none multiplies and adds in one step, and a page loads what is small."""

STACK = 65536
"""Bytes at the beginning of memory that a module keeps for itself; its caller lays arrays out behind them."""


@cache
def _machine() -> Any:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    return binding.Target.from_triple(TRIPLE).create_target_machine(features=FEATURES, opt=3, reloc="static")


def wasm_of(program: Program) -> bytes:
    """Compile a program to a WebAssembly module, and write it to disk.

    Raises:
        InputError: without the linker.
    """
    return read_wasm(program) or disk.write(_described(program), "wasm", _compiled(program))


def read_wasm(program: Program) -> bytes | None:
    """Read the module of a program that was compiled before.

    Raises:
        InputError: without the linker.
    """
    if importlib.util.find_spec("ziglang") is None:
        raise InputError("a WebAssembly module is linked by ziglang: python -m pip install ziglang (the extra 'page')")
    return disk.read(_described(program), "wasm")


def _described(program: Program) -> str:
    return f"{_tools()}\n{disk.compiler()}\n{program.text}"


@cache
def _tools() -> str:
    """Name what a module depends on besides its program: other tools make other code."""
    linker, here = importlib.metadata.version("ziglang"), hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"wasm llvmlite {llvmlite.__version__} {binding.llvm_version_info} ziglang {linker} {here}"


def _compiled(program: Program) -> bytes:
    machine = _machine()
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place, "months.o"), Path(place, "months.wasm")
        source.write_bytes(machine.emit_object(optimised(module_of(program, STYLE, with_keys=True), machine)))
        done = subprocess.run(
            [sys.executable, "-m", "ziglang", "wasm-ld", "--no-entry", f"--export={FUNCTION}", "--import-memory",
             f"--export={KEYS_FUNCTION}", "--strip-all", f"-zstack-size={STACK}", "-o", str(target), str(source)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise InputError(f"linking a WebAssembly module failed: {done.stderr.strip()}")
        return target.read_bytes()
