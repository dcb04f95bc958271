"""The files that a user's own policy or pay-off consists of: its text, modules beside it, data that it declares."""

import ast
import builtins
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import sys
import threading
import tokenize
import warnings
from ast import literal_eval as plain_value
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from sim.core.errors import InputError
from sim.core.paths import path_of

HERE = Path(__file__).resolve().parents[1]

_PYTHON = tuple({os.path.realpath(p) + os.sep for p in (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))})
"""Folders of Python and its libraries: what is read there is no data of a policy."""


class PluginError(InputError):
    """A user's file or name cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Sources:
    """The files of one plug-in: paths are absolute and lie in ``root`` or below."""

    file: Path
    modules: tuple[Path, ...]
    data: tuple[Path, ...]

    @property
    def root(self) -> Path:
        """The folder that holds all of it."""
        return self.file.parent

    def relative(self, path: Path) -> str:
        """Give a path from the folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    @property
    def names(self) -> set[str]:
        """Names that an import takes from this folder."""
        return {path.relative_to(self.root).parts[0].partition(".")[0] for path in self.modules[1:]}


def is_file_spec(where: str) -> bool:
    """Tell whether a text before the colon names a file rather than a module."""
    return where.endswith(".py")


def source_file(spec: str) -> Path:
    """Give the file that ``file.py[:Name]`` or ``package.module:Name`` names. Runs none of its code.

    Raises:
        PluginError: if there is no such file or module.
    """
    where = spec.partition(":")[0]
    if is_file_spec(where):
        file = Path(os.path.abspath(path_of(where)))
        if not file.is_file():
            raise PluginError(f"{spec}: there is no file {path_of(where)} (looked from {Path.cwd()})")
        return file
    try:
        origin = _module_file(where)
    except (ImportError, ValueError, AttributeError) as error:
        raise PluginError(f"{spec}: cannot be read: {error} (looked from {Path.cwd()})") from error
    if origin is None:
        raise PluginError(f"{spec}: there is no module {where} (looked from {Path.cwd()})")
    return Path(os.path.abspath(origin))


def _module_file(dotted: str) -> str | None:
    """Find a module's file without importing the packages it is in."""
    path: Sequence[str] | None = None
    spec = None
    for k, _ in enumerate(parts := dotted.split(".")):
        name = ".".join(parts[: k + 1])
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None:
            spec = importlib.util.find_spec(dotted)  # a finder of its own, as editable installs have
            break
        path = list(spec.submodule_search_locations or ())
    return spec.origin if spec is not None and spec.has_location else None


def sources_of(file: Path) -> Sources:
    """List the files of a plug-in: its own, the modules imported from beside it, the data that they declare.

    Imports are read from the text, wherever they stand in it. Modules of the standard library and of ``sim`` come
    before files of the same name.

    Args:
        file: the plug-in's file.

    Raises:
        PluginError: if a file cannot be read, or declared data does not exist or lies outside the folder.
    """
    file = Path(os.path.abspath(file))
    root = file.parent
    modules, data, waiting = [file], dict[Path, None](), [file]
    while waiting:
        here = waiting.pop()
        if here.suffix != ".py":
            continue
        tree = parsed(read_source(here))
        if tree is None:
            continue
        for path in _imported(tree, here, root):
            if path not in modules:
                modules.append(path)
                waiting.append(path)
        data |= dict.fromkeys(_declared(tree, here, root))
    return Sources(file, (file, *sorted(modules[1:])), tuple(sorted(data)))


def read_source(file: Path) -> str:
    """Read a Python file, with the encoding that it names.

    Raises:
        PluginError: if it cannot be read.
    """
    try:
        content = file.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        raise PluginError(f"{file}: cannot be read: {error}") from error


