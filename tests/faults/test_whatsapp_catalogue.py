"""Everything that the bot ever says goes through Twilio: no message of the whole catalogue breaks a limit (B17)."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.channels import menus, whatsapp
from bot.channels.fitting import fit, units
from conversations import engine
from conversations.scene import Turn
from conversations.words import LANGUAGES
from domain.message import Button, Reply
from storage.database import Database
from tests.conftest import sqlite_only
from tests.conversations.world import ENGINES_OWN, WALKS, founded, walk
from tests.fakes.twilio_api import ACCOUNT_SID, KEY_SECRET, KEY_SID, SENDER, SITI, TwilioApi
from tests.faults.whatsapp_house import CONTENTS, PUBLIC

FILLED = {"link": f"{PUBLIC}/i/{'x' * 32}", "code": "123 456", "number": "P-2026-000123"}
"""What stands in the gaps of a reply once it is stored."""


@pytest.fixture
def catalogue(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[Reply]:
    """Whatever is said on every walk through every conversation, on WhatsApp and elsewhere, in each language; once."""
    answer, said = engine.reply, {}

    def note(*facts: Any) -> Turn:
        turn = answer(*facts)
        for reply in turn.replies:
            filled = reply.filled(FILLED)
            said[(filled.printed(), tuple(button.label for button in filled.buttons))] = filled
        return turn

    with founded(database) as world:
        monkeypatch.setattr(engine, "reply", note)
        for who, lines in [*(walk for walks in WALKS.values() for walk in walks), *ENGINES_OWN]:
            for name in dict.fromkeys((who, f"{who.partition(' ')[0]} on whatsapp")):
                for language in LANGUAGES:
                    phone = world.phone(name)
                    phone.language = language
                    for line in lines:
                        walk(phone, line)
    return list(said.values())


@pytest.fixture
def wire(twilio: TwilioApi) -> whatsapp.WhatsApp:
    return whatsapp.WhatsApp(ACCOUNT_SID, KEY_SID, KEY_SECRET, SENDER, twilio.base_url)


@sqlite_only
async def test_no_message_of_the_catalogue_breaks_a_limit(
    catalogue: list[Reply], wire: whatsapp.WhatsApp, twilio: TwilioApi
):
    """B17: each is taken, reads as it was meant, and shows its choices to press where there is room for them."""
    await wire.make_contents()
    assert len(wire.contents) == CONTENTS
    assert len(catalogue) > 200
    for reply in catalogue:
        for piece in fit(reply, whatsapp.ABILITIES):
            if not piece.printed().strip():
                continue  # a picture alone, which no world of words has
            sid = await wire.send(SITI, whatsapp.draw(piece, plain=bool(piece.document)), reference="1.1")
            sent = twilio.messages[sid]
            assert sent.text.split() == piece.printed().split()
            assert [button.id for button in sent.buttons] == shown(piece)
            assert sent.fate is None
    await wire.close()
    assert not twilio.refusals


def shown(piece: Reply) -> list[str]:
    """What can be pressed."""
    room = units(piece.printed()) <= menus.INTERACTIVE and not piece.document
    return [button.data for button in piece.buttons if button.data] if room else []


def odd_menus() -> Iterator[Reply]:
    """Menus at the edges of what WhatsApp shows."""
    for count in range(1, 13):
        yield Reply("Pilih:", tuple(Button(f"Pilihan {n}", f"1|x|{n}") for n in range(count)))
        yield Reply("Pilih:", tuple(Button(f"Pilihan yang panjang sekali {n}", f"1|x|{n}") for n in range(count)))
    yield Reply("Pilih:", (Button("Rp1.100.000 – Rp1.299.000", "1|x|1"), Button("Rp1.100.000 – Rp1.299.001", "1|x|2")))
    yield Reply("Pilih:", (Button("🌽" * 13, "1|x|" + "y" * 60), Button("🌽" * 12, "1|x|z")))
    yield Reply("Pilih:", (Button(" ", "1|x|1"), Button("\u200b", "1|x|2")))
    yield Reply("x" * 1_020, (Button("Ya", "1|x|1"),))
    yield Reply("x" * 1_590, (Button("Ya", "1|x|1"),))


async def test_menus_at_the_edges_are_paged_shortened_or_typed(wire: whatsapp.WhatsApp, twilio: TwilioApi):
    """B17: eleven rows, four buttons, a title of 25 characters, a text of 1,025."""
    await wire.make_contents()
    for reply in odd_menus():
        for piece in fit(reply, whatsapp.ABILITIES):
            await wire.send(SITI, whatsapp.draw(piece), reference="1.1")
    await wire.close()
    assert not twilio.refusals
    assert "".join("".join(twilio.said_to(SITI)).split()).count("Pilih:") == 12 * 2 + 3
