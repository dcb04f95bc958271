"""The log of a search: what is searched, then a line per trial, so that nothing is tried twice."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.core.errors import InputError
from sim.storage.sealed import append_line, mend_tail, read_lines
from sim.studies.policy_search.trials import Trial

LOG, LOCK = "trials.jsonl", ".lock"


class Log:
    """The trials of one search on disk: ``held`` by family and number."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.held: dict[str, dict[int, Trial]] = {}
        for line in read_lines(file)[0][1:]:
            trial = Trial(**line)
            self.held.setdefault(trial.family, {})[trial.number] = trial

    @property
    def count(self) -> int:
        """How many trials there are."""
        return sum(len(trials) for trials in self.held.values())

    def keep(self, trial: Trial) -> None:
        """Write a trial down."""
        append_line(self.file, dataclasses.asdict(trial))
        self.held.setdefault(trial.family, {})[trial.number] = trial


@contextlib.contextmanager
def opened(folder: Path, about: Mapping[str, Any]) -> Iterator[Log]:
    """Hold a folder for a search described by ``about``, new or to go on with.

    Raises:
        InputError: if the folder holds something else, another search is at work in it, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    file = folder / LOG
    try:
        strange = folder.exists() and (not folder.is_dir() or any(f.name not in (LOG, LOCK) for f in folder.iterdir()))
        if strange and not file.is_file():
            raise InputError(f"folder={folder}: holds something else; name a folder that is new or empty")
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(f"folder={folder}: another search is at work in it; wait for it, or name another") from error
    except OSError as error:
        raise InputError(f"folder={folder}: cannot be written: {error.strerror}; choose another") from error
    try:
        mend_tail(file)
        lines, _ = read_lines(file)
        if not lines:
            append_line(file, about)
        elif lines[0] != about:
            differ = [k for k in about if lines[0].get(k) != about[k]]
            raise InputError(f"folder={folder}: holds another search ({', '.join(differ)} differ); name another folder")
        yield Log(file)
    finally:
        lock.release()
