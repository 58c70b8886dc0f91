"""What goes out goes out once, or it is known that nobody knows (reliability.md, B)."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import consequences
from bot.channels.fitting import units
from bot.clock import MovableClock
from bot.running import Running
from conversations import engine
from domain.message import Reply
from storage.database import Database
from storage.queries import leases, outbox
from tests.conftest import sqlite_only
from tests.fakes.telegram_api import BLOCKED, NOT_FOUND, TelegramApi, private_message
from tests.fakes.telegram_wire import Json
from tests.faults.house import (
    ACCOUNT,
    SITI,
    UNTIL_KTP,
    WELCOME,
    Door,
    address_of,
    bot_here,
    free_port,
    messages,
    next_number,
    queue,
    said,
    statuses,
    step_of,
    until,
    until_quiet,
)

ALMOST = timedelta(minutes=1, seconds=59)
WHO = str(SITI)
Losing = Callable[[TelegramApi], None]


def copies(api: TelegramApi, chat: int = SITI) -> int:
    """How many messages reached her phone."""
    return len(api.texts(str(chat)))


def pass_by(running: Running, clock: MovableClock, time_gone: timedelta) -> None:
    """So much time goes by, and somebody tidies up."""
    clock.move_to(clock.now() + time_gone)
    running.scheduler.tidy()


# ── nobody knows ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lose", "taken"),
    [
        (lambda api: api.drop(accepted=True, method="sendMessage"), 1),
        (lambda api: api.fail(502, accepted=True, method="sendMessage"), 1),
        (lambda api: api.drop(accepted=False, method="sendMessage"), 0),
    ],
    ids=["taken and reset", "taken and 502", "not taken and reset"],
)
def test_a_reply_without_a_clear_answer_is_uncertain_and_sent_once_more_after_two_minutes_of_silence(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock, lose: Losing, taken: int
):
    """B1, B2: never at once, however often somebody looks."""
    lose(api)
    door.says(SITI, "halo")
    until(lambda: statuses(running.database) == ["uncertain"])
    pass_by(running, clock, ALMOST)
    door.says(43, "halo")
    until(lambda: copies(api, 43) == 1)
    assert (statuses(running.database, SITI), copies(api)) == (["uncertain"], taken)
    pass_by(running, clock, timedelta(seconds=2))
    until_quiet(running.database)
    assert (statuses(running.database, SITI), copies(api)) == (["accepted"], taken + 1)


@sqlite_only
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
def test_a_reply_to_which_telegram_falls_silent_is_uncertain(
    database: Database, api: TelegramApi, clock: MovableClock, taken: bool
):
    """B1, B2: whether it was taken nobody can tell, so it is not repeated."""
    with bot_here(database, api, clock, patience=1.0) as (running, door):
        api.stall(60, accepted=taken, method="sendMessage")
        door.says(SITI, "halo")
        until(lambda: statuses(database) == ["uncertain"])
        pass_by(running, clock, ALMOST)
        until_quiet(database)
        assert (statuses(database), copies(api)) == (["uncertain"], taken)


@sqlite_only
def test_a_reply_that_ends_uncertain_twice_is_let_be(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B1: an officer sees it; nobody repeats it."""
    api.drop(accepted=True, method="sendMessage", times=2)
    door.says(SITI, "halo")
    until(lambda: statuses(running.database) == ["uncertain"])
    pass_by(running, clock, timedelta(minutes=2, seconds=1))
    until(lambda: copies(api) == 2 and statuses(running.database) == ["uncertain"])
    pass_by(running, clock, timedelta(hours=1))
    until_quiet(running.database)
    assert (statuses(running.database), copies(api)) == (["uncertain"], 2)


