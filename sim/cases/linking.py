"""One member under several names: the same but for spelling, renamed, or perhaps the same."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from sim.cases.journal import Journal, several
from sim.cases.record import Record
from sim.cases.spells import BRIDGED, Spell, number_spells

LEGAL = frozenset(
    [
        "inc",
        "incorporated",
        "ltd",
        "limited",
        "llc",
        "plc",
        "gmbh",
        "ag",
        "bv",
        "nv",
        "sa",
        "sas",
        "spa",
        "srl",
        "ab",
        "as",
        "oy",
        "corp",
        "corporation",
        "co",
        "company",
        "kg",
        "se",
        "the",
    ]
)
"""Words of names that say how a member is incorporated, and not who it is."""

ALIKE = 0.86
"""Names at least so much alike are suggested as one."""

FORMERLY = re.compile(
    r"\((?:formerly|previously|former|fka|f/k/a|voorheen|ehemals)(?: known as)?:? +([^)]+)\)", re.IGNORECASE
)

SUGGESTED = 2
"""Strength of what speaks for a rename from which it is suggested and not linked; 0 is the strongest."""

SHARED_HOSTS = ("github.com", "linkedin.com", "facebook.com", "twitter.com", "x.com", "google.com", "wikipedia.org")
"""Homepages there belong to many: what follows the host counts."""


@lru_cache(maxsize=100_000)
def key_of(name: str) -> str:
    """Write a name without case, accents, signs and legal form: two names with one key are one member's."""
    flat = unicodedata.normalize("NFKD", FORMERLY.sub("", name)).casefold()
    flat = "".join(c for c in flat if not unicodedata.combining(c)).replace("&", " and ")
    flat = re.sub(r"(?<=\b\w)\.(?=\w\b|\s|$)", "", flat)  # B.V. is BV
    words = re.sub(r"[^\w]+", " ", flat).split()
    return " ".join(word for word in words if word not in LEGAL) or " ".join(words)


def site_of(homepage: str) -> str:
    """Give the site of an address: its host without www, and what follows where many share the host."""
    if not homepage:
        return ""
    parts = urlsplit(homepage if "//" in homepage else f"//{homepage}")
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" if host in SHARED_HOSTS else host


def member_keys(records: Sequence[Record], pairs: Sequence[tuple[str, str]], journal: Journal) -> list[str]:
    """Say which member each record is about, by its number, its name, or the user's own links.

    Args:
        records: what the rows say.
        pairs: two names of one member, as the user says.
        journal: notes names that are the same but for spelling, and renames under one number.

    Returns:
        A key per record.
    """
    own = {key_of(one): key_of(other) for one, other in pairs}
    keys, by_number = [], dict[tuple[str, str], str]()
    names: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        former = FORMERLY.search(record.name)
        key = key_of(record.name)
        if former:
            own.setdefault(key_of(former[1]), key)
        if record.identifier:
            key = by_number.setdefault((record.partnership, record.identifier), key)
        keys.append(key)
    result = [_last(key, own) for key in keys]
    for record, key in zip(records, result, strict=True):
        names[record.partnership, key].append(record)
    spelt = renamed = 0
    for (partnership, _), rows in names.items():
        first = rows[-1].name
        for other in dict.fromkeys(row.name for row in rows if row.name != first):
            same = key_of(other) == key_of(first)
            spelt, renamed = spelt + same, renamed + (not same)
            place = next(row.place for row in rows if row.name == other)
            why = "the same but for spelling" if same else "the list's own number, 'formerly', or links= says so"
            journal.change(
                "merged" if same else "renamed", why, partnership=partnership, member=first, other=other, place=place
            )
    journal.finding(
        "names", spelt, f"{several(spelt, 'name')} the same but for case, signs or legal form", "taken as one"
    )
    journal.finding(
        "renames", renamed, f"{several(renamed, 'rename')} by the list's own number, 'formerly' or links=", "linked"
    )
    return result


def _last(key: str, links: dict[str, str]) -> str:
    """Follow links to the last name; a circle ends where it began."""
    seen = {key}
    while links.get(key, key) not in seen:
        key = links[key]
        seen.add(key)
    return key


