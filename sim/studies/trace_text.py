"""What ``partnership trace`` says: where two runs part, what followed for a member, whose fates differ, what came out."""

import textwrap
from typing import Any

from sim.analysis.story import exits, life, record_exit, tell_event, tell_exit
from sim.config.job import Job

WIDTH = 116
MOST = 10
"""Most founders in the table of fates."""

EVERY = 6
"""Months between two lines on how a member fares."""

CAUTION = """\
This is where the paths part first, and not a proof of the cause: what differs first need not be what mattered, and
later everything acts on everything. To come nearer to a cause, let the two policies differ in one setting alone."""

PLACES = {
    "effort": "the same is spent on everything",
    "member": "no member differs by a bit",
    "event": "nothing happens in one of them alone",
    "exit": "every founder leaves in the same month, or stays",
}
"""Where two runs can part, and what it means if they do not."""

STEPS = {
    "orchestrator": "What the orchestrator does",
    "partnership": "What changes around it",
    "member": "What changes for it",
}

OUTCOMES = (
    ("founders still there", "retention", 100, ".0f", " %"),
    ("members left satisfied", "exits_satisfied", 1, ".0f", ""),
    ("members left frustrated", "exits_frustrated", 1, ".0f", ""),
    ("private value a founder", "private_value", 1, ".1f", ""),
    ("value for society", "society_value", 1, ".1f", ""),
    ("effort spent", "effort_spent", 1, ".0f", ""),
)
"""What came out: words, outcome, scale, format, unit."""


def tell_pair(job: Job, runs: Any, names: list[str], found: dict[str, Any], side_by_side: bool) -> None:
    """Print it all; ``side_by_side`` with the member's two lives."""
    parting, member = found["divergence"], found["member"]
    print(
        f"{job.scenario.title}, world {job.seed}, {len(found['fates'])} founders, {job.months} months:"
        f" {names[0]} and {names[1]}.\nBoth meet the same draws, so all that differs comes from the policies.\n"
    )
    if parting.empty:
        same = "They are the same policy: the" if names[0] == names[1] else "The"
        print(f"{same} two never part in this world. Every month, member and event is the same to the last bit.")
    else:
        _tell_parting(parting, runs, names)
    if side_by_side or set(parting["place"]) - {"effort"}:
        _tell_chain(found["chain"], name_of(runs, member), names)
        for run, name in zip(runs, names, strict=True):
            print(textwrap.fill(f"{name}: {_ending(run, member, job.months)}", WIDTH, subsequent_indent="  "))
    if side_by_side:
        _tell_lives(member, runs, names)
    _tell_fates(found["fates"], names)
    _tell_outcomes(runs, names)


def name_of(runs: Any, member: int) -> str:
    """Name a member by its sector and number."""
    rows = runs[0].members
    return f"{rows.loc[rows['member'] == member, 'sector'].iloc[0]} member {member}"


def _tell_parting(parting: Any, runs: Any, names: list[str]) -> None:
    one, other = (f"under {name}" for name in names)
    places = set(parting["place"])
    print("Where they part")
    for row in parting.itertuples():
        who = name_of(runs, row.member) if row.member >= 0 else "the partnership"
        amounts = f"{row.meaning}, {row.one:.2f} {one} and {row.other:.2f} {other}"
        told = {
            "effort": amounts,
            "member": f"{who}: {amounts}",
            "event": f"{who}: {row.quantity}, {one if row.one else other} alone",
            "exit": f"{who}: {_leaving(row.one)} {one}, {_leaving(row.other)} {other}",
        }[row.place]
        print(textwrap.fill(f"  month {row.month:>2}  {row.place:<7} {told}", WIDTH, subsequent_indent=" " * 20))
    for place in (p for p in PLACES if p not in places):
        print(f"  never     {place:<7} {PLACES[place]}")
    print(CAUTION if places - {"effort"} else "They differ in what is spent, and in nothing else.")


def _tell_chain(chain: Any, who: str, names: list[str]) -> None:
    """Print what differs clearly from which month, and how far until the member's first exit."""
    until = chain["until"].iloc[0]
    print(f"\nWhat followed for {who}, until month {until} (values under {names[0]} and under {names[1]})")
    clear = chain[chain["clear"].notna() & (chain["step"] != "exit")]
    if clear.empty:
        print("  Nothing differs clearly.")
        return
    print(f"  {'from where they differ clearly':<65}{'then':<20}by month {until}")
    for step, title in STEPS.items():
        rows = clear[clear["step"] == step].sort_values("clear", kind="stable")
        if not rows.empty:
            print(f"  {title}")
        for row in rows.itertuples():
            what = row.meaning + (f" ({row.unit})" if row.unit not in ("1", "events") else "")
            ends = f"{_pair(row.one_until, row.other_until)}{' in all' if row.total else ''}"
            print(f"    month {row.clear:>2}  {what:<52} {_pair(row.one, row.other):<19} {ends}")


