"""How people come to the fictional association: through the welcome, like everybody, and with the roles they have."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session, col, update

from bot.channels.webchat_looks import Look
from bot.running import Running
from bot.turn import Ended
from bot.web.simulator_world import PhoneInfo
from domain.message import Incoming, Kind, ProviderId
from storage.queries import people, talks
from storage.tables import Message

ASSOCIATION = "main"
ARRIVING = ("halo", "1", "1", "1", "1")  # what somebody says to get past the welcome


def arrive(running: Running, phone: PhoneInfo, look: Look) -> None:
    """Somebody says hello, and agrees to everything that is asked at the beginning."""
    for words in ARRIVING:
        say(running, phone, look, words)


def say(running: Running, phone: PhoneInfo, look: Look, words: str) -> None:
    """Type something in an app, and be answered."""
    outcome = running.turns.take(said_by(phone, look, words, running.clock.now()))
    assert outcome.ended is Ended.ANSWERED


def said_by(phone: PhoneInfo, look: Look, words: str, at: datetime) -> Incoming:
    """Something typed in an app of a phone."""
    return Incoming(
        sender=phone.address(look),
        provider_id=ProviderId(f"seed:{uuid4().hex}"),
        kind=Kind.TEXT,
        sent_at=at,
        text=words,
        profile_name=phone.name,
    )


def employ(running: Running, phone: PhoneInfo, roles: Iterable[str]) -> None:
    """Somebody has been through the welcome in Telegram, and may do what these roles allow."""
    running.database.transact(lambda db: give(db, phone, roles, running.clock.now()))
    arrive(running, phone, Look.TELEGRAM)


def give(db: Session, phone: PhoneInfo, roles: Iterable[str], now: datetime) -> None:
    """Give roles to whoever holds a phone."""
    chat = phone.address(Look.TELEGRAM)
    address = talks.ensure_address(db, association_id=ASSOCIATION, account=chat.account, external_id=chat.id, now=now)
    for role in roles:
        people.ensure_role(db, association_id=ASSOCIATION, person_id=address.person_id, role=role, now=now)


def arrived(db: Session) -> None:
    """What was said until now has long been received: the demonstration begins with it."""
    sent = {"status": "sent", "provider_id": col(Message.key), "settled_at": col(Message.created_at)}
    db.connection().execute(update(Message).where(col(Message.status) == "queued").values(sent))
