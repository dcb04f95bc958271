"""Clients that move sliders all at once, each in its own story, with slider values that nobody had before."""

import asyncio
import dataclasses
import random
import statistics
import time
from collections.abc import Iterator

from sim.lab.link_state import LinkState
from sim.lab.stories import SLIDERS, STORIES, Story

MOVES = 4
"""Moves of a hand before it rests."""

LATE = 30
"""Seconds after the end that answers are waited for."""

PREVIEW, FEWEST, SLOW = 250, 60, 0.5
"""Replications that the page asks for: half as many, down to the fewest, after a slow answer."""


@dataclasses.dataclass
class Measured:
    """Seconds that answers took, with how many runs, and what was no answer."""

    moved: list[float] = dataclasses.field(default_factory=list)
    rested: list[float] = dataclasses.field(default_factory=list)
    runs: list[float] = dataclasses.field(default_factory=list)
    busy: int = 0
    unanswered: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)


class Crowd:
    """Visitors of a lab; no two of their requests are the same."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._unseen = {story.scenario: _unseen(story, random.Random(0)) for story in STORIES}

    def visit(self, clients: int, seconds: float, pause: float, story: int | None, yielding: bool) -> Measured:
        """Let clients move sliders at a time; each waits for the answer and then ``pause`` seconds on average.

        After some moves the client rests, and requests the watched run and the 1,000 runs. ``yielding``
        clients ask a slow server for fewer runs at the next move, as the page does.
        """
        measured, end = Measured(), time.monotonic() + seconds

        async def all_at_once() -> None:
            visits = [
                asyncio.create_task(self._visit(k, end, pause, story, yielding, measured)) for k in range(clients)
            ]
            _, late = await asyncio.wait(visits, timeout=seconds + LATE)
            measured.unanswered = len(late)
            for visit in late:
                visit.cancel()
            await asyncio.gather(*visits, return_exceptions=True)

        asyncio.run(all_at_once())
        return measured

    async def _visit(
        self, number: int, end: float, pause: float, story: int | None, yielding: bool, measured: Measured
    ) -> None:
        import httpx

        text, dice = STORIES[number % len(STORIES) if story is None else story], random.Random(number)
        runs = PREVIEW
        async with httpx.AsyncClient(base_url=self.address, timeout=300) as http:
            await asyncio.sleep(dice.uniform(0, pause))
            while time.monotonic() < end:
                for _ in range(MOVES):
                    query = next(self._unseen[text.scenario])
                    took = await _ask(http, f"/preview/1?{query}&replications={runs}", measured)
                    measured.moved.append(took)
                    measured.runs.append(runs)
                    if yielding:
                        half, double = max(FEWEST, runs // 2), min(PREVIEW, 2 * runs)
                        runs = half if took > SLOW else double if took < SLOW / 3 else runs
                    await asyncio.sleep(pause * dice.uniform(0.5, 1.5))
                watched, outcomes = f"/run?{query}", f"/outcomes?{query}&replications=1000"
                measured.rested.append(
                    (await asyncio.gather(_ask(http, outcomes, measured), _ask(http, watched, measured)))[0]
                )


async def _ask(http: "httpx.AsyncClient", path: str, measured: Measured) -> float:  # noqa: F821
    begin = time.monotonic()
    while (answer := await http.get(path)).status_code == 503:
        measured.busy += 1
        await asyncio.sleep(float(answer.headers["retry-after"]) + random.random())
    if answer.status_code != 200:
        measured.failed.append(f"{answer.status_code} {answer.text[:80]}")
    return time.monotonic() - begin


def _unseen(story: Story, dice: random.Random) -> Iterator[str]:
    """Yield slider values of a story without end, never the same twice."""
    seen = set()
    while True:
        moved = dice.sample([s for s in SLIDERS if s.path != "size.partners"], 3)
        changes = tuple((s.path, s.low + s.step * dice.randrange(round((s.high - s.low) / s.step) + 1)) for s in moved)
        query = LinkState(story.scenario, story.policies, changes=changes).query()
        if query not in seen:
            seen.add(query)
            yield query


def middle_and_slow(seconds: list[float]) -> tuple[float, float]:
    """Give the median and the 95th percentile."""
    ordered = sorted(seconds)
    return statistics.median(ordered), ordered[round(0.95 * (len(ordered) - 1))]
