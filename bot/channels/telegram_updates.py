"""What Telegram tells us: a raw update → an Incoming, and nothing of what nobody said."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.channels.text import clean
from domain.message import Address, Attachment, Incoming, Kind, ProviderId, SharedContact

UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we ask to be told; Telegram remembers it from the last call, so it is always said."""

Update = Mapping[str, Any]
Facts = dict[str, Any]
"""Fields of an Incoming, by name."""

FILES: Final = {  # in this order: an animation also looks like a document
    "animation": (Kind.VIDEO, "video/mp4"),
    "video": (Kind.VIDEO, "video/mp4"),
    "video_note": (Kind.VIDEO, "video/mp4"),
    "voice": (Kind.VOICE, "audio/ogg"),
    "audio": (Kind.VOICE, "audio/mpeg"),
    "document": (Kind.FILE, ""),
}
NOTICES: Final = frozenset(
    (
        "boost_added",
        "chat_background_set",
        "connected_website",
        "delete_chat_photo",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "message_auto_delete_timer_changed",
        "new_chat_photo",
        "new_chat_title",
        "pinned_message",
        "proximity_alert_triggered",
        "write_access_allowed",
    )
)
"""Messages by which Telegram says that something happened in a private chat; she said nothing."""

MEMBERSHIPS: Final = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}


def read(update: Update, account: str, now: datetime) -> Incoming | None:
    """What one person sent us in private, or None where nobody did: groups, channels, notices, kinds of update to come.

    `now` stands in where Telegram gives no date, as for a press of a button. The id counts by membership only: after a
    quiet week Telegram's numbers start again anywhere. Never raises, whatever the update holds.
    """
    person, facts, date = _told(update)
    number = update.get("update_id")
    if facts is None or person.get("is_bot") is True or not isinstance(number, int):
        return None
    return Incoming(
        sender=Address(account, str(person["id"])),
        provider_id=ProviderId(f"update:{number}"),
        sent_at=_moment(date, now),
        profile_name=" ".join(filter(None, (_words(person, "first_name"), _words(person, "last_name")))),
        language=_words(person, "language_code"),
        **facts,
    )


def _told(update: Update) -> tuple[Update, Facts | None, Any]:
    """Who told us, what, and when; no facts where nobody told us anything."""
    match update:
        case {"message": {"chat": {"type": "private"}, "from": {"id": int()} as person} as message}:
            facts = None if NOTICES & message.keys() else _message(message, person)
            return person, facts, message.get("date")
        case {"edited_message": {"chat": {"type": "private"}, "from": {"id": int()} as person} as message}:
            return person, _edit(message, person), message.get("edit_date")
        case {"callback_query": {"from": {"id": int()} as person, "data": str(data)} as query}:
            facts = {"kind": Kind.TAP, "tap": clean(data)} if _in_private(query) else None
            return person, facts, None
        case {"my_chat_member": {"chat": {"type": "private"}, "from": {"id": int()} as person} as change}:
            return person, _membership(change), change.get("date")
        case _:
            return {}, None, None


def _message(message: Update, person: Update) -> Facts:
    """The fields of an Incoming that a message fills."""
    facts: Facts = {
        "kind": Kind.UNKNOWN,
        "text": _words(message, "text") or _words(message, "caption"),
        "album": _words(message, "media_group_id"),
    }
    match message:
        case {"text": str()}:
            return {**facts, "kind": Kind.TEXT}
        case {"photo": [_, *_] as sizes}:
            return {**facts, **_file(max(sizes, key=_pixels), Kind.PHOTO, "image/jpeg")}
        case {"sticker": {}}:
            return {**facts, "kind": Kind.STICKER}
        case {"location": {}} | {"venue": {}}:
            return {**facts, "kind": Kind.LOCATION}
        case {"contact": {"phone_number": str(phone)} as card}:
            own = card.get("user_id") == person["id"]  # anybody's contact can be forwarded; only her own carries her id
            return {**facts, "kind": Kind.CONTACT, "contact": SharedContact(clean(phone), own=own)}
    for name, (kind, mime) in FILES.items():
        if name in message:
            return {**facts, **_file(message[name], kind, mime)}
    return facts


def _edit(message: Update, person: Update) -> Facts | None:
    """What she wrote instead; nothing of a live location, which edits itself every few seconds."""
    if "location" in message:
        return None
    return {**_message(message, person), "kind": Kind.EDITED, "contact": None}


def _file(found: Any, kind: Kind, mime: str) -> Facts:
    """A file's fields; nothing, and so an unknown message, where Telegram does not say how to get it."""
    if not isinstance(found, Mapping) or not _words(found, "file_id"):
        return {}
    size = found.get("file_size")
    attachment = Attachment(
        id=_words(found, "file_id"),
        mime=_words(found, "mime_type") or mime,
        size=size if isinstance(size, int) and size > 0 else 0,
        name=_words(found, "file_name"),
    )
    return {"kind": kind, "attachments": (attachment,)}


def _pixels(size: Any) -> int:
    match size:
        case {"file_id": str(), "width": int(width), "height": int(height)}:
            return width * height
        case _:
            return -1


def _in_private(query: Update) -> bool:
    """Whether the pressed button hangs on a private message; an old message may be gone, and so may its chat."""
    match query:
        case {"message": {"chat": {"type": str(kind)}}}:
            return kind == "private"
        case _:
            return "inline_message_id" not in query


def _membership(change: Update) -> Facts | None:
    match change:
        case {"new_chat_member": {"status": "kicked" | "member" as status}}:
            return {"kind": MEMBERSHIPS[status]}
        case _:
            return None


def _words(holder: Update, name: str) -> str:
    value = holder.get(name)
    return clean(value) if isinstance(value, str) else ""


def _moment(seconds: Any, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else now
    except (TypeError, ValueError, OverflowError, OSError):
        return now
