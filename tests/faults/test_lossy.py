"""The network to the provider is slow and loses every third call: nobody is forgotten, and nobody told twice (E8)."""

from collections import Counter
from datetime import timedelta
from functools import partialmethod
from pathlib import Path
from typing import Any

import pytest

from bot.channels import whatsapp
from bot.clock import MovableClock
from bot.running import Running
from storage.database import Database
from storage.tables import Message
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import SITI, TwilioApi
from tests.faults import house, whatsapp_house
from tests.faults.house import bot_here, is_quiet, until, until_quiet
from tests.faults.whatsapp_house import TwilioDoor, bot_on_whatsapp

PEOPLE = range(1001, 1031)
NUMBERS = tuple(f"+6281200001{number:03}" for number in range(30))
NEWS = "Besok libur."
EACH = 0.085  # of four troubles: together 30 in a hundred
SLOW, PATIENCE = 0.5, 0.3  # seconds


def lose(api: TelegramApi | TwilioApi, **where: Any) -> None:
    """Of the calls that carry messages some never arrive, of some the answer does not, and of some only too late."""
    for taken in (False, True):
        api.drop(accepted=taken, times=None, share=EACH, **where)
        api.stall(SLOW, accepted=taken, times=None, share=EACH, **where)


def hours_pass(running: Running, clock: MovableClock) -> None:
    """In steps, and at each somebody tidies up."""
    for _step in range(3):
        clock.move_to(clock.now() + timedelta(hours=1))
        running.scheduler.tidy()
        until_quiet(running.database)


def test_on_telegram_nothing_is_lost_unseen_and_an_announcement_comes_once_at_most(
    database: Database, api: TelegramApi, clock: MovableClock
):
    """E8: a reply that may be lost goes once more, for Telegram cannot be asked what it took."""
    with bot_here(database, api, clock, patience=PATIENCE) as (running, door):
        lose(api, method="sendMessage")
        for chat in PEOPLE:
            door.says(chat, "halo")
        until_quiet(database)
        at_first = Counter(house.statuses(database))
        assert set(at_first) == {"accepted", "uncertain"}, "it does less, and goes on"
        hours_pass(running, clock)
        for chat in PEOPLE:
            house.queue(database, chat, NEWS, now=clock.now())
        until_quiet(database)
        hours_pass(running, clock)
    for chat in PEOPLE:
        reply, news = house.messages(database, chat)
        replies, copies = len([said for said in api.texts(str(chat)) if said != NEWS]), api.texts(str(chat)).count(NEWS)
        assert replies in possible(reply, 1 + reply.resends)
        assert copies in possible(news, 1)
        assert (reply.attempts, news.attempts) == (1 + reply.resends, 1)


def possible(message: Message, most: int) -> range:
    """How often it may have come, by what is on record."""
    return range({"accepted": 1, "uncertain": 0}[message.status], most + 1)


def test_on_whatsapp_everything_comes_once_or_is_known_not_to_have_come(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """E8: Twilio says what it took."""
    monkeypatch.setattr("bot.scheduler.TIDY", 3600)  # seconds: it is tidied here, between two looks
    monkeypatch.setattr(whatsapp.WhatsApp, "__init__", partialmethod(whatsapp.WhatsApp.__init__, patience=PATIENCE))
    with bot_on_whatsapp(database, twilio, clock, tmp_path) as (bot, webhook):
        lose(twilio, path="Messages", verb="POST")
        for who in NUMBERS:
            webhook.says(who, "halo")
        until_quiet(database)
        clock.move_to(clock.now() + timedelta(seconds=10))  # Twilio's own times are whole seconds
        for who in NUMBERS:
            whatsapp_house.queue(database, who, NEWS, now=clock.now())
        until_quiet(database)
        for _step in range(3):
            clock.move_to(clock.now() + timedelta(minutes=3))
            until(lambda: all(known(message) for message in whatsapp_house.messages(database)))
            bot.scheduler.tidy()
            until(lambda: is_quiet(database))
        until(lambda: all(known(message) for message in whatsapp_house.messages(database)))
    for who in NUMBERS:
        reply, news = whatsapp_house.messages(database, who)
        said = twilio.said_to(who)
        assert (len(said) - said.count(NEWS), said.count(NEWS)) == (came(reply), came(news))


def test_of_two_in_doubt_twilio_tells_which_it_took(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """E8: the first never arrived, and the second did: its time, in whole seconds, is not the first one's."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    for taken, words in ((False, "Satu."), (True, "Dua.")):
        clock.move_to(clock.now() + timedelta(seconds=2))
        twilio.drop(accepted=taken, path="Messages", verb="POST")
        whatsapp_house.queue(bot.database, SITI, words, now=clock.now(), kind="notice")
        until(lambda: whatsapp_house.statuses(bot.database)[-1] == "uncertain")
    clock.move_to(clock.now() + timedelta(seconds=31))
    until(lambda: all(known(message) for message in whatsapp_house.messages(bot.database)))
    assert [came(message) for message in whatsapp_house.messages(bot.database)] == [True, False, True]


def known(message: Message) -> bool:
    """Nobody is in doubt about it any more."""
    return message.status != "uncertain" or message.code == "not_found"


def came(message: Message) -> bool:
    """By what is on record."""
    return message.status != "uncertain"
