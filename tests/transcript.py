"""Plays a written talk against the real turn, storage and outbox, and prints the real talk where it differs.

    siti: daftar
    bot:  Siapa yang mau didaftarkan …
    budi: antrean
    bot:  Antrean kosong. Terima kasih.
    bot to siti: Kabar baik …

Further lines of a message stand below it, indented; a line that is only "…" stands for any lines of the bot. What is
not text stands in brackets: `[tap Benar]` (the latest button of that label), `[tap first Benar]` (the earliest),
`[photo]` (each time another one), `[photo with words below it]`, `[photo same]` (the file that was sent last, by
anybody), `[photo near]` (its picture in another file), `[photo Broken]` (with its trouble), `[album of 3]`, `[file]`,
`[file pdf]`, `[voice]`, `[sticker]` and every other kind, `[my number 081200000001]`, `[somebody's number
081200000009]`, `[edits …]`, `[after 3 days]`.

People write on Telegram; `siti on whatsapp` is her WhatsApp, where the NIK and the KTP come through a page: `[page]`
fills in the last one that she was sent, `[page 5271…]` with that NIK, `[page without photo]` without one.
"""

import difflib
import hashlib
import re
import textwrap
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.channels import whatsapp
from bot.clock import Clock
from bot.turn import Account, Outcome, Turns
from conversations.ours import repertoire
from conversations.talk import House
from domain.message import Abilities, Address, Button, Incoming, Kind, ProviderId, Reply, SharedContact
from storage.columns import new_id
from storage.database import Database
from storage.queries import associations, links, outbox, people, received
from storage.queries.documents import NewDocument
from storage.tables import Address as AddressRow
from storage.tables import Message

ACCOUNT = "telegram/main"
WHATSAPP = "whatsapp/main"
ABILITIES = Abilities(text=4096, caption=1024, buttons=12, label=64)
BEGINNING = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10.00 in Mataram
PHONE = r"[a-z]+(?: on whatsapp)?"
SPEAKER = re.compile(rf"^(?P<who>{PHONE}(?: to {PHONE})?): ?(?P<said>.*)$")
AFTER = re.compile(r"\[after (\d+) (minute|hour|day)s?\]")
ANY_LINES = rf"(?:(?!\n{PHONE}(?: to {PHONE})?: )[\s\S])*"  # until somebody else speaks
LINK = re.compile(r"https://pages\.example/[bil]/([\w-]+)")
SOME_NIK = "5271014505870001"
KINDS = {kind.value: kind for kind in Kind}
FILES = {"pdf": "application/pdf", "voice": "audio/ogg"}


