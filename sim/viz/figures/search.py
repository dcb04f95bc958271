"""The figures of a search: the front, and the gain over what ships."""

from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from sim.analysis.searched import REGION, SHIPPED, TEST, TRAINING
from sim.model.outcomes.summary import SUMMARY
from sim.viz.axes.forest import plot_forest
from sim.viz.axes.tradeoffs import plot_front
from sim.viz.style import RC, SOFT

OUTCOMES = {o.name: o for o in SUMMARY}


def front_figure(found: Any, objectives: list[str], note: str) -> Any:
    """Draw the first objective against each other one."""
    first, *others = objectives
    training, fresh = (found.judged[found.judged["place"] == place] for place in (TRAINING, TEST))
    with mpl.rc_context(RC):
        size = (2.0 + 4.4 * len(others), 5.4)
        figure, axes = plt.subplots(1, len(others), figsize=size, sharey=True, squeeze=False)
        for ax, other in zip(axes.flat, others, strict=True):
            plot_front(found.trials, training, fresh, SHIPPED, other, first, ax)
            ax.set_xlabel(_axis(other))
        axes[0, 0].set_ylabel(_axis(first))
        figure.suptitle("What can be had together", x=0.01, ha="left", weight="bold")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="lower center", ncols=3, bbox_to_anchor=(0.5, 0.04))
        return _noted(figure, f"{note}; 95 % intervals", 0.14)


def gain_figure(found: Any, objectives: list[str], note: str) -> Any:
    """Draw paired differences of the settings chosen to the best policy that ships, in each place."""
    to_beat = SHIPPED[-1]
    gaps = found.differences[found.differences["baseline"] == to_beat].set_index(["policy", "place"])
    wanted = [(n, place) for n, why in found.reasons.items() if why for place in (TRAINING, TEST, REGION)]
    table = gaps.loc[wanted].reset_index()
    table["policy"] = [f"{n}: {p}" for n, p in zip(table["policy"], table["place"], strict=True)]
    with mpl.rc_context(RC):
        size = (3.2 + 3.2 * len(objectives), 1.7 + 0.28 * len(wanted))
        figure, axes = plt.subplots(1, len(objectives), figsize=size, sharey=True, squeeze=False)
        for ax, name in zip(axes.flat, objectives, strict=True):
            plot_forest(table, name, name.replace("_", " "), _unit(name), ax)
            ax.locator_params(axis="x", nbins=4)
        title = f"Settings chosen in training: difference to {to_beat.replace('_', ' ')}"
        figure.suptitle(title, x=0.01, ha="left", weight="bold")
        return _noted(figure, f"{note}; 95 % intervals, filled: it excludes 0", 0.03)


def _axis(name: str) -> str:
    return f"{OUTCOMES[name].doc}\n({_unit(name)})"


def _unit(name: str) -> str:
    unit = "share" if OUTCOMES[name].unit == "1" else OUTCOMES[name].unit
    return f"{unit}; {OUTCOMES[name].better} is better"


def _noted(figure: Any, note: str, bottom: float) -> Any:
    figure.text(0.01, 0.01, note, color=SOFT, fontsize=7)
    figure.tight_layout(rect=(0, bottom, 1, 1))
    return figure
