"""One person and the engine, without a turn: whatever she remembers goes through JSON after every message."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from sqlmodel import Session

from bot.channels import whatsapp
from bot.channels.fitting import fit, units
from conversations import engine
from conversations.place import Place, Standing
from conversations.repertoire import Repertoire
from conversations.scene import Turn
from conversations.talk import Facts, House, ReceivedPhoto
from domain.message import Abilities, Address, Button, Incoming, Kind, ProviderId, Reply, SharedContact

ZONE = ZoneInfo("Asia/Makassar")
HOUSE = House("main", "Asosiasi Contoh", ZONE, "0812 0000 0099")
CHANNELS = (
    Abilities(text=4096, caption=1024, buttons=12, label=64),  # as Telegram
    Abilities(text=1600, caption=1024, buttons=3, label=20),  # less than any
    whatsapp.ABILITIES,
)


class Phone:
    """Says one thing after the other, restarted in between."""

    def __init__(
        self,
        repertoire: Repertoire,
        *,
        person_id: str = "siti",
        address_id: str = "",
        sender: str = "telegram/main/siti",
        roles: frozenset[str] | None = frozenset(),
        look: Callable[[], Session] | None = None,
        is_new: bool = False,
    ) -> None:
        self.repertoire = repertoire
        self.person_id = person_id
        self.address_id = address_id or f"address-of-{person_id}"
        account, _slash, external_id = sender.rpartition("/")
        self.sender = Address(account, external_id)
        self.roles = roles
        self.look = look
        self.is_new = is_new
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
        self.heard_at = self.now
        self.language = "id"
        self.number = 0
        self.remembered = b"{}"
        self.buttons: list[Button] = []  # the newest last
        self.effects: list[str] = []

    @property
    def standing(self) -> Standing:
        """Where she stands, as it is stored."""
        return Standing.from_json(orjson.loads(self.remembered))

    @property
    def place(self) -> Place:
        """The open question."""
        assert self.standing.place
        return self.standing.place

    def send(
        self,
        kind: Kind = Kind.TEXT,
        text: str = "",
        *,
        tap: str = "",
        photos: tuple[str, ...] = (),
        form: Mapping[str, str] | None = None,
    ) -> Turn:
        """One message. `photos`: the trouble of each, "" for a good one."""
        self.number += 1
        heard = Incoming(
            sender=self.sender,
            provider_id=ProviderId(f"update:{self.number}"),
            kind=kind,
            sent_at=self.now,
            text=text,
            tap=tap,
            form=form or {},
            contact=SharedContact("+6281200000001", own=text != "somebody") if kind is Kind.CONTACT else None,
        )
        received = tuple(ReceivedPhoto("" if trouble else f"photo-{self.number}", trouble) for trouble in photos)
        facts = Facts(
            house=HOUSE,
            person_id=self.person_id,
            address_id=self.address_id,
            language=self.language,
            now=self.now.astimezone(ZONE),
            incoming=heard,
            turn=self.number,
            photos=received,
            shares_contact=self.sender.channel == "telegram",
            nik_in_chat=self.sender.channel == "telegram",
            pages="https://pages.example",
            look=self.look,
            is_new=self.is_new,
            found_roles=self.roles,
        )
        turn = engine.reply(self.repertoire, self.standing, facts, heard, self.now - self.heard_at)
        self.heard_at = self.now
        self.language = facts.language
        self.is_new = False
        self.remembered = orjson.dumps(turn.standing.as_json())
        self.buttons += [button for reply in turn.replies for button in reply.buttons]
        self.effects += [getattr(effect, "__name__", repr(effect)) for effect, _talk in turn.effects]
        return turn

    def say(self, *texts: str) -> str:
        """Type each; the last answer."""
        answer = ""
        for text in texts:
            answer = told(self.send(text=text))
        return answer

    def tap(self, label: str, *, oldest: bool = False) -> Turn:
        """Press the latest button of that label, or the oldest."""
        known = self.buttons if oldest else self.buttons[::-1]
        return self.send(Kind.TAP, tap=next(button.data for button in known if button.label == label))

    def wait(self, **time: int) -> None:
        """Time goes by."""
        self.now += timedelta(**time)


def told(turn: Turn) -> str:
    """Everything that was said, with its choices."""
    return "\n".join(reply.printed() for reply in turn.replies)


def fits_everywhere(reply: Reply) -> None:
    """Every channel can carry it, however many parts that takes."""
    for abilities in CHANNELS:
        for part in fit(reply, abilities):
            assert units(part.text) <= (abilities.caption if part.document else abilities.text)
            assert len(part.buttons) <= abilities.buttons
            assert all(len(button.data.encode()) <= abilities.data for button in part.buttons)
            assert all(units(button.label) <= abilities.label for button in part.buttons)
            assert part.text.strip() or part.document
