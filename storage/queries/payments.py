"""Payments: told by a vendor or taken by a collector, confirmed by somebody who has seen the money, undone openly."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.dues import Allocation, Way, allocate
from domain.ledger import Account, Kind, Movement, NothingMoved, moved
from domain.money import Rupiah
from domain.month import Month
from domain.payment import NotPossibleNow, move
from domain.payment import PaymentEvent as Event
from domain.payment import PaymentStatus as Status
from storage.columns import new_id
from storage.database import FRESH, Overtaken
from storage.queries import charges, credit, ledger, receipts, reminders
from storage.queries.associations import get, next_number
from storage.tables import Collection, Document, Member, Payment, PaymentEvent, Proof, Receipt

WAITING = (Status.SUBMITTED, Status.SECONDED)
GONE = (Status.REFUSED, Status.WITHDRAWN, Status.REVERSED)
NEAR = 6  # bits in which the hashes of two pictures of one thing may differ
LOOKED_BACK = timedelta(days=120)  # at the pictures of other payments


class OwnMoney(Exception):
    """Nobody confirms money that is his own, nor what he confirmed as the first of two."""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says about a payment."""

    way: Way
    months: tuple[Month, ...]
    expected: Rupiah
    declared: Rupiah | None = None
    paid_on: date | None = None
    reference: str = ""
    documents: tuple[str, ...] = ()


# ── told ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def submit(
    db: Session, member: Member, told: Told, *, payer_id: str, by: str, address_id: str | None, now: datetime
) -> Payment:
    """Keep what she says that she paid, under the next number of the year; it waits for an officer."""
    payment = new(db, member, told, status=Status.SUBMITTED, payer_id=payer_id, by=by, now=now)
    payment.address_id = address_id
    db.add(payment)
    db.flush()
    for document_id in told.documents:
        add_proof(db, payment, document_id, now)
    payment.doubts = doubts_of(db, payment, now)
    tell_history(db, payment, "submit", by=by, now=now, amount=told.declared)
    reminders.cancel(db, member.id, "being_checked", now)
    return payment


def new(db: Session, member: Member, told: Told, *, status: Status, payer_id: str, by: str, now: datetime) -> Payment:
    """A payment that is not stored yet."""
    number = next_number(db, member.association_id, f"payment/{now.year}")
    return Payment(
        association_id=member.association_id,
        number=f"B-{now.year}-{number:04}",
        status=status,
        way=told.way,
        member_id=member.id,
        payer_id=payer_id,
        submitted_by=by,
        months=[str(month) for month in told.months],
        expected=told.expected,
        declared=told.declared,
        paid_on=told.paid_on,
        reference=told.reference,
        queued_at=now,
        updated_at=now,
    )


def add_proof(db: Session, payment: Payment, document_id: str, now: datetime) -> None:
    """A picture that shows the payment; its hashes stand beside it, to be compared."""
    document = db.exec(
        select(Document.sha256, Document.phash).where(
            Document.id == document_id, Document.association_id == payment.association_id
        )
    ).one()
    sha256, phash = document
    db.add(
        Proof(
            association_id=payment.association_id,
            payment_id=payment.id,
            document_id=document_id,
            sha256=sha256,
            phash=phash,
            at=now,
        )
    )
    db.flush()


def proofs_of(db: Session, payment_id: str) -> list[Proof]:
    """The pictures of a payment, in their order."""
    return list(db.exec(select(Proof).where(Proof.payment_id == payment_id).order_by(col(Proof.id))))


def doubts_of(db: Session, payment: Payment, now: datetime) -> list[str]:
    """What an officer should look at, by name; never a refusal."""
    proofs = proofs_of(db, payment.id)
    found: list[str] = []
    if same_picture(db, payment, proofs):
        found.append("same_picture")
    elif similar_picture(db, payment, proofs, now):
        found.append("similar_picture")
    if same_reference(db, payment):
        found.append("same_reference")
    if payment.declared is not None and payment.declared != payment.expected:
        found.append("amount_differs")
    if not proofs:
        found.append("no_proof")
    if overlapping(db, payment):
        found.append("months_waiting")
    return found


