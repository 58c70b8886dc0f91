"""When one may write freely, to the second; and what a template leaves to be said later."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels import telegram, whatsapp
from bot.window import Way, goes_freely, is_open, rest_of
from conversations.templates import ROOM, as_template
from domain.message import Reply
from storage.queries.leases import Leased

NOON = datetime(2026, 12, 10, 4, 0, tzinfo=UTC)


def leased(heard_at: datetime | None, key: str = "turn:1:1:1") -> Leased:
    return Leased(1, "main", "whatsapp/main", "a", "+62", "notice", key, "", 1, NOON, NOON, True, heard_at=heard_at)


@pytest.mark.parametrize(
    ("ago", "open_"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=49, seconds=59), True),
        (timedelta(hours=23, minutes=50), True),
        (timedelta(hours=23, minutes=50, seconds=1), False),
        (timedelta(hours=24), False),
        (None, False),
    ],
)
def test_the_window_closes_ten_minutes_before_whatsapp_closes_it(ago: timedelta | None, open_: bool):
    message = leased(None if ago is None else NOON - ago)
    assert is_open(message, whatsapp.ABILITIES, NOON) is open_
    assert goes_freely(message, whatsapp.ABILITIES, NOON) == (Way("service") if open_ else None)


def test_where_there_is_no_window_everything_goes_and_costs_nothing():
    assert goes_freely(leased(None), telegram.ABILITIES, NOON) == Way("")


def test_a_knock_is_always_looked_at_again():
    assert goes_freely(leased(NOON, "knock:siti:0"), whatsapp.ABILITIES, NOON) is None


def test_a_template_leaves_out_pictures_the_end_of_long_texts_and_whole_receipts():
    reminder = as_template(Reply("Iuran."), "due", "a")
    assert rest_of(reminder) is None
    shown = as_template(Reply("Besok rapat.", document="d1", file=True), "announcement", "a")
    assert rest_of(shown) == Reply("", document="d1", file=True)
    long = as_template(Reply("x" * (ROOM + 1), document="d1"), "announcement", "a")
    assert rest_of(long) == Reply("x" * (ROOM + 1), document="d1")
    receipt = as_template(Reply("Kwitansi.", document="d1"), "receipt", "a")
    assert rest_of(receipt) == Reply("Kwitansi.", document="d1")
