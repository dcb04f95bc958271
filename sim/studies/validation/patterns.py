"""Patterns: facts that the model was not fitted to, each a statistic of simulated tables beside an empirical range.

Every statistic is one query, with a value for each parameter set of the plausible region; the verdict is on their
median. Numbers of facts are the project's own. What the sources leave open in the statistic is an assumption, and the
statistic says so.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.model.scenario import Scenario
from sim.studies.sweep import Sweep
from sim.studies.validation.runs import FACTORS, RUN_PLANS, query_plan, simulate_plan

if TYPE_CHECKING:
    import pandas as pd

EMERGES, BUILT_IN = "emerges", "built in"


@dataclasses.dataclass(frozen=True)
class Pattern:
    """A fact beside a statistic: ``sql`` gives columns ``parameter_set`` and ``value`` from the tables of ``runs``."""

    name: str
    fact: str
    source: str
    statistic: str
    low: float
    high: float
    runs: str
    sql: str
    kind: str = EMERGES
    diagnosis: str = ""


def bins(value: str, table: str, where: str, better: str, width: int = 6) -> str:
    """Say in which bin of months (from 1) a mean is largest or smallest."""
    return (
        f"SELECT parameter_set, arg_{better}(bin, v) AS value FROM (SELECT parameter_set, (month - 1) // {width} + 1 AS bin, "
        f"{value} AS v FROM {table} WHERE {where} GROUP BY parameter_set, bin) GROUP BY parameter_set"
    )


NEUTRAL = "policy = 'neutral'"


def stayers(what: str, policy: str) -> str:
    """Compare members in month 24 by whether they are still there in month 36: mean of stayers minus leavers."""
    return (
        f"SELECT parameter_set, avg(CASE WHEN stays THEN v END) - avg(CASE WHEN NOT stays THEN v END) AS value FROM "
        f"(SELECT a.parameter_set, a.{what} AS v, b.active > 0 AS stays FROM members a JOIN members b USING (run_id, member) "
        f"WHERE a.month = 24 AND b.month = 36 AND a.active > 0 AND a.policy = '{policy}') GROUP BY parameter_set"
    )


STAYS = (
    "SELECT a.parameter_set, a.benefit > median(a.benefit) OVER (PARTITION BY a.parameter_set) AS good, a.contacts > median(a.contacts) "
    "OVER (PARTITION BY a.parameter_set) AS courted, CAST(b.active > 0 AS DOUBLE) AS stays FROM members a JOIN members b "
    "USING (run_id, member) WHERE a.month = 24 AND b.month = 36 AND a.active > 0 AND a.policy = 'adaptive_tracking'"
)


def best_grant(column: str, low: float, high: float) -> str:
    """Compare the grant length of highest net value at two levels of a parameter; effort and subsidy are its price."""
    net = f"avg(society_value - effort_spent / {Scenario().size.partners} - subsidy_paid)"
    return (
        f"SELECT parameter_set, max(CASE WHEN c = {high} THEN best END) - max(CASE WHEN c = {low} THEN best END) AS value FROM "
        f'(SELECT parameter_set, c, arg_max(g, v) AS best FROM (SELECT parameter_set, "{column}" AS c, "grant.months" AS g, {net} AS v '
        "FROM runs GROUP BY ALL) GROUP BY ALL) GROUP BY parameter_set"
    )


# fmt: off
PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "F3", "Most participants call it a success: 20-30 % failure when partners are asked", "MIT SMR/BCG/UNGC 2015",
        "share of members that get more than they hope for, month 24 (managers were asked, each about its own: decision 0021)",
        0.45, 0.75, "base",
        f"SELECT parameter_set, sum(content * n_members) / sum(n_members) AS value FROM series WHERE month = 24 AND n_members > 0 AND "
        f"{NEUTRAL} GROUP BY parameter_set",
        diagnosis="Parameter sets that keep half the members for five years need a surplus for most members at two years.",
    ),
    Pattern(
        "F7", "Exit hazard rises, then falls (honeymoon, adolescence)", "Fichman & Levinthal 1991",
        "half-year (1-10) with the highest exit hazard: neither the first nor the last", 2, 9, "base", bins(
        "sum(exits_satisfied + exits_frustrated + exits_other) / greatest(sum(n_members), 1)", "series", NEUTRAL,
        "max", ), diagnosis="Patience runs out at different times, and nothing makes those who stay ever safer.",
    ),
    Pattern(
        "F8", "Performance dips, then recovers with age", "Deeds & Rothaermel 2003",
        "half-year (1-10) with the lowest mean net benefit of members: neither the first nor the last", 2, 9, "base",
        bins("avg(net_benefit)", "members", f"{NEUTRAL} AND active > 0", "min"),
        diagnosis="There is no stock of knowledge in the first months, so benefit is lowest at the very start.",
    ),
    Pattern(
        "F9", "Small members leave more", "Rasche et al. 2022",
        "firms staying 60 months: the larger half minus the smaller half (the study is of firms: decision 0021)", 0.0, 1.0, "base",
        "SELECT parameter_set, avg(CASE WHEN large THEN active END) - avg(CASE WHEN NOT large THEN active END) AS value FROM "
        "(SELECT parameter_set, active, resources > median(resources) OVER (PARTITION BY run_id) AS large FROM members "
        f"WHERE month = 60 AND {NEUTRAL} AND sector = 'private') GROUP BY parameter_set",
        diagnosis="Size buys endurance only through means set aside.",
    ),
    Pattern(
        "F10a", "Members who do well stay", "Olk & Young 1997",
        "net benefit in month 24: those still there in month 36 minus those who left", 0.0, 10.0, "base",
        stayers("benefit", "neutral"), BUILT_IN,
    ),
    Pattern(
        "F10b", "Members with ties stay", "Olk & Young 1997",
        "ties in month 24 where introductions go to members by chance: stayers minus leavers (decision 0021)", 0.0, 10.0,
        "by_chance", stayers("n_ties", "random_allocation"),
        diagnosis="Ties and outside contacts come from the same matches, and contacts raise what members expect.",
    ),
    Pattern(
        "F10c", "Members with alternatives leave", "Olk & Young 1997",
        "outside contacts in month 24 under adaptive tracking: stayers minus leavers", -10.0, 0.0, "base",
        stayers("contacts", "adaptive_tracking"), BUILT_IN,
        diagnosis="Who takes part more is matched more, and who takes part more stays.",
    ),
    Pattern(
        "F10d", "The logic differs for poor and good performers", "Olk & Young 1997",
        "share staying from month 24 to 36, with many contacts minus with few: poor performers minus good ones (the sign is "
        "our reading)", -1.0, 0.0,
        "base",
        f"SELECT parameter_set, avg(stays) FILTER (courted AND NOT good) - avg(stays) FILTER (NOT courted AND NOT good) - "
        f"avg(stays) FILTER (courted AND good) + avg(stays) FILTER (NOT courted AND good) AS value FROM ({STAYS}) "
        "GROUP BY parameter_set",
        diagnosis="Contacts raise what a member expects by the same amount, whatever it gets.",
    ),
    Pattern(
        "F14", "Distance between subgroups raises dissolution", "Heidl, Steensma & Phelps 2014",
        "retention at 60 months: distance 0.8 minus distance 0.4", -1.0, 0.0, "distance",
        'SELECT parameter_set, avg(CASE WHEN "sectors.distance" = 0.8 THEN retention_60 END) - '
        'avg(CASE WHEN "sectors.distance" = 0.4 THEN retention_60 END) AS value FROM runs GROUP BY parameter_set',
    ),
    Pattern(
        "F16", "Those who take part more capture more", "Regional water collaboration 2018",
        "correlation over members of mean participation and captured value", 0.0, 1.0, "base",
        "SELECT parameter_set, corr(p, v) AS value FROM (SELECT parameter_set, run_id, member, avg(participation) AS p, max(needs_met) AS v "
        f"FROM members WHERE {NEUTRAL} GROUP BY ALL) GROUP BY parameter_set", BUILT_IN,
    ),
    Pattern(
        "F18", "Attendance falls when the mandate ends", "UC Davis dam relicensing study",
        "mean participation in months 25-36 minus months 13-24 (the grant ends with month 24)", -1.0, 0.0, "base",
        "SELECT parameter_set, avg(CASE WHEN month > 24 THEN participation END) - avg(CASE WHEN month <= 24 THEN participation END) "
        f"AS value FROM series WHERE month BETWEEN 13 AND 36 AND {NEUTRAL} GROUP BY parameter_set",
    ),
    Pattern(
        "F19", "Output peaks near the middle of life", "Ulibarri et al. 2020",
        "month of the highest value created (quarters), as a share of 60 months", 0.25, 0.65, "base",
        "SELECT parameter_set, arg_max(q, v) * 3 / 60 AS value FROM (SELECT parameter_set, (month + 2) // 3 AS q, avg(value_created) AS v "
        f"FROM series WHERE {NEUTRAL} GROUP BY parameter_set, q) GROUP BY parameter_set",
    ),
    Pattern(
        "F20", "Success takes about 48 months", "Leach, Pelkey & Sabatier 2002",
        "months until half of the value created in ten years is there (the reading of 'success' is an assumption)",
        30, 60, "long",
        "SELECT parameter_set, min(CASE WHEN v >= 0.5 * final THEN month END) AS value FROM (SELECT parameter_set, month, avg(society_value) "
        "AS v, max(avg(society_value)) OVER (PARTITION BY parameter_set) AS final FROM series GROUP BY parameter_set, month) GROUP BY parameter_set",
    ),
    Pattern(
        "F21", "Funding and leadership are the factors most named",
        "Leach & Pelkey 2001",
        "rank, of 16 parameters by the swing of retention from low to high, of the weaker of grant length and budget", 1, 8,
        "factors",
        "SELECT parameter_set, max(rank) AS value FROM (SELECT *, rank() OVER (PARTITION BY parameter_set ORDER BY swing DESC) AS rank FROM "
        "(SELECT parameter_set, level // 2 AS factor, round(abs(avg(retention_60) FILTER (level % 2 = 1) - avg(retention_60) FILTER "
        f"(level % 2 = 0)), 9) AS swing FROM runs GROUP BY ALL)) WHERE factor >= {len(FACTORS) - 2} GROUP BY parameter_set",
        diagnosis="Money buys help and part of the costs, not the will to stay: budget ranks in the upper half, grant length low.",
    ),
    Pattern(
        "F23", "Absorptive capacity predicts what is learned", "Zou, Ertug & George 2018",
        "correlation over members of readiness at the start and value captured by month 24", 0.2, 0.6, "base",
        "SELECT parameter_set, corr(a, v) AS value FROM (SELECT parameter_set, run_id, member, "
        "first(0.6 * routine + 0.4 * representative ORDER BY month) AS a, max(needs_met) AS v "
        f"FROM members WHERE month <= 24 AND {NEUTRAL} GROUP BY ALL) GROUP BY parameter_set", BUILT_IN,
    ),
    Pattern(
        "F24", "Innovation is highest at intermediate distance", "Nooteboom et al. 2007",
        "distance of DNA (0-1.2) with the highest collective value: inside the range", 0.1, 1.1, "distance",
        'SELECT parameter_set, arg_max(d, v) AS value FROM (SELECT parameter_set, "sectors.distance" AS d, avg(collective_value) AS v '
        "FROM runs GROUP BY ALL) GROUP BY parameter_set",
        diagnosis="Distance costs understanding and brings nothing by itself: complementary knowledge comes with the sectors.",
    ),
    Pattern(
        "F26", "Dissimilar partners do not as such shorten alliances", "Pangarkar 2003",
        "retention at 60 months, half firms: the other half of three sectors minus all nonprofit (decision 0021)", -0.1, 0.1,
        "dissimilar",
        'SELECT parameter_set, avg(CASE WHEN "sectors.public.share" > 0 THEN retention_60 END) - '
        'avg(CASE WHEN "sectors.public.share" = 0 THEN retention_60 END) AS value FROM runs GROUP BY parameter_set',
        diagnosis="Each sector brings knowledge of its own domains, and domains need each other: of two sectors half is missing.",
    ),
    Pattern(
        "F27", "A dedicated coordinating function raises long-term success", "Dyer, Kale & Singh 2001",
        "partnerships in which half the founders stay 60 months or left satisfied: adaptive tracking over neutral (decision 0021)",
        1.1, 1.8, "base",
        "SELECT parameter_set, avg(CASE WHEN policy <> 'neutral' THEN v END) / "
        f"avg(CASE WHEN {NEUTRAL} THEN v END) AS value FROM (SELECT parameter_set, policy, CAST(retention_60 + exits_satisfied / "
        f"{Scenario().size.partners} >= 0.5 AS DOUBLE) AS v FROM runs) GROUP BY parameter_set",
    ),
    Pattern(
        "F28", "Groups of intermediate size do best", "Yang et al. 2013",
        "size (4-64) with the highest collective value per founder: inside the range", 5, 63, "size",
        'SELECT parameter_set, arg_max(n, v) AS value FROM (SELECT parameter_set, "size.partners" AS n, avg(collective_value) AS v '
        "FROM runs GROUP BY ALL) GROUP BY parameter_set",
        diagnosis="Nothing in creation needs many members; tension and rivalry grow with their number.",
    ),
    Pattern(
        "F29", "Without private or common benefit contributions decay", "Fischbacher & Gaechter 2010",
        "willingness to take part in month 24 over month 1, with neither capture nor common value", 0.0, 0.3, "inert",
        "SELECT parameter_set, avg(CASE WHEN month = 24 THEN engagement END) / avg(CASE WHEN month = 1 THEN engagement END) AS value "
        "FROM series GROUP BY parameter_set", BUILT_IN,
    ),
    Pattern(
        "F30", "Many sustainability partnerships have no output", "Pattberg & Widerberg 2015",
        "share of partnerships creating less than a tenth of their potential in month 60", 0.15, 0.45, "base",
        "SELECT parameter_set, avg(CAST(value_created < 0.1 * productivity AS DOUBLE)) AS value FROM series "
        f"WHERE month = 60 AND {NEUTRAL} GROUP BY parameter_set",
    ),
    Pattern(
        "F31", "With open entry, size settles", "Duso, Pennings & Seldeslachts 2010",
        "change of the mean number of members from month 108 to 120, relative", -0.05, 0.05, "open",
        "SELECT parameter_set, avg(CASE WHEN month = 120 THEN n_members END) / avg(CASE WHEN month = 108 THEN n_members END) - 1 AS value "
        "FROM series GROUP BY parameter_set",
        diagnosis="More join than leave, or fewer, until ten years are over.",
    ),
    Pattern(
        "F32a", "The best fixed length rises with the value of the joint work", "Miyagiwa & Sissoko 2013",
        "grant length (0-60) of highest value for society net of subsidy and the orchestrator's effort (a unit at the price of a "
        "member's month: assumption; decision 0021): productivity 3 minus .75", 1, 60, "grants", best_grant("rules.creation.productivity", 0.75, 3.0),
        diagnosis="The longest grant is best at either productivity: what a month buys is worth more than it costs.",
    ),
    Pattern(
        "F32b", "The best fixed length falls with what taking part costs", "Miyagiwa & Sissoko 2013",
        "the same length: cost of taking part 1.2 minus .3", -60, -1, "grants",
        best_grant("rules.participation.base_cost", 0.3, 1.2),
        diagnosis="Where taking part costs more, members need the subsidy more: it keeps more of them than it costs.",
    ),
    Pattern(
        "F33", "Privacy alone does not make rivals share", "Liu & Rahimian, arXiv 2606.02348",
        "retention at 60 months with nothing to learn: safeguarding minus neutral", -1.0, 0.02, "barren",
        f"SELECT parameter_set, avg(CASE WHEN policy <> 'neutral' THEN retention_60 END) - avg(CASE WHEN {NEUTRAL} THEN retention_60 END) "
        "AS value FROM runs GROUP BY parameter_set",
    ),
    Pattern(
        "F34", "Retention is not success: some leave as they are served", "Rahman & Korn 2014",
        "share of exits within 60 months that are satisfied (the limits are an assumption)", 0.05, 0.95, "base",
        "SELECT parameter_set, sum(exits_satisfied) / sum(exits_satisfied + exits_frustrated + exits_other) AS value FROM runs "
        "WHERE policy = 'adaptive_tracking' GROUP BY parameter_set",
        diagnosis="Few get all they hope for before their patience runs out.",
    ),
    Pattern(
        "F16b", "Few take part regularly, many now and then", "Regional water collaboration 2018",
        "Gini coefficient over founders of participation summed over 60 months (the limits are an assumption)", 0.2, 0.7, "base",
        "SELECT parameter_set, avg(g) AS value FROM (SELECT parameter_set, run_id, sum((2 * rank - n - 1) * p) / greatest(n * sum(p), 1e-9) AS g "
        "FROM (SELECT parameter_set, run_id, p, row_number() OVER (PARTITION BY parameter_set, run_id ORDER BY p) AS rank, "
        "count(*) OVER (PARTITION BY parameter_set, run_id) AS n FROM (SELECT parameter_set, run_id, member, sum(participation) AS p "
        f"FROM members WHERE {NEUTRAL} GROUP BY ALL)) GROUP BY parameter_set, run_id, n) GROUP BY parameter_set",
    ),
    Pattern(
        "F18b", "Attendance is steadier once the mandate has ended", "UC Davis dam relicensing study",
        "mean change of participation from month to month (absolute): months 26-36 minus months 14-24", -1.0, 0.0, "base",
        "SELECT parameter_set, avg(step) FILTER (month > 25) - avg(step) FILTER (month <= 24) AS value FROM (SELECT parameter_set, month, "
        "abs(participation - lag(participation) OVER (PARTITION BY parameter_set, run_id, member ORDER BY month)) AS step "
        f"FROM members WHERE month BETWEEN 13 AND 36 AND {NEUTRAL} AND active > 0) WHERE month <> 25 AND month <> 13 GROUP BY parameter_set",
    ),
    Pattern(
        "F23b", "Absorptive capacity acts through what is learned", "Zou, Ertug & George 2018",
        "partial correlation of readiness at the start and staying 60 months, with captured value held fixed (near 0: assumption)",
        -0.15, 0.15, "base",
        "SELECT parameter_set, (ry - rv * vy) / sqrt(greatest((1 - rv * rv) * (1 - vy * vy), 1e-9)) AS value FROM (SELECT parameter_set, corr(r, y) AS ry, "
        "corr(r, v) AS rv, corr(v, y) AS vy FROM (SELECT parameter_set, run_id, member, first(0.6 * routine + 0.4 * representative ORDER BY month) AS r, "
        f"max(needs_met) AS v, last(active ORDER BY month) AS y FROM members WHERE {NEUTRAL} GROUP BY ALL) GROUP BY parameter_set)",
    ),
    Pattern(
        "F35", "Members by the year renew in 84 to 91 of 100 cases", "surveys of associations by Marketing General and ASAE",
        "foundation: share of members still there a year later, from month 18 on (with room for its mix: assumption)", 0.8, 0.94,
        "members_by_the_year",
        "SELECT parameter_set, power(sum(active) FILTER (month = 54) / sum(active) FILTER (month = 18), 1 / 3) AS value FROM members "
        "GROUP BY parameter_set",
    ),
    Pattern(
        "F36", "The first renewal is the hardest: 74 to 75 of 100", "surveys of associations by Marketing General",
        "the same, months 6 to 18 (with the first decision) minus later years", -0.2, -0.02, "members_by_the_year",
        "SELECT parameter_set, sum(active) FILTER (month = 18) / sum(active) FILTER (month = 6) - "
        "power(sum(active) FILTER (month = 54) / sum(active) FILTER (month = 18), 1 / 3) AS value FROM members GROUP BY parameter_set",
    ),
    Pattern(
        "F37", "Universities and institutes leave contracts less than firms do", "CORDIS: 26 European research consortia (configs/reference)",
        "contract: exits a month of academic members over those of firms (90 % interval of the real ratio, 9 and 32 exits)", 0.18, 0.71,
        "contract",
        "SELECT parameter_set, (sum(left_) FILTER (sector = 'academic') / sum(there) FILTER (sector = 'academic')) / "
        "(sum(left_) FILTER (sector = 'private') / sum(there) FILTER (sector = 'private')) AS value FROM (SELECT parameter_set, "
        "sector, 1 - last(active ORDER BY month) AS left_, sum(active) AS there FROM members GROUP BY parameter_set, run_id, member, sector) "
        "GROUP BY parameter_set",
    ),
    Pattern(
        "F38", "Withdrawal rises with competition inside", "Greve et al. 2010",
        "firms staying 60 months: one market segment for all minus six", -1.0, -0.005, "rivals",
        "SELECT parameter_set, avg(active) FILTER (level = 0) - avg(active) FILTER (level = 1) AS value FROM members "
        "WHERE month = 60 AND sector = 'private' GROUP BY parameter_set",
    ),
    Pattern(
        "F39", "Outside options draw even members away that do well", "Greve et al. 2013",
        "members above the median benefit in month 24: share staying to month 36, with many outside contacts minus with few", -1.0, 0.0,
        "base",
        f"SELECT parameter_set, avg(stays) FILTER (courted AND good) - avg(stays) FILTER (NOT courted AND good) AS value FROM ({STAYS}) "
        "GROUP BY parameter_set",
    ),
)
# fmt: on


def verdicts(
    region: "pd.DataFrame",
    folder: Path,
    replications: int = 40,
    executor: str | Mapping[str, Any] = "processes",
    progress: bool | None = None,
) -> "pd.DataFrame":
    """Simulate all run plans over a region and judge every pattern.

    Args:
        region: a row per parameter set, a column per parameter.
        folder: where the runs are kept; runs that are there are not simulated again.
        replications: runs of each parameter set, level and policy.
        executor: as for ``sim.sweep``.
        progress: show progress, as a bar on a terminal and as lines elsewhere; False for nothing.

    Returns:
        A row per pattern: statistic, empirical range (``low``, ``high``), median and 90 % interval over parameter sets,
        the share of parameter sets ``inside`` the range, and the verdict.
    """
    import pandas as pd

    how: dict[str, Any] = {"executor": executor, "progress": progress}
    runs = {name: simulate_plan(name, plan, region, folder, replications, **how) for name, plan in RUN_PLANS.items()}
    return pd.DataFrame([_verdict(pattern, runs[pattern.runs]) for pattern in PATTERNS])


def _verdict(pattern: Pattern, runs: Sweep) -> dict[str, Any]:
    values = query_plan(runs, pattern.sql, RUN_PLANS[pattern.runs])
    values = values[np.isfinite(values)]
    q05, median, q95 = np.quantile(values, [0.05, 0.5, 0.95]) if len(values) else (np.nan,) * 3
    passed = bool(pattern.low <= median <= pattern.high)
    inside = (values >= pattern.low) & (values <= pattern.high)
    return {
        "pattern": pattern.name,
        "fact": pattern.fact,
        "source": pattern.source,
        "statistic": pattern.statistic,
        "kind": pattern.kind,
        "low": pattern.low,
        "high": pattern.high,
        "q05": q05,
        "median": median,
        "q95": q95,
        "inside": float(np.mean(inside)) if len(values) else np.nan,
        "parameter_sets": len(values),
        "verdict": "passed" if passed else "failed",
        "diagnosis": "" if passed else pattern.diagnosis or "not understood yet",
    }
