"""Atomic writes: a file or folder is complete or not there, whatever stops the program or the machine.

What has been written here is on the disk when the call returns, names included: files and their folders are flushed.
(Windows flushes files only; NTFS keeps its own journal of names.)
"""

import contextlib
import errno
import glob
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.core import paths
from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.sealed import read_sealed, sealed

MANIFEST, SEAL_LOCK = "manifest.json", ".manifest.lock"


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
        make_folder(folder.parent)
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
        _flush_tree(partial)
        old = folder.parent / f".{folder.name}.old-{os.getpid()}"
        if folder.exists():
            rename(folder, old)
        rename(partial, folder)
        flush(folder.parent)
        shutil.rmtree(old, ignore_errors=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"folder={named}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        lock.release()
        with contextlib.suppress(PermissionError):  # on Windows, while another process looks whether it is held
            Path(lock.lock_file).unlink(missing_ok=True)


def _clear_after_the_dead(folder: Path) -> None:
    """Clear up after processes that were killed while they wrote the folder: nobody holds their locks.

    A folder that one of them had set aside to put its own in place, and did not, takes its name again.
    """
    from filelock import FileLock, Timeout

    for file in folder.parent.glob(f".{glob.escape(folder.name)}.partial-*.lock"):
        lock = FileLock(file)
        with contextlib.suppress(Timeout, OSError):
            lock.acquire(timeout=0)
            pid = file.stem.rpartition("-")[2]
            old = folder.parent / f".{folder.name}.old-{pid}"
            if old.is_dir() and not folder.exists():
                rename(old, folder)
            for kind in ("partial", "old"):
                shutil.rmtree(folder.parent / f".{folder.name}.{kind}-{pid}", ignore_errors=True)
            lock.release()
            remove(file)


def _refuse_others(folder: Path, named: Path, key: str) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise InputError(f"folder={named}: is a file; name a folder that is new or empty")
    try:
        entries = list(folder.iterdir())
        manifest = read_sealed(folder / MANIFEST) if entries else {"key": key, "files": {}}
        there = manifest.get("key")
        ours = {MANIFEST, SEAL_LOCK, *(name.partition("/")[0] for name in manifest["files"])}
        strange = [entry.name for entry in entries if entry.name not in ours]
    except (OSError, InputError, KeyError, TypeError, AttributeError):
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
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            flush(path.parent.parent)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        rename(partial, path)
        flush(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            remove(partial)
        raise cannot_write(path, error) from error


def rename(one: Path, to: Path) -> None:
    """Give a file or folder another name, in place of what has that name.

    Windows refuses this while somebody has the file open, such as a reader or a virus scanner: it is tried for a while.

    Raises:
        OSError: if it cannot be done.
    """
    _patiently(lambda: os.replace(one, to))


def remove(path: Path) -> None:
    """Remove a file if it is there, as patiently as ``rename``.

    Raises:
        OSError: if it cannot be done.
    """
    _patiently(lambda: path.unlink(missing_ok=True))


WAITS = (0.01, 0.05, 0.2, 0.5, 1.0)
"""Seconds to wait, on Windows, for whoever has a file open."""


def _patiently(change: Callable[[], None]) -> None:
    for seconds in WAITS if paths.ON_WINDOWS else ():
        try:
            return change()
        except PermissionError:
            time.sleep(seconds)
    return change()


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
        if not place:
            flush(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from error


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write a file of sealed lines, in place of what is there."""
    write_atomic(path, b"".join(json.dumps(sealed(line)).encode() + b"\n" for line in lines))


def cut_torn_line(path: Path) -> None:
    """Cut off a last line that a crash tore."""
    if path.is_file():
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            write_atomic(path, content[: content.rfind(b"\n") + 1])


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it; their names are on the disk afterwards."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush(folder.parent)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, written to the disk; Windows does not flush folders."""
    if paths.ON_WINDOWS and path.is_dir():
        return
    place = os.open(path, os.O_RDWR if paths.ON_WINDOWS else os.O_RDONLY)
    try:
        os.fsync(place)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # a file system that does not know how
            raise
    finally:
        os.close(place)


def _flush_tree(folder: Path) -> None:
    """Have a folder with all that is in it written to the disk."""
    for place, _, names in os.walk(folder):
        for name in (*names, ""):
            flush(Path(place, name))


def cannot_write(path: Path, error: OSError) -> InputError:
    """Say why a file cannot be written, and what to do."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = "the disk is full" if full else (error.strerror or str(error))
    return InputError(
        f"{path}: cannot be written: {reason}. What was finished is kept; "
        f"{'make room' if full else 'see to it'} and run the same command again to go on"
    )
