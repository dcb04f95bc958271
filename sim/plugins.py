"""Finding a user's own function or class by dotted path or file, with messages that say what to do."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.messages import InputError


class PluginError(InputError):
    """A user's file or name cannot be used; the message says why and what to do."""


def looks_like_path(spec: str) -> bool:
    """Tell whether a text names a file or dotted path rather than something built in."""
    return spec.partition(":")[0].endswith(".py") or "." in spec or "/" in spec or ":" in spec


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


def _load(where: str, spec: str) -> ModuleType:
    try:
        if where.endswith(".py"):
            file = Path(where).expanduser()
            if not file.is_file():
                raise PluginError(f"{spec}: there is no file {file} (looked from {Path.cwd()})")
            found = importlib.util.spec_from_file_location(f"_plugin_{file.stem}", file)
            assert found is not None
            assert found.loader is not None
            module = importlib.util.module_from_spec(found)
            found.loader.exec_module(module)
            return module
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
        raise PluginError(f"{spec}: stops while being imported: {type(error).__name__}: {error}") from error
