"""Small partnerships with round numbers, so that a rule can be worked by hand."""

import functools
import re
from typing import Any

import numpy as np
import pytest

import sim
from sim.core.declare import parameters, variables
from sim.engine.batch import Batch
from sim.model.effort import Effort
from sim.model.rules.funding import Grant
from sim.model.scenario import Rules, Scenario
from sim.model.state import State
from sim.model.structure import PLAINEST

FIRST_VERSION = sim.load_scenario("first_version")
OFF = {
    **PLAINEST,
    **{
        own.path: own.default
        for own, now in zip(parameters(FIRST_VERSION), parameters(Scenario()), strict=True)
        if own.default != now.default and own.path != "title"
    },
}
"""The model without the mechanisms of its second version and with the first version's numbers, to be worked by hand."""

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


EVERY_MECHANISM = {
    "structure.rivals": "share", "structure.distance": "square", "structure.outside_options": "saturating",
    "structure.trust": "conduct", "structure.exit": "hazard",
    "rules.creation.novelty": 2.0, "rules.creation.strangeness": 0.6, "rules.creation.critical_mass": 2.0,
    "rules.creation.stock_by_supply": 0.5, "rules.capture.now": 0.5, "rules.tension.working_groups": 0.04,
    "sectors.contrast": 1.0, "sectors.goals_by_sector": 1.0, "start.depth": 1.25, "start.match_spread": 1.0,
    "start.best_match_first": 0.5, "start.match_shared": 0.3, "start.tenure": 12.0, "rules.membership.term": 6.0, "rules.membership.fee": 3.0,
    "rules.membership.on_calendar": 0.5, "rules.membership.look_ahead": 12.0, "rules.membership.trend": 0.5,
    "rules.membership.company": 0.8, "rules.membership.lapse_rate": 0.7, "rules.membership.least_members": 3.0,
    "structure.creation": "linear", "rules.creation.standstill": 0.3, "rules.commitment.impatience": 0.2,
    "rules.understanding.plan_ageing": 0.02, "rules.understanding.plan_events": 0.5, "grant.from_fees": 0.5,
    "rules.membership.least_secretariat": 0.2, "rules.commitment.news": 0.36, "rules.trust.help": 0.5, "shocks.common.rate": 0.05, "shocks.common.month": 5,
    "shocks.departures.month": 9, "shocks.departures.share": 0.3,
}  # fmt: skip
"""Every mechanism that is off in the reference, switched on."""


def each(*values: Any) -> Any:
    """Lay out one value (or one row of traits) per partner, the same in every run."""
    return np.repeat(np.asarray(values, dtype=float)[..., None], RUNS, axis=-1)


def exactly(values: Any) -> Any:
    """Compare to the last few bits: what is worked by hand is exact."""
    return pytest.approx(values, rel=1e-12, abs=1e-12)


def scenario(**changes: Any) -> Scenario:
    """Change the reference, without the mechanisms of ``OFF``, by dotted paths with ``__`` for the dot."""
    return Scenario().replace(**{**OFF, **{path.replace("__", "."): value for path, value in changes.items()}})


def plain(kind: Any, **changes: Any) -> Any:
    """Make the parameters of one rule: the mechanisms of ``OFF`` are off, and the changes apply."""
    groups = {field.annotation: f"rules.{name}." for name, field in Rules.model_fields.items()} | {Grant: "grant."}
    start = groups[kind]
    off = {path.removeprefix(start): value for path, value in OFF.items() if path.startswith(start)}
    return kind(**{**off, **changes})


def partnership(partners: int, *, domains: int = 2, segments: int = 2, ties: int = 8, **changes: Any) -> State:
    """Make a partnership of like members; changes are a number for all, or a tuple with one value per partner.

    Quantities of the whole partnership take a number (or one tuple of traits); giving ``segment`` sets its flags too.
    """
    size = {"size.partners": partners, "size.domains": domains, "size.segments": segments, "size.ties": ties}
    plain = Scenario().replace(**{**OFF, **size, **ALIKE, "sectors.within": 0.0, "rules.readiness.spread": 0.0})
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
