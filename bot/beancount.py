"""The journal in Beancount's syntax, whose own checker proves it once more.

People are told apart by the end of their id; no name and no NIK leaves. The journal is written line by line, whatever
its length, and ends with a balance of every account as the ledger has it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.ledger import Account
from storage.queries import associations
from storage.queries.ledger import debited
from storage.tables import Entry, Posting

CURRENCY = "IDR"
NAMES = {
    Account.OWES: "Assets:Owed",
    Account.CASH: "Assets:Cash",
    Account.TILL: "Assets:Till",
    Account.BANK: "Assets:Bank",
    Account.BPJS: "Liabilities:BPJS",
    Account.CREDIT: "Liabilities:Credit",
    Account.AHEAD: "Liabilities:AheadAtBPJS",
    Account.FEE: "Income:Fee",
    Account.DIFFERENCE: "Expenses:Difference",
}
OF_MEMBERS = (Account.OWES, Account.CREDIT, Account.AHEAD)
END = 12  # letters of an id that tell people apart
BATCH = 2_000  # rows that are read at once


def journal(db: Session, association_id: str) -> Iterator[str]:
    """The journal's lines."""
    zone = ZoneInfo(associations.get(db, association_id).zone)
    begins = first_day(db, association_id, zone)
    yield f'option "title" "JagaLapak {association_id}"'
    yield f'option "operating_currency" "{CURRENCY}"'
    yield ""
    for name, _balance in balances(db, association_id):
        yield f"{begins} open {name} {CURRENCY}"
    for entry in entries(db, association_id):
        yield ""
        yield from transaction(db, entry, zone)
    yield ""
    after = last_day(db, association_id, zone) + timedelta(days=1)
    for name, balance in balances(db, association_id):
        yield f"{after} balance {name} {balance} {CURRENCY}"


def first_day(db: Session, association_id: str, zone: ZoneInfo) -> date:
    """The day before the first entry: accounts are open by then."""
    return at_edge(db, association_id, zone, func.min(col(Entry.at))) - timedelta(days=1)


def last_day(db: Session, association_id: str, zone: ZoneInfo) -> date:
    """The day of the last entry."""
    return at_edge(db, association_id, zone, func.max(col(Entry.at)))


def at_edge(db: Session, association_id: str, zone: ZoneInfo, edge: ColumnElement[Any]) -> date:
    """The day of the first or the last entry; today where there is none."""
    moment = db.connection().execute(asking(edge).where(col(Entry.association_id) == association_id)).scalar_one()
    if moment is None:
        return datetime.now(zone).date()
    aware: datetime = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite forgets the zone of an aggregate
    return aware.astimezone(zone).date()


def balances(db: Session, association_id: str) -> list[tuple[str, int]]:
    """Every account by its name, and what lies there: debits less credits, as Beancount counts."""
    found: list[tuple[str, int]] = []
    for account in Account:
        holder = holder_of(account)
        asked = asking(func.sum(debited(account))).where(
            col(Posting.association_id) == association_id,
            (col(Posting.debit) == account) | (col(Posting.credit) == account),
        )
        if holder is not None:
            asked = asked.add_columns(holder).group_by(holder).order_by(holder)
        rows: list[Any] = list(db.connection().execute(asked))
        named = [(str(row[1]) if len(row) > 1 else "", row[0]) for row in rows]
        found += [(called(account, whose), int(amount)) for whose, amount in named if amount is not None]
    return found


def holder_of(account: Account):  # type: ignore[no-untyped-def]  # a column of either of two tables' keys
    """By whom an account is kept; None for those of which there is one."""
    if account in OF_MEMBERS:
        return col(Posting.member_id)
    return col(Posting.collector_id) if account is Account.CASH else None


def called(account: Account, whose: str) -> str:
    """An account's name, as in "Assets:Owed:M0b1c…"."""
    sign = "C" if account is Account.CASH else "M"
    return f"{NAMES[account]}:{sign}{whose[-END:]}" if whose else NAMES[account]


def entries(db: Session, association_id: str) -> Iterator[Entry]:
    """Every entry in its order, some at a time."""
    last = 0
    while True:
        rows = select(Entry).where(Entry.association_id == association_id, Entry.number > last)
        found = db.exec(rows.order_by(col(Entry.number)).limit(BATCH)).all()
        if not found:
            return
        yield from found
        last = found[-1].number
        db.expunge_all()


def transaction(db: Session, entry: Entry, zone: ZoneInfo) -> Iterator[str]:
    """One entry: what happened, and every movement with both of its sides."""
    yield f"{entry.at.astimezone(zone).date()} * {quoted(entry.kind)} {quoted(entry.reason)}"
    yield f"  entry: {entry.number}"
    if entry.about:
        yield f"  about: {quoted(entry.about)}"
    if entry.reverses:
        yield f"  reverses: {entry.reverses}"
    for row in postings(db, entry):
        for account, amount in ((Account(row.debit), row.amount), (Account(row.credit), -row.amount)):
            whose = row.member_id if account in OF_MEMBERS else row.collector_id if account is Account.CASH else ""
            yield f"  {called(account, whose or '')}  {amount} {CURRENCY}"
            if row.month:
                yield f"    month: {quoted(row.month)}"
            if row.part:
                yield f"    part: {quoted(row.part)}"


def postings(db: Session, entry: Entry) -> Iterator[Posting]:
    """An entry's postings in their order, some at a time: a month of everybody is one entry."""
    last = 0
    while True:
        rows = select(Posting).where(
            Posting.association_id == entry.association_id, Posting.entry == entry.number, col(Posting.id) > last
        )
        found = db.exec(rows.order_by(col(Posting.id)).limit(BATCH)).all()
        if not found:
            return
        for row in found:
            db.expunge(row)
            yield row
        last = found[-1].id or 0


def quoted(text: str) -> str:
    """A text of Beancount's."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
