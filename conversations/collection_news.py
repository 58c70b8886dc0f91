"""Each member hears at once what a collector took from her, and can say that it is not so."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlmodel import Session, select

from conversations.notices import opening, tell, tell_staff
from conversations.payment_news import drawn, paid, tell_paid
from conversations.words import _
from storage.queries import members, people
from storage.tables import Application, Collection, Member, Payment, Receipt


def tell_members(
    db: Session,
    collection: Collection,
    made: Sequence[tuple[Payment, Receipt]],
    *,
    pages: str,
    now: datetime,
) -> list[Member]:
    """Each gets her receipt; whoever cannot be reached gets it through whoever registered her, else the officers hear
    of it. Those whom nobody could tell."""
    unreached = []
    for payment, receipt in made:
        member = members.get(db, payment.association_id, payment.member_id)
        if people.reach(db, member.person_id, None):
            tell_paid(db, payment, receipt, pages=pages, now=now, buttons=partial(objecting, payment))
        elif who := registrar(db, member, payment):
            tell_registrar(db, who, payment, receipt, member, pages=pages, now=now)
        else:
            unreached.append(member)
    if unreached:
        tell_officers(db, collection, unreached, now=now)
    return unreached


def objecting(payment: Payment, person_id: str) -> list[tuple[str, str]]:
    """The buttons with which a member says that it is not so."""
    return [
        (_("Bukan saya"), opening("disputing", f"{payment.id}/not_me", person_id=person_id)),
        (_("Belum bayar"), opening("disputing", f"{payment.id}/not_paid", person_id=person_id)),
    ]


def registrar(db: Session, member: Member, payment: Payment) -> str | None:
    """Whoever registered her, unless that is the collector himself: nobody vouches for his own money."""
    who = db.exec(select(Application.applicant_id).where(Application.id == member.application_id)).one()
    return who if who != payment.collector_id and people.reach(db, who, None) else None


def tell_registrar(
    db: Session, person_id: str, payment: Payment, receipt: Receipt, member: Member, *, pages: str, now: datetime
) -> None:
    """Whoever registered a member without a phone hears in her place."""
    tell(
        db,
        person_id,
        partial(paid, db, payment, receipt, member),
        key=f"payment:{payment.id}:paid:{person_id}",
        now=now,
        buttons=partial(objecting, payment, person_id),
        document=partial(drawn, db, receipt, member, pages=pages, now=now),
    )


def tell_officers(db: Session, collection: Collection, unreached: Sequence[Member], *, now: datetime) -> None:
    """Nobody of theirs could be told: an officer asks them."""

    def words() -> str:
        return _("{number} oleh {who}: anggota ini belum bisa dikabari, tolong ditanyakan: {names}.").format(
            number=collection.number,
            who=people.name_of(db, collection.collector_id),
            names=", ".join(member.name for member in unreached),
        )

    key = f"collection:{collection.id}:unreached"
    tell_staff(db, collection.association_id, "officer", words, key=key, now=now, but={collection.collector_id})
