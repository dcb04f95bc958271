"""Compile the text of a month, or load it from disk if the same text was compiled before."""

import hashlib
import importlib.util
import os
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from sim.core.errors import InputError


def folder() -> Path:
    """Return the folder for compiled months: PARTNERSHIP_CACHE, or the user's cache."""
    if os.environ.get("PARTNERSHIP_CACHE"):
        return Path(os.environ["PARTNERSHIP_CACHE"])
    home = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else os.environ.get("XDG_CACHE_HOME")
    return Path(home or Path.home() / ".cache") / "partnership-dynamics"


@cache
def compile_month(text: str) -> Any:
    """Return the function ``months`` of a text; its name on disk is the hash of everything it is made from."""
    from sim.engine.compiled import kernel
    from sim.model import random_streams

    sources = "".join(Path(str(m.__file__)).read_text(encoding="utf-8") for m in (kernel, random_streams))
    name = "months_" + hashlib.sha256((text + sources).encode()).hexdigest()[:24]
    path = _write(name, text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # Numba finds its cache by this name
    spec.loader.exec_module(module)
    return module.months


def _write(name: str, text: str) -> Path:
    """Write the text where Numba can cache its result beside it; to a temporary folder if that fails."""
    for place in (folder(), Path(tempfile.mkdtemp())):
        path = place / f"{name}.py"
        try:
            place.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                draft = path.with_suffix(f".{os.getpid()}")
                draft.write_text(text, encoding="utf-8", newline="\n")
                draft.replace(path)
            return path
        except OSError:
            continue
    raise InputError(
        f"engine=compiled cannot write to {folder()}; set PARTNERSHIP_CACHE to a folder, or use engine=numpy"
    )
