"""The report of a sweep: from its folder to the sections of a page."""

from pathlib import Path

import pandas as pd

from sim.analysis.means import MANY
from sim.analysis.paired import differences
from sim.analysis.regimes import regimes
from sim.analysis.robustness import DECIDING, robustness
from sim.analysis.scenario_discovery import dimensions, outcome_of_runs
from sim.core.errors import InputError
from sim.model.outcomes import better_of
from sim.storage.folders import check_files, read_manifest, verified
from sim.studies.report.changes import NOT_A_FORECAST
from sim.studies.report.page import Page, Section, as_table
from sim.studies.sweep import Sweep
from sim.sweeps.status import format_makers
from sim.viz.figures.report import regimes_figure

ALONE = "No two policies are compared; the tables and figures below show what varies."
STATISTICS = (
    "Means over points or replications with 95 % intervals: studentised bootstrap, Student's t below 20. Verdicts are "
    "Holm-corrected over all comparisons of their table."
)
MAPPED = ("retention", "private_value", "private_fairness", "society_value")
"""Outcomes with a map of the best policy."""


def sweep_page(folder: Path) -> Page:
    """Give the page of a sweep's folder; its figures are drawn when the page is finished.

    Raises:
        InputError: if the sweep has no runs.
    """
    sweep = Sweep(folder)
    counts = sweep.sql("SELECT count(*) AS runs, count(DISTINCT seed) AS seeds FROM runs").iloc[0]
    if not counts["runs"]:
        raise InputError(f"{folder} has no runs yet; partnership sweep folder={folder} resumes it")
    note, boxes = sweep.described, _boxes(folder)
    missing, makers = sweep.lacking(), sweep.made_by
    warnings = [f"{missing}."] if missing else []
    try:
        runs, varying, left_out = _runs(sweep)
        warnings += [f"{left_out[0].upper()}{left_out[1:]}."] if left_out else []
    except InputError as error:  # every point has a run that failed
        runs, varying = pd.DataFrame(columns=["policy", "point"]), dimensions(sweep)
        warnings.append(f"{str(error)[0].upper()}{str(error)[1:]}.")
    if len(makers) > 1:
        warnings.append(f"The runs were made by several: {format_makers(makers)}.")
    several = runs["policy"].nunique() > 1
    compared, lines = _policies(runs, varying) if several else ([], [])
    mapped, map_lines = _maps(runs, varying, note) if several and len(varying) > 1 else ([], [])
    facts = {
        "Design": f"{sweep.design['point'].nunique():,} points of {', '.join(varying) or 'nothing that varies'}",
        "Runs": f"{counts['runs']:,}, on {counts['seeds']:,} seeds; {len(sweep.failures)} failed.",
        "Policies": ", ".join(dict.fromkeys(sweep.policies)).replace("_", " "),
        "Made by": "; ".join(sweep.commands),
        "Model": sweep.model,
        "Versions": format_makers(makers),
        "Statistics": STATISTICS,
        "What it is": NOT_A_FORECAST,
    }
    return Page(
        title=f"Experiment: {sweep.config['name'].replace('_', ' ')}",
        question=sweep.question or "The experiment states no question.",
        answer=[*warnings, *(lines or [ALONE]), *map_lines],
        sections=[*_figures(sweep, folder, note), *compared, *mapped, *boxes],
        facts=facts,
    )


def _runs(sweep: Sweep) -> tuple[pd.DataFrame, list[str], str]:
    """Give the runs that policies are judged by, with the outcomes that matter for a choice; what varies; what is left out."""
    runs = outcome_of_runs(sweep, "effort_spent")  # always known
    left_out = str(runs.attrs["left_out"])
    for outcome in (o for o in DECIDING if o != "effort_spent"):
        try:
            table = outcome_of_runs(sweep, outcome)
        except InputError:  # known in no run
            continue
        runs = runs.merge(table[["policy", "point", "seed", outcome]], on=["policy", "point", "seed"])
    return runs, [name for name in dimensions(sweep) if runs[name].nunique() > 1], left_out


