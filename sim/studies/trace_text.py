"""The text of a trace: first divergence, what followed for a member, whose exits differ, and the outcomes."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.analysis.story import describe_event, describe_exit, exit_record, exits, member_names, trajectory
from sim.engine.tables import Tables
from sim.studies.trace_switch import stays_or_goes

if TYPE_CHECKING:
    import pandas as pd

    from sim.studies.trace import Trace

WIDTH = 116
MOST = 10
"""Most founders in the table of exits."""

EVERY = 6
"""Months between two lines on how a member fares."""

CAUTION = """\
This is the first divergence, not a proof of a cause: what differs first need not be what mattered, and later
everything acts on everything. To come nearer to a cause, let the two policies differ in one parameter."""

PLACES = {
    "effort": "the same effort is spent on everything",
    "member": "no member differs",
    "event": "no event happens in one of them only",
    "exit": "every founder leaves in the same month, or stays",
}
"""Where two runs can diverge, and what it means if they do not."""

STEPS = {
    "orchestrator": "What the orchestrator does",
    "partnership": "What changes around the member",
    "member": "What changes for the member",
}

OUTCOMES = (
    ("founders retained", "retention", 100, ".0f", " %"),
    ("members left satisfied", "exits_satisfied", 1, ".0f", ""),
    ("members left frustrated", "exits_frustrated", 1, ".0f", ""),
    ("private value per founder", "private_value", 1, ".1f", ""),
    ("value for society", "society_value", 1, ".1f", ""),
    ("effort spent", "effort_spent", 1, ".0f", ""),
)
"""The outcomes: words, outcome, scale, format, unit."""


def trace_text(trace: "Trace") -> str:
    """Give the text of a trace."""
    return "\n".join(_lines(trace))


def _lines(trace: "Trace") -> Iterator[str]:
    divergence, member, names, runs = trace.divergence, trace.member, trace.policies, trace.runs
    who = member_names(runs[0])
    yield (
        f"{trace.scenario.title}, seed {trace.seed}, {len(trace.fates)} founders, {trace.months} months:"
        f" {names[0]} and {names[1]}."
    )
    yield "Both runs meet the same random draws, so every difference comes from the policies."
    yield ""
    if divergence.empty:
        same = "They are the same policy: the" if names[0] == names[1] else "The"
        yield f"{same} two runs never diverge on this seed. Every month, member and event is the same to the last bit."
    else:
        yield from _who_stays(trace.fates, names)
        if "switch" in trace.tables:
            yield from _switch(trace, who[member])
        elif member in set(trace.fates.loc[stays_or_goes(trace.fates), "member"]):
            yield "  The two policies cannot follow each other in one plan, so no month of switching was tried."
        yield ""
        yield from _divergence(divergence, who, names)
    if trace.side_by_side or set(divergence["place"]) - {"effort"}:
        under = (f"under {names[0]}", f"under {names[1]}")
        yield from _chain(trace.chain, under, f"What followed for {who[member]}")
        for run, name in zip(runs, names, strict=True):
            yield textwrap.fill(f"{name}: {_ending(run, member, trace.months)}", WIDTH, subsequent_indent="  ")
    if trace.side_by_side:
        yield from _trajectories(member, runs, names)
    yield from _exits(trace.fates, names)
    yield from _outcomes(runs, names)


def _who_stays(fates: "pd.DataFrame", names: tuple[str, ...]) -> Iterator[str]:
    """Say who stays to the end under one policy and leaves for good under the other, or that nobody does."""
    yield "What matters"
    decided = fates[stays_or_goes(fates)]
    if decided.empty:
        moved = int((fates["months"].fillna(0) != 0).sum())
        rest = (
            f"{moved} leave under both, in another month." if moved else "Everybody leaves in the same month, or stays."
        )
        yield f"  Nobody stays to the end under one policy and leaves under the other. {rest}"
        return
    for name, how in zip(names, ("how_one", "how_other"), strict=True):
        only = _who(decided[decided[how] == "stays"])
        listed = ", ".join(" ".join(one.split()) for one in only[:MOST]) + " and more" * (len(only) > MOST)
        text = (
            f"  {len(only)} of {len(fates)} founders stay to the end under {name} alone{f': {listed}' if only else ''}."
        )
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ")


def _switch(trace: "Trace", who: str) -> Iterator[str]:
    """Say until when a switch of policy keeps the member, and what differs between that month and the next."""
    row: Any = next(trace.switch.itertuples())
    leaves, stays = trace.policies[row.leaves_under - 1], trace.policies[row.stays_under - 1]
    month = "at once" if row.month == 1 else f"in month {row.month}"
    yield ""
    yield f"What decides for {who}"
    text = (
        f"  It leaves under {leaves} and stays under {stays}. Begun under {leaves}, a switch to {stays} {month} "
        f"still keeps it; a switch in month {row.month + 1} does not: it leaves in month {row.left}. ({row.tried} "
        "months of switching were tried, by halving; others may decide too.)"
    )
    yield textwrap.fill(text, WIDTH, subsequent_indent="  ")
    names = f"with a switch {month}", f"with one in month {row.month + 1}"
    yield from _chain(trace.switch_chain, names, f"What that month of difference changes for {who}")


def _divergence(divergence: "pd.DataFrame", members: dict[int, str], names: tuple[str, ...]) -> Iterator[str]:
    one, other = (f"under {name}" for name in names)
    places = set(divergence["place"])
    yield "First divergence"
    row: Any
    for row in divergence.itertuples():
        who = members[row.member] if row.member >= 0 else "the partnership"
        amounts = f"{row.meaning}, {row.one:.2f} {one} and {row.other:.2f} {other}"
        text = {
            "effort": amounts,
            "member": f"{who}: {amounts}",
            "event": f"{who}: {row.quantity}, only {one if row.one else other}",
            "exit": f"{who}: {_leaving(row.one)} {one}, {_leaving(row.other)} {other}",
        }[row.place]
        yield textwrap.fill(f"  month {row.month:>2}  {row.place:<7} {text}", WIDTH, subsequent_indent=" " * 20)
    for place in (p for p in PLACES if p not in places):
        yield f"  never     {place:<7} {PLACES[place]}"
    yield CAUTION if places - {"effort"} else "They differ in the effort that is spent, and in nothing else."


def _chain(chain: "pd.DataFrame", names: tuple[str, ...], title: str) -> Iterator[str]:
    """Tell from which month quantities differ by a tenth or more, and how far until the member's first exit."""
    until = chain["until"].iloc[0]
    yield ""
    yield f"{title}, until month {until} (values {names[0]} and {names[1]})"
    differs = chain[chain["clear"].notna() & (chain["step"] != "exit")]
    if differs.empty:
        yield "  Nothing differs by a tenth."
        return
    yield f"  {'first month in which they differ by a tenth':<65}{'in that month':<20}by month {until}"
    for step, title in STEPS.items():
        rows = differs[differs["step"] == step].sort_values("clear", kind="stable")
        if not rows.empty:
            yield f"  {title}"
        row: Any
        for row in rows.itertuples():
            what = row.meaning + (f" ({row.unit})" if row.unit not in ("1", "events") else "")
            ends = f"{_pair(row.one_until, row.other_until)}{' in all' if row.total else ''}"
            yield f"    month {row.clear:>2}  {what:<52} {_pair(row.one, row.other):<19} {ends}"


