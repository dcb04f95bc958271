"""What made a number: digests of the model and of a user's own policies and pay-offs, and the keys made from them."""

import ast
import hashlib
import inspect
import io
import json
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sim import __version__
from sim.core.plugins import located, looks_like_path
from sim.core.sources import PluginError, Sources, is_file_spec, parsed, read_source, source_file, sources_of, watch
from sim.model.policies import Policy
from sim.model.policies.plan import SHIPPED, ingredients
from sim.storage.atomic import make_folder, write_atomic

SIM = Path(__file__).resolve().parents[1]
MODEL = ("model", "engine")
"""The packages that determine what a run gives."""

POLICIES_FOLDER = "policies"
"""Where results keep the text of the policies that made them."""

SHORT = 8
"""Hexadecimal digits of a key."""


@cache
def model_version() -> str:
    """Name the model: the package's version and 8 hexadecimal digits of the text of ``sim/model`` and ``sim/engine``.

    Comments, docstrings, blank lines and spaces at the end of a line do not count.
    """
    return f"{__version__}+{package_digest(SIM)[:SHORT]}"


def package_digest(folder: Path, packages: tuple[str, ...] = MODEL) -> str:
    """Digest the text of every Python file in some packages of a folder."""
    digest = hashlib.sha256()
    files = [file for package in packages for file in (folder / package).rglob("*.py")]
    for file in sorted(files, key=lambda f: f.relative_to(folder).as_posix()):
        _add(digest, file.relative_to(folder).as_posix(), normalised(read_source(file)).encode())
    return digest.hexdigest()


def run_key(config: Mapping[str, Any], *specs: Any) -> str:
    """Give the key of a result: 8 hexadecimal digits of all that determines it.

    Args:
        config: the resolved configuration, as plain data.
        specs: the policies and pay-offs it uses, as ``simulate`` takes them; None and "" are left out.

    Raises:
        PluginError: if the source of a policy cannot be found.
    """
    data = {
        "config": config,
        "model": model_version(),
        "plugins": plugin_digests(*specs),
        "policy_parameters": [
            [_name(s), _policy_parameters(s)] for s in specs if not isinstance(s, (str, Mapping, type(None)))
        ],
    }
    return key_of(data)


