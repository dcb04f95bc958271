"""The report of a comparison: from the tables in its folder to the sections of a page."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import yaml

from sim.analysis.paired import means
from sim.analysis.robustness import DECIDING, pareto
from sim.config.yaml import load_plain
from sim.core.errors import InputError
from sim.model.outcomes.summary import SUMMARY
from sim.storage.results import read_table, sha256, write_csv
from sim.studies.report.page import Page, Section, as_table
from sim.studies.report.staying import staying
from sim.studies.report.words import answer
from sim.viz.figures import report as figures
from sim.viz.save import save_figure

NEEDED = ("config.yaml", "summary.parquet", "events.parquet", "founders.csv", "differences.csv", "retention_cost.csv")
METHOD = (
    "Differences are in the same worlds, with 95 % intervals by the studentised bootstrap (Student's t below 20 worlds); "
    "verdicts are corrected for all of them together (Holm). 'Better in' is the share of worlds in which the policy does "
    "better, ties half. 'More worlds' would decide with a chance of four in five, if the difference is what it seems."
)


def build(folder: Path, place: Path) -> Page:
    """Make the page of a folder that ``compare`` wrote; tables and figures of its own go to ``place``.

    Raises:
        InputError: if the folder lacks what a report needs.
    """
    for name in NEEDED:
        if not (folder / name).is_file():
            raise InputError(
                f"{folder}: has no {name}: it is no comparison, or an older one; partnership compare makes one"
            )
    manifest, config, tables = _all(folder)
    summary, gaps = tables["summary"], tables["differences"]
    names = [str(n) for n in summary["policy"].unique()]
    base = str(gaps["baseline"].iloc[0]) if len(gaps) else names[0]
    worlds, partners = int(config["replications"]), int(config["scenario"]["size"]["partners"])
    note = f"{config['scenario']['title']}, {worlds} worlds from seed {config['seed']}, configuration {manifest['key']}"
    place.mkdir(exist_ok=True)
    sections = [
        *_outcomes(summary, gaps, folder, note),
        *_region(tables.get("region")),
        *staying(tables, config, names, base, place, note),
        *_giving(summary, gaps, tables["retention_cost"], base, place, note),
        *_pictures(folder, note),
    ]
    facts = {
        "Case": f"{config['scenario']['title']}: {partners} partners, {config['months']} months",
        "Policies": ", ".join(names).replace("_", " "),
        "Replications": f"{worlds}, seeds {config['seed']} to {config['seed'] + worlds - 1}, the same for every policy",
        "Command": manifest["command"],
        "Configuration": f"{manifest['key']} (config.yaml beside this page)",
        "Versions": ", ".join(f"{k} {v}" for k, v in manifest["versions"].items()),
        "Intervals": METHOD,
        "What it is": "What a model says, loosely calibrated and wrong in known ways (docs/validation.md); no forecast.",
    }
    return Page(
        title=f"{config['scenario']['title']}: {f'{len(names)} ways' if len(names) > 1 else 'one way'} of governing",
        question="Which of these ways of governing keeps partners, at what price, and how sure is that?",
        answer=answer(summary, gaps, tables.get("region"), tables["retention_cost"], base, partners),
        sections=sections,
        facts=facts,
    )


def _all(folder: Path) -> tuple[dict[str, Any], dict[str, Any], dict[str, pd.DataFrame]]:
    """Read manifest, configuration and tables; whatever is damaged is said to be so."""
    names = [n for n in (*NEEDED[1:], "region.csv") if (folder / n).is_file()]
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        config = load_plain((folder / "config.yaml").read_text(encoding="utf-8"))
        written = manifest.get("sha256", {})  # none in folders of older versions
        changed = [n for n in (NEEDED[0], *names) if n in written and sha256(folder / n) != written[n]]
        if changed:
            raise ValueError(f"{changed[0]} was changed after compare wrote it")
        tables = {n.partition(".")[0]: _read(folder / n) for n in names}
        wanted = len(tables["summary"]["policy"].unique()) - 1
        if tables["differences"]["policy"].nunique() != wanted or config["replications"] * (wanted + 1) != len(
            tables["summary"]
        ):
            raise ValueError("tables do not belong together")
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError, duckdb.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{folder}: is damaged ({reason}); make the comparison again") from error
    return manifest, config, tables


def _read(path: Path) -> pd.DataFrame:
    return read_table(path) if path.suffix == ".parquet" else pd.read_csv(path)


def _outcomes(summary: pd.DataFrame, gaps: pd.DataFrame, folder: Path, note: str) -> list[Section]:
    average = means(summary, [o.name for o in SUMMARY if summary[o.name].notna().any()]).reset_index()
    columns = {o.name: (f"{o.name.replace('_', ' ')} ({o.unit})", ".3g") for o in SUMMARY if o.name in average}
    table = as_table("Mean of each outcome over worlds", average, {"policy": ("policy", "")} | columns)
    data = [n for n in ("summary.parquet", "means.csv", "differences.csv") if (folder / n).is_file()]
    if gaps.empty:
        return [Section("Outcomes", tables=[table], data=data[:2])]
    shown = gaps[gaps["outcome"].isin(DECIDING)].assign(outcome=lambda t: t["outcome"].str.replace("_", " "))
    compared = as_table("Differences in the outcomes that a choice turns on", shown, {
        "policy": ("policy", ""), "outcome": ("outcome", ""), "difference": ("difference", "+.3g"), "low": ("from", "+.3g"),
        "high": ("to", "+.3g"), "effect": ("effect size (d)", "+.2f"), "better": ("better in", ".0%"),
        "verdict": ("verdict", ""), "more_worlds": ("more worlds", ",.0f"), "saving": ("independent worlds for one", ".1f"),
    })  # fmt: skip
    picture = folder / "differences.png"
    says = f"Differences to {gaps['baseline'].iloc[0]} in the same worlds, with 95 % intervals. {note}."
    return [
        Section(
            "Differences",
            [METHOD],
            picture if picture.is_file() else None,
            says,
            [compared, table],
            data,
        )
    ]


def _region(region: pd.DataFrame | None) -> list[Section]:
    if region is None:
        return []
    shown = region[region["outcome"].isin(DECIDING)].assign(
        clear=lambda t: (
            t["higher"].astype(str)
            + " higher, "
            + t["lower"].astype(str)
            + " lower of "
            + t["parameter_sets"].astype(str)
        ),
        outcome=lambda t: t["outcome"].str.replace("_", " "),
    )
    table = as_table("Difference to the baseline over settings", shown, {
        "policy": ("policy", ""), "outcome": ("outcome", ""), "median": ("median", "+.3g"), "q05": ("nine in ten from", "+.3g"),
        "q95": ("to", "+.3g"), "clear": ("significantly", ""),
    })  # fmt: skip
    words = (
        "Many numbers of the model are not measured. The comparison was repeated in settings that agree, in the neutral reference, "
        "with two known facts on how partners stay; in other cases they need not. Where a policy does better in most of them, the "
        "answer does not hang on one guess. Up and down count settings whose own 95 % interval excludes 0."
    )
    return [
        Section("How much hangs on what is not known", [words], tables=[table], data=("region.csv", "by_setting.csv"))
    ]


def _giving(
    summary: pd.DataFrame, gaps: pd.DataFrame, cost: pd.DataFrame, base: str, place: Path, note: str
) -> list[Section]:
    average = means(summary, list(DECIDING))
    front = pareto(average, DECIDING)
    save_figure(
        figures.tradeoff_figure(average, "retention", front, f"{note}; hollow: beaten"), place / "tradeoffs", note
    )
    table = average.reset_index().assign(beaten=["" if kept else "beaten" for kept in front])
    table = table.merge(cost[["policy", "kept", "cost", "low", "high"]], on="policy", how="left")
    write_csv(table, place / "tradeoffs.csv")
    shown = as_table("What a choice turns on (means)", table, {
        "policy": ("policy", ""), "retention": ("staying", ".0%"), "private_value": ("private value", ".1f"),
        "private_fairness": ("fairness between sectors", ".2f"), "society_value": ("value for society", ".1f"),
        "effort_spent": ("effort", ".0f"), "beaten": ("", ""), "kept": (f"more partners than {base}", "+.1f"),
        "cost": ("effort per partner kept", ".1f"), "low": ("from", ".1f"), "high": ("to", ".1f"),
    })  # fmt: skip
    words = (
        "A policy is beaten (hollow) where another is at least as good in staying, private value, its fairness between sectors, "
        "value for society and effort, and better in one. Effort per partner kept is a dash where it is not clear that any is."
    )
    says = f"Founders staying beside value for society, private value and effort. {note}."
    return [
        Section(
            "What each gives, and takes",
            [words],
            place / "tradeoffs.png",
            says,
            [shown],
            [f"{place.name}/tradeoffs.csv"],
        )
    ]


def _pictures(folder: Path, note: str) -> list[Section]:
    """Show the figures that the comparison has made."""
    titles = {
        "retention": "Members month by month",
        "value_created": "Collective value, by sector",
        "value_captured": "Private value, by sector",
        "tension_and_effort": "Tensions and effort",
    }
    return [
        Section(
            title,
            (),
            folder / f"{name}.png",
            f"{title}: means of worlds. {note}.",
            data=[n for n in ("series.parquet",) if (folder / n).is_file()],
        )
        for name, title in titles.items()
        if (folder / f"{name}.png").is_file()
    ]
