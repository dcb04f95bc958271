"""What a list hides: bulk clean-ups, reversals, copies, lists filled later, unknown beginnings. In plain words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import median

from sim.cases.journal import ADDS_UP, ENDS_LATER, NO_NAME, Journal, joined, several
from sim.cases.reading import Sheet
from sim.cases.record import Record
from sim.cases.records import SHOW_EXITS
from sim.cases.spells import BRIDGED, OLDEST, Spell, months

LEAST, SHARE, TIMES = 10, 0.1, 5.0
"""Exits at once are a bulk clean-up: at least so many, such a share of the members, so many times what is usual."""

CAME_SHARE = 0.3
"""Entries at once are a bulk entry if they are such a share of the members already there."""

COPIED = 0.8
"""Share of the members of the smaller of two lists that the other has too, from which on one is a copy."""

STRANGE, FEWEST = 0.1, 5
"""Lists that share at most such a share of the smaller one's members look like those of different partnerships; lists
of fewer members say nothing about that."""

SAID = ("no date", NO_NAME, ADDS_UP)
"""Why rows are left out of which another finding says how many."""

EXPECTED = 7.0
"""Exits expected before the first recorded one, from which on a list was filled later (a chance of 1 in 1,000)."""


def examine(spells: list[Spell], sheets: Sequence[tuple[Sheet, bytes]], fixed_start: bool, journal: Journal) -> None:
    """Note what is wrong with each list, and mark what must not be taken for an exit.

    Args:
        spells: of all partnerships; ``in_bulk``, ``came_in_bulk`` and ``window_start`` are set here.
        sheets: the tables with the content of their files.
        fixed_start: whether the user said when the lists begin.
        journal: takes the findings.
    """
    _copies(spells, sheets, journal)
    for name, own in by_partnership(spells).items():
        label = f"{name}: " if len({s.partnership for s in spells}) > 1 else ""
        if not fixed_start:
            _filled_later(own, label, journal)
        _bulk_exits(own, label, journal)
        _bulk_entries(own, label, journal)
        _ended(own, label, journal)
    _censoring(spells, journal)
    _no_exit(spells, [sheet for sheet, _ in sheets], journal)
    _dropped(journal)
    _reversals(journal)
    _beginnings(spells, journal)


def compare_sources(records: Sequence[Record], keys: Sequence[str], journal: Journal) -> None:
    """Note files or sheets that are taken as one partnership though they share almost no member.

    Args:
        records: what the rows say.
        keys: of each record's member.
        journal: takes the findings.
    """
    members: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record, key in zip(records, keys, strict=True):
        members[record.partnership][record.source].add(key)
    for own in members.values():
        groups: list[list[str]] = []
        for source in own:
            near = [group for group in groups if any(_are_of_one(own[source], own[other]) for other in group)]
            rest = [group for group in groups if group not in near]
            groups = [*rest, [*(other for group in near for other in group), source]]
        if len(groups) > 1:
            journal.finding(
                "partnerships",
                len(groups),
                f"lists that share almost no member: {'; and '.join(joined(group, 3) for group in groups)}",
                "they look like different partnerships, and are taken as one: unless they are parts of one, import "
                "each by itself, with partnership=NAME",
            )


def _are_of_one(one: set[str], other: set[str]) -> bool:
    """Tell whether two lists share members, or one is too short to say."""
    fewer = min(len(one), len(other))
    return fewer < FEWEST or len(one & other) > STRANGE * fewer


def by_partnership(spells: Iterable[Spell]) -> Mapping[str, list[Spell]]:
    """Give the spells of each partnership."""
    result: dict[str, list[Spell]] = defaultdict(list)
    for spell in spells:
        result[spell.partnership].append(spell)
    return result


def listed(spells: Sequence[Spell], day: date) -> int:
    """Count who is listed just before a day."""
    return sum(s.begins < day and (s.gone_by is None or s.gone_by >= day) for s in spells)


def _bulk_exits(spells: list[Spell], label: str, journal: Journal) -> None:
    """Mark exits that come all at once, far more than usual and not as every year."""
    gone: dict[date, list[Spell]] = defaultdict(list)
    for spell in spells:
        if spell.gone_by is not None and spell.gone_by > spell.window_start:
            gone[spell.gone_by].append(spell)
    exposure = sum(months(s.begins, s.left_at or s.last_seen) for s in spells if (s.left_at or s.last_seen) > s.begins)
    total = sum(map(len, gone.values()))
    for day, leavers in sorted(gone.items()):
        n, there = len(leavers), listed(spells, day)
        step = max(1.0, median(months(s.last_seen, day) for s in leavers))
        usual = (total - n + 0.5) / max(exposure, 1.0) * there * step
        other_years = [
            sum(
                len(own)
                for d, own in gone.items()
                if d.year == year
                and abs((d.replace(year=2000) - day.replace(year=2000, day=min(day.day, 28))).days) <= 31
            )
            for year in {d.year for d in gone} - {day.year}
        ]
        yearly = median(other_years) if other_years else 0
        if n >= LEAST and n >= SHARE * there and n >= TIMES * usual and n >= 3 * yearly:
            for spell in leavers:
                spell.in_bulk = True
                spell.notes.append("bulk clean-up")
                journal.change(
                    "bulk clean-up",
                    "not taken as an exit: when it left is not known",
                    partnership=spell.partnership,
                    member=spell.member,
                    value=str(day),
                )
            journal.finding(
                "bulk clean-ups",
                n,
                f"{label}{n} of {there} members are gone at once on {day}; some {usual:.1f} would be usual",
                "a clean-up of the list or a rush: when each left is not known; they are followed up to then and not "
                "taken as exits (bulk=exits counts them)",
            )


def _bulk_entries(spells: list[Spell], label: str, journal: Journal) -> None:
    """Mark entries that come all at once: a list completed, or members of another list taken over."""
    came = Counter(s.first_seen for s in spells if not s.founder)
    for day, n in sorted(came.items()):
        there = listed(spells, day)
        rest = (sum(came.values()) - n) / max(len(came) - 1, 1)
        if n >= LEAST and n >= CAME_SHARE * there and n >= TIMES * rest:
            for spell in spells:
                if spell.first_seen == day and not spell.founder:
                    spell.came_in_bulk = True
            journal.finding(
                "lists filled later",
                n,
                f"{label}{n} members beside {there} are new at once on {day}",
                "the list was completed, or took over another: since when they are members is taken from "
                "their joining date only",
            )


def _filled_later(spells: list[Spell], label: str, journal: Journal) -> None:
    """Let a list begin with its first exit where exits were not recorded before."""
    exits = sorted(s.gone_by for s in spells if s.gone_by is not None)
    known = [s for s in spells if s.gone_by is None or s.gone_by == s.last_seen]
    if len(exits) < LEAST or len(known) < len(spells):
        return  # snapshots show every exit from the first on
    first = exits[0]
    before = sum(max(months(s.begins, min(first, s.last_seen)), 0.0) for s in spells)
    after = sum(max(months(max(s.begins, first), s.last_seen), 0.0) for s in spells)
    expected = before * len(exits) / max(after, 1.0)
    if expected >= EXPECTED:
        for spell in spells:
            spell.window_start = first
            spell.founder = spell.founder or spell.first_seen <= first
        n = sum(s.first_seen < first for s in spells)
        journal.finding(
            "lists filled later",
            n,
            f"{label}no exit before {first}, where some {expected:.0f} would be usual",
            f"exits were recorded from then on: the {n} who joined before are followed from then "
            "(delayed entry); start= says otherwise",
        )


def _ended(spells: list[Spell], label: str, journal: Journal) -> None:
    """Note a partnership that nobody is left of."""
    if spells and all(s.gone_by is not None for s in spells):
        last = max(s.gone_by for s in spells if s.gone_by is not None)
        effect = "the partnership ended; or only leavers are listed, and then the rates are far too high"
        journal.finding("end", 1, f"{label}nobody is left after {last}", effect)


def _copies(spells: Sequence[Spell], sheets: Sequence[tuple[Sheet, bytes]], journal: Journal) -> None:
    """Note lists with the members of another list, and files that are the same."""
    seen: dict[bytes, Sheet] = {}
    for sheet, content in sheets:
        other = seen.setdefault(content, sheet)
        if other is not sheet and other.file != sheet.file:
            journal.finding(
                "copied lists",
                1,
                f"{sheet.file} is the same as {other.file}",
                "if it is a copy and not a list of that day, leave it out",
            )
    names = {name: {s.key for s in own} for name, own in by_partnership(spells).items()}
    ordered = sorted(names, key=lambda name: -len(names[name]))
    for k, big in enumerate(ordered):
        for small in ordered[k + 1 :]:
            shared = len(names[big] & names[small])
            if len(names[small]) >= LEAST and shared >= COPIED * len(names[small]):
                journal.finding(
                    "copied lists",
                    shared,
                    f"{small}: {shared} of its {len(names[small])} members are of {big} too",
                    "perhaps a list copied from another body: look before you use it",
                )


def _censoring(spells: Sequence[Spell], journal: Journal) -> None:
    """Note exits that are known to lie between two days only, and members that nobody can say more of."""
    widths = [(s.gone_by - s.last_seen).days for s in spells if s.gone_by is not None and s.gone_by > s.last_seen]
    if widths:
        journal.finding(
            "intervals",
            len(widths),
            f"{several(len(widths), 'exit')} known only to lie between two days, "
            f"{median(widths):.0f} days apart in the middle, {max(widths)} at most",
            "the day half-way is used; the report says how much that can matter",
        )


def _no_exit(spells: Sequence[Spell], sheets: Sequence[Sheet], journal: Journal) -> None:
    """Note exits after the last day of the list, and a list without any exit."""
    later = sorted(c.value for c in journal.changes if c.action == "still there" and c.why.startswith(ENDS_LATER))
    journal.finding(
        "exits",
        len(later),
        f"{several(len(later), 'exit')} after the last day of the list: {joined(list(dict.fromkeys(later)))}",
        "taken as still there; if the list goes on until then, dates= or now= say so",
    )
    if not spells or any(s.gone_by for s in spells):
        return
    text, effect = "only who is there now, or who ever joined", "it says nothing about leaving"
    columns = dict.fromkeys(sheet.roles[role] for sheet in sheets for role in SHOW_EXITS if role in sheet.roles)
    if columns:
        text = f"{' or '.join(map(repr, columns))} shows none up to {max(s.window_end for s in spells)}"
    else:
        effect += "; add an older list with its date, or a column of exits"
    journal.finding("exits", len(spells), f"the list shows no exit: {text}", effect)


def _dropped(journal: Journal) -> None:
    """Say how many rows gave no spell, and why."""
    reasons = Counter(c.why for c in journal.changes if c.action == "dropped" and c.why not in SAID)
    for why, n in reasons.items():
        journal.finding("rows", n, f"{several(n, 'row')} where {why}", "left out: changes.csv lists them")


def _reversals(journal: Journal) -> None:
    """Note absences that were bridged; several on the same days are a removal taken back."""
    bridged = [c for c in journal.changes if c.action == "bridged"]
    journal.finding(
        "gaps",
        len(bridged),
        f"{several(len(bridged), 'gap')} of up to {BRIDGED} days",
        "bridged: not an exit and an entry",
    )
    for (_, days), n in Counter((c.partnership, c.value) for c in bridged).items():
        if n >= 3:
            before, after = days.split(" ")
            journal.finding(
                "reversals",
                n,
                f"{n} members missing between {before} and {after} came back together",
                "a removal that was taken back: bridged",
            )
    returned = sum(c.action == "returned" for c in journal.changes)
    if returned:
        journal.finding(
            "returns", returned, f"{several(returned, 'return')} after more than {BRIDGED} days", "a spell each"
        )


def _beginnings(spells: Sequence[Spell], journal: Journal) -> None:
    """Note who entered before the list begins, and who was listed long after joining."""
    founders = [s for s in spells if s.founder and s.number == 1]
    unknown = sum(s.clock is None for s in founders)
    journal.finding(
        "beginnings",
        unknown,
        f"{several(unknown, 'member')} of the first list with an unknown beginning",
        "they entered earlier (left truncation): left out of survival by tenure",
    )
    earlier = sum(s.clock is not None and s.clock < s.window_start for s in founders)
    journal.finding(
        "beginnings",
        earlier,
        f"{several(earlier, 'member')} of the first list joined before it, at a known date",
        "followed from the first list on (delayed entry)",
    )
    rest = [s for s in spells if not s.founder and s.joined is not None]
    late = sum(BRIDGED < (s.first_seen - s.joined.middle).days <= OLDEST * 30.4 for s in rest if s.joined is not None)
    journal.finding(
        "lists filled later",
        late,
        f"{several(late, 'member')} listed more than {BRIDGED} days after joining",
        "followed from the first listing on (delayed entry)",
    )
    days = Counter(s.joined.low for s in spells if s.joined is not None and s.joined.is_exact)
    (day, n), total = days.most_common(1)[0] if days else (date.min, 0), sum(days.values())
    if n >= max(LEAST, 0.3 * total) and (day.month, day.day) == (1, 1) and day not in {s.window_start for s in spells}:
        journal.finding("dates", n, f"{n} of {total} joined on {day}", "perhaps a date put in for one not known")
    odd = sum(s.joined is not None and s.joined.low > s.last_seen for s in spells)
    journal.finding("dates", odd, f"{several(odd, 'joining date')} after the member was last listed", "not used")
