"""By what members are priced from a month on, and the association's own fee: rows are only ever added."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from domain.dues import Terms as Priced
from domain.money import Rupiah
from domain.month import Month
from domain.rates import Programme
from storage.tables import Fee, Member, Terms


def add(
    db: Session,
    member: Member,
    terms: Priced,
    *,
    from_month: Month,
    now: datetime,
    by: str | None = None,
    reason: str = "",
) -> None:
    """These terms hold from that month on, until later ones."""
    db.add(
        Terms(
            association_id=member.association_id,
            member_id=member.id,
            from_month=str(from_month),
            tier=terms.tier,
            programmes=" ".join(programme for programme in Programme if programme in terms.programmes),
            sector=terms.sector,
            funding=terms.funding,
            reason=reason,
            by_person=by,
            at=now,
        )
    )
    db.flush()


def at(db: Session, member_id: str, month: Month) -> Priced | None:
    """The terms of a month; None before her first ones."""
    hers = select(Terms).where(Terms.member_id == member_id, Terms.from_month <= str(month))
    found = db.exec(hers.order_by(col(Terms.from_month).desc(), col(Terms.id).desc()).limit(1)).first()
    return Priced.read(found.tier, found.programmes, found.sector, found.funding) if found else None


def over(db: Session, member: Member, months: Iterable[Month]) -> dict[Month, tuple[Priced, Rupiah]]:
    """Her terms and the association's fee in each of these months; one before her first terms is left out."""
    hers = sorted(history(db, member.id), key=lambda row: (row.from_month, row.id))
    asked = select(Fee.from_month, Fee.amount).where(Fee.association_id == member.association_id)
    fees = list(db.exec(asked.order_by(Fee.from_month, col(Fee.id))))
    found: dict[Month, tuple[Priced, Rupiah]] = {}
    for month in months:
        by_then = [row for row in hers if row.from_month <= str(month)]
        fee = next((amount for first, amount in reversed(fees) if first <= str(month)), 0)
        if by_then:
            last = by_then[-1]
            found[month] = (Priced.read(last.tier, last.programmes, last.sector, last.funding), Rupiah(fee))
    return found


def changed(db: Session, member_id: str, change: Mapping[str, Any], *, from_month: Month) -> dict[Month, Priced]:
    """Her terms with something changed from that month on, by the month in which they begin: where others were to
    begin later on, these are changed likewise."""
    later = {Month.parse(row.from_month) for row in history(db, member_id) if row.from_month > str(from_month)}
    hers = {month: at(db, member_id, month) for month in sorted({from_month, *later})}
    return {month: replace(found, **change) for month, found in hers.items() if found}


def first_month(db: Session, member_id: str) -> Month | None:
    """The month of her first terms: before it nothing can be priced."""
    first = db.exec(select(Terms.from_month).where(Terms.member_id == member_id).order_by(Terms.from_month)).first()
    return Month.parse(first) if first else None


def last_written(db: Session) -> int:
    """The last row that was written, for anybody."""
    return db.exec(select(func.max(Terms.id))).one() or 0


def written_since(db: Session, association_id: str, row: int) -> list[str]:
    """The members for whom terms were written after that row, those who joined among them."""
    rows = select(Terms.member_id).where(Terms.association_id == association_id, col(Terms.id) > row)
    return sorted(set(db.exec(rows)))


def history(db: Session, member_id: str) -> list[Terms]:
    """Every row, in the order in which they were written."""
    return list(db.exec(select(Terms).where(Terms.member_id == member_id).order_by(col(Terms.id))))


def fee_at(db: Session, association_id: str, month: Month) -> Rupiah:
    """The association's own fee for a month; 0 where it asks none."""
    its = select(Fee.amount).where(Fee.association_id == association_id, Fee.from_month <= str(month))
    return Rupiah(db.exec(its.order_by(col(Fee.from_month).desc(), col(Fee.id).desc()).limit(1)).first() or 0)


def set_fee(
    db: Session, association_id: str, amount: Rupiah, *, from_month: Month, now: datetime, by: str | None = None
) -> None:
    """The association asks this much from that month on; 0 asks nothing more."""
    db.add(Fee(association_id=association_id, from_month=str(from_month), amount=amount, by_person=by, at=now))
    db.flush()
