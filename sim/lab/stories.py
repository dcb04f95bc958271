"""What the lab starts from: stories to open, settings to move, ways of governing to compare."""

import dataclasses
from functools import cache

from sim.config import load_scenario
from sim.declare import Parameter, parameters
from sim.policies import POLICIES
from sim.scenario import Scenario

MONTHS = 60
"""How long every partnership of the lab lasts at most."""


@dataclasses.dataclass(frozen=True)
class Story:
    """A shipped scenario with two ways of governing it, told in two sentences; the last one asks."""

    name: str
    scenario: str
    policies: tuple[str, str]
    told: str


STORIES = (
    Story(
        "Rivals in denim",
        "denim_alliance",
        ("neutral", "strategic_pause"),
        "Brands, mills, recyclers and a few others have two years of grant, and most are rivals."
        " Should they first pause, to plan what each gets out of it?",
    ),
    Story(
        "Always introducing",
        "neutral",
        ("neutral", "connecting"),
        "An orchestrator matches members all the time, with each other and with parties outside."
        " New contacts bring value, and new hopes. Do members stay?",
    ),
    Story(
        "A city and its climate",
        "municipal_climate",
        ("neutral", "safeguarding"),
        "A city, firms, a university and citizens' groups share a mission and are off to a flying start."
        " Is it wise to keep everyone's information under lock?",
    ),
    Story(
        "Health comes first",
        "public_health",
        ("neutral", "bundling"),
        "Public bodies and non-profits work on health, without rivals and on long public money."
        " If the orchestrator makes all information general before it is shared, who gains and who does not?",
    ),
    Story(
        "Bound by contract",
        "contract_consortium",
        ("neutral", "adaptive_tracking"),
        "Universities and firms signed for five years, so hardly anybody leaves."
        " Does it still matter how they are governed? And what if the grant, and with it the contract, ends sooner?",
    ),
)

WAYS = {
    "neutral": "doing nothing",
    "strategic_pause": "a strategic pause",
    "fixed_mix": "a fixed mix",
    "scheduled": "safeguarding, then connecting",
    "adaptive": "following the tensions",
    "adaptive_tracking": "following tensions and helping",
    "reversed": "connecting, then safeguarding",
    "random_targeting": "helping at random",
    "oracle": "helping with perfect sight",
    "sham": "paying for nothing",
}
"""How a policy reads in a sentence, where its name alone does not do."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """One slider: a parameter by its dotted path, a name for class, and the part of its range that is shown."""

    path: str
    name: str
    low: float
    high: float
    step: float
    main: bool = False


SETTINGS = (
    Setting("grant.months", "Length of the grant", 0, 60, 6, main=True),
    Setting("start.trust", "Trust at the start", 0.1, 0.9, 0.05, main=True),
    Setting("rules.leak.rate", "Risk of leaks", 0, 0.3, 0.02, main=True),
    Setting("sectors.distance", "Distance between sectors", 0, 1.2, 0.1, main=True),
    Setting("size.partners", "Members at the start", 6, 60, 1),
    Setting("grant.budget", "The orchestrator's effort", 0, 24, 1),
    Setting("start.goodwill", "Patience at the start", 1, 24, 1),
    Setting("start.aspiration", "What members expect", 0, 0.6, 0.05),
    Setting("rules.commitment.pull", "How far outside contacts raise hopes", 0, 0.2, 0.01),
    Setting("rules.readiness.typical", "Readiness to use what is learned", 0.1, 0.9, 0.05),
    Setting("rules.capture.rivalry", "How far rivals spoil each other's gains", 0, 1, 0.1),
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


def way(policy: str) -> str:
    """Name a policy in the middle of a sentence."""
    return WAYS.get(policy, policy.replace("_", " "))


def policies() -> dict[str, str]:
    """Give each shipped policy's name with what it does, in a sentence."""
    return {p.name: (p.__doc__ or "").partition("\n")[0].removeprefix("Control: ") for p in POLICIES}
