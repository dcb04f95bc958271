"""What an outcome is: a name, a unit, a sentence, which way is better, and a function."""

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One number to look at. ``better`` is "more", "less" or "" where neither is."""

    name: str
    unit: str
    doc: str
    better: str
    measure: Callable[..., Any]
