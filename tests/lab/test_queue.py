"""Queue at calculating: who is next, and who waits no more."""

import asyncio

import pytest

from sim.lab.workers import Busy, Queue


def order(*comers, at_once=1, max_waiting=100):
    """Let (visitor, due_in) come while a turn is taken; give the order in which they get theirs, and who is refused."""
    served, refused = [], []

    async def come(turns, name, visitor, due_in):
        try:
            async with turns.place(visitor, due_in):
                served.append(name)
        except Busy:
            refused.append(name)

    async def all_come():
        turns = Queue(at_once, max_waiting)
        async with turns.place("first", 1.0):
            coming = [asyncio.create_task(come(turns, k, *comer)) for k, comer in enumerate(comers)]
            await asyncio.sleep(0)
        await asyncio.gather(*coming)

    asyncio.run(all_come())
    return served, refused


def test_the_quick_pass_the_patient():
    assert order(("a", 20), ("b", 20), ("c", 0.5)) == ([2, 0, 1], [])


def test_visitors_alternate_though_one_asks_for_much_at_once():
    assert order(("a", 1), ("a", 1), ("a", 1), ("b", 1), ("c", 1)) == ([0, 3, 4, 1, 2], [])


def test_the_patient_do_not_wait_for_ever():
    served, _ = order(("a", 1.5), *[("b", 1)] * 4)

    assert served == [1, 0, 2, 3, 4]


def test_where_too_many_wait_the_visitor_with_the_most_gives_up_its_last():
    assert order(("a", 1), ("b", 1), ("a", 1), ("a", 1), ("c", 1), max_waiting=4) == ([0, 1, 4, 2], [3])


def test_who_leaves_while_waiting_takes_no_turn():
    async def leave():
        turns = Queue(1)
        async with turns.place("a", 1):
            waiting = asyncio.create_task(turns._wait("b", 1))
            await asyncio.sleep(0)
            waiting.cancel()
        async with asyncio.timeout(1), turns.place("c", 1):
            return True

    assert asyncio.run(leave())


def test_who_leaves_as_its_turn_comes_passes_it_on():
    async def leave():
        turns = Queue(1)
        async with turns.place("a", 1):
            waiting = asyncio.create_task(turns._wait("b", 1))
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(1), turns.place("c", 1):
            return True

    assert asyncio.run(leave())


def test_several_turns_are_taken_at_once():
    async def both():
        turns = Queue(2)
        async with asyncio.timeout(1), turns.place("a", 1), turns.place("b", 1):
            return True

    assert asyncio.run(both())
