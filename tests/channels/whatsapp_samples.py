"""What the tests of the WhatsApp channel share: captured forms, a greeting, and labels of every length."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from multidict import MultiDict

from bot.channels.whatsapp import draw, form_of, read
from domain.message import Address, Button, Reply

PAYLOADS = {path.stem.removeprefix("twilio_"): path for path in Path(__file__).parent.glob("payloads/twilio_*.txt")}
MESSAGES = sorted(name for name in PAYLOADS if not name.startswith("status_"))
NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
PHONE = "+6281200000001"
HIDDEN = "ID.13491208655302741918"
SITI = Address("whatsapp/main", PHONE)
GREETING = draw(Reply("Selamat pagi, Bapak/Ibu."))

GLYPHS = st.sampled_from(
    ["a", "é", "🌽", "👨‍👩‍👧‍👦", "🇮🇩", " ", "     ", "\t", "\n", "\r\n", "{{1}}", "\u200b", "\0", "\ud83c"]
)
TEXTS = st.lists(GLYPHS | st.text(max_size=9) | st.just("kata "), max_size=300).map("".join)
LABELS = st.lists(GLYPHS | st.text(max_size=3), max_size=40).map("".join)
REPLIES = st.builds(
    lambda text, labels, numbered, document, asks: Reply(
        text,
        tuple(Button(label, "" if asks and number % 2 else f"7|ask_market|{number}") for number, label in labels),
        numbered=numbered or len(labels) > 10,
        document=document,
        asks_contact=asks,
    ),
    TEXTS,
    st.lists(LABELS, max_size=12).map(lambda labels: list(enumerate(labels))),
    st.booleans(),
    st.sampled_from(["", "", "d7"]),
    st.booleans(),
)


def body(name: str) -> bytes:
    return PAYLOADS[name].read_bytes().strip()


def payload(name: str) -> MultiDict[str]:
    return form_of(body(name))


def heard(name: str, **changed: str) -> Any:
    return read({**payload(name), **changed}, "whatsapp/main", NOW)


def choices(*labels: str, **more: Any) -> Reply:
    return Reply("Pilih:", tuple(Button(label, f"b{number}") for number, label in enumerate(labels)), **more)
