"""An error in the log says of which kind it is and where it happened, and repeats nobody's words."""

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from bot.logs import HidesWords

NIK = "5271014105870002"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a handler like that of `jagalapak serve` prints."""
    printed = io.StringIO()
    handler = logging.StreamHandler(printed)
    handler.addFilter(HidesWords())
    logging.getLogger().addHandler(handler)
    yield printed
    logging.getLogger().removeHandler(handler)


def fail_with_her_words() -> None:
    try:
        int(f"{NIK} x")
    except ValueError as error:
        raise LookupError(NIK) from error


def test_the_kinds_and_places_of_an_error_and_of_its_cause_are_told_without_a_word(lines: io.StringIO):
    try:
        fail_with_her_words()
    except LookupError:
        logging.getLogger("bot.turn").exception("a turn failed")
    told = lines.getvalue()
    assert told.startswith("a turn failed\nValueError\n")
    assert "which led to\nLookupError" in told
    assert "test_words_in_logs.py" in told and "in fail_with_her_words" in told
    assert NIK not in told


def test_every_part_of_a_group_is_told(lines: io.StringIO):
    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(asyncio.to_thread(fail_with_her_words))

    try:
        asyncio.run(both())
    except ExceptionGroup:
        logging.getLogger("bot.outbox").exception("the outbox stopped")
    told = lines.getvalue()
    assert "ExceptionGroup" in told and "in fail_with_her_words" in told
    assert NIK not in told


def test_what_asyncio_says_of_a_task_that_nobody_asked_is_cut(lines: io.StringIO):
    async def forget() -> None:
        task = asyncio.create_task(asyncio.to_thread(fail_with_her_words))
        await asyncio.wait([task])
        del task

    asyncio.run(forget())
    told = lines.getvalue()
    assert told.startswith("Task exception was never retrieved\nValueError")
    assert NIK not in told


def test_lines_without_an_error_are_left_alone(lines: io.StringIO):
    logging.getLogger("bot.inbox").warning("%d wait\n%s", 3, "still")
    assert lines.getvalue() == "3 wait\nstill\n"
