"""The report of a comparison: read back from its folder, or straight from ``sim.compare``."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import yaml

from sim.analysis.paired import means
from sim.analysis.robustness import DECIDING, pareto
from sim.config.yaml import load_plain
from sim.core.errors import InputError
from sim.model.outcomes import outcome_named, remember
from sim.storage.folders import check_files, read_manifest
from sim.storage.results import read_table, versions
from sim.studies.compare_text import held_and_varied, turning_lines
from sim.studies.identity import Identity
from sim.studies.more_budget import warning_lines
from sim.studies.report.options import options_of
from sim.studies.report.page import Page, Section, Table, as_table
from sim.studies.report.retention import retention_sections
from sim.studies.report.words import answer
from sim.viz.figures import report as figures
from sim.viz.style import label

if TYPE_CHECKING:
    from sim.studies.compare import Comparison

NEEDED = (
    *("config.yaml", "summary.parquet", "events.parquet", "founders.csv", "means.csv", "differences.csv"),
    "effort_per_member_retained.csv",
)
REPEATED = (
    *("region.csv", "by_parameter_set.csv", "turning_points.csv", "region_parameters.csv", "parameter_sets.csv"),
    *("region_runs.parquet", "structures.csv", "by_structure.csv", "structure_runs.parquet"),
)
ACROSS = 6
"""Most policies beside each other in a table, so that it fits on paper."""

METHOD = (
    "Differences are on the same seeds (common random numbers), with 95 % intervals by the studentised bootstrap "
    "(Student's t below 20 replications). Verdicts are Holm-corrected over all comparisons of the table. 'Better in' is "
    "the share of runs in which the policy does better; ties count half. 'More replications' is how many would decide "
    "with a chance of four in five, if the difference is what it seems."
)
CAVEAT = "These are results of a model that is loosely calibrated and wrong in known ways (docs/validation.md), not a forecast."


def load_comparison(folder: Path) -> "Comparison":
    """Read a comparison back from the folder that ``compare`` saved, without its series.

    Raises:
        InputError: if the folder holds no comparison, or is damaged.
    """
    from sim.studies.compare import Comparison

    manifest = read_manifest(folder)
    for name in NEEDED:
        if name not in manifest["files"]:
            raise InputError(f"{folder}: has no {name}, so it holds no comparison; partnership compare makes one")
    check_files(folder, manifest, [name for name in manifest["files"] if not name.startswith("report")])
    names = [n for n in (*NEEDED[1:], *REPEATED, "members_fates.csv", "more_budget.csv") if n in manifest["files"]]
    try:
        config = load_plain((folder / "config.yaml").read_text(encoding="utf-8"))
        tables = {n.partition(".")[0]: _read(folder / n) for n in names}
        summary, n_policies = tables["summary"], tables["summary"]["policy"].nunique()
        replications = len(config.get("seeds", ())) or int(config["replications"])
        if tables["differences"]["policy"].nunique() != n_policies - 1 or replications * n_policies != len(summary):
            raise ValueError("the tables do not belong together")
        first, n = manifest["first_seed"], manifest["n_seeds"]
        identity = Identity(config, (), manifest["model"], manifest["policies"], manifest["key"])
        comparison = Comparison(tables, identity, tuple(range(first, first + n)), manifest["command"])
        str(comparison.config["scenario"]["title"])
        remember(config.get("own_outcomes"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError, duckdb.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{folder}: is damaged ({reason}); make the comparison again") from error
    return comparison


def comparison_page(comparison: "Comparison", folder: Path | None = None) -> Page:
    """Give the page of a comparison; its figures are drawn when the page is finished.

    Args:
        comparison: with or without its series.
        folder: where it is saved, whose figures and tables the page then shows and links to.
    """
    summary, gaps, cost = comparison.summary, comparison.differences, comparison.effort_per_member_retained
    config, base = comparison.config, comparison.baseline
    title, partners = config["scenario"]["title"], int(config["scenario"]["size"]["partners"])
    n, first = comparison.replications, comparison.seeds[0]
    sections = [
        *_region(comparison, folder),
        *_outcomes(comparison, folder),
        *retention_sections(comparison),
        *_choice(comparison),
        *_more_budget(comparison, folder),
        *_members(comparison, folder),
        *_monthly(comparison, folder),
    ]
    made_with = versions() if folder is None else _versions(folder)
    facts = {
        "Scenario": f"{title}: {partners} partners, {config['months']} months",
        "Policies": ", ".join(comparison.policies).replace("_", " "),
        "Replications": f"{n} of each policy, from seed {first}; every policy has the same seeds",
        "Made by": comparison.call,
        "Configuration": comparison.key + (" (config.yaml beside this page)" if folder else ""),
        "Model": comparison.identity.model,
        "Versions": ", ".join(f"{k} {v}" for k, v in made_with.items()),
        "Statistics": METHOD,
        "What it is": CAVEAT,
    }
    around = comparison.tables if "region_parameters" in comparison.tables else None
    return Page(
        title=comparison.title,
        question="Which policy retains partners, what does it cost, and how sure is that?",
        answer=[
            *answer(summary, gaps, around, cost, base, partners, comparison.named_outcomes),
            *warning_lines(comparison.tables.get("more_budget")),
        ],
        sections=sections,
        facts=facts,
        options=options_of(comparison),
    )


def _versions(folder: Path) -> dict[str, str]:
    return dict(read_manifest(folder)["versions"])


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return read_table(path)
    return pd.read_csv(path, keep_default_na=False, na_values=[""])  # a member may be called NA


def _files(folder: Path | None, *names: str) -> Mapping[str, None]:
    """Name the files that the folder has."""
    return {name: None for name in names if folder is not None and (folder / name).is_file()}


def _figure(comparison: "Comparison", name: str, folder: Path | None) -> Any:
    """Give a figure of the comparison: the folder's file, or a function that draws it."""
    if folder is not None:
        return folder / f"{name}.png" if (folder / f"{name}.png").is_file() else None
    return comparison.draw().get(name)


