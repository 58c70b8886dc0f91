"""Photos, sealed."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import Moment, new_id


class Document(SQLModel, table=True):
    """A photo, sealed in the same transaction as the turn that brought it: there is never half a file."""

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    association_id: str = Field(foreign_key="association.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    kind: str  # ktp, proof, qris, drawing
    mime: str
    content_sealed: bytes
    sha256: str
    phash: str
    width: int
    height: int
    created_at: datetime = Field(sa_type=Moment)
