"""Paths as people type them."""

from pathlib import Path

from sim.messages import InputError


def path_of(given: str | Path) -> Path:
    """Read a path; ``~`` is the user's home.

    Raises:
        InputError: if no file can have that name.
    """
    if "\0" in str(given):
        raise InputError(f"{given}: a path has no zero byte; write it anew")
    try:
        return Path(given).expanduser()
    except RuntimeError as error:
        raise InputError(f"{given}: there is no such home; write the path out, or put ./ before it") from error
