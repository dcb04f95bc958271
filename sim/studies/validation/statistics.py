"""What patterns are made of: a fact beside a statistic, and statistics that several share, as queries over tables."""

import dataclasses

EMERGES, BUILT_IN = "emerges", "built in"


@dataclasses.dataclass(frozen=True)
class Pattern:
    """One fact. ``sql`` gives columns ``parameter_set`` and ``value`` from the tables of a study."""

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
    """Compare the grant length of highest net value at two levels of a parameter; a month of grant has a price."""
    net = "avg(society_value - effort_spent / 12)"
    return (
        f"SELECT parameter_set, max(CASE WHEN c = {high} THEN best END) - max(CASE WHEN c = {low} THEN best END) AS value FROM "
        f'(SELECT parameter_set, c, arg_max(g, v) AS best FROM (SELECT parameter_set, "{column}" AS c, "grant.months" AS g, {net} AS v '
        "FROM runs GROUP BY ALL) GROUP BY ALL) GROUP BY parameter_set"
    )
