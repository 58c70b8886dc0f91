"""WhatsApp, through Twilio: verify, read, draw, send. A raw form is read, a reply is drawn with its numbers printed."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from multidict import MultiDict, MultiMapping
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from bot.channels import menus
from bot.channels import whatsapp_templates as templates
from bot.channels.errors import AccountRefused, ContentRefused, MessageRefused, Uncertain
from bot.channels.fitting import TextTooLong, units
from bot.channels.menus import Offer
from bot.channels.text import clean
from bot.channels.whatsapp_content import ensure, name_of, variables_of
from bot.channels.whatsapp_forms import STATUSES, read, read_report, report_of
from bot.channels.whatsapp_wire import API, Wire
from bot.channels.wires import READ_SECONDS
from domain.message import Abilities, Attachment, Button, ProviderId, Reply, Report
from domain.picture import Picture

__all__ = [
    "ABILITIES",
    "API",
    "Drawn",
    "WhatsApp",
    "draw",
    "draw_template",
    "form_of",
    "read",
    "read_report",
    "verify",
]

ABILITIES: Final = Abilities(
    text=1600,  # Twilio's own (error 21617); WhatsApp takes 4,096
    caption=1024,
    file_caption=0,  # Twilio sends a document without its words
    buttons=menus.LIST,
    label=menus.DESCRIPTION,
    data=64,
    rate=10.0,  # of the 80 a second that WhatsApp allows one number, in and out together
    window=timedelta(hours=23, minutes=50),  # of the 24 hours after her last word
    pair_seconds=6.0,
    pair_burst=20,
    extras={
        "interactive": menus.INTERACTIVE,
        "quick": menus.QUICK,
        "title": menus.QUICK_TITLE,
        "rows": menus.LIST,
        "row": menus.LIST_TITLE,
        "description": menus.DESCRIPTION,
    },
)
"""WhatsApp's limits and Twilio's, the smaller of each."""

MOST_FIELDS: Final = 200
Form = MultiMapping[str]


# --- verify: Twilio's, or a stranger's? -------------------------------------------------------------------------------


def form_of(body: bytes) -> MultiDict[str]:
    """The fields of a webhook's body in their order, blank ones too, for a signature covers them.

    Raises ValueError for more fields than any message has, and for what is no text.
    """
    return MultiDict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))


def verify(tokens: Sequence[str], url: str, form: Form | Iterable[tuple[str, str]], signature: str | None) -> bool:
    """Whether `X-Twilio-Signature` was made with one of our auth tokens: several, while one takes another's place.

    `url` is our own as Twilio knows it, built from what we are configured to be and never from what a stranger's
    headers say; a fragment, which tells Twilio how often to try, is not signed. `form` holds every field as it came:
    unknown ones, blank ones, those that came twice. Without a token of ours nothing passes.
    """
    if not signature:
        return False
    fields, signed_url = MultiDict(form), url.partition("#")[0]
    try:
        return any(RequestValidator(token).validate(signed_url, fields, signature) for token in tokens if token)
    except ValueError:  # no URL, or half a character
        return False


# --- draw: Reply → a message of Twilio's ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawn(Offer):
    """A message with everything that it takes but the recipient: its text, how choices are offered, its picture."""

    document: str = ""
    file: bool = False
    template: str = ""  # in place of all that: the id of what WhatsApp approved
    variables: Mapping[str, str] = field(default_factory=dict)


def draw(reply: Reply, *, plain: bool = False) -> Drawn:
    """`reply` as WhatsApp shows it: choices by number in the text, and to press where there is room.

    `plain` leaves the words alone, for a provider that refused the rest. A button that would share her number is left
    out: WhatsApp has none. Raises TextTooLong: `fitting.fit` comes first.
    """
    shown = replace(reply, text=clean(reply.text), buttons=tuple(_keys(reply)))
    offer = Offer(shown.printed()) if plain else menus.offer(shown)
    document = "" if plain else reply.document
    drawn = Drawn(offer.text, offer.kind, offer.rows, document, bool(document) and reply.file)
    _demand_room(drawn)
    return drawn


def draw_template(reply: Reply, sid: str) -> Drawn:
    """The template of that id, filled as the reply says. Raises ContentRefused where that does not fit together."""
    try:
        variables = templates.variables_of(reply)
    except (KeyError, ValueError):
        raise ContentRefused("variables") from None
    return Drawn("", template=sid, variables=variables)


def _keys(reply: Reply) -> Iterator[Button]:
    """The buttons that can be pressed in WhatsApp."""
    for button in reply.buttons:
        if button.data or not reply.asks_contact:
            yield Button(clean(button.label), button.data)


def _demand_room(drawn: Drawn) -> None:
    below = ABILITIES.file_caption if drawn.file else ABILITIES.caption
    room = below or 0 if drawn.document else ABILITIES.text
    if units(drawn.text) > room:
        raise TextTooLong(f"{units(drawn.text)} units, not {room} at most")


# --- send: the only part that touches the network ---------------------------------------------------------------------

VALID_SECONDS: Final = 4 * 3600
"""A reply that Twilio could not hand over by then is not worth reading; its own queue is as long."""

LATEST: Final = 20
"""Messages to one person that are looked through: she gets one at a time. Not asked for by date, for Twilio goes by
the date of sending, and a message that is still queued has none."""
SKEW: Final = timedelta(seconds=2)  # Twilio tells whole seconds, by its own clock


PictureUrl = Callable[[str, bool], str]
"""Where a document lies: its id, and whether it is wanted as a file."""


class WhatsApp:
    """One WhatsApp number at Twilio. Belongs to the event loop in which it is first used; `close` it there."""

    def __init__(
        self,
        account_sid: str,
        key_sid: str,
        key_secret: str,
        sender: str,
        base_url: str = API,
        *,
        status_url: str = "",
        picture_url: PictureUrl | None = None,
        contents: Mapping[str, str] | None = None,
        account: str = "whatsapp/main",
        connections: int = 50,
        patience: float = READ_SECONDS,
    ) -> None:
        """`sender` is our number as "+62…"; Twilio reports to `status_url`, and fetches pictures from `picture_url`.

        `contents` are the ids of the content that shows choices, by name; until one is known they go as numbers.
        """
        self.contents = dict(contents or {})
        self.wire = Wire(account_sid, (key_sid, key_secret), base_url, connections=connections, patience=patience)
        self._from = f"whatsapp:{sender}"
        self._status_url = status_url
        self._picture_url = picture_url
        self._account = account

    def __repr__(self) -> str:
        return f"WhatsApp({self._account}, {self.wire!r})"

    async def send(self, to: str, drawn: Drawn, picture: Picture | None = None, *, reference: str = "") -> ProviderId:
        """Send to one person; the id is Twilio's sid. `to` is her phone number, or WhatsApp's id of her, whole.

        `reference` comes back with every report, even when the answer to this request is lost. The `picture` is not
        needed: Twilio fetches it by its URL. Raises the kinds of SendError.
        """
        message = {**self._what(drawn), **self._about(reference)}
        made = await self.wire.call(
            lambda twilio: twilio.messages.create_async(_person(to), from_=self._from, **message)
        )
        if not (isinstance(made.sid, str) and made.sid):
            raise Uncertain("garbled")
        return ProviderId(made.sid)

    def _what(self, drawn: Drawn) -> dict[str, Any]:
        """The fields that say what she sees."""
        if drawn.template:
            return _content(drawn.template, drawn.variables)
        _demand_room(drawn)
        if drawn.document:
            if not self._picture_url:
                raise MessageRefused("no_picture")
            body = {"body": drawn.text} if drawn.text else {}
            return {**body, "media_url": [self._picture_url(drawn.document, drawn.file)]}
        if not drawn.text.strip():
            raise MessageRefused("empty")
        content = self.contents.get(name_of(drawn))
        if not content or holds_gaps(drawn):
            return {"body": drawn.text}
        return _content(content, variables_of(drawn))

    def _about(self, reference: str) -> dict[str, Any]:
        """The fields that she does not see."""
        about: dict[str, Any] = {"validity_period": VALID_SECONDS}
        if self._status_url and reference:
            about["status_callback"] = f"{self._status_url}?m={quote(reference, safe='')}"
        return about

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        """The file's content, never more than `limit_bytes` of it. Raises TooBig, Gone, NotFetched.

        Nothing is asked of any other host than where Twilio keeps files, and only its API is shown our credentials.
        """
        return await self.wire.download(attachment.id, limit_bytes)

    async def delete(self, attachment: Attachment) -> None:
        """Have Twilio forget its copy of a file; one that is gone already is forgotten. Raises ProviderError."""
        address = f"{self.wire.media_url(attachment.id)}.json"
        try:
            await self.wire.call(lambda twilio: twilio.request_async("DELETE", address))
        except MessageRefused as refused:
            if refused.code not in ("404", "20404"):
                raise

    async def look_up(self, to: str, since: datetime, until: datetime | None = None) -> list[Report]:
        """How far our messages to one person got that were made `since` and before `until`, the newest first.

        Raises SendError.
        """

        earliest = since.astimezone(UTC) - SKEW
        latest = until and until.replace(microsecond=0)  # what was made within that second is the next one

        async def listed(twilio: Client) -> list[Any]:
            found = await twilio.messages.list_async(to=_person(to), from_=self._from, limit=LATEST)
            return [one for one in found if earliest <= one.date_created and (not latest or one.date_created < latest)]

        made = await self.wire.call(listed)
        made.sort(key=lambda one: one.date_created, reverse=True)
        return [self._report(one) for one in made if one.sid and one.status in STATUSES]

    def _report(self, one: Any) -> Report:
        return report_of(self._account, "", one.sid, one.status, str(one.error_code or ""))

    async def check(self) -> str:
        """What our account is called at Twilio. Raises SendError; AccountRefused: the credentials do not serve.

        A standard API key, which is all that we need, may not see the account itself: that it sees our messages says
        as much, and the account's sid is its name.
        """
        try:
            return await self.wire.call(self._name)
        except AccountRefused:
            await self.wire.call(lambda twilio: twilio.messages.list_async(limit=1))
            return self.wire.account_sid

    async def _name(self, twilio: Client) -> str:
        account = await twilio.api.v2010.accounts(self.wire.account_sid).fetch_async()
        return clean(account.friendly_name)

    async def make_contents(self) -> None:
        """Know the content that shows choices, and make what is missing of it. Raises SendError."""
        self.contents = await ensure(self.wire, self.contents)

    async def make_templates(self, known: Mapping[str, str]) -> list[templates.Judged]:
        """How WhatsApp judges each template; what is missing is made and submitted. Raises SendError."""
        return await templates.ensure(self.wire, known)

    async def close(self) -> None:
        """Let go of every connection; later calls raise NotSent."""
        await self.wire.close()


def _content(sid: str, variables: Mapping[str, str]) -> dict[str, str]:
    return {"content_sid": sid, "content_variables": json.dumps(variables, ensure_ascii=False)}


def holds_gaps(offer: Offer) -> bool:
    """True when somebody wrote what looks like a gap to fill: it goes as plain text, where it stays as it is."""
    return any("{{" in text for text in (offer.text, *(row.title for row in offer.rows)))


def _person(to: str) -> str:
    return f"whatsapp:{to}"
