"""How long founders stay, why and when they leave: sections of a comparison's report."""

from typing import TYPE_CHECKING

import pandas as pd

from sim.analysis.competing_risks import cumulative_incidence, hazards
from sim.analysis.memberships import memberships
from sim.analysis.survival import (
    clustered_survival,
    kaplan_meier,
    lifetimes,
    log_rank,
    partnership_lifetimes,
    restricted_mean,
    restricted_mean_difference,
)
from sim.core.numbers import number_text
from sim.studies.report.page import Section, as_table
from sim.viz.figures import report as figures
from sim.viz.style import label

if TYPE_CHECKING:
    from sim.studies.compare import Comparison

LATER = (
    "Members who join later count from the month in which they join; who was a member before the start, by the roster, is "
    "followed from the start on (delayed entry). The bands allow for members of one partnership being alike (whole runs are "
    "resampled). Who leaves in the month of joining does not count."
)
SURVIVAL = (
    "The mean is the area under the survival curve up to the last month (restricted mean survival time); differences are on the "
    "same seeds. The log-rank test compares how long partnerships last, which end when fewer than two members remain; it takes "
    "runs as independent. These p values are not corrected for their number. The bands of the curves allow for members of one "
    "partnership being alike (whole runs are resampled)."
)
HORIZONS = (12, 24, 36, 60)
"""Months at which the table of survival is read."""

REASONS = "Reasons compete: who leaves satisfied can no longer leave frustrated. The share above the last area stays."
RATES = "Exits per member and month, by half-years, with 95 % intervals over runs. Curves end where no member remains."
PARTNERSHIPS = (
    "A partnership ends when fewer than two members remain. Intervals are Greenwood's: partnerships are independent."
)


def retention_sections(comparison: "Comparison") -> list[Section]:
    """Give the sections on survival, reasons to leave and hazards."""
    months, names, note = int(comparison.config["months"]), comparison.policies, comparison.noise_note
    if comparison.config["scenario"]["size"]["candidates"]:
        return [_later_members(comparison, months)]
    rows = lifetimes(comparison.summary, comparison.events, comparison.founders, months)
    curves, stays = clustered_survival(rows), _stays(rows, comparison)
    by_policy = {}
    for name in names:
        own = rows[rows["policy"] == name]
        by_policy[name] = cumulative_incidence(own["month"], own["reason"])
    incidence = pd.concat(by_policy, names=["policy"]).reset_index(level=0)
    rates = hazards(rows, ["policy", "sector"])
    best = str(stays.sort_values("stayed", kind="stable").iloc[-1]["policy"])
    pair = hazards(rows, "policy"), rates[rates["policy"] == best]
    longer = [
        f"{number_text(row['difference'], '+.1f')}\n({number_text(row['low'], '+.1f')} to {number_text(row['high'], '+.1f')})"
        if row["difference"] == row["difference"]
        else "–"
        for row in stays.to_dict("records")
    ]
    table = as_table(f"Months a founder stays, of {months}", stays.assign(longer=longer), {
        "policy": ("policy", ""), "stayed": ("mean months", ".1f"), "longer": (f"more than {label(comparison.baseline)}", "s"), "ended": ("partnerships that ended", ".0%"),
        "chi_square": ("log-rank (chi-square)", ".1f"), "p_value": ("p", ".2g"),
    })  # fmt: skip
    return [
        Section("How long founders stay", [SURVIVAL], lambda: figures.survival_figure(curves, note), "survival",
                "Share of founders who still take part, by month.", [table],
                {"survival.csv": curves, "months_stayed.csv": stays}),
        Section("Why founders leave", [REASONS], lambda: figures.incidence_figure(by_policy, note), "incidence",
                "Share of founders who have left, by reason.", data={"incidence.csv": incidence}),
        *_partnerships(comparison),
        Section("When founders leave", [RATES], lambda: figures.hazards_figure(*pair, best, note), "hazards",
                "Exits per member and month, by half-years.", data={"hazards.csv": rates}),
    ]  # fmt: skip


def _later_members(comparison: "Comparison", months: int) -> Section:
    """Show how long members stay where some join later."""
    roster, note = comparison.config["scenario"].get("members") or [], comparison.noise_note
    joined = [member["joins"] for member in roster if member["joins"] <= 0]
    rows = memberships(comparison.summary, comparison.events, comparison.founders, months, joined)
    curves = clustered_survival(rows)
    read = curves[curves["month"].isin(HORIZONS)].pivot(index="policy", columns="month", values="survival")
    stays = read.reindex(list(comparison.policies)).reset_index()
    heads: dict[str, tuple[str, str]] = {"policy": ("policy", "")}
    stays = stays.rename(columns=str)
    table = as_table("Still there after so many months of membership", stays, heads | {
        str(month): (f"{month} months", ".0%") for month in HORIZONS if str(month) in stays
    })  # fmt: skip
    says = "Share of members who still take part, by month of membership."
    return Section(
        "How long members stay",
        [LATER],
        lambda: figures.survival_figure(curves, note, "members"),
        "survival",
        says,
        [table],
        {"survival.csv": curves},
    )


def _partnerships(comparison: "Comparison") -> list[Section]:
    """Show how long partnerships last, where any ended."""
    ends, note = partnership_lifetimes(comparison.summary, int(comparison.config["months"])), comparison.noise_note
    if not ends["left"].any():
        return []
    by_policy = {}
    for name in comparison.policies:
        rows = ends[ends["policy"] == name]
        if len(rows):
            by_policy[name] = kaplan_meier(rows["month"], rows["left"])
    curves = pd.concat(by_policy, names=["policy"]).reset_index(level=0)
    says = "Share of partnerships that still have two members or more, by month."
    return [
        Section(
            "How long partnerships last",
            [PARTNERSHIPS],
            lambda: figures.survival_figure(curves, note, "partnerships"),
            "partnerships",
            says,
            data={"partnerships.csv": curves},
        )
    ]


def _stays(rows: pd.DataFrame, comparison: "Comparison") -> pd.DataFrame:
    """Give the months that founders stay, and how many partnerships end, each with the difference to the baseline."""
    months, base = int(comparison.config["months"]), comparison.baseline
    ends, table = partnership_lifetimes(comparison.summary, months), []
    for name in comparison.policies:
        own, its = rows[rows["policy"] == name], ends[ends["policy"] == name]
        row = {"policy": name, "stayed": restricted_mean(own["month"], own["left"], months)["mean"]}
        row |= {"ended": its["left"].mean()}
        if name != base:
            row |= restricted_mean_difference(own, rows[rows["policy"] == base], months)
            row |= log_rank(its, ends[ends["policy"] == base])
        table.append(row)
    columns = ["policy", "stayed", "difference", "low", "high", "ended", "chi_square", "p_value"]
    return pd.DataFrame(table).reindex(columns=columns)