def _outcomes(comparison: "Comparison", folder: Path | None) -> list[Section]:
    summary, gaps = comparison.summary, comparison.differences
    outcomes = [o for name in summary if (o := outcome_named(str(name)))]
    average = means(summary, [o.name for o in outcomes if summary[o.name].notna().any()])
    heads = {o.name: o.name.replace("_", " ") + (f" ({o.unit})" if o.unit not in ("", "1") else "") for o in outcomes}
    rows = average.T.rename(index=heads).reset_index(names="outcome")
    names = [str(name) for name in average.index]
    blocks = [names[k : k + ACROSS] for k in range(0, len(names), ACROSS)]
    averages = [
        as_table("Mean of each outcome over replications", rows, {"outcome": ("outcome", "s")} | {
            name: (label(name), ".3g") for name in block
        })
        for block in blocks
    ]  # fmt: skip
    files = _files(folder, "summary.parquet", "means.csv", "differences.csv")
    if gaps.empty:
        return [Section("Outcomes", tables=averages, data=files)]
    wanted = [*DECIDING, *comparison.named_outcomes]
    shown = gaps[gaps["outcome"].isin(wanted)].assign(outcome=lambda t: t["outcome"].str.replace("_", " "))
    compared = as_table("Differences in the outcomes that matter for a choice", shown, {
        "policy": ("policy", ""), "outcome": ("outcome", ""), "difference": ("difference", "+.3g"), "low": ("from", "+.3g"),
        "high": ("to", "+.3g"), "effect": ("effect size (d)", "+.2f"), "better": ("better in", ".0%"),
        "verdict": ("verdict", ""), "more_replications": ("more replications", ",.0f"),
        "saving": ("saved by common random numbers (times)", ".1f"),
    })  # fmt: skip
    says = f"Differences to {comparison.baseline} on the same seeds, with 95 % intervals. {comparison.note}."
    figure = _figure(comparison, "differences", folder)
    return [Section("Differences", [METHOD], figure, "differences", says, [compared, *averages], files)]


