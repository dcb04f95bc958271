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
    model = sim.PartnershipModel(app["SCENARIO"], "adaptive", 3, months=8, **{"grant.months": 12})
    model.run_model()
    members, ties = app["network_of"](model)

    assert members["active"].sum() == model.outcomes()["n_members"]
    assert set(ties["member"]) | set(ties["other"]) <= set(members.loc[members["active"] > 0, "member"])


def test_the_page_is_built(app):
    import solara

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box, context = solara.render(app["page"], handle_error=False)

    assert box.children
    context.close()


@pytest.mark.filterwarnings("ignore")
def test_mesas_viewer_makes_steps_and_resets_with_what_is_set():
    solara = pytest.importorskip("solara", reason="Mesa's viewer needs Solara")
    import ipyvuetify as v
    from mesa.visualization import Slider, SolaraViz, make_plot_component

    made = []

    class Kept(sim.PartnershipModel):
        def __init__(self, scenario=None, **kwargs):
            super().__init__(scenario, **kwargs)
            made.append(self)

    viewer = SolaraViz(
        Kept("neutral", seed=0),
        components=[make_plot_component("tension"), make_plot_component({"n_members": "tab:blue"})],
        model_params={
            "scenario": "public_health",
            "policy": {"type": "Select", "value": "connecting", "values": ["neutral", "connecting"], "label": "Policy"},
            "seed": {"type": "InputText", "value": 5, "label": "Seed"},
            "start.trust": Slider("Trust", 0.4, 0.1, 0.9, 0.1),
        },
    )
    _, context = solara.render(solara.AppLayout(children=[viewer]), handle_error=False)

    def press(label):
        next(w for w in context.find(v.Btn).widgets if label in str(w.children)).click()

    for label in ("Step", "Reset", "Step", "Step"):
        press(label)
    context.close()

    assert [model.month for model in made] == [1, 2]
    assert made[1].case == sim.load_scenario("public_health", "start.trust=0.4")
    assert (made[1].seed, made[1].policy) == (5, "connecting")
