"""The report of a comparison: read back from its folder, or straight from ``sim.compare``."""

import dataclasses
import math
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
from sim.core.numbers import number_text
from sim.model.outcomes import outcome_named, remember
from sim.storage.folders import check_files, read_manifest
from sim.storage.results import read_table, versions
from sim.studies.compare_text import held_and_varied, turning_lines
from sim.studies.identity import Identity
from sim.studies.more_budget import warning_lines
from sim.studies.report.changes import NOT_A_FORECAST, headline, noise_table, range_table
from sim.studies.report.options import options_of
from sim.studies.report.page import Page, Section, Table, as_table
from sim.studies.report.retention import retention_sections
from sim.studies.report.terms import outcome_words, own_words
from sim.studies.report.words import at_own_values
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

RANGE = (
    "Many parameters of the model are not measured, so the comparison was repeated over other values of them. Each cell says in how "
    "many of the {n} plausible parameter sets the difference to {base} is above 0 or below; then the median of the differences and, "
    "in brackets, the range in which nine in ten of them lie. The range is what is not known, which more runs do not make "
    "smaller; as each set has {each} runs of each policy, a part of it is noise. The noise by itself stands further down."
)
NOISE = (
    "This is at the scenario's own parameter values. The numbers in brackets are 95 % intervals on the same seeds: noise, "
    "which more runs make as small as you like. They say nothing about parameters; the range does."
)
METHOD = (
    "Paired differences on the same seeds; intervals by the studentised bootstrap (Student's t below 20 replications); verdicts "
    "Holm-corrected over all comparisons. Every difference with its effect size, and how many replications would decide it, is in "
    "differences.csv."
)


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
    config = comparison.config
    title, partners = config["scenario"]["title"], int(config["scenario"]["size"]["partners"])
    n, first = comparison.replications, comparison.seeds[0]
    sections = [
        *_range(comparison),
        *_noise(comparison, folder),
        *retention_sections(comparison),
        *_choice(comparison),
        *_more_budget(comparison, folder),
        *_members(comparison, folder),
        *_monthly(comparison, folder),
        *_varied(comparison, folder),
        *_outcomes(comparison, folder),
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
        "What it is": NOT_A_FORECAST,
    }
    return Page(
        title=comparison.title,
        question="Which policy retains partners, what does it cost, and how sure is that?",
        answer=[*_answer(comparison), *warning_lines(comparison.tables.get("more_budget")), NOT_A_FORECAST],
        sections=[dataclasses.replace(s, note=_note(comparison, s)) for s in sections],
        facts=facts,
        options=options_of(comparison),
        words=own_words(comparison.named_outcomes),
    )


def _note(comparison: "Comparison", section: Section) -> str:
    """Say what the numbers of a figure are; only one shows the range too."""
    return comparison.note if section.file == "differences" else comparison.noise_note


def _answer(comparison: "Comparison") -> list[str]:
    """Answer by the range, or else by what is known: the scenario's own parameter values."""
    lines = headline(comparison) if "region" in comparison.tables and not comparison.differences.empty else []
    if lines:
        return lines
    unknown = "What is not known about the parameters is not in these numbers: compare with region=16."
    return [*_at_own_values(comparison), unknown]


def _at_own_values(comparison: "Comparison") -> list[str]:
    partners = int(comparison.config["scenario"]["size"]["partners"])
    cost = comparison.effort_per_member_retained
    return at_own_values(comparison.summary, comparison.differences, cost, comparison.baseline, partners)


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


def _range(comparison: "Comparison") -> list[Section]:
    """Show what each policy changes over what is not known: parameter sets, and structures."""
    tables, base = comparison.tables, label(comparison.baseline)
    if comparison.differences.empty or not comparison.is_repeated:
        return []
    shown, words = [], []
    if "region" in tables:
        n = int(tables["region"]["parameter_sets"].max())
        words.append(RANGE.format(n=n, base=base, each=comparison.region_replications))
        shown.append(range_table(comparison, "region", f"Difference to {base} over {n} plausible parameter sets"))
    if "structures" in tables:
        n = int(tables["structures"]["structures"].max())
        caption = (
            f"Difference to {base} under {n} other structures of the model, one at a time, with lowest and highest"
        )
        shown.append(range_table(comparison, "structures", caption))
    return [Section("What each policy changes: the range", words, tables=shown)]