def _policies(runs: pd.DataFrame, varying: list[str]) -> tuple[list[Section], list[str]]:
    """Compare policies over all points: on average, and at their worst."""
    names = list(runs["policy"].unique())
    base = "neutral" if "neutral" in names else names[0]
    outcomes = [o for o in DECIDING if o in runs]
    by = "point" if any(runs[v].nunique() > MANY for v in varying) else "seed"
    shared = runs.groupby(["point", "seed"])["policy"].transform("nunique") == len(names)
    averages = runs[shared].groupby(["policy", by], sort=False)[outcomes].mean().reset_index()
    gaps = differences(averages, base, outcomes, paired_by=[by])
    over = pd.concat([robustness(runs, o, ["point"]) for o in outcomes], ignore_index=True)
    shown = gaps.assign(outcome=gaps["outcome"].str.replace("_", " "))
    table = as_table(f"Difference to {base.replace('_', ' ')}, mean over all points", shown, {
        "policy": ("policy", ""), "outcome": ("outcome", ""), "difference": ("difference", "+.3g"), "low": ("from", "+.3g"),
        "high": ("to", "+.3g"), "better": (f"better in ({by}s)", ".0%"), "verdict": ("verdict", ""),
    })  # fmt: skip
    robust = as_table("Robustness of retention over points", over[over["outcome"] == "retention"], {
        "policy": ("policy", ""), "mean": ("mean", ".2f"), "mean_regret": ("mean regret", ".3f"),
        "worst_regret": ("worst regret", ".3f"), "best": ("best in", ".0%"), "near_best": ("within a tenth of the best in", ".0%"),
        "states": ("points", ",.0f"),
    })  # fmt: skip
    words = (
        f"Differences are averaged over the design, so they say as much about its ranges as about policies; intervals are over {by}s. "
        "Regret is how far a policy is, on average, below the best policy in the same point; the policy with the smallest worst "
        "regret comes first."
    )
    per = len(runs) / runs.groupby(["policy", "point"]).ngroups
    first = over[over["outcome"] == "retention"].iloc[0]
    line = (
        f"Of {len(names)} policies, {str(first['policy']).replace('_', ' ')} has the smallest worst regret in retention: "
        f"at worst {first['worst_regret'] * 100:.1f} points below the best policy in the same point. It is the best in "
        f"{first['best']:.0%} of {first['states']:,} points. With {per:.0f} replications a point, part of that is chance."
    )
    files = {"differences.csv": gaps, "robustness.csv": over}
    return [Section("Policies over the whole design", [words], tables=[table, robust], data=files)], [line]


def _maps(runs: pd.DataFrame, varying: list[str], note: str) -> tuple[list[Section], list[str]]:
    """Map which policy is best over the first two parameters that vary."""
    x, y = varying[:2]
    names, sections, lines = list(runs["policy"].unique()), [], []
    for outcome in (o for o in MAPPED if o in runs):
        table, title = regimes(runs, x, y, outcome, better_of(outcome)), f"Best policy by {outcome.replace('_', ' ')}"
        decided = table[table["verdict"] == "decided"]["best"].value_counts()
        counts = ", ".join(f"{str(policy).replace('_', ' ')} in {n}" for policy, n in decided.items())
        line = (
            f"Significantly better than every other policy, in {len(table)} cells of {x} and {y}: {counts or 'no policy'}; "
            "the other cells are undecided."
        )
        sections.append(
            Section(
                title,
                [line],
                lambda table=table, title=title: regimes_figure(table, x, y, title, note, names),  # type: ignore[misc]
                f"best-{outcome}",
                f"{title}; in brackets: undecided.",
                data={f"best-{outcome}.csv": table},
                note=note,
            )
        )
        if outcome == "retention":
            lines.append(f"Retention: {line[0].lower()}{line[1:]}")
    return sections, lines


def _figures(sweep: Sweep, folder: Path, note: str) -> list[Section]:
    """Show the experiment's own figures."""
    sections, manifest = [], read_manifest(folder)
    for name in sweep.config["experiment"]["figures"] or {}:
        picture = folder / "figures" / f"{name}.png"
        if f"figures/{name}.png" in manifest["files"]:
            check_files(folder, manifest, [f"figures/{name}.png", f"figures/{name}.csv"])
            title = str(name).replace("_", " ").capitalize()
            says = f"{title}: {sweep.question}"
            sections.append(Section(title, (), picture, says=says, data={f"figures/{name}.csv": None}, note=note))
    return sections


def _boxes(folder: Path) -> list[Section]:
    """Show the boxes that ``discover`` found."""
    paths, title = sorted((folder / "discover").glob("*/boxes.csv")), "Where policies fail"
    if not paths:
        words = f"`partnership discover folder={folder.name} below=0.3` searches for the parts of the space in which a policy fails."
        return [Section(title, [words])]
    files = {path.relative_to(folder).as_posix(): None for path in paths}
    tables = [rows for path in paths if len(rows := pd.read_csv(verified(path)))]
    if not tables:
        return [Section(title, ["No box was found."], data=files)]
    rows = pd.concat(tables, ignore_index=True)
    limits = rows["parameter"] + " " + rows["relation"] + " " + rows["limit"].astype(str)
    table = as_table("Boxes with frequent failures, tested in points in which they were not searched", rows.assign(limit=limits), {
        "policy": ("policy", ""), "fails": ("fails", ""), "limit": ("limit", ""), "density": ("fail inside", ".0%"),
        "overall": ("fail overall", ".0%"), "coverage": ("of all failures", ".0%"),
    })  # fmt: skip
    return [Section(title, tables=[table], data=files)]
