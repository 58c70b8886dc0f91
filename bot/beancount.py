"""The journal in Beancount's syntax, whose own checker proves it once more.

People are told apart by the end of their id; no name and no NIK leaves. The journal is written line by line, whatever
its length, and ends with a balance of every account as the ledger has it. A month of everybody is one line for each
member; what it consists of stands on the other side.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func
from sqlalchemy import select as asking
from sqlmodel import Session, col

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
BATCH = 500  # rows that are read at once
FEW = 100  # lines: an entry with more of them, such as a month of everybody, is written in sums
HEAD = (
    col(Entry.number),
    col(Entry.kind),
    col(Entry.about),
    col(Entry.reason),
    col(Entry.reverses),
    col(Entry.lines),
    col(Entry.at),
)
LINE = tuple(
    col(getattr(Posting, name))
    for name in ("entry", "debit", "credit", "amount", "member_id", "collector_id", "month", "part")
)


def journal(db: Session, association_id: str) -> Iterator[str]:
    """The journal's lines."""
    zone = ZoneInfo(associations.get(db, association_id).zone)
    begins = first_day(db, association_id, zone)
    yield f'option "title" "JagaLapak {association_id}"'
    yield f'option "operating_currency" "{CURRENCY}"'
    yield ""
    for name, _balance in balances(db, association_id):
        yield f"{begins} open {name} {CURRENCY}"
    for entry, moved in entries(db, association_id):
        yield ""
        yield from transaction(db, association_id, entry, moved, zone)
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


def entries(db: Session, association_id: str) -> Iterator[tuple[Any, list[Any]]]:
    """Every entry in its order, with its postings; some at a time. A month of everybody comes without them."""
    last = 0
    while True:
        its = col(Entry.association_id) == association_id, col(Entry.number) > last
        found = rows(db, asking(*HEAD).where(*its).order_by(col(Entry.number)).limit(BATCH))
        if not found:
            return
        several = [entry.number for entry in found if entry.lines <= FEW]
        moved = postings(db, association_id, several) if several else {}
        for entry in found:
            yield entry, moved.get(entry.number, [])
        last = found[-1].number


def postings(db: Session, association_id: str, numbers: list[int]) -> dict[int, list[Any]]:
    """The postings of these entries, in their order."""
    its = col(Posting.association_id) == association_id, col(Posting.entry).in_(numbers)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows(db, asking(*LINE).where(*its).order_by(col(Posting.id))):
        found[row.entry].append(row)
    return found


def transaction(db: Session, association_id: str, entry: Any, moved: list[Any], zone: ZoneInfo) -> Iterator[str]:
    """One entry: what happened, and every movement with both of its sides."""
    yield f"{entry.at.astimezone(zone).date()} * {quoted(entry.kind)} {quoted(entry.reason)}"
    yield f"  entry: {entry.number}"
    if entry.about:
        yield f"  about: {quoted(entry.about)}"
    if entry.reverses:
        yield f"  reverses: {entry.reverses}"
    if not moved:
        yield from in_sums(db, association_id, entry.number)
    for row in moved:
        for account, amount in ((Account(row.debit), row.amount), (Account(row.credit), -row.amount)):
            whose = row.member_id if account in OF_MEMBERS else row.collector_id if account is Account.CASH else ""
            yield from line(called(account, whose or ""), amount, row.month, row.part)


def in_sums(db: Session, association_id: str, number: int) -> Iterator[str]:
    """A large entry, such as a month of everybody: one line for each member, and the other side part by part."""
    for side, sign in ((col(Posting.debit), 1), (col(Posting.credit), -1)):
        for account in Account:
            its = col(Posting.association_id) == association_id, col(Posting.entry) == number, side == account
            holder = holder_of(account)
            by = (col(Posting.month), col(Posting.part)) if holder is None else (holder,)
            asked = asking(*by, func.sum(col(Posting.amount))).where(*its).group_by(*by).order_by(*by)
            for *names, amount in streamed(db, asked):
                whose, month, part = (names[0], "", "") if holder is not None else ("", *names)
                yield from line(called(account, whose or ""), sign * int(amount), month, part)


def line(account: str, amount: int, month: str = "", part: str = "") -> Iterator[str]:
    """One side of a movement."""
    yield f"  {account}  {amount} {CURRENCY}"
    if month:
        yield f"    month: {quoted(month)}"
    if part:
        yield f"    part: {quoted(part)}"


def rows(db: Session, asked: Any) -> list[Any]:
    """All that was asked for."""
    return list(db.connection().execute(asked))


def streamed(db: Session, asked: Any) -> Iterator[Any]:
    """What was asked for, some at a time."""
    yield from db.connection().execute(asked, execution_options={"yield_per": BATCH})


def quoted(text: str) -> str:
    """A text of Beancount's."""
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
