"""Paths as people type them."""

from pathlib import Path

from sim.core.errors import InputError


def path_of(text: str | Path) -> Path:
    """Read a path; ``~`` is the user's home.

    Raises:
        InputError: if no file can have that name.
    """
    if not isinstance(text, (str, Path)):
        raise InputError(f"{text!r}: is not a path; give it as text")
    if "\0" in str(text):
        raise InputError(f"{text}: a path has no zero byte; enter it again")
    try:
        str(text).encode()
        return Path(text).expanduser()
    except UnicodeEncodeError as error:
        raise InputError(f"{text}: is not in UTF-8, so that no table can be written there; name another") from error
    except RuntimeError as error:
        raise InputError(f"{text}: there is no such home; write the path out, or put ./ before it") from error