def _ending(run: Any, member: int, months: int) -> str:
    """Tell why a member left, or how it fares at the end."""
    if member in exits(run).index:
        return tell_exit(record_exit(run, member))
    lived = life(run, member)
    if lived.empty:
        return "It never joins."
    last = lived.iloc[-1]
    return (
        f"It stays: in month {months} its net benefit is {last['benefit']:+.2f} value a month, its patience"
        f" {last['goodwill']:.1f}, and it has captured {last['met']:.1f} value."
    )


def _tell_lives(member: int, runs: Any, names: list[str]) -> None:
    """Print what happened to a member, month by month, under one policy beside the other."""
    half = (WIDTH - 10) // 2
    print(f"\nThe two lives of {name_of(runs, member)}\n  month  {names[0]:<{half}} {names[1]}")
    lives = [_diary(run, member) for run in runs]
    for month in sorted(set(lives[0]) | set(lives[1])):
        columns = [textwrap.wrap("; ".join(days.get(month, [])), half - 2) for days in lives]
        for k in range(max(map(len, columns))):
            left, right = (column[k] if k < len(column) else "" for column in columns)
            print(f"  {month if k == 0 else '':>5}  {left:<{half}} {right}".rstrip())


def _diary(run: Any, member: int) -> dict[int, list[str]]:
    """List by month what happened to a member, and every so often how it fares."""
    days: dict[int, list[str]] = {}
    row: Any
    for row in life(run, member).itertuples():
        if row.month % EVERY == 0:
            days[row.month] = [f"(net benefit {row.benefit:+.2f}, patience {row.goodwill:.1f})"]
    events = run.events
    for event in events[(events["member"] == member) | (events["other"] == member)].itertuples():
        told = tell_event(event) if event.member == member else f"answers member {event.member}"
        days.setdefault(event.month, []).append(told)
    return days


def _tell_fates(fates: Any, names: list[str]) -> None:
    alike = (fates["months"].fillna(0) == 0) & (fates["how_one"] == fates["how_other"])
    alike &= fates["cause_one"] == fates["cause_other"]
    differ = fates[~alike]
    print(f"\nFounders whose fate differs: {len(differ)} of {len(fates)}")
    if differ.empty:
        return
    print(f"  {'left in month':<16}{names[0]:<42}{names[1]:<42}months (+ longer)")
    for row in differ.head(MOST).itertuples():
        ends = [_end(row.left_one, row.how_one, row.cause_one), _end(row.left_other, row.how_other, row.cause_other)]
        more = " or more" if "stays" in (row.how_one, row.how_other) else ""
        print(f"  {row.sector:<10} {row.member:>3}  {ends[0]:<42}{ends[1]:<42}{row.months:+d}{more}")
    if len(differ) > MOST:
        print(f"  and {len(differ) - MOST} more, in fates.csv.")
    longer, shorter = (differ["months"] > 0).sum(), (differ["months"] < 0).sum()
    print(f"  Under {names[1]} {longer} stay longer and {shorter} leave sooner than under {names[0]}.")


def _tell_outcomes(runs: Any, names: list[str]) -> None:
    wide = [max(20, len(name) + 2) for name in names]
    print(f"\n{'In the end':<28}{names[0]:>{wide[0]}}{names[1]:>{wide[1]}}{'difference':>14}")
    for words, outcome, scale, form, unit in OUTCOMES:
        one, other = (run.summary[outcome].iloc[0] * scale for run in runs)
        cells = [f"{one:{form}}{unit}", f"{other:{form}}{unit}", f"{other - one:+{form}}{' points' * bool(unit)}"]
        print(f"  {words:<26}{cells[0]:>{wide[0]}}{cells[1]:>{wide[1]}}{cells[2]:>14}")
    print("This is one world; `partnership compare` takes many.")


def _leaving(month: float) -> str:
    return "stays" if month != month else f"leaves in month {month:.0f}"


def _end(month: Any, how: str, cause: str) -> str:
    return how if how == "stays" else f"{month:>2} {how}{'' if cause == how else ': ' + cause}"


def _pair(one: float, other: float) -> str:
    whole = float(one).is_integer() and float(other).is_integer()
    return f"{one:.0f} and {other:.0f}" if whole else f"{one:.2f} and {other:.2f}"
