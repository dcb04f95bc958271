"""Patterns: facts the model was not fitted to, each a statistic of simulated tables beside an empirical range.

Every statistic is one query per pattern, giving a value for each setting of the calibrated region; the verdict is on
their median. Facts and sources are those of ``theory.md`` section 3, in short; what the sources leave open in the
statistic is an assumption, and said so.
"""

import dataclasses

EMERGES, BUILT_IN = "emerges", "built in"


@dataclasses.dataclass(frozen=True)
class Study:
    """Runs that patterns look at: the region crossed with more, under some policies."""

    cross: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    policies: tuple[str, ...] = ("neutral",)
    changes: dict[str, float] = dataclasses.field(default_factory=dict)
    record: tuple[str, ...] = ()
    months: int = 60


STUDIES = {
    "base": Study(policies=("neutral", "adaptive_tracking"), record=("series", "members")),
    "long": Study(record=("series",), months=120),
    "distance": Study(cross={"sectors.distance": [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2]}),
    "size": Study(cross={"size.partners": [4, 8, 16, 24, 40, 64]}),
    "firms": Study(cross={"sectors.private.share": [0.2, 0.5, 0.8]}),
    "inert": Study(changes={"rules.capture.scale": 0.0, "rules.commitment.common_weight": 0.0}, record=("series",)),
    "open": Study(changes={"rules.membership.entry_rate": 0.02, "size.candidates": 24}, record=("series",), months=120),
    "barren": Study(changes={"rules.creation.stock_gain": 0.0}, policies=("neutral", "safeguarding")),
}


@dataclasses.dataclass(frozen=True)
class Pattern:
    """One fact. ``sql`` gives columns ``setting`` and ``value`` from the tables of a study."""

    name: str
    fact: str
    source: str
    statistic: str
    low: float
    high: float
    study: str
    sql: str
    kind: str = EMERGES
    diagnosis: str = ""


def _bins(value: str, table: str, where: str, better: str, width: int = 6) -> str:
    """Say in which bin of months (from 1) a mean is largest or smallest."""
    return (
        f"SELECT setting, arg_{better}(bin, v) AS value FROM (SELECT setting, (month - 1) // {width} + 1 AS bin, "
        f"{value} AS v FROM {table} WHERE {where} GROUP BY setting, bin) GROUP BY setting"
    )


NEUTRAL = "policy = 'neutral'"


def _stayers(what: str, policy: str) -> str:
    """Compare members in month 24 by whether they are still there in month 36: mean of stayers minus leavers."""
    return (
        f"SELECT setting, avg(CASE WHEN stays THEN v END) - avg(CASE WHEN NOT stays THEN v END) AS value FROM "
        f"(SELECT a.setting, a.{what} AS v, b.active > 0 AS stays FROM members a JOIN members b USING (run_id, member) "
        f"WHERE a.month = 24 AND b.month = 36 AND a.active > 0 AND a.policy = '{policy}') GROUP BY setting"
    )


