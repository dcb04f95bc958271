"""The queue of calculations: each done once, none for a reader who is gone."""

import asyncio
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from sim.lab import workers
from sim.lab.workers import Disconnected, Workers


async def there():
    return False


async def gone():
    return True


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as executor:
        yield executor


def test_what_is_remembered_is_not_done_again(pool):
    done = []

    async def ask_twice():
        queue = Workers(lambda: pool, 1)
        for _ in range(2):
            assert await queue.run(there, {"a": (done.append, 1)}) == [None]

    asyncio.run(ask_twice())

    assert done == [1]


def test_nothing_is_begun_for_who_is_gone(pool):
    done = []

    with pytest.raises(Disconnected):
        asyncio.run(Workers(lambda: pool, 1).run(gone, {"a": (done.append, 1)}))

    assert done == []


def test_what_failed_is_tried_again(pool):
    async def ask():
        queue = Workers(lambda: pool, 1)
        with pytest.raises(ZeroDivisionError):
            await queue.run(there, {"a": (divmod, 1, 0)})
        return await queue.run(there, {"a": (divmod, 7, 2)})

    assert asyncio.run(ask()) == [(3, 1)]


def test_the_oldest_is_forgotten(pool, monkeypatch):
    monkeypatch.setattr(workers, "CACHED", 2)
    done = []

    async def ask():
        queue = Workers(lambda: pool, 1)
        for key in "abca":
            await queue.run(there, {key: (done.append, key)})

    asyncio.run(ask())

    assert "".join(done) == "abca"


def test_of_what_is_large_less_is_kept(pool, monkeypatch):
    monkeypatch.setattr(workers, "CACHED_LARGE", 1)
    done = []

    async def ask():
        queue = Workers(lambda: pool, 1)
        for key in "abaSaS":
            make = done.append if key == "S" else large
            await queue.run(there, {key: (make, key)})
        return [queue.cached([key]) is not None for key in "abS"]

    def large(key):
        done.append(key)
        return np.zeros(3)

    assert asyncio.run(ask()) == [True, False, True]
    assert "".join(done) == "abS"


def test_nothing_is_held_unless_all_is(pool):
    async def ask():
        queue = Workers(lambda: pool, 1)
        await queue.run(there, {"a": (divmod, 7, 2)})
        return queue.cached(["a"]), queue.cached(["a", "b"])

    assert asyncio.run(ask()) == ([(3, 1)], None)


def test_a_broken_pool_is_replaced(pool):
    class Broken:
        def submit(self, *_):
            raise BrokenExecutor

    pools = [pool, Broken()]

    assert asyncio.run(Workers(pools.pop, 1).run(there, {"a": (divmod, 7, 2)})) == [(3, 1)]


def test_what_is_under_way_is_waited_for_and_not_begun_again(pool):
    done = []

    def slow(key):
        time.sleep(0.05)
        done.append(key)

    async def ask_twice_at_once():
        queue = Workers(lambda: pool, 2)
        await asyncio.gather(*(queue.run(there, {"a": (slow, "a")}) for _ in range(2)))

    asyncio.run(ask_twice_at_once())

    assert done == ["a"]