def link_renames(spells: list[Spell], journal: Journal) -> list[Spell]:
    """Join the spell of a name that goes with that of a name that comes, where homepage or joining date show a rename.

    A homepage counts if nobody else has it; a joining date if it is a full date before the old name was last seen,
    which a new member could not have. Names that are only alike are suggested, not joined.

    Args:
        spells: of all partnerships.
        journal: notes what is joined and what is suggested.

    Returns:
        The spells that are left.
    """
    by_partnership: dict[str, list[Spell]] = defaultdict(list)
    for spell in spells:
        by_partnership[spell.partnership].append(spell)
    gone: dict[int, Spell] = {}  # what the spell of an old name became part of
    continued: set[int] = set()
    counts = {"renamed": 0, "suggested": 0}
    for own in by_partnership.values():
        suggested = set[frozenset[str]]()
        pairs = sorted(_pairs(own), key=lambda pair: (pair[0], pair[2].first_seen, pair[2].member))
        for strength, why, new, old in pairs:
            action, both = "suggested" if strength == SUGGESTED else "renamed", frozenset((new.key, old.key))
            if id(new) in continued or id(old) in gone or (action == "suggested" and both in suggested):
                continue
            suggested.add(both)
            counts[action] += 1
            journal.change(
                action,
                f"{why}; {old.last_seen} to {new.first_seen}",
                partnership=new.partnership,
                member=new.member,
                other=old.member,
            )
            if action == "renamed":
                continued.add(id(new))
                gone[id(old)] = new
                while id(new) in gone:
                    new = gone[id(new)]
                new.continue_from(old)
                for spell in own:
                    if spell.key == old.key:
                        spell.key, spell.member = new.key, new.member
    journal.finding(
        "renames",
        counts["renamed"],
        f"{several(counts['renamed'], 'rename')} by homepage or joining date",
        "linked; changes.csv lists them",
    )
    journal.finding(
        "renames",
        counts["suggested"],
        f"{several(counts['suggested'], 'pair')} of names alike, one gone as the other came or back as it went",
        "not linked: keep the true ones of suggested_links.csv and give links=",
    )
    left = [spell for spell in spells if id(spell) not in gone]
    number_spells(left)
    return left


def _pairs(spells: Sequence[Spell]) -> list[tuple[int, str, Spell, Spell]]:
    """Give pairs of a spell that begins about when another ends, with what speaks for a rename, the strongest first."""
    firsts, lasts = _ends(spells)
    sites, days = _by(spells, lambda s: site_of(s.homepage)), _by(spells, _joining_day)
    leavers = sorted((s for s in lasts if s.gone_by is not None), key=lambda s: s.last_seen)
    result = []
    for new in firsts:
        site, day = site_of(new.homepage), _joining_day(new)
        for old in leavers:
            assert old.gone_by is not None
            after = new.first_seen > old.last_seen or new.first_seen == old.gone_by
            if new is old or not after or new.first_seen > old.gone_by + timedelta(days=BRIDGED):
                continue
            if site and site == site_of(old.homepage) and _alone(new, old, sites[site]):
                result.append((0, "the same homepage", new, old))
            elif day and day == _joining_day(old) and day < old.last_seen and _alone(new, old, days[day]):
                result.append((1, "the same joining date", new, old))
            elif _alike(key_of(old.member), key_of(new.member)):
                result.append((SUGGESTED, "names alike", new, old))
    return result + _in_between(spells)


def _in_between(spells: Sequence[Spell]) -> list[tuple[int, str, Spell, Spell]]:
    """Give pairs of a member that comes back and a name alike that was listed only while it was away."""
    by_member = _by(spells, lambda s: s.key)
    result = []
    for key, stays in by_member.items():
        stays = sorted(stays, key=lambda s: s.first_seen)
        for before, after in pairwise(stays):
            away = [s for s in spells if before.last_seen < s.first_seen and s.last_seen < after.first_seen]
            for other in away:
                own = by_member[other.key]
                apart = all(s.last_seen < o.first_seen or o.last_seen < s.first_seen for s in stays for o in own)
                if other.key != key and apart and _alike(key_of(other.member), key_of(after.member)):
                    result.append((SUGGESTED, "names alike, one listed while the other was away", after, other))
    return result


def _joining_day(spell: Spell) -> date | None:
    """Give the day of joining, where it is a full date."""
    return spell.joined.low if spell.joined is not None and spell.joined.is_exact else None


def _by(spells: Sequence[Spell], what: Callable[[Spell], Any]) -> dict[Any, list[Spell]]:
    """Give the spells by something that is said of them."""
    result: dict[Any, list[Spell]] = defaultdict(list)
    for spell in spells:
        result[what(spell)].append(spell)
    return result


def _alone(new: Spell, old: Spell, alike: Sequence[Spell]) -> bool:
    """Tell whether, of those alike, only one goes as the old name does, and only one comes as the new one does."""
    going = [s for s in alike if s.first_seen <= old.last_seen <= s.last_seen and s.key != new.key]
    coming = [s for s in alike if s.first_seen <= new.first_seen <= s.last_seen and s.key != old.key]
    return {s.key for s in going} <= {old.key} and {s.key for s in coming} <= {new.key}


def _alike(one: str, other: str) -> bool:
    """Tell whether two names are much alike; names with different numbers are not."""
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    matcher = SequenceMatcher(None, one, other)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _ends(spells: Sequence[Spell]) -> tuple[list[Spell], list[Spell]]:
    """Give the first and the last spell of each member."""
    ordered = sorted(spells, key=lambda s: s.first_seen)
    first: dict[str, Spell] = {}
    last: dict[str, Spell] = {}
    for spell in ordered:
        first.setdefault(spell.key, spell)
        last[spell.key] = spell
    return list(first.values()), list(last.values())
