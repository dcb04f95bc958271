"""One partnership, month by month, as the page draws it: who takes part, how gladly, who left and why."""

from typing import Any

from sim.analysis.story import CAUSES
from sim.lab.settings import Asked
from sim.lab.stories import MONTHS
from sim.sectors import SECTORS
from sim.simulation import RECORDS, simulate

WHO = {"public": "public body", "private": "firm", "academic": "university", "nonprofit": "non-profit"}
OF_SEVERAL = {
    "forced": "they were made to",
    "need met": "they have most of what they came for",
    "no means": "they cannot pay to take part",
    "leak": "their information reached rivals",
}
"""Causes of exit as they read where several leave."""

MOST = 3
"""Most leavers that a sentence names for one reason."""


def watch(asked: Asked, policy: str) -> dict[str, Any]:
    """Simulate the watched world under one policy; month 0 is before anything happened."""
    scenario = asked.model()
    tables = simulate(scenario, [asked.seed], policy, MONTHS, record=RECORDS)
    rows, events = tables.members, tables.events
    assert rows is not None
    assert events is not None
    first = rows[rows["month"] == 1].sort_values("member")
    size = len(first)
    by_month = {name: rows[name].to_numpy().reshape(MONTHS, size) for name in ("active", "engagement", "met")}
    told, exits, ties = [f"Month 0: {size} members begin."], [], []
    for month in range(1, MONTHS + 1):
        now = events[events["month"] == month]
        left = now[now["kind"].str.startswith("exit")]
        exits += [
            {"month": month, "member": member, "why": _leaving(left[left["member"] == member])}
            for member in left["member"].tolist()
        ]
        ties += [[month, *pair] for pair in now.loc[now["kind"] == "match inside", ["member", "other"]].values.tolist()]
        told.append(_tell(month, int(by_month["active"][month - 1].sum()), size, now, left))
    start = float(scenario.start.engagement)
    return {
        "policy": policy,
        "sectors": [SECTORS.index(s) for s in first["sector"]],
        "active": [[1] * size, *([int(v) for v in row] for row in by_month["active"])],
        "engagement": [[start] * size, *([round(float(v), 2) for v in row] for row in by_month["engagement"])],
        "captured": [[0.0] * size, *([round(float(v), 1) for v in row] for row in by_month["met"])],
        "ties": ties,
        "exits": exits,
        "told": told,
    }


def _leaving(rows: Any) -> str:
    """Say who leaves, how and why: rows of exits in one way for one cause; members are numbered from 1 for class."""
    who = [f"{WHO[sector]} {member + 1}" for sector, member in zip(rows["sector"], rows["member"], strict=True)]
    if len(who) > MOST:
        who = [*who[: MOST - 1], f"{len(who) - MOST + 1} more"]
    names = " and ".join([", ".join(who[:-1]), who[-1]] if len(who) > 1 else who)
    mood, cause = rows["kind"].iloc[0].removeprefix("exit "), rows["cause"].iloc[0]
    how = "" if mood == "exogenous" else f" {mood}"
    told = CAUSES | OF_SEVERAL if len(rows) > 1 else CAUSES
    return f"{names} leave{'' if len(rows) > 1 else 's'}{how}: {told.get(cause, cause)}"


def _tell(month: int, here: int, size: int, now: Any, left: Any) -> str:
    """Say what happened in a month."""
    parts = []
    for event in now[now["kind"].isin(["shock", "phase"])].itertuples():
        if event.kind == "shock" or month > 1:
            parts.append(f"{event.cause} begins" if event.kind == "phase" else event.cause)
    parts += [_leaving(rows) for _, rows in left.groupby(["kind", "cause"], sort=False)]
    for kind, one, many in (("leak", "a leak reaches rivals", "leaks reach rivals"), ("match", "a match", "matches")):
        count = int(now["kind"].str.startswith(kind).sum())
        parts += [one if count == 1 else f"{count} {many}"] if count else []
    said = "; ".join(parts) or "nothing out of the ordinary"
    return f"Month {month}: {here} of {size} members take part. {said[0].upper()}{said[1:]}."
