"""A sweep's folder: one writer, whole shards, and a log that says what is done. Killing it loses nothing.

``manifest.json`` says what is simulated by which model, and what every other file is; ``design-*.parquet`` at which
points; ``done.jsonl`` (a line per task) what is finished, by which versions and machine; ``runs/``, ``series/``,
``events/`` and ``members/`` hold a Parquet shard per task, whose name and line have its digest; ``points.parquet`` says
how many replications each point has and why no more; ``config.yaml`` is the configuration for people to read. Shards
are written before their line; those without one are taken over.
"""

import contextlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import Busy, InputError
from sim.storage.atomic import (
    MANIFEST,
    SEAL_LOCK,
    append_line,
    cannot_write,
    make_folder,
    refuse_links,
    remove,
    write_atomic,
    write_lines,
)
from sim.storage.digests import POLICIES_FOLDER, keep_sources, model_version
from sim.storage.folders import check_files, damage, files_in, read_manifest, seal
from sim.storage.results import as_yaml, read_table, table_bytes, versions
from sim.storage.sealed import digest, digest_of, parquet_files, read_lines
from sim.sweeps.tasks import Finished

if TYPE_CHECKING:
    import pandas as pd


EXPERIMENT = {"question": str, "record": list, "policies": list, "replications": int, "months": int, "space": dict}
WRITTEN = {
    **{"model": str, "versions": dict, "commands": list, "design": str, "files": dict},
    "config": {"name": str, "experiment": EXPERIMENT, "scenarios": dict, "plugins": dict},
}


def is_manifest(data: Any) -> bool:
    """Tell whether data is what a manifest says, and names a design of this folder."""
    return _has(data, WRITTEN) and bool(re.fullmatch(r"design-[0-9a-f]{8}\.parquet", data["design"]))


def _has(data: Any, shape: Mapping[str, Any]) -> bool:
    """Tell whether data has the keys of a shape, each of the type, or the shape, that stands there."""
    return isinstance(data, dict) and all(
        _has(data.get(key), kind) if isinstance(kind, dict) else isinstance(data.get(key), kind)
        for key, kind in shape.items()
    )


def is_plain(line: Mapping[str, Any], tables: Collection[str]) -> bool:
    """Tell whether every file that a line names is a shard of this folder."""
    named = re.fullmatch(r"[0-9a-f]{24}(-again)?", str(line.get("key")))
    checks = [str(check) for _, check in line.get("files", {}).values()]
    return bool(named) and set(line["files"]) <= set(tables) and all(re.fullmatch(r"[0-9a-f]{24}", c) for c in checks)


LOG, CONFIG, POINTS, LOCK = "done.jsonl", "config.yaml", "points.parquet", ".lock"
TABLES = ("runs", "series", "events", "members")
ABOUT = "What these runs are, whole; the manifest holds the copy that counts."
OURS = {
    *(MANIFEST, SEAL_LOCK, LOG, CONFIG, POINTS, LOCK, POLICIES_FOLDER, *TABLES),
    *("figures", "report", "report.html", "discover"),
}


