"""The figures of a search: trade-offs between the objectives, and differences to the best built-in policy."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.model.outcomes import better_of, outcome_named, unit_of
from sim.viz.axes.forest import plot_forest
from sim.viz.axes.tradeoffs import plot_front
from sim.viz.layout import finish, legend_of, panels
from sim.viz.style import drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def front_figure(
    trials: "pd.DataFrame",
    values: "pd.DataFrame",
    reference: Sequence[str],
    objectives: Sequence[str],
    note: str,
    knee: str | None = None,
) -> "Figure":
    """Draw the first objective against each other one.

    Args:
        trials: a row per trial, a column per objective.
        values: a row per judged policy, outcome and ``place``, with ``mean``, ``low`` and ``high``; the training seeds
            are the first place, the test seeds the second.
        reference: policies to compare with.
        objectives: outcomes, two or more.
        note: at the foot.
        knee: the trial at the knee of the front, if there is one.

    Returns:
        The figure.
    """
    first, *others = objectives
    training, test = (values[values["place"] == place] for place in list(dict.fromkeys(values["place"]))[:2])
    with drawing():
        figure, axes = panels(len(others), "Trade-offs between the objectives", size=(4.8, 4.6), share_x=False)
        for ax, other in zip(axes, others, strict=True):
            plot_front(trials, training, test, reference, other, first, ax, knee)
            ax.set_xlabel(_axis(other))
        axes[0].set_ylabel(_axis(first))
        return finish(figure, f"{note}; 95 % intervals", [legend_of(axes[0])])


def gain_figure(
    differences: "pd.DataFrame", reasons: Mapping[Any, str], baseline: str, objectives: Sequence[str], note: str
) -> "Figure":
    """Draw paired differences of the chosen policies to the best built-in policy, in each place.

    Args:
        differences: a row per policy, baseline, outcome and ``place``, of ``sim.analysis.paired.differences``.
        reasons: why each policy was chosen; those without a reason are left out.
        baseline: the policy that they are differences to.
        objectives: outcomes, a panel each.
        note: at the foot.

    Returns:
        The figure.
    """
    rows = differences[differences["baseline"] == baseline].set_index(["policy", "place"])
    places = list(dict.fromkeys(differences["place"]))
    chosen = [(name, place) for name, why in reasons.items() if why for place in places]
    table = rows.loc[chosen].reset_index()
    table["policy"] = [f"{name}: {place}" for name, place in zip(table["policy"], table["place"], strict=True)]
    with drawing():
        size = (4.0, 1.1 + 0.28 * len(chosen))
        title = f"Chosen policies: difference to {label(baseline)}, with 95 % intervals"
        figure, axes = panels(len(objectives), title, size=size, share_x=False)
        for ax, name in zip(axes, objectives, strict=True):
            plot_forest(table, name, label(name), _unit(name), ax)
            ax.locator_params(axis="x", nbins=4)
        return finish(figure, f"{note}; filled: significant, hollow: undecided")


def _axis(name: str) -> str:
    fact = outcome_named(name)
    return label(name) if fact is None else f"{fact.doc}\n({_unit(name)})"


def _unit(name: str) -> str:
    better = better_of(name)
    return f"{unit_of(name)}; {better} is better" if better else unit_of(name)
