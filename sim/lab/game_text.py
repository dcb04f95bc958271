"""The game in sentences: news, dashboard, and final score."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.lab.game import ROUND, ROUNDS, Decision, pauses_allowed
from sim.lab.game_runs import OUTCOMES, TENSIONS, Event
from sim.lab.messages import Messages, capitalise

View = Mapping[str, Any]
"""What ``view_rounds`` returns."""

Levels = Sequence[tuple[str, float]]
"""Names of levels, each with its upper bound."""

MOVED = 3.0
"""A tension is said to have moved if its two estimates differ by this many times the error of one."""

PHASES_WITH_NEWS = ("pause", "implementation", "post-grant")

NO_BOUND = float("inf")
TENSION_LEVELS = (("low", 0.2), ("some", 0.4), ("high", 0.6), ("very_high", NO_BOUND))
RISK_LEVELS = (("low", 0.05), ("some", 0.13), ("high", 0.25), ("very_high", NO_BOUND))
MOODS = (("impatient", -0.2), ("doubt", 0.2), ("content", NO_BOUND))
"""Levels of net benefit minus expectation (value/month)."""

IN_PERCENT = ("safeguard", "bundle", "track")

NAMED_POLICIES = ("neutral", "adaptive", "perfect_information")
"""Policies that the sentences at the end name."""

WRONG_BY = 0.4
"""An estimate is named as the worst only if it was off by this much (value/month): the width of the level "doubt"."""

DIGITS = {"retention": 0, "collective_value": 2, "private_fairness": 2, "effort_spent": 0}


def number(message: Messages, value: float, digits: int = 0, sign: bool = False) -> str:
    """Write a number as the language does, with a true minus."""
    return message.number(value, f"{'+' if sign else ''}.{digits}f").replace("-", "−")


def percent(share: float) -> str:
    """Write a share in whole per cent."""
    return f"{100 * share:.0f}"


def describe_news(message: Messages, view: View) -> list[str]:
    """Say what was noticed in the last round: phases and shocks, who left and why, and what moved."""
    done = len(view["rounds"]) - 1
    if done == 0:
        return [message("convene.news.begin", n=len(view["sectors"]))]
    events = [e for e in view["noticed"] if e["month"] > ROUND * (done - 1)]
    before, now = view["rounds"][-2:]
    changes, left = _describe_changes(message, events), _describe_leavers(message, view, events)
    if not now["members"]:
        return [*changes, *left, message("convene.news.gone")]
    left = left or [message("convene.news.stay")]
    return [*changes, *left, _describe_attendance(message, before, now), *_describe_tensions(message, before, now)]


def describe_months(message: Messages, view: View) -> list[str]:
    """Say for each month how many members take part, and what was noticed."""
    texts = []
    for month, active in enumerate(view["active"]):
        events = [e for e in view["noticed"] if e["month"] == month]
        here = message("convene.news.month", month=month, n=sum(active), size=len(active))
        texts.append(" ".join([here, *_describe_changes(message, events), *_describe_leavers(message, view, events)]))
    return texts


def describe_participation(message: Messages, alternatives: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say how many members take part, and how much, in each alternative by name."""
    return [
        message(f"convene.alternative.{name}", members=row["members"], attendance=percent(row["attendance"]))
        for name, row in alternatives.items()
    ]


def name_members(message: Messages, view: View, members: Sequence[int]) -> str:
    """Name members by their sector and number, counted from 1."""
    sectors = [view["names"][view["sectors"][member]] for member in members]
    return message.join_names([f"{message.sector(sector)} {m + 1}" for sector, m in zip(sectors, members, strict=True)])


def _describe_changes(message: Messages, events: Sequence[Event]) -> list[str]:
    """Describe phases that begin, and shocks."""
    texts = []
    for event in events:
        cause, amount = event["cause"], event["amount"]
        if event["kind"] == "phase" and cause in PHASES_WITH_NEWS:
            texts.append(message(f"convene.phase.{cause}"))
        elif event["kind"] == "shock":
            size = f"{amount:.0f}" if cause == "grant withdrawn" else percent(amount)
            texts.append(message(f"convene.shock.{cause.replace(' ', '_')}", n=size))
    return texts


