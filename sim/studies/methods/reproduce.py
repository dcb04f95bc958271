"""``sim.reproduce``: run again what a folder of results holds, and compare every file, byte for byte."""

import dataclasses
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, ClassVar

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.core.plugins import looks_like_path, use_copies
from sim.storage import folders
from sim.storage.atomic import MANIFEST
from sim.storage.digests import POLICIES_FOLDER, kept_copy, model_version, plugin_digests
from sim.storage.folders import files_in, seal_all
from sim.storage.results import versions
from sim.storage.sealed import digest_of
from sim.studies.identity import identify
from sim.studies.methods.kit import kind_of, manifest_key, read_config, read_manifest
from sim.studies.result import Result
from sim.sweeps.store import LOG, TABLES

SAME, DIFFERS, MISSING = "same", "differs", "not made again"


@dataclasses.dataclass(frozen=True, repr=False)
class Reproduction(Result):
    """Results run again, and how each file compares.

    Attributes:
        files: a row for each file of the results: ``file``, its ``kind`` (table, picture, text), and ``verdict``
            (same, differs, or not made again).
    """

    command: ClassVar[str] = "reproduce"
    of: Path = Path()
    to: Path = Path()
    other: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every file has the same bytes."""
        return bool((self.tables["files"]["verdict"] == SAME).all())

    def text(self) -> str:
        """Give what the command prints: how many files are the same, and which are not.

        Returns:
            Lines of plain text.
        """
        files = self.tables["files"]
        lines = []
        for kind, rows in files.groupby("kind", sort=False):
            same = int((rows["verdict"] == SAME).sum())
            lines.append(f"{kind}: {same} of {len(rows)} with the same bytes")
        lines += [f"  {row.file}: {row.verdict}" for row in files.itertuples() if row.verdict != SAME]
        if not self.holds and self.other:
            lines.append(f"Made with other versions: {'; '.join(self.other)}.")
        verdict = "The same bytes" if self.holds else "Not the same bytes"
        return "\n".join([f"{verdict}: {self.of} and {self.to}.", *lines])


def reproduce(folder: str | Path, to: str | Path) -> Reproduction:
    """Run again what a folder of compare, run or sweep holds, into another folder, and compare every file.

    A policy of the user's own is taken from the copy that the folder keeps.

    Args:
        folder: the results.
        to: a new or empty folder for the second run.

    Returns:
        The comparison: ``.files`` is a table, ``.holds`` whether every file has the same bytes.

    Raises:
        InputError: if the folder holds no such results, was made by another model, or has a policy that was given as a
            Python object and not as a file.
    """
    import pandas as pd

    place, second = path_of(folder), path_of(to)
    manifest = read_manifest(place)
    if manifest["model"] != model_version():
        raise InputError(
            f"folder={folder}: was made by model {manifest['model']}, this is {model_version()}; install that version"
        )
    config, kind = read_config(place, manifest), kind_of(manifest)
    own = manifest.get("policies") or config.get("plugins") or {}
    _use_kept(place, own)
    if second.exists() and (not second.is_dir() or any(second.iterdir())):
        raise InputError(f"to={to}: is not empty; name a new folder")
    if kind == "sweep":
        _sweep_again(place, second)
    else:
        with _kept_region(place, config):
            _study_again(kind, config, str(manifest["command"]), second)
    now = versions()
    other = tuple(
        f"{name} {then}, here {now.get(name, 'none')}"
        for name, then in manifest["versions"].items()
        if now.get(name) != then
    )
    table = pd.DataFrame(_compared(place, second, manifest), columns=("file", "kind", "verdict"))
    return Reproduction(
        {"files": table}, identify({"reproduce": manifest_key(manifest)}), of=place, to=second, other=other
    )


def _use_kept(folder: Path, own: Mapping[str, str]) -> None:
    """Let the copies of the user's own policies stand in for their files.

    Raises:
        InputError: if there is no copy, or a file of that name here says something else.
    """
    copies = {}
    for spec, digest in own.items():
        copy = kept_copy(folder, spec, digest) if looks_like_path(spec) else None
        if copy is None:
            raise InputError(
                f"policy {spec}: was given as a Python object, or its copy in {folder / POLICIES_FOLDER} has changed; "
                "only a policy given as a file can be run again from the folder"
            )
        copies[spec] = copy
    use_copies(copies)
    for spec, digest in own.items():
        if plugin_digests(spec)[spec] != digest:
            raise InputError(f"policy {spec}: the file here is another version; run this in an empty folder")


def _kept_region(folder: Path, config: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Let the copy of a region of a user's own stand in for its file."""
    from sim.studies.compare import KEPT_REGION
    from sim.studies.validation.region import copy_standing_in

    copy = folder / KEPT_REGION
    return (
        copy_standing_in(config["region_from"], copy) if "region_from" in config and copy.is_file() else nullcontext()
    )


