"""Serve the static classroom app on this machine, with a recorded engine: ``python -m tests.lab.serve_site PORT``.

Everything but ``engine.js`` and the recording is what the app ships. An answer that is not recorded is recorded now.
"""

import hashlib
import json
import sys
import tempfile
import threading
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlparse

from sim.lab.export import free_parameters
from sim.lab.own_case import describe_case
from sim.lab.stories import STORIES, scenario_named
from tests.lab.record_engine import record

SITE = Path(__file__).parents[2] / "sim/lab/site"
RECORDER = Path(__file__).with_name("record_engine.py").read_bytes()
RECORDING = Path(tempfile.gettempdir()) / f"lab_recording_{hashlib.sha256(RECORDER).hexdigest()[:8]}"
ONE_AT_A_TIME = threading.Lock()


@cache
def facts_of_cases() -> bytes:
    """Describe what a case of a reader's own may hold, as ``case.json`` does."""
    stories = [story.scenario for story in STORIES]
    return json.dumps(describe_case(stories, free_parameters([scenario_named(name) for name in stories]))).encode()


class Handler(SimpleHTTPRequestHandler):
    """Files of the app, and answers of the recorded engine."""

    extensions_map: ClassVar = {
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
    }

    def translate_path(self, path: str) -> str:
        """Find a file: the engine is the recorded one, the rest is the app's."""
        name = urlparse(path).path.lstrip("/") or "index.html"
        return str(Path(__file__).with_name("recorded_engine.js") if name == "engine.js" else SITE / name)

    def do_GET(self) -> None:
        """Answer for the engine, or send a file."""
        address = urlparse(self.path)
        if address.path == "/case.json":
            body = facts_of_cases()
        elif address.path == "/recording":
            with ONE_AT_A_TIME:
                body = record(RECORDING, json.loads(parse_qs(address.query)["request"][0])).read_bytes()
        else:
            return super().do_GET()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """Let nothing be kept: the files change while one works."""
        self.send_header("cache-control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def serve(port: int = 0) -> ThreadingHTTPServer:
    """Start a server on this machine; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    with serve(int(sys.argv[1]) if sys.argv[1:] else 8765) as server:
        print(f"http://127.0.0.1:{server.server_port}/")
        server.serve_forever()
