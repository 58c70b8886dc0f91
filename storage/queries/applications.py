"""Applications: sent in, claimed, decided, repaired."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.application import ApplicationEvent as Event
from domain.application import ApplicationStatus as Status
from domain.application import NotPossibleNow, move
from domain.nik import Nik
from storage.database import Overtaken
from storage.queries.associations import next_number
from storage.sealed import bound, keys
from storage.tables import Application, ApplicationEvent

LIVE = [s.value for s in Status if s not in (Status.WITHDRAWN, Status.REFUSED, Status.REFUSED_BY_BPJS)]


def submit(
    db: Session,
    *,
    association_id: str,
    person_id: str,
    applicant_id: str,
    address_id: str,
    nik: Nik,
    answers: Mapping[str, Any],
    doubts: list[str],
    now: datetime,
) -> Application:
    """Keep a new application under the next number of the year."""
    number = next_number(db, association_id, f"application/{now.year}")
    application = Application(
        association_id=association_id,
        number=f"P-{now.year}-{number:04}",
        status=Status.SUBMITTED,
        person_id=person_id,
        applicant_id=applicant_id,
        address_id=address_id,
        nik_index=keys().blind_index(association_id, "nik", nik.digits),
        answers_sealed="",
        doubts=doubts,
        queued_at=now,
        updated_at=now,
    )
    application.answers_sealed = sealed_answers(application, answers)
    db.add(application)
    db.flush()
    tell_history(db, application, "submit", by=applicant_id, now=now)
    return application


def repair(
    db: Session,
    application: Application,
    *,
    nik: Nik,
    answers: Mapping[str, Any],
    doubts: list[str],
    by: str,
    now: datetime,
) -> None:
    """The one chapter that was sent back is answered anew; the application keeps its place in the queue."""
    repaired = application.to_repair
    step_on(application, Event.REPAIR, now)
    application.nik_index = keys().blind_index(application.association_id, "nik", nik.digits)
    application.answers_sealed = sealed_answers(application, answers)
    application.doubts = doubts
    application.to_repair, application.reason = "", ""
    application.claimed_by, application.claimed_until = None, None
    tell_history(db, application, Event.REPAIR, by=by, now=now, facts={"chapter": repaired})


def decide(
    db: Session,
    application: Application,
    event: Event,
    *,
    by: str,
    now: datetime,
    reason: str = "",
    to_repair: str = "",
) -> None:
    """An officer decides. Raises `Overtaken` when the application does not stand there any more."""
    step_on(application, event, now)
    application.decided_by = by
    application.reason, application.to_repair = reason, to_repair
    application.claimed_by, application.claimed_until = None, None
    tell_history(db, application, event, by=by, now=now, facts={"chapter": to_repair} if to_repair else {})


def step_on(application: Application, event: Event, now: datetime) -> None:
    """Move the status as the life cycle allows. Raises `Overtaken`."""
    try:
        application.status = move(Status(application.status), event)
    except NotPossibleNow as error:
        raise Overtaken(str(error)) from error
    application.updated_at = now


def lead_on(db: Session, ids: Collection[str], event: Event, *, by: str | None, now: datetime) -> None:
    """The same event happens to many applications: to those of them that stand where it may happen."""
    leads = {status: after for status in Status if (after := after_event(status, event))}
    found = select(Application).where(col(Application.id).in_(ids), col(Application.status).in_(list(leads)))
    for application in db.exec(found).all():
        application.status, application.updated_at = leads[Status(application.status)], now
        db.add(
            ApplicationEvent(
                association_id=application.association_id,
                application_id=application.id,
                event=str(event),
                by_person=by,
                at=now,
            )
        )
    db.flush()


def after_event(status: Status, event: Event) -> Status | None:
    """Where an application stands after an event, or None where it cannot happen."""
    try:
        return move(status, event)
    except NotPossibleNow:
        return None


def claim(db: Session, application_id: str, *, association_id: str, by: str, now: datetime, until: datetime) -> None:
    """Hold an application for one officer. Raises `Overtaken` when another holds it or it was decided."""
    application = lock(db, association_id, application_id)
    if not is_open_to(application, by, now):
        raise Overtaken("another officer was faster")
    application.claimed_by, application.claimed_until = by, until


def is_open_to(application: Application, officer_id: str, now: datetime) -> bool:
    """True while it waits for a decision and no other officer holds it."""
    held_until = None if application.claimed_by in (None, officer_id) else application.claimed_until
    return application.status == Status.SUBMITTED and (held_until is None or held_until <= now)


def lock(db: Session, association_id: str, application_id: str) -> Application:
    """One application, held until the commit. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(one(association_id, application_id).with_for_update()).one()