class StoppedClock(Clock):
    """Stands still until somebody moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Player:
    """A small association with as many phones as the talk names."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = StoppedClock(BEGINNING)
        self.house = House("main", "Asosiasi Contoh", ZoneInfo("Asia/Makassar"), "")
        telegram = Account(ACCOUNT, self.house, ABILITIES, shares_contact=True)
        on_whatsapp = Account(
            WHATSAPP, self.house, whatsapp.ABILITIES, nik_in_chat=False, pages="https://pages.example"
        )
        self.turns = Turns(database, repertoire, self.clock, {ACCOUNT: telegram, WHATSAPP: on_whatsapp})
        self.numbers: dict[str, str] = {}  # WhatsApp's, by who has it
        self.ids = count(1)
        self.photo = NewDocument(new_id(), b"jpeg", "first", "0", 10, 10)  # the last one
        self.seen = 0
        self.links: list[str] = []  # the tokens of the one-time links that were sent, the newest last
        self.buttons: dict[str, list[Button]] = {}  # every button that each phone ever got, the newest last
        self.said: list[str] = []  # the talk so far, as it really went
        database.transact(self.found)

    def found(self, db: Session) -> None:
        """The association and its channel account."""
        now = self.clock.now()
        associations.ensure(db, association_id="main", name=self.house.name, now=now)
        for account in (ACCOUNT, WHATSAPP):
            associations.ensure_account(db, association_id="main", account=account, per_second=1000, now=now)

    # ── playing ──────────────────────────────────────────────────────────────────────────────────────────────

    def __call__(self, talk: str) -> None:
        """Play a whole talk, and compare every word of it."""
        wanted = textwrap.dedent(talk).strip()
        real: list[str] = []
        for who, said in people_of(wanted):
            real.append(written(who, said))
            if answer := self.say(who, said):
                real.append(answer)
        told = "\n".join(real)
        if not fits(told, wanted):
            lines = difflib.unified_diff(
                tidy(wanted).splitlines(), tidy(told).splitlines(), "wanted", "real", lineterm="", n=2
            )
            raise AssertionError("the talk went differently:\n" + "\n".join(lines) + f"\n\nThe real talk:\n\n{told}\n")

    def say(self, who: str, said: str) -> str:
        """One line of the talk; what the bot answers, as the talk writes it."""
        if after := AFTER.fullmatch(said):
            self.clock.moment += timedelta(**{f"{after[2]}s": int(after[1])})
            return ""
        self.clock.moment += timedelta(seconds=1)
        outcome = self.send(self.incoming(who, said))
        answer = "\n".join([f"notice: {outcome.notice}"] * bool(outcome.notice) + self.heard(who))
        self.said += [written(who, said), answer]
        return answer

    def say_all(self, who: str, lines: Iterable[str]) -> str:
        """Several lines, one after the other; the last answer."""
        answer = ""
        for said in lines:
            answer = self.say(who, said)
        return answer

    def say_together(self, lines: Sequence[tuple[str, str]]) -> str:
        """Everybody at the same moment, each in a thread; every answer."""
        messages = [self.incoming(who, said) for who, said in lines]
        with ThreadPoolExecutor(len(lines)) as threads:
            list(threads.map(self.turns.take, messages))
        answers = "\n".join(self.heard(""))
        self.said += [*(written(who, said) for who, said in lines), answers]
        return answers

    def grant(self, who: str, role: str) -> None:
        """Give somebody a role, as the administrator of the machine does."""

        def work(db: Session) -> None:
            now = self.clock.now()
            people.grant(db, association_id="main", person_id=self.person(db, who), role=role, by=None, now=now)

        self.database.transact(work)

    def person(self, db: Session, who: str) -> str:
        """Whose phone it is."""
        return self.row(db, who).person_id

    def address(self, db: Session, who: str) -> str:
        """The id of a phone's address."""
        return self.row(db, who).id

    def row(self, db: Session, who: str) -> AddressRow:
        """A phone's address."""
        sender = self.sender(who)
        address = people.find_address(db, sender.account, sender.id)
        assert address, f"{who} has not written yet"
        return address

    def sender(self, who: str) -> Address:
        """Where a message of somebody's comes from."""
        name, _on, app = who.partition(" on ")
        if not app:
            return Address(ACCOUNT, name)
        return Address(WHATSAPP, self.numbers.setdefault(name, f"+62812000000{len(self.numbers) + 1:02}"))

    def name_of(self, sender: Address) -> str:
        """How a talk calls somebody's phone."""
        if sender.account == ACCOUNT:
            return sender.id
        return next(f"{name} on whatsapp" for name, number in self.numbers.items() if number == sender.id)

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────

    def incoming(self, who: str, said: str) -> Incoming:
        """What a line of the talk sends."""
        kind, text, tap, contact = Kind.TEXT, said, "", None
        form: dict[str, str] = {}
        if bracket := re.fullmatch(r"\[(.+)\]", said, re.DOTALL):
            word, _space, rest = bracket[1].partition(" ")
            text = ""
            if word == "tap":
                kind, tap = Kind.TAP, self.data_of(who, rest)
            elif bracket[1].startswith(("my number", "somebody's number")):
                kind, contact = Kind.CONTACT, SharedContact(bracket[1].split()[-1], own=word == "my")
            elif word == "page":
                kind, text, form = Kind.FORM, "", self.filled_in(who, rest)
            elif word == "edits":
                kind, text = Kind.EDITED, rest
            else:
                kind, text = (Kind.PHOTO if word == "album" else KINDS[word]), rest
        return Incoming(
            sender=self.sender(who),
            form=form,
            provider_id=ProviderId(f"update:{next(self.ids)}"),
            kind=kind,
            sent_at=self.clock.now(),
            text=text,
            tap=tap,
            contact=contact,
            profile_name=who.partition(" ")[0].capitalize(),
        )

    def filled_in(self, who: str, rest: str) -> dict[str, str]:
        """The page behind the last link that somebody was sent, filled in."""
        with self.database.reading() as db:
            link = links.find(db, self.links[-1], "fill")
        assert link, f"{who} was sent no link"
        photo = {} if "without" in rest or "ktp" not in link.fields else {"ktp": new_id()}
        nik = {"nik": rest if rest.isdecimal() else SOME_NIK} if "nik" in link.fields else {}
        return {"step": link.step, **nik, **photo}

    def data_of(self, who: str, label: str) -> str:
        """What the button of that label carries."""
        known = self.buttons[who] if label.startswith("first ") else self.buttons[who][::-1]
        wanted = label.removeprefix("first ")
        return next(button.data for button in known if button.label == wanted)

    def send(self, incoming: Incoming) -> Outcome:
        """One message; photos are developed on the spot."""
        word = incoming.text
        if word.startswith("with ") or (word in FILES and incoming.kind is not Kind.TEXT):
            incoming = replace(incoming, text=word[5:])
        outcome = self.turns.take(incoming)
        if incoming.kind not in (Kind.PHOTO, Kind.FILE) and not (
            incoming.kind is Kind.VOICE and outcome.ended == "waits"
        ):
            return outcome
        soon = self.clock.now() + timedelta(seconds=5)
        waiting = self.database.transact(lambda db: received.claim_waiting(db, soon, lease=timedelta(minutes=1)))
        count_of = re.fullmatch(r"of (\d+)", word)
        word = "voice" if incoming.kind is Kind.VOICE and not word else word
        photos = [self.developed(word) for _number in range(int(count_of[1]) if count_of else 1)]
        return self.turns.take_waiting(waiting, photos)

    def developed(self, word: str) -> NewDocument | str:
        """A photo that passed every check, a PDF or a voice note; or its trouble."""
        if word in FILES:
            return NewDocument(new_id(), b"jpeg", "pages", "0", 10, 10, file=word.encode(), file_mime=FILES[word])
        word = "" if word.startswith("with ") else word
        if word == "same":
            return replace(self.photo, id=new_id())
        if word and word != "near" and not word.startswith("of "):
            return word
        self.photo = another(self.photo, near=word == "near")
        return self.photo

    # ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────

    def heard(self, who: str) -> list[str]:
        """Every message that was queued since the last look, as the talk writes it."""
        lines = []
        for to, reply in self.answers():
            self.buttons.setdefault(to, []).extend(reply.buttons)
            lines.append(written("bot" if to == who else f"bot to {to}", hide_tokens(shown(reply))))
            self.links += LINK.findall(reply.text)
        return lines

    def answers(self) -> list[tuple[str, Reply]]:
        """Every message that was queued since the last look: to whom, and what."""

        def look(db: Session) -> list[tuple[int, str, Reply]]:
            rows = db.exec(
                select(Message, AddressRow)
                .join(AddressRow, col(AddressRow.id) == col(Message.address_id))
                .where(col(Message.id) > self.seen)
                .order_by(col(Message.id))
            ).all()
            return [
                (
                    row.id or 0,
                    self.name_of(Address(to.account, to.external_id)),
                    outbox.open_reply(row.reply_sealed, row.key),
                )
                for row, to in rows
            ]

        found = self.database.read(look)
        self.seen = max([self.seen, *(row_id for row_id, _to, _reply in found)])
        return [(to, reply) for _row_id, to, reply in found]


