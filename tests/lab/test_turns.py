"""Turns at calculating: who is next, and who waits no more."""

import asyncio

import pytest

from sim.lab.turns import Busy, Turns


def order(*comers, at_once=1, most=100):
    """Let (visitor, patience) come while a turn is taken; give the order in which they get theirs, and who is refused."""
    served, refused = [], []

    async def come(turns, name, visitor, patience):
        try:
            async with turns.turn(visitor, patience):
                served.append(name)
        except Busy:
            refused.append(name)

    async def all_come():
        turns = Turns(at_once, most)
        async with turns.turn("first", 1.0):
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
    assert order(("a", 1), ("b", 1), ("a", 1), ("a", 1), ("c", 1), most=4) == ([0, 1, 4, 2], [3])


def test_who_leaves_while_waiting_takes_no_turn():
    async def leave():
        turns = Turns(1)
        async with turns.turn("a", 1):
            waiting = asyncio.create_task(turns._wait("b", 1))
            await asyncio.sleep(0)
            waiting.cancel()
        async with asyncio.timeout(1), turns.turn("c", 1):
            return True

    assert asyncio.run(leave())


def test_who_leaves_as_its_turn_comes_passes_it_on():
    async def leave():
        turns = Turns(1)
        async with turns.turn("a", 1):
            waiting = asyncio.create_task(turns._wait("b", 1))
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(1), turns.turn("c", 1):
            return True

    assert asyncio.run(leave())


def test_several_turns_are_taken_at_once():
    async def both():
        turns = Turns(2)
        async with asyncio.timeout(1), turns.turn("a", 1), turns.turn("b", 1):
            return True

    assert asyncio.run(both())
