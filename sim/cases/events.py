"""Lists of events: a row for each entry and each exit, put together as one record per stay."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sim.cases.journal import Journal, several
from sim.cases.linking import key_of
from sim.cases.record import Record
from sim.core.dates import When


def of_events(records: Sequence[Record], journal: Journal) -> list[Record]:
    """Put entries and exits of each member together, in the order of their dates.

    Args:
        records: a row per event, its date in ``dates["date"]``, what it was in ``status``: ``left`` is an exit,
            ``member`` an entry, anything else is of no one member.
        journal: notes events that are neither.

    Returns:
        A record per stay; who has an exit only was there from the start. The first and the last event of a
        partnership, of any kind, are the first and the last day of its list.
    """
    windows: dict[str, list[When]] = defaultdict(list)
    stays: list[Record] = []
    last: dict[tuple[str, str], Record] = {}
    dated = [record for record in records if "date" in record.dates]
    for record in sorted(dated, key=lambda r: (r.dates["date"].low, r.status == "member")):
        when, who = record.dates["date"], (record.partnership, key_of(record.name))
        windows[record.partnership].append(when)
        if record.status not in ("member", "left"):
            _left_out(record, "the event is not an entry or an exit of a member", journal)
        elif record.status == "left" and who in last and "left" not in last[who].dates:
            last[who].dates["left"], last[who].is_left = when, True
        else:
            role = "left" if record.status == "left" else "joined"
            last[who] = replace(record, dates={role: when}, is_left=role == "left")
            stays.append(last[who])
    for record in (record for record in records if "date" not in record.dates):
        _left_out(record, "the event has no date", journal)
    for stay in stays:
        days = windows[stay.partnership]
        stay.dates |= {"window_start": min(days), "window_end": max(days, key=lambda when: when.high)}
    odd = sum("date" not in r.dates or r.status not in ("member", "left") for r in records)
    text = f"{several(odd, 'event')} without a date, or not an entry or exit of one member"
    journal.finding("events", odd, text, "left out: changes.csv lists them")
    return stays


def _left_out(record: Record, why: str, journal: Journal) -> None:
    where = {"partnership": record.partnership, "member": record.name, "place": record.place}
    journal.change("not used", why, **where)
