"""Disputes: a member says that a payment in her name is not so, and an officer who has no part in it settles it."""

from collections.abc import Collection as Some
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.payment import PaymentEvent as Event
from domain.payment import PaymentStatus as Status
from storage.columns import new_id
from storage.database import Overtaken
from storage.queries import members, payments, receipts
from storage.queries.associations import next_number
from storage.sealed import bound, keys
from storage.tables import Application, Dispute, Member, Payment

LASTS = timedelta(days=90)  # after the receipt


class Kind(StrEnum):
    """What a member says."""

    NOT_ME = "not_me"
    NOT_PAID = "not_paid"
    OTHER_AMOUNT = "other_amount"


class Bar(StrEnum):
    """Why a payment cannot be disputed."""

    NOT_HERS = "not_hers"
    NOT_CONFIRMED = "not_confirmed"  # undone, or not in the ledger yet
    OPEN = "open"  # she said so already, and an officer looks into it
    SETTLED = "settled"  # an officer looked into it once
    TOO_LATE = "too_late"


# ── said ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def bar(db: Session, payment: Payment, person_id: str, now: datetime) -> Bar | None:
    """Why this person cannot dispute a payment now; None when she can."""
    if not speaks_for(db, person_id, payment.member_id):
        return Bar.NOT_HERS
    last = of_payment(db, payment.id)
    if last:
        return Bar.OPEN if last.status == "open" else Bar.SETTLED
    receipt = receipts.of_payment(db, payment.id)
    if payment.status != Status.CONFIRMED or receipt is None:
        return Bar.NOT_CONFIRMED
    return Bar.TOO_LATE if now > receipt.at + LASTS else None


def speaks_for(db: Session, person_id: str, member_id: str) -> bool:
    """True for the member herself and for whoever registered her."""
    speaks = (
        select(Member.id)
        .join(Application, col(Application.id) == col(Member.application_id))
        .where(or_(Member.person_id == person_id, Application.applicant_id == person_id))
    )
    return db.exec(speaks.where(Member.id == member_id)).first() is not None


def may_be_disputed(db: Session, association_id: str, person_id: str, now: datetime) -> list[Payment]:
    """The payments that somebody may dispute, the newest first."""
    hers = [one.id for one in members.spoken_for(db, association_id, person_id)]
    disputed = select(Dispute.payment_id).where(Dispute.association_id == association_id)
    confirmed = select(Payment).where(
        Payment.association_id == association_id,
        col(Payment.member_id).in_(hers),
        Payment.status == Status.CONFIRMED.value,
        Payment.updated_at >= now - LASTS,
        col(Payment.id).not_in(disputed),
    )
    return list(db.exec(confirmed.order_by(col(Payment.id).desc())))


def dispute(
    db: Session,
    association_id: str,
    payment_id: str,
    kind: Kind,
    *,
    words: str,
    by: str,
    address_id: str | None,
    now: datetime,
) -> Dispute:
    """Keep what she says, under the next number of the year; an officer must look into it. Raises `Overtaken`."""
    payment = payments.lock(db, association_id, payment_id)
    if bar(db, payment, by, now):
        raise Overtaken("it was disputed or undone just now")
    payments.step_on(payment, Event.DISPUTE, now)
    payments.tell_history(db, payment, Event.DISPUTE, by=by, now=now, reason=str(kind))
    row = Dispute(
        id=new_id(),
        association_id=association_id,
        number=f"K-{now.year}-{next_number(db, association_id, f'dispute/{now.year}'):04}",
        payment_id=payment.id,
        kind=kind,
        by_person=by,
        address_id=address_id,
        at=now,
    )
    row.words_sealed = keys().seal(words.encode(), bound_to=place_of(row)) if words else ""
    db.add(row)
    db.flush()
    return row


def place_of(row: Dispute) -> str:
    """What the words of a dispute are sealed to."""
    return bound(row.association_id, "dispute", "words", row.id)


def words_of(row: Dispute) -> str:
    """What she said; "" when she said nothing more."""
    return keys().open(row.words_sealed, bound_to=place_of(row)).decode() if row.words_sealed else ""