def _region(comparison: "Comparison", folder: Path | None) -> list[Section]:
    tables = comparison.tables
    if "region_parameters" not in tables or comparison.differences.empty:
        return []
    own = comparison.config.get("region_from")
    agree = (
        f"those of {own}, which agree with the data that it was calibrated on"
        if own
        else "in the neutral reference they agree with the calibration data; in another scenario they may not"
    )
    words = [
        "Many parameters of the model are not measured. The comparison was repeated over parameter sets of the plausible region: "
        f"{agree}. It was also repeated under the other forms that theory leaves open, one at a time. Where a policy does better in "
        "most of them, the answer does not depend on one guess. Here significant means that the 95 % interval of one parameter "
        "set excludes 0: that is about the noise of seeds.",
        *(line.strip() for line in turning_lines(tables.get("turning_points"), comparison.named_outcomes)),
        " ".join(held_and_varied(comparison)),
    ]
    shown = [
        _spread(comparison, name, heading, ends, column)
        for name, heading, ends, column in (
            ("region", "over the plausible region", ("q05", "q95"), "parameter_sets"),
            ("structures", "under other structures of the model", ("least", "most"), "structures"),
        )
        if name in tables
    ]
    names = ("region", "by_parameter_set", "turning_points", "region_parameters", "structures", "by_structure")
    return [Section("What is not known", words, tables=shown, data=_files(folder, *(f"{name}.csv" for name in names)))]


def _spread(comparison: "Comparison", name: str, heading: str, ends: tuple[str, str], column: str) -> Table:
    """Show the differences over parameter sets or structures."""
    wanted = [*DECIDING, *comparison.named_outcomes]
    table = comparison.tables[name]
    rows = table[table["outcome"].isin(wanted)].assign(outcome=lambda t: t["outcome"].str.replace("_", " "))
    low = "nine in ten from" if ends[0] == "q05" else "lowest"
    return as_table(f"Difference to {comparison.baseline} {heading}", rows, {
        "policy": ("policy", ""), "outcome": ("outcome", ""), "median": ("median", "+.3g"), ends[0]: (low, "+.3g"),
        ends[1]: ("to" if ends[0] == "q05" else "highest", "+.3g"), "more": ("more in", ".0f"), "less": ("less in", ".0f"),
        column: (f"of {column.replace('_', ' ')}", ".0f"), "higher": ("significantly more in", ".0f"),
        "lower": ("significantly less in", ".0f"),
    })  # fmt: skip


def _choice(comparison: "Comparison") -> list[Section]:
    average = means(comparison.summary, list(DECIDING))
    front = pareto(average, DECIDING)
    table = average.reset_index().assign(dominated=["" if best else "dominated" for best in front])
    cost = comparison.effort_per_member_retained[["policy", "retained", "effort_per_member", "low", "high"]]
    table = table.merge(cost, on="policy", how="left")
    shown = as_table("Outcomes that matter for a choice (means)", table, {
        "policy": ("policy", ""), "retention": ("retention", ".0%"), "private_value": ("private value", ".1f"),
        "private_fairness": ("fairness between sectors", ".2f"), "society_value": ("value for society", ".1f"),
        "effort_spent": ("effort", ".0f"), "dominated": ("", ""), "retained": (f"additional members retained, to {comparison.baseline}", "+.1f"),
        "effort_per_member": ("effort per additional member retained", ".1f"), "low": ("from", ".1f"), "high": ("to", ".1f"),
    })  # fmt: skip
    words = (
        "A policy is dominated (hollow) where another is at least as good in retention, private value, its fairness between sectors, "
        "value for society and effort, and better in one. Effort per additional member retained is a dash where it is not certain "
        "that any is."
    )
    note = comparison.note
    return [
        Section(
            "Trade-offs",
            [words],
            lambda: figures.tradeoff_figure(average, "retention", front, note),
            "tradeoffs",
            f"Retention with value for society, private value and effort. {comparison.note}.",
            [shown],
            {"tradeoffs.csv": table},
        )
    ]


