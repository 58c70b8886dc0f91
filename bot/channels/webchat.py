"""The simulator's phones: a channel like every other, whose network is this process and whose apps are drawn by a page.

A phone has two apps, and somebody who uses both is two addresses on two accounts, as in life: what each of them can
carry and how it shows a reply stands in `webchat_looks`.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from bot.channels.errors import TooBig
from bot.channels.fitting import units
from bot.channels.text import clean
from bot.channels.webchat_hub import Hub
from bot.channels.webchat_looks import TELEGRAM_LIKE, draw
from domain.message import Address, Attachment, Incoming, Kind, ProviderId, SharedContact
from domain.picture import Picture

__all__ = ["IDENTIFIER", "TEXT_LIMIT", "NotAMessage", "Webchat", "draw", "heard", "read", "spoken", "verify"]

IDENTIFIER = re.compile(r"[\w.:+-]{1,64}", re.ASCII)
TEXT_LIMIT = 4096  # UTF-16 code units; what both apps let a person send at once
NAME_LIMIT = 128
WITH_WORDS = {Kind.TEXT, Kind.EDITED}
WITH_FILE = {Kind.PHOTO, Kind.FILE, Kind.VOICE, Kind.VIDEO}


class NotAMessage(ValueError):
    """The page sent something that no phone sends; the words may be shown to whoever sits before it."""


# --- verify: theirs, or a stranger's? ---------------------------------------------------------------------------------


def verify(headers: Mapping[str, str]) -> bool:
    """Whether a request that changes something came from our own page.

    A browser signs nothing, and nobody else reaches a loopback address. What remains is another page in the same
    browser: it cannot forge `Sec-Fetch-Site` or `Origin`, and a name that it lets point to us (DNS rebinding) is
    neither `localhost` nor a bare IP address.
    """
    host = headers.get("host", "")
    if not _is_local_name(urlsplit(f"//{host}").hostname or ""):
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc == host


def _is_local_name(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


# --- read: what the page sends → Incoming -----------------------------------------------------------------------------


def read(payload: object, sender: Address, now: datetime) -> Incoming:
    """One message as the page sends it: `{id, kind, text, tap, attachment, album, contact, own, name}`.

    `id` is the message's own, made by the page; other fields are ignored, as they are from any provider. Raises
    NotAMessage.
    """
    if not isinstance(payload, Mapping):
        raise NotAMessage("Pesan ini tidak terbaca.")
    kind = _kind(payload)
    incoming = Incoming(
        sender=sender,
        provider_id=ProviderId(_identifier(payload, "id")),
        kind=kind,
        sent_at=now.astimezone(UTC),
        text=_words(payload, "text", TEXT_LIMIT),
        tap=_words(payload, "tap", TEXT_LIMIT),
        attachments=_attachments(payload),
        album=_identifier(payload, "album") if payload.get("album") else "",
        contact=_contact(payload) if kind is Kind.CONTACT else None,
        profile_name=_words(payload, "name", NAME_LIMIT),
        language="id",
    )
    _demand_substance(incoming)
    return incoming


def _kind(payload: Mapping[str, Any]) -> Kind:
    kind = payload.get("kind")
    if not isinstance(kind, str):
        raise NotAMessage("Jenis pesan tidak disebut.")
    return Kind(kind) if kind in set(Kind) else Kind.UNKNOWN


def _identifier(payload: Mapping[str, Any], field: str) -> str:
    value = payload.get(field)
    if not isinstance(value, str) or not IDENTIFIER.fullmatch(value):
        raise NotAMessage(f"Pesan ini tidak lengkap: {field} tidak terbaca.")
    return value


def _words(payload: Mapping[str, Any], field: str, limit: int) -> str:
    value = payload.get(field, "")
    if not isinstance(value, str):
        raise NotAMessage(f"Pesan ini tidak terbaca: {field} bukan tulisan.")
    if units(value) > limit:
        raise NotAMessage(f"Pesan terlalu panjang: paling banyak {limit} huruf. Kirim dalam beberapa bagian.")
    return clean(value)


def _attachments(payload: Mapping[str, Any]) -> tuple[Attachment, ...]:
    value = payload.get("attachment")
    if value is None:
        return ()
    if not isinstance(value, Mapping) or not isinstance(value.get("size", 0), int):
        raise NotAMessage("Berkas ini tidak terbaca. Coba pilih lagi.")
    attachment = Attachment(
        id=_identifier(value, "id"),
        mime=_words(value, "mime", NAME_LIMIT),
        size=value.get("size", 0),
        name=_words(value, "name", NAME_LIMIT),
    )
    return (attachment,)


def _contact(payload: Mapping[str, Any]) -> SharedContact:
    phone = _words(payload, "contact", NAME_LIMIT)
    if not phone.strip():
        raise NotAMessage("Kontak ini tidak berisi nomor.")
    return SharedContact(phone=phone, own=payload.get("own") is True)


def _demand_substance(incoming: Incoming) -> None:
    """No provider delivers a message without what makes it one."""
    if incoming.kind in WITH_WORDS and not incoming.text.strip():
        raise NotAMessage("Pesan ini kosong.")
    if incoming.kind in WITH_FILE and not incoming.attachments:
        raise NotAMessage("Berkasnya tidak ikut terkirim. Coba kirim lagi.")
    if incoming.kind is Kind.TAP and not 1 <= len(incoming.tap.encode()) <= TELEGRAM_LIKE.data:
        raise NotAMessage("Tombol ini tidak dikenal.")


# --- bubbles: one entry of a chat, as the page keeps it ---------------------------------------------------------------


def spoken(drawn: Mapping[str, Any], message_id: str, at: datetime) -> dict[str, Any]:
    """A message of ours as an entry of the chat."""
    return {"id": message_id, "side": "bot", "at": at.isoformat(), **drawn}


def folded(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Entries of a chat, oldest first: one that was changed later stands where it stood, and says what it says now."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        first = found.get(entry["id"])
        found[entry["id"]] = {**entry, "at": first["at"]} if first else entry
    return list(found.values())


def heard(incoming: Incoming, at: datetime, *, document: str = "", edits: str = "") -> dict[str, Any]:
    """A message of hers as an entry of the chat; `document` when her photo is kept, `edits` the id that it replaces."""
    return {
        "id": incoming.provider_id,
        "side": "me",
        "at": at.isoformat(),
        "kind": incoming.kind.value,
        "text": incoming.text,
        "contact": incoming.contact.phone if incoming.contact else "",
        "file": incoming.attachments[0].name if incoming.attachments else "",
        "upload": incoming.attachments[0].id if incoming.attachments else "",
        "document": document,
        "edits": edits,
    }


# --- send: to the pages that show her phone ---------------------------------------------------------------------------


class Webchat:
    """One account of ours towards the pages; `now` is the clock by which the phones tell the time."""

    def __init__(self, hub: Hub, account: str, now: Callable[[], datetime]) -> None:
        self.hub = hub
        self.account = account
        self.now = now

    async def send(
        self, to: str, drawn: Mapping[str, Any], picture: Picture | None = None, *, reference: str = ""
    ) -> ProviderId:
        """Show a drawn message in the chat with this external id, at once or when a page shows it.

        The page asks for a picture by the document's id when it draws the bubble, so `picture` is not carried along.
        """
        message_id = ProviderId(uuid4().hex)
        self.hub.push(Address(self.account, to), "message", spoken(drawn, message_id, self.now()))
        return message_id

    async def edit(self, to: str, sent: ProviderId, drawn: Mapping[str, Any]) -> ProviderId:
        """Change what a bubble says; its id stays."""
        bubble = spoken(drawn, uuid4().hex, self.now())
        self.hub.push(Address(self.account, to), "message", {**bubble, "edits": sent})
        return sent

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        """The bytes of a file that a page sent. Raises Gone, or TooBig beyond `limit` bytes."""
        content = self.hub.uploads.get(attachment.id).content
        if len(content) > limit:
            raise TooBig("too_big")
        return content
