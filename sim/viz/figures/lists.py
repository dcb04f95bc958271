"""The figures of a calibration on membership lists: real curves with what the region gives."""

from typing import TYPE_CHECKING

from sim.viz.axes.lists import plot_curve, plot_forecast, plot_tenure
from sim.viz.axes.survival import plot_survival
from sim.viz.layout import finish, legend_of, panels
from sim.viz.style import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLES = {
    "hazard": ("exits by tenure, all but cncf", "% a month"),
    "hazard_cncf": ("exits by tenure, cncf", "% a month"),
    "survival_private": ("entrants: private", "% still there"),
    "survival_academic": ("entrants: academic", "% still there"),
    "survival_nonprofit": ("entrants: nonprofit", "% still there"),
    "founders": ("first snapshot", "% still there"),
}
"""Facts that are curves over months: what a panel shows, and its unit."""


def lists_figure(facts: "pd.DataFrame", note: str) -> "Figure":
    """Draw each fact that is a curve: the real one, and the median and 90 % of single runs of the region.

    Args:
        facts: a row per number: fact, at, real, q05, median, q95.
        note: at the foot.

    Returns:
        The figure.
    """
    drawn = [name for name in TITLES if name in set(facts["fact"])]
    with drawing():
        figure, axes = panels(
            max(len(drawn), 1), "Real membership lists and the calibrated model", share_x=False, share_y=False
        )
        for ax, name in zip(axes, drawn, strict=False):
            rows = facts[facts["fact"] == name].copy()
            rows[["real", "q05", "median", "q95"]] *= 100.0
            title, unit = TITLES[name]
            title = title.partition(",")[0] if "hazard_cncf" not in drawn else title
            plot_curve(rows, title, unit, ax)
        return finish(figure, f"{note}; band: 90 % of single runs", [legend_of(axes[0])])


def own_list_figure(survival: "pd.DataFrame", hazards: "pd.DataFrame", note: str) -> "Figure":
    """Draw how long members of a list stay, by sector, and when they leave, beside the model.

    Args:
        survival: a row per sector and month, of ``sim.cases.facts.survival_by_sector``.
        hazards: a row per class of tenure, of ``sim.cases.facts.beside_model``.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        drawn = [not survival.empty, not hazards.empty]
        figure, axes = panels(
            sum(drawn), "How long members stay, and when they leave", size=(5.5, 4.2), share_x=False, share_y=False
        )
        places = iter(axes)
        legends = []
        if drawn[0]:
            ax = plot_survival(survival, next(places), "sector", "members")
            ax.set_title("still there, by sector")
            legends.append(legend_of(ax, "sector"))
        if drawn[1]:
            ax = plot_tenure(hazards, next(places))
            ax.set_title("exits by tenure")
            legends.append(legend_of(ax))
        return finish(figure, f"{note}; bands and bars of the list: 95 %, members taken for independent", legends)


def left_out_figure(forecasts: "pd.DataFrame", note: str) -> "Figure":
    """Draw each list as foretold from the others, a panel each.

    Args:
        forecasts: a row per list and horizon: list, founders, months, real, q05, median, q95.
        note: at the foot.

    Returns:
        The figure.
    """
    names = list(dict.fromkeys(forecasts["list"]))
    with drawing():
        figure, axes = panels(len(names), "Founders of each list, foretold from the other lists")
        for ax, name in zip(axes, names, strict=False):
            plot_forecast(forecasts[forecasts["list"] == name], ax)
        return finish(figure, f"{note}; band: 90 % of forecasts", [legend_of(axes[0])])
