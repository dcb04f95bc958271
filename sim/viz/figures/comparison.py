"""The figures of ``run`` and ``compare``: axes laid out, legends placed, nothing computed."""

from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from sim.model.outcomes.summary import SUMMARY
from sim.viz.axes.forest import plot_forest
from sim.viz.axes.governance import plot_effort, plot_tensions
from sim.viz.axes.network import plot_network
from sim.viz.axes.retention import plot_retention
from sim.viz.axes.sectors import plot_by_sector
from sim.viz.style import BASELINE, EFFORTS, GREY, POLICY, RC, SOFT, label, mark_months

FOREST = {
    "retention_24": ("founders staying, 24 months", "% points"),
    "retention": ("founders staying, at the end", "% points"),
    "private_value": ("private value", "value per founder"),
    "collective_value": ("collective value", "value per founder/month"),
    "society_value": ("value for society", "value per founder"),
    "private_gini": ("inequality of private value", "Gini coefficient"),
}
"""Outcomes of the forest plot: outcome -> title and unit."""


def retention_figure(bands: Any, policies: list[str], baseline: str, founders: int, grant: float, note: str) -> Any:
    """Draw members still there, a panel a policy."""
    shown = [p for p in policies if p != baseline] or policies
    with mpl.rc_context(RC):
        figure, axes = _grid(len(shown), "Founding members still taking part", note)
        for ax, policy in zip(axes, shown, strict=False):
            plot_retention(bands, policy, baseline, founders, ax, grant)
        _outer_labels(figure, axes, "month", "members")
        handles = [plt.Line2D([], [], color=POLICY, lw=2.2), plt.Line2D([], [], color=BASELINE, lw=1.6, ls="--")]
        names = ["policy of the panel: mean, and 8 runs in 10", f"{label(baseline)}: mean"]
        return _legend(figure, handles[: 1 + (shown != policies)], names[: 1 + (shown != policies)], grant)


def sector_figure(means: Any, policies: list[str], kind: str, title: str, unit: str, grant: float, note: str) -> Any:
    """Draw value created or captured by sector, a panel a policy."""
    with mpl.rc_context(RC):
        figure, axes = _grid(len(policies), title, note)
        for ax, policy in zip(axes, policies, strict=False):
            plot_by_sector(means, policy, kind, ax, grant)
        _outer_labels(figure, axes, "month", unit)
        handles, names = axes[0].get_legend_handles_labels()
        return _legend(figure, handles, names, grant)


