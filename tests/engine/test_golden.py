"""Golden numbers: what these runs gave when the numbers were last recorded. A change needs a Results line."""

import json
from pathlib import Path

import pytest

import sim

FILE = Path(__file__).with_name("golden.json")
OUTCOMES = (
    "retention",
    "exits_satisfied",
    "exits_frustrated",
    "society_value",
    "private_value",
    "private_net",
    "effort_spent",
)
POLICIES = ("neutral", "safeguarding", "bundling", "connecting", "strategic_pause", "adaptive_tracking")
AS_THEN = {
    "connecting": {"name": "connecting", "enough": 1000.0},
    "adaptive_tracking": {"name": "adaptive_tracking", "enough": 1000.0, "expected_effect": 0.0},
}
"""How policies spent in the first version."""


def measured():
    cases = [(scenario, policy, policy) for scenario in ("neutral", "denim_alliance") for policy in POLICIES]
    cases += [("first_version", policy, AS_THEN.get(policy, policy)) for policy in POLICIES]
    return {
        f"{scenario} {name}": sim.simulate(sim.load_scenario(scenario), 20, policy, 60, record="summary", check_invariants=False).summary[list(OUTCOMES)].mean().to_dict()
        for scenario, name, policy in cases
    }  # fmt: skip


def test_numbers_are_those_last_looked_at():
    expected, actual = json.loads(FILE.read_text()), measured()

    assert expected.keys() == actual.keys()
    for case, numbers in expected.items():
        assert actual[case] == pytest.approx(numbers, rel=1e-9), (
            f"{case}: if meant, run python -m tests.engine.test_golden and say why in CHANGELOG.md"
        )


if __name__ == "__main__":
    FILE.write_text(json.dumps(measured(), indent=1) + "\n")
