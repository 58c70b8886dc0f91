"""What follows an officer's decision: the member is kept, and the applicant hears of it at once."""

from datetime import datetime

from sqlmodel import Session

from conversations.notices import opening, tell
from conversations.registration import registration
from conversations.registration_answers import Draft
from conversations.words import _
from domain.application import ApplicationStatus as Status
from domain.due import first_month
from domain.dues import Terms
from domain.month import Month
from storage.database import Overtaken
from storage.queries import charges, members, people, terms
from storage.tables import Application, Member


def admit(db: Session, application: Application, answers: Draft, *, now: datetime) -> Member:
    """Keep the member that an approved application describes. Raises `Overtaken` when her NIK was taken just now."""
    in_tables = answers.district.isdecimal()
    member = Member(
        association_id=application.association_id,
        person_id=application.person_id,
        application_id=application.id,
        nik_sealed="",
        nik_index="",
        nik_end=answers.nik.last4,
        name=answers.name,
        birth_place=answers.birth_place,
        birth_date=answers.birth_date,
        sex=answers.sex,
        mother_sealed="",
        regency=answers.regency,
        district=answers.district if in_tables else "",
        village=answers.village if in_tables else "",
        home=answers.street if in_tables else f"{answers.street}, {answers.village}, {answers.district}",
        trade=answers.trade,
        workplace=answers.workplace,
        hours=answers.hours,
        first_month=str(first_month(now.date())),
        collector_id=collector_of(db, application),
        joined_at=now,
    )
    heirs = [(heir["name"], heir["relation"]) for heir in answers.heirs]
    try:
        members.admit(db, member, nik=answers.nik, mother=answers.mother, phone=answers.phone, heirs=heirs)
    except members.NikTaken as error:
        raise Overtaken("this NIK was approved just now") from error
    first = Month.parse(member.first_month)
    terms.add(db, member, Terms.read(answers.tier, answers.programmes, "other", "self"), from_month=first, now=now)
    if first <= Month.of(now.date()):
        charges.charge_member(db, member, [first], now=now)
    return member


def collector_of(db: Session, application: Application) -> str | None:
    """The collector who registered her takes her dues, until an officer says otherwise."""
    who = application.applicant_id
    is_hers = who != application.person_id and "collector" in people.roles_of(db, application.association_id, who)
    return who if is_hers else None


def tell_applicant(db: Session, application: Application, *, now: datetime) -> None:
    """What the officer decided, and what she can do now."""
    key = f"application:{application.id}:decided:{application.updated_at.isoformat()}"
    whose = application.applicant_id

    def to_repair() -> tuple[str, str]:
        return _("Perbaiki sekarang"), opening("repair", application.id, person_id=whose)

    button = to_repair if application.to_repair else None
    tell(db, whose, lambda: decision(application), key=key, now=now, at=application.address_id, button=button)


def decision(application: Application) -> str:
    """An officer's decision in the words for the applicant."""
    number, reason = application.number, _(application.reason)
    if application.status == Status.VERIFIED:
        return _(
            "Kabar baik: pendaftaran {number} disetujui petugas.\n"
            "Berikutnya data didaftarkan ke BPJS. "
            "Perlindungan belum berlaku sebelum terdaftar dan iuran pertama dibayar."
        ).format(number=number)
    if application.status == Status.RETURNED:
        what = _(registration.chapter(application.to_repair).title)
        return _(
            'Pendaftaran {number} hampir selesai. Tolong perbaiki satu hal: {what}. {reason}\nKetik "perbaiki".'
        ).format(number=number, what=what, reason=reason)
    return _('Maaf, pendaftaran {number} belum bisa diterima. {reason}\nAda pertanyaan? Ketik "petugas".').format(
        number=number, reason=reason
    )
