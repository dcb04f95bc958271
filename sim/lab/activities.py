"""Activities for class: what each compares, and in which state of the app.

Their sentences are in ``languages/*/learn.toml``; their results come from ``sim.lab.activity_pages``.
"""

import dataclasses

from sim.lab.link_state import LinkState

Change = tuple[str, float]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """A against B: two states under the first policy of each or, if they are the same, its two policies."""

    one: LinkState
    other: LinkState

    @property
    def states(self) -> tuple[LinkState, LinkState]:
        """Return the states of A and of B."""
        return self.one, self.other

    @property
    def policies(self) -> tuple[str, str]:
        """Return the policies of A and of B."""
        return self.one.policies[0], self.other.policies[self.one == self.other]


@dataclasses.dataclass(frozen=True)
class Activity:
    """Something to predict, observe and explain; the prediction is about the first comparison.

    ``minutes`` is the time in class; ``rules`` explain the result and can be looked up with ``partnership describe``.
    """

    name: str
    minutes: int
    rules: tuple[str, ...]
    compared: tuple[Comparison, ...]


def _compare_policies(scenario: str, one: str, other: str, seed: int, *changes: Change) -> Comparison:
    """Compare two policies in one state; ``seed`` is that of the run to watch."""
    state = LinkState(scenario, (one, other), seed, changes)
    return Comparison(state, state)


def _compare_parameters(
    scenario: str, beside: str, seed: int, one: tuple[Change, ...], other: tuple[Change, ...]
) -> Comparison:
    """Compare two states under ``neutral``; ``beside`` is the policy that the app shows next to it."""
    return Comparison(*(LinkState(scenario, ("neutral", beside), seed, changes) for changes in (one, other)))


UNREADY, LESS_READY = ("rules.readiness.typical", 0.1), ("rules.readiness.typical", 0.2)
NO_HOPES = ("rules.commitment.outside_option_pull", 0.0)
NEAR, MIDDLE, FAR = (("sectors.distance", value) for value in (0.2, 0.5, 1.2))

ACTIVITIES = (
    Activity(
        "capture",
        12,
        ("rules.capture", "rules.commitment", "rules.membership"),
        (
            _compare_parameters("neutral", "adaptive_tracking", 4, (), (UNREADY,)),
            _compare_parameters("public_health", "adaptive_tracking", 4, (), (UNREADY,)),
        ),
    ),
    Activity(
        "pause",
        12,
        ("rules.understanding", "rules.tension", "rules.creation", "rules.commitment"),
        (
            _compare_policies("denim_alliance", "neutral", "strategic_pause", 7),
            _compare_policies("public_health", "neutral", "strategic_pause", 7),
        ),
    ),
    Activity(
        "hopes",
        12,
        ("rules.connecting", "rules.capture", "rules.commitment", "rules.participation", "rules.membership"),
        (
            _compare_policies("neutral", "neutral", "connecting", 5),
            _compare_policies("neutral", "neutral", "connecting", 5, NO_HOPES),
            _compare_policies("neutral", "neutral", "connecting", 5, UNREADY),
        ),
    ),
    Activity(
        "safe",
        12,
        ("rules.information", "rules.leak", "rules.capture", "rules.creation", "rules.trust"),
        (
            _compare_policies("denim_alliance", "neutral", "safeguarding", 4),
            _compare_policies("municipal_climate", "neutral", "safeguarding", 4),
        ),
    ),
    Activity(
        "difference",
        15,
        ("rules.creation", "rules.tension", "rules.understanding", "rules.trust"),
        (
            _compare_parameters("municipal_climate", "strategic_pause", 1, (NEAR,), (MIDDLE,)),
            _compare_parameters("municipal_climate", "strategic_pause", 1, (MIDDLE,), (FAR,)),
            _compare_policies("municipal_climate", "neutral", "strategic_pause", 1, FAR),
        ),
    ),
    Activity(
        "chance",
        15,
        ("rules.orchestrator", "rules.readiness"),
        (
            _compare_policies("denim_alliance", "adaptive", "adaptive_tracking", 6),
            _compare_policies("denim_alliance", "adaptive", "adaptive_tracking", 6, LESS_READY),
            _compare_policies("denim_alliance", "random_allocation", "adaptive_tracking", 6, LESS_READY),
        ),
    ),
)
BY_NAME = {a.name: a for a in ACTIVITIES}
