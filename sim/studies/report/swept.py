"""The report of a sweep: from its folder to the sections of a page."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.means import MANY
from sim.analysis.paired import differences
from sim.analysis.regimes import regimes
from sim.analysis.robustness import BETTER, DECIDING, robustness
from sim.analysis.scenario_discovery import dimensions, outcome_of_runs
from sim.core.errors import InputError
from sim.storage.results import write_csv
from sim.studies.report.page import Page, Section, Table, as_table
from sim.sweeps.results import Sweep, load
from sim.viz.figures.report import regimes_figure
from sim.viz.save import save_figure

UNFINISHED = (
    "This sweep is not done: what follows rests on the runs that are there (`partnership sweep folder=...` goes on)."
)
PER = "private_value", "private_fairness", "society_value"


def build(folder: Path, place: Path) -> Page:
    """Make the page of a sweep's folder; tables and figures of its own go to ``place``.

    Raises:
        InputError: if the sweep has no runs.
    """
    found = load(folder)
    counts = found.sql("SELECT count(*) AS runs, count(DISTINCT seed) AS worlds FROM runs").iloc[0]
    if not counts["runs"]:
        raise InputError(f"{folder} has no runs yet; partnership sweep folder={folder} goes on")
    runs, varying = _runs(found)
    note = f"{found.config['name']}, {counts['runs']:,} runs, model {found.model}"
    place.mkdir(exist_ok=True)
    compared, lines = _policies(runs, varying, place) if runs["policy"].nunique() > 1 else ([], [])
    mapped, said = _maps(runs, varying, place, note) if runs["policy"].nunique() > 1 and len(varying) > 1 else ([], [])
    n_failed = int(found.sql("SELECT count(*) AS n FROM failures")["n"][0])
    planned = found.design["point"].nunique() * max(len(found.config["experiment"]["policies"]), 1)
    lacking = planned - len(runs.groupby(["policy", "point"]))
    waiting = [] if (folder / "points.parquet").is_file() and lacking <= 0 else [UNFINISHED]
    facts = {
        "Design": f"{runs['point'].nunique():,} points of {', '.join(varying) or 'nothing that varies'}",
        "Runs": f"{counts['runs']:,}, in {counts['worlds']:,} worlds (seeds); {n_failed} failed.",
        "Policies": ", ".join(dict.fromkeys(found.policies)).replace("_", " "),
        "Commands": "; ".join(found.commands),
        "Model": found.model,
        "Versions": ", ".join(f"{k} {v}" for k, v in _versions(folder).items()),
        "Intervals": "Means of points or worlds, 95 %: studentised bootstrap, Student's t below 20; verdicts by Holm's correction.",
        "What it is": "What a model says, loosely calibrated and wrong in known ways (docs/validation.md); no forecast.",
    }
    return Page(
        title=f"Experiment: {found.config['name'].replace('_', ' ')}",
        question=found.question or "No question was given.",
        answer=[*waiting, *lines, *said] or ["One policy was simulated; the tables and figures below say what varies."],
        sections=[*_figures(found, folder, note), *compared, *mapped, *_boxes(folder)],
        facts=facts,
    )


def _versions(folder: Path) -> dict[str, str]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return dict(manifest["versions"])


def _runs(found: Sweep) -> tuple[pd.DataFrame, list[str]]:
    """Give every run with what a choice turns on, and what varies."""
    runs: pd.DataFrame | None = None
    for outcome in DECIDING:
        try:
            table = outcome_of_runs(found, outcome)
        except InputError:  # known in no run
            continue
        runs = (
            table
            if runs is None
            else runs.merge(table[["policy", "point", "seed", outcome]], on=["policy", "point", "seed"])
        )
    assert runs is not None  # effort is always known
    return runs, [name for name in dimensions(found) if runs[name].nunique() > 1]


def _policies(runs: pd.DataFrame, varying: list[str], place: Path) -> tuple[list[Section], list[str]]:
    """Compare policies over all points, on average and at their worst."""
    names = list(runs["policy"].unique())
    base = "neutral" if "neutral" in names else names[0]
    outcomes = [o for o in DECIDING if o in runs]
    by = "point" if any(runs[v].nunique() > MANY for v in varying) else "seed"
    shared = runs.groupby(["point", "seed"])["policy"].transform("nunique") == len(names)
    gaps = differences(
        runs[shared].groupby(["policy", by], sort=False)[outcomes].mean().reset_index(), base, outcomes, world=[by]
    )
    write_csv(gaps, place / "differences.csv")
    over = pd.concat([robustness(runs, o, ["point"]) for o in outcomes], ignore_index=True)
    write_csv(over, place / "robustness.csv")
    shown = gaps.assign(outcome=gaps["outcome"].str.replace("_", " "))
    table = as_table(f"Difference to {base.replace('_', ' ')}, mean over all points", shown, {
        "policy": ("policy", ""), "outcome": ("outcome", ""), "difference": ("difference", "+.3g"), "low": ("from", "+.3g"),
        "high": ("to", "+.3g"), "better": (f"better in ({by}s)", ".0%"), "verdict": ("verdict", ""),
    })  # fmt: skip
    keep = as_table("How robust: founders staying, over points", over[over["outcome"] == "retention"], {
        "policy": ("policy", ""), "mean": ("mean", ".2f"), "mean_regret": ("mean regret", ".3f"),
        "worst_regret": ("worst regret", ".3f"), "best": ("best in", ".0%"), "near_best": ("within a tenth of the best in", ".0%"),
        "circumstances": ("points", ",.0f"),
    })  # fmt: skip
    words = (
        f"Differences are averaged over the design, so they say as much about its ranges as about policies; intervals are over {by}s. "
        "Regret is what a policy misses, on average, of the best policy in the same point; the one with the smallest worst "
        "regret comes first."
    )
    per = len(runs) / runs.groupby(["policy", "point"]).ngroups
    first = over[over["outcome"] == "retention"].iloc[0]
    line = (
        f"Of {len(names)} policies, {str(first['policy']).replace('_', ' ')} has the smallest worst regret in founders staying: "
        f"at worst it keeps {first['worst_regret'] * 100:.1f} points fewer than the best one in the same point, and it is the "
        f"best in {first['best']:.0%} of {first['circumstances']:,} points. With {per:.0f} worlds a point, part of that is draws."
    )
    files = [f"{place.name}/differences.csv", f"{place.name}/robustness.csv"]
    return [Section("Policies over the whole design", [words], tables=[table, keep], data=files)], [line]


def _maps(runs: pd.DataFrame, varying: list[str], place: Path, note: str) -> tuple[list[Section], list[str]]:
    """Map which policy is best over the first two things that vary."""
    x, y = varying[:2]
    names, sections, lines = list(runs["policy"].unique()), [], []
    for outcome in (o for o in ("retention", *PER) if o in runs):
        table = regimes(runs, x, y, outcome, BETTER[outcome])
        name = f"best-{outcome}"
        write_csv(table, place / f"{name}.csv")
        title = f"Best policy by {outcome.replace('_', ' ')}"
        save_figure(regimes_figure(table, x, y, title, note, names), place / name, note)
        sure = table[table["verdict"] == "decided"]["best"].value_counts()
        told = [f"{str(p).replace('_', ' ')} in {n}" for p, n in sure.items()]
        says = f"Best beyond noise, in {len(table)} cells of {x} and {y}: {', '.join(told) or 'none'}; elsewhere no policy beats all others."
        sections.append(Section(title, [says], place / f"{name}.png", f"{title}; in brackets: within noise. {note}.",
                                data=[f"{place.name}/{name}.csv"]))  # fmt: skip
        if outcome == "retention":
            lines.append(f"Keeping founders: {says[0].lower()}{says[1:]}")
    return sections, lines


def _figures(found: Sweep, folder: Path, note: str) -> list[Section]:
    """Show the experiment's own figures."""
    sections = []
    for name in found.config["experiment"]["figures"] or {}:
        picture = folder / "figures" / f"{name}.png"
        if picture.is_file():
            title = str(name).replace("_", " ").capitalize()
            sections.append(
                Section(title, (), picture, f"{title}: {found.question} {note}.", data=[f"figures/{name}.csv"])
            )
    return sections


def _boxes(folder: Path) -> list[Section]:
    """Show the boxes that ``discover`` has found."""
    path = folder / "discover" / "boxes.csv"
    if not path.is_file():
        words = f"`partnership discover folder={folder.name} below=0.3` looks for parts of the space in which a policy fails."
        return [Section("Where policies fail", [words])]
    found = pd.read_csv(path)
    if found.empty:
        return [Section("Where policies fail", ["No box was found."], data=["discover/boxes.csv"])]
    limits = found["parameter"] + " " + found["relation"] + " " + found["limit"].astype(str)
    table: Table = as_table("Boxes in which failures are frequent, tested in points they were not found in", found.assign(limit=limits), {
        "policy": ("policy", ""), "fails": ("fails", ""), "limit": ("limit", ""), "density": ("fail inside", ".0%"),
        "overall": ("fail overall", ".0%"), "coverage": ("of all failures", ".0%"),
    })  # fmt: skip
    return [Section("Where policies fail", tables=[table], data=["discover/boxes.csv"])]
