"""What came in: each provider id counts once, and nothing is lost before it was answered."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, update

from domain.message import Address, Attachment, Incoming, Kind, ProviderId, SharedContact
from domain.nik import hide_niks
from storage.prepared import inserting_once
from storage.sealed import KeyMissing, SealBroken, bound, keys
from storage.tables import Received

log = logging.getLogger(__name__)

COLUMNS = (
    "association_id",
    "account",
    "provider_id",
    "sender",
    "kind",
    "status",
    "album",
    "incoming_sealed",
    "attempts",
    "next_at",
    "trouble",
    "delete_at",
    "received_at",
)
insert_once = inserting_once(Received, COLUMNS)
IS_WAITING: ColumnElement[bool] = literal_column("received.status = 'waiting'")  # written out: the index knows no other


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits to be answered."""

    id: int
    association_id: str
    incoming: Incoming
    attempts: int  # this one included
    received_at: datetime


def add(
    db: Session,
    incoming: Incoming,
    *,
    association_id: str,
    status: str,
    now: datetime,
    next_at: datetime | None = None,
    attempts: int = 0,
    trouble: str = "",
) -> int | None:
    """Store one message; None when it came before."""
    values = values_of(incoming, association_id=association_id, status=status, now=now)
    row = insert_once.one(db, **{**values, "attempts": attempts, "next_at": next_at, "trouble": trouble})
    return row[0] if row else None


def values_of(incoming: Incoming, *, association_id: str, status: str, now: datetime) -> dict[str, Any]:
    """A message as its row, sealed; once it is answered, without the NIK that may stand in it."""
    sender = incoming.sender
    if status == "done":
        incoming = redacted(incoming)
    sealed = keys().seal(orjson.dumps(as_json(incoming)), bound_to=place_of(sender, incoming.provider_id))
    return {
        "association_id": association_id,
        "account": sender.account,
        "provider_id": incoming.provider_id,
        "sender": sender.id,
        "kind": incoming.kind.value,
        "status": status,
        "album": incoming.album,
        "incoming_sealed": sealed,
        "attempts": 0,
        "next_at": None,
        "trouble": "",
        "delete_at": now if any(file.stays for file in incoming.attachments) else None,
        "received_at": now,
    }


def place_of(sender: Address, provider_id: str) -> str:
    """What a received message is sealed to."""
    return bound("", "received", "incoming", f"{sender.account}/{sender.id}/{provider_id}")


def claim_waiting(db: Session, now: datetime, *, lease: timedelta, limit: int = 20) -> list[Waiting]:
    """The first waiting message of each sender whose time has come; nobody else gets it before the lease ends.

    One whose key is missing waits on until the key is back.
    """
    hers = aliased(Received, name="hers")
    first = (
        select(func.min(hers.id))
        .where(
            hers.account == Received.account,
            hers.sender == Received.sender,
            literal_column("hers.status = 'waiting'"),
        )
        .scalar_subquery()
    )
    due = (
        select(Received)
        .where(IS_WAITING, col(Received.next_at) <= now, col(Received.id) == first)
        .order_by(col(Received.next_at), col(Received.id))
        .limit(limit)
        .with_for_update(skip_locked=True, of=Received)
    )
    found = list(db.exec(due))
    opened = []
    for row in found:
        row.next_at, row.attempts = now + lease, row.attempts + 1
        try:
            opened.append(waiting(row))
        except KeyMissing as error:
            log.error("a message waits for its key", extra={"trouble": str(error)})
            row.attempts, row.trouble = row.attempts - 1, type(error).__name__
        except SealBroken as error:
            row.status, row.next_at, row.trouble = "dead", None, type(error).__name__
    db.flush()
    return opened


def has_waiting(db: Session, sender: Address) -> bool:
    """True when a message of theirs waits: a stranger's too, whom no talk knows yet."""
    hers = select(Received.id).where(Received.account == sender.account, Received.sender == sender.id)
    return db.exec(hers.where(IS_WAITING).limit(1)).first() is not None


def album_of(db: Session, head: Waiting) -> list[Waiting]:
    """The waiting messages that were sent together with this one, itself first."""
    incoming = head.incoming
    if not incoming.album:
        return [head]
    same = select(Received).where(
        Received.account == incoming.sender.account,
        Received.sender == incoming.sender.id,
        Received.album == incoming.album,
        IS_WAITING,
    )
    return [waiting(row) for row in db.exec(same.order_by(col(Received.id)))]


def waiting(row: Received) -> Waiting:
    """A row as the inbox works with it."""
    assert row.id is not None
    sender = Address(row.account, row.sender)
    opened = keys().open(row.incoming_sealed, bound_to=place_of(sender, row.provider_id))
    return Waiting(
        id=row.id,
        association_id=row.association_id,
        incoming=from_json(orjson.loads(opened)),
        attempts=row.attempts,
        received_at=row.received_at,
    )


def settle(db: Session, ids: list[int], status: str, *, trouble: str = "") -> bool:
    """Mark waiting messages as done or dead; False when somebody else settled the first in between."""
    settled = db.connection().execute(
        update(Received)
        .where(col(Received.id).in_(ids), col(Received.status) == "waiting")
        .values(status=status, next_at=None, trouble=trouble)
        .returning(col(Received.id))
        .execution_options(synchronize_session=False)
    )
    return ids[0] in {row[0] for row in settled}


