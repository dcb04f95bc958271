"""The draws of the tuned Mesa twin: its own random numbers or, to compare trajectories, those of the engine.

``members`` are the twin's partners; ``decision`` and ``race`` are names in ``sim.model.random_streams.Draws``.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Any

from sim.model import random_streams

DrawsOf = Callable[[int], Any]
"""Gives the draws of a month: an ``OwnDraws`` or an ``EngineDraws``."""


class OwnDraws:
    """The twin's own draws, from the model's ``random.Random``."""

    def __init__(self, rng: Random) -> None:
        self.random, self.gauss, self.choices, self.expovariate = rng.random, rng.gauss, rng.choices, rng.expovariate

    def uniforms(self, decision: str, members: list[Any]) -> list[float]:
        """Draw a uniform number per member."""
        random = self.random
        return [random() for _ in members]

    def normals(self, decision: str, members: list[Any]) -> list[float]:
        """Draw a standard normal number per member."""
        gauss = self.gauss
        return [gauss(0.0, 1.0) for _ in members]

    def interest_error(self) -> float:
        """Draw the standard normal error on the interest tension."""
        return self.gauss(0.0, 1.0)

    def shock(self, rate: float) -> float:
        """Draw how hard a common shock strikes; 0 if none does."""
        return self.expovariate(1.0) if self.random() < rate else 0.0

    def tables(self, n_domains: int) -> list[float]:
        """Draw a uniform number per matching table."""
        return [self.random() for _ in range(n_domains)]

    def pick(self, race: str, domain: int, members: list[Any], weights: list[float]) -> int:
        """Pick a member's place in the list with probability in proportion to its weight."""
        return self.choices(range(len(members)), weights)[0]


class EngineDraws:
    """The engine's draws of one month for its first run, by the names of ``sim.model.random_streams.Draws``."""

    def __init__(self, streams: random_streams.RandomStreams, month: int) -> None:
        self.draws = random_streams.Draws(streams, month)

    def uniforms(self, decision: str, members: list[Any]) -> list[float]:
        """Read a number per member."""
        drawn = getattr(self.draws, decision)
        column = (drawn() if callable(drawn) else drawn)[:, 0].tolist()
        return [column[partner.slot] for partner in members]

    normals = uniforms

    def survey(self) -> list[float]:
        """Read the errors on the three tensions."""
        return [float(errors[0, 0]) for errors in self.draws.tension_errors]

    def interest_error(self) -> float:
        """Read the error on the interest tension."""
        return self.survey()[1]

    def common(self) -> tuple[float, float]:
        """Read whether a common shock strikes, as a uniform number, and how hard."""
        strikes, harshness = self.draws.common
        return float(strikes[0, 0]), -math.log(1.0 - float(harshness[0, 0]))

    def shock(self, rate: float) -> float:
        """Read how hard a common shock strikes; 0 if none does."""
        strikes, harshness = self.common()
        return harshness if strikes < rate else 0.0

    def tables(self, n_domains: int) -> list[float]:
        """Read a number per matching table."""
        return self.draws.tables[0, :, 0].tolist()

    def pick(self, race: str, domain: int, members: list[Any], weights: list[float]) -> int:
        """Let the engine's exponential race decide."""
        times = getattr(self.draws, race)(domain)[:, 0].tolist()
        scores = [weight / times[partner.slot] for partner, weight in zip(members, weights, strict=True)]
        return scores.index(max(scores))