def test_an_uncertain_reply_is_not_repeated_to_somebody_who_has_written_since(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B1: her next message shows that she went on; only the last reply may be missing."""
    api.drop(accepted=True, method="sendMessage", times=2)
    door.says(SITI, "halo")
    until(lambda: statuses(running.database) == ["uncertain"])
    clock.move_to(clock.now() + timedelta(seconds=5))
    door.says(SITI, "1")
    until(lambda: statuses(running.database) == ["uncertain"] * 2)
    pass_by(running, clock, timedelta(minutes=3))
    until_quiet(running.database)
    assert statuses(running.database) == ["uncertain", "accepted"]
    assert [text[:20] for text in api.texts(WHO)][1] == [text[:20] for text in api.texts(WHO)][2]


def test_an_uncertain_reply_is_not_repeated_after_something_newer_that_reached_her(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B1: an old question after a newer message would only confuse."""
    api.drop(accepted=False, method="sendMessage")
    door.says(SITI, "halo")
    until(lambda: statuses(running.database) == ["uncertain"])
    queue(running.database, SITI, "Kabar baik.", kind="notice", now=clock.now())
    until(lambda: statuses(running.database) == ["uncertain", "accepted"])
    pass_by(running, clock, timedelta(minutes=3))
    until_quiet(running.database)
    assert statuses(running.database) == ["uncertain", "accepted"]
    assert api.texts(WHO) == ["Kabar baik."]


def test_an_uncertain_reminder_is_never_sent_again(running: Running, door: Door, api: TelegramApi, clock: MovableClock):
    """B1: at most once."""
    door.says(SITI, "halo")
    until_quiet(running.database)
    api.drop(accepted=True, method="sendMessage")
    queue(running.database, SITI, "Iuran bulan ini belum kami terima.", now=clock.now())
    until(lambda: statuses(running.database)[-1] == "uncertain")
    for pause in (timedelta(minutes=3), timedelta(hours=2), timedelta(days=2)):
        pass_by(running, clock, pause)
        until_quiet(running.database)
    assert statuses(running.database) == ["accepted", "uncertain"]
    assert copies(api) == 2


# ── surely not taken ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_never_left_us_is_tried_again_and_arrives_once(
    database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
):
    """B3: nobody listens at Telegram's address, then somebody does."""
    monkeypatch.setattr(consequences, "LADDER", (0.05,))
    api = TelegramApi(port=free_port())
    with bot_here(database, api, clock, mode="unannounced") as (_running, door):
        door.says(SITI, "halo")
        until(lambda: messages(database)[0].attempts >= 3)
        with api:
            until_quiet(database)
            assert (statuses(database), copies(api)) == (["accepted"], 1)


def test_a_throttled_account_waits_as_long_as_it_was_told_and_everybody_else_with_it(
    running: Running, door: Door, api: TelegramApi
):
    """B7: nothing of this bot starts before that second is over; nothing is lost."""
    began = time.time()
    api.throttle(1, method="sendMessage", chat=WHO)
    door.says(SITI, "halo")
    until(lambda: statuses(running.database) == ["retry_wait"])
    others = range(1001, 1006)
    for chat in others:
        door.says(chat, "halo")
    until_quiet(running.database)
    calls = api.calls_of("sendMessage")
    assert min(call.at for call in calls) >= began + 1
    assert sorted(int(call.chat) for call in calls) == [SITI, *others]
    assert api.refusals == {429: 1}


def test_no_process_sends_for_a_throttled_account_before_its_time(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B7: 35 seconds are 35 seconds, for every sender that shares the table; a shorter wait does not shorten them."""
    api.throttle(35, method="sendMessage")
    door.says(SITI, "halo")
    until(lambda: statuses(running.database) == ["retry_wait"])
    running.outbox.stopping = True  # from here on it is another process's turn
    until(running.tasks[0].done)
    running.database.transact(lambda db: outbox.pause(db, ACCOUNT, until=clock.now() + timedelta(seconds=1)))
    door.says(43, "halo")
    clock.move_to(clock.now() + timedelta(seconds=33))
    assert taken_by_another(running, clock) == []
    clock.move_to(clock.now() + timedelta(seconds=6))
    assert taken_by_another(running, clock) == [WHO, "43"]


def taken_by_another(running: Running, clock: MovableClock) -> list[str]:
    """To whom another process would send now."""
    lease = timedelta(minutes=1)
    return running.database.transact(
        lambda db: [
            message.external_id
            for message in leases.claim(db, ACCOUNT, by="another", now=clock.now(), lease=lease, limit=9)
        ]
    )


@sqlite_only
def test_what_has_its_slot_already_waits_too(database: Database, api: TelegramApi, clock: MovableClock):
    """B7: of five messages in one sender's hands the first is throttled; the four others are given back."""
    chats = range(1001, 1006)
    with bot_here(database, api, clock, rate=10.0) as (_running, door):
        database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
        for chat in chats:
            door.says(chat, "halo")
        began = time.time()
        api.throttle(1, method="sendMessage", chat=str(chats[0]))
        database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))
        until_quiet(database)
    calls = api.calls_of("sendMessage")
    assert min(call.at for call in calls) >= began + 1
    assert [int(call.chat) for call in calls].count(chats[0]) == 1
    assert (len(calls), api.refusals) == (5, {429: 1})


def test_who_blocked_us_hears_nothing_more_until_she_writes(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B9: the first message finds out, the others are held back."""
    door.says(SITI, "halo")
    until_quiet(running.database)
    api.refuse(403, BLOCKED, chat=WHO, method="sendMessage")
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
    for text in ("Satu.", "Dua.", "Tiga."):
        queue(running.database, SITI, text, now=clock.now())
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))
    until_quiet(running.database)
    assert statuses(running.database) == ["accepted", *["suppressed"] * 3]
    assert address_of(running.database, SITI).status == "blocked"
    assert (copies(api), api.refusals[403]) == (1, 1)
    door.says(SITI, "1")
    until_quiet(running.database)
    assert address_of(running.database, SITI).status == "open"
    assert copies(api) == 2


def test_telegrams_word_that_she_blocked_us_is_enough(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B9: what waits is held back without a try; unblocking opens the door again."""
    door.says(SITI, "halo")
    until_quiet(running.database)
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
    queue(running.database, SITI, "Satu.", now=clock.now())
    door.post(membership("kicked"))
    assert address_of(running.database, SITI).status == "blocked"
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))
    until_quiet(running.database)
    assert (statuses(running.database), copies(api)) == (["accepted", "suppressed"], 1)
    door.post(membership("member"))
    assert address_of(running.database, SITI).status == "open"