def others(payment: Payment) -> list[object]:
    """The conditions for payments of the association that this one may repeat."""
    return [
        Payment.association_id == payment.association_id,
        Payment.id != payment.id,
        col(Payment.status).not_in([Status.WITHDRAWN.value]),
    ]


def same_picture(db: Session, payment: Payment, proofs: Sequence[Proof]) -> list[Payment]:
    """Other payments with the very same picture."""
    hashes = [proof.sha256 for proof in proofs]
    theirs = select(Payment).join(Proof, col(Proof.payment_id) == col(Payment.id))
    return list(db.exec(theirs.where(*others(payment), col(Proof.sha256).in_(hashes))))  # type: ignore[arg-type]


def similar_picture(db: Session, payment: Payment, proofs: Sequence[Proof], now: datetime) -> list[Payment]:
    """Other payments of late with a picture that looks like one of these."""
    if not proofs:
        return []
    recent = select(Payment, Proof.phash).join(Proof, col(Proof.payment_id) == col(Payment.id))
    rows = db.exec(recent.where(*others(payment), Proof.at >= now - LOOKED_BACK))  # type: ignore[arg-type]
    return [other for other, phash in rows if any(are_near(proof.phash, phash) for proof in proofs)]


def are_near(phash: str, other: str) -> bool:
    """True when two pictures look alike; a hash that cannot be read is like none."""
    try:
        return (int(phash, 16) ^ int(other, 16)).bit_count() <= NEAR
    except ValueError:
        return False


def same_reference(db: Session, payment: Payment) -> list[Payment]:
    """Other payments with the same reference and amount."""
    if not payment.reference:
        return []
    same = (Payment.reference == payment.reference, Payment.declared == payment.declared)
    return list(db.exec(select(Payment).where(*others(payment), *same)))  # type: ignore[arg-type]


def overlapping(db: Session, payment: Payment) -> list[Payment]:
    """Other payments of the same member that wait for the same months."""
    waiting = select(Payment).where(
        *others(payment),  # type: ignore[arg-type]
        Payment.member_id == payment.member_id,
        col(Payment.status).in_(WAITING),
    )
    return [other for other in db.exec(waiting) if set(other.months) & set(payment.months)]


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────────────────────


def one(association_id: str, payment_id: str) -> SelectOfScalar[Payment]:
    """The statement that finds one payment within its association."""
    return select(Payment).where(Payment.id == payment_id, Payment.association_id == association_id)


def find(db: Session, association_id: str, payment_id: str) -> Payment | None:
    """One payment of this association."""
    return db.exec(one(association_id, payment_id)).first()