def _noise(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Show the differences at the scenario's own parameter values, with their noise, and range beside noise as a figure."""
    if comparison.differences.empty:
        return []
    base, files = label(comparison.baseline), _files(folder, "differences.csv", "means.csv", "summary.parquet")
    table = noise_table(comparison, f"Difference to {base} at the scenario's own parameter values")
    words = [NOISE, *(_at_own_values(comparison) if "region" in comparison.tables else ())]
    says = f"Differences to {base}, range and noise apart."
    figure = _figure(comparison, "differences", folder)
    return [Section("At the scenario's own values: the noise", words, figure, "differences", says, [table], files)]


def _varied(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Say what is varied over the plausible region, what is held, and where answers turn round."""
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
        f"The comparison was repeated over parameter sets of the plausible region: {agree}. It was also repeated under the other "
        "forms that theory leaves open, one at a time. Where a policy does better in most of them, the answer does not depend on "
        "one guess.",
        *(line.strip() for line in turning_lines(tables.get("turning_points"), comparison.named_outcomes)),
        " ".join(line.strip() for line in held_and_varied(comparison)),
    ]
    names = ("region", "by_parameter_set", "turning_points", "region_parameters", "structures", "by_structure")
    return [Section("What was varied", words, data=_files(folder, *(f"{name}.csv" for name in names)))]


def _outcomes(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Show the mean of every outcome, a few policies beside each other."""
    summary = comparison.summary
    outcomes = [o for name in summary if (o := outcome_named(str(name)))]
    average = means(summary, [o.name for o in outcomes if summary[o.name].notna().any()])
    units = {o.name: o.unit for o in outcomes}
    names = [str(name) for name in average.index]
    tables = []
    across = math.ceil(len(names) / math.ceil(len(names) / ACROSS))  # blocks of one size, as far as can be
    for k in range(0, len(names), across):
        block = names[k : k + across]
        rows = []
        for outcome in average:
            unit, values = units[str(outcome)], average[outcome].loc[block]
            head = outcome_words(str(outcome)) + (f" ({unit})" if unit not in ("", "1") else "")
            rows.append([head, *(number_text(value, _digits(average[outcome].abs().max())) for value in values)])
        tables.append(Table("Mean of each outcome over replications", ["outcome", *map(label, block)], rows))
    return [Section("All outcomes", tables=tables, data=_files(folder, "means.csv", "summary.parquet"))]


def _digits(largest: float) -> str:
    """Give the format with three digits of the largest number of a row."""
    return f".{min(4, max(0, 2 - math.floor(math.log10(largest)))) if largest > 0 else 0}f"


def _choice(comparison: "Comparison") -> list[Section]:
    average = means(comparison.summary, list(DECIDING))
    front = pareto(average, DECIDING)
    table = average.reset_index().assign(dominated=["" if best else "dominated" for best in front])
    cost = comparison.effort_per_member_retained[["policy", "retained", "effort_per_member", "low", "high"]]
    table = table.merge(cost, on="policy", how="left")
    price = [
        f"{row['effort_per_member']:.0f}\n({row['low']:.0f} to {row['high']:.0f})"
        if row["effort_per_member"] == row["effort_per_member"]
        else "–"
        for row in table.to_dict("records")
    ]
    shown = as_table("Outcomes that matter for a choice: means at the scenario's own parameter values", table.assign(price=price), {
        "policy": ("policy", ""), "retention": ("founders retained", ".0%"), "private_value": ("private value", ".1f"),
        "private_fairness": ("fairness between sectors", ".2f"), "society_value": ("value for society", ".1f"),
        "effort_spent": ("effort", ".0f"), "dominated": ("", ""), "retained": ("additional members retained", "+.1f"),
        "price": ("effort per additional member retained", "s"),
    })  # fmt: skip
    words = (
        "Hollow marks are dominated: another policy is at least as good in founders retained, private value, fairness between sectors, value "
        "for society and effort, and better in one. This is by means at the scenario's own values; under Options it is over the range."
    )
    note = comparison.noise_note
    return [
        Section(
            "Trade-offs",
            [words],
            lambda: figures.tradeoff_figure(average, "retention", front, note),
            "tradeoffs",
            "Retention with value for society, private value and effort.",
            [shown],
            {"tradeoffs.csv": table},
        )
    ]


def _more_budget(comparison: "Comparison", folder: Path | None) -> list[Section]:
    """Show what half, and one and a half times, the budget changes under each policy."""
    table = comparison.tables.get("more_budget")
    if table is None or table.empty:
        return []
    rows = table[table["does"].isin(["harm", "good"])]
    step = [f"{row['less']:g} to {row['more']:g}" for row in rows.to_dict("records")]
    outcome = [outcome_words(str(name)) for name in rows["outcome"]]
    shown = as_table("Where more of the budget clearly changes something, on the same seeds", rows.assign(step=step, outcome=outcome), {
        "policy": ("policy", ""), "step": ("times the budget", "s"), "outcome": ("outcome", "s"), "does": ("does", ""),
        "before": ("before", ".3g"), "difference": ("difference", "+.2g"), "low": ("from", "+.2g"), "high": ("to", "+.2g"),
    })  # fmt: skip
    words = (
        "Each policy was also tried with half, and with one and a half times, the budget, on the same seeds at the scenario's own parameter "
        "values. 'Harm' and 'good' stand where the verdict is decided (Holm-corrected over this table) and the whole 95 % interval is beyond "
        "a fiftieth of the mean before; other steps are in more_budget.csv. For other doses, and other things than the budget: partnership dose."
    )
    return [
        Section(
            "More of the budget", [words], tables=[shown] if len(rows) else [], data=_files(folder, "more_budget.csv")
        )
    ]


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
    says = f"Members still there after month {months}, by sector and policy."
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
            says=f"{title}: means over replications.",
            data=_files(folder, "series.parquet"),
        )
        for name, title in titles.items()
        if (figure := _figure(comparison, name, folder)) is not None
    ]
