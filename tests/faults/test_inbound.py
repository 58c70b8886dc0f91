"""What comes in counts once, in its order, and holds up nobody else (reliability.md, A)."""

import json
import statistics
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlmodel import select

from bot import inbox, turn
from bot.channels import telegram
from bot.channels.telegram import Telegram
from bot.clock import MovableClock
from bot.running import Running, put_together
from conversations import engine
from domain.message import Incoming
from storage.database import Database, open_database
from storage.queries import tickets
from storage.tables import Consent
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TOO_OLD, TelegramApi, private_message
from tests.faults.house import (
    ACCOUNT,
    SITI,
    UNTIL_KTP,
    WELCOME,
    Door,
    bot_here,
    button,
    channel,
    heard,
    messages,
    next_number,
    photo,
    pressed,
    said,
    step_of,
    until,
    until_quiet,
)

BURDENED = timedelta(milliseconds=20)


@pytest.fixture
def before_answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Incoming], object]], None]:
    """Makes every turn do something first, as a faulty step would."""
    answer = engine.reply

    def add(deed: Callable[[Incoming], object]) -> None:
        def deed_and_answer(repertoire, standing, facts, incoming, silence):
            deed(incoming)
            return answer(repertoire, standing, facts, incoming, silence)

        monkeypatch.setattr(engine, "reply", deed_and_answer)

    return add


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again within moments."""
    monkeypatch.setattr(turn, "FIRST_RETRY", BURDENED)
    monkeypatch.setattr(inbox, "LADDER", (BURDENED.total_seconds(),) * 5)


def consents(database: Database) -> list[tuple[str, bool]]:
    return database.read(lambda db: [(row.purpose, row.given) for row in db.exec(select(Consent))])


# ── once ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_update_that_comes_five_times_counts_once(running: Running, api: TelegramApi):
    """A1: the same update five times, one after the other: five times 200, one effect."""
    update = api.says(SITI, "halo")
    api.deliver(*[update] * 4)
    api.settle()
    until_quiet(running.database)
    assert [delivery.status for delivery in api.deliveries] == [200] * 5
    assert heard(running.database) == {"done": 1}
    assert len(api.texts(str(SITI))) == 1


def test_a_button_pressed_four_times_at_once_counts_once(running: Running, door: Door, api: TelegramApi):
    """A12: one choice, one next question; the other presses get a friendly word that passes."""
    door.says(SITI, "halo", "1")
    until_quiet(running.database)
    agree = button(api, SITI, "Setuju")
    with ThreadPoolExecutor(4) as fingers:
        answers = list(fingers.map(lambda _finger: door.post(pressed(SITI, agree)), range(4)))
    until_quiet(running.database)
    notices = sorted(answer.json().get("text", "") for answer in answers)
    assert notices == ["", *["Jawaban itu sudah kami terima."] * 3]
    assert consents(running.database) == [("data", True)]
    assert len(api.texts(str(SITI))) == 3


@sqlite_only
def test_a_button_of_a_talk_that_is_over_is_explained_and_changes_nothing(
    running: Running, door: Door, api: TelegramApi
):
    """A12: an old button after the flow ended, though the very same question is open again."""
    door.says(SITI, *WELCOME, "daftar")
    until_quiet(running.database)
    for_another = button(api, SITI, "Orang lain")
    door.says(SITI, "batal", "ya", "daftar")
    answer = door.post(pressed(SITI, for_another))
    until_quiet(running.database)
    assert (answer.status_code, answer.json()["text"]) == (200, "Tombol itu sudah lewat.")
    assert "tidak mengubah apa-apa" in api.texts(str(SITI))[-1]
    assert step_of(running.database, SITI) == "choose_whom"


# ── in order ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_updates_out_of_order_are_taken_as_they_arrive_and_an_old_button_is_known_for_what_it_is(
    running: Running, door: Door, api: TelegramApi
):
    """A5: the third, the first, the second; the first is a press under the question as it was asked before."""
    door.says(SITI, "halo", "1")
    until_quiet(running.database)
    refuse = button(api, SITI, "Tidak setuju")
    first, second, third = (next_number() for _ in range(3))
    door.post(said(SITI, "baca selengkapnya", number=third))  # and the same question is asked anew
    door.post(pressed(SITI, refuse, number=first))
    assert (step_of(running.database, SITI), consents(running.database)) == ("ask_consent", [])
    door.post(said(SITI, "setuju", number=second))
    until_quiet(running.database)
    assert (step_of(running.database, SITI), consents(running.database)) == ("ask_reminders", [("data", True)])
    assert "pertanyaan yang sudah lewat" in api.texts(str(SITI))[3]


@pytest.mark.parametrize(
    ("before", "text", "step"),
    [((), "1", "ask_consent"), (("halo",), "1", "ask_reminders"), (("halo", "1"), "bantuan", "ask_consent")],
    ids=["a stranger", "a vendor", "words that change nothing"],
)
def test_two_messages_that_two_processes_take_at_once_are_answered_one_after_the_other(
    database: Database,
    two_processes: list[Running],
    meeting: Callable[[], None],
    before: tuple[str, ...],
    text: str,
    step: str,
):
    """A6: both think before either has stored anything; nothing is lost, each gets one reply."""
    for words in before:
        two_processes[0].turns.take(incoming(words))
    meeting()
    with ThreadPoolExecutor(2) as workers:
        outcomes = list(workers.map(lambda bot: bot.turns.take(incoming(text)), two_processes))
    assert [outcome.ended for outcome in outcomes] == [turn.Ended.ANSWERED] * 2
    assert step_of(database, SITI) == step
    assert heard(database) == {"done": 2 + len(before)}
    assert len({message.key for message in messages(database, SITI)}) == 2 + len(before)


@pytest.mark.parametrize("known", [False, True], ids=["a stranger", "a vendor"])
def test_one_message_that_two_processes_take_at_once_counts_once(
    database: Database, two_processes: list[Running], meeting: Callable[[], None], known: bool
):
    """A1, A2: as when a provider loses patience with one process and turns to the other."""
    if known:
        two_processes[0].turns.take(incoming("halo"))
    meeting()
    same = incoming("1")
    with ThreadPoolExecutor(2) as workers:
        outcomes = list(workers.map(lambda bot: bot.turns.take(same), two_processes))
    assert sorted(outcome.ended for outcome in outcomes) == [turn.Ended.ANSWERED, turn.Ended.DUPLICATE]
    assert step_of(database, SITI) == ("ask_consent" if known else "choose_language")
    assert len(messages(database, SITI)) == 1 + known


@pytest.fixture
def two_processes(database: Database, api: TelegramApi, clock: MovableClock) -> Iterator[list[Running]]:
    """Two of them on one database; they send nothing."""
    other = open_database(database.engine.url.render_as_string(hide_password=False))
    yield [
        put_together(one, {ACCOUNT: channel(api)}, clock=clock, sends=False, ticks=False) for one in (database, other)
    ]
    other.close()


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on, two who think wait for each other before either goes on."""
    both, think, met = threading.Barrier(2), turn.Turns.think, threading.local()

    def think_together(turns: turn.Turns, *facts: Any) -> turn.Thought | None:
        thought = think(turns, *facts)
        if not hasattr(met, "once"):
            met.once = both.wait(30)
        return thought

    return lambda: monkeypatch.setattr(turn.Turns, "think", think_together)


