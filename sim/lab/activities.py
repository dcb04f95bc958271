"""Activities to learn with: what each compares, and in which states of the lab.

Their sentences are in ``languages/*/learn.toml``; what many worlds say of them comes from ``sim.lab.found``.
"""

import dataclasses

from sim.lab.settings import Asked

Change = tuple[str, float]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A against B: two states of the lab under their first policy or, where they are one, under its two policies."""

    one: Asked
    other: Asked

    @property
    def states(self) -> tuple[Asked, Asked]:
        """Give the states of A and of B."""
        return self.one, self.other

    @property
    def policies(self) -> tuple[str, str]:
        """Give the policies of A and of B."""
        return self.one.policies[0], self.other.policies[self.one == self.other]


@dataclasses.dataclass(frozen=True)
class Activity:
    """Something to predict, observe and explain; the prediction is about the first comparison.

    ``minutes`` in class; ``rules`` are those that make it so, to look up with ``partnership describe``.
    """

    name: str
    minutes: int
    rules: tuple[str, ...]
    compared: tuple[Comparison, ...]


def _ways(scenario: str, one: str, other: str, seed: int, *changes: Change) -> Comparison:
    """Compare two policies in one state; the seed is that of the world to watch."""
    state = Asked(scenario, (one, other), seed, changes)
    return Comparison(state, state)


def _settings(scenario: str, beside: str, seed: int, one: tuple[Change, ...], other: tuple[Change, ...]) -> Comparison:
    """Compare two states without governance; ``beside`` is the policy that the lab shows next to it."""
    return Comparison(*(Asked(scenario, ("neutral", beside), seed, changes) for changes in (one, other)))


UNREADY, NO_HOPES = ("rules.readiness.typical", 0.1), ("rules.commitment.outside_option_pull", 0.0)
NEAR, FAR = ("sectors.distance", 0.2), ("sectors.distance", 1.0)

ACTIVITIES = (
    Activity(
        "capture",
        12,
        ("rules.capture", "rules.commitment", "rules.membership"),
        (
            _settings("neutral", "adaptive_tracking", 4, (), (UNREADY,)),
            _settings("public_health", "adaptive_tracking", 4, (), (UNREADY,)),
        ),
    ),
    Activity(
        "pause",
        12,
        ("rules.understanding", "rules.tension", "rules.creation"),
        (
            _ways("denim_alliance", "neutral", "strategic_pause", 7),
            _ways("public_health", "neutral", "strategic_pause", 7),
        ),
    ),
    Activity(
        "hopes",
        12,
        ("rules.connecting", "rules.commitment", "rules.participation"),
        (
            _ways("neutral", "neutral", "connecting", 3),
            _ways("neutral", "neutral", "connecting", 3, NO_HOPES),
        ),
    ),
    Activity(
        "safe",
        12,
        ("rules.information", "rules.leak", "rules.capture", "rules.creation", "rules.trust"),
        (
            _ways("denim_alliance", "neutral", "safeguarding", 11),
            _ways("municipal_climate", "neutral", "safeguarding", 11),
        ),
    ),
    Activity(
        "difference",
        15,
        ("rules.tension", "rules.understanding", "rules.trust"),
        (
            _settings("municipal_climate", "strategic_pause", 2, (NEAR,), (FAR,)),
            _ways("municipal_climate", "neutral", "strategic_pause", 2, FAR),
        ),
    ),
    Activity(
        "draws",
        15,
        ("rules.orchestrator", "rules.readiness"),
        (
            _ways("denim_alliance", "adaptive", "adaptive_tracking", 1),
            _ways("denim_alliance", "random_allocation", "adaptive_tracking", 1),
            _ways("neutral", "random_allocation", "adaptive_tracking", 1),
        ),
    ),
)
BY_NAME = {a.name: a for a in ACTIVITIES}
