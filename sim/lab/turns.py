"""Turns at calculating: the quick before the patient, visitors by turns, and a bound on how many wait."""

import asyncio
import contextlib
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

MOST = 100
"""Requests that wait at most."""


class Busy(Exception):
    """More wait than the lab can take on."""


@dataclasses.dataclass(eq=False)
class _Waiter:
    visitor: str
    due: float
    turn: "asyncio.Future[None]"


class Turns:
    """A few turns at a time; the next goes to whoever is due first.

    A request is due ``patience`` seconds after it came, and as much later again for each request of the same
    visitor that waits already. So quick requests pass patient ones, but not for ever, and one visitor's many do
    not keep the others waiting. Where more than ``most`` wait, the visitor with the most gives up its last.
    """

    def __init__(self, at_once: int, most: int = MOST) -> None:
        self._free, self._most = at_once, most
        self._waiting: list[_Waiter] = []

    @contextlib.asynccontextmanager
    async def turn(self, visitor: str, patience: float) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            Busy: if too many wait.
        """
        await self._wait(visitor, patience)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, visitor: str, patience: float) -> None:
        if self._free:
            self._free -= 1
            return
        loop: Any = asyncio.get_running_loop()
        own = sum(w.visitor == visitor for w in self._waiting)
        waiter = _Waiter(visitor, loop.time() + patience * (1 + own), loop.create_future())
        self._waiting.append(waiter)
        self._bound()
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif waiter.turn.exception() is None:  # its turn came as it left
                self._pass_on()
            raise

    def _bound(self) -> None:
        waiting = self._there()
        if len(waiting) > self._most:
            most = Counter(w.visitor for w in waiting).most_common(1)[0][0]
            last = max((w for w in waiting if w.visitor == most), key=lambda w: w.due)
            self._waiting.remove(last)
            last.turn.set_exception(Busy())

    def _pass_on(self) -> None:
        waiting = self._there()
        if not waiting:
            self._free += 1
            return
        following = min(waiting, key=lambda w: w.due)
        self._waiting.remove(following)
        following.turn.set_result(None)

    def _there(self) -> list[_Waiter]:
        """Give those who have not left this very moment."""
        return [w for w in self._waiting if not w.turn.done()]
