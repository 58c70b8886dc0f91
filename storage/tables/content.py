"""Content that we made at a provider, to be sent by its id."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import Moment


class Content(SQLModel, table=True):
    """One piece of content: WhatsApp's buttons and lists are sent as such."""

    account: str = Field(primary_key=True, foreign_key="channel_account.id")
    name: str = Field(primary_key=True, max_length=64)  # as in "list-4"
    association_id: str = Field(foreign_key="association.id")
    sid: str = Field(max_length=64)
    made_at: datetime = Field(sa_type=Moment)
