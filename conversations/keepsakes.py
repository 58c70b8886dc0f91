"""Pictures of ours that an answer shows: kept in the same transaction, and drawn when they are sent."""

from functools import partial
from typing import Any

from sqlmodel import Session

from conversations.steps import Effect
from conversations.talk import Talk
from domain.picture import BookPicture, ReceiptPicture
from storage.queries import documents

DRAWING = "{drawing}"
"""Stands for the picture in a step that shows one; its id is known only when it is kept."""


def keeping(picture: BookPicture | ReceiptPicture) -> Effect:
    """Keep this picture, for whoever asked for it."""
    return partial(keep, picture)


def keep(picture: BookPicture | ReceiptPicture, db: Session, talk: Talk[Any]) -> dict[str, str]:
    """The picture's id, for the gap in the reply."""
    kept = documents.add_drawing(
        db, picture.as_json(), association_id=talk.house.id, person_id=talk.person_id, now=talk.now
    )
    return {DRAWING.strip("{}"): kept}
