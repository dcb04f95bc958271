"""A teacher's own case in the classroom app: her partners by name, on her computer only, and in no link."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import sim

pytest.importorskip("starlette", reason="the lab needs the extra lab")

from starlette.testclient import TestClient

from sim.cli.lab import _options
from sim.cli.main import main
from sim.core.errors import InputError
from sim.lab.app import build_app
from sim.lab.link_state import LinkState, read_link
from sim.lab.stories import OWN, open_case
from sim.lab.watched_run import describe_divergence, simulate_watched_run

FILE = str(Path(sim.__file__).parents[1] / "docs/examples/alliance.yaml")


@pytest.fixture
def case():
    case = sim.load_scenario(FILE)
    open_case(case)
    yield case
    open_case(None)


def test_the_watched_run_names_the_partners(case):
    state = LinkState(OWN.scenario, OWN.policies)
    run = simulate_watched_run(state, "neutral")

    assert run["names"] == [m.name for m in case.members]
    assert "Brand 4 leaves: as the list of members says" in run["texts"][12]
    assert {"month": 13, "member": 8, "why": "Brand 9 leaves: as the list of members says"} in run["exits"]
    assert sum(run["active"][0]) == case.size.partners == 31
    assert any(m.name in str(describe_divergence(state)) for m in case.members)


def test_it_is_the_first_story_and_no_link_has_any_of_its_members(case):
    with TestClient(build_app(lambda: ThreadPoolExecutor(1)), base_url="http://127.0.0.1:8000") as lab:
        page = lab.get("/").text
        run = lab.get(f"/run?{read_link([])[0].query()}").json()

    assert read_link([])[0].scenario == OWN.scenario
    assert "Your own case" in page
    assert not any(m.name in page for m in case.members)
    assert 'id="size.partners"' not in page
    assert run[0]["names"][0] == "Brand 1"


def test_without_a_case_links_do_not_know_one():
    with pytest.raises(InputError, match="own_case"):
        read_link([("scenario", OWN.scenario)])


def test_sliders_that_cannot_show_its_values_are_left_out(case):
    open_case(case.replace(**{"start.trust": 0.33}))
    state, _ = read_link([("scenario", OWN.scenario), ("grant.months", "24"), ("start.trust", "0.5")])

    assert dict(state.changes) == {"grant.months": 24}
    assert state.model().members == case.members


def test_names_are_not_shared_but_numbers_may_be(capsys):
    assert main(["lab", f"scenario={FILE}", "share=true"]) == 2
    assert "names would go to other computers" in capsys.readouterr().err
    numbered = _options([f"scenario={FILE}", "share=true", "anonymise=true"])[3]
    assert numbered.members[0].name == "Private 1"
    assert _options([])[3] is None
