"""The compiled engine: the same rule texts, traced once into equations and compiled into one loop by Numba.

``tracing`` runs ``step`` on stand-ins for arrays and notes what it does (``graph``, ``stand_in``); ``writing`` writes
that down as one loop over blocks of runs; ``building`` compiles and keeps it; ``running`` lets it run. Nothing in here
knows a rule. What cannot be written as equations is left to the NumPy engine, and said.
"""

import importlib.util
import warnings
from typing import Any

from sim.core.errors import InputError, near

ENGINES = ("numpy", "compiled")

_told: set[str] = set()


class NotCompilable(Exception):
    """What was met cannot be written as equations; the message says what."""


class Refused(NotCompilable):
    """A policy did what it may not; the NumPy engine says what."""


class EngineWarning(UserWarning):
    """The NumPy engine does what the compiled one was asked for."""


def able(engine: str, scenario: Any, policy: Any) -> str:
    """Give the engine that can do it: the one asked for, or NumPy where pay-offs are a user's Python function.

    Raises:
        InputError: there is no such engine, or Numba is missing.
    """
    if engine not in ENGINES:
        raise InputError(f"engine = {engine!r}: {near(str(engine), ENGINES)}")
    if engine == "compiled" and importlib.util.find_spec("numba") is None:
        raise InputError(
            "engine=compiled needs Numba: python -m pip install numba (the extra 'fast'), or use engine=numpy"
        )
    if engine == "compiled" and scenario.payoffs:
        tell_once(f"payoffs {scenario.payoffs}", "is a Python function")
        return "numpy"
    return engine


def tell_once(what: str, reason: Any) -> None:
    """Warn, the first time, that something is left to the NumPy engine."""
    if what not in _told:
        _told.add(what)
        warnings.warn(f"engine=compiled: {what} runs on the NumPy engine: it {reason}", EngineWarning, stacklevel=3)
