"""What the treasurer's conversations about batches to BPJS share: the batch at hand, its lines, and the way back."""

from typing import TypeVar

from sqlmodel import Session

from conversations import remittance_words as words
from conversations.answers import Answers
from conversations.steps import Effect, End, Show
from conversations.talk import Talk
from conversations.words import _
from domain.remittance import RemittanceStatus as Status
from storage.database import Overtaken
from storage.queries import remittances
from storage.queries.remittances import Found
from storage.tables import Remittance

AFTERWARDS = "+"  # before the id of a batch: ask whether she wants to see it


class OfBatch(Answers):
    """The batch that a talk is about."""

    argument: str  # a batch, as a notice or another conversation names it
    which: str  # a line of it


D = TypeVar("D", bound=OfBatch)


def find(talk: Talk[D]) -> Remittance | None:
    """The batch that was named, of this association."""
    return remittances.find(talk.db, talk.house.id, talk.draft.get("argument", ""))


def at_hand(talk: Talk[D]) -> Remittance:
    """The batch that is looked at."""
    found = find(talk)
    assert found is not None
    return found


def locked(db: Session, talk: Talk[D]) -> Remittance:
    """The batch at hand, held until the commit."""
    return remittances.lock(db, talk.house.id, talk.draft.argument)


def line_at_hand(db: Session, talk: Talk[D], remittance: Remittance) -> Found:
    """The line that is looked at. Raises `Overtaken`."""
    found = remittances.find_line(db, remittance, int(talk.draft.which))
    if found is None:
        raise Overtaken("the line is gone")
    return found


def told_state(remittance: Remittance) -> str:
    """What became of a batch meanwhile."""
    return _("{number} sekarang {status}.").format(
        number=remittance.number, status=_(words.STATUS[Status(remittance.status)])
    )


# ── the way back ─────────────────────────────────────────────────────────────────────────────────────────────────


def back(talk: Talk[D]) -> End:
    """To the batch, as it stands now."""
    return End("", opens="remitting", about=talk.draft.get("argument", ""))


def changed(talk: Talk[D]) -> Show:
    """It stands otherwise than was thought."""
    return Show(told_state(at_hand(talk)), then=back)


def done(text: str, talk: Talk[D], do: Effect, remittance_id: str = "") -> End:
    """Something is done with the batch, and this conversation over: how the batch stands is asked for afterwards."""
    return End(text, do=do, opens="remitting", about=AFTERWARDS + (remittance_id or talk.draft.argument))