# fmt: off
PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "F3", "Most participants call it a success: 20-30 % failure when partners are asked", "MIT SMR/BCG/UNGC 2015",
        "share of partnerships whose members on average get more than they hope for, month 24", 0.45, 0.75, "base",
        f"SELECT setting, avg(CAST(surplus > 0 AS DOUBLE)) AS value FROM series WHERE month = 24 AND {NEUTRAL} GROUP BY setting",
        diagnosis="Settings that keep half the members for five years need a surplus in most partnerships at two years.",
    ),
    Pattern(
        "F7", "Exit hazard rises, then falls (honeymoon, adolescence)", "Fichman & Levinthal 1991",
        "half-year (1-10) with the highest exit hazard: neither the first nor the last", 2, 9, "base", _bins(
        "sum(exits_satisfied + exits_frustrated + exits_exogenous) / greatest(sum(n_members), 1)", "series", NEUTRAL,
        "max", ), diagnosis="Patience runs out at different times, and nothing makes those who stay ever safer.",
    ),
    Pattern(
        "F8", "Performance dips, then recovers with age", "Deeds & Rothaermel 2003",
        "half-year (1-10) with the lowest mean net benefit of members: neither the first nor the last", 2, 9, "base",
        _bins("avg(net_benefit)", "members", f"{NEUTRAL} AND active > 0", "min"),
        diagnosis="There is no stock of knowledge in the first months, so benefit is lowest at the very start.",
    ),
    Pattern(
        "F9", "Small members leave more", "Rasche et al. 2022",
        "founders staying 60 months: the larger half minus the smaller half", 0.0, 1.0, "base",
        "SELECT setting, avg(CASE WHEN large THEN active END) - avg(CASE WHEN NOT large THEN active END) AS value FROM "
        "(SELECT setting, active, resources > median(resources) OVER (PARTITION BY run_id) AS large FROM members "
        f"WHERE month = 60 AND {NEUTRAL}) GROUP BY setting",
        diagnosis="Size buys endurance only through means set aside.",
    ),
    Pattern(
        "F10a", "Members who do well stay", "Olk & Young 1997",
        "net benefit in month 24: those still there in month 36 minus those who left", 0.0, 10.0, "base",
        _stayers("benefit", "neutral"), BUILT_IN,
    ),
    Pattern(
        "F10b", "Members with ties stay", "Olk & Young 1997",
        "ties in month 24 under adaptive tracking: stayers minus leavers", 0.0, 10.0, "base",
        _stayers("n_ties", "adaptive_tracking"),
        diagnosis="Ties and outside contacts come from the same matches, and contacts raise what members expect.",
    ),
    Pattern(
        "F10c", "Members with alternatives leave", "Olk & Young 1997",
        "outside contacts in month 24 under adaptive tracking: stayers minus leavers", -10.0, 0.0, "base",
        _stayers("contacts", "adaptive_tracking"), BUILT_IN,
        diagnosis="Who takes part more is matched more, and who takes part more stays.",
    ),
    Pattern(
        "F14", "Distance between subgroups raises dissolution", "Heidl, Steensma & Phelps 2014",
        "retention at 60 months: distance 0.8 minus distance 0.4", -1.0, 0.0, "distance",
        'SELECT setting, avg(CASE WHEN "sectors.distance" = 0.8 THEN retention_60 END) - '
        'avg(CASE WHEN "sectors.distance" = 0.4 THEN retention_60 END) AS value FROM runs GROUP BY setting',
    ),
    Pattern(
        "F16", "Those who take part more capture more", "Regional water collaboration 2018",
        "correlation over members of mean participation and captured value", 0.0, 1.0, "base",
        "SELECT setting, corr(p, v) AS value FROM (SELECT setting, run_id, member, avg(participation) AS p, max(met) AS v "
        f"FROM members WHERE {NEUTRAL} GROUP BY ALL) GROUP BY setting", BUILT_IN,
    ),
    Pattern(
        "F18", "Attendance falls when the mandate ends", "UC Davis dam relicensing study",
        "mean participation in months 25-36 minus months 13-24 (the grant ends with month 24)", -1.0, 0.0, "base",
        "SELECT setting, avg(CASE WHEN month > 24 THEN participation END) - avg(CASE WHEN month <= 24 THEN participation END) "
        f"AS value FROM series WHERE month BETWEEN 13 AND 36 AND {NEUTRAL} GROUP BY setting",
    ),
    Pattern(
        "F19", "Output peaks near the middle of life", "Ulibarri et al. 2020",
        "month of the highest value created (quarters), as a share of 60 months", 0.25, 0.65, "base",
        "SELECT setting, arg_max(q, v) * 3 / 60 AS value FROM (SELECT setting, (month + 2) // 3 AS q, avg(value_created) AS v "
        f"FROM series WHERE {NEUTRAL} GROUP BY setting, q) GROUP BY setting",
    ),
    Pattern(
        "F20", "Success takes about 48 months", "Leach, Pelkey & Sabatier 2002",
        "months until half of the value created in ten years is there (the reading of 'success' is an assumption)",
        30, 60, "long",
        "SELECT setting, min(CASE WHEN v >= 0.5 * final THEN month END) AS value FROM (SELECT setting, month, avg(society_value) "
        "AS v, max(avg(society_value)) OVER (PARTITION BY setting) AS final FROM series GROUP BY setting, month) GROUP BY setting",
    ),
    Pattern(
        "F23", "Absorptive capacity predicts what is learned", "Zou, Ertug & George 2018",
        "correlation over members of readiness at the start and value captured by month 24", 0.2, 0.6, "base",
        "SELECT setting, corr(a, v) AS value FROM (SELECT setting, run_id, member, "
        "first(0.6 * routine + 0.4 * representative ORDER BY month) AS a, max(met) AS v "
        f"FROM members WHERE month <= 24 AND {NEUTRAL} GROUP BY ALL) GROUP BY setting", BUILT_IN,
    ),
    Pattern(
        "F24", "Innovation is highest at intermediate distance", "Nooteboom et al. 2007",
        "distance of DNA (0-1.2) with the highest collective value: inside the range", 0.1, 1.1, "distance",
        'SELECT setting, arg_max(d, v) AS value FROM (SELECT setting, "sectors.distance" AS d, avg(collective_value) AS v '
        "FROM runs GROUP BY ALL) GROUP BY setting",
        diagnosis="Distance costs understanding and brings nothing by itself: complementary knowledge comes with the sectors.",
    ),
    Pattern(
        "F26", "Dissimilar partners do not as such shorten alliances", "Pangarkar 2003",
        "retention at 60 months: 20 % minus 80 % weight of firms in the mix", -0.1, 0.1, "firms",
        'SELECT setting, avg(CASE WHEN "sectors.private.share" = 0.2 THEN retention_60 END) - '
        'avg(CASE WHEN "sectors.private.share" = 0.8 THEN retention_60 END) AS value FROM runs GROUP BY setting',
        diagnosis="Firms carry sensitive knowledge, little mission and rivals at once, so a mix with fewer of them keeps more.",
    ),
    Pattern(
        "F27", "A dedicated coordinating function raises long-term success", "Dyer, Kale & Singh 2001",
        "partnerships keeping half their founders 60 months: adaptive tracking over neutral", 1.1, 1.8, "base",
        "SELECT setting, avg(CASE WHEN policy <> 'neutral' THEN CAST(retention_60 >= 0.5 AS DOUBLE) END) / "
        f"avg(CASE WHEN {NEUTRAL} THEN CAST(retention_60 >= 0.5 AS DOUBLE) END) AS value FROM runs GROUP BY setting",
    ),
    Pattern(
        "F28", "Groups of intermediate size do best", "Yang et al. 2013",
        "size (4-64) with the highest collective value per founder: inside the range", 5, 63, "size",
        'SELECT setting, arg_max(n, v) AS value FROM (SELECT setting, "size.partners" AS n, avg(collective_value) AS v '
        "FROM runs GROUP BY ALL) GROUP BY setting",
    ),
    Pattern(
        "F29", "Without private or common benefit contributions decay", "Fischbacher & Gaechter 2010",
        "willingness to take part in month 24 over month 1, with neither capture nor common value", 0.0, 0.3, "inert",
        "SELECT setting, avg(CASE WHEN month = 24 THEN engagement END) / avg(CASE WHEN month = 1 THEN engagement END) AS value "
        "FROM series GROUP BY setting", BUILT_IN,
    ),
    Pattern(
        "F30", "Many sustainability partnerships have no output", "Pattberg & Widerberg 2015",
        "share of partnerships creating less than a tenth of their potential in month 60", 0.15, 0.45, "base",
        "SELECT setting, avg(CAST(value_created < 0.1 * productivity AS DOUBLE)) AS value FROM series "
        f"WHERE month = 60 AND {NEUTRAL} GROUP BY setting",
    ),
    Pattern(
        "F31", "With open entry, size settles", "Duso, Pennings & Seldeslachts 2010",
        "change of the mean number of members from month 108 to 120, relative", -0.05, 0.05, "open",
        "SELECT setting, avg(CASE WHEN month = 120 THEN n_members END) / avg(CASE WHEN month = 108 THEN n_members END) - 1 AS value "
        "FROM series GROUP BY setting",
    ),
    Pattern(
        "F33", "Privacy alone does not make rivals share", "Liu & Rahimian, arXiv 2606.02348",
        "retention at 60 months with nothing to learn: safeguarding minus neutral", -1.0, 0.02, "barren",
        f"SELECT setting, avg(CASE WHEN policy <> 'neutral' THEN retention_60 END) - avg(CASE WHEN {NEUTRAL} THEN retention_60 END) "
        "AS value FROM runs GROUP BY setting",
    ),
)
# fmt: on

WITHOUT_STATISTIC = {
    "F10, the rest": "how the reasons differ between poor and good performers: no statistic written yet",
    "F21": "funding and orchestrator capacity should rank high: `partnership sensitivity` tells (budget high, grant length low)",
    "F32": "optimal grant length: the model has no price for a month of grant, so no optimum is defined",
    "F34": "asks that exits be reported by kind: every table does",
}
"""Facts marked for validation that have no verdict, and why."""
