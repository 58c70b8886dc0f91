"""What the look page says, and how it looks. Every text is said in the language spoken now, see `speaking`."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from hashlib import sha256
from html import escape
from typing import Final

from bot.web import intake_page
from bot.web.intake_desk import LinkState
from bot.web.intake_page import CHANNELS, HERE, Html, Page, busy, fill
from conversations.words import SOURCE_LANGUAGE, _, long_date, spoken
from domain.nik import Nik

__all__ = ["busy", "closed", "offer", "preview", "shown"]

MINUTES: Final = 5  # until what is shown hides itself
LETTER: Final = 9  # pixels that a letter of the mark takes, at most on average

SHARED: Final = intake_page.FILES["intake.css"]
FILES: Final[Mapping[str, bytes]] = {
    "look.css": SHARED + (HERE / "static" / "look" / "look.css").read_bytes(),
    "intake.css": SHARED,  # for the pages that are the intake page's too
}
"""The style, by name."""


class Subject(StrEnum):
    """What may be looked at."""

    KTP = "ktp"
    NIK = "nik"
    PROOF = "proof"  # of a payment


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing is shown through this link, and why."""

    state: LinkState
    language: str = SOURCE_LANGUAGE


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a link would show, and to whom; nothing of it is about the applicant or the member."""

    subject: Subject
    number: str  # of the application or the payment
    who: str  # the officer's name
    association: str  # its name
    channel: str  # "whatsapp" | "telegram": where the talk goes on
    language: str  # "id" | "en"
    back: str  # a link back to the chat ("https://wa.me/62…"), may be ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is shown, to whom and when."""

    wanted: Wanted
    at: datetime  # in the association's zone
    photo: bytes = field(default=b"", repr=False)  # a JPEG, where the KTP or a proof is wanted
    nik: Nik | None = None  # where it is wanted
    purpose: str = field(default="", repr=False)  # why the NIK is wanted, in the officer's words

    @property
    def language(self) -> str:
        """The officer's."""
        return self.wanted.language


def offer(wanted: Wanted) -> Page:
    """Who asks for what, and the button that shows it."""
    content = fill(
        "look_offer.html",
        number=_matter(wanted),
        title=_title(wanted),
        who=_("Diminta oleh {who}, petugas {association}.").format(who=wanted.who, association=wanted.association),
        warning=_warning(),
        show=_("Tampilkan"),
        rules=_rules(),
    )
    return Page(_whole(_title(wanted), content, wanted.association))


def shown(sight: Sight) -> Page:
    """What is to be seen, with the officer's name all over it."""
    wanted = sight.wanted
    content = fill(
        "look_shown.html",
        number=_matter(wanted),
        title=_title(wanted),
        warning=_warning(),
        sheet=_nik(sight, sight.nik) if sight.nik else _photo(sight),
        by=_("Dibuka oleh {who}, {moment}.").format(who=wanted.who, moment=_moment(sight.at)),
        purpose=_("Alasan: {purpose}").format(purpose=sight.purpose) if sight.purpose else "",
        closes=_("Tertutup sendiri setelah {minutes} menit.").format(minutes=MINUTES),
        hide=_("Sembunyikan"),
        way=_way_back(wanted),
    )
    return Page(_whole(_title(wanted), content, wanted.association))


def closed(found: Closed) -> Page:
    """Nothing can be seen through this link; why, and what to do. It names nobody."""
    if found.state is not LinkState.USED:
        return intake_page.closed(found.state)
    lines = [
        _("Supaya aman, setiap tautan hanya bisa dibuka beberapa kali."),
        _('Ketik "ulang" di chat untuk tautan baru.'),
    ]
    return _said(_("Tautan ini sudah terlalu sering dibuka"), lines, 410)


def preview() -> Page:
    """What a chat may show under a link: nothing of what is behind it."""
    return _said("JagaLapak", [_("Halaman sementara untuk petugas. Buka di ponsel Bapak/Ibu.")])


# ── What stands on it ────────────────────────────────────────────────────────────────────────────────────────────


def _matter(wanted: Wanted) -> str:
    sentence = _("Pembayaran {number}") if wanted.subject is Subject.PROOF else _("Pendaftaran {number}")
    return sentence.format(number=wanted.number)


def _title(wanted: Wanted) -> str:
    titles = {Subject.KTP: _("Foto KTP"), Subject.NIK: _("NIK lengkap"), Subject.PROOF: _("Bukti bayar")}
    return titles[wanted.subject]


def _warning() -> str:
    return _("Hanya untuk pemeriksaan, jangan disebarkan.")


def _rules() -> Html:
    rules = [
        _("Setiap kali dibuka, nama Bapak/Ibu dan waktunya dicatat."),
        _("Nama Bapak/Ibu tertulis di atasnya."),
        _("Tertutup sendiri setelah {minutes} menit.").format(minutes=MINUTES),
        _("Tautan ini berakhir 30 menit setelah diminta. Jangan diteruskan ke orang lain."),
    ]
    return fill("intake_safe.html", title=_("Sebelum dibuka"), promises=_each("li", rules))


def _photo(sight: Sight) -> Html:
    return fill(
        "look_photo.html",
        photo=b64encode(sight.photo).decode(),
        described=_("Bukti bayar yang diperiksa")
        if sight.wanted.subject is Subject.PROOF
        else _("Foto KTP yang diperiksa"),
        mark=_mark(sight),
        larger=_("Perbesar"),
        smaller=_("Perkecil"),
    )


def _nik(sight: Sight, nik: Nik) -> Html:
    groups = " ".join(nik.digits[place : place + 4] for place in range(0, 16, 4))
    return fill("look_nik.html", nik=groups, mark=_mark(sight))


def _mark(sight: Sight) -> Html:
    """Whoever photographs the page photographs who opened it, and when."""
    words = f"{sight.wanted.who} · {sight.at:%d.%m.%Y %H.%M}"
    half = (len(words) * LETTER + 30) // 2
    return fill("look_mark.html", words=words, half=str(half), width=str(2 * half))


def _moment(at: datetime) -> str:
    """A day and an hour, as in "5 Mei 2026, 10.03 WITA"."""
    return f"{long_date(at.date())}, {at:%H.%M %Z}"


def _way_back(wanted: Wanted) -> Html:
    if not wanted.back:
        return Html()
    label = _("Kembali ke {channel}").format(channel=CHANNELS.get(wanted.channel, "chat"))
    return fill("intake_way.html", to=wanted.back, label=label)


# ── How it looks ─────────────────────────────────────────────────────────────────────────────────────────────────


def _whole(title: str, content: Html, association: str = "JagaLapak") -> str:
    return fill(
        "intake.html",
        language=spoken.get(),
        title=title,
        style=_style(),
        association=association,
        content=content,
        script=Html(),
    )


def _said(title: str, lines: list[str], status: int = 200) -> Page:
    """A page that only says something, and names no association."""
    content = fill("intake_said.html", mark="note", title=title, lines=_each("p", lines), way=Html())
    return Page(_whole(title, content), status)


@cache
def _style() -> str:
    """The style, as seen from /l/{token}; what changed has another address."""
    return f"static/look.css?v={sha256(FILES['look.css']).hexdigest()[:12]}"


def _each(tag: str, sentences: list[str]) -> Html:
    return Html("\n".join(f"<{tag}>{escape(sentence)}</{tag}>" for sentence in sentences))