def hide_tokens(text: str) -> str:
    """The text with "…" for what nobody can know before."""
    return LINK.sub("https://pages.example/…", text)


def another(photo: NewDocument, *, near: bool = False) -> NewDocument:
    """Another photo; `near`: the same picture, encoded anew."""
    sha256 = hashlib.sha256(photo.sha256.encode()).hexdigest()
    phash = f"{int(photo.phash, 16) ^ 0b101:016x}" if near else sha256[:16]
    return replace(photo, id=new_id(), sha256=sha256, phash=phash)


def shown(reply: Reply) -> str:
    """A reply as a talk writes it."""
    text = ("[photo] " if reply.document else "") + reply.text
    if reply.numbered and not reply.asks_contact:
        return "\n".join([text, *reply.printed()[len(reply.text) :].split("\n")[1:]])
    return "\n".join([text, *(f"[{button.label}]" for button in reply.buttons)])


def written(who: str, text: str) -> str:
    """A speaker and her words, further lines indented."""
    first, *rest = text.split("\n")
    return "\n".join([f"{who}: {first}", *(f"    {line}" if line else "" for line in rest)])


def people_of(talk: str) -> list[tuple[str, str]]:
    """What people say, without the lines of the bot."""
    blocks: list[tuple[str, list[str]]] = []
    for line in talk.splitlines():
        if match := SPEAKER.match(line):
            blocks.append((match["who"], [match["said"].strip()]))
        elif blocks and line.strip():
            blocks[-1][1].append(line.strip())
    return [(who, "\n".join(lines)) for who, lines in blocks if not who.startswith(("bot", "notice"))]


def fits(told: str, wanted: str) -> bool:
    """True when the talk went as wanted, with any lines of the bot where "…" stands."""
    parts = re.split(r"(?<=: )…$|^…$", tidy(wanted), flags=re.MULTILINE)
    return re.fullmatch(ANY_LINES.join(map(re.escape, parts)), tidy(told)) is not None


def tidy(talk: str) -> str:
    """Spaces at the beginning and the end of lines do not count, nor do empty lines."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in talk.splitlines()]
    return "\n".join(line for line in lines if line)
