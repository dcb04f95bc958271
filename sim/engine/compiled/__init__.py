"""The compiled engine: the same rules, traced once into equations and compiled into one loop.

- ``trace`` runs the first day, ``step`` and the outcomes of a run on traced arrays (``traced_array``, ``functions``),
  which record every operation in a ``graph`` of nodes (``node``); ``inputs`` lists the numbers of a batch.
- ``loops`` and ``schedule`` write the graph as loops over blocks of runs, on rows that ``layout`` numbers; ``module``,
  ``codegen`` and ``elementary`` write these in the language of LLVM, the same for every target; ``native`` compiles
  them for this machine, ``cache`` keeps the result; ``wasm`` makes WebAssembly modules, and ``bundle`` all that a page
  needs.
- ``runtime`` runs compiled months on a batch, ``runs`` whole runs.

No module here knows a rule. A policy or pay-off that cannot be traced runs on the NumPy engine, with a warning.
"""

import importlib.util
import warnings
from typing import Any

from sim.core.errors import InputError, near

ENGINES = ("numpy", "compiled")

_warned: set[str] = set()


class NotCompilable(Exception):
    """The policy or rule cannot be written as equations; the message says why."""


class InvalidEffort(NotCompilable):
    """The policy returned an effort that is not valid; the NumPy engine says what is wrong."""


class EngineWarning(UserWarning):
    """The NumPy engine is used although the compiled one was asked for."""


def installed() -> bool:
    """Tell whether what compiles is there (the extra ``fast``)."""
    return importlib.util.find_spec("llvmlite") is not None


def engine_for(engine: str, scenario: Any, policy: Any) -> str:
    """Choose the engine: the one asked for, or NumPy where pay-offs are a user's Python function.

    Args:
        engine: ``numpy`` or ``compiled``.
        scenario: the partnership.
        policy: the policy.

    Raises:
        InputError: the engine is unknown, or llvmlite is missing.
    """
    if engine not in ENGINES:
        raise InputError(f"engine = {engine!r}: {near(str(engine), ENGINES)}")
    if engine == "compiled" and not installed():
        raise InputError(
            "engine=compiled needs llvmlite: python -m pip install llvmlite (the extra 'fast'), or use engine=numpy"
        )
    if engine == "compiled" and scenario.payoffs:
        warn_once(f"payoffs {scenario.payoffs}", "is a Python function")
        return "numpy"
    return engine


def warn_once(what: str, reason: Any) -> None:
    """Warn, the first time, that something runs on the NumPy engine."""
    if what not in _warned:
        _warned.add(what)
        warnings.warn(f"engine=compiled: {what} runs on the NumPy engine: it {reason}", EngineWarning, stacklevel=3)