def _study_again(kind: str, config: Mapping[str, Any], command: str, to: Path) -> None:
    from sim.studies.compare import compare
    from sim.studies.inputs import scenario_of_config
    from sim.studies.run import run

    scenario = scenario_of_config(config)
    first, n = config.get("seed", 0), config.get("replications", 0)
    seeds = config.get("seeds") or range(first, first + n)
    months, engine = config["months"], config["engine"]
    saved: dict[str, Any] = {"folder": to, "call": command, "outcomes": config.get("outcomes")}
    if kind == "run":
        run(scenario, config["policies"][0], seeds[0], months, engine, **saved)
        return
    columns = config.get("columns")
    compare(scenario, config["policies"], seeds, months, config["region"], engine, columns, False,
            region_from=config.get("region_from"), **saved)  # fmt: skip


def _sweep_again(folder: Path, to: Path) -> None:
    """Copy what says what a sweep is, and none of its runs; resume it, and draw its figures if it has some."""
    from sim.studies.sweep import sweep

    manifest = read_manifest(folder)
    folders.check_files(folder, manifest, ["config.yaml", manifest["design"]])
    to.mkdir(parents=True, exist_ok=True)
    for name in ("config.yaml", manifest["design"]):
        shutil.copyfile(folder / name, to / name)
    if (folder / POLICIES_FOLDER).is_dir():
        shutil.copytree(folder / POLICIES_FOLDER, to / POLICIES_FOLDER)
    seal_all(to, {key: value for key, value in manifest.items() if key not in ("files", "made_by")})
    result = sweep(folder=to, progress=False)
    if any(name.startswith("figures/") for name in manifest["files"]):
        result.save()


def _compared(folder: Path, second: Path, manifest: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Compare the files that a command wrote; what a report added later is left out.

    A sweep that was extended has its runs in other files than one made at once: then its tables are compared whole.
    """
    names = [MANIFEST, *(files_in(folder) if "commands" in manifest else manifest["files"])]
    names = [name for name in names if not _added(name)]
    rows = [(name, _kind(folder / name), _verdict(folder / name, second / name)) for name in names]
    parts = {table for table in TABLES for name, _, verdict in rows if name.startswith(f"{table}/") and verdict != SAME}
    if "commands" not in manifest or not parts:
        return rows
    told_by_parts = (MANIFEST, LOG, *(f"{table}/" for table in parts))
    complete = [(f"{table} (all rows)", "tables", _same_rows(folder, second, table)) for table in sorted(parts)]
    return [row for row in rows if not row[0].startswith(told_by_parts)] + complete


def _same_rows(folder: Path, second: Path, table: str) -> str:
    """Compare all rows of a table of two sweeps, whatever files they are in."""
    from sim.studies.sweep import load

    one, other = (load(place).table(table) for place in (folder, second))
    if set(one.columns) != set(other.columns):
        return DIFFERS
    ordered = [rows.sort_values(list(one.columns), ignore_index=True)[list(one.columns)] for rows in (one, other)]
    return SAME if ordered[0].equals(ordered[1]) else DIFFERS


def _added(name: str) -> bool:
    """Tell whether a file is of what ``report`` and ``discover`` add."""
    return name.startswith(("report/", "report.html", "discover/"))


def _kind(path: Path) -> str:
    return {".parquet": "tables", ".csv": "tables", ".png": "pictures", ".svg": "pictures"}.get(path.suffix, "texts")


def _verdict(one: Path, other: Path) -> str:
    if not other.is_file():
        return MISSING
    if one.name == MANIFEST:
        manifests = [folders.read_manifest(path.parent) for path in (one, other)]
        files = [{n: e for n, e in m.pop("files").items() if not _added(n)} for m in manifests]
        return SAME if files[0] == files[1] and manifests[0] == manifests[1] else DIFFERS
    return SAME if digest_of(one) == digest_of(other) else DIFFERS
