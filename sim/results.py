"""Results on disk: a folder is written whole or not at all; tables as Parquet, settings and versions beside them."""

import contextlib
import errno
import glob
import hashlib
import io
import json
import os
import platform
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.config import fingerprint
from sim.messages import InputError
from sim.paths import path_of

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"


@contextlib.contextmanager
def whole_folder(folder: Path, key: str) -> Iterator[Path]:
    """Give a hidden folder to write to; it takes its name only when all is written, and goes if anything fails.

    A folder that holds results of the same configuration (``key``) is replaced; any other is left alone.

    Raises:
        InputError: if the folder cannot be written, or holds something else.
    """
    given = folder
    try:
        folder = path_of(folder).resolve()
        _refuse_others(folder, given, key)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", error)
        raise InputError(f"folder={given}: cannot be written: {reason}; choose another with folder=PATH") from error
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
            f"folder={given}: cannot be written: {error.strerror}; choose another with folder=PATH"
        ) from error
    try:
        yield partial
        _refuse_others(folder, given, key)
        old = folder.parent / f".{folder.name}.old-{os.getpid()}"
        if folder.exists():
            folder.replace(old)
        partial.replace(folder)
        shutil.rmtree(old, ignore_errors=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"folder={given}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def _clear_after_the_dead(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote the folder: nobody holds their locks."""
    from filelock import FileLock, Timeout

    for held in folder.parent.glob(f".{glob.escape(folder.name)}.partial-*.lock"):
        lock = FileLock(held)
        with contextlib.suppress(Timeout, OSError):
            lock.acquire(timeout=0)
            pid = held.stem.rpartition("-")[2]
            for kind in ("partial", "old"):
                shutil.rmtree(folder.parent / f".{folder.name}.{kind}-{pid}", ignore_errors=True)
            lock.release()
            held.unlink(missing_ok=True)


def _refuse_others(folder: Path, given: Path, key: str) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise InputError(f"folder={given}: is a file; name a folder that is new or empty")
    try:
        entries = list(folder.iterdir())
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) if entries else {"key": key, "files": []}
        held, ours = manifest.get("key"), {MANIFEST, *manifest.get("files", [])}
        strange = [entry.name for entry in entries if entry.name not in ours]
    except (OSError, ValueError, AttributeError, TypeError):
        held, strange = None, []
    if strange and held == key:
        raise InputError(f"folder={given}: also holds {strange[0]}, which is not ours to replace; name another folder")
    if held != key:
        raise InputError(
            f"folder={given}: holds something else; name a folder that is new or empty, or remove this one"
        )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever stops the machine.

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


def write_csv(table: "pd.DataFrame", path: Path) -> None:
    """Write a table as CSV, whole or not at all; decimal numbers read back as the same numbers."""
    write_whole(path, table.to_csv(index=False).encode())


def cannot_write(path: Path, error: OSError) -> InputError:
    """Say why a file cannot be written, and what to do."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = "the disk is full" if full else (error.strerror or str(error))
    return InputError(
        f"{path}: cannot be written: {reason}. What was finished is kept; "
        f"{'make room' if full else 'see to it'} and run the same command again to go on"
    )


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write a table as Parquet (one thread: the same rows give the same bytes)."""
    import duckdb

    try:
        with duckdb.connect(config={"threads": 1}) as db:
            db.register("rows", table)
            db.execute(f"COPY rows TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.IOException as error:
        raise InputError(f"{path.name} cannot be written: {' '.join(str(error).split())}") from error


def table_bytes(table: "pd.DataFrame") -> bytes:
    """Give a table as the content of a Parquet file."""
    with tempfile.TemporaryDirectory() as place:
        write_table(table, Path(place) / "table")
        return (Path(place) / "table").read_bytes()


def read_table(path: str | Path) -> "pd.DataFrame":
    """Read a table of a results folder into pandas."""
    import duckdb

    with duckdb.connect() as db:
        return db.execute("SELECT * FROM read_parquet(?)", [literal(path)]).df()


def literal(path: str | Path) -> str:
    """Write a path so that DuckDB takes it as it is and not as a pattern."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def write_settings(
    folder: Path, resolved: dict[str, Any], seeds: list[int], command: str, growing: tuple[str, ...] = ()
) -> None:
    """Write the resolved configuration and the manifest; what is ``growing``, as a log is, gets no fingerprint."""
    import yaml

    text = yaml.safe_dump(resolved, sort_keys=False, allow_unicode=True)
    (folder / "config.yaml").write_text(f"# The whole configuration of these results.\n{text}", encoding="utf-8")
    manifest = {
        "key": fingerprint(resolved),
        "command": command,
        "first_seed": seeds[0],
        "n_seeds": len(seeds),
        "versions": versions(),
        "files": sorted(p.name for p in folder.iterdir()),
        "sha256": {p.name: sha256(p) for p in sorted(folder.iterdir()) if p.is_file() and p.name not in growing},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """Give the fingerprint of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def versions() -> dict[str, str]:
    """Give the versions that results depend on."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in ("partnership-dynamics", "numpy", "pandas", "scipy", "matplotlib", "duckdb", "mesa", "numba"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def save_figure(figure: Any, path: Path, about: str) -> None:
    """Save a figure as PNG and SVG, with what made it inside; the same picture gives the same bytes."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    kinds: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    with mpl.rc_context({"svg.hashsalt": "partnership-dynamics"}):
        for kind, more in kinds.items():
            drawn = io.BytesIO()
            figure.savefig(drawn, format=kind, dpi=150, metadata={"Description": about, **more})
            write_whole(path.with_suffix(f".{kind}"), drawn.getvalue())
    plt.close(figure)


def command_line(command: str, arguments: list[str]) -> str:
    """Write the command that repeats a result; where it was written to does not matter."""
    return " ".join(["partnership", command, *(shlex.quote(a) for a in arguments if not a.startswith("folder="))])