def incoming(text: str) -> Incoming:
    """A message of Siti's as the webhook reads it."""
    read = telegram.read(said(SITI, text), ACCOUNT, MovableClock().now())
    assert read
    return read


# ── holding up nobody ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_turn_that_hangs_holds_up_nobody_else(
    running: Running, door: Door, api: TelegramApi, before_answering: Callable[..., None]
):
    """A7: 199 others at once are taken within seconds, though the one who hangs writes sixty messages more."""
    hangs, let_go = threading.Event(), threading.Event()

    def hang(heard: Incoming) -> None:
        if heard.sender.id == str(SITI):
            hangs.set()
            assert let_go.wait(60)

    before_answering(hang)
    with ThreadPoolExecutor(61) as phones:
        try:
            stuck = [phones.submit(door.says, SITI, "halo") for _message in range(61)]
            until(hangs.is_set)
            others = range(1001, 1200)
            for chat in others:
                api.says(chat, "halo")
            api.settle(60)
            waits = [delivery.answered_at - delivery.sent_at for delivery in api.deliveries]
            assert len(waits) == len(others)
            assert statistics.quantiles(waits, n=20)[-1] < 5.0
            until(lambda: len(api.texts()) == len(others))
            assert not any(message.done() for message in stuck)
        finally:
            let_go.set()
    assert {message.result().status_code for message in stuck} == {200}