# ── found ────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_payment(db: Session, payment_id: str) -> Dispute | None:
    """The dispute about a payment; there is never a second one."""
    its = select(Dispute).where(Dispute.payment_id == payment_id)
    return db.exec(its.order_by(col(Dispute.id).desc())).first()


def find(db: Session, association_id: str, dispute_id: str) -> Dispute | None:
    """One dispute of this association."""
    return db.exec(select(Dispute).where(Dispute.id == dispute_id, Dispute.association_id == association_id)).first()


def oldest_open(db: Session, association_id: str, *, officer_id: str, but: Some[str] = ()) -> Dispute | None:
    """The dispute that waited longest and that this officer may settle, `but` for those with these ids."""
    queue = may_settle(association_id, officer_id).where(col(Dispute.id).not_in(but))
    return db.exec(queue.order_by(col(Dispute.at), col(Dispute.id)).limit(1)).first()


def count_open(db: Session, association_id: str, *, officer_id: str) -> int:
    """How many wait that this officer may settle."""
    return db.exec(select(func.count()).select_from(may_settle(association_id, officer_id).subquery())).one()


def may_settle(association_id: str, officer_id: str) -> SelectOfScalar[Dispute]:
    """The open disputes in which this officer has no part: it is neither her money nor her confirmation."""
    return (
        select(Dispute)
        .join(Payment, col(Payment.id) == col(Dispute.payment_id))
        .join(Member, col(Member.id) == col(Payment.member_id))
        .where(
            Dispute.association_id == association_id,
            Dispute.status == "open",
            Dispute.by_person != officer_id,
            Member.person_id != officer_id,
            Payment.payer_id != officer_id,
            Payment.submitted_by != officer_id,
            *(
                or_(col(part).is_(None), part != officer_id)
                for part in (Payment.collector_id, Payment.decided_by, Payment.proposed_by)
            ),
        )
    )


def concerned(db: Session, row: Dispute) -> set[str]:
    """Everybody who has a part in it, and so does not settle it."""
    payment = db.exec(select(Payment).where(Payment.id == row.payment_id)).one()
    member = db.exec(select(Member.person_id).where(Member.id == payment.member_id)).one()
    parts = (payment.payer_id, payment.submitted_by, payment.collector_id, payment.decided_by, payment.proposed_by)
    return {row.by_person, member, *filter(None, parts)}


# ── settled ──────────────────────────────────────────────────────────────────────────────────────────────────────


def uphold(db: Session, association_id: str, dispute_id: str, *, reason: str, by: str, now: datetime) -> Dispute:
    """The payment was right. Raises `Overtaken` when somebody else settled it, `OwnMoney` when she has a part in it."""
    row, payment = held(db, association_id, dispute_id, by)
    payments.step_on(payment, Event.UPHOLD, now)
    payments.tell_history(db, payment, Event.UPHOLD, by=by, now=now, reason=reason)
    return close(db, row, "upheld", reason=reason, by=by, now=now)


def reverse(db: Session, association_id: str, dispute_id: str, *, reason: str, by: str, now: datetime) -> Dispute:
    """The payment never was: everything is moved back. Raises `Overtaken`, `OwnMoney`."""
    row, payment = held(db, association_id, dispute_id, by)
    payments.undo(db, payment, reason=reason, by=by, now=now)
    return close(db, row, "reversed", reason=reason, by=by, now=now)


def held(db: Session, association_id: str, dispute_id: str, by: str) -> tuple[Dispute, Payment]:
    """An open dispute and its payment, both held until the commit. Raises `Overtaken`, `OwnMoney`."""
    one = select(Dispute).where(Dispute.id == dispute_id, Dispute.association_id == association_id)
    row = db.exec(one.with_for_update()).one()
    if row.status != "open":
        raise Overtaken("another officer was faster")
    if by in concerned(db, row):
        raise payments.OwnMoney
    return row, payments.lock(db, association_id, row.payment_id)


def close(db: Session, row: Dispute, status: str, *, reason: str, by: str, now: datetime) -> Dispute:
    """It is settled in this officer's name."""
    row.status, row.settled_by, row.reason, row.settled_at = status, by, reason, now
    db.flush()
    return row
