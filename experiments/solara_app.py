"""The partnership in Mesa's own viewer, for who knows Mesa: ``solara run experiments/solara_app.py``.

One run of a shipped scenario (``SCENARIO=neutral solara run ...`` for another) under a policy, month by month: its
network, who stays and what they create. A new policy or parameter takes effect with *Reset*. For class, and many
runs, there is ``partnership lab``. Needs ``experiments/requirements-solara.txt``.
"""

import json
import os
from typing import Any

import pandas as pd
import solara
from matplotlib.figure import Figure
from mesa.visualization import Slider, SolaraViz, make_plot_component
from mesa.visualization.utils import update_counter

from sim import POLICIES, load_scenario
from sim.integrations.mesa import PartnershipModel
from sim.lab.folders import PAGES
from sim.lab.stories import MONTHS, SLIDERS, slider_parameters
from sim.viz.axes.network import plot_network

SCENARIO = os.environ.get("SCENARIO", "denim_alliance")
SHOWN = {
    "n_founders": ("Founding members still there", "members"),
    "value_created": ("Collective value created", "value per founder and month"),
    "society_value": ("Value for society so far", "value per founder"),
}
"""Outcomes that are plotted, with title and unit."""


def network_of(model: PartnershipModel) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the members and the ties between those who take part, as ``plot_network`` takes them."""
    members = pd.DataFrame(
        [(p.slot, p.sector_name, p.member, p.needs_met, p.engagement) for p in model.partners],
        columns=["member", "sector", "active", "needs_met", "engagement"],
    )
    there = {p.slot for p in model.partners if p.member > 0}
    ties = {tuple(sorted((p.slot, to))) for p in model.partners for to in p.ties if {p.slot, to} <= there}
    return members, pd.DataFrame(sorted(ties), columns=["member", "other"])


@solara.component
def Network(model: PartnershipModel) -> None:
    """Draw the members round their orchestrator."""
    update_counter.get()
    figure = Figure(figsize=(6, 4.6), layout="constrained")
    ax = plot_network(*network_of(model), figure.add_subplot())
    there = sum(p.member > 0 for p in model.partners)
    ax.set_title(f"Month {model.month}: {there} of {len(model.partners)} take part")
    if there:
        figure.legend(loc="outside lower center", ncols=len(model.sectors), frameon=False, markerscale=0.8)
    solara.FigureMatplotlib(figure, format="png")


def plot(name: str) -> Any:
    """Make Mesa's plot of one outcome, with its title and unit."""
    title, unit = SHOWN[name]

    def finish(ax: Any) -> None:
        ax.set(title=title, xlabel="month", ylabel=unit, xlim=(0, MONTHS))
        ax.set_ylim(bottom=0)
        if legend := ax.get_legend():
            legend.remove()

    return make_plot_component(name, post_process=finish)


def parameters() -> dict[str, Any]:
    """Describe what can be set: the policy, the seed, and the first four sliders of the classroom app."""
    words = json.loads((PAGES / "words/en.json").read_text(encoding="utf-8"))["slider"]
    values = {path: facts.default for path, facts in slider_parameters(SCENARIO).items()}
    return {
        "scenario": SCENARIO,
        "months": MONTHS,
        "policy": {"type": "Select", "value": "neutral", "values": [p.name for p in POLICIES], "label": "Policy"},
        "seed": Slider("Seed", 0, 0, 999, 1),
        **{s.path: Slider(words[s.path]["name"], values[s.path], s.low, s.high, s.step) for s in SLIDERS if s.main},
    }


page = SolaraViz(
    PartnershipModel(SCENARIO, months=MONTHS, seed=0),
    components=[Network, *(plot(name) for name in SHOWN)],
    model_params=parameters(),
    name=f"Partnership: {load_scenario(SCENARIO).title}",
    play_interval=300,
)
