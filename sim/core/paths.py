"""Paths as people type them."""

from pathlib import Path

from sim.core.errors import InputError


def path_of(given: str | Path) -> Path:
    """Read a path; ``~`` is the user's home.

    Raises:
        InputError: if no file can have that name.
    """
    if not isinstance(given, (str, Path)):
        raise InputError(f"{given!r}: is no path; give it as text")
    if "\0" in str(given):
        raise InputError(f"{given}: a path has no zero byte; write it anew")
    try:
        str(given).encode()
        return Path(given).expanduser()
    except UnicodeEncodeError as error:
        raise InputError(f"{given}: is not in UTF-8, so that no table can be written there; name another") from error
    except RuntimeError as error:
        raise InputError(f"{given}: there is no such home; write the path out, or put ./ before it") from error
