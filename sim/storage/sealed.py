"""Seals: digests of files, and checks over data, so that damage is seen. A file is read once while it is unchanged."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from sim.core.errors import InputError

T = TypeVar("T")

SETTLED = 1.0
"""Seconds after which a change of a file shows in its time, whatever the clock of the file system."""

_known: dict[tuple[str, Any], tuple[tuple[int, ...], Any]] = {}


def once(path: Path, read: Callable[[Path], T]) -> T:
    """Give what ``read`` makes of a file; it is called again only when the file has changed.

    Args:
        path: a file.
        read: takes the path; what it gives is shared, so nobody may change it.
    """
    facts = os.stat(path)
    state = (facts.st_size, facts.st_mtime_ns, facts.st_ino, facts.st_dev)
    key = (os.path.abspath(path), read)
    known = _known.get(key)
    if known is not None and known[0] == state:
        return known[1]  # type: ignore[no-any-return]
    result = read(path)
    if abs(time.time() - facts.st_mtime) > SETTLED:
        _known[key] = (state, result)
    return result


def digest(content: bytes) -> str:
    """Digest some bytes: the first 24 hexadecimal digits of their SHA-256."""
    return hashlib.sha256(content).hexdigest()[:24]


def digest_of(path: Path) -> str:
    """Digest a file; empty if it is missing."""
    try:
        return once(path, _digest)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:24]


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Add a check over the content."""
    return {**data, "check": _check(data)}


def unsealed(text: bytes) -> dict[str, Any] | None:
    """Read sealed JSON; None if it is damaged, was changed by hand, or was never sealed."""
    try:
        data = json.loads(text)
        check = data.pop("check")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    return data if check == _check(data) else None


def _check(data: Mapping[str, Any]) -> str:
    return digest(json.dumps(data, sort_keys=True).encode())


def read_sealed(path: Path, mend: str = "put the original back") -> dict[str, Any]:
    """Read a sealed JSON file.

    Args:
        path: the file.
        mend: what to do if it is damaged.

    Raises:
        InputError: if it is missing, damaged or was changed by hand.
    """
    try:
        fields = unsealed(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if fields is None:
        raise InputError(f"{path}: is damaged or was changed by hand; {mend}")
    return fields


def read_lines(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Read sealed lines: the intact ones, and how many are damaged (a last line torn by a crash does not count)."""
    if not path.is_file():
        return [], 0
    lines = once(path, _lines)
    intact = [dict(line) for line in lines if line is not None]
    return intact, len(lines) - len(intact)


def _lines(path: Path) -> list[dict[str, Any] | None]:
    *complete, _torn = path.read_bytes().split(b"\n")
    return [unsealed(line) for line in complete]


def begins_with(path: Path, size: int, check: str) -> bool:
    """Tell whether the first bytes of a file have a digest; a file of lines only grows."""
    try:
        with path.open("rb") as file:
            content = file.read(size)
    except OSError:
        return False
    return len(content) == size and digest(content) == check


def parquet_files(folder: Path) -> Iterator[Path]:
    """List the whole Parquet files of a folder."""
    if folder.is_dir():
        yield from sorted(p for p in folder.glob("*.parquet") if not p.name.startswith("."))