def find(db: Session, association_id: str, application_id: str) -> Application | None:
    """One application of this association."""
    return db.exec(one(association_id, application_id)).first()


def one(association_id: str, application_id: str) -> SelectOfScalar[Application]:
    """The statement that finds one application within its association."""
    return select(Application).where(Application.id == application_id, Application.association_id == association_id)


def oldest_waiting(
    db: Session, association_id: str, *, officer_id: str, now: datetime, but: Collection[str] = ()
) -> Application | None:
    """The application that waited longest and that this officer may take: not held by another, not his own.

    `but`: the ids of those that he put back just now.
    """
    free = or_(
        col(Application.claimed_until).is_(None),
        col(Application.claimed_until) <= now,
        Application.claimed_by == officer_id,
    )
    queue = (
        select(Application)
        .where(
            Application.association_id == association_id,
            Application.status == Status.SUBMITTED,
            Application.person_id != officer_id,
            Application.applicant_id != officer_id,
            col(Application.id).not_in(but),
            free,
        )
        .order_by(col(Application.queued_at), col(Application.id))
        .limit(1)
    )
    return db.exec(queue).first()


def put_back(db: Session, association_id: str, application_id: str, *, by: str) -> None:
    """An officer leaves an application to the others."""
    application = lock(db, association_id, application_id)
    if application.claimed_by == by:
        application.claimed_by, application.claimed_until = None, None


def count_waiting(db: Session, association_id: str, *, officer_id: str) -> int:
    """How many wait that this officer may decide on."""
    waiting = select(func.count()).where(
        Application.association_id == association_id,
        Application.status == Status.SUBMITTED,
        Application.person_id != officer_id,
        Application.applicant_id != officer_id,
    )
    return db.exec(waiting).one()


def of_applicant(db: Session, association_id: str, person_id: str) -> list[Application]:
    """The applications that a person sent in or that are about her, the newest first."""
    hers = select(Application).where(
        Application.association_id == association_id,
        or_(Application.applicant_id == person_id, Application.person_id == person_id),
    )
    return list(db.exec(hers.order_by(col(Application.id).desc())))


def with_same_nik(db: Session, application: Application) -> list[Application]:
    """Other live applications of the association with this NIK."""
    answers = answers_of(application)
    indexes = keys().indexes(application.association_id, "nik", answers["nik"])
    same = select(Application).where(
        Application.association_id == application.association_id,
        col(Application.nik_index).in_(indexes),
        Application.id != application.id,
        col(Application.status).in_(LIVE),
    )
    return list(db.exec(same.order_by(col(Application.id))))


def answers_of(application: Application) -> dict[str, Any]:
    """What was answered, opened."""
    opened = keys().open(application.answers_sealed, bound_to=place_of(application))
    answers: dict[str, Any] = orjson.loads(opened)
    return answers


def sealed_answers(application: Application, answers: Mapping[str, Any]) -> str:
    """What was answered, sealed to its row."""
    return keys().seal(orjson.dumps(dict(answers)), bound_to=place_of(application))


def place_of(application: Application) -> str:
    """What the answers of an application are sealed to."""
    return bound(application.association_id, "application", "answers", application.id)


def tell_history(
    db: Session,
    application: Application,
    event: str,
    *,
    by: str | None,
    now: datetime,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add one line to the history of an application."""
    db.add(
        ApplicationEvent(
            association_id=application.association_id,
            application_id=application.id,
            event=str(event),
            by_person=by,
            facts=facts or {},
            at=now,
        )
    )
    db.flush()


def history(db: Session, application: Application) -> list[ApplicationEvent]:
    """Everything that happened to an application, oldest first."""
    its = select(ApplicationEvent).where(ApplicationEvent.application_id == application.id)
    return list(db.exec(its.order_by(col(ApplicationEvent.id))))