def parsed(text: str) -> ast.Module | None:
    """Parse a text; None where Python cannot (whoever imports it says why)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def _imported(tree: ast.Module, here: Path, root: Path) -> Iterator[Path]:
    """Give the files beside the plug-in that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _resolved(root, root, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = root
            if node.level:
                base = here.parents[node.level - 1]
                if not base.is_relative_to(root):
                    continue
            parts = node.module.split(".") if node.module else []
            yield from _resolved(base, root, parts)
            for alias in node.names:
                if alias.name != "*":
                    yield from _resolved(base, root, [*parts, alias.name])
                elif parts and base.joinpath(*parts).is_dir() and _is_beside(base, root, parts[0]):
                    yield from sorted(base.joinpath(*parts).glob("*.py"))


def _is_beside(base: Path, root: Path, name: str) -> bool:
    return base != root or not (name in sys.stdlib_module_names or name == "sim")


def _resolved(base: Path, root: Path, parts: list[str]) -> Iterator[Path]:
    """Follow a dotted name through folders and files; gives every file that its import runs."""
    if not parts or not _is_beside(base, root, parts[0]):
        return
    place = base
    for part in parts:
        package = place / part / "__init__.py"
        if package.is_file():
            yield package
            place = place / part
            continue
        suffixes = [".py", *importlib.machinery.EXTENSION_SUFFIXES]
        file = next((f for s in suffixes if (f := place / f"{part}{s}").is_file()), None)
        if file is not None:
            yield file
            return
        place = place / part
        if not place.is_dir():
            return


def _declared(tree: ast.Module, here: Path, root: Path) -> Iterator[Path]:
    """Give the data files that a module declares: ``DATA = ("share.json",)``, or ``data`` in a class."""
    for name, scope in [("DATA", tree.body), *(("data", n.body) for n in tree.body if isinstance(n, ast.ClassDef))]:
        for node in scope:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or getattr(target, "id", "") != name:
                continue
            try:
                value = plain_value(node.value) if node.value is not None else None
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                continue  # something else of that name
            values = (value,) if isinstance(value, str) else value
            if isinstance(values, (tuple, list)) and all(isinstance(v, str) for v in values):
                yield from (_data_file(v, here, root, name) for v in values)


def _data_file(text: str, here: Path, root: Path, name: str) -> Path:
    path = Path(os.path.abspath(here.parent / text))
    if not text or os.path.isabs(text) or not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        raise PluginError(f"{here.name}: {name} names {text!r}; give files in the policy's own folder, or below it")
    if not path.is_file():
        raise PluginError(f"{here.name}: {name} names {text!r}, and there is no such file in {here.parent}")
    return path


# Loading


class _Text(importlib.machinery.SourceFileLoader):
    """Load a module from its text, never from a compiled copy: that may be older than the text it is digested by."""

    def __init__(self, name: str, path: str, beside: "_Beside") -> None:
        super().__init__(name, path)
        self._beside = beside

    def path_stats(self, path: Any) -> Any:
        raise OSError

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._beside.imported}
        super().exec_module(module)


class _Beside:
    """The modules beside a plug-in: found while its own code imports, whenever that is, and by no other code."""

    def __init__(self, sources: Sources, name: str) -> None:
        self._sources, self._names = sources, {name, *sources.names}
        self._modules: dict[str, ModuleType] = {}
        self._at_work = False

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Put the plug-in's modules in ``sys.modules`` for a while; what else has their names is put back."""
        with _LOADING:
            if self._at_work:
                yield
                return
            before = _take_out(self._names)
            importlib.invalidate_caches()
            finder: Any = self
            sys.meta_path.insert(0, finder)
            sys.modules.update(self._modules)
            self._at_work = True
            _DEPTH.files = getattr(_DEPTH, "files", 0) + 1
            try:
                yield
            finally:
                _DEPTH.files -= 1
                self._at_work = False
                sys.meta_path.remove(finder)
                self._modules = _take_out(self._names)
                sys.modules.update(before)

    def imported(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Sequence[str] | None = (), level: int = 0
    ) -> Any:
        """Import for the plug-in's own code: what its ``import`` statements call."""
        own = level > 0 or name.partition(".")[0] in self._names
        with self.at_work() if own else contextlib.nullcontext():
            return builtins.__import__(name, globals, locals, fromlist, level)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        """Find a module that is one of the plug-in's own files."""
        if name.partition(".")[0] not in self._names:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path or [str(self._sources.root)])
        if spec is None or spec.origin is None:
            return spec
        file = Path(os.path.abspath(spec.origin))
        if file not in self._sources.modules:
            raise PluginError(
                f"{self._sources.file.name}: imports {name} in a way that its text does not show; "
                f"add the line: import {name}"
            )
        if isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Text(spec.loader.name, spec.loader.path, self)
        return spec


