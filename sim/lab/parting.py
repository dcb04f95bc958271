"""Where two lives of one world part, what followed, and what would have happened without governance, in sentences."""

from typing import Any

from sim.analysis.divergence import chain, fates, first_divergence
from sim.engine.simulate import RECORDS, simulate
from sim.lab.language import Words, words
from sim.lab.settings import Asked
from sim.lab.stories import MONTHS
from sim.lab.words import way
from sim.lab.world import listed, name_member

STEPS = 5
"""Most differences told of one member's two lives."""

VALUES = ("collective_value", "private_value", "society_value")


def part(asked: Asked) -> dict[str, Any]:
    """Simulate the watched world under both policies, and without, and tell how they differ."""
    scenario, say = asked.model(), words(asked.language)
    names = dict.fromkeys((*asked.policies, "neutral"))
    runs = {name: simulate(scenario, [asked.seed], name, MONTHS, record=RECORDS) for name in names}
    pair = [runs[name] for name in asked.policies]
    found = first_divergence(*pair)
    ways = {"one": way(asked.policies[0], say), "other": way(asked.policies[1], say)}
    places = [{"month": row.month, "told": _tell_place(row, pair, ways, say)} for row in found.itertuples()]
    return {
        "places": sorted(places, key=lambda place: place["month"]) or [{"month": None, "told": say("lab.part.never")}],
        "followed": tell_followed(found, pair, ways, say),
        "without": [tell_without(runs["neutral"], runs[p], p, say) for p in asked.policies if p != "neutral"],
    }


def _tell_place(row: Any, pair: list[Any], ways: dict[str, str], say: Words) -> str:
    """Tell one row of ``first_divergence``."""
    who = _name(pair[0], row.member, say) if row.member >= 0 else ""
    if row.place == "event":
        return _tell_event(row, pair[0 if row.one else 1], who, ways["one" if row.one else "other"], say)
    if row.place == "exit":
        gaps = {"a": _leaving(row.one, say), "b": _leaving(row.other, say)}
    else:
        gaps = {"a": say.number(row.one, ".2f"), "b": say.number(row.other, ".2f")}
        gaps["what"] = say(f"model.quantity.{row.quantity}")
    return say(f"lab.part.{row.place}", who=who, **gaps, **ways)


def _tell_event(row: Any, run: Any, who: str, way_of_it: str, say: Words) -> str:
    """Tell the first event that one run has alone."""
    events = run.events
    if row.member < 0:
        here = events[(events["month"] == row.month) & (events["kind"] == row.quantity)]
        told = say(f"model.{row.quantity}.{here['cause'].iloc[0]}")
    else:
        told = say(f"model.event.{row.quantity}", who=who)
    return say("lab.part.event", told=told, way=way_of_it)


def tell_followed(found: Any, pair: list[Any], ways: dict[str, str], say: Words) -> str:
    """Tell what came to differ clearly for the first founder whose leaving differs; nothing where none does."""
    concerned = found.set_index("place")["member"]
    if "exit" not in concerned:
        return ""
    member = int(concerned["exit"])
    rows: Any = chain(pair[0], pair[1], member)
    rows = rows[rows["clear"].notna() & (rows["step"] == "member")].sort_values("clear", kind="stable").head(STEPS)
    steps = [
        say(
            "lab.part.step",
            month=row.clear,
            what=say(f"model.quantity.{row.quantity}"),
            a=say.number(row.one, ".2f"),
            b=say.number(row.other, ".2f"),
        )
        for row in rows.itertuples()
    ]
    return say("lab.part.followed", who=_name(pair[0], member, say), steps="; ".join(steps), **ways) if steps else ""


def tell_without(without: Any, run: Any, policy: str, say: Words) -> list[str]:
    """Tell what the same world would have been without a policy: members, value, and who would have stayed or left."""
    founders, ends = fates(without, run), [r.summary.iloc[0] for r in (without, run)]
    size, named = len(founders), way(policy, say)
    stay = [int((founders[f"how_{which}"] == "stays").sum()) for which in ("one", "other")]
    key = "members" if stay[0] != stay[1] else "as_many"
    told = [say(f"lab.without.{key}", way=named, a=stay[0], b=stay[1], size=size)]
    for value in VALUES:
        a, b = (say.number(end[value], ".2f") for end in ends)
        told.append(say(f"lab.without.{value}", a=a, b=b))
    for which, other, key in (("one", "other", "stay"), ("other", "one", "leave")):
        only = founders[(founders[f"how_{which}"] == "stays") & (founders[f"how_{other}"] != "stays")]
        if len(only):
            told.append(say(f"lab.without.{key}", who=listed([_name(run, m, say) for m in only["member"]], say)))
    both = founders[(founders["how_one"] != "stays") & (founders["how_other"] != "stays")]
    sooner, later = int((both["months"] > 0).sum()), int((both["months"] < 0).sum())
    if sooner + later:
        told.append(say("lab.without.when", way=named, both=len(both), sooner=sooner, later=later))
    return told


def _name(run: Any, member: int, say: Words) -> str:
    rows = run.members
    return name_member(rows.loc[rows["member"] == member, "sector"].iloc[0], member, say)


def _leaving(month: float, say: Words) -> str:
    return say("lab.part.stays") if month != month else say("lab.part.leaves", month=round(month))
