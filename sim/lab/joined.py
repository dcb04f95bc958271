"""The app's scripts and styles joined into a few files, for an export: a phone is slow with a hundred small ones.

No script changes its text but for its ``import`` and ``export`` lines: each becomes a function that gives what it
exports, and is run when it is first wanted.
"""

import hashlib
import json
import posixpath
import re
from collections.abc import Iterable, Mapping

START, ROOMS, STYLE = "start.js", "rooms.js", "style.css"
FIRST = ("main.js", "rooms/first.js")
"""What the first page needs, with all that they import; the other scripts come when they are wanted."""

ALONE = ("worker.js", "resampler.js")
"""Each is a worker, with a copy of what it imports."""

PLAIN = ("appearance.js", "offline.js")
"""They import nothing, and stay as they are."""

_IMPORT = re.compile(r'^import \{ (.+?) \} from "(\.[^"]+)";', re.MULTILINE)
_LATER = re.compile(r'=> import\("(\.[^"]+)"\)')
_EXPORT = re.compile(r"^export (?:async )?(?:function|const|class) (\w+)", re.MULTILINE)

_SOON = "".join(
    f'<link rel="preload" href="{name}" as="fetch" crossorigin>\n' for name in ("model.json", "engine.json")
)

_AT_ONCE = "//# allFunctionsCalledOnLoad\n"
"""Lets a browser compile every function beside the page, while the script comes; not each when it is first called."""

_RUN = """const made = {};
const use = (name) => (made[name] ??= scripts[name](use, later));
const later = async (name) => {
  if (!(name in scripts)) Object.assign(scripts, (await import(use("files.js").addressOf("%s"))).scripts);
  return use(name);
};
use("%s");
"""


def joined(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Join the scripts and the styles of the app.

    Args:
        files: every file of ``sim/lab/site``, by its name in it.

    Returns:
        What an export has of them, by name; ``offline.js`` then names them all.

    Raises:
        ValueError: scripts import each other in a circle, or what is not there.
    """
    texts = {name: data.decode() for name, data in files.items() if name.endswith(".js") and name not in PLAIN}
    page = files["index.html"].decode()
    styles = re.findall(r'^<link rel="stylesheet" href="(.*?)">\n', page, re.MULTILINE)
    links = f'<link rel="stylesheet" href="{STYLE}">\n{_SOON}<script src="appearance.js">'
    page = re.sub(r'^<link rel="stylesheet" .*\n', "", page, flags=re.MULTILINE)
    page = page.replace('<script src="appearance.js">', links).replace('src="main.js"', f'src="{START}"')
    first, alone = with_imports(texts, FIRST), {name: with_imports(texts, [name]) for name in ALONE}
    rest = [name for name in with_imports(texts, texts) if name not in (*first, *ALONE)]
    result = {name: data for name, data in files.items() if name not in texts and not name.endswith(".css")}
    result |= {
        "index.html": page.encode(),
        STYLE: b"".join(files[name] for name in styles),
        START: (_AT_ONCE + _object(texts, first) + _RUN % (ROOMS, FIRST[0])).encode(),
        ROOMS: f"export {_object(texts, rest)}".encode(),
    }
    result |= {name: (_object(texts, needed) + _RUN % (ROOMS, name)).encode() for name, needed in alone.items()}
    names = ["./", *sorted(name for name in result if name not in ("index.html", "offline.js"))]
    digest = hashlib.sha256(b"".join(result[name] for name in sorted(result))).hexdigest()[:8]
    line = f"const FILES = {json.dumps(names)}; // of {digest}: a browser installs this file again when it has changed"
    result["offline.js"] = result["offline.js"].replace(b'const FILES = ["./"];', line.encode())
    return result


def with_imports(texts: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """List scripts and all that they import, each after those that it imports.

    Raises:
        ValueError: scripts import each other in a circle, or one that is not there.
    """
    order, path = list[str](), list[str]()

    def visit(name: str) -> None:
        if name in path:
            raise ValueError(f"scripts import each other: {' > '.join([*path[path.index(name) :], name])}")
        if name in order:
            return
        if name not in texts:
            raise ValueError(f"{path[-1]} imports {name}, which is not there")
        path.append(name)
        for _, other in _IMPORT.findall(texts[name]):
            visit(_from(name, other))
        order.append(path.pop())

    for name in names:
        visit(name)
    return order


def as_function(name: str, text: str, wanted: Iterable[str] = ()) -> str:
    """Write a script as a function of ``use`` and ``later`` that gives what the script exports.

    Args:
        name: of the script, for the names of those that it imports.
        text: of the script.
        wanted: what others import from it; of ``export const A = 1, B = 2`` only the first name is
            read, of ``export const [A, B]`` none.
    """
    exported = list(dict.fromkeys([*_EXPORT.findall(text), *wanted]))
    text = _IMPORT.sub(lambda m: f'const {{ {m[1].replace(" as ", ": ")} }} = use("{_from(name, m[2])}");', text)
    text = _LATER.sub(lambda m: f'=> later("{_from(name, m[1])}")', text)
    text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
    return f'"{name}": ((use, later) => {{\n{text.rstrip()}\nreturn {{ {", ".join(exported)} }};\n}}),\n'


def _object(texts: Mapping[str, str], names: list[str]) -> str:
    wanted: dict[str, dict[str, None]] = {name: {} for name in texts}
    for name, text in texts.items():
        for what, other in _IMPORT.findall(text):
            wanted[_from(name, other)] |= {one.split(" as ")[0]: None for one in what.split(", ")}
    return f"const scripts = {{\n{''.join(as_function(name, texts[name], wanted[name]) for name in names)}}};\n"


def _from(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
