"""One member of one run in words: its months, why it left, and events."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.core.errors import InputError
from sim.engine.tables import Tables

if TYPE_CHECKING:
    import pandas as pd

CAUSES = {
    "known": "as the roster says",
    "forced": "it was made to",
    "other": "for reasons outside the partnership",
    "outside offer": "others offer more",
    "needs met": "it has most of what it came for",
    "partnership ended": "the partnership as a whole has ended",
    "not worth renewing": "another term is not worth its fee",
    "insufficient resources": "it cannot pay to take part",
    "leak": "its information reached rivals",
}
"""Causes of exit that need more words than their name."""


SHOCKS = {
    "grant withdrawn": "shock: grant withdrawn, {:.0f} months of it",
    "grant extended": "the grant is extended by {:g} months",
    "rumour": "a rumour: {:g} observations against the partnership",
    "evidence": "evidence: {:g} observations for the partnership",
    "segment regained interest": "a segment regains interest, {:.0%} of it",
    "budget changed": "the orchestrator may spend {:g} effort a month from now on",
    "orchestrator changed": "the orchestrator changes: {:.0%} of what it knew of members is lost",
    "common shock": "shock: something outside takes {:g} value a month from every member, and wears off",
    "departures": "departures: each member has to leave with probability {:.0%}",
    "representatives replaced": "representatives are replaced, each with probability {:.0%}",
    "renewal of all": "every member decides whether to go on",
}
"""Shocks and dated events that need more words than their name and the share that is lost."""


def table(run: Tables, name: str) -> "pd.DataFrame":
    """Give a table of a run.

    Args:
        run: its tables.
        name: series, members or events.

    Returns:
        The table.

    Raises:
        InputError: if it was not recorded.
    """
    rows = run[name]
    if rows is None:
        raise InputError(f"the run has no table of {name}; simulate it with record=('series', 'members', 'events')")
    return rows


def member_names(run: Tables) -> dict[int, str]:
    """Name every member: as its scenario does, or else by sector and number.

    Args:
        run: its tables.

    Returns:
        Number -> name.

    Raises:
        InputError: if members were not recorded.
    """
    rows = table(run, "members").drop_duplicates("member")
    names = rows["name"] if "name" in rows else rows["sector"].astype(str) + " member " + rows["member"].astype(str)
    return dict(zip(rows["member"].tolist(), names.tolist(), strict=True))


def exits(run: Tables) -> "pd.DataFrame":
    """List the exits of a run.

    Args:
        run: its tables.

    Returns:
        The exit events, by member; nobody leaves twice.

    Raises:
        InputError: if events were not recorded.
    """
    events = table(run, "events")
    return events[events["kind"].astype(str).str.startswith("exit")].set_index("member")


def trajectory(run: Tables, member: int) -> "pd.DataFrame":
    """Give a member's months from the first to its exit.

    Args:
        run: its tables.
        member: its number.

    Returns:
        Its rows of the members table, with what it ``expected`` (value/month): benefit minus the change of goodwill, so
        unknown (NaN) in the first month and where goodwill is full.

    Raises:
        InputError: if members or events were not recorded.
    """
    rows, left = table(run, "members"), exits(run)["month"].get(member)
    months = rows[(rows["member"] == member) & ((rows["active"] > 0) | (rows["month"] == left))]
    goodwill = months["goodwill"]
    return months.assign(expected=(months["benefit"] - goodwill.diff()).where(goodwill < goodwill.max()))


def exit_record(run: Tables, member: int) -> dict[str, Any]:
    """Gather what led to a member's exit, from its events and its months.

    Args:
        run: its tables.
        member: its number.

    Returns:
        Facts by name. ``falls`` counts the months in which its goodwill fell (net benefit below what it expected), of
        ``months`` after its first; ``streak`` those of them at the end, without a break.

    Raises:
        InputError: if it did not leave.
    """
    left, events, months = exits(run), table(run, "events"), trajectory(run, member)
    if member not in left.index:
        raise InputError(f"member {member} does not leave in this run; who leaves: {sorted(left.index)}")
    last: Any = left.loc[member]
    mine = events[events["member"] == member]
    falls = (months["goodwill"].diff() < 0)[1:]
    inside = (events["kind"] == "match inside") & ((events["member"] == member) | (events["other"] == member))
    return {
        "member": member,
        "sector": last["sector"],
        **({"name": last["name"]} if "name" in last else {}),
        "month": int(last["month"]),
        "how": last["kind"].removeprefix("exit "),
        "cause": last["cause"],
        "months": len(falls),
        "falls": int(falls.sum()),
        "streak": int(falls[::-1].cumprod().sum()),
        "benefit": last["benefit"],
        "aspiration": last["aspiration"],
        "captured": last["amount"],
        "needs_met_share": last["needs_met_share"],
        "leaks": int((mine["kind"] == "leak").sum()),
        "lost": months["lost"].sum(),
        "helped": int((mine["kind"] == "intervention").sum()),
        "inside": int(inside.sum()),
        "outside": int((mine["kind"] == "match outside").sum()),
        "contacts": months["contacts"].iloc[-1],
    }


def describe_exit(record: dict[str, Any]) -> str:
    """Describe in three sentences why a member left.

    Args:
        record: of ``exit_record``.

    Returns:
        The sentences.
    """
    r = record
    who = r.get("name", f"{r['sector'].capitalize()} member {r['member']}")
    mood = "" if r["how"] == "other" else f", {r['how']}"
    fell = f"Its patience fell in {_count(r['falls'], 'month')}"
    if r["falls"] == 0:
        fell = "Its patience never fell after the first month"
    elif r["streak"] == r["falls"] > 1:
        fell = f"Its patience fell in each of its last {r['falls']} months"
    elif r["streak"] > 1:
        fell += f", the last {r['streak']} without a break"
    leaks = f"{_count(r['leaks'], 'leak')} cost it {r['lost']:.1f} value" if r["leaks"] else "no leak hit it"
    helped = f"it was helped in {_count(r['helped'], 'month')}" if r["helped"] else "it got no help to speak of"
    contacts = f" ({r['contacts']:.1f} contacts then, which raise what it hopes for)" if r["outside"] else ""
    matches = f"{_count(r['inside'], 'match')} inside, {r['outside']} outside{contacts}"
    return (
        f"{who} leaves in month {r['month']}{mood}:"
        f" {CAUSES.get(r['cause'], r['cause'])}. {fell}; in the end its net benefit was {r['benefit']:+.2f} value a"
        f" month, and it hoped for {r['aspiration']:.2f}. It had captured {r['captured']:.1f} value"
        f" ({r['needs_met_share']:.0%} of its need) and {leaks}; {helped} and had"
        f" {matches if r['inside'] + r['outside'] else 'no match'}."
    )


def describe_event(event: Any, names: Mapping[int, str] | None = None) -> str:
    """Describe one event in words, without whom it happened to.

    Args:
        event: a row of the events table.
        names: number of a member -> its name (``member_names``).

    Returns:
        A phrase.
    """
    if event.kind.startswith("exit"):
        mood = event.kind.removeprefix("exit ")
        return (
            f"leaves{'' if mood == 'other' else ', ' + mood}: {CAUSES.get(event.cause, event.cause)}"
            f" (net benefit {event.benefit:+.2f}, hoped for {event.aspiration:.2f};"
            f" {event.needs_met_share:.0%} of its needs met)"
        )
    if event.kind == "shock":
        return SHOCKS.get(event.cause, f"shock: {event.cause}, {{:.0%}} of it").format(event.amount)
    return {
        "phase": f"phase: {event.cause}",
        "leak": f"loses {event.amount:.1f}: its information leaks to rivals; trust {event.trust:.2f}",
        "entry": "joins",
        "representative": "has a new representative",
        "match outside": "is matched to an outside party",
        "match inside": f"asks, and {(names or {}).get(event.other, f'member {event.other}')} answers",
        "intervention": f"is helped ({event.amount:.0%} of a full intervention)",
    }[event.kind]


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}{'es' if thing.endswith('ch') else 's'}"
