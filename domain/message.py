"""What goes in and out of every conversation, whatever the channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

ProviderId = NewType("ProviderId", str)
"""The id that a provider gave to one message; unique within one channel account."""


class Kind(StrEnum):
    """What somebody sent us."""

    TEXT = "text"
    TAP = "tap"  # a button of ours was pressed
    PHOTO = "photo"
    FILE = "file"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    EDITED = "edited"  # she changed a message that she had sent before
    FORM = "form"  # a page of ours, opened by a one-time link, was filled in and sent
    BLOCKED = "blocked"  # she blocked us
    UNBLOCKED = "unblocked"
    UNKNOWN = "unknown"  # polls, games, whatever a provider invents next


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is reached: one of our channel accounts, and the provider's own id for her there."""

    account: str  # channel and account, as in "telegram/main"
    id: str

    @property
    def channel(self) -> str:
        """The channel's name, as in "telegram"."""
        return self.account.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that lies at the provider until we fetch it."""

    id: str  # what the provider wants to hear to hand it over
    mime: str = ""
    size: int = 0  # bytes, as the provider says; 0 when it does not
    name: str = ""
    stays: bool = False  # the provider keeps its copy until we delete it


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A phone number from the sender's address book or of her own."""

    phone: str  # as the provider wrote it
    own: bool  # True only when the provider vouches that it is the sender's own number


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from one sender, in our own words."""

    sender: Address
    provider_id: ProviderId
    kind: Kind
    sent_at: datetime  # aware, UTC, the provider's clock
    text: str = ""  # what she typed, or the caption of what she sent
    tap: str = ""  # the data of the button that she pressed
    attachments: tuple[Attachment, ...] = ()
    album: str = ""  # shared by the photos that were sent together
    contact: SharedContact | None = None
    profile_name: str = ""  # the name she gave herself at the provider; a courtesy, never an identity
    language: str = ""  # what her app speaks, as the provider says
    user_id: str = ""  # who is behind the address, where the provider says so; another one there is another person
    form: Mapping[str, str] = field(default_factory=dict)  # what a page of ours brought: field → value


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. `data` comes back as `Incoming.tap`; 64 bytes at most."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What we say. Choices are printed with their numbers and offered as buttons where a channel has them."""

    text: str
    buttons: tuple[Button, ...] = ()
    numbered: bool = True  # the buttons are answers: print them as a numbered list too
    asks_contact: bool = False  # offer to share her own phone number with one press
    document: str = ""  # id of a sealed document to show above the text
    file: bool = False  # as a file to keep rather than a picture: a receipt is a PDF then
    template: str = ""  # what may go in its place where nobody may be written to freely, as in "due_id"
    variables: tuple[str, ...] = ()  # what fills the template, in order
    replaces: str = ""  # key of a message that was sent before and now says this; sent anew where none can be changed

    def printed(self) -> str:
        """The text with its numbered choices, as a channel without buttons shows it."""
        if not (self.buttons and self.numbered):
            return self.text
        lines = [f"{number}. {button.label}" for number, button in enumerate(self.buttons, start=1)]
        return "\n".join([self.text, *lines])

    def filled(self, gaps: Mapping[str, str]) -> "Reply":
        """The reply with "{name}" replaced by what became known only when it was stored, the document's id too."""
        text, document = self.text, self.document
        for name, word in gaps.items():
            text, document = (whole.replace("{" + name + "}", word) for whole in (text, document))
        return replace(self, text=text, document=document)

    def as_json(self) -> dict[str, Any]:
        """The reply as it is stored until it is sent."""
        stored: dict[str, Any] = {"text": self.text}
        if self.buttons:
            stored["buttons"] = [[button.label, button.data] for button in self.buttons]
        if not self.numbered:
            stored["numbered"] = False
        if self.asks_contact:
            stored["asks_contact"] = True
        if self.document:
            stored["document"] = self.document
        if self.file:
            stored["file"] = True
        if self.template:
            stored["template"] = [self.template, *self.variables]
        if self.replaces:
            stored["replaces"] = self.replaces
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reply":
        """The reply that `as_json` stored."""
        template, *variables = stored.get("template", ("",))
        return cls(
            text=stored["text"],
            buttons=tuple(Button(label, data) for label, data in stored.get("buttons", ())),
            numbered=stored.get("numbered", True),
            asks_contact=stored.get("asks_contact", False),
            document=stored.get("document", ""),
            file=stored.get("file", False),
            template=template,
            variables=tuple(variables),
            replaces=stored.get("replaces", ""),
        )


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a channel can carry; `draw` must fit every reply into it."""

    text: int  # characters of one message, counted as the provider counts (UTF-16 code units)
    caption: int  # characters under a picture
    buttons: int  # buttons of one message
    label: int  # characters of a button's label
    file_caption: int | None = None  # characters under a file; None: as many as under a picture
    data: int = 64  # bytes of a button's data
    rate: float = 25.0  # messages a second that one account may send
    window: timedelta | None = None  # after her last word we may write freely for so long; None: always
    people_per_day: int | None = None  # who may be written to outside of it within 24 hours; None: everybody
    pair_seconds: float = 0.0  # between two messages to one person, over time
    pair_burst: int = 0  # messages by which she may run ahead of that
    edits: bool = False  # a message that was sent can be changed
    extras: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says, later on, about a message of ours."""

    account: str
    reference: str  # as we gave it with the message: its number and the attempt, as in "123.2"; may be empty
    provider_id: ProviderId
    status: str  # accepted, sent, delivered, read, failed
    code: str = ""  # the provider's, when it failed
