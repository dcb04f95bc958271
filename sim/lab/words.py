"""What the page says in sentences; every number in them comes from tables made elsewhere."""

from typing import Any

from sim.lab.stories import way

OUTCOMES = {
    "retention": "members still taking part",
    "collective_value": "collective value, a founder and month",
    "private_value": "private value captured by a founder",
    "society_value": "value for society, a founder",
}


def tell_end(summaries: list[Any], size: int) -> str:
    """Say how many members are still there under each policy, on average."""
    ends = [(way(s["policy"].iloc[0]), s["retention"].mean() * size) for s in summaries]
    (one, a), (other, b) = ends
    return (
        f"After five years, in this model, {_members(a)} of {size} members still take part under {one},"
        f" and {_members(b)} under {other} (means of {len(summaries[0]):,} worlds)."
    )


def tell_difference(row: dict[str, Any], size: int) -> str:
    """Say what one policy changes in one outcome, in the same worlds, how sure and how often."""
    gap, low, high = row["difference"], row["low"], row["high"]
    what, policy, base = OUTCOMES[row["outcome"]], way(row["policy"]), way(row["baseline"])
    share = row["outcome"] == "retention"
    if share:
        amount = f"{abs(gap) * 100:.1f} percentage points ({_members(abs(gap) * size)} of {size})"
        interval = f"{low * 100:+.1f} to {high * 100:+.1f}"
    else:
        amount, interval = f"{abs(gap):.2f}", f"{low:+.2f} to {high:+.2f}"
    if not low == low:  # NaN below two worlds
        return f"{_capital(policy)} beside {base}, in one world: {gap:+.2f} in {what}; one world says nothing of others."
    worlds = f"in the same {row['worlds']:,} worlds"
    if row["verdict"] == "undecided":
        return f"No clear difference in {what} between {policy} and {base} {worlds} (95 % interval {interval})."
    direction = "more" if gap > 0 else "less"
    kept = f"{amount} {'more' if gap > 0 else 'fewer'}" if share else f"{amount} {direction}"
    return (
        f"{_capital(policy)} has {kept} {what} than {base} {worlds} (95 % interval {interval});"
        f" it has more in {row['better']:.0%} of them, ties counted half."
    )


def _members(mean: float) -> str:
    """Round to whole members; a few too few to round are not called none."""
    return f"{mean:.0f}" if mean >= 0.5 or mean < 0.005 else "less than one"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
