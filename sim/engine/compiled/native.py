"""This machine as a target: from a module of LLVM to an object, and from an object to a function that can be called."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import llvmlite
from llvmlite import binding

from sim.engine.compiled.codegen import BUFFERS
from sim.engine.compiled.module import FUNCTION, NUMBERS

_TYPE = ctypes.CFUNCTYPE(None, *(ctypes.c_void_p for _ in BUFFERS), *(ctypes.c_int64 for _ in NUMBERS))

ONE_STEP = True
"""Whether series multiply and add in one step: today's processors can, and give the same bits; WebAssembly cannot."""

_ENGINES: list[Any] = []
"""What holds the machine code that was loaded: it lives as long as the process."""


@cache
def _machine() -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    triple = binding.get_process_triple() + ("-elf" if sys.platform == "win32" else "")  # what the loader reads
    return binding.Target.from_triple(triple).create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        jit=True,
    )


@cache
def described() -> str:
    """Describe the target: an object runs only where this is the same."""
    made_by = f"llvmlite {llvmlite.__version__} {binding.llvm_version_info}"
    features = binding.get_host_cpu_features().flatten()
    return f"{binding.get_process_triple()} {binding.get_host_cpu_name()} {features} {made_by}"


def optimised(text: str, machine: Any) -> Any:
    """Parse a module and optimise it for a machine.

    Args:
        text: from ``module_of``.
        machine: a target machine of llvmlite.
    """
    module = binding.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    options = binding.create_pipeline_tuning_options(speed_level=3)
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


def object_of(text: str) -> bytes:
    """Compile a module for this machine."""
    machine = _machine()
    code: bytes = machine.emit_object(optimised(text, machine))
    return code


def load(code: bytes) -> Callable[..., None]:
    """Load an object of this machine. It is executed: give it only what ``object_of`` made."""
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _ENGINES.append(engine)
    return _TYPE(engine.get_function_address(FUNCTION))
