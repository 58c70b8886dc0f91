"""What the intake page says, and how it looks. Every text is said in the language spoken now, see `speaking`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from babel.dates import get_month_names

from bot.web.intake_desk import Asked, LinkState, Sent
from conversations.words import _, spoken

HERE: Final = Path(__file__).parent
FILES: Final[Mapping[str, bytes]] = {
    path.name: path.read_bytes() for path in sorted((HERE / "static" / "intake").glob("intake.*"))
}
"""The style and the script, by name."""

CHANNELS: Final = {"whatsapp": "WhatsApp", "telegram": "Telegram"}
MOST_MEGABYTES: Final = 10  # of a photo
STATUSES: Final = {
    LinkState.USED: 410,
    LinkState.EXPIRED: 410,
    LinkState.PASSED: 410,
    LinkState.TOO_MANY: 429,
}  # the others: 404
NO_ERROR: Final = Sent(LinkState.GOOD)


class Html(str):
    """Text that is HTML already; every other text is escaped before it stands on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page in the words of one language, and the same for the script: `sent`."""

    html: str
    status: int = 200
    sent: Sent = NO_ERROR


def form(asked: Asked, today: date, sent: Sent = NO_ERROR) -> Page:
    """The form, with what was wrong with the last one. What she had typed is not shown again."""
    wrong = bool(sent.nik_error or sent.photo_error)
    both = asked.nik and asked.photo
    content = fill(
        "intake_form.html",
        **_introduction(asked),
        again=_notice(_("Belum terkirim. Isi sekali lagi, lalu tekan Kirim.")) if wrong else Html(),
        words=json.dumps(_words_of_the_script(asked), ensure_ascii=False),
        today=today.isoformat(),
        nik=_nik(_number(1, shown=both), sent.nik_error) if asked.nik else Html(),
        photo=_photo(_number(2, shown=both), sent.photo_error, asked) if asked.photo else Html(),
        send=_("Kirim"),
        later=_later(asked) if asked.photo and not asked.photo_needed else Html(),
        safe=_promises(asked),
        thanks=_thanks(asked),
    )
    return Page(_whole(_("Kirim data dengan aman"), content, asked, script=True), 422 if wrong else 200, sent)


def thanks(asked: Asked | None) -> Page:
    """It was taken."""
    return Page(_whole(_("Terima kasih"), _thanks(asked), asked), 200, Sent(LinkState.USED, taken=True))


def closed(state: LinkState, asked: Asked | None = None) -> Page:
    """Nothing can be sent through this link; why, and what to do. It names nobody."""
    title, *lines = _told_of(state)
    page = _said(title, lines, STATUSES.get(state, 404), _way_back(asked))
    return Page(page.html, page.status, Sent(state))


def busy() -> Page:
    """The house cannot answer now."""
    lines = [_("Sistem kami sedang sibuk."), _("Tunggu satu menit, lalu coba lagi.")]
    return _said(_("Sebentar lagi, ya"), lines, 503, _again())


def too_large() -> Page:
    """More came than we take."""
    sentence = _too_big()
    page = _said(_("Fotonya terlalu besar"), [sentence], 413, _again())
    return Page(page.html, page.status, Sent(LinkState.GOOD, photo_error=sentence))


def unreadable() -> Page:
    """What came is not our form, or not all of it."""
    return _said(_("Kirimannya belum lengkap"), [_("Sinyal mungkin terputus. Coba kirim sekali lagi.")], 400, _again())


def preview() -> Page:
    """What a chat may show under a link: nothing of what is behind it."""
    return _said("JagaLapak", [_("Halaman sekali pakai untuk mengirim data dengan aman. Buka di ponsel Bapak/Ibu.")])


# ── What stands on it ────────────────────────────────────────────────────────────────────────────────────────────


def _introduction(asked: Asked) -> dict[str, str]:
    return {
        "hello": _("Halo, {who}.").format(who=asked.who) if asked.who else _("Halo, Bapak/Ibu."),
        "title": _what_is_asked(asked),
        "why": _("{association} memerlukannya untuk mendaftarkan Bapak/Ibu ke BPJS Ketenagakerjaan.").format(
            association=asked.association
        ),
        "rule": _("WhatsApp tidak boleh dipakai mengirim NIK. Isilah di halaman ini saja, bukan di chat.")
        if asked.channel == "whatsapp"
        else _("Di halaman ini NIK lebih aman daripada di chat."),
    }


def _what_is_asked(asked: Asked) -> str:
    if not asked.photo:
        return _("Kirim NIK Bapak/Ibu")
    return _("Kirim NIK dan foto KTP") if asked.nik else _("Kirim foto KTP Bapak/Ibu")


def _nik(number: Html, error: str) -> Html:
    return fill(
        "intake_nik.html",
        number=number,
        label=_("Ketik NIK"),
        hint=_("16 angka di KTP, di atas nama."),
        error=error,
        invalid="true" if error else "false",
    )


def _photo(number: Html, error: str, asked: Asked) -> Html:
    return fill(
        "intake_photo.html",
        number=number,
        label=_("Foto KTP") if asked.photo_needed else _("Foto KTP (boleh nanti)"),
        hint=_("Letakkan KTP di tempat terang. Semua tulisannya harus terbaca."),
        error=error,
        take=_("Ambil foto"),
        choose=_("Pilih foto atau PDF"),
        picture=_("Foto KTP yang akan dikirim"),
        check=_("Semua tulisannya terbaca?"),
        turn=_("Putar"),
        change=_("Ganti foto"),
        remove=_("Hapus"),
    )


def _later(asked: Asked) -> Html:
    return fill("intake_later.html", later=_leave_out(asked))


def _leave_out(asked: Asked) -> str:
    return _("Nanti saja, kirim tanpa foto") if asked.nik else _("Nanti saja")


def _promises(asked: Asked) -> Html:
    promises = [
        _("Halaman ini milik {association}, bukan milik BPJS dan bukan milik {channel}.").format(
            association=asked.association, channel=_channel(asked)
        ),
        _("Yang melihat hanya petugas kami dan BPJS Ketenagakerjaan."),
        _("Disimpan terkunci."),
        _("Tautan ini hanya untuk satu kali dan berakhir setelah 30 menit."),
        _('Kalau ragu, jangan diisi dulu. Ketik "petugas" di chat untuk bertanya.'),
    ]
    return fill("intake_safe.html", title=_("Aman di sini"), promises=_paragraphs(promises, "li"))


def _thanks(asked: Asked | None) -> Html:
    where = (
        _("Kembali ke {channel}, percakapan berlanjut di sana.").format(channel=_channel(asked))
        if asked
        else _("Kembali ke chat, percakapan berlanjut di sana.")
    )
    lines = [where, _("Halaman ini boleh ditutup.")]
    return fill(
        "intake_said.html", mark="done", title=_("Terima kasih"), lines=_paragraphs(lines), way=_way_back(asked)
    )


def _told_of(state: LinkState) -> tuple[str, ...]:
    """Title and lines for a link that is not good."""
    if state is LinkState.USED:
        return (
            _("Tautan ini sudah dipakai"),
            _("Isinya sudah kami terima. Percakapan berlanjut di chat."),
            _('Ada yang salah? Ketik "ubah" di chat.'),
        )
    if state is LinkState.EXPIRED:
        return (
            _("Tautan ini sudah berakhir"),
            _("Supaya aman, setiap tautan berakhir setelah 30 menit."),
            _('Ketik "ulang" di chat untuk tautan baru.'),
        )
    if state is LinkState.PASSED:
        return (
            _("Halaman ini tidak diperlukan lagi"),
            _("Pertanyaannya sudah lewat. Kembali ke chat untuk melanjutkan."),
        )
    if state is LinkState.TOO_MANY:
        return (
            _("Terlalu banyak percobaan"),
            _("Tunggu satu menit, lalu buka lagi tautannya."),
            _('Belum bisa juga? Ketik "ulang" di chat untuk tautan baru.'),
        )
    return (
        _("Tautan ini tidak dikenal"),
        _("Mungkin ada bagian yang terpotong. Coba buka lagi dari chat."),
        _('Belum bisa juga? Ketik "ulang" di chat untuk tautan baru.'),
    )


def _words_of_the_script(asked: Asked) -> dict[str, object]:
    """What the script says, by the name it has there."""
    return {
        "months": list(get_month_names("wide", locale=spoken.get()).values()),
        "hint": _("16 angka di KTP, di atas nama."),
        "few": _("Kurang {count} angka."),
        "many": _("Kelebihan {count} angka. NIK itu 16 angka."),
        "woman": _("16 angka, lahir {born}, perempuan. Benar?"),
        "man": _("16 angka, lahir {born}, laki-laki. Benar?"),
        "month": _("Angka ke-9 dan ke-10 itu bulan lahir, dari 01 sampai 12. Coba cocokkan lagi dengan KTP."),
        "day": _("Angka ke-7 dan ke-8 itu tanggal lahir (perempuan ditambah 40). Coba cocokkan lagi dengan KTP."),
        "serial": _("Empat angka terakhir tidak mungkin 0000. Coba cocokkan lagi dengan KTP."),
        "noNik": _("NIK belum diisi. Ketik 16 angka di KTP."),
        "notYet": _("NIK belum lengkap. Ketik 16 angka di KTP."),
        "noPhoto": _("Foto KTP belum ada. Ambil foto, atau pilih yang sudah ada di HP.")
        if asked.photo_needed
        else _('Foto KTP belum ada. Ambil foto, atau tekan "{later}".').format(later=_leave_out(asked)),
        "preparing": _("Menyiapkan foto…"),
        "heic": _("Foto berjenis HEIC belum bisa kami baca. Tekan Ambil foto untuk memotret langsung."),
        "notAPhoto": _("Berkas ini bukan foto atau PDF yang bisa dibaca. Coba ambil foto."),
        "small": _("Foto ini terlalu kecil, tulisannya tidak terbaca. Coba ambil foto dari lebih dekat."),
        "big": _too_big(),
        "unseen": _("Foto siap dikirim, tetapi tidak bisa ditampilkan di ponsel ini."),
        "pdf": _("PDF siap dikirim, tetapi tidak bisa ditampilkan di halaman ini."),
        "send": _("Kirim"),
        "sending": _("Mengirim… {percent}%"),
        "storing": _("Menyimpan…"),
        "again": _("Coba lagi"),
        "offline": _("Belum terkirim, sinyal terputus. Isian masih ada di sini. Cari sinyal, lalu tekan Coba lagi."),
        "slow": _("Belum terkirim, sinyalnya lambat. Isian masih ada di sini. Tekan Coba lagi."),
        "busy": _("Belum terkirim, sistem kami sibuk. Isian masih ada di sini. Tunggu sebentar, lalu tekan Coba lagi."),
        "wait": _("Terlalu sering dicoba. Isian masih ada di sini. Tunggu satu menit, lalu tekan Coba lagi."),
    }  # fmt: skip


def _too_big() -> str:
    return _("Foto ini terlalu besar, paling banyak {megabytes} MB. Coba ambil foto lagi.").format(
        megabytes=MOST_MEGABYTES
    )


def _channel(asked: Asked) -> str:
    return CHANNELS.get(asked.channel, "chat")


# ── How it looks ─────────────────────────────────────────────────────────────────────────────────────────────────


def fill(template: str, **values: str) -> Html:
    """The template with every gap filled, and escaped unless it is HTML."""
    ready = {name: value if isinstance(value, Html) else escape(value) for name, value in values.items()}
    return Html(_template(template).substitute(ready))


@cache
def _template(name: str) -> Template:
    return Template((HERE / "templates" / name).read_text("utf-8"))


@cache
def _link(name: str) -> str:
    """A file of the page, as seen from /i/{token}; what changed has another address."""
    return f"static/{name}?v={sha256(FILES[name]).hexdigest()[:12]}"


def _whole(title: str, content: Html, asked: Asked | None, *, script: bool = False) -> str:
    return fill(
        "intake.html",
        language=spoken.get(),
        title=title,
        style=_link("intake.css"),
        association=asked.association if asked else "JagaLapak",
        content=content,
        script=fill("intake_script.html", source=_link("intake.js")) if script else Html(),
    )


def _said(title: str, lines: list[str], status: int = 200, way: Html | None = None) -> Page:
    """A page that only says something, and names no association."""
    content = fill("intake_said.html", mark="note", title=title, lines=_paragraphs(lines), way=way or Html())
    return Page(_whole(title, content, None), status)


def _paragraphs(sentences: list[str], tag: str = "p") -> Html:
    return Html("\n".join(f"<{tag}>{escape(sentence)}</{tag}>" for sentence in sentences))


def _number(number: int, *, shown: bool) -> Html:
    """A step's number; a single step needs none."""
    return Html(f'<span class="number" aria-hidden="true">{number}</span>' if shown else "")


def _notice(sentence: str) -> Html:
    return Html(f'<p class="again" role="alert">{escape(sentence)}</p>')


def _way_back(asked: Asked | None) -> Html:
    if not asked or not asked.back:
        return Html()
    return fill("intake_way.html", to=asked.back, label=_("Kembali ke {channel}").format(channel=_channel(asked)))


def _again() -> Html:
    return fill("intake_way.html", to="?", label=_("Coba lagi"))
