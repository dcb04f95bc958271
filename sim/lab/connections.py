"""Which connections and requests are allowed: few for each visitor, small, and only from the app's own pages."""

from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 50
"""Connections of one visitor at a time; a browser opens some six."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

MAX_ADDRESS = 2000
"""Longest address, in characters."""

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; base-uri 'none'; "
        b"form-action 'none'; frame-ancestors 'self'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


class LimitedConnection(H11Protocol):
    """One connection. It is closed at once if its visitor has too many, even if nothing is ever sent on them."""

    def connection_made(self, transport: Any) -> None:
        """Accept or close a new connection."""
        super().connection_made(transport)
        connections: Any = self.connections
        addresses = [connection.client[0] for connection in connections if connection.client]
        if self.client and addresses.count(self.client[0]) > MAX_CONNECTIONS:
            transport.abort()


class Guard:
    """Refuse what the app's own pages would never send, and set the same headers on every response.

    ``accepts`` says how many bytes may be sent to which paths; nothing can be sent to any other path.
    """

    def __init__(self, app: App, hosts: Collection[str] = LOOPBACK, accepts: Mapping[str, int] | None = None) -> None:
        self.app, self.hosts, self.accepts = app, frozenset(hosts), dict(accepts or {})

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        status, reason = self._refusal(scope)
        if status:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send_with_headers({"type": "http.response.start", "status": status, "headers": headers})
            await send_with_headers({"type": "http.response.body", "body": reason.encode()})
            return
        await self.app(scope, receive, send_with_headers)

    def _refusal(self, scope: Message) -> tuple[int, str]:
        """Return the status and the reason of a refusal; status 0 if the request is allowed."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts = headers.get("host", [])
        if len(hosts) != 1 or _host_name(hosts[0]) not in self.hosts:
            return 403, "The app answers only under its own address."
        if any(origin != f"http://{hosts[0]}" for origin in headers.get("origin", [])):
            return 403, "The app answers only its own pages."
        sends = scope["method"] == "POST" and scope["path"] in self.accepts
        if scope["method"] not in ("GET", "HEAD") and not sends:
            return 405, "Nothing can be sent here."
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS:
            return 414, f"The address is longer than {MAX_ADDRESS} characters."
        if sends:
            return _content_refusal(headers, self.accepts[scope["path"]])
        if headers.get("content-length", ["0"]) != ["0"] or "transfer-encoding" in headers:
            return 413, "Nothing can be sent here."
        return 0, ""


def _content_refusal(headers: Mapping[str, list[str]], max_bytes: int) -> tuple[int, str]:
    """Return the status and the reason to refuse content, judged by its headers; status 0 if it is allowed."""
    if len(headers.get("origin", [])) != 1:
        return 403, "The app accepts this only from its own pages."
    if headers.get("content-type") != ["application/json"]:
        return 415, "Send JSON here."
    length = headers.get("content-length", [])
    if len(length) != 1 or not length[0].isdecimal() or "transfer-encoding" in headers:
        return 411, "Send the length of the content in its header."
    if len(length[0]) > 9 or int(length[0]) > max_bytes:
        return 413, f"Send at most {max_bytes} bytes here."
    return 0, ""


def _host_name(host: str) -> str:
    """Return the name in a Host header without the port; empty if the header is not valid."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""
    except ValueError:
        return ""
