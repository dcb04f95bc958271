"""Connections: each visitor has a bounded number, so that nobody can hold all there are."""

from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 50
"""Connections of one visitor at a time; a browser opens some six."""


class Door(H11Protocol):
    """One connection; it is closed at once if its visitor has too many, even if nothing is ever asked on them."""

    def connection_made(self, transport: Any) -> None:
        """Let a visitor in, or not."""
        super().connection_made(transport)
        doors: Any = self.connections
        visitors = [door.client[0] for door in doors if door.client]
        if self.client and visitors.count(self.client[0]) > MOST:
            transport.abort()
