"""Designs sampled in the unit cube, by SciPy's quasi-Monte Carlo and SALib."""

import contextlib
import inspect
import signal
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.core.declare import param
from sim.core.errors import InputError
from sim.sweeps.designs.base import Design

SEED: Any = {"unit": "", "low": 0, "high": 2**31 - 1, "source": "configuration"}
LARGEST = 10_000_000


class LatinHypercube(Design):
    """Latin hypercube: n points, each dimension's n equal parts visited once (McKay, Beckman & Conover 1979)."""

    name = "latin_hypercube"
    n: int = param(64, unit="points", low=1, high=LARGEST, doc="Points")
    seed: int = param(0, doc="Which sample", **SEED)

    def units(self, n: int) -> Any:
        """Sample once; more points make a new sample, so this design cannot be extended."""
        from scipy.stats import qmc

        return qmc.LatinHypercube(n, **_seeded(self.seed)).random(self.n)


class Sobol(Design):
    """Scrambled Sobol sequence: fills the space evenly, and can be extended (Sobol' 1967; Owen 1998)."""

    name = "sobol"
    n: int = param(64, unit="points", low=1, high=LARGEST, doc="Points; a power of 2 fills the space most evenly")
    seed: int = param(0, doc="Which scrambling", **SEED)

    def units(self, n: int) -> Any:
        """Take the first n points of the sequence."""
        from scipy.stats import qmc

        with _unbroken(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a number that is not a power of 2 is allowed
            return qmc.Sobol(n, bits=30, **_seeded(self.seed)).random(self.n)


class Saltelli(Design):
    """Saltelli's sample for Sobol indices: n (d + 2) rows, or n (2 d + 2) with second order (Saltelli 2002)."""

    name = "saltelli"
    needs_all_rows = True
    n: int = param(64, unit="samples", low=2, high=2**20, doc="Base samples; a power of 2")
    second_order: bool = param(
        False, unit="", source="configuration", doc="Whether pairs of dimensions are sampled too"
    )
    seed: int = param(0, doc="Which scrambling", **SEED)

    def units(self, n: int) -> Any:
        """Sample with SALib."""
        from SALib.sample import sobol

        if self.n & (self.n - 1):
            raise InputError(f"design saltelli: n = {self.n} is not a power of 2; give 64, 128, 256 ...")
        return sobol.sample(_problem(n), self.n, calc_second_order=self.second_order, seed=self.seed)


class Morris(Design):
    """Morris screening: trajectories that change one dimension a step (Morris 1991)."""

    name = "morris"
    needs_all_rows = True
    trajectories: int = param(10, unit="trajectories", low=2, high=100_000, doc="Trajectories, of d + 1 rows each")
    levels: int = param(4, unit="levels", low=2, high=100, doc="Levels of each dimension; even")
    seed: int = param(0, doc="Which trajectories", **SEED)

    def units(self, n: int) -> Any:
        """Sample with SALib."""
        from SALib.sample import morris

        if self.levels % 2:
            raise InputError(f"design morris: levels = {self.levels} is odd; give an even number, for example 4")
        return morris.sample(_problem(n), self.trajectories, num_levels=self.levels, seed=self.seed)


def _problem(n: int) -> dict[str, Any]:
    return {"num_vars": n, "names": [f"d{k}" for k in range(n)], "bounds": [[0.0, 1.0]] * n}


def _seeded(seed: int) -> dict[str, Any]:
    """Hand SciPy a generator under the name this version knows (``seed`` at first, ``rng`` since 1.15)."""
    from scipy.stats import qmc  # here, as SciPy's statistics take a second to import, in every worker

    generator = np.random.default_rng(seed)
    return {"rng" if "rng" in inspect.signature(qmc.Sobol.__init__).parameters else "seed": generator}


@contextlib.contextmanager
def _unbroken() -> Iterator[None]:
    """Hear Ctrl-C afterwards: SciPy swallows it while it reads its tables, and would go on with half of them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {n: signal.signal(n, lambda number, _: came.append(number)) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