def membership(status: str) -> Json:
    """She blocked us ("kicked"), or let us in again ("member")."""
    about = private_message(SITI)
    bot = {"user": {"id": 700000001, "is_bot": True, "first_name": "Jaga Lapak"}}
    change = {name: about[name] for name in ("chat", "from", "date")}
    other = {"kicked": "member", "member": "kicked"}[status]
    return {
        "update_id": next_number(),
        "my_chat_member": {
            **change,
            "old_chat_member": {**bot, "status": other},
            "new_chat_member": {**bot, "status": status},
        },
    }


def test_an_address_that_telegram_does_not_know_is_marked_and_not_tried_again(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    """B10: chat not found."""
    door.says(SITI, "halo")
    until_quiet(running.database)
    api.refuse(400, NOT_FOUND, chat=WHO, method="sendMessage", times=None)
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, "test"))
    for text in ("Satu.", "Dua."):
        queue(running.database, SITI, text, now=clock.now())
    running.database.transact(lambda db: outbox.halt(db, ACCOUNT, ""))
    until_quiet(running.database)
    pass_by(running, clock, timedelta(hours=2))
    until_quiet(running.database)
    assert statuses(running.database) == ["accepted", "failed", "suppressed"]
    assert address_of(running.database, SITI).status == "bad"
    assert api.refusals[400] == 1


def test_a_chat_that_moved_is_reached_at_its_new_place_once(running: Running, door: Door, api: TelegramApi):
    """B11: the new id is stored, the message sent there, and whoever writes from there is known."""
    moved = {"migrate_to_chat_id": 4_200_042}
    api.refuse(400, "Bad Request: group chat was upgraded to a supergroup chat", moved, chat=WHO, method="sendMessage")
    door.says(SITI, "halo")
    until_quiet(running.database)
    assert (copies(api), copies(api, 4_200_042)) == (0, 1)
    assert (statuses(running.database), messages(running.database)[0].attempts) == (["accepted"], 2)
    door.says(4_200_042, "1")
    assert step_of(running.database, 4_200_042) == "ask_consent"


# ── whatever was said ────────────────────────────────────────────────────────────────────────────────────────────

LINK = "https://contoh.id/" + "x" * 60
LONG = {
    "4,096 as one": "a" * 4_095 + ".",
    "4,097 in words": "kata " * 819 + "ab",
    "an emoji at the cut": "kata " * 819 + "👩‍👩‍👧" + " akhir",
    "a link at the cut": "kata " * 812 + LINK + " akhir",
    "ten thousand emoji": "🌽" * 10_000,
}


@sqlite_only
@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_a_long_text_comes_in_order_and_whole(
    running: Running, door: Door, api: TelegramApi, monkeypatch: pytest.MonkeyPatch, text: str
):
    """B15: cut between words, never inside a grapheme or a link."""
    answer = engine.reply
    monkeypatch.setattr(engine, "reply", lambda *facts: replace(answer(*facts), replies=(Reply(text),)))
    door.says(SITI, "halo")
    until_quiet(running.database)
    parts = api.texts(WHO)
    assert all(units(part) <= 4_096 for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert not any(part.startswith("\u200d") or part.endswith("\u200d") for part in parts)
    assert sum(LINK in part for part in parts) == (LINK in text)


@sqlite_only
def test_what_looks_like_markup_arrives_as_it_was_typed(running: Running, door: Door, api: TelegramApi):
    """B16: nothing that a vendor types can make Telegram refuse a message."""
    street = "Jl. <b>*_`[Mawar](tg://user?id=1)`_*</i> & {no} \\"
    door.post(said(SITI, "halo", **named("<a href='x'>Siti & *Putri_")))
    until_quiet(running.database)
    door.says(SITI, *WELCOME[1:], *(street if text == "Jalan Contoh 1" else text for text in UNTIL_KTP), "nanti")
    until_quiet(running.database)
    assert street in api.texts(WHO)[-1]
    assert not any("parse_mode" in call.params for call in api.calls)
    assert not api.refusals


def named(first_name: str) -> dict[str, Any]:
    """A message's sender under that name."""
    return {"from": {**private_message(SITI)["from"], "first_name": first_name}}
