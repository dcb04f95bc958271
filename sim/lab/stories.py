"""What the lab starts from: stories to open, settings to move, ways of governing to compare."""

import dataclasses
from functools import cache

from sim.config.job import load_scenario
from sim.core.declare import Parameter, parameters
from sim.model.policies import POLICIES
from sim.model.scenario import Scenario

MONTHS = 60
"""How long every partnership of the lab lasts at most."""


@dataclasses.dataclass(frozen=True)
class Story:
    """A shipped scenario with two ways of governing it; its name and what it tells are in the catalogue."""

    scenario: str
    policies: tuple[str, str]


STORIES = (
    Story("denim_alliance", ("neutral", "strategic_pause")),
    Story("neutral", ("neutral", "connecting")),
    Story("municipal_climate", ("neutral", "safeguarding")),
    Story("public_health", ("neutral", "bundling")),
    Story("contract_consortium", ("neutral", "adaptive_tracking")),
)


@dataclasses.dataclass(frozen=True)
class Setting:
    """One slider: a parameter by its dotted path, and the part of its range that is shown."""

    path: str
    low: float
    high: float
    step: float
    main: bool = False


SETTINGS = (
    Setting("grant.months", 0, 60, 6, main=True),
    Setting("start.trust", 0.1, 0.9, 0.05, main=True),
    Setting("rules.leak.rate", 0, 0.3, 0.02, main=True),
    Setting("sectors.distance", 0, 1.2, 0.1, main=True),
    Setting("size.partners", 6, 60, 1),
    Setting("grant.budget", 0, 24, 1),
    Setting("start.goodwill", 1, 24, 1),
    Setting("start.aspiration", 0, 0.6, 0.05),
    Setting("rules.commitment.outside_option_pull", 0, 0.2, 0.01),
    Setting("rules.readiness.typical", 0.1, 0.9, 0.05),
    Setting("rules.capture.rivalry", 0, 1, 0.1),
)


@cache
def case(scenario: str) -> Scenario:
    """Give a scenario of the stories."""
    return load_scenario(scenario)


@cache
def declared(scenario: str) -> dict[str, Parameter]:
    """Give what the model declares of each setting, with the scenario's own value as default."""
    paths = {s.path for s in SETTINGS}
    return {q.path: q for q in parameters(case(scenario)) if q.path in paths}


def policies() -> tuple[str, ...]:
    """Name each shipped policy."""
    return tuple(p.name for p in POLICIES)
