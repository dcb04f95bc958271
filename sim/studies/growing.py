"""Results whose runs are kept in their folder, so that an interrupted study continues."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from sim.core.errors import InputError
from sim.core.paths import file_name, path_of
from sim.storage.atomic import MANIFEST, SEAL_LOCK, make_folder
from sim.storage.digests import POLICIES_FOLDER
from sim.storage.folders import read_manifest
from sim.studies.identity import Identity, check_folder
from sim.studies.result import Result


@dataclasses.dataclass(frozen=True, repr=False)
class GrowingResult(Result):
    """A result with its runs in a folder.

    Attributes:
        folder: where the runs are kept; None if they were in a temporary folder or in memory.
    """

    folder: Path | None = None

    def save(self, folder: str | Path | None = None) -> Path:
        """Write tables, figures, configuration, manifest and the user's policies; beside the runs by default.

        Args:
            folder: where to; by default the folder with the runs, or else ``results/COMMAND-NAME-KEY``.

        Returns:
            The folder.

        Raises:
            InputError: if the folder cannot be written, or holds something else.
        """
        place = path_of(folder or self.folder or self.default_folder)
        if self.folder is None or place.resolve() != self.folder.resolve():
            return super().save(place)
        (place / MANIFEST).unlink(missing_ok=True)  # it lists the files beside it
        self.write(place)
        return place


def open_folder(folder: Path, identity: Identity, parts: Sequence[str]) -> None:
    """Make a folder for the runs of a study, or continue in one that holds the same study.

    Args:
        folder: where the runs go.
        identity: what determines the study's numbers.
        parts: how the names of the files and folders begin that an interrupted study leaves: its runs, tables, figures.

    Raises:
        InputError: if the folder holds anything else, or cannot be made.
    """
    check_folder(folder, identity)
    try:
        if (folder / MANIFEST).exists():
            if read_manifest(folder).get("key") == identity.key:
                return
            raise InputError(f"folder={folder}: holds results of another command; name a folder that is new or empty")
        make_folder(folder)
        ours = (*parts, "config.yaml", POLICIES_FOLDER)
        there = [f.name for f in folder.iterdir() if f.name != SEAL_LOCK]
        other = [name for name in there if not name.lstrip(".").startswith(ours)]
    except OSError as error:
        raise InputError(
            f"folder={folder}: cannot be made: {error.strerror}; choose another with folder=PATH"
        ) from error
    if other:
        raise InputError(f"folder={folder}: holds something else ({other[0]}); name a folder that is new or empty")


def default_folder(command: str, name: str, key: str) -> Path:
    """Name the folder of a study whose runs are kept: ``results/COMMAND-NAME-KEY``."""
    return Path("results") / "-".join(part for part in (command, file_name(name), key) if part)
