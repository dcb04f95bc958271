"""The log of a search: what is searched, then a line per trial, so that nothing is simulated twice."""

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.storage.atomic import append_line, cut_torn_line, write_lines
from sim.storage.sealed import read_lines
from sim.studies.policy_search.trials import Trial

LOG, LOCK = "trials.jsonl", ".lock"


class Log:
    """The trials of one search: in a file, or in memory alone."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.trials: dict[str, dict[int, Trial]] = {}
        for line in read_lines(file)[0][1:] if file else []:
            trial = Trial(**line)
            self.trials.setdefault(trial.policy, {})[trial.number] = trial

    def record(self, trial: Trial) -> None:
        """Add a trial."""
        if self.file:
            append_line(self.file, dataclasses.asdict(trial))
        self.trials.setdefault(trial.policy, {})[trial.number] = trial


def write_log(file: Path, description: Mapping[str, Any], trials: Iterable[Trial]) -> None:
    """Write the log of a search that was kept in memory."""
    append_line(file, description)
    for trial in trials:
        append_line(file, dataclasses.asdict(trial))


@contextlib.contextmanager
def open_log(folder: Path | None, description: Mapping[str, Any]) -> Iterator[Log]:
    """Open the log in a folder, which no other process may use meanwhile; without a folder, a log in memory.

    Args:
        folder: new, empty, or with the log of the same search.
        description: all that the trials depend on, as plain data.

    Raises:
        InputError: if the folder holds something else, another search is at work in it, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    if folder is None:
        yield Log()
        return
    file = folder / LOG
    try:
        other = folder.exists() and (not folder.is_dir() or any(f.name not in (LOG, LOCK) for f in folder.iterdir()))
        if other and not file.is_file():
            raise InputError(f"folder={folder}: holds something else; name a folder that is new or empty")
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"folder={folder}: another search is at work in it; wait for it, or name another") from error
    except OSError as error:
        raise InputError(f"folder={folder}: cannot be written: {error.strerror}; choose another") from error
    try:
        cut_torn_line(file)
        lines, broken = read_lines(file)
        if broken and lines and "spaces" not in lines[0]:
            raise InputError(
                f"{file}: its first line, which says what was searched, is damaged; put the original back, or remove "
                f"{folder} and search again"
            )
        if broken:  # these trials are simulated again, and come out the same
            write_lines(file, lines)
        if not lines:
            append_line(file, description)
        elif lines[0] != description:
            raise InputError(f"folder={folder}: {_difference(lines[0], description)}; name another folder")
        yield Log(file)
    finally:
        lock.release()


def _difference(logged: Mapping[str, Any], description: Mapping[str, Any]) -> str:
    """Say in what the search of a log differs from this one."""
    differ = [k for k in description if logged.get(k) != description[k]]
    if "model" in differ:
        return f"holds a search with another model ({logged.get('model')}; this one is {description['model']})"
    if differ == ["digests"]:
        before, now = logged.get("digests") or {}, description["digests"]
        changed = [name for name in before | now if before.get(name) != now.get(name)]
        return f"holds a search with another version of {', '.join(changed)}"
    return f"holds another search ({', '.join(differ)} differ)"
