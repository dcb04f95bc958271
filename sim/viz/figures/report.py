"""The figures of a report: survival, reasons, hazards, trade-offs and regimes; legends stand outside the data."""

import textwrap
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from sim.analysis.scenario_discovery import name_and_unit
from sim.viz.axes.regimes import plot_regimes
from sim.viz.axes.survival import plot_hazards, plot_incidence, plot_survival
from sim.viz.axes.tradeoffs import plot_tradeoff
from sim.viz.style import RC, SOFT, label


def survival_figure(curves: Any, note: str, who: str = "founders") -> Any:
    """Draw how long founders stay, or partnerships last, under each policy, with who is at risk beneath."""
    n = curves["policy"].nunique()
    with mpl.rc_context(RC):
        figure, ax = plt.subplots(figsize=(9, 4.6 + 0.2 * n))
        plot_survival(curves, ax, who=who)
        title = "How long founders stay" if who == "founders" else "How long partnerships last"
        return _finished(figure, title, note, ax, 0.02)


def incidence_figure(by_policy: dict[str, Any], note: str) -> Any:
    """Draw for what reasons founders have left, a panel a policy."""
    columns = min(4, len(by_policy))
    rows = -(-len(by_policy) // columns)
    with mpl.rc_context(RC):
        figure, axes = plt.subplots(
            rows, columns, figsize=(max(2.7 * columns, 6.5), 2.5 * rows + 1.0), sharex=True, sharey=True, squeeze=False
        )
        for ax, (policy, table) in zip(axes.flat, by_policy.items(), strict=False):
            plot_incidence(table, ax)
            ax.set_title(label(policy))
            ax.tick_params(labelbottom=True)
            if ax not in axes[:, 0]:
                ax.set_ylabel("")
        for ax in list(axes.flat)[len(by_policy) :]:
            ax.set_axis_off()
        for row in axes:
            row[0].set_ylabel("founders (share)")
        return _finished(figure, "Founders who have left, by reason", note, axes[0, 0], 0.0)


def hazards_figure(by_policy: Any, by_sector: Any, policy: str, note: str) -> Any:
    """Draw exits by half-years: under each policy, and by sector under one of them."""
    with mpl.rc_context(RC):
        figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), sharey=True)
        plot_hazards(by_policy, axes[0])
        plot_hazards(by_sector, axes[1], "sector")
        axes[0].set_title("by policy")
        axes[1].set_title(f"by sector, under {label(policy)}")
        for ax in axes:
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, fontsize=8)
        axes[1].set_ylabel("")
        return _finished(figure, "When founders leave", note, None, 0.0)


def tradeoff_figure(means: Any, retention: str, front: Any, note: str) -> Any:
    """Draw staying beside value for society, private value and effort."""
    others = {
        "society_value": "value for society (value per founder)",
        "private_value": "private value (value per founder)",
        "effort_spent": "effort spent (effort)",
    }
    with mpl.rc_context(RC):
        figure, axes = plt.subplots(1, 3, figsize=(11.5, 4.3))
        for ax, (outcome, name) in zip(axes, others.items(), strict=True):
            plot_tradeoff(means, retention, outcome, front, ax, 100.0)
            ax.set_xlabel("founders staying (%)")
            ax.set_ylabel(name)
        return _finished(figure, "What each policy gives, and takes", note, axes[0], 0.0)


def regimes_figure(table: Any, x: str, y: str, title: str, note: str, policies: list[str]) -> Any:
    """Draw which policy is best over two columns, its legend beside it."""
    width, height = 4.2 + 0.62 * max(table[x].nunique(), 4), 1.5 + 0.5 * max(table[y].nunique(), 4)
    title = textwrap.fill(title, int(width * 10))
    height += 0.2 * title.count("\n")
    with mpl.rc_context(RC):
        picture, ax = plt.subplots(figsize=(width, height))
        plot_regimes(table, x, y, policies, ax)
        ax.set_xlabel(_axis(x, table))
        ax.set_ylabel(_axis(y, table))
        picture.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=11)
        picture.text(0.01, 0.012, note, color=SOFT, fontsize=7)
        picture.tight_layout(rect=(0, 0.2 / height, 1, 1))
    return picture


def _axis(path: str, table: Any) -> str:
    name, unit = name_and_unit(path)
    return f"{name}{f' ({unit})' if unit else ''}{', means of bins' if path in table.attrs['bins'] else ''}"


def _finished(figure: Any, title: str, note: str, legend: Any, bottom: float) -> Any:
    height = figure.get_figheight()
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    figure.text(0.01, 0.06 / height, note, color=SOFT, fontsize=8)
    room = 0.25
    if legend is not None:
        handles, names = legend.get_legend_handles_labels()
        columns = min(len(names), 4)
        room += 0.25 * -(-len(names) // columns)
        figure.legend(
            handles, names, loc="lower center", ncols=columns, bbox_to_anchor=(0.5, 0.22 / height), fontsize=9
        )
    figure.tight_layout(rect=(0, room / height + bottom, 1, 0.99))
    return figure
