"""The figures of ``compare`` and ``run``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.model.outcomes import better_of, unit_of
from sim.viz.axes.forest import plot_forest
from sim.viz.axes.members import plot_members
from sim.viz.axes.network import plot_network
from sim.viz.axes.orchestrator import plot_effort, plot_tensions
from sim.viz.axes.retention import plot_retention
from sim.viz.axes.sectors import plot_by_sector
from sim.viz.layout import Legend, finish, label_outer, legend_of, mark_months, panels, with_grant
from sim.viz.style import BASELINE, EFFORTS, POLICY, RANGE, drawing, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOREST = {
    "retention_24": ("retention, 24 months", "% points"),
    "retention": ("retention, at the end", "% points"),
    "private_value": ("private value", "value per founder"),
    "collective_value": ("collective value", "value per founder/month"),
    "society_value": ("value for society", "value per founder"),
    "private_gini": ("inequality of private value", "Gini coefficient"),
}
"""Outcomes of the forest plot: outcome -> title and unit."""

NETWORK = "star orchestrator, area captured value, pale disengaged, hollow left"
"""What the marks of a network mean."""

MEMBERS, INTERVALS = 60, 4
"""Most members in the figure of members by name, and most policies of which every interval is drawn."""


def retention_figure(
    bands: "pd.DataFrame", policies: Sequence[str], baseline: str, founders: int, grant: float, note: str
) -> "Figure":
    """Draw the founding members over time, a panel for each policy.

    Args:
        bands: a row per policy and month, of ``sim.analysis.paired.curves``.
        policies: in order.
        baseline: the policy drawn in every panel.
        founders: how many members start.
        grant: month in which the grant ends.
        note: at the foot.

    Returns:
        The figure.
    """
    from matplotlib.lines import Line2D

    shown = [p for p in policies if p != baseline] or list(policies)
    with drawing():
        figure, axes = panels(len(shown), "Retention: founding members still taking part")
        for ax, policy in zip(axes, shown, strict=True):
            plot_retention(bands, policy, baseline, founders, ax, grant)
        label_outer(axes, "month", "founding members")
        handles = [Line2D([], [], color=POLICY, lw=2.2), Line2D([], [], color=BASELINE, lw=1.6, ls="--")]
        names = ["policy of the panel: mean, and 8 runs in 10", f"{label(baseline)}: mean"]
        n = 1 if shown == list(policies) else 2
        return finish(figure, note, [with_grant(handles[:n], names[:n])])


def sector_figure(
    means: "pd.DataFrame", policies: Sequence[str], kind: str, title: str, unit: str, grant: float, note: str
) -> "Figure":
    """Draw value created or captured by sector, a panel for each policy.

    Args:
        means: a row per policy and month, with ``created_SECTOR`` or ``captured_SECTOR``.
        policies: in order.
        kind: "created" or "captured".
        title: of the figure.
        unit: of the values.
        grant: month in which the grant ends.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, axes = panels(len(policies), title)
        for ax, policy in zip(axes, policies, strict=True):
            plot_by_sector(means, policy, kind, ax, grant)
        label_outer(axes, "month", unit)
        return finish(figure, note, [with_grant(*axes[0].get_legend_handles_labels())])


def tension_and_effort_figure(means: "pd.DataFrame", policies: Sequence[str], grant: float, note: str) -> "Figure":
    """Draw tensions above and effort below, a column for each policy; of many policies in blocks below each other.

    Args:
        means: a row per policy and month, with tensions, efforts and budget.
        policies: in order.
        grant: month in which the grant ends.
        note: at the foot.

    Returns:
        The figure.
    """
    title, columns = "Tensions, and the orchestrator's effort", _columns(len(policies))
    blocks = [policies[k : k + columns] for k in range(0, len(policies), columns)]
    with drawing():
        figure, axes = panels(
            2 * columns * len(blocks), title, columns=columns, size=(2.2, 2.9), width=7.5, share_y=False
        )
        pairs = []
        for block, some in enumerate(blocks):
            rows = (axes[(2 * block + k) * columns : (2 * block + k + 1) * columns] for k in (0, 1))
            pairs += list(zip(some, *rows, strict=False))
            for ax in (ax for k in (0, 1) for ax in axes[(2 * block + k) * columns :][len(some) : columns]):
                ax.remove()
        for place, (policy, above, below) in enumerate(pairs):
            plot_tensions(means, policy, above, grant)
            plot_effort(means, policy, below, grant)
            first = place % columns == 0
            above.tick_params(labelleft=first, labelbottom=False)
            below.tick_params(labelleft=first)
            below.set_xlabel("month")
            above.set_ylabel("tension (0 to 1)" if first else "")
            below.set_ylabel("effort/month" if first else "")
        tensions, efforts = ([pair[k] for pair in pairs] for k in (1, 2))
        highest = max(ax.get_ylim()[1] for ax in efforts)
        for ax in efforts:
            ax.set_ylim(0, highest)
        tension = with_grant(*tensions[0].get_legend_handles_labels())._replace(heading="tensions")
        note = f"{note}; means of the runs that still have members"
        return finish(figure, note, [_used_efforts(means, efforts[0]), tension])


