"""Paths as people type them, and the folder of what ships."""

import os
import re
from pathlib import Path

from sim.core.errors import InputError

HERE = Path(__file__).resolve().parents[1]
CONFIGS = HERE / "_configs" if (HERE / "_configs").is_dir() else HERE.parent / "configs"
"""Configuration files that ship: inside an installed wheel, or beside the package in a checkout."""

LONGEST = 200
"""Longest name of a file or folder, in bytes: most systems take 255, and names of unfinished files are longer."""

ON_WINDOWS = os.name == "nt"

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*[. ]|.*[<>:\"|?*\x00-\x1f].*", re.IGNORECASE)
"""Names that no file can have on Windows: devices, with or without an ending; a dot or space at the end; some signs."""


def path_of(text: str | Path) -> Path:
    """Read a path; ``~`` is the user's home.

    Raises:
        InputError: if no file can have that name.
    """
    if not isinstance(text, (str, Path)):
        raise InputError(f"{text!r}: is not a path; give it as text")
    if "\0" in str(text):
        raise InputError(f"{text}: a path has no zero byte; enter it again")
    odd = next((c for c in str(text) if ord(c) < 32 or 127 <= ord(c) < 160), None)
    if odd is not None:
        raise InputError(f"{text}: has the control character {odd!r}; name it with letters, digits and signs")
    try:
        str(text).encode()
        path = Path(text).expanduser()
        long = next((part for part in path.parts if len(part.encode()) > LONGEST), None)
        if long is not None:
            raise InputError(f"{text}: {long[:20]}... is too long for a file; use at most {LONGEST} bytes")
    except UnicodeEncodeError as error:
        raise InputError(f"{text}: is not in UTF-8, so that no table can be written there; name another") from error
    except RuntimeError as error:
        raise InputError(f"{text}: there is no such home; write the path out, or put ./ before it") from error
    if ON_WINDOWS:
        _refuse_reserved(text, path)
    return path


def file_name(text: str) -> str:
    """Turn a text into a part of a file's name that every system takes: letters, digits and ``_-.+``."""
    return re.sub(r"[^\w.+-]+", "_", text).strip("._")


def _refuse_reserved(text: str | Path, path: Path) -> None:
    for part in path.parts[bool(path.anchor) :]:
        if part not in (".", "..") and _RESERVED.fullmatch(part):
            raise InputError(f"{text}: Windows has no file or folder called {part!r}; name another")
