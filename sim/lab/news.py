"""The game in sentences: what happened, what leavers say, what moved, and what it would have been otherwise."""

from typing import Any

from sim.lab.game import ROUND
from sim.lab.language import Words
from sim.lab.rounds import TENSIONS
from sim.lab.words import capital
from sim.model.sectors import SECTORS

MOST = 3
"""Most leavers that a sentence names."""

CLEAR = 3.0
"""A tension is said to have moved if its two estimates differ by this many times the error of one."""

TURNS = ("pause", "implementation", "post-grant")
"""Phases whose beginning is news."""


def number(say: Words, value: float, digits: int = 0, sign: bool = False) -> str:
    """Write a number as the language does, with a true minus."""
    return say.number(value, f"{'+' if sign else ''}.{digits}f").replace("-", "−")


def percent(share: float) -> str:
    """Write a share in whole per cent."""
    return f"{100 * share:.0f}"


def tell_news(say: Words, view: dict[str, Any]) -> list[str]:
    """Say what was noticed in the last round: phases and shocks, who left and what they said, and what moved."""
    done = len(view["rounds"]) - 1
    if done == 0:
        return [say("convene.news.begin", n=len(view["sectors"]))]
    fresh = [e for e in view["noticed"] if e["month"] > ROUND * (done - 1)]
    before, now = view["rounds"][-2:]
    turns, left = _tell_turns(say, fresh), _tell_leavers(say, view, fresh)
    if not now["members"]:
        return [*turns, *left, say("convene.news.gone")]
    left = left or [say("convene.news.stay")]
    return [*turns, *left, _tell_attendance(say, before, now), *_tell_tensions(say, before, now)]


def tell_months(say: Words, view: dict[str, Any]) -> list[str]:
    """Say for each month how many take part, and what was noticed."""
    told = []
    for month, active in enumerate(view["active"]):
        now = [e for e in view["noticed"] if e["month"] == month]
        here = say("convene.news.month", month=month, n=sum(active), size=len(active))
        told.append(" ".join([here, *_tell_turns(say, now), *_tell_leavers(say, view, now)]))
    return told


def tell_beside(say: Words, lives: dict[str, Any]) -> list[str]:
    """Say how many take part, and how much, in each of some lives by name."""
    return [
        say(f"convene.beside.{name}", members=life["members"], attendance=percent(life["attendance"]))
        for name, life in lives.items()
    ]


def name_members(say: Words, view: dict[str, Any], members: list[int]) -> str:
    """Name members by their kind and number, counted from 1; many are not all named."""
    kinds = [SECTORS[view["sectors"][member]] for member in members]
    who = [f"{say(f'model.member.{kind}')} {m + 1}" for kind, m in zip(kinds, members[:MOST], strict=False)]
    if len(members) > MOST:
        who[MOST - 1 :] = [say("convene.news.others", n=len(members) - MOST + 1)]
    return f" {say('convene.and')} ".join([", ".join(who[:-1]), who[-1]] if len(who) > 1 else who)


def _tell_turns(say: Words, events: list[dict[str, Any]]) -> list[str]:
    told = []
    for event in events:
        cause, amount = event["cause"], event["amount"]
        if event["kind"] == "phase" and cause in TURNS:
            told.append(say(f"convene.phase.{cause}"))
        elif event["kind"] == "shock":
            size = f"{amount:.0f}" if cause == "grant withdrawn" else percent(amount)
            told.append(say(f"convene.shock.{cause.replace(' ', '_')}", n=size))
    return told


def _tell_leavers(say: Words, view: dict[str, Any], events: list[dict[str, Any]]) -> list[str]:
    """Say who left, together with others who left in the same mood for the same reason."""
    groups: dict[tuple[str, str], list[int]] = {}
    for event in events:
        if event["kind"].startswith("exit"):
            groups.setdefault((event["kind"].removeprefix("exit "), event["cause"]), []).append(event["member"])
    told = []
    for (mood, cause), members in groups.items():
        how, why = say(f"convene.how.{mood}"), say(f"convene.why.{cause.replace(' ', '_')}")
        key = "convene.news.leave_one" if len(members) == 1 else "convene.news.leave_many"
        told.append(capital(say(key, who=name_members(say, view, members), how=how, why=why)))
    return told


def _tell_attendance(say: Words, before: dict[str, Any], now: dict[str, Any]) -> str:
    was, is_ = percent(before["attendance"]), percent(now["attendance"])
    way = "same" if was == is_ else "up" if now["attendance"] > before["attendance"] else "down"
    return say(f"convene.news.{way}", before=was, after=is_)


def _tell_tensions(say: Words, before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Say which tensions clearly moved; at the very start none was there to be seen."""
    told = []
    for tension in TENSIONS if before["months_done"] else ():
        change, name = now[tension] - before[tension], say(f"convene.tension.{tension.removeprefix('tension_')}")
        if abs(change) > CLEAR * now["tension_off"]:
            told.append(say("convene.news.tension_up" if change > 0 else "convene.news.tension_down", name=name))
    return told
