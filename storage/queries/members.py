"""Members and their heirs."""

from collections.abc import Iterable

from sqlmodel import Session, and_, col, select

from domain.nik import Nik
from storage.columns import new_id
from storage.database import FRESH
from storage.sealed import bound, keys
from storage.tables import Application, Heir, Member


class NikTaken(Exception):
    """Another member of this association has this NIK."""


def admit(
    db: Session, member: Member, *, nik: Nik, mother: str, phone: str, heirs: Iterable[tuple[str, str]]
) -> Member:
    """Keep a new member with sealed identifiers, and her heirs as (name, relation). Raises `NikTaken`."""
    if find_by_nik(db, member.association_id, nik):
        raise NikTaken
    member.nik_sealed = keys().seal(nik.digits.encode(), bound_to=place_of(member, "nik"))
    member.nik_index = keys().blind_index(member.association_id, "nik", nik.digits)
    member.nik_end = nik.last4
    member.mother_sealed = keys().seal(mother.encode(), bound_to=place_of(member, "mother"))
    member.phone_sealed = keys().seal(phone.encode(), bound_to=place_of(member, "phone")) if phone else ""
    db.add(member)
    db.flush()
    for name, relation in heirs:
        heir_id = new_id()
        place = bound(member.association_id, "heir", "name", heir_id)
        db.add(
            Heir(
                id=heir_id,
                association_id=member.association_id,
                member_id=member.id,
                name_sealed=keys().seal(name.encode(), bound_to=place),
                relation=relation,
            )
        )
    db.flush()
    return member


def place_of(member: Member, column: str) -> str:
    """What a member's sealed column is sealed to."""
    return bound(member.association_id, "member", column, member.id)


def find_by_nik(db: Session, association_id: str, nik: Nik) -> Member | None:
    """The member with this NIK, found by its blind index."""
    indexes = keys().indexes(association_id, "nik", nik.digits)
    return db.exec(
        select(Member).where(Member.association_id == association_id, col(Member.nik_index).in_(indexes))
    ).first()


def get(db: Session, association_id: str, member_id: str) -> Member:
    """One member of this association. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(select(Member).where(Member.id == member_id, Member.association_id == association_id)).one()


def find(db: Session, association_id: str, member_id: str) -> Member | None:
    """One member of this association."""
    return db.exec(select(Member).where(Member.id == member_id, Member.association_id == association_id)).first()


def lock(db: Session, association_id: str, member_id: str) -> Member:
    """One member, held until the commit. Raises `sqlalchemy.exc.NoResultFound`."""
    hers = select(Member).where(Member.id == member_id, Member.association_id == association_id)
    return db.exec(hers.with_for_update(), execution_options=FRESH).one()


def by_nik_end(db: Session, association_id: str, end: str, limit: int) -> list[Member]:
    """The members whose NIK ends like this, by name."""
    found = select(Member).where(Member.association_id == association_id, Member.nik_end == end)
    return list(db.exec(found.order_by(col(Member.name), col(Member.id)).limit(limit)))


def by_words(db: Session, association_id: str, words: Iterable[str], limit: int) -> list[Member]:
    """The members in whose names every one of these words stands, or a beginning of it, by name."""
    found = select(Member).where(Member.association_id == association_id)
    for word in words:
        found = found.where(col(Member.name).icontains(word, autoescape=True))
    return list(db.exec(found.order_by(col(Member.name), col(Member.id)).limit(limit)))


def names(db: Session, association_id: str) -> list[tuple[str, str]]:
    """The id and the name of every member, also of those who left."""
    return list(db.exec(select(Member.id, Member.name).where(Member.association_id == association_id)))


def in_care_of(db: Session, association_id: str, person_id: str) -> list[Member]:
    """Herself where she is a member, then the members whom she registered, by name; not those who left."""
    hers = [one for one in spoken_for(db, association_id, person_id) if one.status != "left"]
    return sorted(hers, key=lambda one: (one.person_id != person_id, one.name, one.nik_end, one.id))


def spoken_for(db: Session, association_id: str, person_id: str) -> list[Member]:
    """Herself where she is a member, and the members whom she registered, also those who left.

    Two questions: asked in one, both databases would look at every member.
    """
    own = select(Member).where(Member.association_id == association_id, Member.person_id == person_id)
    registered = (
        select(Member)
        .join(
            Application,
            and_(
                col(Application.id) == col(Member.application_id), col(Application.person_id) == col(Member.person_id)
            ),
        )
        .where(Member.association_id == association_id, Application.applicant_id == person_id)
    )
    return list({one.id: one for asked in (own, registered) for one in db.exec(asked)}.values())


def find_of_person(db: Session, association_id: str, person_id: str) -> Member | None:
    """The member who this person is."""
    return db.exec(select(Member).where(Member.association_id == association_id, Member.person_id == person_id)).first()


def nik_of(member: Member) -> Nik:
    """The whole NIK; whoever shows it writes an audit row."""
    return Nik(keys().open(member.nik_sealed, bound_to=place_of(member, "nik")).decode())