def governing_figure(means: Any, policies: list[str], grant: float, note: str) -> Any:
    """Draw tensions above and effort below, a column a policy."""
    n = len(policies)
    with mpl.rc_context(RC):
        figure, axes = plt.subplots(2, n, figsize=(max(2.2 * n, 7.5), 6.6), sharex=True, sharey="row", squeeze=False)
        figure.suptitle("What the orchestrator faces and does", x=0.01, ha="left", weight="bold")
        for column, policy in enumerate(policies):
            plot_tensions(means, policy, axes[0, column], grant)
            plot_effort(means, policy, axes[1, column], grant)
            axes[0, column].set_title(policy.replace("_", "\n", 1), fontsize=9.5)
            axes[1, column].set_xlabel("month")
        axes[0, 0].set_ylabel("tension (0 to 1)")
        axes[1, 0].set_ylabel("effort/month")
        used = [k for k in EFFORTS if k == "effort_idle" or means[k].max() > 0]
        for row, y, keep in ((0, 0.125, None), (1, 0.07, [EFFORTS[k][0] for k in used] + ["budget"])):
            handles, labels = axes[row, 0].get_legend_handles_labels()
            pairs = [p for p in zip(handles, labels, strict=True) if keep is None or p[1] in keep]
            columns = min(len(pairs), max(4, int(figure.get_figwidth() // 1.2)))
            figure.legend(
                *zip(*pairs, strict=True),
                loc="center",
                ncols=columns,
                bbox_to_anchor=(0.5, y),
                fontsize=9,
                handlelength=1.6,
                columnspacing=1.0,
            )
        figure.text(0.01, 0.01, f"{note}; means of the worlds that still have members", color=SOFT, fontsize=8)
        figure.tight_layout(rect=(0, 0.16, 1, 0.99))
        return figure


def forest_figure(differences: Any, baseline: str, note: str) -> Any:
    """Draw paired differences to the baseline, a panel an outcome."""
    units = {o.name: o for o in SUMMARY}
    shown = [o for o in FOREST if differences.loc[differences["outcome"] == o, "difference"].notna().any()]
    with mpl.rc_context(RC):
        rows = (len(shown) + 2) // 3
        figure, axes = plt.subplots(
            rows,
            3,
            figsize=(11, 0.6 + rows * (1.0 + 0.33 * differences["policy"].nunique())),
            sharey=True,
            squeeze=False,
        )
        figure.suptitle(
            f"Difference to {label(baseline)} in the same worlds, with 95 % intervals",
            x=0.01,
            ha="left",
            weight="bold",
        )
        for ax, outcome in zip(axes.flat, shown, strict=False):
            better = {"more": "more is better", "less": "less is better"}.get(units[outcome].better, "")
            title, unit = FOREST[outcome]
            scaled = differences.copy()
            if unit == "% points":
                scaled[["difference", "low", "high"]] *= 100.0
            plot_forest(scaled, outcome, title, f"{unit} ({better})", ax)
            ax.locator_params(axis="x", nbins=4)
        for ax in axes.flat[len(shown) :]:
            ax.set_axis_off()
        figure.text(0.01, 0.01, f"{note}; hollow: undecided after Holm's correction", color=SOFT, fontsize=8)
        figure.tight_layout(rect=(0, 0.03, 1, 0.99))
        return figure


def story_figure(series: Any, members: Any, ties: Any, title: str, grant: float, note: str) -> Any:
    """Draw one partnership: who stays, value, tensions, effort, and the network at the end."""
    policy, months = series["policy"].iloc[0], int(series["month"].max())
    with mpl.rc_context(RC):
        figure, axes = plt.subplots(2, 3, figsize=(12.5, 7.2))
        figure.suptitle(title.replace("_", " "), x=0.01, ha="left", weight="bold")
        stay, created, network, captured, tensions, effort = axes.flat
        stay.step(series["month"], series["n_members"], where="post", color=POLICY, lw=2.2)
        stay.set(title="Members", ylabel="members", ylim=(0, None))
        mark_months(stay, months, grant)
        for ax, kind, unit in ((created, "created", "value per founder/month"), (captured, "captured", "value/month")):
            plot_by_sector(series, policy, kind, ax, grant)
            ax.set(title=f"Value {kind} by sector", ylabel=unit)
        created.legend(fontsize=8, ncols=2)
        plot_tensions(series, policy, tensions, grant)
        tensions.set(title="Tensions", ylabel="0 to 1")
        tensions.legend(fontsize=8, ncols=2, loc="upper right")
        plot_effort(series, policy, effort, grant)
        effort.set(title="The orchestrator's effort", ylabel="effort/month")
        effort.set_ylim(0, float(series["budget"].max()) * 1.35 + 0.01)
        used = {EFFORTS[k][0] for k in EFFORTS if series[k].max() > 0} | {"budget"}
        pairs = [pair for pair in zip(*effort.get_legend_handles_labels(), strict=True) if pair[1] in used]
        effort.legend(*zip(*pairs, strict=True), fontsize=7, ncols=3, loc="upper right")
        plot_network(members, ties, network)
        network.set_title(f"Members and ties in month {months}")
        network.text(
            0,
            -1.55,
            "star: orchestrator; area: captured value; pale: disengaged; hollow: left",
            ha="center",
            color=SOFT,
            fontsize=8,
        )
        for ax in (stay, created, captured, tensions, effort):
            ax.set_xlabel("month")
        figure.text(0.01, 0.01, f"{note}; dotted vertical: end of the grant", color=SOFT, fontsize=8)
        figure.tight_layout(rect=(0, 0.03, 1, 0.99))
        return figure


def _grid(n: int, title: str, note: str) -> tuple[Any, list[Any]]:
    columns = min(n, 4)
    rows = (n + columns - 1) // columns
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(2.9 * columns + 0.6, 7.0), 2.55 * rows + 1.2),
        sharex=True,
        sharey=True,
        squeeze=False,
    )
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    figure.text(0.01, 0.012, note, color=SOFT, fontsize=8)
    for ax in list(axes.flat)[n:]:
        ax.set_axis_off()
    return figure, list(axes.flat)[:n]


def _outer_labels(figure: Any, axes: list[Any], x: str, y: str) -> None:
    columns = figure.axes[0].get_subplotspec().get_gridspec().ncols
    for k, ax in enumerate(axes):
        if k + columns >= len(axes):
            ax.set_xlabel(x)
            ax.tick_params(labelbottom=True)
        if k % columns == 0:
            ax.set_ylabel(y)


def _legend(figure: Any, handles: list[Any], names: list[str], grant: float) -> Any:
    handles, names = [*handles, plt.Line2D([], [], color=GREY, ls=(0, (2, 2)))], [*names, "end of the grant"]
    height = figure.get_figheight()
    figure.legend(handles, names, loc="lower center", ncols=len(names), bbox_to_anchor=(0.5, 0.28 / height), fontsize=9)
    figure.tight_layout(rect=(0, 0.55 / height, 1, 0.99))
    return figure
