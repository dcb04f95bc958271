"""Small partnerships with round numbers, so that a rule can be worked by hand."""

import functools
import re
from typing import Any

import numpy as np
import pytest

from sim.core.declare import variables
from sim.engine.batch import Batch
from sim.model.effort import Effort
from sim.model.scenario import Scenario
from sim.model.state import State

RUNS = 2
"""Every small partnership is simulated twice over, as the engine does."""

ALIKE = {
    f"{group}_spread": 0.0
    for group in (
        "start.resources", "start.need", "start.aspiration", "start.goodwill", "start.trust",
        "start.expertise", "start.goals", "start.proposal", "sectors.sensitivity", "sectors.mission",
    )
}  # fmt: skip
AXES = {name: facts["axes"] for name, facts in variables(State).items()}


def each(*values: Any) -> Any:
    """Lay out one value (or one row of traits) per partner, the same in every run."""
    return np.repeat(np.asarray(values, dtype=float)[..., None], RUNS, axis=-1)


def exactly(values: Any) -> Any:
    """Compare to the last few bits: what is worked by hand is exact."""
    return pytest.approx(values, rel=1e-12, abs=1e-12)


def scenario(**changes: Any) -> Scenario:
    """Change the reference by dotted paths, with ``__`` for the dot."""
    return Scenario().replace(**{path.replace("__", "."): value for path, value in changes.items()})


def partnership(partners: int, *, domains: int = 2, segments: int = 2, ties: int = 8, **changes: Any) -> State:
    """Make a partnership of like members; changes are a number for all, or a tuple with one value per partner.

    Quantities of the whole partnership take a number (or one tuple of traits); giving ``segment`` sets its flags too.
    """
    size = {"size.partners": partners, "size.domains": domains, "size.segments": segments, "size.ties": ties}
    plain = Scenario().replace(**size, **ALIKE, **{"sectors.within": 0.0, "rules.readiness.spread": 0.0})
    state = Batch(plain, [0] * RUNS, "neutral").state
    if "segment" in changes:
        changes["in_segment"] = tuple(tuple(float(s == g) for g in range(segments)) for s in changes["segment"])
    return state.replace(**{name: _laid(name, value, getattr(state, name)) for name, value in changes.items()})


def effort(**changes: Any) -> Effort:
    """Make an effort that is 0 except for the changes: a number for the partnership, a tuple with one value per partner."""
    fields = dict.fromkeys(Effort.__dataclass_fields__, 0.0) | {"priority": 1.0} | changes
    return Effort(**{name: each(*(value if isinstance(value, tuple) else (value,))) for name, value in fields.items()})


def _laid(name: str, value: Any, default: Any) -> Any:
    if name == "month" or isinstance(value, np.ndarray):
        return value
    if AXES[name].startswith("run,"):
        return each(value)
    values = value if isinstance(value, tuple) else (value,) * default.shape[0]
    return each(*values)


def wholly(words: str) -> str:
    """Match a message from its first letter to its last; three dots stand for anything."""
    return f"^{re.escape(words).replace(re.escape('...'), '.*')}$"


close = functools.partial(pytest.approx, rel=1e-3)
