"""The app with a scenario that adds sectors: they go by their names."""

import pytest

pytest.importorskip("starlette", reason="the lab needs the extra lab")

from sim.lab.game_runs import reveal, view_rounds
from sim.lab.game_text import describe_sectors, name_members
from sim.lab.link_state import LinkState
from sim.lab.messages import messages
from sim.lab.outcomes import simulate_policy
from sim.lab.watched_run import describe_divergence, simulate_watched_run

CASE = (
    "sectors: {real_estate: {like: private, share: 0.5}, media: {share: 0.5}}\nsize.partners: 8\nrules.leak.rate: 0.3\n"
)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    file = tmp_path_factory.mktemp("lab") / "case.yaml"
    file.write_text(CASE)
    return str(file)


@pytest.fixture(scope="module")
def state(case):
    return LinkState(case, ("neutral", "connecting"), 3)


def test_a_run_is_watched_with_members_numbered_by_sector(state):
    run = simulate_watched_run(state, "connecting")

    assert {4, 5} <= set(run["sectors"]) <= set(range(6))
    assert describe_divergence(state)["places"]


def test_curves_of_captured_value_have_a_sector_of_their_own(state):
    curves = simulate_policy(state, "neutral", 2)["curves"]

    assert {"private_real_estate", "private_media"} <= curves.keys()


def test_the_game_names_the_sector_as_the_scenario_does(case):
    view, message = view_rounds(case, 3, "302010ap"), messages("nl")
    number = view["sectors"].index(view["names"].index("real_estate"))

    assert any("real estate" in row[0] for row in describe_sectors(message, view))
    assert f"real estate {number + 1}" == name_members(message, view, [number])
    assert {"real_estate", "media"} <= reveal(case, 3, "302010ap")["felt"].keys()
