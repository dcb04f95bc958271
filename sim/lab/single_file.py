"""The static app as one HTML file that opens from disk: it carries every file of the folder, and asks for none.

``single_file.js`` gives each script an address when the page opens. Nothing is left of the folder's links, so the
content policy can allow no request at all.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

from sim.lab.joined import STYLE

LOADER = Path(__file__).with_suffix(".js")

OUTSIDE = ("index.html", "offline.js", "appearance.js", "manifest.webmanifest")
"""What the file does not carry: it is the first itself, needs no second and fourth, and has the third in its head."""


def single_file(files: Mapping[str, bytes]) -> bytes:
    """Write the app as one file.

    Args:
        files: every file of an exported folder, by its name in it.

    Returns:
        An HTML page that any current browser opens from disk, without a server and without a request.
    """
    carried = {
        name: data
        for name, data in files.items()
        if name not in OUTSIDE and not name.endswith((".css", ".png", ".svg"))
    }
    places, parts, at = {}, [], 0
    for name, data in carried.items():
        parts.append(zlib.compress(data, 9))
        places[name] = (at, at := at + len(parts[-1]))
    contents = {
        "places": places,
        "scripts": [name for name in carried if name.endswith(".js")],
    }
    page = files["index.html"].decode()
    style, first, loader = files[STYLE].decode(), files["appearance.js"].decode(), LOADER.read_text(encoding="utf-8")
    icon = base64.b64encode(files["icon-192.png"]).decode()
    blocks = (
        f'<script type="application/json" id="places">{json.dumps(contents, separators=(",", ":"))}</script>\n'
        f'<script type="text/plain" id="carried">{base64.b64encode(b"".join(parts)).decode()}</script>\n'
        f"<script>{loader}</script>\n"
    )
    outside = "stylesheet|preload|words|manifest|apple-touch-icon"
    page = re.sub(rf'^<(link rel="({outside})"|script).*\n', "", page, flags=re.M)
    xapi = re.search('<meta name="xapi" content="(.*?)">', page)
    policy = _policy(style, first, loader, connect=xapi[1] if xapi else "")
    page = _put(page, r'<meta http-equiv="content-security-policy" content=".*?">', policy)
    page = _put(page, 'href="icon-192.png"', f'href="data:image/png;base64,{icon}"')
    page = _put(page, "</head>", f"<style>{style}</style>\n<script>{first}</script>\n</head>")
    return _put(page, "</body>", f"{blocks}</body>").encode()


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
