"""What the page says in sentences; every number in them comes from tables made elsewhere."""

import math
from typing import Any

from sim.lab.stories import way

OUTCOMES = {
    "retention": ("keeps", "members"),
    "collective_value": ("gives", "collective value per founder and month"),
    "private_value": ("gives", "private value per founder"),
    "society_value": ("gives", "value for society per founder"),
}
"""What a way of governing does, and to what."""


def tell_end(summaries: list[Any], size: int) -> str:
    """Say how many members are still there under each policy, on average."""
    (one, a), (other, b) = ((way(s["policy"].iloc[0]), s["retention"].mean() * size) for s in summaries)
    count = len(summaries[0])
    worlds = "one world" if count == 1 else f"means of {count:,} worlds"
    return (
        f"After five years, in this model: {one} keeps {_members(a)} of {size} members,"
        f" {other} keeps {_members(b)} ({worlds})."
    )


def tell_difference(row: dict[str, Any], size: int) -> str:
    """Say what one policy changes in one outcome, in the same worlds, how sure and how often."""
    gap, low, high = row["difference"], row["low"], row["high"]
    does, what = OUTCOMES[row["outcome"]]
    policy, base, share = way(row["policy"]), way(row["baseline"]), row["outcome"] == "retention"
    amount = f"{abs(gap) * 100:.1f} percentage points ({_members(abs(gap) * size)} of {size})" if share else _value(gap)
    more = "more" if gap > 0 else "fewer" if share else "less"
    if math.isnan(low):
        said = f"{policy} {does} {amount} {more} {what} than {base}, in one world; that says nothing of others."
        return _capital(said)
    worlds = f"in the same {row['worlds']:,} worlds"
    interval = f"{low * 100:+.1f} to {high * 100:+.1f}" if share else f"{_value(low, '+')} to {_value(high, '+')}"
    if row["verdict"] == "undecided":
        unit = " percentage points" if share else ""
        return f"No clear difference in {what} between {policy} and {base} {worlds} (95 % interval {interval}{unit})."
    return _capital(
        f"{policy} {does} {amount} {more} {what} than {base} {worlds} (95 % interval {interval});"
        f" better in {row['better']:.0%} of them, ties counted half."
    )


def _members(mean: float) -> str:
    """Round to whole members; a few too few to round are not called none."""
    return f"{mean:.0f}" if mean >= 0.5 or mean < 0.005 else "less than one"


def _value(number: float, sign: str = "") -> str:
    """Write a value, smaller ones with more digits; the size alone where no sign is asked for."""
    digits = 2 if abs(number) >= 1 else 3
    return f"{number:+.{digits}f}" if sign else f"{abs(number):.{digits}f}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
