"""A sweep's folder: one writer, whole shards, and a log that says what is done. Killing it loses nothing.

``manifest.json`` says what is simulated by which model; ``design-*.parquet`` at which points; ``done.jsonl`` (a line
per task) what is finished; ``runs/``, ``series/``, ``events/`` and ``members/`` hold a Parquet shard per task;
``points.parquet`` says how many replications each point has and why no more; ``config.yaml`` is the manifest's
configuration for people to read. Shards are written before their line; those without one are taken over.
"""

import contextlib
import dataclasses
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.core.errors import Busy, InputError
from sim.storage.atomic import cannot_write, refuse_links, write_atomic
from sim.storage.digests import POLICIES_FOLDER, keep_sources, model_version
from sim.storage.results import as_yaml, read_table, table_bytes, versions
from sim.storage.sealed import (
    append_line,
    digest,
    digest_of,
    parquet_files,
    read_lines,
    read_sealed,
    sealed,
)
from sim.sweeps.tasks import Finished

if TYPE_CHECKING:
    import pandas as pd


EXPERIMENT = {"question": str, "record": list, "policies": list, "replications": int, "months": int, "space": dict}
WRITTEN = {
    **{"model": str, "versions": dict, "commands": list, "design": str, "design_check": str},
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


MANIFEST, LOG, CONFIG, POINTS, LOCK = "manifest.json", "done.jsonl", "config.yaml", "points.parquet", ".lock"
TABLES = ("runs", "series", "events", "members")
ABOUT = "What these runs are, whole; the manifest holds the copy that counts."
OURS = {MANIFEST, LOG, CONFIG, POINTS, LOCK, "figures", "report", "report.html", "discover", POLICIES_FOLDER, *TABLES}


class Store:
    """The folder of one sweep. Reading needs no lock; writing happens within ``locked``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = {}
        self.done: dict[str, dict[str, Any]] = {}
        self.broken_lines = 0

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
            self.folder.mkdir(parents=True, exist_ok=True)
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
        self.manifest = {"model": model_version(), "versions": versions(), "commands": []}
        self.change(config, design, command, specs)
        self._read_log()

    def change(
        self, config: Mapping[str, Any], design: "pd.DataFrame", command: str, specs: Sequence[Any] = ()
    ) -> None:
        """Write what is simulated from now on; one file, the manifest, switches all of it (see ``create``)."""
        try:
            keep_sources(self.folder, *specs)
        except OSError as error:
            raise cannot_write(self.folder / POLICIES_FOLDER, error) from error
        content = table_bytes(design)
        name = f"design-{digest(content)[:8]}.parquet"
        write_atomic(self.folder / name, content)
        write_atomic(self.folder / CONFIG, as_yaml(config, ABOUT).encode())
        self.manifest |= {"config": dict(config), "design": name, "design_check": digest(content)}
        self.manifest["commands"] = [*self.manifest["commands"], command]
        write_atomic(self.folder / MANIFEST, json.dumps(sealed(self.manifest), indent=1).encode() + b"\n")
        for old in self.folder.glob("design-*.parquet"):
            if old.name != name:
                old.unlink()

    def open(self) -> "Store":
        """Read what the folder says about itself.

        Raises:
            InputError: if it holds no sweep, or a file of it was damaged or changed by hand.
        """
        if not self.exists:
            raise InputError(f"folder={self.folder}: holds no sweep; see partnership sweep --help")
        self.manifest = read_sealed(self.folder / MANIFEST)
        if not is_manifest(self.manifest):
            raise InputError(f"{self.folder / MANIFEST}: is not what a sweep writes; sweep into another folder")
        if digest_of(self.design_file) != self.manifest["design_check"]:
            raise InputError(
                f"{self.design_file}: is missing, damaged or was changed by hand; the finished runs beside it are "
                "untouched. Put the original back, or sweep into another folder"
            )
        self._read_log()
        return self

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

    def write_points(self, points: "pd.DataFrame") -> None:
        """Write the points with the number of replications each has, and why no more."""
        write_atomic(self.folder / POINTS, table_bytes(points))

    def add(self, finished: Finished, mended: list[str] | None = None) -> None:
        """Keep what a task gave: its shards, then the line that says so."""
        files: dict[str, Any] = {name: [len(content), digest(content)] for name, content in finished.files.items()}
        for name in sorted(finished.files, key=lambda n: n == "runs"):
            path = self.shard(name, finished.key, files[name][1])
            if not path.is_file():
                write_atomic(path, finished.files[name])
        line: dict[str, Any] = {"key": finished.key, "runs": finished.n_runs, "files": files}
        if finished.failures:
            line["failures"] = [dict(f) for f in finished.failures]
        if mended:
            line["mended"] = mended
        append_line(self.folder / LOG, line)
        self.done[finished.key] = line

    def shard(self, table: str, key: str, check: str) -> Path:
        """Say where a task's part of a table is; its name holds a digest of its content."""
        return self.folder / table / f"{key}-{check}.parquet"

    def damage(self, line: Mapping[str, Any], thorough: bool = True) -> list[str]:
        """List the shards of a task that are not as they were written (``thorough``: by content, not size alone)."""
        damaged = []
        for table, (size, check) in line["files"].items():
            path = self.shard(table, line["key"], check)
            if not path.is_file() or path.stat().st_size != size or (thorough and digest_of(path) != check):
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


@dataclasses.dataclass(frozen=True)
class Status:
    """How far a sweep is. ``planned`` leaves out the replications that ``precision`` may add."""

    done: int
    planned: int
    failed: int
    damaged: tuple[str, ...]
    broken_lines: int
    model: str
    points: int


def status_of(store: Store) -> Status:
    """Count what is done, and read every shard to see whether it is as it was written."""
    experiment = store.config["experiment"]
    n_points = store.design()["point"].nunique()
    runs = experiment["replications"] * max(len(experiment["policies"]), 1) * n_points
    done = sum(line["runs"] for line in store.done.values())
    damaged = tuple(shard for line in store.done.values() for shard in store.damage(line))
    model = str(store.manifest["model"])
    return Status(done, runs, len(store.failures()), damaged, store.broken_lines, model, n_points)
