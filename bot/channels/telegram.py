"""Telegram: verify, read, draw, send. A raw update is read, a reply is drawn as plain text."""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from telegram import Bot, InputFile
from telegram.error import TelegramError
from yarl import URL

from bot.channels.errors import Gone, MessageRefused, NotFetched, NotSent, TooBig, Uncertain
from bot.channels.fitting import TextTooLong, shorten, units
from bot.channels.telegram_updates import UPDATES, Update, read
from bot.channels.telegram_wire import NOT_MODIFIED, OurError, Wire
from bot.channels.text import clean
from bot.channels.wires import READ_SECONDS
from domain.message import Abilities, Attachment, Button, ProviderId, Reply
from domain.picture import Picture

__all__ = ["ABILITIES", "Drawn", "Telegram", "acknowledgement", "draw", "read", "verify"]

API: Final = "https://api.telegram.org"
ABILITIES: Final = Abilities(
    text=4096,
    caption=1024,
    buttons=12,  # Telegram takes 100; nobody reads more than these
    label=64,
    data=64,
    rate=25.0,  # of the 30 a second that Telegram allows one bot
    edits=True,
    extras={"alert": 200, "photo": 10 * 1024 * 1024, "download": 20 * 1024 * 1024},
)
"""Bot API 10.1."""

MethodCall = dict[str, Any]


# --- verify: Telegram's, or a stranger's? -----------------------------------------------------------------------------


def verify(expected: str, header: str | None) -> bool:
    """Whether `X-Telegram-Bot-Api-Secret-Token` carries the secret that we gave to setWebhook, in constant time.

    Bytes are compared, for `compare_digest` raises on text beyond ASCII. Without a secret of ours nothing passes.
    """
    ours, theirs = expected.encode("utf-8", "surrogatepass"), (header or "").encode("utf-8", "surrogatepass")
    return hmac.compare_digest(ours, theirs) and bool(ours)


# --- acknowledgement: what may go back in the webhook's own answer ----------------------------------------------------


def acknowledgement(update: Update, text: str = "") -> MethodCall | None:
    """A method that Telegram executes when it stands in our answer to the webhook, or None.

    It takes the waiting sign off a pressed button, with `text` as a short notice, and shows that we look at a photo.
    Nobody learns how it went, so nothing that counts goes this way.
    """
    match update:
        case {"callback_query": {"id": str(query)}}:
            answer: MethodCall = {"method": "answerCallbackQuery", "callback_query_id": query}
            return {**answer, "text": shorten(clean(text), ABILITIES.extras["alert"])} if text else answer
        case {"message": {"chat": {"type": "private", "id": int(chat)}} as message}:
            looked_at = "photo" in message or "document" in message
            return {"method": "sendChatAction", "chat_id": chat, "action": "typing"} if looked_at else None
        case _:
            return None


# --- draw: Reply → a call of the Bot API ------------------------------------------------------------------------------

SHORT: Final = 14  # units: two such labels stand side by side on a small phone
MANY: Final = 6