def _ending(run: Tables, member: int, months: int) -> str:
    """Tell why a member left, or how it fares at the end."""
    if member in exits(run).index:
        return describe_exit(exit_record(run, member))
    rows = trajectory(run, member)
    if rows.empty:
        return "It never joins."
    last = rows.iloc[-1]
    return (
        f"It stays: in month {months} its net benefit is {last['benefit']:+.2f} value a month, its goodwill"
        f" {last['goodwill']:.1f}, and it has captured {last['needs_met']:.1f} value."
    )


def _trajectories(member: int, runs: tuple[Tables, ...], names: tuple[str, ...]) -> Iterator[str]:
    """Tell what happened to a member, month by month, under one policy beside the other."""
    half = (WIDTH - 10) // 2
    yield ""
    yield f"The trajectories of {member_names(runs[0])[member]}"
    yield f"  month  {names[0]:<{half}} {names[1]}"
    diaries = [_diary(run, member) for run in runs]
    for month in sorted(set(diaries[0]) | set(diaries[1])):
        columns = [textwrap.wrap("; ".join(diary.get(month, [])), half - 2) for diary in diaries]
        for k in range(max(map(len, columns))):
            left, right = (column[k] if k < len(column) else "" for column in columns)
            yield f"  {month if k == 0 else '':>5}  {left:<{half}} {right}".rstrip()


