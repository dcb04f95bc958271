"""What every request and answer must be like: from the lab's own page, small, with nothing from elsewhere."""

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST = 2000
"""Longest address, in characters."""

HEADERS = (
    (
        b"content-security-policy",  # pictures to save are drawn in the page: blob
        b"default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """Refuse what the page would never send, and set the same headers on every answer.

    ``takes`` says how many bytes may be sent to which paths; nothing can be sent to any other.
    """

    def __init__(self, app: Any, hosts: Collection[str] = LOOPBACK, takes: Mapping[str, int] | None = None) -> None:
        self.app, self.hosts, self.takes = app, frozenset(hosts), dict(takes or {})

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        status, reason = self._refuse(scope)
        if status:
            start = {"type": "http.response.start", "status": status}
            await sealed(start | {"headers": [(b"content-type", b"text/plain; charset=utf-8")]})
            await sealed({"type": "http.response.body", "body": reason.encode()})
            return
        await self.app(scope, receive, sealed)

    def _refuse(self, scope: Any) -> tuple[int, str]:
        """Give the status and the reason of a refusal; status 0 for none."""
        given: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            given.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts = given.get("host", [])
        if len(hosts) != 1 or _name(hosts[0]) not in self.hosts:
            return 403, "The lab answers only under its own address."
        if any(origin != f"http://{hosts[0]}" for origin in given.get("origin", [])):
            return 403, "The lab answers only its own page."
        sends = scope["method"] == "POST" and scope["path"] in self.takes
        if scope["method"] not in ("GET", "HEAD") and not sends:
            return 405, "The lab is only read."
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST:
            return 414, f"The address is longer than {LONGEST} characters."
        if sends:
            return _refuse_content(given, self.takes[scope["path"]])
        if given.get("content-length", ["0"]) != ["0"] or "transfer-encoding" in given:
            return 413, "The lab takes no content."
        return 0, ""


def _refuse_content(given: Mapping[str, list[str]], most: int) -> tuple[int, str]:
    """Give the status and the reason to refuse what is sent, from its headers."""
    if len(given.get("origin", [])) != 1:
        return 403, "The lab takes this only from its own page."
    if given.get("content-type") != ["application/json"]:
        return 415, "The lab takes only JSON here."
    length = given.get("content-length", [])
    if len(length) != 1 or not length[0].isdecimal() or "transfer-encoding" in given:
        return 411, "The lab must know the length beforehand."
    if len(length[0]) > 9 or int(length[0]) > most:
        return 413, f"The lab takes at most {most} bytes here."
    return 0, ""


def _name(host: str) -> str:
    """Give the name in a Host header, without the port; empty where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""
    except ValueError:
        return ""