@sqlite_only
def test_a_turn_that_hangs_holds_up_nobody_who_came_with_it_by_polling(
    database: Database, api: TelegramApi, clock: MovableClock, before_answering: Callable[..., None]
):
    """A7: of the updates that Telegram hands out together, one hangs; the others are answered meanwhile."""
    let_go = threading.Event()

    def hang(heard: Incoming) -> None:
        assert heard.sender.id != str(SITI) or let_go.wait(60)

    before_answering(hang)
    for chat in (SITI, 43, 44):
        api.says(chat, "halo")
    with bot_here(database, api, clock, mode="polling"):
        try:
            until(lambda: api.texts("43") and api.texts("44"))
            assert not api.texts(str(SITI))
        finally:
            let_go.set()
        until(lambda: api.texts(str(SITI)))


# ── whatever it is ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", ["halo", "racun"], ids=["a vendor", "a stranger"])
@pytest.mark.usefixtures("soon")
def test_a_message_that_can_never_be_answered_is_buried_and_the_next_one_works(
    running: Running, api: TelegramApi, before_answering: Callable[..., None], first: str
):
    """A8: the webhook says 200, the row is dead after three tries, she is told once, the officers see it."""

    def fail(heard: Incoming) -> None:
        if heard.text == "racun":
            raise ValueError("nobody can answer this")

    before_answering(fail)
    for text in dict.fromkeys((first, "racun", "menu")):
        api.says(SITI, text)
    api.settle()
    until_quiet(running.database)
    assert {delivery.status for delivery in api.deliveries} == {200}
    assert heard(running.database)["dead"] == 1
    ticket = running.database.read(lambda db: tickets.oldest_open(db, "main"))
    assert ticket and (ticket.kind, tickets.words_of(ticket)) == ("not_processed", "racun")
    told = [text for text in api.texts(str(SITI)) if "belum bisa kami olah" in text]
    assert len(told) == 1 and ticket.number in told[0]
    assert api.texts(str(SITI)).index(told[0]) == len(api.texts(str(SITI))) - 2  # then her next message was answered


@sqlite_only
@pytest.mark.usefixtures("soon")
def test_an_album_that_can_never_be_answered_is_one_trouble(
    running: Running, api: TelegramApi, before_answering: Callable[..., None]
):
    """A8: three pictures sent together are one message to her, and one ticket to the officers."""

    def fail(heard: Incoming) -> None:
        if heard.album:
            raise ValueError("nobody can answer this")

    before_answering(fail)
    api.says(SITI, "halo")
    api.settle()
    send_album(api, 3)
    until_quiet(running.database)
    assert heard(running.database) == {"done": 1, "dead": 3}
    assert running.database.read(lambda db: tickets.count_open(db, "main")) == 1
    assert len(api.texts(str(SITI))) == 2


def send_album(api: TelegramApi, pictures: int) -> None:
    """So many photos, sent with one press."""
    for number in range(pictures):
        api.put_file(f"card-{number}", sample_ktp(f"Contoh {number}"))
        api.deliver({"message": {**private_message(SITI), **photo(f"card-{number}", media_group_id="album-1")}})
    api.settle()


@sqlite_only
def test_a_press_older_than_telegram_remembers_still_counts(database: Database, api: TelegramApi, clock: MovableClock):
    """A13: Telegram no longer takes the acknowledgement; her choice stands and polling goes on."""
    with bot_here(database, api, clock, mode="polling"):
        api.says(SITI, "halo")
        until(lambda: api.texts(str(SITI)))
        api.refuse(400, TOO_OLD, method="answerCallbackQuery")
        api.taps(SITI, button(api, SITI, "Bahasa Indonesia"))
        until(lambda: "Setuju datanya kami simpan?" in api.texts(str(SITI))[-1])
        api.says(SITI, "setuju")
        until(lambda: step_of(database, SITI) == "ask_reminders")
        until_quiet(database)
    assert api.refusals[400] == 1


