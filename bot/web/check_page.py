"""What the check page says, and how it looks. Every text is said in the language spoken now, see `speaking`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from html import escape
from typing import Final

from bot.web import intake_page
from bot.web.intake_page import HERE, Html, Page, busy, fill
from conversations.words import _, long_date, rupiah, spoken
from domain.money import Rupiah

__all__ = ["busy", "preview", "told", "too_many"]

FILES: Final[Mapping[str, bytes]] = {
    "check.css": intake_page.FILES["intake.css"] + (HERE / "static" / "check" / "check.css").read_bytes(),
    "intake.css": intake_page.FILES["intake.css"],  # for the pages that are the intake page's too
}
"""The style, by name."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A receipt of ours, as far as anybody may see it who holds its code."""

    number: str  # as in "KW-2026-000001"
    amount: Rupiah
    day: date  # on which it was paid
    initials: str  # the member's, as in "S. A."
    association: str  # its name
    voided: bool = False


def told(found: Checked | None) -> Page:
    """Whether there is such a receipt, and what stands on it."""
    if found is None:
        return unknown()
    mark, title = ("void", _("Kwitansi ini dibatalkan")) if found.voided else ("done", _("Kwitansi ini berlaku"))
    facts = [
        (_("Nomor"), found.number),
        (_("Jumlah"), rupiah(found.amount)),
        (_("Tanggal bayar"), long_date(found.day)),
        (_("Anggota"), found.initials),
    ]
    rows = Html("\n".join(fill("check_fact.html", label=label, value=value) for label, value in facts))
    advice = (
        _("Pembayarannya dibatalkan asosiasi. Tanyakan ke petugas.")
        if found.voided
        else _("Cocokkan dengan kwitansi yang dipegang. Kwitansi adalah bukti bayar, bukan bukti perlindungan.")
    )
    content = fill("check_told.html", mark=mark, title=title, facts=rows, advice=advice)
    return Page(_whole(title, content, found.association))


def unknown() -> Page:
    """There is no such receipt."""
    lines = [_("Kwitansi dengan kode ini tidak ada pada kami."), _("Periksa lagi kodenya, atau tanyakan ke asosiasi.")]
    return _said(_("Kwitansi tidak dikenal"), lines, 404)


def too_many() -> Page:
    """So many requests that it looks like guessing."""
    return _said(_("Sebentar, ya"), [_("Terlalu banyak yang diperiksa sekaligus. Tunggu satu menit.")], 429)


def preview() -> Page:
    """What a chat may show under a link: nothing of what is behind it."""
    return _said("JagaLapak", [_("Halaman untuk memeriksa kwitansi. Buka di ponsel Bapak/Ibu.")])


# ── How it looks ─────────────────────────────────────────────────────────────────────────────────────────────────


def _said(title: str, lines: list[str], status: int = 200) -> Page:
    """A page that only says something, and names no association."""
    said = Html("\n".join(f"<p>{escape(line)}</p>" for line in lines))
    content = fill("intake_said.html", mark="note", title=title, lines=said, way=Html())
    return Page(_whole(title, content), status)


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


@cache
def _style() -> str:
    """The style, as seen from /r/{code}; what changed has another address."""
    return f"static/check.css?v={sha256(FILES['check.css']).hexdigest()[:12]}"
