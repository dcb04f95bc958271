"""Clients that move sliders all at once, each in its own story, with settings that nobody had before."""

import asyncio
import dataclasses
import random
import statistics
import time
from typing import Any

from sim.lab.settings import Asked
from sim.lab.stories import SETTINGS, STORIES

MOVES = 4
"""Moves of a hand before it rests."""


@dataclasses.dataclass
class Measured:
    """Seconds that answers took, and what was no answer."""

    moved: list[float] = dataclasses.field(default_factory=list)
    rested: list[float] = dataclasses.field(default_factory=list)
    busy: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)


async def crowd(address: str, clients: int, seconds: float, pause: float, story: int | None = None) -> Measured:
    """Let clients move sliders at a time; each waits for the answer and then ``pause`` seconds on average.

    After some moves the hand rests, and the client asks for the world and the thousand worlds, as the page does.
    """
    import httpx

    found, unseen, end = Measured(), _unseen(random.Random(0)), time.monotonic() + seconds
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=httpx.Limits(max_connections=None)) as http:

        async def ask(path: str, into: list[float]) -> None:
            begin = time.monotonic()
            while True:
                answer = await http.get(path)
                if answer.status_code != 503:
                    break
                found.busy += 1
                await asyncio.sleep(1)
            if answer.status_code != 200:
                found.failed.append(f"{answer.status_code} {answer.text[:80]}")
            into.append(time.monotonic() - begin)

        async def visit(number: int) -> None:
            told = STORIES[number % len(STORIES) if story is None else story]
            dice = random.Random(number)
            await asyncio.sleep(dice.uniform(0, pause))
            while time.monotonic() < end:
                for _ in range(MOVES):
                    query = next(unseen[told.scenario])
                    await ask(f"/preview?{query}&runs=250", found.moved)
                    await asyncio.sleep(pause * dice.uniform(0.5, 1.5))
                rest = (ask(f"/world?{query}", []), ask(f"/outcomes?{query}&runs=1000", found.rested))
                await asyncio.gather(*rest)

        await asyncio.gather(*map(visit, range(clients)))
    return found


def _unseen(dice: random.Random) -> dict[str, Any]:
    """Give an endless row of settings for each story, none twice."""

    def row(story: Any) -> Any:
        seen = set()
        own = Asked(story.scenario, story.policies)
        while True:
            moved = dice.sample([s for s in SETTINGS if s.path != "size.partners"], 3)
            changes = [(s.path, s.low + s.step * dice.randrange(round((s.high - s.low) / s.step) + 1)) for s in moved]
            query = dataclasses.replace(own, changes=tuple(changes)).query()
            if query not in seen:
                seen.add(query)
                yield query

    return {story.scenario: row(story) for story in STORIES}


def middle_and_slow(seconds: list[float]) -> tuple[float, float]:
    """Give the median and the 95th percentile."""
    ordered = sorted(seconds)
    return statistics.median(ordered), ordered[round(0.95 * (len(ordered) - 1))]
