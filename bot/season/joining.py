"""People become members: they register, an officer approves, and each is on a collector's list."""

from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.arrivals import ASSOCIATION
from bot.channels.webchat_looks import Look
from bot.season.fiction import DRIVERS, Somebody
from bot.season.season import Season
from conversations.admission import admit
from conversations.registration_answers import Draft
from domain.application import ApplicationEvent
from storage.queries import applications, people

REGENCY, DISTRICT, VILLAGE = "5271", "527101", "5271011013"


def join(season: Season, who: Somebody, *, by: str) -> None:
    """Somebody says hello and becomes a member; an officer of that name approves."""
    if who.name not in season.persons:
        season.meet(who.phone)
    season.members[who.name] = season.write(partial(register, season, who, by))


def register(season: Season, who: Somebody, by: str, db: Session, now: datetime) -> str:
    """Her application, and what an officer makes of it; her member id."""
    person_id = season.persons[who.name]
    chat = who.phone.address(who.phone.look)
    address = people.find_address(db, chat.account, chat.id)
    assert address
    application = applications.submit(
        db,
        association_id=ASSOCIATION,
        person_id=person_id,
        applicant_id=person_id,
        address_id=address.id,
        nik=who.nik,
        answers=answers_of(who).as_json(),
        doubts=["ktp_missing"],
        now=now,
    )
    applications.decide(db, application, ApplicationEvent.VERIFY, by=season.persons[by], now=now)
    member = admit(db, application, answers_of(who), now=now)
    member.collector_id = season.persons.get(who.collector)
    return member.id


def answers_of(who: Somebody) -> Draft:
    """What she answered."""
    return Draft(
        whom="self",
        nik=who.nik,
        birth_date=who.born,
        sex=who.sex,
        name=who.name,
        birth_place="Mataram",
        mother="Inaq Contoh",
        phone=who.phone.address(Look.WHATSAPP).id,
        regency=REGENCY,
        district=DISTRICT,
        village=VILLAGE,
        street="Jalan Contoh 3",
        trade="ojek" if who.name in DRIVERS else who.trade,
        workplace=who.workplace,
        hours="morning",
        tier=who.tier,
        programmes=" ".join(who.programmes),
        heirs=[{"name": "Nur Contoh", "relation": "child"}],
        ktp="",
    )