_LOADING = threading.RLock()
_DEPTH = threading.local()


def is_loading() -> bool:
    """Tell whether this thread is at importing a plug-in's file."""
    return bool(getattr(_DEPTH, "files", 0))


def load_file(file: Path, name: str = "") -> ModuleType:
    """Run a plug-in's file as a module of its own, which can import modules and packages beside it.

    ``import helpers`` and ``from .helpers import share`` both work, at the top of a file and in its functions. Two
    plug-ins that each have a ``helpers.py`` get each their own: nothing stays in ``sys.modules``.

    Args:
        file: the plug-in's file, as an absolute path.
        name: the name of the module; made from the file's name by default.
    """
    sources = sources_of(file)
    watch(sources)
    name = name or f"_plugin_{file.stem}"
    beside = _Beside(sources, name)
    loader = _Text(name, str(file), beside)
    spec = importlib.util.spec_from_file_location(
        name, file, loader=loader, submodule_search_locations=[str(sources.root)]
    )
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    with beside.at_work():
        sys.modules[name] = module
        loader.exec_module(module)
    return module


def _take_out(names: set[str]) -> dict[str, ModuleType]:
    """Take modules, with those inside them, out of ``sys.modules``."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in names}


# Watching what a plug-in reads

_DATA: dict[str, frozenset[str]] = {}
"""Per file of a plug-in: the real paths of what its code may read."""

_BORDERS: set[Any] = set()
"""Code of the functions that run a user's code."""

_HOOKED: list[bool] = []
"""Whether reading is heard: a hook cannot be taken away again, so it is set when the first plug-in is loaded."""


def watch(sources: Sources) -> None:
    """Refuse from now on that a plug-in's code reads a file it does not declare.

    Such a file could change, and the results with it, under the same digest. Reading by libraries of Python as they
    are imported is left alone.
    """
    if not _HOOKED:
        _HOOKED.append(True)
        sys.addaudithook(_hear)
    allowed = {os.path.realpath(path) for path in (*sources.modules, *sources.data)}
    for path in sources.modules:
        _DATA[str(path)] = _DATA.get(str(path), frozenset()) | allowed


def border(function: Any) -> Any:
    """Mark a function as one that runs a user's code (a decorator)."""
    _BORDERS.add(function.__code__)
    return function


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if event != "open" or not _reads(args):
        return
    where = _reader(sys._getframe(1))
    if where is None:
        return
    file = os.path.realpath(os.fsdecode(args[0]))
    if file in _DATA[where] or file.startswith(_PYTHON) or file.endswith((".py", ".pyc")) or not os.path.isfile(file):
        return
    root, source = os.path.dirname(where), os.path.basename(where)
    inside = file.startswith(os.path.realpath(root) + os.sep)
    name = Path(os.path.relpath(file, os.path.realpath(root))).as_posix() if inside else os.path.basename(file)
    move = "" if inside else f"put the file beside {source}, and "
    raise PluginError(
        f"{source} reads {name if inside else file} without declaring it: if that file changed, other numbers would "
        f"have the same name; {move}add the line DATA = ({name!r},)".replace("'", '"')
    )


def _reads(args: tuple[Any, ...]) -> bool:
    """Tell whether an ``open`` event is about reading a file that has a name."""
    path, mode, flags = args
    if not isinstance(path, (str, bytes, os.PathLike)):
        return False
    if isinstance(mode, str):
        return "r" in mode or "+" in mode
    return not isinstance(flags, int) or flags & os.O_ACCMODE != os.O_WRONLY if hasattr(os, "O_ACCMODE") else True


def _reader(frame: FrameType | None) -> str | None:
    """Give the plug-in's file whose code is reading; None where it is somebody else's reading."""
    reader = None
    while frame is not None:
        code = frame.f_code
        if code in _BORDERS:
            return reader
        if reader is None:
            if code.co_filename.startswith("<frozen importlib"):
                return None
            if code.co_filename in _DATA:
                reader = code.co_filename
        frame = frame.f_back
    return None
