"""The ledger: entries are posted and reversed, never changed; a balance is always added up anew."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, insert
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.ledger import Account, Kind, Movement, NothingMoved, total
from domain.money import Rupiah
from storage.queries.associations import next_number
from storage.tables import Association, Entry, Posting


class AlreadyPosted(Exception):
    """This event is in the ledger."""


def hold(db: Session, association_id: str) -> None:
    """Money of an association moves one thing after the other: whoever adds up what lies where, and then moves it,
    holds this until the commit. Members are locked before it, in the order of their ids, and numbers counted after."""
    db.exec(select(Association.id).where(Association.id == association_id).with_for_update(key_share=True)).one()


def post(
    db: Session,
    movements: Sequence[Movement],
    *,
    association_id: str,
    kind: Kind,
    key: str,
    now: datetime,
    by: str | None = None,
    about: str = "",
    reason: str = "",
    reverses: int | None = None,
) -> int:
    """Write what happened, once for each `key`; the entry's number. Raises `AlreadyPosted`, `NothingMoved`.

    The postings come first and the entry closes them: the database refuses an entry that does not tell what its
    postings move, a posting without its entry, and a posting that comes after it.
    """
    if not movements:
        raise NothingMoved(key)
    if find(db, association_id, key) is not None:
        raise AlreadyPosted(key)
    number = next_number(db, association_id, "entry")
    rows = [row_of(movement, association_id, number) for movement in movements]
    db.connection().execute(insert(Posting), rows)
    close(
        db,
        association_id=association_id,
        number=number,
        kind=kind,
        key=key,
        lines=len(rows),
        total=total(movements),
        now=now,
        by=by,
        about=about,
        reason=reason,
        reverses=reverses,
    )
    return number


def close(
    db: Session,
    *,
    association_id: str,
    number: int,
    kind: Kind,
    key: str,
    lines: int,
    total: int,
    now: datetime,
    by: str | None = None,
    about: str = "",
    reason: str = "",
    reverses: int | None = None,
) -> None:
    """The entry over postings that are written: nothing comes after it."""
    row = Entry(
        association_id=association_id,
        number=number,
        key=key,
        kind=kind,
        about=about,
        by_person=by,
        reason=reason,
        reverses=reverses,
        lines=lines,
        total=total,
        at=now,
    )
    db.add(row)
    db.flush()


def row_of(movement: Movement, association_id: str, number: int) -> dict[str, object]:
    """A movement as it is stored."""
    return {
        "association_id": association_id,
        "entry": number,
        "debit": movement.debit.value,
        "credit": movement.credit.value,
        "amount": movement.amount,
        "member_id": movement.member or None,
        "collector_id": movement.collector or None,
        "month": movement.month,
        "part": movement.part,
    }


def reverse(
    db: Session, association_id: str, number: int, *, now: datetime, by: str | None, reason: str, about: str = ""
) -> int:
    """Undo an entry by one that moves everything back; the new entry's number. Raises `AlreadyPosted`."""
    return post(
        db,
        [movement.undone for movement in movements_of(db, association_id, number)],
        association_id=association_id,
        kind=Kind.REVERSAL,
        key=f"reversal:{number}",
        now=now,
        by=by,
        about=about,
        reason=reason,
        reverses=number,
    )


def find(db: Session, association_id: str, key: str) -> int | None:
    """The number of the entry that tells of this event."""
    return db.exec(select(Entry.number).where(Entry.association_id == association_id, Entry.key == key)).first()


def is_reversed(db: Session, association_id: str, number: int) -> bool:
    """True when a later entry undoes this one."""
    undoing = select(Entry.number).where(Entry.association_id == association_id, Entry.reverses == number)
    return db.exec(undoing).first() is not None


def movements_of(db: Session, association_id: str, number: int) -> list[Movement]:
    """What an entry moved, in its order."""
    its = select(Posting).where(Posting.association_id == association_id, Posting.entry == number)
    return [as_movement(row) for row in db.exec(its.order_by(col(Posting.id)))]


def as_movement(row: Posting) -> Movement:
    """A posting as the domain knows it."""
    return Movement(
        debit=Account(row.debit),
        credit=Account(row.credit),
        amount=Rupiah(row.amount),
        member=row.member_id or "",
        collector=row.collector_id or "",
        month=row.month,
        part=row.part,
    )


# ── balances ─────────────────────────────────────────────────────────────────────────────────────────────────────


def debited(account: str) -> ColumnElement[int]:
    """What a posting brings to an account, less what it takes out of it: an asset's balance when summed up."""
    return case(
        (col(Posting.debit) == account, col(Posting.amount)),
        (col(Posting.credit) == account, -col(Posting.amount)),
        else_=0,
    )


def balance(
    db: Session, association_id: str, account: Account, *, member_id: str = "", collector_id: str = ""
) -> Rupiah:
    """Debits less credits of an account: what lies there; below zero for what is owed to others."""
    asked = asking(func.coalesce(func.sum(debited(account)), 0)).where(col(Posting.association_id) == association_id)
    if member_id:
        asked = asked.where(col(Posting.member_id) == member_id)
    if collector_id:
        asked = asked.where(col(Posting.collector_id) == collector_id)
    return Rupiah(int(db.connection().execute(asked).scalar_one()))


def held_for(db: Session, association_id: str, member_id: str) -> tuple[Rupiah, Rupiah]:
    """A member's credit with the association, and what BPJS holds for her ahead of time."""
    credit = balance(db, association_id, Account.CREDIT, member_id=member_id)
    ahead = balance(db, association_id, Account.AHEAD, member_id=member_id)
    return Rupiah(-credit), Rupiah(-ahead)
