"""One run, month by month, and how it differs from the same seed under another policy, in sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.divergence import chain, fates, first_divergence
from sim.engine.simulate import RECORDS, simulate
from sim.engine.tables import Tables
from sim.lab.link_state import LinkState
from sim.lab.messages import Messages, capitalise, messages
from sim.lab.stories import MONTHS
from sim.model.sectors import sector_names

if TYPE_CHECKING:
    import pandas as pd

MAX_DIFFERENCES = 5
"""Most differences of one member that a sentence names."""

VALUES = ("collective_value", "private_value", "society_value")


def simulate_watched_run(state: LinkState, policy: str) -> dict[str, Any]:
    """Simulate the watched seed under one policy; month 0 is before anything happened.

    Returns:
        What the page draws: lists by month (``active``, ``engagement``, ``captured``, ``texts``), ``sectors`` by
        member, ``ties`` as month and two members, ``exits`` with their reason, and ``names`` where members have them.
    """
    scenario, message = state.model(), messages(state.language)
    tables = simulate(scenario, [state.seed], policy, MONTHS, record=("members", "events"))
    rows, events = tables.members, tables.events
    assert rows is not None
    assert events is not None
    first = rows[rows["month"] == 1].sort_values("member")
    size = len(first)
    by_month = {name: rows[name].to_numpy().reshape(MONTHS, size) for name in ("active", "engagement", "needs_met")}
    in_month, nothing = dict(list(events.groupby("month"))), events.iloc[:0]
    founders = [int(member < scenario.size.partners) for member in range(size)]
    texts, exits, ties = [message("lab.run.begin", size=sum(founders))], [], []
    for month in range(1, MONTHS + 1):
        now = in_month.get(month, nothing)
        left = now[now["kind"].str.startswith("exit")]
        exits += [
            {"month": month, "member": member, "why": describe_exits(left[left["member"] == member], message)}
            for member in left["member"].tolist()
        ]
        ties += [[month, *pair] for pair in now.loc[now["kind"] == "match inside", ["member", "other"]].values.tolist()]
        texts.append(_describe_month(month, int(by_month["active"][month - 1].sum()), size, now, message))
    start = float(scenario.start.engagement)
    return {
        "policy": policy,
        "sectors": [sector_names(scenario.sectors).index(s) for s in first["sector"]],
        "active": [founders, *([int(v) for v in row] for row in by_month["active"])],
        "engagement": [[start] * size, *([round(float(v), 2) for v in row] for row in by_month["engagement"])],
        "captured": [[0.0] * size, *([round(float(v), 1) for v in row] for row in by_month["needs_met"])],
        "ties": ties,
        "exits": exits,
        "texts": texts,
        **({"names": first["name"].tolist()} if "name" in first else {}),
    }


def name_member(sector: str, member: int, message: Messages) -> str:
    """Name a member; in class members are numbered from 1."""
    return f"{message.sector(sector)} {member + 1}"


def names_of(rows: "pd.DataFrame", message: Messages) -> list[str]:
    """Name the member of each row: as its scenario does, or else by sector and number."""
    if "name" in rows:
        return [str(name) for name in rows["name"]]
    return [name_member(s, member, message) for s, member in zip(rows["sector"], rows["member"], strict=True)]


def describe_exits(rows: "pd.DataFrame", message: Messages) -> str:
    """Say who leaves, how and why; the rows are exits of one kind with one cause."""
    who = names_of(rows, message)
    mood, cause, several = rows["kind"].iloc[0].removeprefix("exit "), rows["cause"].iloc[0], len(who) > 1
    return message(
        "lab.run.leave" if several else "lab.run.leaves",
        who=message.join_names(who),
        mood="" if mood == "other" else f" {message(f'model.mood.{mood}')}",
        why=message(f"model.cause.{'many' if several else 'one'}.{cause}"),
    )


def _describe_month(month: int, here: int, size: int, now: "pd.DataFrame", message: Messages) -> str:
    changes = now[(now["kind"] == "shock") | ((now["kind"] == "phase") & (month > 1))]
    parts = [message(f"model.{kind}.{cause}") for kind, cause in zip(changes["kind"], changes["cause"], strict=True)]
    left = now[now["kind"].str.startswith("exit")]
    if len(left):
        parts += [describe_exits(rows, message) for _, rows in left.groupby(["kind", "cause"], sort=False)]
    for kind, several in (("leak", "leaks"), ("match", "matches")):
        count = int(now["kind"].str.startswith(kind).sum())
        parts += [message(f"lab.run.{kind if count == 1 else several}", n=count)] if count else []
    events = "; ".join(parts) or message("lab.run.nothing")
    return message("lab.run.month", month=month, here=here, size=size, events=capitalise(events))


def describe_divergence(state: LinkState) -> dict[str, Any]:
    """Simulate the watched seed under both policies and under neutral, and say how the runs differ.

    Returns:
        ``places``, where the runs first differ (month and text); ``later``, what then differs for one member;
        ``without``, what happens if nobody does anything, for each policy a list of sentences.
    """
    scenario, message = state.model(), messages(state.language)
    names = dict.fromkeys((*state.policies, "neutral"))
    runs = {name: simulate(scenario, [state.seed], name, MONTHS, record=RECORDS) for name in names}
    pair = [runs[name] for name in state.policies]
    first = first_divergence(*pair)
    strategies = dict(zip(("one", "other"), map(message.with_strategy, state.policies), strict=True))
    places = [
        {"month": row.month, "text": _describe_place(row, pair, strategies, message)} for row in first.itertuples()
    ]
    return {
        "places": sorted(places, key=lambda place: place["month"])
        or [{"month": None, "text": message("lab.divergence.never")}],
        "later": describe_later_differences(first, pair, strategies, message),
        "without": [
            describe_without(runs["neutral"], runs[name], name, message) for name in state.policies if name != "neutral"
        ],
    }


def _describe_place(row: Any, pair: Sequence[Tables], strategies: dict[str, str], message: Messages) -> str:
    """Describe one row of ``first_divergence``."""
    who = _name(pair[0], row.member, message) if row.member >= 0 else ""
    if row.place == "event":
        return _describe_event(row, pair[0 if row.one else 1], who, strategies["one" if row.one else "other"], message)
    if row.place == "exit":
        gaps = {"a": _exit_text(row.one, message), "b": _exit_text(row.other, message)}
    else:
        gaps = {"a": message.number(row.one, ".2f"), "b": message.number(row.other, ".2f")}
        gaps["what"] = message(f"model.quantity.{row.quantity}")
    return message(f"lab.divergence.{row.place}", who=who, **gaps, **strategies)


def _describe_event(row: Any, run: Tables, who: str, strategy: str, message: Messages) -> str:
    """Describe the first event that happens in one run only."""
    if row.member < 0:
        events = run.events
        assert events is not None
        here = events[(events["month"] == row.month) & (events["kind"] == row.quantity)]
        event = message(f"model.{row.quantity}.{here['cause'].iloc[0]}")
    else:
        event = message(f"model.event.{row.quantity}", who=who)
    return message("lab.divergence.event", event=event, strategy=strategy)


def describe_later_differences(
    first: "pd.DataFrame", pair: Sequence[Tables], strategies: dict[str, str], message: Messages
) -> str:
    """Say what clearly differs for the first founder whose exit differs; empty if no exit differs."""
    concerned = first.set_index("place")["member"]
    if "exit" not in concerned:
        return ""
    member = int(concerned["exit"])
    rows: Any = chain(pair[0], pair[1], member)
    rows = rows[rows["clear"].notna() & (rows["step"] == "member")].sort_values("clear", kind="stable")
    steps = [
        message(
            "lab.divergence.step",
            month=row.clear,
            what=message(f"model.quantity.{row.quantity}"),
            a=message.number(row.one, ".2f"),
            b=message.number(row.other, ".2f"),
        )
        for row in rows.head(MAX_DIFFERENCES).itertuples()
    ]
    who = _name(pair[0], member, message)
    return message("lab.divergence.later", who=who, steps="; ".join(steps), **strategies) if steps else ""


def describe_without(without: Tables, run: Tables, policy: str, message: Messages) -> list[str]:
    """Say what happens with the same seed if nobody does anything: members, value, and who stays or leaves."""
    founders = fates(without, run)
    summaries = [tables.summary for tables in (without, run)]
    size, strategy = len(founders), message.with_strategy(policy)
    stay = [int((founders[f"how_{which}"] == "stays").sum()) for which in ("one", "other")]
    key = "members" if stay[0] != stay[1] else "as_many"
    texts = [message(f"lab.without.{key}", strategy=strategy, a=stay[0], b=stay[1], size=size)]
    for value in VALUES:
        a, b = (message.number(rows[value].iloc[0], ".2f") for rows in summaries if rows is not None)
        texts.append(message(f"lab.without.{value}", a=a, b=b))
    for which, other, key in (("one", "other", "stay"), ("other", "one", "leave")):
        only = founders[(founders[f"how_{which}"] == "stays") & (founders[f"how_{other}"] != "stays")]
        if len(only):
            who = message.join_names([_name(run, m, message) for m in only["member"]])
            texts.append(message(f"lab.without.{key}", strategy=strategy, who=who))
    both = founders[(founders["how_one"] != "stays") & (founders["how_other"] != "stays")]
    sooner, later = int((both["months"] > 0).sum()), int((both["months"] < 0).sum())
    if sooner + later:
        texts.append(message("lab.without.when", both=len(both), sooner=sooner, later=later))
    return texts


def _name(run: Tables, member: int, message: Messages) -> str:
    rows = run.members
    assert rows is not None
    return names_of(rows[rows["member"] == member].head(1), message)[0]


def _exit_text(month: float, message: Messages) -> str:
    is_absent = month != month
    return message("lab.divergence.stays") if is_absent else message("lab.divergence.leaves", month=round(month))