def lock(db: Session, association_id: str, payment_id: str) -> Payment:
    """One payment, held until the commit. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(one(association_id, payment_id).with_for_update(), execution_options=FRESH).one()


def may_decide(association_id: str, officer_id: str) -> SelectOfScalar[Payment]:
    """The payments that wait and that this officer may decide on: not his own, nor what he proposed himself."""
    return (
        select(Payment)
        .join(Member, col(Member.id) == col(Payment.member_id))
        .where(
            Payment.association_id == association_id,
            col(Payment.status).in_(WAITING),
            Payment.payer_id != officer_id,
            Payment.submitted_by != officer_id,
            Member.person_id != officer_id,
            or_(col(Payment.proposed_by).is_(None), Payment.proposed_by != officer_id),
        )
    )


def oldest_waiting(
    db: Session, association_id: str, *, officer_id: str, now: datetime, but: Some[str] = ()
) -> Payment | None:
    """The payment that waited longest and that no other officer holds, `but` for those with these ids."""
    free = or_(
        col(Payment.claimed_until).is_(None), col(Payment.claimed_until) <= now, Payment.claimed_by == officer_id
    )
    queue = may_decide(association_id, officer_id).where(free, col(Payment.id).not_in(but))
    return db.exec(queue.order_by(col(Payment.queued_at), col(Payment.id)).limit(1)).first()


def count_waiting(db: Session, association_id: str, *, officer_id: str) -> int:
    """How many wait that this officer may decide on."""
    return db.exec(select(func.count()).select_from(may_decide(association_id, officer_id).subquery())).one()


def is_open_to(payment: Payment, officer_id: str, now: datetime) -> bool:
    """True while it waits for a decision and no other officer holds it."""
    held_until = None if payment.claimed_by in (None, officer_id) else payment.claimed_until
    return payment.status in WAITING and (held_until is None or held_until <= now)


def may_be_decided_by(db: Session, payment: Payment, officer_id: str, now: datetime) -> bool:
    """True while it is open to this officer, and neither his own money nor what he has seen as the first of two."""
    if not is_open_to(payment, officer_id, now):
        return False
    return db.exec(may_decide(payment.association_id, officer_id).where(Payment.id == payment.id)).first() is not None


def claim(db: Session, association_id: str, payment_id: str, *, by: str, now: datetime, until: datetime) -> None:
    """Hold a payment for one officer. Raises `Overtaken` when another holds it or it was decided."""
    payment = lock(db, association_id, payment_id)
    if not is_open_to(payment, by, now):
        raise Overtaken("another officer was faster")
    payment.claimed_by, payment.claimed_until = by, until


def put_back(db: Session, association_id: str, payment_id: str, *, by: str) -> None:
    """An officer leaves a payment to the others."""
    payment = lock(db, association_id, payment_id)
    if payment.claimed_by == by:
        payment.claimed_by, payment.claimed_until = None, None


def waiting_for(db: Session, association_id: str, person_id: str) -> list[Payment]:
    """The payments that wait and that a person told us of, or that are for her; the oldest first."""
    waiting = (
        select(Payment)
        .join(Member, col(Member.id) == col(Payment.member_id))
        .where(
            Payment.association_id == association_id,
            col(Payment.status).in_(WAITING),
            or_(col(Payment.submitted_by) == person_id, col(Member.person_id) == person_id),
        )
    )
    return list(db.exec(waiting.order_by(col(Payment.queued_at), col(Payment.id))))


def of_member(db: Session, member_id: str, *, status: Some[str] = ()) -> list[Payment]:
    """A member's payments, the newest first."""
    hers = select(Payment).where(Payment.member_id == member_id)
    if status:
        hers = hers.where(col(Payment.status).in_(list(status)))
    return list(db.exec(hers.order_by(col(Payment.id).desc())))


# ── decided ──────────────────────────────────────────────────────────────────────────────────────────────────────


def confirm(db: Session, payment: Payment, received: Rupiah, *, by: str, now: datetime) -> Receipt | None:
    """Somebody has seen this much money: it is in the ledger, and she has a receipt. The payment is locked.

    Above the association's limit a second one must have seen the same: None until then.
    Raises `OwnMoney`, and `Overtaken` when the payment does not stand there any more.
    """
    member = lock_member(db, payment.member_id)
    if by in (payment.payer_id, payment.submitted_by, member.person_id):
        raise OwnMoney
    if needs_second(db, payment, received, by=by):
        propose(db, payment, received, by=by, now=now)
        return None
    step_on(payment, Event.CONFIRM, now, entry=settle(db, payment, member, received, by=by, now=now))
    payment.received, payment.decided_by = received, by
    payment.claimed_by, payment.claimed_until = None, None
    tell_history(db, payment, Event.CONFIRM, by=by, now=now, amount=received)
    forget_reminders(db, member, now)
    return receipts.make(db, payment, by=by, now=now)


def forget_reminders(db: Session, member: Member, now: datetime) -> None:
    """She has paid: what she promised is kept, and what is on its way to remind her of it is stopped."""
    reminders.end_promise(db, member.id, now)
    reminders.cancel_paid(db, member, now)


def needs_second(db: Session, payment: Payment, received: Rupiah, *, by: str) -> bool:
    """True when nobody else has seen the same amount and it is above the limit. Raises `OwnMoney`."""
    limit = get(db, payment.association_id).second_above
    if payment.status == Status.SECONDED:
        if payment.proposed_by == by:
            raise OwnMoney
        return payment.received != received and received > limit
    return received > limit


