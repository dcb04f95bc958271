"""The end of the game in sentences and rows: the player beside the ways of governing that ship with the model."""

from typing import Any

from sim.lab.desk import MOODS, named
from sim.lab.game import ROUND, Decision
from sim.lab.language import Words
from sim.lab.news import number
from sim.lab.verdict import OUTCOMES

BESIDE = ("neutral", "adaptive", "perfect_information")
"""Ways of governing that the sentences name."""

WORTH_TELLING = 0.4
"""A guess is told as the worst only if it was off by this much: the width of being in doubt (value/month)."""

DIGITS = {"retention": 0, "collective_value": 2, "private_fairness": 2, "effort_spent": 0}


def tell_end(
    say: Words, mine: dict[str, Any], others: list[dict[str, Any]], size: int, uncovered: dict[str, Any]
) -> list[str]:
    """Say how it ended, beside three others in the same world, and where a guess was most wrong."""
    lives = {"you": mine} | {row["policy"]: row for row in others if row["policy"] in BESIDE}
    kept = {name: f"{row['retention'] * size:.0f}" for name, row in lives.items()}
    worth = {name: number(say, row["society_value"], 1) for name, row in lives.items()}
    left = {name: f"{mine[f'exits_{name}']:.0f}" for name in ("satisfied", "frustrated", "other")}
    ways = {f"{name}_way": say(f"model.way.{name}.name") for name in BESIDE}
    return [
        say("convene.end.kept", size=size, **kept, **ways),
        say("convene.end.society", **worth, **ways),
        say("convene.end.best", way=ways["perfect_information_way"]),
        say("convene.end.left", **left),
        *_tell_worst(say, uncovered["felt"]),
        say("convene.end.one"),
    ]


def tell_rows(say: Words, mine: dict[str, Any], others: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give a row for each way of governing and the player, most value for society first."""
    rows = [{"name": say("convene.end.you"), "kind": "you", **mine}]
    rows += [{"name": say(f"model.way.{row['policy']}.name"), "kind": row["policy"], **row} for row in others]
    rows.sort(key=lambda row: -row["society_value"])
    return [
        {
            "name": row["name"],
            "kind": row["kind"],
            "retention": row["retention"],
            "society": row["society_value"],
            "told": [_tell_outcome(say, name, row[name]) for name in OUTCOMES],
        }
        for row in rows
    ]


def tell_timeline(say: Words, view: dict[str, Any], decisions: tuple[Decision, ...]) -> list[dict[str, Any]]:
    """Give what was decided in each round, how many take part after it, and how many left in it."""
    exits = [(e["month"] - 1) // ROUND for e in view["noticed"] if e["kind"].startswith("exit")]
    return [
        {
            "parts": decision.parts,
            "pause": decision.pause,
            "whom": say("convene.end.to_short" if decision.to_short else "convene.end.to_all"),
            "members": view["rounds"][k + 1]["members"],
            "left": exits.count(k),
        }
        for k, decision in enumerate(decisions)
    ]


def _tell_worst(say: Words, felt: dict[str, Any]) -> list[str]:
    """Name the guess at a sector's mood that was furthest off, if one was mistaken by far."""
    found = [
        (abs(seen - true), ROUND * k + 1, sector, seen, true)
        for sector, series in felt.items()
        for k, (seen, true) in enumerate(
            zip(series["surplus"]["seen"], series["surplus"]["true"][::ROUND], strict=True)
        )
        if seen is not None and named(seen, MOODS) != named(true, MOODS)
    ]
    if not found or max(found)[0] < WORTH_TELLING:
        return []
    _, month, sector, seen, true = max(found)
    gaps = {name: say(f"convene.mood.{named(value, MOODS)}") for name, value in (("seen", seen), ("true", true))}
    gaps |= {f"{name}_n": number(say, value, 1, sign=True) for name, value in (("seen", seen), ("true", true))}
    who = say(f"convene.sector.{sector}")
    return [say("convene.end.worst", month=month, sector=who[:1].lower() + who[1:], **gaps)]


def _tell_outcome(say: Words, name: str, value: float) -> str:
    if value != value:
        return "–"
    if name == "retention":
        return say("convene.table.share", n=f"{100 * value:.0f}")
    return number(say, value, DIGITS.get(name, 1))
