"""Programs that were compiled before, kept on disk: one file a program and target, compared before it is used.

A file holds the whole text that its code was made from, and a digest of everything. It is used only if it is a plain
file of this user, in a folder that nobody else may write to, whole, and made from exactly this text by this version of
the compiler for this processor. Anything else counts as not there, and is replaced. Files are written beside their
place and then renamed, so that a power cut or a second process leaves the old file or the new one.
"""

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sim.engine.compiled import codegen, elementary, module, native
from sim.engine.compiled.loops import Program
from sim.model import random_streams

LARGEST = 200_000_000
"""Bytes that all files may take; those that were used longest ago go first."""

_MAGIC = b"partnership object 2\n"
_STALE = 24 * 3600.0


def folder() -> Path:
    """Return the folder for compiled programs: PARTNERSHIP_CACHE, or the user's cache."""
    if os.environ.get("PARTNERSHIP_CACHE"):
        return Path(os.environ["PARTNERSHIP_CACHE"])
    home = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else os.environ.get("XDG_CACHE_HOME")
    return Path(home or Path.home() / ".cache") / "partnership-dynamics"


_LOADED: dict[str, Callable[..., None]] = {}


def compiled(program: Program) -> Callable[..., None]:
    """Return the function of a program: from this process, from disk, or compiled now."""
    text = f"{native.described()} one_step={native.ONE_STEP}\n{compiler()}\n{program.text}"
    if text not in _LOADED:
        code = read(text, "object") or write(
            text, "object", native.object_of(module.module_of(program, elementary.Style(one_step=native.ONE_STEP)))
        )
        _LOADED[text] = native.load(code)
    return _LOADED[text]


def read(text: str, kind: str) -> bytes | None:
    """Read the code that was made from exactly this text, if it is there.

    Args:
        text: the program, and all that its code depends on besides.
        kind: of code: ``object`` or ``wasm``.
    """
    return _read(_file(text, kind), text.encode())


def write(text: str, kind: str, code: bytes) -> bytes:
    """Write code for the next time, and return it. See ``read``."""
    _write(_file(text, kind), text.encode(), code)
    return code


def _file(text: str, kind: str) -> Path:
    return folder() / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.{kind}"


@cache
def compiler() -> str:
    """Name the version of the text that compiles: another one makes other code."""
    sources = b"".join(
        Path(str(m.__file__)).read_bytes() for m in (codegen, elementary, module, native, random_streams)
    )
    return hashlib.sha256(sources).hexdigest()


def _is_ours(status: os.stat_result) -> bool:
    """Tell whether nobody but this user may write to it; on Windows the profile's rights see to that."""
    return not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def _read(path: Path, text: bytes) -> bytes | None:
    try:
        if not _is_ours(path.parent.stat()):
            return None
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode) or not _is_ours(status):
                return None
            content = file.read()
        start = len(_MAGIC) + 32
        if content[: len(_MAGIC)] != _MAGIC or hashlib.sha256(content[start:]).digest() != content[len(_MAGIC) : start]:
            return None
        length = int.from_bytes(content[start : start + 8], "big")
        if zlib.decompress(content[start + 8 : start + 8 + length]) != text:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return content[start + 8 + length :]
    except (OSError, zlib.error):
        return None


def _write(path: Path, text: bytes, code: bytes) -> None:
    """Keep what was compiled; where that cannot be done it is compiled again in the next process."""
    made_from = zlib.compress(text, 1)
    body = len(made_from).to_bytes(8, "big") + made_from + code
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _is_ours(path.parent.stat()):
            return
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".draft")
        try:
            with open(handle, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest() + body)
                file.flush()
                os.fsync(handle)
            os.replace(draft, path)
        finally:
            Path(draft).unlink(missing_ok=True)
        _prune(path.parent)


def _prune(place: Path) -> None:
    """Remove drafts that a dead process left, and what was used longest ago of too much."""
    files = []
    for file in place.iterdir():
        with contextlib.suppress(OSError):
            status = file.lstat()
            if file.suffix == ".draft" and status.st_mtime < time.time() - _STALE:
                file.unlink()
            elif file.suffix in (".object", ".wasm"):
                files.append((status.st_mtime, status.st_size, file))
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= LARGEST:
            break
        with contextlib.suppress(OSError):
            file.unlink()
            total -= size
