"""Designs: which points of a space are simulated. A new one is a class here and its name in ``DESIGNS``."""

from sim.sweeps.designs.base import Design
from sim.sweeps.designs.from_file import FromFile
from sim.sweeps.designs.levels import Grid, OneAtATime
from sim.sweeps.designs.sampled import LatinHypercube, Morris, Saltelli, Sobol

DESIGNS: tuple[type[Design], ...] = (Grid, OneAtATime, LatinHypercube, Sobol, Saltelli, Morris, FromFile)

__all__ = ["DESIGNS", "Design"]
