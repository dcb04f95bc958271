"""What the class board holds: a world, and who reached what in it; with limits on how much and how often."""

import dataclasses
import time
import unicodedata
from collections import deque
from collections.abc import Callable
from typing import Any

from sim.lab.game import ROUNDS

MOST = 200
"""Entries kept."""

LONGEST = 24
"""Longest nickname, in characters."""

MINUTE = 60.0
PACE, PACE_OF_ALL = 20, 240
"""Most games sent in a minute from one address, and from all."""

RANKED = ("society_value", "retention")


class Refused(Exception):
    """Something sent is not taken: a status, and a word for why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def clean(nickname: str) -> str:
    """Give a nickname with its blanks set right.

    Raises:
        Refused: if it is empty, too long, or not all printable.
    """
    name = unicodedata.normalize("NFC", " ".join(nickname.split()))
    if not (1 <= len(name) <= LONGEST and name.isprintable()):
        raise Refused(400, "nickname")
    return name


@dataclasses.dataclass(frozen=True)
class Entry:
    """One finished game on the board."""

    nickname: str
    decisions: str
    retention: float
    society_value: float


class Entries:
    """One world's board."""

    def __init__(self, scenario: str, seed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.to_all = False
        self._clock, self._sent = clock, deque[tuple[float, str]]()
        self.begin(scenario, seed)

    def begin(self, scenario: str, seed: int) -> None:
        """Start an empty board for a world."""
        self.scenario, self.seed = scenario, seed
        self._entries: dict[str, Entry] = {}

    def admit(self, address: str) -> None:
        """Count a sender; refuse one that sends too often, and too many at once."""
        now = self._clock()
        while self._sent and self._sent[0][0] <= now - MINUTE:
            self._sent.popleft()
        if len(self._sent) >= PACE_OF_ALL or sum(sender == address for _, sender in self._sent) >= PACE:
            raise Refused(429, "often")
        self._sent.append((now, address))

    def has_room_for(self, nickname: str) -> None:
        """Refuse a nickname that is taken, and any when the board is full."""
        if nickname.casefold() in self._entries:
            raise Refused(409, "taken")
        if len(self._entries) >= MOST:
            raise Refused(409, "full")

    def wants(self, game: Any) -> None:
        """Refuse a game of another world, and one that is not finished."""
        if (game.scenario, game.seed) != (self.scenario, self.seed):
            raise Refused(409, "world")
        if len(game.decisions) != ROUNDS:
            raise Refused(400, "unfinished")

    def add(self, nickname: str, decisions: str, reached: dict[str, Any]) -> dict[str, Any]:
        """Put a game on the board; gives what it reached and its ranks."""
        self.has_room_for(nickname)
        entry = Entry(nickname, decisions, *(float(reached[name]) for name in ("retention", "society_value")))
        self._entries[nickname.casefold()] = entry
        return self._shown(entry) | {"of": len(self._entries)}

    def remove(self, nickname: str) -> None:
        """Take a nickname off the board, if it is there."""
        self._entries.pop(nickname.casefold(), None)

    def ranked(self) -> list[dict[str, Any]]:
        """Give all entries, most value for society first."""
        order = sorted(self._entries.values(), key=lambda e: (-e.society_value, -e.retention, e.nickname))
        return [self._shown(entry) for entry in order]

    def _shown(self, entry: Entry) -> dict[str, Any]:
        """Give an entry with its rank in each outcome: one more than the number of those who do better."""
        better = {
            f"{name}_rank": 1 + sum(getattr(e, name) > getattr(entry, name) for e in self._entries.values())
            for name in RANKED
        }
        return dataclasses.asdict(entry) | better