def _columns(n: int) -> int:
    """Choose how many panels stand beside each other: all of up to seven, or else a block of at most six."""
    blocks = -(-n // 6) if n > 7 else 1
    return -(-n // blocks)


def forest_figure(
    differences: "pd.DataFrame",
    baseline: str,
    note: str,
    named: Sequence[str] = (),
    usual: bool = True,
    ranges: "pd.DataFrame | None" = None,
) -> "Figure":
    """Draw paired differences to the baseline, a panel for each outcome: the range of what is not known, and the noise.

    Args:
        differences: a row per policy and outcome, of ``sim.analysis.paired.differences``.
        baseline: the policy that they are differences to.
        note: at the foot.
        named: outcomes that somebody asked for.
        usual: draw the usual outcomes too.
        ranges: the differences over the plausible region, with ``q05``, ``median`` and ``q95``.

    Returns:
        The figure.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    drawn = dict.fromkeys([*(FOREST if usual else ()), *named])
    shown = [o for o in drawn if differences.loc[differences["outcome"] == o, "difference"].notna().any()]
    compared = int(differences["p"].notna().sum()) if "p" in differences else len(differences)
    height = 1.0 + 0.33 * differences["policy"].nunique()
    title = f"Difference to {label(baseline)}" + (" on the same seeds" if ranges is None else ": range and noise apart")
    with drawing():
        figure, axes = panels(len(shown), title, columns=3, size=(3.67, height), share_x=False)
        for ax, outcome in zip(axes, shown, strict=True):
            name, unit = FOREST.get(outcome) or _name_and_unit(outcome)
            better = better_of(outcome)
            scale = 100.0 if unit == "% points" else 1.0
            scaled = differences.assign(**{c: differences[c] * scale for c in ("difference", "low", "high")})
            wide = None if ranges is None else ranges.assign(**{c: ranges[c] * scale for c in ("q05", "median", "q95")})
            plot_forest(scaled, outcome, name, f"{unit}{f'; {better} is better' if better else ''}", ax, wide)
            ax.locator_params(axis="x", nbins=4)
        note = f"{note}; filled: significant, hollow: undecided (Holm-corrected over {compared} comparisons)"
        handles: list[Artist] = [Line2D([], [], color=POLICY, lw=2.2, marker="o", ms=6)]
        names = ["noise: mean and 95 % interval over seeds, at the scenario's own parameter values"]
        if ranges is not None:
            handles.insert(0, Patch(color=RANGE))
            n = int(ranges["parameter_sets"].max())
            names.insert(0, f"range: nine in ten of {n} plausible parameter sets, and their median")
        return finish(figure, note, [Legend(handles, names)])


def members_figure(fates: "pd.DataFrame", policies: Sequence[str], baseline: str, months: int, note: str) -> "Figure":
    """Draw how often each member is still there at the end, by sector, the least often first.

    Args:
        fates: a row per policy and member, of ``sim.analysis.fates.members_fates``.
        policies: in order.
        baseline: the policy by which members are ordered.
        months: how long the runs are.
        note: at the foot.

    Returns:
        The figure.
    """
    base = fates[fates["policy"] == baseline].set_index("member")["retention"].sort_values(kind="stable")
    shown = base.head(MEMBERS)
    rows = fates[fates["member"].isin(shown.index)].assign(rank=lambda t: t["member"].map(base))
    first = rows.drop_duplicates("sector")["sector"].tolist()
    rows = rows.sort_values(["rank", "member"], kind="stable").sort_values(
        "sector", key=lambda s: s.map(first.index), kind="stable"
    )
    of = "" if len(shown) == len(base) else f" ({MEMBERS} of {len(base)}, who stay least often)"
    height = 0.8 + (0.19 + 0.012 * len(policies)) * (len(shown) + len(first))
    with drawing():
        figure, (ax,) = panels(1, f"Members still there after month {months}{of}", size=(8.0, height))
        drawn = list(policies) if len(policies) <= INTERVALS else [baseline]
        plot_members(rows, policies, drawn, ax)
        whose = "" if len(drawn) == len(policies) else f" under {label(baseline)}"
        return finish(figure, f"{note}; lines: 95 % intervals over runs{whose}", [legend_of(ax)])


def _name_and_unit(outcome: str) -> tuple[str, str]:
    return label(outcome), "% points" if outcome.startswith("retention") else unit_of(outcome)


def run_figure(
    series: "pd.DataFrame", members: "pd.DataFrame", ties: "pd.DataFrame", title: str, grant: float, note: str
) -> "Figure":
    """Draw one run: members, value, tensions, effort, and the network at the end.

    Args:
        series: a row per month.
        members: a row per partner, in the last month.
        ties: a row per pair that was matched: member, other.
        title: of the figure.
        grant: month in which the grant ends.
        note: at the foot.

    Returns:
        The figure.
    """
    policy, months = str(series["policy"].iloc[0]), int(series["month"].max())
    unshared: dict[str, Any] = {"share_x": False, "share_y": False}
    with drawing():
        figure, axes = panels(6, label(title), columns=3, size=(4.2, 3.1), **unshared)
        stay, created, network, captured, tensions, effort = axes
        stay.step(series["month"], series["n_members"], where="post", color=POLICY, lw=2.2)
        stay.set(title="Members", ylabel="members", ylim=(0, None))
        mark_months(stay, months, grant)
        for ax, kind, unit in ((created, "created", "value per founder/month"), (captured, "captured", "value/month")):
            plot_by_sector(series, policy, kind, ax, grant)
            ax.set(title=f"Value {kind} by sector", ylabel=unit)
        plot_tensions(series, policy, tensions, grant)
        tensions.set(title="Tensions", ylabel="0 to 1")
        plot_effort(series, policy, effort, grant)
        effort.set(title="The orchestrator's effort", ylabel="effort/month")
        plot_network(members, ties, network)
        network.set_title(f"Members and ties in month {months}")
        for ax in (stay, created, captured, tensions, effort):
            ax.set_xlabel("month")
        legends = [
            with_grant(*created.get_legend_handles_labels())._replace(heading="sectors"),
            legend_of(tensions, "tensions"),
            _used_efforts(series, effort),
        ]
        return finish(figure, f"{note}; network: {NETWORK}", legends)


def network_figure(members: "pd.DataFrame", ties: "pd.DataFrame", title: str, months: int, note: str) -> "Figure":
    """Draw the network at the end of one run, with the members' names.

    Args:
        members: a row per partner, in the last month, with ``name``.
        ties: a row per pair that was matched: member, other.
        title: of the figure.
        months: the last month.
        note: at the foot.

    Returns:
        The figure.
    """
    with drawing():
        figure, (ax,) = panels(1, f"{label(title)}: members and ties in month {months}", size=(8.0, 7.6), width=8.0)
        plot_network(members, ties, ax, named=True)
        return finish(figure, f"{note}; {NETWORK}", [legend_of(ax)])


def _used_efforts(means: "pd.DataFrame", ax: "Axes") -> Legend:
    """Make a legend of the mechanisms that were used, and the budget."""
    used = {EFFORTS[k][0] for k in EFFORTS if k == "effort_idle" or means[k].max() > 0} | {"budget"}
    pairs = [pair for pair in zip(*ax.get_legend_handles_labels(), strict=True) if pair[1] in used]
    return Legend([handle for handle, _ in pairs], [str(name) for _, name in pairs], "effort")
