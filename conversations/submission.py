"""What happens when an application is sent in or repaired: numbered, checked for doubts, and told to the officers."""

from typing import Any

from sqlmodel import Session

from conversations.notices import tell_staff
from conversations.talk import Talk
from conversations.words import _
from domain.nik import Sex, doubts
from storage.queries import applications, members, tickets
from storage.tables import Application, Person


def submit(db: Session, talk: Talk[Any]) -> dict[str, str]:
    """Keep the application under a number of its own; the words for "{number}"."""
    subject = talk.person_id
    if talk.draft.whom != "self":
        other = Person(association_id=talk.house.id, called=talk.draft.name, created_at=talk.now)
        db.add(other)
        db.flush()
        subject = other.id
    application = applications.submit(
        db,
        association_id=talk.house.id,
        person_id=subject,
        applicant_id=talk.person_id,
        address_id=talk.address_id,
        nik=talk.draft.nik,
        answers=talk.draft.as_json(),
        doubts=doubts_about(talk),
        now=talk.now,
    )
    hand_over_duplicates(db, talk, application)
    tell_officers(db, talk, application)
    return {"number": application.number}


def repair(db: Session, talk: Talk[Any]) -> dict[str, str]:
    """Keep the repaired application; it keeps its number and its place in the queue."""
    application = applications.lock(db, talk.house.id, talk.draft.argument)
    applications.repair(
        db,
        application,
        nik=talk.draft.nik,
        answers=talk.draft.as_json(),
        doubts=doubts_about(talk),
        by=talk.person_id,
        now=talk.now,
    )
    hand_over_duplicates(db, talk, application)
    tell_officers(db, talk, application)
    return {"number": application.number}


def doubts_about(talk: Talk[Any]) -> list[str]:
    """What an officer should look at before he approves (domain.md §5: warnings, never refusals)."""
    draft = talk.draft
    found = [str(doubt) for doubt in doubts(draft.nik, draft.birth_date, Sex(draft.sex), talk.today)]
    return found if draft.ktp else [*found, "ktp_missing"]


def hand_over_duplicates(db: Session, talk: Talk[Any], application: Application) -> None:
    """Somebody else has this NIK: the officers hear of it, and the applicant hears nothing about that person."""
    same = applications.with_same_nik(db, application)
    member = members.find_by_nik(db, talk.house.id, talk.draft.nik)
    if not same and not member:
        return
    application.doubts = [*application.doubts, "duplicate_nik"]
    if tickets.has_of_application(db, talk.house.id, application.id, "duplicate_nik"):
        return
    others = [other.number for other in same]
    tickets.open_ticket(
        db,
        association_id=talk.house.id,
        kind="duplicate_nik",
        person_id=talk.person_id,
        application_id=application.id,
        words=_("NIK pada {number} sama dengan: {others}.").format(
            number=application.number, others=", ".join(others) or _("anggota yang sudah ada")
        ),
        now=talk.now,
    )


def tell_officers(db: Session, talk: Talk[Any], application: Application) -> None:
    """Every officer who may verify it hears that it waits."""

    def words() -> str:
        return _('Ada pendaftaran menunggu: {number}. Ketik "antrean" untuk memeriksa.').format(
            number=application.number
        )

    key = f"application:{application.id}:waits:{application.updated_at.isoformat()}"
    tell_staff(db, talk.house.id, "officer", words, key=key, now=talk.now, but={talk.person_id}, opens="verification")
