"""Work that several ask for at once is done together, and whatever happens to it nobody waits for ever."""

import asyncio

import pytest

from bot.outbox import Gathered


async def ask(gathered: Gathered[int, int], count: int) -> list[asyncio.Task[int]]:
    """So many ask at once; their tasks, under way."""
    tasks = [asyncio.create_task(gathered.add(number)) for number in range(count)]
    await asyncio.sleep(0.01)
    return tasks


async def test_who_comes_while_work_is_under_way_is_served_together_next():
    batches: list[list[int]] = []

    async def doubled(items: list[int]) -> list[int]:
        batches.append(items)
        await asyncio.sleep(0.02)
        return [2 * item for item in items]

    tasks = await ask(Gathered(doubled), 4)
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6]
    assert batches == [[0], [1, 2, 3]]


async def test_when_it_fails_everybody_hears_why():
    async def failing(_items: list[int]) -> list[int]:
        raise ValueError("no")

    found = await asyncio.gather(*await ask(Gathered(failing), 3), return_exceptions=True)
    assert [str(one) for one in found] == ["no"] * 3


@pytest.mark.parametrize("broken_off", [0, 1, 2])
async def test_when_one_of_them_is_broken_off_the_others_do_not_wait_for_ever(broken_off: int):
    async def slow(items: list[int]) -> list[int]:
        await asyncio.sleep(0.05)
        return items

    tasks = await ask(Gathered(slow), 3)
    tasks[broken_off].cancel()
    async with asyncio.timeout(5):
        await asyncio.wait(tasks)
    assert tasks[broken_off].cancelled()
    if broken_off:  # it did not work for the others
        others = [task.result() for number, task in enumerate(tasks) if number != broken_off]
        assert others == [number for number in range(3) if number != broken_off]
