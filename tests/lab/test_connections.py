"""Connections: one visitor's many keep nobody else out."""

from types import SimpleNamespace

import uvicorn
from uvicorn.server import ServerState

from sim.lab.connections import MAX_CONNECTIONS, LimitedConnection


class Transport(SimpleNamespace):
    """A connection that notes whether it was cut."""

    def get_extra_info(self, name):
        return {"peername": (self.address, 5), "sockname": ("127.0.0.1", 8000)}.get(name)

    def abort(self):
        self.cut = True


def test_one_visitor_holds_some_connections_and_leaves_the_others_theirs():
    config, shared = uvicorn.Config(lambda: None, http=LimitedConnection, ws="none", log_level="warning"), ServerState()
    config.load()

    def is_cut(address):
        transport = Transport(address=address, cut=False)
        LimitedConnection(config, shared, {}, _loop=SimpleNamespace()).connection_made(transport)
        return transport.cut

    assert [is_cut("10.0.0.1") for _ in range(MAX_CONNECTIONS + 2)] == [False] * MAX_CONNECTIONS + [True] * 2
    assert not is_cut("10.0.0.2")