def _more_budget(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Show what half, and one and a half times, the budget changes under each policy."""
    table = comparison.tables.get("more_budget")
    if table is None or table.empty:
        return []
    rows = table.assign(step=[f"{row['less']:g} to {row['more']:g}" for row in table.to_dict("records")])
    shown = as_table("What more of the budget changes, on the same seeds", rows, {
        "policy": ("policy", ""), "step": ("times the budget", "s"), "outcome": ("outcome", ""), "before": ("before", ".3g"),
        "difference": ("difference", "+.3g"), "low": ("from", "+.3g"), "high": ("to", "+.3g"), "verdict": ("verdict", ""),
        "does": ("does", ""),
    })  # fmt: skip
    words = (
        "Each policy was also tried with half, and with one and a half times, the budget, on the same seeds at the scenario's own parameter "
        "values. 'Harm' and 'good' stand where the verdict is decided (Holm-corrected over this table) and the whole 95 % interval is beyond "
        "a fiftieth of the mean before. For other doses, and other things than the budget: partnership dose."
    )
    return [Section("More of the budget", [words], tables=[shown], data=_files(folder, "more_budget.csv"))]


def _members(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Show what becomes of the members that have names."""
    fates = comparison.tables.get("members_fates")
    if fates is None:
        return []
    base, months = comparison.baseline, comparison.config["months"]
    cells = fates.assign(share=[_share(row) for row in fates.to_dict("records")], reason=fates["reason"].fillna(""))
    rows = cells[cells["policy"] == base].set_index("member")[["name", "sector", "private_value", "reason"]]
    for policy in comparison.policies:
        rows[f"under {policy}"] = cells[cells["policy"] == policy].set_index("member")["share"]
    under = {f"under {p}": (f"there under {p}".replace("_", " "), "s") for p in comparison.policies}
    table = as_table(f"Each member: share of runs in which it is still there after month {months}", rows.reset_index(), {
        "name": ("member", "s"), "sector": ("sector", ""), **under, "reason": (f"leaves mostly ({base})", ""),
        "private_value": (f"private value ({base})", ".1f"),
    })  # fmt: skip
    words = (
        "The share of runs in which each member is still there, with 95 % intervals over runs: how sure the numbers of this model are "
        "at so many runs, not how sure the model is. What the roster does not say of a member is drawn from its sector, so members of "
        "whom nothing else is known differ by chance alone. 'Known': the roster says when it leaves."
    )
    says = f"Members still there after month {months}, by sector and policy. {comparison.note}."
    figure = _figure(comparison, "members", folder)
    return [Section("Members by name", [words], figure, "members", says, [table], _files(folder, "members_fates.csv"))]


def _share(fate: Mapping[Any, Any]) -> str:
    """Write a share of runs with its interval; a dash where it is not defined."""
    if fate["retention"] != fate["retention"]:
        return "–"
    return f"{fate['retention']:.0%} ({fate['retention_low']:.0%} to {fate['retention_high']:.0%})"


def _monthly(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Show the comparison's own figures, month by month."""
    titles = {
        "retention": "Members, month by month",
        "value_created": "Collective value, by sector",
        "value_captured": "Private value, by sector",
        "tension_and_effort": "Tensions and effort",
    }
    titles |= {
        name: label(name).capitalize() for name in comparison.figures if name not in (*titles, "differences", "members")
    }
    return [
        Section(
            title,
            figure=figure,
            file=name,
            says=f"{title}: means over replications. {comparison.note}.",
            data=_files(folder, "series.parquet"),
        )
        for name, title in titles.items()
        if (figure := _figure(comparison, name, folder)) is not None
    ]
