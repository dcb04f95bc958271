"""Files of a sweep's folder: sealed, so that damage is seen, and grown line by line."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.storage.atomic import cannot_write, write_atomic


def append_line(path: Path, data: Mapping[str, Any]) -> None:
    """Add a sealed line to a file; a line torn by a crash is not counted when read, and goes with the next."""
    try:
        with path.open("ab") as file:
            place = file.tell()
            try:
                file.write(json.dumps(sealed(data)).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), place)
                raise
    except OSError as error:
        raise cannot_write(path, error) from error


def read_lines(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Read sealed lines: the intact ones, and how many are damaged (a last line torn by a crash does not count)."""
    if not path.is_file():
        return [], 0
    *complete, _torn = path.read_bytes().split(b"\n")
    lines = [_unsealed(line) for line in complete]
    return [line for line in lines if line is not None], sum(line is None for line in lines)


def cut_torn_line(path: Path) -> None:
    """Cut off a last line that a crash tore."""
    if path.is_file():
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            write_atomic(path, content[: content.rfind(b"\n") + 1])


def sealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """Add a check over the content."""
    return {**data, "check": _check(data)}


def read_sealed(path: Path) -> dict[str, Any]:
    """Read a sealed JSON file.

    Raises:
        InputError: if it is missing, damaged or was changed by hand.
    """
    try:
        content = path.read_bytes()
        fields = _unsealed(content)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if fields is None and b'"n_seeds"' in content:  # what compare, run, trace and search write
        raise InputError(f"{path.parent}: holds no sweep but a comparison or the like; name a sweep's folder")
    if fields is None:
        raise InputError(
            f"{path}: is damaged or was changed by hand; the finished runs beside it are untouched. Put the original "
            f"back, or remove {path.name} and sweep again with the same options: finished runs are taken over"
        )
    return fields


def _unsealed(line: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
        check = data.pop("check")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    return data if check == _check(data) else None


def _check(data: Mapping[str, Any]) -> str:
    return digest(json.dumps(data, sort_keys=True).encode())


def digest(content: bytes) -> str:
    """Digest some bytes."""
    return hashlib.sha256(content).hexdigest()[:24]


def digest_of(path: Path) -> str:
    """Digest a file; empty if it is missing."""
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return ""


def parquet_files(folder: Path) -> Iterator[Path]:
    """List the whole Parquet files of a folder."""
    if folder.is_dir():
        yield from sorted(p for p in folder.glob("*.parquet") if not p.name.startswith("."))