def _diary(run: Tables, member: int) -> dict[int, list[str]]:
    """List by month what happened to a member, and every half-year how it fares."""
    diary: dict[int, list[str]] = {}
    row: Any
    for row in trajectory(run, member).itertuples():
        if row.month % EVERY == 0:
            diary[row.month] = [f"(net benefit {row.benefit:+.2f}, goodwill {row.goodwill:.1f})"]
    events, names = run.events, member_names(run)
    assert events is not None
    event: Any
    for event in events[(events["member"] == member) | (events["other"] == member)].itertuples():
        text = describe_event(event, names) if event.member == member else f"answers {names[event.member]}"
        diary.setdefault(event.month, []).append(text)
    return diary


def _exits(fates: "pd.DataFrame", names: tuple[str, ...]) -> Iterator[str]:
    alike = (fates["months"].fillna(0) == 0) & (fates["how_one"] == fates["how_other"])
    alike &= fates["cause_one"] == fates["cause_other"]
    differ = fates[~alike]
    yield ""
    yield f"Founders whose exit differs: {len(differ)} of {len(fates)}"
    if differ.empty:
        return
    who, wide = _who(differ), 16
    if "name" in differ:
        wide = max(16, *(len(name) + 2 for name in who[:MOST]))
    yield f"  {'exit in month':<{wide}}{names[0]:<42}{names[1]:<42}months (+ longer)"
    row: Any
    for name, row in zip(who, differ.head(MOST).itertuples(), strict=False):
        ends = [_end(row.left_one, row.how_one, row.cause_one), _end(row.left_other, row.how_other, row.cause_other)]
        more = " or more" if "stays" in (row.how_one, row.how_other) else ""
        yield f"  {name:<{wide}}{ends[0]:<42}{ends[1]:<42}{row.months:+d}{more}"
    if len(differ) > MOST:
        yield f"  and {len(differ) - MOST} more, in fates.csv."
    longer, shorter = (differ["months"] > 0).sum(), (differ["months"] < 0).sum()
    yield f"  Under {names[1]} {longer} stay longer and {shorter} leave sooner than under {names[0]}."


def _who(fates: "pd.DataFrame") -> list[str]:
    """Give each row's member: its name, or sector and number in columns."""
    if "name" in fates:
        return [str(name) for name in fates["name"]]
    return [f"{s:<10} {m:>3}" for s, m in zip(fates["sector"], fates["member"], strict=True)]


def _outcomes(runs: tuple[Tables, ...], names: tuple[str, ...]) -> Iterator[str]:
    wide = [max(20, len(name) + 2) for name in names]
    yield ""
    yield f"{'Outcomes':<28}{names[0]:>{wide[0]}}{names[1]:>{wide[1]}}{'difference':>14}"
    for words, outcome, scale, form, unit in OUTCOMES:
        one, other = (run.summary[outcome].iloc[0] * scale for run in runs)
        cells = [f"{one:{form}}{unit}", f"{other:{form}}{unit}", f"{other - one:+{form}}{' points' * bool(unit)}"]
        yield f"  {words:<26}{cells[0]:>{wide[0]}}{cells[1]:>{wide[1]}}{cells[2]:>14}"
    yield "This is one seed; `partnership compare` takes many."


def _leaving(month: float) -> str:
    return "stays" if month != month else f"leaves in month {month:.0f}"


def _end(month: Any, how: str, cause: str) -> str:
    return how if how == "stays" else f"{month:>2} {how}{'' if cause == how else ': ' + cause}"


def _pair(one: float, other: float) -> str:
    whole_numbers = float(one).is_integer() and float(other).is_integer()
    return f"{one:.0f} and {other:.0f}" if whole_numbers else f"{one:.2f} and {other:.2f}"