def propose(db: Session, payment: Payment, received: Rupiah, *, by: str, now: datetime) -> None:
    """The first of two has seen this much. Raises `Overtaken`."""
    if payment.status == Status.SECONDED:
        step_on(payment, Event.OBJECT, now)
    step_on(payment, Event.PROPOSE, now)
    payment.proposed_by, payment.received = by, received
    payment.claimed_by, payment.claimed_until = None, None
    tell_history(db, payment, Event.PROPOSE, by=by, now=now, amount=received)


def lock_member(db: Session, member_id: str) -> Member:
    """One member, held until the commit: her money is settled one payment after the other."""
    return db.exec(select(Member).where(Member.id == member_id).with_for_update(), execution_options=FRESH).one()


def settle(db: Session, payment: Payment, member: Member, received: Rupiah, *, by: str, now: datetime) -> int:
    """Put the money where it belongs: the oldest months first, what is left kept for the next ones; the entry.

    Raises `Overtaken` when the payment is in the ledger already, `NothingMoved` when there is none.
    """
    if received <= 0:
        raise NothingMoved(f"{received} rupiah")
    ledger.hold(db, payment.association_id)
    come_back(member, payment)
    charges.charge_member(db, member, map(Month.parse, payment.months), now=now)
    paid = allocated(db, payment, received)
    try:
        entry = ledger.post(
            db,
            settling(payment, paid),
            association_id=payment.association_id,
            kind=Kind.PAYMENT,
            key=f"payment:{payment.id}",
            about=f"payment/{payment.id}",
            by=by,
            now=now,
        )
    except ledger.AlreadyPosted as error:
        raise Overtaken("this payment is in the ledger already") from error
    credit.apply(db, payment.association_id, member.id, now=now)
    return entry


def come_back(member: Member, payment: Payment) -> None:
    """Whoever lapsed and pays again is a member as before, from the first month that she pays."""
    if member.status == "lapsed" and payment.months:
        member.status, member.first_month = "active", min(payment.months)


def allocated(db: Session, payment: Payment, received: Rupiah) -> Allocation:
    """Which months the money pays: those in arrears, then those that she meant. Where BPJS has the money, it pays no
    fee, and no month that BPJS has already."""
    latest = max(payment.months, default=str(Month.of(payment.updated_at.date())))
    owed, missing = credit.open_parts(db, payment.member_id)
    parts = missing if payment.way == Way.BPJS else owed
    return allocate([part for part in parts if str(part.month) <= latest], received)


PLACES = {Way.CASH: Account.CASH, Way.TRANSFER: Account.BANK, Way.QRIS: Account.BANK, Way.BPJS: Account.BPJS}
"""Where the money lies by the way that it was paid."""


def settling(payment: Payment, paid: Allocation) -> list[Movement]:
    """What a confirmed payment moves."""
    place = PLACES[Way(payment.way)]
    collector = (payment.collector_id or "") if place is Account.CASH else ""
    member = payment.member_id
    found = [
        Movement(place, Account.OWES, one.amount, member, collector, str(one.month), one.part) for one in paid.paid
    ]
    kept = Account.AHEAD if place is Account.BPJS else Account.CREDIT
    return [*found, *moved(paid.rest, debit=place, credit=kept, member=member, collector=collector)]


def refuse(db: Session, payment: Payment, *, reason: str, by: str, now: datetime) -> None:
    """An officer has not found the money. Raises `OwnMoney`, `Overtaken`."""
    if by in (payment.payer_id, payment.submitted_by):
        raise OwnMoney
    step_on(payment, Event.REFUSE, now)
    payment.decided_by, payment.reason = by, reason
    payment.claimed_by, payment.claimed_until = None, None
    tell_history(db, payment, Event.REFUSE, by=by, now=now, reason=reason)


def withdraw(db: Session, payment: Payment, *, by: str, now: datetime) -> None:
    """She takes back what she told, before anybody decided. Raises `Overtaken`."""
    step_on(payment, Event.WITHDRAW, now)
    payment.claimed_by, payment.claimed_until = None, None
    tell_history(db, payment, Event.WITHDRAW, by=by, now=now)