@dataclass(frozen=True, slots=True)
class Drawn:
    """A method of the Bot API with everything that it takes but the recipient and the picture."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)


def draw(reply: Reply) -> Drawn:
    """`reply` as Telegram shows it: plain text, so that no character of a name can break it, and no link previews.

    Choices are printed by number and hang below as buttons. A reply that asks for her contact shows a keyboard in
    place of the letters: its first button shares her number, the others type their own label. Telegram has one or the
    other in one message, and only a message without buttons can take that keyboard away again; so each of those does,
    which nobody notices who has none. Raises TextTooLong: `fitting.fit` comes first.
    """
    text = clean(reply.printed())
    room = ABILITIES.caption if reply.document else ABILITIES.text
    if not units(text) <= room or not (text.strip() or reply.document):
        raise TextTooLong(f"{units(text)} units, not 1 to {room}")
    markup = {"reply_markup": _markup(reply)}
    if reply.document:
        method = "sendDocument" if reply.file else "sendPhoto"
        return Drawn(method, {"caption": text, "protect_content": True, **markup})
    return Drawn("sendMessage", {"text": text, "link_preview_options": {"is_disabled": True}, **markup})


def _markup(reply: Reply) -> dict[str, Any]:
    if not reply.buttons:
        return {"remove_keyboard": True}
    if reply.asks_contact:
        share, *others = (clean(button.label) for button in reply.buttons)
        keys = [[{"text": share, "request_contact": True}], *([{"text": label}] for label in others)]
        return {"keyboard": keys, "resize_keyboard": True, "one_time_keyboard": True}
    return {"inline_keyboard": [[_key(button) for button in row] for row in _rows(reply.buttons)]}


def _rows(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    """One button a row; two where there are many and all are short."""
    across = 2 if len(buttons) > MANY and all(units(button.label) <= SHORT for button in buttons) else 1
    return [buttons[first : first + across] for first in range(0, len(buttons), across)]


def _key(button: Button) -> dict[str, str]:
    return {"text": clean(button.label), "callback_data": button.data}


# --- send: the only part that touches the network ---------------------------------------------------------------------

POLL_SECONDS: Final = 30
UPLOADS: Final = {"sendPhoto": "photo", "sendDocument": "document", "sendVoice": "voice"}
"""Methods that carry a file, and in which field."""
VOICE: Final = "audio/ogg"  # Opus in Ogg: what Telegram plays as a voice note
SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FETCH_ERRORS: Final[Mapping[str, type[TooBig | NotFetched]]] = {
    "file_too_big": TooBig,
    "file_unavailable": NotFetched,
}


class Telegram:
    """One bot at Telegram. Belongs to the event loop in which it is first used; `close` it there."""

    def __init__(
        self, token: str, base_url: str = API, *, connections: int = 100, patience: float = READ_SECONDS
    ) -> None:
        """`base_url` is what stands before `/bot<token>`: only this host is ever contacted.

        A call waits `patience` seconds for its answer and is over after 30 more at the latest, whatever happens.
        """
        base = base_url.rstrip("/")
        self._wire = Wire(connections, patience)
        self._files = f"{base}/file/bot{token}/"
        self._bot = Bot(token, f"{base}/bot", f"{base}/file/bot", request=self._wire, get_updates_request=self._wire)
        self._host = URL(base).host

    def __repr__(self) -> str:
        return f"Telegram({self._host})"

    async def call(self, method: str, params: Mapping[str, Any] | None = None, *, patience: float | None = None) -> Any:
        """The raw result of any method of the Bot API; raises the kinds of SendError."""
        try:
            # In lower case, which Telegram takes as well: of names that it knows, the library warns at every call.
            return await self._bot.do_api_request(method.lower(), dict(params or {}), read_timeout=patience)
        except OurError as known:
            failure = known.error
        except TelegramError as error:
            failure = Uncertain("library", type(error).__name__)
        raise failure  # out here, for the errors before it may name the URL, and the URL holds the token

    async def send(self, to: str, drawn: Drawn, picture: Picture | None = None, *, reference: str = "") -> ProviderId:
        """Send to one chat, with the `picture` of a photo or a file; the id is chat and message, as in "42:1001".

        What is private can be neither saved nor passed on. Telegram reports nothing later on, so a `reference` has no
        use here.
        """
        params: dict[str, Any] = {"chat_id": _chat_id(to), **drawn.params}
        method = drawn.method
        if method in UPLOADS:
            if picture is None or not (picture.content or picture.upload.id):
                raise MessageRefused("no_picture")
            method = "sendVoice" if picture.mime == VOICE else method
            params[UPLOADS[method]] = picture.upload.id or InputFile(picture.content, filename=picture.name)
            params["protect_content"] = picture.private
        match await self.call(method, params):
            case {"message_id": int(number)} as sent:
                if picture:
                    picture.upload.id = _file_id(sent.get(UPLOADS.get(method, "")))
                return ProviderId(f"{to}:{number}")
            case _:
                raise Uncertain("garbled")

    async def edit(self, to: str, sent: ProviderId, drawn: Drawn) -> ProviderId:
        """Change what a message says that was sent before; its id stays. Raises the kinds of SendError."""
        markup = drawn.params.get("reply_markup", {})
        params = {name: value for name, value in drawn.params.items() if name != "reply_markup"}
        if "inline_keyboard" in markup:
            params["reply_markup"] = markup
        about = {"chat_id": _chat_id(to), "message_id": int(sent.rpartition(":")[2])}
        try:
            await self.call("editMessageText", {**about, **params})
        except MessageRefused as refused:
            if refused.code != NOT_MODIFIED:
                raise
        return sent

    async def fetch(self, attachment: Attachment, limit_bytes: int) -> bytes:
        """The file's content, never more than `limit_bytes` of it, whatever size was declared.

        Raises TooBig, Gone, NotFetched; ProviderBusy and AccountRefused as `send` does.
        """
        if attachment.size > limit_bytes:
            raise TooBig("declared")
        path = await self._path(attachment, limit_bytes)
        return await self._wire.download(URL(self._files + quote(path), encoded=True), limit_bytes)

    async def _path(self, attachment: Attachment, limit_bytes: int) -> str:
        """Where the file lies below our own base URL, for an hour at least."""
        try:
            shown = await self.call("getFile", {"file_id": attachment.id})
        except MessageRefused as refused:
            raise _FETCH_ERRORS.get(refused.code, Gone)(refused.code) from None
        except (NotSent, Uncertain) as failed:  # asking twice harms nobody
            raise NotFetched(failed.code) from None
        match shown:
            case {"file_size": int(size)} if size > limit_bytes:
                raise TooBig("declared")
            case {"file_path": str(path)} if ".." not in path.split("/"):
                return path
            case _:
                raise Gone("no_path")

    async def set_up(
        self,
        webhook: str,
        secret: str,
        *,
        indonesian: Sequence[tuple[str, str]] = (),
        english: Sequence[tuple[str, str]] = (),
        connections: int = 40,
    ) -> None:
        """Let Telegram post to `webhook`, and offer the commands, pairs of name and description.

        Updates that wait are never dropped. Indonesian commands are the default, so that a phone in Sasak, Malay or
        anything but English shows them.
        """
        if not SECRET.fullmatch(secret):
            raise ValueError("a webhook secret is 1 to 256 of A-Z, a-z, 0-9, _ and -")
        hook = {"url": webhook, "secret_token": secret, "max_connections": connections, "allowed_updates": UPDATES}
        await self.call("setWebhook", hook)
        await self.offer_commands(indonesian, english)

    async def offer_commands(self, indonesian: Sequence[tuple[str, str]], english: Sequence[tuple[str, str]]) -> None:
        """What the menu beside the text field lists; an empty list leaves what is there."""
        for language, commands in ({}, indonesian), ({"language_code": "en"}, english):
            listed = [{"command": name, "description": description} for name, description in commands]
            if listed:
                await self.call("setMyCommands", {"commands": listed, **language})

    async def updates(self, offset: int = 0, *, seconds: int = POLL_SECONDS) -> list[dict[str, Any]]:
        """Updates from `offset` on, waiting up to `seconds` for the first; asking for later ones confirms these.

        Raises Conflict when a webhook is set or another process polls; what else fails may simply be asked again.
        """
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": UPDATES}
        found = await self.call("getUpdates", asked, patience=seconds + 15.0)
        return [update for update in found if isinstance(update, dict)] if isinstance(found, list) else []

    async def answer(self, acknowledged: MethodCall) -> None:
        """Execute an `acknowledgement` where no webhook carries it; a press too old to be answered is let be."""
        params = {name: value for name, value in acknowledged.items() if name != "method"}
        try:
            await self.call(acknowledged["method"], params)
        except MessageRefused as refused:
            if refused.code != "query_too_old":
                raise

    async def close(self) -> None:
        """Let go of every connection; later calls raise NotSent."""
        await self._wire.shutdown()


def _file_id(shown: object) -> str:
    """What Telegram calls the file of a message that was sent: of a photo the largest size."""
    match shown:
        case [*_, {"file_id": str(file_id)}] | {"file_id": str(file_id)}:
            return file_id
        case _:
            return ""


def _chat_id(to: str) -> int | str:
    return int(to) if to.removeprefix("-").isdecimal() else to
