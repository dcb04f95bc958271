"""What the page says in sentences; every number in them comes from tables made elsewhere."""

import math
from collections.abc import Sequence
from typing import Any

from sim.lab.language import Words, words


def way(policy: str, say: Words) -> str:
    """Name a policy in the middle of a sentence."""
    return say(f"model.way.{policy}.name")


def tell_outcomes(asked: Any, found: Sequence[Any], rows: Sequence[Any] = ()) -> dict[str, Any]:
    """Give what the page shows of many worlds under both policies, and what differs, in numbers and in sentences.

    What is nothing in ``found`` is not known yet.
    """
    model, summaries, say = asked.model(), [f["summary"] for f in found if f], words(asked.language)
    size = model.size.partners
    return {
        "runs": len(summaries[0]),
        "size": size,
        "grant": model.grant.months,
        "policies": [
            {"name": p, "way": way(p, say), "curves": f and f["curves"]}
            for p, f in zip(asked.policies, found, strict=True)
        ],
        "end": tell_end(summaries, size, say) if all(found) else "",
        "differences": [row | {"told": tell_difference(row, size, say)} for row in rows],
    }


def tell_end(summaries: list[Any], size: int, say: Words) -> str:
    """Say how many members are still there under each policy, on average."""
    (one, a), (other, b) = ((way(s["policy"].iloc[0], say), s["retention"].mean() * size) for s in summaries)
    count = len(summaries[0])
    worlds = say("lab.end.one_world") if count == 1 else say("lab.end.worlds", n=say.number(count, ","))
    return say("lab.end.told", one=one, a=_members(a, say), size=size, other=other, b=_members(b, say), worlds=worlds)


def tell_difference(row: dict[str, Any], size: int, say: Words) -> str:
    """Say what one policy changes in one outcome, in the same worlds, how sure and how often."""
    gap, low, high = row["difference"], row["low"], row["high"]
    outcome, share = f"lab.difference.{row['outcome']}", row["outcome"] == "retention"
    gaps = {name: say(f"{outcome}.{name}") for name in ("does", "what", "in_what")}
    gaps |= {"policy": way(row["policy"], say), "base": way(row["baseline"], say)}
    gaps["worlds"] = say.number(row["worlds"], ",")
    gaps["amount"] = _points(gap, size, say) if share else _value(gap, say)
    gaps["more"] = say("lab.difference.more" if gap > 0 else f"{outcome}.less")
    if math.isnan(low):
        return capital(say("lab.difference.one_world", **gaps))
    for name, end in (("low", low), ("high", high)):
        gaps[name] = say.number(end * 100, "+.1f") if share else _value(end, say, "+")
    if low == high == 0:
        return say("lab.difference.equal", **gaps)
    if row["verdict"] == "undecided":
        return say("lab.difference.undecided", **gaps, unit=f" {say('lab.difference.unit')}" if share else "")
    return capital(say("lab.difference.told", **gaps, better=say.number(_part(row["better"]), ".0%")))


def capital(text: str) -> str:
    """Begin a sentence."""
    return text[0].upper() + text[1:]


def _points(gap: float, size: int, say: Words) -> str:
    members = _members(abs(gap) * size, say)
    return say("lab.difference.points", points=say.number(abs(gap) * 100, ".1f"), n=members, size=size)


def _members(mean: float, say: Words) -> str:
    """Round to whole members; a few too few to round are not called none."""
    return f"{mean:.0f}" if mean >= 0.5 or mean < 0.005 else say("lab.end.few")


def _part(share: float) -> float:
    """Keep a share that is not quite all or none from being rounded to it."""
    return min(max(share, 0.01), 0.99) if 0 < share < 1 else share


def _value(number: float, say: Words, sign: str = "") -> str:
    """Write a value, smaller ones with more digits; the size alone where no sign is asked for."""
    digits = 2 if abs(number) >= 1 else 3
    return say.number(number if sign else abs(number), f"{sign}.{digits}f")