def give_up(db: Session, sender: Address, why: str) -> None:
    """Nothing of theirs that waits is answered any more."""
    db.connection().execute(
        update(Received)
        .where(
            col(Received.account) == sender.account,
            col(Received.sender) == sender.id,
            IS_WAITING,
        )
        .values(status="done", next_at=None, trouble=why)
        .execution_options(synchronize_session=False)
    )


def postpone(db: Session, row_id: int, *, next_at: datetime, trouble: str) -> None:
    """Try a waiting message again later."""
    db.connection().execute(
        update(Received)
        .where(col(Received.id) == row_id, col(Received.status) == "waiting")
        .values(next_at=next_at, trouble=trouble)
        .execution_options(synchronize_session=False)
    )


def release_leases(db: Session, now: datetime) -> None:
    """After a crash of the only process: whatever waits may be taken at once."""
    db.connection().execute(
        update(Received)
        .where(IS_WAITING, col(Received.next_at) > now)
        .values(next_at=now)
        .execution_options(synchronize_session=False)
    )


def latest(db: Session, sender: Address, *, most: int = 200) -> list[tuple[Incoming, datetime]]:
    """The last messages of one sender, oldest first."""
    hers = select(Received).where(Received.account == sender.account, Received.sender == sender.id)
    rows = list(db.exec(hers.order_by(col(Received.id).desc()).limit(most)))[::-1]
    return [(waiting(row).incoming, row.received_at) for row in rows]


def as_json(incoming: Incoming) -> dict[str, Any]:
    """A message as it is stored."""
    contact = incoming.contact
    stored: dict[str, Any] = {
        "account": incoming.sender.account,
        "sender": incoming.sender.id,
        "provider_id": incoming.provider_id,
        "kind": incoming.kind.value,
        "sent_at": incoming.sent_at.isoformat(),
        "text": incoming.text,
        "tap": incoming.tap,
        "album": incoming.album,
        "profile_name": incoming.profile_name,
        "language": incoming.language,
        "attachments": [[a.id, a.mime, a.size, a.name, a.stays] for a in incoming.attachments],
        "contact": [contact.phone, contact.own] if contact else None,
        "user_id": incoming.user_id,
        "form": dict(incoming.form),
    }
    return {name: value for name, value in stored.items() if value}


def from_json(stored: dict[str, Any]) -> Incoming:
    """The message that `as_json` stored."""
    contact = stored.get("contact")
    return Incoming(
        sender=Address(stored["account"], stored["sender"]),
        provider_id=ProviderId(stored["provider_id"]),
        kind=Kind(stored["kind"]),
        sent_at=datetime.fromisoformat(stored["sent_at"]),
        text=stored.get("text", ""),
        tap=stored.get("tap", ""),
        attachments=tuple(Attachment(*fields) for fields in stored.get("attachments", ())),
        album=stored.get("album", ""),
        contact=SharedContact(*contact) if contact else None,
        profile_name=stored.get("profile_name", ""),
        language=stored.get("language", ""),
        user_id=stored.get("user_id", ""),
        form=stored.get("form", {}),
    )


def redacted(incoming: Incoming) -> Incoming:
    """The message with only the last four digits left of a NIK in it: what had to be kept of it is kept elsewhere."""
    text, form = hide_niks(incoming.text), {field: hide_niks(value) for field, value in incoming.form.items()}
    return incoming if (text, form) == (incoming.text, incoming.form) else replace(incoming, text=text, form=form)


def redact(db: Session, waited: Sequence[Waiting]) -> None:
    """Take the NIKs out of messages that had to wait and are answered now."""
    for row in waited:
        kept = redacted(row.incoming)
        if kept is not row.incoming:
            sealed = values_of(kept, association_id=row.association_id, status="done", now=row.received_at)
            same = update(Received).where(col(Received.id) == row.id)
            db.connection().execute(same.values(incoming_sealed=sealed["incoming_sealed"]))


def with_copies(db: Session, now: datetime, *, lease: timedelta, limit: int = 20) -> list[Waiting]:
    """Settled messages whose files still lie at the provider and may go; nobody else gets them within the lease."""
    due = (
        select(Received)
        .where(col(Received.delete_at) <= now, Received.status != "waiting")
        .order_by(col(Received.delete_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = []
    for row in list(db.exec(due)):
        row.delete_at = now + lease
        with suppress(SealBroken, KeyMissing):  # the next look tries again
            found.append(waiting(row))
    db.flush()
    return found


def copies_deleted(db: Session, row_id: int) -> None:
    """The provider keeps no file of this message any more."""
    db.connection().execute(update(Received).where(col(Received.id) == row_id).values(delete_at=None))


def counts(db: Session) -> tuple[int, int]:
    """How many messages wait, and how many could not be processed."""
    found = dict(
        db.connection()
        .execute(
            select(Received.status, func.count())
            .where(col(Received.status).in_(("waiting", "dead")))
            .group_by(col(Received.status))
        )
        .all()
    )
    return found.get("waiting", 0), found.get("dead", 0)
