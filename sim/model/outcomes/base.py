"""What an outcome is: a name, a unit, a sentence, which way is better, and a function."""

import dataclasses
from collections.abc import Callable

from sim.model.arrays import Array


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A measured quantity. ``better`` is "more", "less", or "" where neither is better.

    ``measure`` returns one number per run: a monthly outcome from (state, flows, parameters), shape (1, runs);
    an outcome of a whole run from (history, state at the end), shape (runs,).
    """

    name: str
    unit: str
    doc: str
    better: str
    measure: Callable[..., Array]
