"""Links to pages of ours, for what a chat must not carry. Every time that the question is asked there is a new one."""

from functools import partial
from typing import Any

from sqlmodel import Session

from conversations.place import Place
from conversations.steps import Effect, Question
from conversations.talk import Talk
from storage.queries import links


def opening_page(question: Question, place: Place) -> Effect | None:
    """The effect that makes the link in a question's text; None where it has none."""
    if question.form:
        return partial(open_form, step=place.step, fields=question.form)
    return partial(open_look, subject=question.look) if question.look else None


def open_form(db: Session, talk: Talk[Any], *, step: str, fields: tuple[str, ...]) -> dict[str, str]:
    """A link to the page that asks this question; the words for "{link}"."""
    return made(db, talk, "i", step=step, fields=" ".join(fields))


def open_look(db: Session, talk: Talk[Any], *, subject: str) -> dict[str, str]:
    """A link to the page that shows it; the words for "{link}"."""
    return made(db, talk, "b" if subject.startswith("remittance/") else "l", subject=subject)


def made(db: Session, talk: Talk[Any], page: str, **facts: str) -> dict[str, str]:
    """A link for whoever talks, from where she talks."""
    token = links.make(
        db,
        association_id=talk.house.id,
        account=talk.facts.incoming.sender.account,
        address_id=talk.address_id,
        person_id=talk.person_id,
        now=talk.now,
        **facts,
    )
    return {"link": f"{talk.facts.pages}/{page}/{token}"}
