"""The static app as one HTML file that opens from disk: it carries every file of the folder, and asks for none.

Scripts keep their text, but for the names of the modules that they import; ``single_file.js`` gives each an address
when the page opens. Nothing is left of the folder's links, so the content policy can allow no request at all.
"""

import base64
import hashlib
import json
import posixpath
import re
import zlib
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

LOADER = Path(__file__).with_suffix(".js")

OUTSIDE = ("index.html", "offline.js", "appearance.js", "manifest.webmanifest")
"""What the file does not carry: it is the first itself, needs no second and fourth, and has the third in its head."""

_IMPORT = re.compile(r'(^import (?:[^;"]*? from )?|\(\) => import\()"(\.[^"]+)"', re.MULTILINE)


def single_file(files: Mapping[str, bytes]) -> bytes:
    """Write the app as one file.

    Args:
        files: every file of the folder, by its name in it.

    Returns:
        An HTML page that any current browser opens from disk, without a server and without a request.
    """
    carried = {
        name: data for name, data in files.items() if name not in OUTSIDE and not name.endswith((".css", ".png"))
    }
    scripts = {name: imports_named(name, data.decode()) for name, data in carried.items() if name.endswith(".js")}
    carried |= {name: text.encode() for name, text in scripts.items()}
    places, parts, at = [], [], 0
    for name, data in carried.items():
        parts.append(zlib.compress(data, 9))
        places.append([name, at, at := at + len(parts[-1])])
    contents = {
        "places": places,
        "scripts": in_order(scripts),
        "pictures": [name for name in carried if name.endswith(".svg")],
    }
    page = files["index.html"].decode()
    styles = re.findall(r'^<link rel="stylesheet" href="(.*?)">\n', page, re.MULTILINE)
    style = "".join(files[name].decode() for name in styles)
    first, loader = files["appearance.js"].decode(), LOADER.read_text(encoding="utf-8")
    icon = base64.b64encode(files["icon.svg"]).decode()
    blocks = (
        f'<script type="application/json" id="places">{json.dumps(contents, separators=(",", ":"))}</script>\n'
        f'<script type="text/plain" id="carried">{base64.b64encode(b"".join(parts)).decode()}</script>\n'
        f"<script>{loader}</script>\n"
    )
    page = re.sub(
        r'^<(link rel="(stylesheet|modulepreload|manifest|apple-touch-icon)"|script).*\n', "", page, flags=re.M
    )
    xapi = re.search('<meta name="xapi" content="(.*?)">', page)
    policy = _policy(style, first, loader, connect=xapi[1] if xapi else "")
    page = _put(page, r'<meta http-equiv="content-security-policy" content=".*?">', policy)
    page = _put(
        page, r'<link rel="icon" href="icon.svg">', f'<link rel="icon" href="data:image/svg+xml;base64,{icon}">'
    )
    page = _put(page, "</head>", f"<style>{style}</style>\n<script>{first}</script>\n</head>")
    return _put(page, "</body>", f"{blocks}</body>").encode()


def imports_named(name: str, text: str) -> str:
    """Name the modules that a script imports as the loader finds them: ``app:ui/dom.js``."""
    folder = posixpath.dirname(name)
    return _IMPORT.sub(lambda m: f'{m[1]}"app:{posixpath.normpath(posixpath.join(folder, m[2]))}"', text)


def in_order(scripts: Mapping[str, str]) -> list[str]:
    """Order scripts so that each comes after those that it imports, from texts of ``imports_named``.

    Raises:
        ValueError: scripts import each other in a circle, or one that is not there.
    """
    needs = {name: re.findall(r'"app:([^"]+)"', text) for name, text in sorted(scripts.items())}
    missing = [f"{name} imports {other}" for name, others in needs.items() for other in others if other not in scripts]
    if missing:
        raise ValueError(f"{missing[0]}, which is not there")
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ValueError(f"scripts import each other: {' > '.join(error.args[1])}") from error


def _policy(style: str, *scripts: str, connect: str) -> str:
    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    allowed = {
        "default-src": "'none'",
        "script-src": f"{' '.join(map(hashed, scripts))} blob: 'wasm-unsafe-eval'",
        "worker-src": "blob:",
        "style-src": hashed(style),
        "img-src": "data: blob:",
        "connect-src": connect or "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    policy = "; ".join(f"{name} {value}" for name, value in allowed.items())
    return f'<meta http-equiv="content-security-policy" content="{policy}">'


def _put(page: str, pattern: str, text: str) -> str:
    page, n = re.subn(pattern, lambda _: text, page)
    if n != 1:
        raise ValueError(f"index.html has {pattern} {n} times")
    return page
