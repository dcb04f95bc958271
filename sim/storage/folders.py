"""Folders of results: a sealed manifest says what every file in them is, and every reader asks it first."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from sim.core.errors import InputError
from sim.storage.atomic import MANIFEST, SEAL_LOCK, write_atomic
from sim.storage.sealed import begins_with, digest_of, read_lines, read_sealed, sealed

OWN_DIGEST = re.compile(r"-([0-9a-f]{24})\.parquet")
"""How the name of a shard ends: with the digest of its content."""

DEPTH = 4
"""How far above a file its manifest is looked for."""


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a folder of results.

    Raises:
        InputError: if there is none, or it was damaged or changed by hand; the message says what to do.
    """
    if not (folder / MANIFEST).exists():
        raise InputError(f"{folder}: has no {MANIFEST}, so no command finished writing results there")
    if (folder / "done.jsonl").exists():
        mend = f"remove {MANIFEST} and sweep again with the same options: finished runs are taken over"
    elif (folder / "trials.jsonl").exists() or any(folders_in(folder)):
        mend = f"remove {MANIFEST} and give the same command again: finished runs are taken over"
    else:
        mend = "remove the folder and make the results again"
    manifest = read_sealed(folder / MANIFEST, f"the files beside it are untouched. Put the original back, or {mend}")
    if not _is_list_of_files(manifest.get("files")):
        raise InputError(f"{folder / MANIFEST}: lists no files with their digests; make the results again")
    return manifest


def _is_list_of_files(files: Any) -> bool:
    """Tell whether data names files of one folder, each with its size and digest."""
    return isinstance(files, dict) and all(
        isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], int)
        and isinstance(entry[1], str)
        and not PurePath(name).anchor
        and ".." not in PurePath(name).parts
        for name, entry in files.items()
    )


def seal(
    folder: Path, written: Iterable[str] = (), gone: Iterable[str] = (), facts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Write into the manifest what some files of a folder are now; two processes may do so at the same time.

    Args:
        folder: a folder of results.
        written: files in it, with forward slashes, as they are from now on.
        gone: files that it has no longer.
        facts: entries of the manifest to add or replace.

    Returns:
        The manifest.

    Raises:
        InputError: if the manifest was damaged, or cannot be written.
    """
    from filelock import FileLock

    with FileLock(folder / SEAL_LOCK):
        before = read_manifest(folder) if (folder / MANIFEST).exists() else {"files": {}}
        files = {name: entry for name, entry in before["files"].items() if name not in set(gone)}
        manifest = {**before, **(facts or {}), "files": files | _entries(folder, written)}
        if manifest != before:
            _write_manifest(folder, manifest)
    return manifest


def seal_all(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write the manifest of a folder that is complete: it names all that is there, folders of their own left out."""
    _write_manifest(folder, {**facts, "files": _entries(folder, files_in(folder))})


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    ordered = dict(sorted({**manifest, "files": dict(sorted(manifest["files"].items()))}.items()))
    write_atomic(folder / MANIFEST, json.dumps(sealed(ordered), indent=1).encode() + b"\n")


def files_in(folder: Path) -> list[str]:
    """List the files of a folder of results by name; not its manifest, hidden files, or folders with a manifest."""
    names = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == MANIFEST or (path / MANIFEST).exists():
            continue
        names += [f"{path.name}/{name}" for name in files_in(path)] if path.is_dir() else [path.name]
    return names


def _entries(folder: Path, names: Iterable[str]) -> dict[str, list[Any]]:
    """Give the size and digest of each file."""
    return {name: [(folder / name).stat().st_size, digest_of(folder / name)] for name in names}


def damage(folder: Path, name: str, entry: Any) -> str:
    """Say what is wrong with a file that a manifest names: nothing (""), or that it is missing or damaged."""
    size, check = entry
    path = folder / name
    if not path.is_file():
        return "missing"
    there = path.stat().st_size
    if name.endswith(".jsonl") and there > size:  # a log, which has grown
        return "" if begins_with(path, size, check) and not read_lines(path)[1] else "damaged"
    return "" if there == size and digest_of(path) == check else "damaged"


def check_files(folder: Path, manifest: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse files that are not as the manifest says.

    Raises:
        InputError: for the first that is damaged, missing or not named at all; the message says how to mend it.
    """
    for name in names:
        entry = manifest["files"].get(name)
        wrong = "of no command that finished" if entry is None else damage(folder, name, entry)
        if wrong:
            how = f"{wrong} or was changed by hand" if wrong == "damaged" else wrong
            raise InputError(f"{folder / name}: is {how}; {how_to_mend(folder, manifest, name)}")


def how_to_mend(folder: Path, manifest: Mapping[str, Any], name: str) -> str:
    """Give the command that makes a file of a folder again."""
    if name.startswith(("report/", "report.html")):
        return f"make it again with: partnership report {folder}"
    if "commands" in manifest:
        return f"mend the folder with: partnership sweep folder={folder}"
    command = str(manifest.get("command", ""))
    if not command.startswith("partnership "):
        return f"make the results again: {command}"
    place = folder.parents[1] if folder.parent.name == "discover" else folder
    return f"make the results again with: {command}{'' if str(place) in command else f' folder={place}'}"


def verified(path: Path) -> Path:
    """Give the path of a file back, if it is as the manifest of its folder says.

    A file that is in no folder of results, or that no manifest names, is taken as it is: it is somebody's own.

    Raises:
        InputError: if it is damaged, or its manifest is.
    """
    path = path.absolute()
    own = OWN_DIGEST.search(path.name)
    if own and path.is_file() and digest_of(path) != own[1]:
        raise InputError(f"{path}: is damaged or was changed by hand: its name tells another digest")
    for folder in path.parents[:DEPTH]:
        if _is_ours(folder / MANIFEST):
            manifest, name = read_manifest(folder), path.relative_to(folder).as_posix()
            if name in manifest["files"]:
                check_files(folder, manifest, [name])
            break
    return path


def _is_ours(manifest: Path) -> bool:
    """Tell whether a manifest is of a folder of results (other programs have files of that name), damaged or not."""
    try:
        text = manifest.read_bytes()
    except OSError:
        return False
    return sum(word in text for word in (b'"files"', b'"check"', b'"model"')) > 1


def folders_in(folder: Path) -> Iterator[Path]:
    """List the folders with a manifest of their own below a folder, at any depth."""
    for path in sorted(folder.rglob(MANIFEST)):
        if path.parent != folder:
            yield path.parent