class Store:
    """The folder of one sweep. Reading needs no lock; writing happens within ``locked``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = {}
        self.done: dict[str, dict[str, Any]] = {}
        self.broken_lines = 0
        self._written: list[Path] = []

    @property
    def exists(self) -> bool:
        """Whether the folder holds a sweep."""
        return (self.folder / MANIFEST).is_file()

    @contextlib.contextmanager
    def locked(self) -> Iterator["Store"]:
        """Hold the folder for writing.

        Raises:
            InputError: if another sweep is at work in it, or it cannot be written.
        """
        from filelock import FileLock, Timeout

        try:
            self._refuse_strangers()
            refuse_links(self.folder, OURS)
            make_folder(self.folder)
            lock = FileLock(self.folder / LOCK)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise Busy(
                f"folder={self.folder}: another sweep is at work in it; wait for it, stop it, or name another folder"
            ) from error
        except OSError as error:
            raise InputError(
                f"folder={self.folder}: cannot be written: {error.strerror}; choose another with folder=PATH"
            ) from error
        try:
            yield self
        finally:
            lock.release()

    def _refuse_strangers(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise InputError(f"folder={self.folder}: is a file; name a folder that is new or empty")
        if self.folder.is_dir() and not self.exists:
            for name in sorted({p.name for p in self.folder.iterdir()} - OURS):
                if "design-" not in name and not name.endswith(".partial"):
                    raise InputError(
                        f"folder={self.folder}: has {name}, which no sweep wrote; name a folder that is new or empty"
                    )

    def create(
        self, config: Mapping[str, Any], design: "pd.DataFrame", command: str, specs: Sequence[Any] = ()
    ) -> None:
        """Start a sweep in the folder; runs of the same configuration that are already there are kept.

        Args:
            config: the whole configuration as plain data.
            design: a row per design row, with the point it stands for.
            command: the command or call, for the manifest.
            specs: policies and pay-offs; the text of the user's own is copied to ``policies/``.

        Raises:
            InputError: if the folder has runs of another configuration, or cannot be written.
        """
        config_file = self.folder / CONFIG
        if (
            any(parquet_files(self.folder / "runs"))
            and config_file.is_file()
            and config_file.read_text("utf-8") != as_yaml(config, ABOUT)
        ):
            raise InputError(
                f"folder={self.folder}: has lost its manifest, and config.yaml differs from the request; "
                "sweep into another folder"
            )
        self.manifest = {"model": model_version(), "versions": versions(), "commands": [], "files": {}}
        self.change(config, design, command, specs)
        self._read_log()

    def change(
        self, config: Mapping[str, Any], design: "pd.DataFrame", command: str, specs: Sequence[Any] = ()
    ) -> None:
        """Write what is simulated from now on; one file, the manifest, switches all of it (see ``create``)."""
        self._copy_policies(specs)
        content = table_bytes(design)
        name = f"design-{digest(content)[:8]}.parquet"
        write_atomic(self.folder / name, content)
        write_atomic(self.folder / CONFIG, as_yaml(config, ABOUT).encode())
        facts = {**self.manifest, "config": dict(config), "design": name}
        facts["commands"] = [*self.manifest["commands"], command]
        del facts["files"]
        gone = {POINTS, *(f for f in self.manifest["files"] if f.startswith("design-"))} - {name}
        self.manifest = seal(self.folder, [name, CONFIG, *self._policy_files()], gone, facts)
        for old in self.folder.glob("design-*.parquet"):
            if old.name != name:
                remove(old)

    def _copy_policies(self, specs: Sequence[Any]) -> None:
        """Copy the user's own policies and pay-offs."""
        try:
            keep_sources(self.folder, *specs)
        except OSError as error:
            raise cannot_write(self.folder / POLICIES_FOLDER, error) from error

    def _policy_files(self) -> list[str]:
        place = self.folder / POLICIES_FOLDER
        return [f"{POLICIES_FOLDER}/{name}" for name in files_in(place)] if place.is_dir() else []

    def restore_texts(self, specs: Sequence[Any]) -> None:
        """Write again what people read, the configuration and the user's own policies, where it was damaged."""
        names = [CONFIG, *(n for n in self.manifest["files"] if n.startswith(f"{POLICIES_FOLDER}/"))]
        bad = [name for name in names if self.damage_of(name)]
        if not bad:
            return
        for name in bad:
            remove(self.folder / name)
        write_atomic(self.folder / CONFIG, as_yaml(self.config, ABOUT).encode())
        self._copy_policies(specs)
        self.manifest = seal(self.folder, [CONFIG, *self._policy_files()])

    def open(self) -> "Store":
        """Read what the folder says about itself. ``refuse_damage`` follows before anything else of it is read.

        Raises:
            InputError: if it holds no sweep, or a file of it was damaged or changed by hand.
        """
        if not self.exists:
            raise InputError(f"folder={self.folder}: holds no sweep; see partnership sweep --help")
        self.manifest = read_manifest(self.folder)
        if "n_seeds" in self.manifest:  # what compare, run, trace and search write
            raise InputError(f"{self.folder}: holds no sweep but a comparison or the like; name a sweep's folder")
        if not is_manifest(self.manifest):
            raise InputError(f"{self.folder / MANIFEST}: is not what a sweep writes; sweep into another folder")
        if self.damage_of(self.manifest["design"]):
            raise InputError(
                f"{self.design_file}: is missing, damaged or was changed by hand; the finished runs beside it are "
                "untouched. Put the original back, or sweep into another folder"
            )
        self._written = list(parquet_files(self.folder / "runs"))  # before the log: what is written now has no line yet
        self._read_log()
        return self

    def refuse_damage(self) -> None:
        """Refuse what is not as it was written, or not counted: whoever reads the tables calls this first.

        Raises:
            InputError: the message says what is wrong and how to mend it.
        """
        mend = f"partnership sweep folder={self.folder}"
        if self.log_damage:
            raise InputError(
                f"{self.folder / LOG}: {self.log_damage}, so that finished runs would be left out; they are still "
                f"there: count them again with: {mend}"
            )
        for line in self.done.values():
            for shard in self.damage(line):
                raise InputError(f"{self.folder / shard}: is missing or damaged; run its runs again with: {mend}")
        uncounted = self.uncounted()
        if uncounted and not self.at_work():
            raise InputError(
                f"{self.folder}: {len(uncounted)} finished tasks in runs/ are not counted in {LOG} (the sweep was "
                f"killed just then, or {LOG} was cut short); take them over with: {mend}"
            )
        if self.is_finished:
            check_files(self.folder, self.manifest, [POINTS])

    @property
    def log_damage(self) -> str:
        """What is wrong with the log, in words; empty if nothing."""
        if self.broken_lines:
            return f"{self.broken_lines} {'line is' if self.broken_lines == 1 else 'lines are'} damaged"
        wrong = self.damage_of(LOG) if LOG in self.manifest["files"] else ""
        return {"": "", "missing": "is missing", "damaged": "has lost lines, or was changed by hand"}[wrong]

    def damage_of(self, name: str) -> str:
        """Say what is wrong with a file that the manifest is to name; empty if nothing."""
        return damage(self.folder, name, self.manifest["files"].get(name, (0, "")))

    def uncounted(self) -> list[Path]:
        """List shards of runs that were complete before the log was read and have no line in it."""
        named = set(self.shards("runs")) if self._written else set()
        return [path for path in self._written if path not in named]

    def at_work(self) -> bool:
        """Whether a sweep is at work in the folder now."""
        from filelock import FileLock, Timeout

        if not (self.folder / LOCK).is_file():
            return False
        try:
            with FileLock(self.folder / LOCK).acquire(timeout=0):
                return False
        except Timeout:
            return True
        except OSError:  # a folder that cannot be written
            return False

    @property
    def is_finished(self) -> bool:
        """Whether every run that the sweep asks for was tried."""
        return POINTS in self.manifest["files"]

    @property
    def design_file(self) -> Path:
        """The file with the design."""
        return self.folder / str(self.manifest["design"])

    @property
    def config(self) -> dict[str, Any]:
        """The configuration: experiment, scenarios and digests of a user's own files."""
        return dict(self.manifest["config"])

    def design(self) -> "pd.DataFrame":
        """Read the design: a row per design row, with the point it stands for."""
        return read_table(self.design_file)

    def _read_log(self) -> None:
        lines, self.broken_lines = read_lines(self.folder / LOG)
        self.done = {line["key"]: line for line in lines if is_plain(line, TABLES)}
        self.broken_lines += len(lines) - len(self.done)

    def finish(self, points: "pd.DataFrame") -> None:
        """Write the points with the number of replications each has, and why no more; seal what was done by whom.

        The lines of the log are put in the order of their keys, so that the same sweep gives the same bytes.
        """
        self.rewrite_log(dict(sorted(self.done.items())))
        write_atomic(self.folder / POINTS, table_bytes(points))
        self.manifest = seal(self.folder, [POINTS, LOG], facts={"made_by": self.made_by()})

    def rewrite_log(self, done: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the log once more: other lines, or in another order."""
        if list(self.done) == list(done) and not self.log_damage:
            return
        self.manifest = seal(self.folder, gone=[LOG])  # until it is sealed again, its lines answer for themselves
        self.done, self.broken_lines = {key: dict(line) for key, line in done.items()}, 0
        write_lines(self.folder / LOG, self.done.values())

    def unfinish(self) -> None:
        """Say that runs are missing again; seal what is done."""
        self.manifest = seal(self.folder, [LOG] if (self.folder / LOG).is_file() else [], [POINTS])
        remove(self.folder / POINTS)

    def seal_log(self) -> None:
        """Seal what is done, where nothing is missing."""
        if self.is_finished:
            self.manifest = seal(self.folder, [LOG], facts={"made_by": self.made_by()})

    @property
    def n_runs(self) -> int:
        """How many runs are done."""
        return sum(line["runs"] for line in self.done.values())

    def made_by(self) -> list[dict[str, Any]]:
        """List the versions and kinds of machine that made the runs, and how many runs each made."""
        runs: dict[str, Any] = {}
        for line in self.done.values():
            made = dict(line.get("made_by", {}))
            entry = runs.setdefault(repr(sorted(made.items())), {"runs": 0, "versions": made})
            entry["runs"] += line["runs"]
        return sorted((e for e in runs.values() if e["runs"]), key=lambda e: -e["runs"])

    def add(self, finished: Finished, mended: list[str] | None = None) -> None:
        """Keep what a task gave: its shards, then the line that says so."""
        files: dict[str, Any] = {name: [len(content), digest(content)] for name, content in finished.files.items()}
        for name in sorted(finished.files, key=lambda n: n == "runs"):
            path = self.shard(name, finished.key, files[name][1])
            if not path.is_file():
                write_atomic(path, finished.files[name])
        line: dict[str, Any] = {"key": finished.key, "runs": finished.n_runs, "files": files}
        line["made_by"] = dict(finished.made_by)
        if finished.failures:
            line["failures"] = [dict(f) for f in finished.failures]
        if mended:
            line["mended"] = mended
        append_line(self.folder / LOG, line)
        self.done[finished.key] = line

    def shard(self, table: str, key: str, check: str) -> Path:
        """Say where a task's part of a table is; its name holds a digest of its content."""
        return self.folder / table / f"{key}-{check}.parquet"

    def damage(self, line: Mapping[str, Any]) -> list[str]:
        """List the shards of a task that are not as they were written."""
        damaged = []
        for table, (size, check) in line["files"].items():
            path = self.shard(table, line["key"], check)
            if not path.is_file() or path.stat().st_size != size or digest_of(path) != check:
                damaged.append(f"{table}/{path.name}")
        return damaged

    def shards(self, table: str) -> list[Path]:
        """List the finished shards of a table."""
        lines = [line for line in self.done.values() if table in line["files"]]
        return [self.shard(table, line["key"], line["files"][table][1]) for line in lines]

    def failures(self) -> list[dict[str, Any]]:
        """List the runs that failed and have not been done since."""
        mended = {r for line in self.done.values() for r in line.get("mended", ())}
        return [f for line in self.done.values() for f in line.get("failures", ()) if f["run_id"] not in mended]
