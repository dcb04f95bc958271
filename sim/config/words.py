"""What the words of a list mean: names of columns, codes of sectors, statuses. The shipped ones are in ``configs``."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from sim.config.user_tables import cells_of
from sim.core.errors import InputError, near
from sim.core.paths import CONFIGS, path_of
from sim.model.sectors import SECTORS

MEANINGS = ("member", "suspended", "fulfilled", "left", "ended")
"""What a status can mean; ``ended`` is said of the whole partnership, and only ``left`` is an exit."""

YES = frozenset(("true", "yes", "y", "1", "1.0", "ja", "j", "x", "wahr", "waar"))
NO = frozenset(("false", "no", "n", "0", "0.0", "nee", "nein", "falsch", "onwaar"))

MISSING_TEXTS = frozenset(("", "na", "n/a", "nan", "none", "null", "-", ".", "?", "-9", "unknown", "onbekend", "tbd"))
"""Texts that say that something is not known."""

TOTALS = frozenset(
    ("total", "totals", "grandtotal", "subtotal", "sum", "count", "average", "mean", "totaal", "subtotaal", "som")
) | {"aantal", "gemiddelde", "summe", "gesamt", "anzahl", "somme", "totaux", "nombre"}
"""Names of rows that add up a sheet, as ``plain_word`` writes them."""


def is_total(name: str, sector: str) -> bool:
    """Tell whether a row adds others up: by its name, where no word says a sector."""
    return plain_word(name) in TOTALS and not re.search(r"[^\W\d]", sector)


def is_missing(cell: object) -> bool:
    """Tell whether a cell says that something is not known."""
    return str(cell).strip().casefold() in MISSING_TEXTS


@lru_cache(maxsize=100_000)
def plain_word(text: object) -> str:
    """Write a word without case, accents and signs, to compare it: ``Member-since:`` is ``membersince``."""
    flat = unicodedata.normalize("NFKD", str(text)).casefold()
    return "".join(c for c in flat if c.isalnum())


def role_of(column: str) -> str:
    """Say what a column holds, by its name; empty if that is not known."""
    return _shipped("columns").get(plain_word(column), "")


def roles() -> list[str]:
    """List what a column can hold."""
    return list(dict.fromkeys(_shipped("columns").values()))


def words_for(role: str) -> list[str]:
    """List the names of columns that hold something, as ``plain_word`` writes them."""
    return [word for word, meaning in _shipped("columns").items() if meaning == role]


def truth(cell: object) -> bool | None:
    """Read true or false; None for anything else."""
    text = str(cell).strip().casefold()
    return True if text in YES else False if text in NO else None


def sector_map(path: str | Path | None) -> dict[str, str]:
    """Give the sector of each code: the shipped ones, and before them those of a file of the user's own.

    Args:
        path: a CSV file with the columns ``code`` and ``sector``; rows without a sector are left out.

    Raises:
        InputError: if the file cannot be used.
    """
    own = {} if path is None else _own(path, "map", "code", "sector", SECTORS)
    return {**_shipped("sectors"), **own}


def status_map(path: str | Path | None) -> dict[str, str]:
    """Give the meaning of each status word, as ``sector_map`` gives sectors.

    Args:
        path: a CSV file with the columns ``status`` and ``meaning``.

    Raises:
        InputError: if the file cannot be used.
    """
    own = {} if path is None else _own(path, "statuses", "status", "meaning", MEANINGS)
    return {**_shipped("statuses"), **own}


def sector_of(code: str, known: Mapping[str, str]) -> str:
    """Give the sector of a code; of several codes in one cell, if they are of one sector. Empty if it is not known."""
    parts = {_sector_of_word(part, known) for part in re.split(r"[;|,/]", code) if part.strip()}
    return _sector_of_word(code, known) or (parts.pop() if len(parts) == 1 else "")


def _sector_of_word(word: str, known: Mapping[str, str]) -> str:
    """Give the sector of a word, which may be a plural."""
    plain = plain_word(word)
    forms = (plain, plain.removesuffix("s"), re.sub("ies$", "y", plain))
    return next((known[form] for form in forms if form in known), "")


@lru_cache(maxsize=100_000)
def sector_by_name(name: str) -> str:
    """Guess a sector from the words in a member's name; empty where none is known."""
    words = " " + re.sub(r"[^\w. ]", " ", name.casefold()) + " "
    return next((sector for word, sector in _name_words() if f" {word} " in words or f" {word}. " in words), "")


def link_pairs(path: str | Path | None) -> list[tuple[str, str]]:
    """Read which names are one member's: a CSV file with the columns ``from`` and ``to``.

    Raises:
        InputError: if the file cannot be used.
    """
    return [] if path is None else [(one, to) for one, to in _pairs(path, "links", "from", "to") if one and to]


@cache
def _shipped(kind: str) -> dict[str, str]:
    content = (CONFIGS / "lists" / f"{kind}.csv").read_bytes()
    return {plain_word(row[0]): row[1] for row in cells_of(content, kind)[0][1:]}


@cache
def _name_words() -> tuple[tuple[str, str], ...]:
    text = (CONFIGS / "lists" / "names.csv").read_text(encoding="utf-8")
    return tuple((row[0].casefold(), row[1]) for row in list(csv.reader(text.splitlines()))[1:])


def _own(path: str | Path, option: str, key: str, value: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Read a file that maps words to some of the allowed ones."""
    result = {}
    for word, meaning in _pairs(path, option, key, value):
        if meaning and meaning.casefold() not in allowed:
            raise InputError(f"{option}={path}: {word}: {meaning!r} is not a {value}; give {', '.join(allowed)}")
        if meaning:
            result[plain_word(word)] = meaning.casefold()
    return result


def _pairs(path: str | Path, option: str, key: str, value: str) -> list[tuple[str, str]]:
    """Read two columns of a CSV file by their names, in any case."""
    where = f"{option}={path}"
    try:
        lines, _ = cells_of(path_of(path).read_bytes(), where)
    except OSError as error:
        raise InputError(f"{where}: cannot be read: {error.strerror}") from error
    head = [cell.casefold() for cell in lines[0]] if lines else []
    for name in (key, value):
        if name not in head:
            raise InputError(
                f"{where}: needs the columns {key},{value}; there is no {name}; {near(name, head or ['-'])}"
            )
    at = head.index(key), head.index(value)
    filled = [[*line, *[""] * len(head)] for line in lines[1:]]
    return [(line[at[0]], line[at[1]]) for line in filled]
