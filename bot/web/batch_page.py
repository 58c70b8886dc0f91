"""What the batch page says, and how it looks. Every text is said in the language spoken now, see `speaking`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from html import escape
from typing import Final

from bot.reconciliation import Report
from bot.web import look_page
from bot.web.intake_desk import LinkState
from bot.web.intake_page import CHANNELS, HERE, Html, Page, fill
from bot.web.look_page import Closed
from conversations import remittance_words as words
from conversations.words import _, rupiah, spoken
from domain.remittance import NEWS, Verdict

FILES: Final[Mapping[str, bytes]] = {
    "batch.css": look_page.FILES["look.css"] + (HERE / "static" / "batch" / "batch.css").read_bytes(),
    **look_page.FILES,
}
"""The style, by name; the other ones for the pages that are the look page's too."""

MOST_SHOWN: Final = 40  # rows of a report
TO_LOOK_AT: Final = (*NEWS[1:], Verdict.CONTRARY, Verdict.UNCLEAR, Verdict.STRANGER)


@dataclass(frozen=True, slots=True)
class Offered:
    """A batch, and what can be done with it here."""

    number: str
    status: str  # in words
    lines: int
    total: int
    answers: bool  # it is paid, so BPJS's answer can be taken in
    association: str
    channel: str  # "whatsapp" | "telegram": where the talk goes on
    language: str  # "id" | "en"
    back: str  # a link back to the chat, may be ""


@dataclass(frozen=True, slots=True)
class Examined:
    """What an answer means; with its content while nothing of it was done yet."""

    offered: Offered
    report: Report
    seen: str = ""  # what was shown, in short: what is confirmed must be the same
    content: str = field(default="", repr=False)  # of the sheet, in base64


def offer(offered: Offered, wrong: str = "") -> Page:
    """The sheet to take away, and where BPJS's answer is brought."""
    content = fill(
        "batch_offer.html",
        number=offered.number,
        title=_("Setoran ke BPJS"),
        state=_("{count} baris, {amount}, {status}.").format(
            count=offered.lines, amount=rupiah(offered.total), status=offered.status
        ),
        wrong=_wrong(wrong),
        sheet=_("Lembar untuk BPJS"),
        warning=_("Berisi NIK lengkap: hanya untuk BPJS, lalu hapus dari HP."),
        xlsx=_("Unduh sebagai Excel"),
        csv=_("Unduh sebagai CSV"),
        answer=_answer() if offered.answers else Html(),
        rules=_rules(),
        way=_way_back(offered),
    )
    return Page(_whole(_("Setoran ke BPJS"), content, offered.association), 422 if wrong else 200)


def examined(found: Examined, wrong: str = "") -> Page:
    """What an answer would settle, and the button that settles it."""
    report = found.report
    confirm = (
        fill(
            "batch_confirm.html",
            seen=found.seen,
            content=found.content,
            send=_("Catat {count} hasil").format(count=report.news + report.more),
        )
        if report.news + report.more
        else Html()
    )
    title = _("Periksa dulu, lalu catat") if report.news + report.more else _("Tidak ada hasil baru")
    return _reported(found, title, confirm, _("Pilih berkas lain"), wrong)


def taken(found: Examined) -> Page:
    """It is settled."""
    return _reported(found, _("Sudah dicatat"), Html(), _("Kembali ke setoran"))


def _reported(found: Examined, title: str, confirm: Html, again: str, wrong: str = "") -> Page:
    report = found.report
    content = fill(
        "batch_report.html",
        number=found.offered.number,
        title=title,
        wrong=_wrong(wrong),
        counts=_each(_counts(report)),
        rows=_each(_rows(report)),
        left=_("Masih menunggu BPJS: {count} baris.").format(count=report.left),
        confirm=confirm,
        again=again,
        way=_way_back(found.offered),
    )
    return Page(_whole(title, content, found.offered.association), 409 if wrong else 200)


def closed(found: Closed) -> Page:
    """Nothing can be done through this link."""
    return look_page.closed(found)


def too_many() -> Page:
    """Whoever asks so often has to wait."""
    return look_page.closed(Closed(LinkState.TOO_MANY))


# ── What stands on it ────────────────────────────────────────────────────────────────────────────────────────────


def _answer() -> Html:
    return fill(
        "batch_answer.html",
        title=_("Jawaban BPJS"),
        hint=_("Excel (XLSX) atau CSV dengan kolom NIK dan status. Belum dicatat sebelum diperiksa."),
        send=_("Periksa"),
    )


def _counts(report: Report) -> list[str]:
    counts = [
        _("{count} {what}").format(count=count, what=_(words.VERDICTS[verdict]))
        for verdict, count in words.verdicts(report.outcomes).items()
    ]
    if report.more:
        counts.append(_("{count} dengan nomor kartu atau tanggal baru").format(count=report.more))
    if report.answer.waiting:
        counts.append(_("{count} masih diproses BPJS").format(count=len(report.answer.waiting)))
    if report.answer.troubles:
        counts.append(_("{count} tidak bisa dibaca, dilewati").format(count=len(report.answer.troubles)))
    return counts


def _rows(report: Report) -> list[str]:
    rows = [(one.told.row, words.outcome(one)) for one in report.outcomes if one.verdict in TO_LOOK_AT]
    rows += [
        (one.told.row, _("tanggal perlindungan lebih awal dari yang tercatat, tidak diubah")) for one in report.earlier
    ]
    rows += [(trouble.row, trouble.words) for trouble in report.answer.troubles]
    shown = [
        _("Baris {number}: {words}").format(number=number, words=said) for number, said in sorted(rows)[:MOST_SHOWN]
    ]
    if len(rows) > MOST_SHOWN:
        shown.append(_("… dan {count} lagi").format(count=len(rows) - MOST_SHOWN))
    return shown


def _rules() -> Html:
    rules = [
        _("Setiap kali diunduh, nama Bapak/Ibu dan waktunya dicatat."),
        _("Tautan ini berakhir 30 menit setelah diminta. Jangan diteruskan ke orang lain."),
    ]
    return fill("intake_safe.html", title=_("Aman di sini"), promises=_each(rules))


def _wrong(sentence: str) -> Html:
    return Html(f'<p class="again" role="alert">{escape(sentence)}</p>') if sentence else Html()


def _way_back(offered: Offered) -> Html:
    if not offered.back:
        return Html()
    label = _("Kembali ke {channel}").format(channel=CHANNELS.get(offered.channel, "chat"))
    return fill("intake_way.html", to=offered.back, label=label)


# ── How it looks ─────────────────────────────────────────────────────────────────────────────────────────────────


def _whole(title: str, content: Html, association: str) -> str:
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
    """The style, as seen from /b/{token}; what changed has another address."""
    return f"static/batch.css?v={sha256(FILES['batch.css']).hexdigest()[:12]}"


def _each(sentences: Iterable[str]) -> Html:
    return Html("\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences))


def preview() -> Page:
    """What a chat may show under a link: nothing of what is behind it."""
    return look_page.preview()


def busy() -> Page:
    """The house cannot answer now."""
    return look_page.busy()
