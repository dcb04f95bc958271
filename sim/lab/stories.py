"""What the app starts from: stories to open, sliders to move, strategies to compare."""

import dataclasses
from functools import cache

from sim.config.job import load_scenario
from sim.core.declare import Parameter, parameters
from sim.model.scenario import Scenario

MONTHS = 60
"""How many months every run of the app lasts at most."""


@dataclasses.dataclass(frozen=True)
class Story:
    """A shipped scenario with two policies to compare; its sentences are in ``site/words/``."""

    scenario: str
    policies: tuple[str, str]


STORIES = (
    Story("denim_alliance", ("neutral", "connecting")),
    Story("neutral", ("neutral", "connecting")),
    Story("municipal_climate", ("neutral", "safeguarding")),
    Story("public_health", ("neutral", "bundling")),
    Story("contract_consortium", ("neutral", "adaptive_tracking")),
)


@dataclasses.dataclass(frozen=True)
class Slider:
    """A slider: a parameter by its dotted path, and the part of its range that is shown.

    The own values of every story lie on its steps: a browser moves what lies between two steps to the nearest one.
    """

    path: str
    low: float
    high: float
    step: float
    main: bool = False


SLIDERS = (
    Slider("grant.months", 0, 60, 6, main=True),
    Slider("start.trust", 0.1, 0.9, 0.05, main=True),
    Slider("rules.leak.rate", 0, 0.4, 0.01, main=True),
    Slider("sectors.distance", 0, 1.2, 0.01, main=True),
    Slider("grant.budget", 0, 24, 1),
    Slider("start.goodwill", 1, 24, 0.1),
    Slider("start.aspiration", 0, 0.6, 0.001),
    Slider("rules.commitment.outside_option_pull", 0, 0.2, 0.01),
    Slider("rules.readiness.typical", 0.1, 0.9, 0.05),
    Slider("rules.capture.rivalry", 0, 1, 0.1),
)


@cache
def scenario_named(name: str) -> Scenario:
    """Load a shipped scenario."""
    return load_scenario(name)


@cache
def slider_parameters(scenario: str) -> dict[str, Parameter]:
    """Return what the model declares of each slider's parameter, by path, with the scenario's value as default."""
    paths = {slider.path for slider in SLIDERS}
    declared = parameters(scenario_named(scenario))
    return {parameter.path: parameter for parameter in declared if parameter.path in paths}
