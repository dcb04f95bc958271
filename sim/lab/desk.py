"""The orchestrator's desk in sentences: where the partnership stands, the guesses, and what effort can buy."""

from typing import Any

import numpy as np

from sim.lab.game import ROUND, ROUNDS, Decision, pauses_allowed
from sim.lab.language import Words
from sim.lab.news import name_members, number, percent
from sim.lab.rounds import TENSIONS

BEYOND = float("inf")
TENSE = (("low", 0.2), ("some", 0.4), ("high", 0.6), ("very_high", BEYOND))
DANGER = (("low", 0.05), ("some", 0.13), ("high", 0.25), ("very_high", BEYOND))
MOODS = (("impatient", -0.2), ("doubt", 0.2), ("content", BEYOND))
"""Names of what lies below a bound: of a tension, of mean risk, of net benefit over hopes."""

IN_PERCENT = ("safeguard", "bundle", "track")


def named(value: float, names: Any) -> str:
    """Give the name of the first bound above a value."""
    return next(name for name, bound in names if value < bound)


def tell_facts(say: Words, view: dict[str, Any]) -> list[str]:
    """Say where the partnership stands."""
    now, size = view["rounds"][-1], len(view["sectors"])
    funded = now["months_funded"]
    return [
        say("convene.head.members", n=now["members"], size=size),
        say("convene.head.attendance", n=percent(now["attendance"])),
        say("convene.head.budget", n=number(say, now["budget"], 1)),
        say("convene.head.grant", n=f"{funded:.0f}") if funded > 0 else say("convene.head.no_grant"),
    ]


def filled(value: float, names: Any) -> float:
    """Give how much of a bar is filled (0 to 1), where every name takes an equal stretch of it."""
    bounds = [0.0, *(min(bound, 1.0) for _, bound in names)]
    return float(np.interp(value, bounds, np.linspace(0.0, 1.0, len(bounds))))


def tell_guesses(say: Words, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Describe each tension and the danger of leaks: a name, how full its bar is, and the estimate in words."""
    now = view["rounds"][-1]
    found = []
    for key in (*TENSIONS, "risk"):
        value, seen = now[key], key == "risk" or now["months_done"] > 0
        names = DANGER if key == "risk" else TENSE
        level = say(f"convene.level.{named(value, names)}")
        gaps = {"level": level, "n": number(say, value, 2), "off": number(say, now["tension_off"], 2)}
        told = f"{level} ({gaps['n']})" if key == "risk" else say("convene.table.give", **gaps)
        name = say(f"convene.tension.{key.removeprefix('tension_')}")
        bar = filled(value, names) if seen else 0.0
        found.append({"name": name, "value": bar, "told": told if seen else say("convene.tension.none")})
    return found


def tell_sectors(say: Words, view: dict[str, Any]) -> list[list[str]]:
    """Describe each sector in a row of words."""
    now = view["rounds"][-1]
    return [_tell_sector(say, row, now["months_done"] > 0) for row in now["sectors"]]


def _tell_sector(say: Words, row: dict[str, Any], begun: bool) -> list[str]:
    name = say(f"convene.sector.{row['sector']}")
    some = say("convene.table.some_of", name=name, n=row["members"], founders=row["founders"])
    if not row["members"]:
        return [some, "–", "–", say("convene.mood.gone")]
    surplus = {"n": number(say, row["shortfall"], 1, sign=True), "off": number(say, row["shortfall_off"], 1)}
    captured = say("convene.table.about", n=percent(row["captured"]), off=percent(row["captured_off"]))
    return [
        some,
        say("convene.table.share", n=percent(row["attendance"])),
        captured if begun else say("convene.tension.none"),
        say("convene.table.feel", mood=say(f"convene.mood.{named(row['shortfall'], MOODS)}"), **surplus),
    ]


def tell_lowest(say: Words, view: dict[str, Any]) -> str:
    """Name those who seem to fall short most."""
    lowest = view["rounds"][-1]["lowest"]
    return say("convene.head.lowest", who=name_members(say, view, lowest)) if lowest else ""


def tell_bought(say: Words, view: dict[str, Any]) -> dict[str, list[str]]:
    """Say what each number of parts buys of each lever."""
    return {
        key: [_tell_amount(say, key.removesuffix("_short"), *pair) for pair in row] for key, row in view["buys"].items()
    }


def _tell_amount(say: Words, lever: str, amount: float, idle: bool) -> str:
    shown = percent(amount) if lever in IN_PERCENT else number(say, amount, 1)
    told = say(f"convene.buys.{lever}", n=shown) if amount else say("convene.buys.nothing")
    return say("convene.buys.idle", what=told) if idle else told


def tell_pause(say: Words, view: dict[str, Any], decisions: tuple[Decision, ...], initiation: int) -> str:
    """Say what a pause in the coming round would mean; empty where none can be held."""
    if len(decisions) == ROUNDS or not pauses_allowed(decisions, initiation)[-1]:
        return ""
    now, done = view["rounds"][-1], ROUND * len(decisions)
    gaps = {
        "first": max(done, initiation) + 1,
        "last": done + ROUND,
        "cost": number(say, min(now["full_pause"], now["budget"]), 1),
        "budget": number(say, now["budget"], 1),
    }
    return say("convene.may.on" if decisions and decisions[-1].pause else "convene.may.pause", **gaps)