def key_of(data: Any) -> str:
    """Digest plain data to 8 hexadecimal digits."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=_plain).encode()).hexdigest()[:SHORT]


def plugin_digests(*specs: Any) -> dict[str, str]:
    """Digest the source of every policy or pay-off that is a user's own: 16 hexadecimal digits for each.

    What counts is the text of its file without comments and docstrings, of every module that it imports from beside
    it, and the data files that it declares (``DATA = ("share.json",)``). None of its code is run.

    Args:
        specs: policies and pay-offs, as ``simulate`` takes them: names, files, dotted paths, mappings with a name,
            plans, ``Policy`` objects or classes, functions. What ships is left out, and so are None and "".

    Raises:
        PluginError: if a source cannot be found or read.
    """
    digests = dict[str, str]()
    for spec in _ingredients(specs):
        source = source_of(spec)
        if source is not None:
            name, digest = _name(spec), source.digest()
            digests[name if digests.get(name, digest) == digest else f"{name} {digest[:SHORT]}"] = digest
    return dict(sorted(digests.items()))


def _ingredients(specs: Any) -> list[Any]:
    """List the policies and pay-offs; of a plan those that it is made of."""
    return [part for spec in specs for part in ingredients(spec)]


class Source:
    """The source of one policy or pay-off: files, or a text alone where there is no file (a notebook's cell)."""

    def __init__(self, files: tuple[Sources, ...] = (), text: str = "", values: Any = None) -> None:
        self.files, self.text, self.values = files, text, values

    def digest(self) -> str:
        """Digest everything that the source consists of."""
        digest = hashlib.sha256()
        for sources in self.files:
            for path in sources.modules:
                _add(digest, sources.relative(path), _content(path))
            for path in sources.data:
                _add(digest, sources.relative(path), _read(path))
        if self.text:
            _add(digest, "text", normalised(self.text).encode())
        if self.values:
            _add(digest, "values", json.dumps(self.values, sort_keys=True, default=_plain).encode())
        return digest.hexdigest()[:16]


def source_of(spec: Any) -> Source | None:
    """Find the source of a policy or pay-off; None for what ships, None and "".

    Raises:
        PluginError: if it cannot be found; the message says what to do.
    """
    if isinstance(spec, Mapping):
        spec = spec.get("name", "")
    if spec is None or spec == "":
        return None
    if isinstance(spec, str):
        return Source((sources_of(located(spec)),)) if looks_like_path(spec) else None
    kind = spec if inspect.isclass(spec) else type(spec)
    if issubclass(kind, Policy):
        function = getattr(spec, "function", None)
        if function is not None:
            return source_of(function)
        return None if kind in SHIPPED else _of_code(spec, kind, list(_own_functions(kind)))
    if callable(spec):
        return _of_code(spec, spec, [spec])
    raise PluginError(f"{spec!r}: is not a policy; give a name, a file, a mapping, a policy or a function allocate")


def _own_functions(kind: type) -> Iterator[Any]:
    """Give the functions of a class and of those it is made from, up to what ships."""
    for base in kind.__mro__:
        if base is Policy or base in SHIPPED or base.__module__.partition(".")[0] in ("pydantic", "builtins", "sim"):
            continue
        written = (base.__module__, base.__qualname__)
        for value in vars(base).values():
            inner = getattr(value, "__func__", value)
            if inspect.isfunction(inner) and (inner.__module__, inner.__qualname__.rpartition(".")[0]) == written:
                yield inner


def _of_code(spec: Any, named: Any, functions: list[Any]) -> Source:
    files, texts, values = dict[str, Sources](), list[str](), list[Any]()
    for function in functions:
        code = getattr(function, "__code__", None)
        if code is None:
            raise PluginError(f"policy {_name(spec)}: its source cannot be found; {_ADVICE}")
        file = Path(code.co_filename)
        if file.is_file() and file.suffix == ".py":
            _refuse_stale(spec, function, file)
            files[str(file)] = sources_of(file.absolute())
            values.append(_inputs(spec, function, with_globals=False))
        else:
            texts.append(_text(spec, named if inspect.isclass(named) else function))
            values.append(_inputs(spec, function, with_globals=True))
    for sources in files.values():
        watch(sources)
    if not files and not texts:
        texts.append(_text(spec, named))
    return Source(tuple(files.values()), "\n".join(dict.fromkeys(texts)), [v for v in values if v])


_ADVICE = "write it to a file and give 'file.py:name'"


def _text(spec: Any, named: Any) -> str:
    try:
        return inspect.cleandoc("\n" + inspect.getsource(named))
    except (OSError, TypeError) as error:
        raise PluginError(f"policy {_name(spec)}: its source cannot be found; {_ADVICE}") from error


def _refuse_stale(spec: Any, function: Any, file: Path) -> None:
    """Refuse a function whose file has been changed since it was imported: the text is not what would run."""
    tree = parsed(read_source(file))
    known = {function.__code__}
    if tree is None or known.isdisjoint(_codes(compile(tree, str(file), "exec", dont_inherit=True))):
        raise PluginError(
            f"policy {_name(spec)}: {file} has changed since it was imported; restart Python, or import it again"
        )


def _codes(code: Any) -> Iterator[Any]:
    yield code
    for inner in code.co_consts:
        if inspect.iscode(inner):
            yield from _codes(inner)


def _inputs(spec: Any, function: Any, with_globals: bool, seen: tuple[Any, ...] = ()) -> dict[str, Any]:
    """Give the values that a function uses and its text does not show: closures, defaults, a notebook's variables."""
    variables = inspect.getclosurevars(function)
    values: dict[str, Any] = dict(variables.nonlocals)
    if with_globals:
        values |= {k: v for k, v in variables.globals.items() if not inspect.ismodule(v)}
    defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    values |= (
        {f"default {k}": v for k, v in enumerate(defaults)} if with_globals or variables.nonlocals or defaults else {}
    )
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if inspect.isclass(value) and value.__module__.partition(".")[0] in ("sim", "numpy", "builtins"):
            continue
        if inspect.isfunction(value) and value not in seen:
            inner = _inputs(spec, value, with_globals, (*seen, function, value))
            plain[name] = [_text(spec, value), inner]
            continue
        try:
            plain[name] = json.loads(json.dumps(value, sort_keys=True, default=_plain))
        except (TypeError, ValueError) as error:
            raise PluginError(
                f"policy {_name(spec)}: uses {name}, a {type(value).__name__} whose content cannot be written down; "
                f"{_ADVICE}, with {name} made in that file"
            ) from error
    return plain


def _name(spec: Any) -> str:
    if isinstance(spec, Mapping):
        return str(spec.get("name", ""))
    return str(spec if isinstance(spec, str) else getattr(spec, "name", "") or getattr(spec, "__name__", "policy"))


def _policy_parameters(spec: Any) -> Any:
    return {k: v for k, v in spec.plain().items() if k != "name"} if isinstance(spec, Policy) else {}


def _plain(value: Any) -> Any:
    """Turn what JSON does not know into what it knows."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not plain data")


def keep_sources(folder: Path, *specs: Any) -> list[str]:
    """Copy the text, helpers and data of a user's own policies and pay-offs to ``folder/policies``.

    Args:
        folder: the folder of the results.
        specs: policies and pay-offs, as for ``plugin_digests``.

    Returns:
        The files written, relative to the folder, with forward slashes.
    """
    written = list[str]()
    for spec in _ingredients(specs):
        source = source_of(spec)
        if source is None:
            continue
        if isinstance(spec, Mapping):
            spec = spec.get("name", "")
        if isinstance(spec, str) and kept_copy(folder, spec, source.digest()) is not None:
            continue
        place = _place(folder / POLICIES_FOLDER, source)
        for sources in source.files:
            for path in (*sources.modules, *sources.data):
                to = place / sources.relative(path)
                if to.exists() and to.samefile(path):
                    continue
                make_folder(to.parent)
                write_atomic(to, path.read_bytes())
                written.append(to.relative_to(folder).as_posix())
        if source.text:
            make_folder(place)
            to = place / f"{''.join(c if c.isalnum() else '_' for c in _name(spec))}.txt"
            values = f"\n# values used: {json.dumps(source.values, default=_plain)}\n" if source.values else "\n"
            write_atomic(to, (source.text + values).encode())
            written.append(to.relative_to(folder).as_posix())
    return sorted(dict.fromkeys(written))


def _place(folder: Path, source: Source) -> Path:
    """Choose where copies go: the folder, or one below it where another policy has a file of the same name."""
    for sources in source.files:
        for path in (*sources.modules, *sources.data):
            to = folder / sources.relative(path)
            if to.is_file() and to.read_bytes() != path.read_bytes():
                return folder / source.digest()[:SHORT]
    return folder


def kept_copy(folder: Path, spec: str, digest: str) -> Path | None:
    """Find the copy of a policy's file that ``keep_sources`` made and whose digest is the one given; else None."""
    name = spec.partition(":")[0].replace("\\", "/").rpartition("/")[2]
    if not is_file_spec(name):
        name = f"{name.rpartition('.')[2]}.py"
    for place in (folder / POLICIES_FOLDER, folder / POLICIES_FOLDER / digest[:SHORT]):
        file = (place / name).absolute()
        if file.is_file() and Source((sources_of(file),)).digest() == digest:
            return file
    return None


def changed_files(spec: str, copy: Path) -> list[str]:
    """List the files of a policy that differ from those of a copy of it, relative to the policy's folder."""
    now, then = ({s.relative(p): p for p in (*s.modules, *s.data)} for s in map(sources_of, (source_file(spec), copy)))
    both = now.keys() & then.keys()
    return sorted((now.keys() ^ then.keys()) | {name for name in both if _content(now[name]) != _content(then[name])})


# Texts


@lru_cache(maxsize=512)
def normalised(text: str) -> str:
    """Give a Python text without comments, docstrings (any string that stands alone), blank lines, spaces at ends.

    A text that Python cannot read is given as it is.
    """
    tree = parsed(text)
    if tree is None:
        return text
    lines = text.split("\n")
    for node in sorted(_bare_strings(tree), key=lambda n: (n.lineno, n.col_offset), reverse=True):
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        head, tail = lines[first].encode()[: node.col_offset], lines[last].encode()[node.end_col_offset :]
        lines[first : last + 1] = [(head + tail).decode(), *[""] * (last - first)]
    long_strings = any('"""' in line or "'''" in line or line.endswith("\\") for line in lines)
    for row, column in _comments(lines, long_strings):
        lines[row] = lines[row][:column]
    inside = _inside_strings(tree) if long_strings else set()
    shown = (line if k in inside else line.rstrip() for k, line in enumerate(lines))
    return "\n".join(line for k, line in enumerate(shown) if line or k in inside)


def _comments(lines: list[str], long_strings: bool) -> list[tuple[int, int]]:
    """Give the row and column where each comment begins; the tokenizer, which is slow, decides where quotes do not."""
    marks = {row: line.index("#") for row, line in enumerate(lines) if "#" in line}
    if not long_strings and not any(q in lines[row][:column] for row, column in marks.items() for q in "\"'"):
        return list(marks.items())
    tokens = tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline) if marks else ()
    return [(t.start[0] - 1, t.start[1]) for t in tokens if t.type == tokenize.COMMENT]


def _inside_strings(tree: ast.Module) -> set[int]:
    """Give the lines (from 0) whose end lies inside a string: their spaces count."""
    bare = {id(node.value) for node in _bare_strings(tree)}
    strings = [n for n in ast.walk(tree) if isinstance(n, (ast.Constant, ast.JoinedStr)) and id(n) not in bare]
    return {k for n in strings for k in range(n.lineno - 1, (n.end_lineno or n.lineno) - 1)}


def _bare_strings(node: ast.AST) -> Iterator[ast.Expr]:
    """Give the statements that are a string and nothing else."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        inner = getattr(node, field, ())
        for child in inner if isinstance(inner, list) else ():
            if isinstance(child, ast.Expr):
                if isinstance(child.value, ast.Constant) and isinstance(child.value.value, str):
                    yield child
            else:
                yield from _bare_strings(child)


def _content(path: Path) -> bytes:
    return normalised(read_source(path)).encode() if path.suffix == ".py" else _read(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PluginError(f"{path}: cannot be read: {error.strerror}") from error


def _add(digest: Any, name: str, content: bytes) -> None:
    """Add a named content so that no two lists of contents give the same bytes."""
    digest.update(f"{name}\n{len(content)}\n".encode() + content)
