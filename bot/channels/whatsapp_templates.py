"""The templates with which we write to people who have not written for more than a day: WhatsApp approves each.

Unlike the content for buttons they hold their words. Numbered gaps are filled with every message. WhatsApp's rules for
them (a gap neither first nor last, none beside another, enough words between, 1,024 characters) are checked by
`broken_rules`; a template that breaks one is refused, and its name is lost, since no name is taken twice: changed words
need a new VERSION.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from twilio.rest import Client

from bot.channels.errors import MessageRefused, Uncertain
from bot.channels.fitting import shorten, units
from bot.channels.text import clean, read_json
from bot.channels.whatsapp_content import Json, find_or_make, listed
from bot.channels.whatsapp_wire import CONTENT_API, Wire
from domain.message import Reply

VERSION: Final = 1
BODY: Final = 1024  # units
GAPS: Final = 100
TITLE: Final = 20
NOTHING: Final = "-"  # what fills a gap for which there is nothing: an empty one is refused

UTILITY: Final = "utility"  # about what she has asked for, without a word of promotion
MARKETING: Final = "marketing"

PAY, LATER, STOP, OPEN = (">|paying|", ">|promising|", ">|stop|", ">|waiting_news|")
"""What the buttons carry: the conversation that each opens, for whoever presses it."""

Buttons = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Model:
    """One template in one language, with a sample for each gap."""

    name: str  # as in "due_id"
    category: str
    body: str
    samples: tuple[str, ...]
    buttons: Buttons = ()
    takes_links: bool = False  # an officer's own words may hold one

    @property
    def language(self) -> str:
        """In which it is written."""
        return self.name.rpartition("_")[2]

    @property
    def friendly_name(self) -> str:
        """What it is called at Twilio and at WhatsApp: small letters, digits and underscores."""
        return f"jagalapak_{self.name}_v{VERSION}"

    def content(self) -> Json:
        """What makes it at `POST /v1/Content`."""
        actions = [{"type": "QUICK_REPLY", "title": title, "id": data} for title, data in self.buttons]
        types = {"twilio/quick-reply": {"body": self.body, "actions": actions}}
        samples = {str(number): sample for number, sample in enumerate(self.samples, start=1)}
        return {"friendly_name": self.friendly_name, "language": self.language, "variables": samples, "types": types}


def in_both(
    name: str,
    category: str,
    bodies: tuple[str, str],
    samples: tuple[str, ...],
    buttons: Buttons,
    *,
    links: bool = False,
) -> Iterator[Model]:
    """One template in Indonesian and in English; its buttons are labelled for both, as in "Buka|Open"."""
    for place, (language, whom) in enumerate((("id", "Bapak/Ibu"), ("en", "you"))):
        labelled = tuple((title.split("|")[place], data) for title, data in buttons)
        those = tuple(sample.format(whom=whom) for sample in samples)
        yield Model(f"{name}_{language}", category, bodies[place], those, labelled, links)


ASSOCIATION = "Asosiasi Pedagang Contoh"
PAY_OR_STOP: Final[Buttons] = (("Bayar|Pay", PAY), ("Bayar nanti|Pay later", LATER), ("Berhenti|Stop", STOP))
MODELS: Final[tuple[Model, ...]] = (
    *in_both(
        "due",
        UTILITY,
        (
            "Pengingat dari {{1}} untuk {{2}}: iuran {{3}} sebesar {{4}}, paling lambat {{5}}. "
            'Sudah bayar? Tekan Bayar, atau ketik "bayar", untuk mengirim buktinya.',
            "Reminder from {{1}} for {{2}}: dues for {{3}} of {{4}}, at the latest on {{5}}. "
            'Paid already? Press Pay, or type "bayar", to send the proof.',
        ),
        (ASSOCIATION, "{whom}", "Desember 2026", "Rp8.400", "15 Desember 2026"),
        PAY_OR_STOP,
    ),
    *in_both(
        "overdue",
        UTILITY,
        (
            "Pengingat dari {{1}} untuk {{2}}: iuran {{3}} sebesar {{4}} belum kami terima. "
            'Masih bisa dibayar, tidak ada denda. Tekan Bayar, atau ketik "bayar".',
            "Reminder from {{1}} for {{2}}: we have not received the dues for {{3}} of {{4}}. "
            'They can still be paid, without any fine. Press Pay, or type "bayar".',
        ),
        (ASSOCIATION, "{whom}", "Desember 2026", "Rp8.400"),
        PAY_OR_STOP,
    ),
    *in_both(
        "countdown",
        UTILITY,
        (
            "Pengingat dari {{1}} untuk {{2}}: perlindungan BPJS Ketenagakerjaan bisa berakhir mulai {{3}}. "
            'Yang belum dibayar {{4}}. Tekan Bayar, atau ketik "bayar".',
            "Reminder from {{1}} for {{2}}: the BPJS Ketenagakerjaan membership may end from {{3}} on. "
            'Still unpaid are {{4}}. Press Pay, or type "bayar".',
        ),
        (ASSOCIATION, "{whom}", "28 Februari 2027", "Rp25.200"),
        PAY_OR_STOP,
    ),
    *in_both(
        "receipt",
        UTILITY,
        (
            "Kabar dari {{1}} untuk {{2}}: pembayaran {{3}} sudah kami terima, kwitansi nomor {{4}}. "
            'Tekan Buka, atau ketik "buka", untuk melihatnya.',
            "News from {{1}} for {{2}}: we have received the payment of {{3}}, receipt number {{4}}. "
            'Press Open, or type "buka", to see it.',
        ),
        (ASSOCIATION, "{whom}", "Rp8.400", "K-2026-0001"),
        (("Buka|Open", OPEN),),
    ),
    *in_both(
        "knock",
        UTILITY,
        (
            'Ada balasan dari {{1}} untuk {{2}}. Tekan Buka, atau ketik "buka", untuk membacanya.',
            'There is a reply from {{1}} for {{2}}. Press Open, or type "buka", to read it.',
        ),
        (ASSOCIATION, "{whom}"),
        (("Buka|Open", OPEN),),
    ),
    *in_both(
        "announcement",
        MARKETING,
        (
            "Pengumuman dari {{1}} untuk {{2}}. Isinya: {{3}}\n"
            "Tekan Buka untuk selengkapnya, atau Berhenti kalau tidak mau menerima pengumuman lagi.",
            "Announcement from {{1}} for {{2}}. It says: {{3}}\n"
            "Press Open for all of it, or Stop if you do not want announcements any more.",
        ),
        (ASSOCIATION, "{whom}", "Besok kantor kami tutup. Senin buka lagi jam 08.00."),
        (("Buka|Open", OPEN), ("Berhenti|Stop", STOP)),
        links=True,
    ),
)
CATALOGUE: Final[Mapping[str, Model]] = {model.name: model for model in MODELS}


# --- WhatsApp's rules -------------------------------------------------------------------------------------------------

_GAP: Final = re.compile(r"\{\{(\d+)\}\}")
_NAME: Final = re.compile(r"[a-z0-9_]{1,512}")


def broken_rules(model: Model) -> list[str]:
    """The rules for which WhatsApp would refuse it."""
    gaps = [int(number) for number in _GAP.findall(model.body)]
    words = _GAP.sub(" ", model.body).split()
    rules = {
        "a gap is first or last": re.match(r"\W*\{\{", model.body) or re.search(r"\}\}\W*$", model.body),
        "two gaps are beside each other": re.search(r"\}\}\W*\{\{", model.body),
        "too few words for its gaps": len(words) < 2 * len(gaps) + 1,
        "gaps are not numbered in order": gaps != list(range(1, len(gaps) + 1)),
        "a sample is missing": len(gaps) != len(model.samples) or not all(model.samples),
        "too many gaps": len(gaps) > GAPS,
        "too long": units(filled(model, model.samples)) > BODY,
        "too many spaces in a row": re.search(r" {5}", model.body),
        "its name is no name": not _NAME.fullmatch(model.friendly_name),
        "a button says too much": any(not 0 < units(title) <= TITLE for title, _data in model.buttons),
    }
    return [rule for rule, broken in rules.items() if broken]


def filled(model: Model, variables: Iterable[str]) -> str:
    """What she reads."""
    values = list(variables)
    return _GAP.sub(lambda gap: values[int(gap[1]) - 1], model.body)


# --- filled -----------------------------------------------------------------------------------------------------------

_SPACE: Final = re.compile(r"[\s\x00-\x1f\x7f\u200b\u2060\ufeff]+")
_BRACES: Final = re.compile(r"\{{2,}|\}{2,}")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def variables_of(reply: Reply) -> dict[str, str]:
    """What fills the template that a reply names, made so that nothing in it is refused (63013). Raises `KeyError`,
    ValueError where it names none of ours or fills it with too much or too little.

    A gap takes one line, without odd spaces, and is never empty; together with the words around it, it has room.
    """
    model = CATALOGUE[reply.template]
    values = [tame(value, links=model.takes_links) for value in reply.variables]
    if len(values) != len(model.samples):
        raise ValueError(f"{len(values)} variables for {len(model.samples)} gaps")
    longest = max(range(len(values)), key=lambda place: units(values[place]))
    over = units(filled(model, values)) - BODY
    if over > 0:
        values[longest] = shorten(values[longest], max(units(values[longest]) - over, 1))
    return {str(number): value for number, value in enumerate(values, start=1)}


def tame(value: str, *, links: bool = False) -> str:
    """One line that fills a gap; `links` may stand in it."""
    line = _BRACES.sub(" ", _SPACE.sub(" ", clean(value)))
    if not links:
        line = _LINK.sub("…", line)
    return " ".join(line.split()) or NOTHING


# --- kept at Twilio, judged by WhatsApp -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """How one template stands: its id, what WhatsApp files it as, and whether it may be sent."""

    name: str
    sid: str
    asked: str
    category: str
    status: str
    reason: str = ""


async def ensure(wire: Wire, known: Mapping[str, str]) -> list[Judged]:
    """Make what is missing, submit what was not, and ask how each stands. Raises SendError.

    A run that broke off is taken up by the next: what is there already is found by its name and its words.
    """
    there = await wire.call(listed)
    return [await judged(wire, model, there, known) for model in MODELS]


async def judged(wire: Wire, model: Model, there: list[Json], known: Mapping[str, str]) -> Judged:
    """One template. What Twilio does not take is told as refused, with its code."""
    try:
        sid = await find_or_make(wire, model.content(), there, known.get(model.name, ""))
        said = await asked_about(wire, sid)
        if said.get("status") in (None, "", "unsubmitted"):
            said = await submit(wire, sid, model)
    except MessageRefused as refused:
        return Judged(model.name, "", model.category, "", "refused", refused.code)
    category, status, reason = (str(said.get(field) or "") for field in ("category", "status", "rejection_reason"))
    return Judged(model.name, sid, model.category, category.lower(), status.lower(), clean(reason)[:200])


async def asked_about(wire: Wire, sid: str) -> Json:
    """What WhatsApp says of a template. Raises SendError."""

    async def fetch(client: Client) -> Any:
        return (await client.content.v1.contents(sid).approval_fetch().fetch_async()).whatsapp

    said = await wire.call(fetch)
    return said if isinstance(said, dict) else {}


async def submit(wire: Wire, sid: str, model: Model) -> Json:
    """Ask WhatsApp to approve it; how it stands then. Raises SendError.

    Not by the SDK, which would send fields that Twilio's own description does not know.
    """
    address = f"{CONTENT_API}/v1/Content/{sid}/ApprovalRequests/whatsapp"
    wanted = {"name": model.friendly_name, "category": model.category.upper()}

    async def create(client: Client) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return read_json((await client.request_async("POST", address, data=wanted, headers=headers)).text.encode())

    said = await wire.call(create)
    if not isinstance(said, dict):
        raise Uncertain("garbled")
    return said
