"""How long founders stay, why and when they leave: the sections of a comparison's report."""

from pathlib import Path
from typing import Any

import pandas as pd

from sim.analysis.competing_risks import cumulative_incidence, hazards
from sim.analysis.survival import (
    clustered_survival,
    kaplan_meier,
    lifetimes,
    log_rank,
    partnership_lifetimes,
    restricted_mean,
    restricted_mean_difference,
)
from sim.storage.results import write_csv
from sim.studies.report.page import Section, as_table
from sim.viz.figures import report as figures
from sim.viz.save import save_figure


def staying(
    tables: dict[str, Any], config: dict[str, Any], names: list[str], base: str, place: Path, note: str
) -> list[Section]:
    """Make the sections from a comparison's tables; their tables and figures go to ``place``."""
    months = int(config["months"])
    if config["scenario"]["size"]["candidates"]:
        words = "Lives are not drawn here: with candidates who may join later, not all members can be followed from the start."
        return [Section("How long founders stay", [words])]
    lives = lifetimes(tables["summary"], tables["events"], tables["founders"], months)
    curves = clustered_survival(lives)
    write_csv(curves, place / "survival.csv")
    save_figure(figures.survival_figure(curves, note), place / "survival", note)
    stays, by_policy = _stays(lives, tables["summary"], names, base, months), {}
    write_csv(stays, place / "months_stayed.csv")
    for name in names:
        rows = lives[lives["policy"] == name]
        by_policy[name] = cumulative_incidence(rows["month"], rows["reason"])
    write_csv(pd.concat(by_policy, names=["policy"]).reset_index(level=0), place / "incidence.csv")
    save_figure(figures.incidence_figure(by_policy, note), place / "incidence", note)
    rates = hazards(lives, ["policy", "sector"])
    write_csv(rates, place / "hazards.csv")
    best = str(stays.sort_values("stayed", kind="stable").iloc[-1]["policy"])
    pair = hazards(lives, "policy"), rates[rates["policy"] == best]
    save_figure(figures.hazards_figure(*pair, best, note), place / "hazards", note)
    table = as_table(f"Months a founder stays, of {months}", stays, {
        "policy": ("policy", ""), "stayed": ("mean", ".1f"), "difference": (f"longer than {base}", "+.1f"), "low": ("from", "+.1f"),
        "high": ("to", "+.1f"), "ended": ("partnerships that ended", ".0%"), "chi_square": ("log-rank (chi-square)", ".1f"),
        "p_value": ("p", ".2g"),
    })  # fmt: skip
    words = (
        "The mean is the area under the curve up to the last month (restricted mean survival time); differences are in the same "
        "worlds. The log-rank test is on whole partnerships, which end when fewer than two members remain; it takes worlds "
        "as independent. These p values are not corrected for their number. Bands of the curves hold for members who share a partnership (worlds drawn again)."
    )
    reasons = "Reasons compete: who leaves satisfied can no longer leave frustrated. What is not covered is who stays."
    rate = (
        "Exits per member and month, by half-years, with 95 % intervals over worlds; curves end where nobody remains."
    )
    files = [f"{place.name}/{n}" for n in ("survival.csv", "months_stayed.csv", "incidence.csv", "hazards.csv")]
    return [
        Section("How long founders stay", [words], place / "survival.png", f"Share of founders still there, by month. {note}.",
                [table], files[:2]),
        Section("Why they leave", [reasons], place / "incidence.png", f"Share of founders who have left, by reason. {note}.",
                data=files[2:3]),
        *_lasting(tables["summary"], names, months, place, note),
        Section("When they leave", [rate], place / "hazards.png", f"Exits per member-month, by half-years. {note}.", data=files[3:]),
    ]  # fmt: skip


def _lasting(summary: pd.DataFrame, names: list[str], months: int, place: Path, note: str) -> list[Section]:
    """Show how long partnerships last, where any ended."""
    ends = partnership_lifetimes(summary, months)
    if not ends["left"].any():
        return []
    by_policy = {n: kaplan_meier(rows["month"], rows["left"]) for n in names if len(rows := ends[ends["policy"] == n])}
    curves = pd.concat(by_policy, names=["policy"]).reset_index(level=0)
    write_csv(curves, place / "lasting.csv")
    save_figure(figures.survival_figure(curves, note, "partnerships"), place / "lasting", note)
    words = "A partnership ends when fewer than two members remain. Intervals are Greenwood's: partnerships are independent."
    says = f"Share of partnerships that still have two members or more, by month. {note}."
    return [
        Section("How long partnerships last", [words], place / "lasting.png", says, data=[f"{place.name}/lasting.csv"])
    ]


def _stays(lives: pd.DataFrame, summary: pd.DataFrame, names: list[str], base: str, months: int) -> pd.DataFrame:
    """Give the months that founders stay, and how partnerships end, each beside the baseline."""
    ends, rows = partnership_lifetimes(summary, months), []
    for name in names:
        own, its = lives[lives["policy"] == name], ends[ends["policy"] == name]
        row = {"policy": name, "stayed": restricted_mean(own["month"], own["left"], months)["mean"]}
        row |= {"ended": its["left"].mean()}
        if name != base:
            row |= restricted_mean_difference(own, lives[lives["policy"] == base], months)
            row |= log_rank(its, ends[ends["policy"] == base])
        rows.append(row)
    columns = ["policy", "stayed", "difference", "low", "high", "worlds", "ended", "chi_square", "p_value"]
    return pd.DataFrame(rows, columns=columns)
