"""Receipts: one for each confirmed payment, numbered without gaps by association and year."""

import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from domain.ledger import Account
from storage.queries import ledger
from storage.queries.associations import next_number
from storage.tables import Payment, Receipt

SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
LENGTH = 16  # of them: 80 bits


def make(db: Session, payment: Payment, *, by: str, now: datetime) -> Receipt:
    """The receipt of a payment that is in the ledger."""
    assert payment.entry is not None and payment.received is not None
    moved = ledger.movements_of(db, payment.association_id, payment.entry)
    paid: list[list[str | int]] = [
        [one.month, one.part, int(one.amount)] for one in moved if one.credit is Account.OWES
    ]
    kept = sum(one.amount for one in moved if one.credit in (Account.CREDIT, Account.AHEAD))
    receipt = Receipt(
        association_id=payment.association_id,
        year=now.year,
        number=next_number(db, payment.association_id, f"receipt/{now.year}"),
        code="".join(secrets.choice(SIGNS) for _sign in range(LENGTH)),
        payment_id=payment.id,
        member_id=payment.member_id,
        amount=payment.received,
        paid=paid,
        credit=kept,
        confirmed_by=by,
        at=now,
    )
    db.add(receipt)
    db.flush()
    return receipt


def find_by_code(db: Session, code: str) -> Receipt | None:
    """The receipt of that code, of any association: whoever has the code may check it."""
    return db.exec(select(Receipt).where(Receipt.code == code)).first()


def find(db: Session, association_id: str, receipt_id: str) -> Receipt | None:
    """One receipt of this association."""
    return db.exec(select(Receipt).where(Receipt.id == receipt_id, Receipt.association_id == association_id)).first()


def of_payment(db: Session, payment_id: str) -> Receipt | None:
    """The receipt of a payment."""
    return db.exec(select(Receipt).where(Receipt.payment_id == payment_id)).first()


def of_member(db: Session, member_id: str, limit: int = 8) -> list[Receipt]:
    """A member's receipts, the newest first."""
    hers = select(Receipt).where(Receipt.member_id == member_id)
    return list(db.exec(hers.order_by(col(Receipt.at).desc(), col(Receipt.id).desc()).limit(limit)))
