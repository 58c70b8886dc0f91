"""Sends the reminders that are planned, each after one more look; the outbox looks once more when it is their turn."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from conversations.notices import headed, opening
from conversations.reminder_words import anchor_of, reminder
from conversations.templates import reminded, whom
from conversations.words import _, speaking
from domain.decent_hours import next_decent
from domain.due import due_day
from domain.message import Button, Reply
from domain.month import Month
from domain.reminder import Rule
from domain.zone import zone_of
from storage.database import Database
from storage.queries import associations, outbox, people, reminders
from storage.queries.reminders import Look
from storage.tables import Address, Association, Reminder

log = logging.getLogger(__name__)

AT_ONCE = 500  # reminders of one transaction


def plan_all(database: Database, now: datetime) -> int:
    """Plan for every association; the trouble of one does not stop the others. How many were written down."""
    count = 0
    for association in database.read(associations.everyone):
        try:
            count += database.transact(partial(plan_one, association_id=association.id, now=now))
        except Exception:
            log.exception("reminders cannot be planned", extra={"association": association.id})
    return count


def plan_one(db: Session, *, association_id: str, now: datetime) -> int:
    """Plan for one association."""
    return reminders.plan(db, associations.get(db, association_id), now=now)


def send_due(database: Database, now: datetime) -> int:
    """Queue everything whose hour has come; how many messages that were."""
    sent = 0
    while True:
        looked_at, queued = database.transact(partial(send_some, now=now))
        sent += queued
        if looked_at < AT_ONCE:
            return sent


def send_some(db: Session, *, now: datetime) -> tuple[int, int]:
    """Some of them: how many were looked at, and how many became messages."""
    found = {one.id: one for one in reminders.due(db, now, limit=AT_ONCE)}
    sent = 0
    for association in associations.everyone(db):
        hers = [one.id or 0 for one in found.values() if one.association_id == association.id]
        rules = {rule.name: rule for rule in reminders.rules_of(db, association.id)} if hers else {}
        looked_at = reminders.looks(db, association, hers, now) if hers else []
        addresses = people.by_ids(db, [look.address_id for look in looked_at])
        for look in looked_at:
            sent += send(db, Sending(association, rules, found[look.reminder_id], look, addresses), now)
    db.flush()
    return len(found), sent


@dataclass(frozen=True)
class Sending:
    """A reminder on its way out, with everything that must be known of it."""

    association: Association
    rules: Mapping[str, Rule]
    planned: Reminder
    look: Look
    addresses: Mapping[str, Address]


def send(db: Session, sending: Sending, now: datetime) -> bool:
    """One reminder: a message, or a reason why there is none; at another hour where this is no decent one."""
    planned, look, association = sending.planned, sending.look, sending.association
    reason = look.reason or ("" if look.address_id else "unreachable")
    if reason:
        settle(planned, "late" if reason == "late" else "cancelled", reason, now)
        return False
    at = next_decent(now, zone_of(look.regency) or ZoneInfo(association.zone), reminders.hours_of(association))
    if at > now:
        planned.send_at = at
        return False
    planned.message_id = put(db, sending, now)
    settle(planned, "queued", "", now)
    return True


def settle(planned: Reminder, status: str, reason: str, now: datetime) -> None:
    """How it ended."""
    planned.status, planned.reason, planned.settled_at = status, reason, now


def put(db: Session, sending: Sending, now: datetime) -> int | None:
    """Queue its message, in the language of the address."""
    planned, look, address = sending.planned, sending.look, sending.addresses[sending.look.address_id]
    today = now.astimezone(ZoneInfo(sending.association.zone)).date()
    month = Month.parse(planned.month)
    rule = sending.rules.get(planned.rule) or Rule.named(planned.rule)  # the association may have given it up meanwhile
    anchor = anchor_of(rule, month, look.protected_until, due_day(month))
    with speaking(address.language):
        words = reminder(rule, month, look.owed, anchor=anchor, today=today)
        whose = {"person_id": look.person_id}
        buttons = (
            Button(_("Bayar"), opening("paying", **whose)),
            Button(_("Bayar nanti"), opening("promising", **whose)),
            Button(_("Berhenti"), opening("stop", **whose)),
        )
        reply = Reply(headed(db, address, look.person_id, words), buttons, numbered=False)
        who = whom(db, address, look.person_id)
        reply = reminded(
            reply, rule, month, look.owed, anchor=anchor, today=today, told=(sending.association.name, who)
        )
    return outbox.put(
        db,
        association_id=sending.association.id,
        account=address.account,
        address_id=address.id,
        key=f"reminder:{look.member_id}:{planned.month}:{planned.rule}",
        kind="bulk",
        reply=reply,
        now=now,
        valid_until=planned.valid_until,
    )
