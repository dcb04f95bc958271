"""Drive Firefox and WebKit as far as a tour needs it, with the standard library alone: open, ask, take a picture."""

import base64
import contextlib
import itertools
import json
import os
import queue
import re
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

WAIT, QUIET = 60.0, subprocess.DEVNULL


class Socket:
    """A WebSocket as a client has it (RFC 6455): text messages, in order."""

    def __init__(self, port: int, path: str) -> None:
        self.stream = socket.create_connection(("127.0.0.1", port), timeout=WAIT)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        hello = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.stream.sendall(f"{hello}Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.file = self.stream.makefile("rb")
        if b" 101 " not in (first := self.file.readline()):
            self.close()
            raise ConnectionError(first.decode())
        while self.file.readline().strip():
            pass

    def send(self, text: str, kind: int = 1) -> None:
        """Send a message, masked, as a client must."""
        data, mask = text.encode(), secrets.token_bytes(4)
        n = len(data)
        size = bytes([128 | n]) if n < 126 else struct.pack(">BH", 254, n) if n < 65536 else struct.pack(">BQ", 255, n)
        self.stream.sendall(bytes([128 | kind]) + size + mask + bytes(b ^ mask[k % 4] for k, b in enumerate(data)))

    def close(self) -> None:
        """End the connection."""
        self.file.close()
        self.stream.close()

    def receive(self) -> str | None:
        """Wait for the next message; none when the other side is gone."""
        parts = []
        while head := self.file.read(2):
            n = head[1] & 127
            if n > 125:
                n = int.from_bytes(self.file.read(2 if n == 126 else 8), "big")
            data, kind = self.file.read(n), head[0] & 15
            if kind == 8:
                return None
            if kind == 9:
                self.send(data.decode(), 10)
            if kind in (0, 1):
                parts.append(data)
                if head[0] & 128:
                    return b"".join(parts).decode()
        return None


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def stop(process: subprocess.Popen[Any]) -> None:
    """End a process that was started here."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Firefox:
    """Firefox without a window, driven by WebDriver BiDi; it tells of errors and of every request."""

    name = "firefox"
    command = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")

    def __init__(self) -> None:
        self.profile = Path(tempfile.mkdtemp())
        port = free_port()
        (self.profile / "user.js").write_text(
            "".join(f'user_pref("{name}", {value});\n' for name, value in (
                ("app.normandy.enabled", "false"), ("browser.shell.checkDefaultBrowser", "false"),
                ("datareporting.policy.dataSubmissionEnabled", "false"), ("ui.prefersReducedMotion", "1"),
            ))
        )  # fmt: skip
        at = ["--headless", "--no-remote", "--profile", str(self.profile), "--remote-debugging-port", str(port)]
        self.process = subprocess.Popen([str(self.command), *at, "about:blank"], stdout=QUIET, stderr=QUIET)
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.numbers = itertools.count(1)
        try:
            self.socket = self._connect(port)
            self.listener = threading.Thread(target=self._listen, daemon=True)
            self.listener.start()
            self.ask("session.new", capabilities={})
            self.ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
            self.page = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        except BaseException:
            self.close()
            raise

    def _connect(self, port: int) -> Socket:
        until = time.monotonic() + WAIT
        while True:
            try:
                return Socket(port, "/session")
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.2)

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.socket.stream.settimeout(None)
            while (text := self.socket.receive()) is not None:
                message = json.loads(text)
                if message["type"] != "event":
                    self.answers.put(message)
                elif message["method"] == "log.entryAdded" and message["params"]["level"] == "error":
                    self.errors.append(str(message["params"]["text"]))
                elif message["method"] == "network.beforeRequestSent" and message["params"].get("context"):
                    self.requests.append(message["params"]["request"]["url"])

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = self.answers.get(timeout=WAIT)
            if answer.get("id") == number:
                if answer["type"] == "error":
                    raise RuntimeError(f"{method}: {answer['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, address: str) -> None:
        """Open an address as a new page."""
        for url in ("about:blank", address):
            self.ask("browsingContext.navigate", context=self.page, url=url, wait="complete")

    def run(self, expression: str) -> Any:
        """Calculate an expression in the page; its value must be plain data."""
        asked = f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self.page}
        answer = self.ask("script.evaluate", expression=asked, target=target, awaitPromise=True)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"]["value"])

    def resize(self, width: int, height: int) -> None:
        """Give the page a size."""
        size = {"width": width, "height": height}
        self.ask("browsingContext.setViewport", context=self.page, viewport=size)

    def picture(self, file: Path) -> None:
        """Save what the page shows."""
        file.write_bytes(base64.b64decode(self.ask("browsingContext.captureScreenshot", context=self.page)["data"]))

    def close(self) -> None:
        """End the browser."""
        stop(self.process)
        if hasattr(self, "listener"):
            self.listener.join(10)
            self.socket.close()
        shutil.rmtree(self.profile, ignore_errors=True)


class WebKit:
    """WebKitGTK in a screen of its own, driven by WebDriver; it tells no errors of the console."""

    name = "webkit"
    command = shutil.which("WebKitWebDriver") if shutil.which("Xvfb") else None

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=QUIET,
        )
        assert self.screen.stdout is not None
        display = re.sub(r"\D", "", self.screen.stdout.readline().decode())
        around = os.environ | {"DISPLAY": f":{display}", "GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1"}
        self.process = subprocess.Popen([str(self.command), f"--port={port}"], env=around, stdout=QUIET, stderr=QUIET)
        try:
            self.session = f"/session/{self._begin()}"
        except BaseException:
            self.close()
            raise

    def _begin(self) -> str:
        until = time.monotonic() + WAIT
        while True:
            try:
                return str(self.ask("/session", {"capabilities": {"alwaysMatch": {}}})["sessionId"])
            except ConnectionError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.2)

    def ask(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """Give a command and wait for its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * WAIT) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(error.read().decode()) from error
        except urllib.error.URLError as error:
            raise ConnectionError(str(error.reason)) from error

    def open(self, address: str) -> None:
        """Open an address as a new page."""
        for url in ("about:blank", address):
            self.ask(f"{self.session}/url", {"url": url})

    def run(self, expression: str) -> Any:
        """Calculate an expression in the page; its value must be plain data."""
        script = f"const tell = arguments[0]; Promise.resolve({expression}).then((v) => tell([v ?? null]), (e) => tell(String(e)))"
        answer = self.ask(f"{self.session}/execute/async", {"script": script, "args": []})
        if not isinstance(answer, list):
            raise RuntimeError(answer)
        return answer[0]

    def resize(self, width: int, height: int) -> None:
        """Give the page a size; the window has a frame around it."""
        for _ in range(2):
            inner = self.run("[innerWidth, innerHeight]")
            now = self.ask(f"{self.session}/window/rect")
            size = {"width": now["width"] + width - inner[0], "height": now["height"] + height - inner[1]}
            self.ask(f"{self.session}/window/rect", size)

    def picture(self, file: Path) -> None:
        """Save what the page shows."""
        file.write_bytes(base64.b64decode(self.ask(f"{self.session}/screenshot")))

    def close(self) -> None:
        """End the browser."""
        if hasattr(self, "session"):
            with contextlib.suppress(OSError, RuntimeError):
                self.ask(self.session, method="DELETE")
        for process in (self.process, self.screen):
            stop(process)
        if self.screen.stdout is not None:
            self.screen.stdout.close()