@sqlite_only
def test_an_edit_of_what_was_answered_is_explained_and_changes_nothing(running: Running, door: Door, api: TelegramApi):
    """A14: edited after it was confirmed."""
    door.says(SITI, "halo", "1", "setuju")
    edited = {**private_message(SITI), "text": "tidak setuju", "edit_date": private_message(SITI)["date"]}
    assert door.post({"update_id": next_number(), "edited_message": edited}).status_code == 200
    until_quiet(running.database)
    assert "yang diubah tidak kami baca lagi" in api.texts(str(SITI))[-1]
    assert consents(running.database) == [("data", True)]
    assert step_of(running.database, SITI) == "ask_reminders"


@sqlite_only
def test_an_album_of_five_is_one_answer(running: Running, door: Door, api: TelegramApi):
    """A15: five updates of one media group where one photo is wanted: one question back, then one photo answers."""
    door.says(SITI, *WELCOME, *UNTIL_KTP)
    until_quiet(running.database)
    before = len(api.texts(str(SITI)))
    send_album(api, 5)
    until_quiet(running.database)
    assert len(api.texts(str(SITI))) == before + 1
    assert "Kami menerima 5 foto. Kirim satu saja." in api.texts(str(SITI))[-1]
    assert step_of(running.database, SITI) == "ask_ktp"
    api.deliver({"message": {**private_message(SITI), **photo("card-1")}})
    api.settle()
    until_quiet(running.database)
    assert step_of(running.database, SITI) == "review"


@sqlite_only
def test_numbers_that_start_again_are_new_messages_at_the_webhook(running: Running, door: Door, api: TelegramApi):
    """A16: after a week of silence the ids jump down."""
    door.post(said(SITI, "halo", number=900_000_005))
    door.post(said(SITI, "1", number=17))
    until_quiet(running.database)
    assert step_of(running.database, SITI) == "ask_consent"


@sqlite_only
def test_numbers_that_start_again_are_new_messages_for_the_poller(
    database: Database, api: TelegramApi, clock: MovableClock, offsets: list[int]
):
    """A16: after an empty answer the poller asks for whatever comes, not for what is newer than the last."""
    with bot_here(database, api, clock, mode="polling"):
        api.deliver(said(SITI, "halo", number=900_000_005))
        until(lambda: api.texts(str(SITI)))
        until(lambda: 900_000_006 in offsets and offsets[-1] == 0)
        api.deliver(said(SITI, "1", number=17))
        until(lambda: step_of(database, SITI) == "ask_consent")


@pytest.fixture
def offsets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """From where the poller asked for updates; it waits a second each time, not half a minute."""
    asked: list[int] = []
    ask = Telegram.updates

    async def note_and_ask(wire: Telegram, offset: int = 0):
        asked.append(offset)
        return await ask(wire, offset, seconds=1)

    monkeypatch.setattr(Telegram, "updates", note_and_ask)
    return asked


@sqlite_only
def test_half_an_emoji_does_not_hold_up_the_poller(database: Database, api: TelegramApi, clock: MovableClock):
    """A17: one odd message among those that Telegram hands out; it is read, and so are the others."""
    odd = json.dumps({"ok": True, "result": [said(SITI, "halo HALF"), said(43, "halo")]}).replace("HALF", "\\ud83d")
    api.garble(odd.encode(), method="getUpdates")
    with bot_here(database, api, clock, mode="polling"):
        until(lambda: api.texts(str(SITI)) and api.texts("43"))


@sqlite_only
def test_what_telegram_invents_next_is_ignored_and_counted(running: Running, door: Door, api: TelegramApi):
    """A17: a new kind of update, and new fields in a known one."""
    ignored = not_for_us()
    answers = [
        door.post({"update_id": next_number(), "telepathy": {"thought": "halo"}}),
        door.post({"update_id": next_number(), "message": {**private_message(SITI), "hologram": {"depth": 3}}}),
        door.post({**said(SITI, "halo", mood="glad", aura=[1, {"colour": None}]), "priority": 9}),
    ]
    until_quiet(running.database)
    assert [answer.status_code for answer in answers] == [200] * 3
    assert not_for_us() == ignored + 1
    assert heard(running.database) == {"done": 2}
    assert len(api.texts(str(SITI))) == 2  # the hologram gets an answer too: that we read text and photos


def not_for_us() -> float:
    """How many updates were nothing for us, as `/metrics` counts them."""
    labels = {"channel": "telegram", "reason": "not_for_us"}
    return REGISTRY.get_sample_value("bot_inbound_rejected_total", labels) or 0.0
