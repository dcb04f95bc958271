"""The app in Mesa's viewer, where Solara is installed (``experiments/requirements-solara.txt``)."""

import warnings
from pathlib import Path

import pytest

import sim

FILE = Path(__file__).resolve().parents[2] / "experiments" / "solara_app.py"


@pytest.fixture(scope="module")
def app():
    pytest.importorskip("solara", reason="the app in Mesa's viewer needs Solara")
    import runpy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Solara's own, as it reads Mesa's components
        return runpy.run_path(str(FILE))


def test_what_is_viewed_is_the_run_of_its_seed(app):
    model = app["ViewedPartnership"]("adaptive", 3, grant__months=12)
    for _ in range(8):
        model.step()
    run = sim.simulate(sim.load_scenario(app["SCENARIO"], "grant.months=12"), [3], "adaptive", 8).series
    seen = model.datacollector.get_model_vars_dataframe()

    for name in app["SHOWN"]:
        assert seen[name].tolist()[1:] == run[name].tolist()
    members, ties = app["network_of"](model)
    assert members["active"].sum() == run["n_members"].iloc[-1]
    assert set(ties["member"]) | set(ties["other"]) <= set(members.loc[members["active"] > 0, "member"])


def test_it_stops_after_five_years(app):
    model = app["ViewedPartnership"]()
    while model.running:
        model.step()

    assert model.month == 60


def test_the_page_is_built(app):
    import solara

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box, context = solara.render(app["page"], handle_error=False)

    assert box.children
    context.close()
