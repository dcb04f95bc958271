"""``sim.verify``: every file of a folder of results: as it was written, damaged, missing, or of nobody's."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.core.errors import InputError
from sim.core.paths import path_of
from sim.storage.atomic import MANIFEST
from sim.storage.folders import damage, files_in, folders_in, how_to_mend, read_manifest
from sim.sweeps.store import LOG, Store, is_manifest

if TYPE_CHECKING:
    import pandas as pd

WHOLE, DAMAGED, MISSING, STRANGE = "whole", "damaged", "missing", "strange"

SHOWN = 20
"""Files of one state, other than whole, that the text lists."""


class File(NamedTuple):
    """A file and its state."""

    file: str
    state: str
    mend: str = ""


@dataclasses.dataclass(frozen=True)
class Verification:
    """What became of every file of a folder of results.

    Attributes:
        folder: the folder.
        files: a row per file: ``file`` (relative to the folder), ``state`` (whole, damaged, missing, or strange: no
            command wrote it there) and ``mend`` (what to do).
    """

    folder: Path
    files: "pd.DataFrame"

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged or missing; strange files do no harm, as no command reads them."""
        return not self.files["state"].isin([DAMAGED, MISSING]).any()

    def text(self) -> str:
        """Give what the command prints: how many files are in each state, and all that are not whole.

        Returns:
            Lines of plain text.
        """
        counts = self.files["state"].value_counts()
        n = ", ".join(f"{counts.get(state, 0):,} {state}" for state in (WHOLE, DAMAGED, MISSING, STRANGE))
        lines = [f"{self.folder}/: {n}"]
        for state in (DAMAGED, MISSING, STRANGE):
            names = list(self.files.loc[self.files["state"] == state, "file"])
            lines += [f"  {state}: {name}" for name in names[:SHOWN]]
            if len(names) > SHOWN:
                lines.append(f"  ... and {len(names) - SHOWN:,} more {state}")
        bad = self.files[self.files["state"].isin([DAMAGED, MISSING])]
        return "\n".join([*lines, *(f"  {mend}" for mend in dict.fromkeys(bad["mend"]) if mend)])


def verify(folder: str | Path) -> Verification:
    """Read every file of a folder of results, whatever command made it, and compare it with what was written.

    Args:
        folder: a folder of results; those within it, such as the sweeps of a calibration, are verified too.

    Returns:
        The state of every file, as a table and in words.

    Raises:
        InputError: if there is no such folder, or it holds no results.
    """
    import pandas as pd

    path = path_of(folder)
    if not path.is_dir():
        raise InputError(f"{folder}: there is no such folder")
    places = [p for p in (path, *folders_in(path)) if (p / MANIFEST).exists()]
    if not places:
        raise InputError(f"{folder}: has no {MANIFEST}, so no command finished writing results there")
    rows = []
    for place in places:
        prefix = "" if place == path else f"{place.relative_to(path).as_posix()}/"
        rows += [row._replace(file=prefix + row.file) for row in _files(place)]
    if places[0] != path:
        rows += [File(name, STRANGE) for name in files_in(path)]
    return Verification(path, pd.DataFrame(rows, columns=File._fields).sort_values("file", ignore_index=True))


def _files(folder: Path) -> Iterator[File]:
    """Give the state of every file of one folder with a manifest."""
    there = dict.fromkeys(files_in(folder))
    try:
        manifest = read_manifest(folder)
    except InputError as error:
        yield File(MANIFEST, DAMAGED, str(error).removeprefix(f"{folder / MANIFEST}: "))
        yield from (File(name, STRANGE) for name in there)
        return
    yield File(MANIFEST, WHOLE)
    known = {name: damage(folder, name, entry) for name, entry in manifest["files"].items()}
    if is_manifest(manifest):
        known |= _of_a_sweep(folder, manifest)
    for name, wrong in known.items():
        yield File(name, wrong or WHOLE, f"{how_to_mend(folder, manifest, name)}" if wrong else "")
    yield from (File(name, STRANGE) for name in there if name not in known)


def _of_a_sweep(folder: Path, manifest: dict[str, Any]) -> dict[str, str]:
    """Give what is wrong with the log of a sweep and with the shards that it names."""
    store = Store(folder)
    try:
        store.open()
    except InputError:  # its design is damaged, which is said of the design
        store.manifest = manifest
    wrong = {}
    for line in store.done.values():
        for table, (size, check) in line["files"].items():
            name = store.shard(table, line["key"], check).relative_to(folder).as_posix()
            wrong[name] = damage(folder, name, (size, check))
    cut = store.uncounted() and not store.at_work()
    if (folder / LOG).is_file() or LOG in manifest["files"]:
        wrong[LOG] = "missing" if not (folder / LOG).is_file() else "damaged" if store.log_damage or cut else ""
    return wrong
