"""One partnership, month by month, as the page draws it: who takes part, how gladly, who left and why."""

from typing import Any

from sim.engine.simulate import simulate
from sim.lab.language import Words, words
from sim.lab.settings import Asked
from sim.lab.stories import MONTHS
from sim.lab.words import capital
from sim.model.sectors import SECTORS

MOST = 3
"""Most members that a sentence names at once."""


def watch(asked: Asked, policy: str) -> dict[str, Any]:
    """Simulate the watched world under one policy; month 0 is before anything happened."""
    scenario, say = asked.model(), words(asked.language)
    tables = simulate(scenario, [asked.seed], policy, MONTHS, record=("members", "events"))
    rows, events = tables.members, tables.events
    assert rows is not None
    assert events is not None
    first = rows[rows["month"] == 1].sort_values("member")
    size = len(first)
    by_month = {name: rows[name].to_numpy().reshape(MONTHS, size) for name in ("active", "engagement", "needs_met")}
    in_month, nothing = dict(list(events.groupby("month"))), events.iloc[:0]
    told, exits, ties = [say("lab.world.begin", size=size)], [], []
    for month in range(1, MONTHS + 1):
        now = in_month.get(month, nothing)
        left = now[now["kind"].str.startswith("exit")]
        exits += [
            {"month": month, "member": member, "why": leaving(left[left["member"] == member], say)}
            for member in left["member"].tolist()
        ]
        ties += [[month, *pair] for pair in now.loc[now["kind"] == "match inside", ["member", "other"]].values.tolist()]
        told.append(_tell(month, int(by_month["active"][month - 1].sum()), size, now, say))
    start = float(scenario.start.engagement)
    return {
        "policy": policy,
        "sectors": [SECTORS.index(s) for s in first["sector"]],
        "active": [[1] * size, *([int(v) for v in row] for row in by_month["active"])],
        "engagement": [[start] * size, *([round(float(v), 2) for v in row] for row in by_month["engagement"])],
        "captured": [[0.0] * size, *([round(float(v), 1) for v in row] for row in by_month["needs_met"])],
        "ties": ties,
        "exits": exits,
        "told": told,
    }


def name_member(sector: str, member: int, say: Words) -> str:
    """Name a member; in class they are numbered from 1."""
    return f"{say(f'model.member.{sector}')} {member + 1}"


def leaving(rows: Any, say: Words) -> str:
    """Say who leaves, how and why: rows of exits in one way for one cause."""
    who = [name_member(sector, member, say) for sector, member in zip(rows["sector"], rows["member"], strict=True)]
    mood, cause, several = rows["kind"].iloc[0].removeprefix("exit "), rows["cause"].iloc[0], len(who) > 1
    return say(
        "lab.world.leave" if several else "lab.world.leaves",
        who=listed(who, say),
        mood="" if mood == "other" else f" {say(f'model.mood.{mood}')}",
        why=say(f"model.cause.{'many' if several else 'one'}.{cause}"),
    )


def listed(names: list[str], say: Words) -> str:
    """Join names in a sentence, the last ones as a number where they are many."""
    if len(names) > MOST:
        names = [*names[: MOST - 1], say("lab.world.others", n=len(names) - MOST + 1)]
    return f" {say('lab.world.and')} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _tell(month: int, here: int, size: int, now: Any, say: Words) -> str:
    """Say what happened in a month."""
    turns = now[(now["kind"] == "shock") | ((now["kind"] == "phase") & (month > 1))]
    parts = [say(f"model.{kind}.{cause}") for kind, cause in zip(turns["kind"], turns["cause"], strict=True)]
    left = now[now["kind"].str.startswith("exit")]
    if len(left):
        parts += [leaving(rows, say) for _, rows in left.groupby(["kind", "cause"], sort=False)]
    for kind, several in (("leak", "leaks"), ("match", "matches")):
        count = int(now["kind"].str.startswith(kind).sum())
        parts += [say(f"lab.world.{kind if count == 1 else several}", n=count)] if count else []
    said = "; ".join(parts) or say("lab.world.nothing")
    return say("lab.world.month", month=month, here=here, size=size, said=capital(said))
