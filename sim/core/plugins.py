"""A user's own code: found by dotted path or file, run with a guard, with messages that say what to do."""

import hashlib
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sim.core.errors import InputError, naming
from sim.core.sources import PluginError, border, is_file_spec, load_file, source_file, sources_of, watch

HERE = Path(__file__).resolve().parents[1]


_COPIES: dict[str, Path] = {}
"""Files used in place of those that a spec names, where those are not on this machine."""


def use_copies(copies: Mapping[str, str | Path]) -> None:
    """Use copies of files, kept with results, where the files themselves are missing.

    Args:
        copies: for each spec (``file.py[:Name]``) the copy to use; whoever calls has checked its digest.
    """
    _COPIES.update({spec: Path(copy) for spec, copy in copies.items()})


def located(spec: str) -> Path:
    """Give the file of a spec, or the copy that stands in for one that is missing.

    Raises:
        PluginError: if there is neither.
    """
    try:
        return source_file(spec)
    except PluginError:
        copy = _COPIES.get(spec)
        if copy is None or not copy.is_file():
            raise
        return copy


def looks_like_path(spec: str) -> bool:
    """Tell whether a text names a file or dotted path rather than something built in."""
    return spec.partition(":")[0].endswith(".py") or "." in spec or "/" in spec or ":" in spec


def names_file(text: str) -> bool:
    """Tell whether a text that may also be a name in plain words names a file, or something in a module."""
    return ":" in text or text.endswith(".py")


def find(spec: str, wanted: tuple[str, ...]) -> Any:
    """Import ``file.py``, ``file.py:Name`` or ``package.module:Name``; without a name the first of ``wanted``.

    The file's code is executed: use only files you trust.
    """
    where, _, name = spec.partition(":")
    module = _load(where, spec)
    names = (name,) if name else wanted
    for candidate in names:
        if hasattr(module, candidate):
            return getattr(module, candidate)
    public = [n for n in vars(module) if not n.startswith("_")]
    raise PluginError(f"{spec}: found no {' or '.join(names)} in {where}; it has {', '.join(public) or 'nothing'}")


_SAME: dict[tuple[str, tuple[str, ...]], tuple[str, Any]] = {}
"""What ``find_same`` gave last, and the digest of the files it came from."""


def find_same(spec: str, wanted: tuple[str, ...]) -> Any:
    """Give what ``find`` gives, and the same object again as long as its files and their data have the same bytes."""
    sources = sources_of(located(spec))
    digest = hashlib.sha256()
    for path in (*sources.modules, *sources.data):
        content = path.read_bytes()
        digest.update(f"{path}\n{len(content)}\n".encode() + content)
    known = _SAME.get((spec, wanted))
    if known is None or known[0] != digest.hexdigest():
        known = _SAME[spec, wanted] = digest.hexdigest(), find(spec, wanted)
    return known[1]


@border
def _load(where: str, spec: str) -> ModuleType:
    try:
        file = located(spec)
        if is_file_spec(where):
            return load_file(file)
        if file == _COPIES.get(spec):
            return load_file(file, where)
        if where.partition(".")[0] != "sim":
            watch(sources_of(file))
        return importlib.import_module(where)
    except PluginError:
        raise
    except SyntaxError as error:
        text = (error.text or "").strip()
        raise PluginError(f"{spec}: syntax error in line {error.lineno}: {error.msg}: {text}") from error
    except ImportError as error:
        raise PluginError(f"{spec}: cannot be imported: {error}") from error
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise PluginError(f"{spec}: stops while being imported: {_in_one_line(error)}") from error


def checked_payoffs(spec: str) -> Callable[[Any, Any], Any]:
    """Load a user's pay-off function; what it returns is checked every month."""
    with naming("payoffs"):
        function = find_same(spec, ("payoffs",))

    def payoffs(state: Any, participation: Any) -> Any:
        where, shape = f"payoffs {spec}, month {state.month}", state.member.shape
        participation.flags.writeable = False
        values = guarded(where, lambda: np.array(function(state, participation), dtype=float))
        if values.shape != shape:
            raise PluginError(f"{where}: returned shape {values.shape}; needed is (partners, runs): {shape}")
        if not np.isfinite(values).all():
            raise PluginError(f"{where}: returned NaN or infinity; needed are numbers")
        return values

    return payoffs


@border
def guarded(where: str, call: Callable[[], Any], kind: type[InputError] = PluginError) -> Any:
    """Run a user's code; whatever stops it becomes one line that says where and why."""
    try:
        return call()
    except (KeyboardInterrupt, MemoryError, InputError):
        raise
    except BaseException as error:
        raise kind(f"{where}: stops{_line_of(error)}: {_in_one_line(error)}") from error


def _in_one_line(error: BaseException) -> str:
    """Give an error's kind and words, without what leads to another page."""
    return " ".join(f"{type(error).__name__}: {error}".partition("For further information")[0].split())


def _line_of(error: BaseException) -> str:
    """Point at the last line of the user's own code, and hint at the commonest mistake."""
    own, trace = "", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if not file.is_relative_to(HERE) and "site-packages" not in file.parts:
            own = f" (line {trace.tb_lineno} of {file.name})"
        trace = trace.tb_next
    many = "truth value of an array" in str(error)
    return own + (" (values come one per run: use np.where(condition, a, b) in place of if)" if many else "")
