"""The members of a simulated association: how they pay, what they want, and when they are not to be reached."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from domain.month import Month
from domain.zone import zone_of
from storage.queries import associations
from storage.tables import Address, Application, Consent, Member, Person, Talk, Terms

ASSOCIATION, ACCOUNT = "simulated", "telegram/simulated"
ZONE = ZoneInfo("Asia/Makassar")
HOMES = ("5271", "5203", "5206", "3171", "9471")  # Mataram, Lombok Timur, Bima; Jakarta and Jayapura for the zones
HABITS = {"prompt": 0.45, "reminded": 0.4, "late": 0.1, "never": 0.05}


@dataclass
class Somebody:
    """One member, and what she does."""

    number: int
    person_id: str
    member_id: str
    address_id: str
    external_id: str
    habit: str
    regency: str
    first: Month
    wants: bool = True
    reachable: bool = True
    active: bool = True
    promised_until: date | None = None
    paid: dict[Month, datetime] = field(default_factory=dict)
    changes: list[tuple[datetime, str, bool]] = field(default_factory=list)  # when, what of her, and to what

    @property
    def zone(self) -> ZoneInfo:
        """Where she lives."""
        return zone_of(self.regency) or ZONE

    def becomes(self, what: str, value: bool, at: datetime) -> None:
        """She changes, and the referee will know since when."""
        setattr(self, what, value)
        self.changes.append((at, what, value))


def born(count: int, first: Month, chance: random.Random) -> list[Somebody]:
    """So many members, who join in the first months."""
    habits, weights = zip(*HABITS.items(), strict=True)
    return [
        Somebody(
            number=number,
            person_id=f"a{number:031x}",
            member_id=f"b{number:031x}",
            address_id=f"c{number:031x}",
            external_id=str(10_000 + number),
            habit=chance.choices(habits, weights)[0],
            regency=chance.choices(HOMES, (50, 25, 20, 3, 2))[0],
            first=first + (0 if chance.random() < 0.8 else chance.randrange(1, 6)),
        )
        for number in range(count)
    ]


def settle_in(db: Session, everybody: list[Somebody], now: datetime) -> None:
    """They talk with us, are members, and want to be reminded."""
    associations.ensure(db, association_id=ASSOCIATION, name="Asosiasi Simulasi (fiktif)", now=now)
    associations.ensure_account(db, association_id=ASSOCIATION, account=ACCOUNT, per_second=1_000_000, now=now)
    for kind in (a_person, an_address, a_talk, an_application, a_member, her_terms, her_consent):
        rows = [kind(one, now) for one in everybody]
        table = type(rows[0])
        db.connection().execute(insert(table), [row.model_dump(exclude_none=True) for row in rows])


def a_person(one: Somebody, now: datetime) -> SQLModel:
    """Who she is to us."""
    return Person(id=one.person_id, association_id=ASSOCIATION, called=f"Anggota {one.number}", created_at=now)


def an_address(one: Somebody, now: datetime) -> SQLModel:
    """Where she is reached."""
    return Address(
        id=one.address_id,
        association_id=ASSOCIATION,
        account=ACCOUNT,
        external_id=one.external_id,
        person_id=one.person_id,
        created_at=now,
    )


def a_talk(one: Somebody, now: datetime) -> SQLModel:
    """She has written once."""
    return Talk(association_id=ASSOCIATION, address_id=one.address_id, person_id=one.person_id, turn=1, heard_at=now)


def an_application(one: Somebody, now: datetime) -> SQLModel:
    """How she became a member."""
    return Application(
        id=one.member_id,
        association_id=ASSOCIATION,
        number=f"P-{one.number}",
        status="verified",
        person_id=one.person_id,
        applicant_id=one.person_id,
        address_id=one.address_id,
        nik_index=f"simulated-{one.number}",
        answers_sealed="",
        queued_at=now,
        updated_at=now,
    )


def a_member(one: Somebody, now: datetime) -> SQLModel:
    """What the law would know of her; there is no NIK behind it."""
    return Member(
        id=one.member_id,
        association_id=ASSOCIATION,
        person_id=one.person_id,
        application_id=one.member_id,
        nik_sealed="",
        nik_index=f"simulated-{one.number}",
        nik_end="0000",
        name=f"Anggota {one.number}",
        birth_place="",
        birth_date=date(1990, 1, 1),
        sex="female",
        mother_sealed="",
        regency=one.regency,
        trade="",
        workplace="",
        hours="",
        first_month=str(one.first),
        joined_at=now,
    )


def her_terms(one: Somebody, now: datetime) -> SQLModel:
    """The lowest tier, JKK and JKM."""
    return Terms(
        association_id=ASSOCIATION,
        member_id=one.member_id,
        from_month=str(one.first),
        tier=1,
        programmes="JKK JKM",
        at=now,
    )


def her_consent(one: Somebody, now: datetime) -> SQLModel:
    """Whether she wants to be reminded, as she says it now."""
    return Consent(
        association_id=ASSOCIATION,
        person_id=one.person_id,
        purpose="reminders",
        given=one.wants,
        version="1",
        words="",
        answer="",
        language="id",
        account=ACCOUNT,
        provider_id="",
        at=now,
    )