def _describe_leavers(message: Messages, view: View, events: Sequence[Event]) -> list[str]:
    """Say who left, those with the same mood and cause together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for event in events:
        if event["kind"].startswith("exit"):
            groups.setdefault((event["kind"].removeprefix("exit "), event["cause"]), []).append(event["member"])
    texts = []
    for (mood, cause), members in groups.items():
        how, why = message(f"convene.how.{mood}"), message(f"convene.why.{cause.replace(' ', '_')}")
        key = "convene.news.leave_one" if len(members) == 1 else "convene.news.leave_many"
        texts.append(capitalise(message(key, who=name_members(message, view, members), how=how, why=why)))
    return texts


def _describe_attendance(message: Messages, before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    was, is_ = percent(before["attendance"]), percent(now["attendance"])
    change = "same" if was == is_ else "up" if now["attendance"] > before["attendance"] else "down"
    return message(f"convene.news.{change}", before=was, after=is_)


def _describe_tensions(message: Messages, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say which tensions clearly moved; at the start there is no earlier estimate."""
    texts = []
    for tension in TENSIONS if before["months_done"] else ():
        change, name = now[tension] - before[tension], message(f"convene.tension.{tension.removeprefix('tension_')}")
        if abs(change) > MOVED * now["tension_off"]:
            texts.append(message("convene.news.tension_up" if change > 0 else "convene.news.tension_down", name=name))
    return texts


def level_name(value: float, levels: Levels) -> str:
    """Return the name of the first level whose bound lies above a value."""
    return next(name for name, bound in levels if value < bound)


def bar_fill(value: float, levels: Levels) -> float:
    """Return how much of a bar is filled (0 to 1); every level takes an equal part of the bar."""
    bounds = [0.0, *(min(bound, 1.0) for _, bound in levels)]
    return float(np.interp(value, bounds, np.linspace(0.0, 1.0, len(bounds))))


def describe_facts(message: Messages, view: View) -> list[str]:
    """Say where the partnership stands."""
    now, size = view["rounds"][-1], len(view["sectors"])
    funded = now["months_funded"]
    return [
        message("convene.head.members", n=now["members"], size=size),
        message("convene.head.attendance", n=percent(now["attendance"])),
        message("convene.head.budget", n=number(message, now["budget"], 1)),
        message("convene.head.grant", n=f"{funded:.0f}") if funded > 0 else message("convene.head.no_grant"),
    ]


def describe_estimates(message: Messages, view: View) -> list[dict[str, Any]]:
    """Describe each tension and the risk of leaks: its name, how full its bar is, and the estimate in words."""
    now = view["rounds"][-1]
    estimates = []
    for key in (*TENSIONS, "risk"):
        value, is_seen = now[key], key == "risk" or now["months_done"] > 0
        levels = RISK_LEVELS if key == "risk" else TENSION_LEVELS
        level = message(f"convene.level.{level_name(value, levels)}")
        gaps = {"level": level, "n": number(message, value, 2), "off": number(message, now["tension_off"], 2)}
        text = f"{level} ({gaps['n']})" if key == "risk" else message("convene.table.give", **gaps)
        name = message(f"convene.tension.{key.removeprefix('tension_')}")
        bar = bar_fill(value, levels) if is_seen else 0.0
        estimates.append({"name": name, "value": bar, "text": text if is_seen else message("convene.tension.none")})
    return estimates


def describe_sectors(message: Messages, view: View) -> list[list[str]]:
    """Describe each sector in a row of the table."""
    now = view["rounds"][-1]
    return [_describe_sector(message, row, now["months_done"] > 0) for row in now["sectors"]]


def _describe_sector(message: Messages, row: Mapping[str, Any], has_begun: bool) -> list[str]:
    name = message.sector(row["sector"], "convene.sector")
    some = message("convene.table.some_of", name=name, n=row["members"], founders=row["founders"])
    if not row["members"]:
        return [some, "–", "–", message("convene.mood.gone")]
    surplus = {
        "n": number(message, row["shortfall"], 1, sign=True),
        "off": number(message, row["shortfall_off"], 1),
    }
    captured = message("convene.table.about", n=percent(row["captured"]), off=percent(row["captured_off"]))
    mood = message(f"convene.mood.{level_name(row['shortfall'], MOODS)}")
    return [
        some,
        message("convene.table.share", n=percent(row["attendance"])),
        captured if has_begun else message("convene.tension.none"),
        message("convene.table.feel", mood=mood, **surplus),
    ]


def describe_lowest(message: Messages, view: View) -> str:
    """Name the members that seem to fall short most."""
    lowest = view["rounds"][-1]["lowest"]
    return message("convene.head.lowest", who=name_members(message, view, lowest)) if lowest else ""


def describe_effects(message: Messages, view: View) -> dict[str, list[str]]:
    """Say what each number of points buys of each lever."""
    return {
        key: [_describe_effect(message, key.removesuffix("_short"), *pair) for pair in row]
        for key, row in view["effects"].items()
    }


def _describe_effect(message: Messages, lever: str, amount: float, some_unused: bool) -> str:
    shown = percent(amount) if lever in IN_PERCENT else number(message, amount, 1)
    text = message(f"convene.effect.{lever}", n=shown) if amount else message("convene.effect.nothing")
    return message("convene.effect.idle", what=text) if some_unused else text


