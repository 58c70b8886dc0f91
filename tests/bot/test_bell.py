"""A process that only takes webhooks wakes the one that sends."""

import asyncio

import pytest

from bot import bell
from tests.conftest import postgres_only


@postgres_only
async def test_a_ring_is_heard_by_whoever_listens(database):
    heard = asyncio.Event()
    listening = asyncio.create_task(bell.listen(database, heard.set))
    try:
        async with asyncio.timeout(20):
            while not heard.is_set():
                await asyncio.to_thread(database.transact, bell.ring)
                await asyncio.sleep(0.05)
    finally:
        listening.cancel()


@postgres_only
async def test_nothing_is_heard_of_a_transaction_that_was_undone(database):
    heard = asyncio.Event()
    listening = asyncio.create_task(bell.listen(database, heard.set))

    def ring_and_fail(db):
        bell.ring(db)
        raise KeyError("nothing is kept")

    try:
        await asyncio.sleep(0.3)
        with pytest.raises(KeyError):
            await asyncio.to_thread(database.transact, ring_and_fail)
        await asyncio.sleep(0.3)
        assert not heard.is_set()
    finally:
        listening.cancel()