def undo(db: Session, payment: Payment, *, reason: str, by: str, now: datetime) -> None:
    """The payment never was, or not so: an entry moves everything back, and what it had paid is owed again.

    Raises `Overtaken`.
    """
    member = lock_member(db, payment.member_id)
    ledger.hold(db, payment.association_id)
    step_on(payment, Event.REVERSE, now)
    assert payment.entry is not None
    try:
        about = f"payment/{payment.id}"
        ledger.reverse(db, payment.association_id, payment.entry, now=now, by=by, reason=reason, about=about)
    except ledger.AlreadyPosted as error:
        raise Overtaken("this payment was undone just now") from error
    payment.reason = reason
    tell_history(db, payment, Event.REVERSE, by=by, now=now, reason=reason)
    credit.put_right(db, member, about=about, by=by, now=now, reason=reason)


def step_on(payment: Payment, event: Event, now: datetime, *, entry: int | None = None) -> None:
    """Move the status as the life cycle allows. Raises `Overtaken`."""
    try:
        status = move(Status(payment.status), event)
    except NotPossibleNow as error:
        raise Overtaken(str(error)) from error
    payment.status, payment.updated_at = status, now
    payment.entry = payment.entry if entry is None else entry


def tell_history(
    db: Session,
    payment: Payment,
    event: str,
    *,
    by: str | None,
    now: datetime,
    amount: int | None = None,
    reason: str = "",
) -> None:
    """Add one line to the history of a payment."""
    db.add(
        PaymentEvent(
            association_id=payment.association_id,
            payment_id=payment.id,
            event=str(event),
            by_person=by,
            amount=amount,
            reason=reason,
            at=now,
        )
    )
    db.flush()


def history(db: Session, payment_id: str) -> list[PaymentEvent]:
    """Everything that happened to a payment, oldest first."""
    its = select(PaymentEvent).where(PaymentEvent.payment_id == payment_id)
    return list(db.exec(its.order_by(col(PaymentEvent.id))))


# ── cash ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Taken:
    """Cash from one member: how much, for which months, and what these cost."""

    member: Member
    amount: Rupiah
    months: tuple[Month, ...]
    expected: Rupiah


def collect(
    db: Session, taken: Iterable[Taken], *, association_id: str, collector_id: str, now: datetime
) -> tuple[Collection, list[tuple[Payment, Receipt]]]:
    """A collector has this cash in her hands from now on; each member's payment is confirmed and has its receipt.

    Raises `OwnMoney` when one of the members is the collector herself.
    """
    taken = list(taken)
    collection = Collection(
        id=new_id(),
        association_id=association_id,
        number=f"S-{now.year}-{next_number(db, association_id, f'collection/{now.year}'):04}",
        collector_id=collector_id,
        total=sum(one.amount for one in taken),
        members=len(taken),
        at=now,
    )
    db.add(collection)
    db.flush()
    return collection, [collect_one(db, one, collection, now) for one in taken]


def collect_one(db: Session, taken: Taken, collection: Collection, now: datetime) -> tuple[Payment, Receipt]:
    """One member's part of a collection."""
    collector = collection.collector_id
    member = lock_member(db, taken.member.id)
    if member.person_id == collector:
        raise OwnMoney
    told = Told(Way.CASH, taken.months, taken.expected, declared=taken.amount, paid_on=now.date())
    payment = new(db, member, told, status=Status.SUBMITTED, payer_id=member.person_id, by=collector, now=now)
    payment.collector_id, payment.collection_id = collector, collection.id
    payment.received, payment.decided_by = taken.amount, collector
    db.add(payment)
    db.flush()
    step_on(payment, Event.CONFIRM, now, entry=settle(db, payment, member, taken.amount, by=collector, now=now))
    tell_history(db, payment, Event.CONFIRM, by=collector, now=now, amount=taken.amount)
    forget_reminders(db, member, now)
    return payment, receipts.make(db, payment, by=collector, now=now)