def describe_pause(message: Messages, view: View, decisions: tuple[Decision, ...], initiation: int) -> str:
    """Say what a pause in the next round would mean; empty if no pause is allowed."""
    if len(decisions) == ROUNDS or not pauses_allowed(decisions, initiation)[-1]:
        return ""
    now, done = view["rounds"][-1], ROUND * len(decisions)
    gaps = {
        "first": max(done, initiation) + 1,
        "last": done + ROUND,
        "cost": number(message, min(now["full_pause"], now["budget"]), 1),
        "budget": number(message, now["budget"], 1),
    }
    return message("convene.pause_text.on" if decisions and decisions[-1].pause else "convene.pause_text.pause", **gaps)


def describe_end(
    message: Messages, own: View, others: Sequence[View], size: int, revealed: Mapping[str, Any]
) -> list[str]:
    """Say how the game ended, beside three policies with the same seed, and which estimate was furthest off.

    Args:
        message: The sentences.
        own: The player's outcomes (``final_score``).
        others: Those of the shipped policies (``policy_scores``).
        size: Number of founders.
        revealed: What members really felt (``reveal``).
    """
    rows = {"you": own} | {row["policy"]: row for row in others if row["policy"] in NAMED_POLICIES}
    members = {name: f"{row['retention'] * size:.0f}" for name, row in rows.items()}
    value = {name: number(message, row["society_value"], 1) for name, row in rows.items()}
    left = {name: f"{own[f'exits_{name}']:.0f}" for name in ("satisfied", "frustrated", "other")}
    strategies = {f"{name}_strategy": message.with_strategy(name) for name in NAMED_POLICIES}
    return [
        message("convene.end.kept", size=size, **members, **strategies),
        message("convene.end.society", **value, **strategies),
        message("convene.end.best", strategy=capitalise(message.strategy("perfect_information"))),
        message("convene.end.left", **left),
        *_describe_worst_estimate(message, revealed["felt"]),
        message("convene.end.one"),
    ]


def describe_rows(message: Messages, own: View, others: Sequence[View]) -> list[dict[str, Any]]:
    """Return a row for each policy and the player, most value for society first."""
    rows = [{"name": message("convene.end.you"), "kind": "you", **own}]
    rows += [{"name": message.strategy(row["policy"]), "kind": row["policy"], **row} for row in others]
    rows.sort(key=lambda row: -row["society_value"])
    return [
        {
            "name": row["name"],
            "kind": row["kind"],
            "retention": row["retention"],
            "society": row["society_value"],
            "cells": [_describe_outcome(message, name, row[name]) for name in OUTCOMES],
        }
        for row in rows
    ]


def describe_timeline(message: Messages, view: View, decisions: tuple[Decision, ...]) -> list[dict[str, Any]]:
    """Return for each round what was decided, how many members take part after it, and how many left in it."""
    exits = [(e["month"] - 1) // ROUND for e in view["noticed"] if e["kind"].startswith("exit")]
    return [
        {
            "points": decision.points,
            "pause": decision.pause,
            "whom": message("convene.end.to_short" if decision.to_short else "convene.end.to_all"),
            "members": view["rounds"][k + 1]["members"],
            "left": exits.count(k),
        }
        for k, decision in enumerate(decisions)
    ]


def _describe_worst_estimate(message: Messages, felt: Mapping[str, Any]) -> list[str]:
    """Name the estimate of a sector's mood that was furthest off, if one was clearly wrong."""
    wrong = [
        (abs(seen - true), ROUND * k + 1, sector, seen, true)
        for sector, series in felt.items()
        for k, (seen, true) in enumerate(
            zip(series["surplus"]["seen"], series["surplus"]["true"][::ROUND], strict=True)
        )
        if seen is not None and level_name(seen, MOODS) != level_name(true, MOODS)
    ]
    if not wrong or max(wrong)[0] < WRONG_BY:
        return []
    _, month, sector, seen, true = max(wrong)
    gaps = {name: message(f"convene.mood.{level_name(v, MOODS)}") for name, v in (("seen", seen), ("true", true))}
    gaps |= {f"{name}_n": number(message, v, 1, sign=True) for name, v in (("seen", seen), ("true", true))}
    who = message.sector(sector, "convene.sector")
    return [message("convene.end.worst", month=month, sector=who[:1].lower() + who[1:], **gaps)]


def _describe_outcome(message: Messages, name: str, value: float) -> str:
    if value != value:
        return "–"
    if name == "retention":
        return message("convene.table.share", n=f"{100 * value:.0f}")
    return number(message, value, DIGITS.get(name, 1))
