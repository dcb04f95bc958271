"""Atomic writes: a file or folder is complete or not there, whatever stops the program or the machine."""

import contextlib
import errno
import glob
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from sim.core.errors import InputError
from sim.core.paths import path_of

MANIFEST = "manifest.json"


@contextlib.contextmanager
def atomic_folder(folder: Path, key: str) -> Iterator[Path]:
    """Give a hidden folder to write to; it takes its name only when all is written, and goes if anything fails.

    A folder that holds results of the same configuration, model and policies (``key``) is replaced; any other is left
    alone.

    Raises:
        InputError: if the folder cannot be written, or holds something else.
    """
    named = folder
    try:
        folder = path_of(folder).resolve()
        _refuse_others(folder, named, key)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", error)
        raise InputError(f"folder={named}: cannot be written: {reason}; choose another with folder=PATH") from error
    from filelock import FileLock

    partial = folder.parent / f".{folder.name}.partial-{os.getpid()}"
    lock = FileLock(f"{partial}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear_after_the_dead(folder)
        lock.acquire()
        partial.mkdir()
    except OSError as error:
        raise InputError(
            f"folder={named}: cannot be written: {error.strerror}; choose another with folder=PATH"
        ) from error
    try:
        yield partial
        _refuse_others(folder, named, key)
        old = folder.parent / f".{folder.name}.old-{os.getpid()}"
        if folder.exists():
            folder.replace(old)
        partial.replace(folder)
        shutil.rmtree(old, ignore_errors=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"folder={named}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def _clear_after_the_dead(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote the folder: nobody holds their locks."""
    from filelock import FileLock, Timeout

    for file in folder.parent.glob(f".{glob.escape(folder.name)}.partial-*.lock"):
        lock = FileLock(file)
        with contextlib.suppress(Timeout, OSError):
            lock.acquire(timeout=0)
            pid = file.stem.rpartition("-")[2]
            for kind in ("partial", "old"):
                shutil.rmtree(folder.parent / f".{folder.name}.{kind}-{pid}", ignore_errors=True)
            lock.release()
            file.unlink(missing_ok=True)


def _refuse_others(folder: Path, named: Path, key: str) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise InputError(f"folder={named}: is a file; name a folder that is new or empty")
    try:
        entries = list(folder.iterdir())
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) if entries else {"key": key, "files": []}
        there, ours = manifest.get("key"), {MANIFEST, *manifest.get("files", [])}
        strange = [entry.name for entry in entries if entry.name not in ours]
    except (OSError, ValueError, AttributeError, TypeError):
        there, strange = None, []
    if strange and there == key:
        raise InputError(f"folder={named}: also holds {strange[0]}, which is not ours to replace; name another folder")
    if there != key:
        raise InputError(
            f"folder={named}: holds something else; name a folder that is new or empty, or remove this one"
        )


def refuse_results(folder: Path) -> None:
    """Refuse a folder that holds the results of another command, whose files would be written over.

    Raises:
        InputError: if it has a manifest.
    """
    if (folder / MANIFEST).exists():
        raise InputError(f"folder={folder}: holds results of another command; name a folder that is new or empty")


def refuse_links(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder of which a part is a link: what is written there would land elsewhere.

    Raises:
        InputError: for the first that is one.
    """
    for name in sorted(names):
        if (folder / name).is_symlink():
            raise InputError(f"folder={folder}: {name} is a link, and writing would reach elsewhere; remove it")


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file atomically: it is complete or not there, whatever stops the machine.

    Raises:
        InputError: if it cannot be written, for example because the disk is full; nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> InputError:
    """Say why a file cannot be written, and what to do."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = "the disk is full" if full else (error.strerror or str(error))
    return InputError(
        f"{path}: cannot be written: {reason}. What was finished is kept; "
        f"{'make room' if full else 'see to it'} and run the same command again to go on"
    )
