"""The batch page, from the treasurer's word to the sheet behind the link and the answer that she brings."""

import io
import logging
import re
from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from sqlmodel import Session, col, select
from starlette.applications import Starlette

from bot.channels import whatsapp
from bot.running import Channel, put_together
from bot.web import batch as batch_routes
from bot.web.batch import batch
from bot.web.counter import Counter
from bot.web.look import look
from bot.web.viewing import Viewing
from domain.month import Month
from domain.remittance import LineStatus
from storage.database import Database, StorageDown
from storage.queries import audit, identities, links, members, people, remittances
from storage.tables import Audit, Link, Member, Remittance
from tests.conversations.people import staff
from tests.fakes.browser import Browser
from tests.storage.house import DECEMBER
from tests.storage.test_remittances import paid, pay_batch
from tests.transcript import WHATSAPP, Player

SRI = "sri on whatsapp"
BACK = "https://wa.me/6281200000000"
NAMES = ("ani", "budi", "cici")


class Form(Browser):
    """A browser that fills in the page's form."""

    def post(self, path: str, *, sheet: bytes | None = None, **fields: str) -> httpx.Response:
        """A form of the page; `sheet`: a file that goes with it."""
        files: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
        if sheet is not None:
            files["answer"] = ("hasil.csv", sheet)
        return self.request("POST", path, files=files)


def open_window(play: Player, who: str = "203.0.113.9", **options: Any) -> Form:
    """A browser before the pages of the bot that plays the talk."""
    channel = Channel(WHATSAPP, "main", whatsapp.ABILITIES, None, whatsapp.draw, nik_in_chat=False, back=BACK)
    running = put_together(play.database, {WHATSAPP: channel}, clock=play.clock)
    routes = [*batch(Counter(running), **{"per_minute": 1000, **options}), *look(Viewing(running), per_minute=1000)]
    return Form(Starlette(routes=routes), who)


def composed(db: Session, play: Player, until: Month = DECEMBER) -> Remittance:
    """A batch of all that is ready, by Sri."""
    ready = remittances.candidates(db, "main", until).ready
    chosen = [(one.member_id, str(one.month)) for one in ready]
    return remittances.compose(db, "main", chosen, until=until, by=play.person(db, SRI), now=play.clock.now())


@pytest.fixture
def play(database: Database) -> Player:
    """Three months lie in a batch that was paid, and Sri is treasurer on WhatsApp."""
    player = Player(database)
    staff(player, SRI, "treasurer")

    def fill(db: Session) -> None:
        for name in NAMES:
            paid(db, name, DECEMBER)
        pay_batch(db, composed(db, player))

    database.transact(fill)
    return player


@pytest.fixture
def browser(play: Player) -> Form:
    return open_window(play)


def ask(play: Player, number: str = "R-2026-0001", word: str = "unduh lembar") -> str:
    """Sri asks for the page in the chat; the path of the link that she gets."""
    play.say_all(SRI, ["setor bpjs", number, word])
    return f"/b/{play.links[-1]}"


def niks(play: Player) -> list[str]:
    """The NIKs of Ani, Budi and Cici."""
    hers = select(Member).where(col(Member.name).in_([name.capitalize() for name in NAMES])).order_by(Member.name)
    return play.database.read(lambda db: [members.nik_of(one).digits for one in db.exec(hers)])


def answer(*rows: str) -> bytes:
    return "\n".join(["NIK;Status;Bulan;Jumlah;Keterangan", *rows]).encode()


def stands(play: Player) -> list[str]:
    """How the lines of the first batch stand."""

    def look_at(db: Session) -> list[str]:
        first = remittances.find_by_number(db, "main", "R-2026-0001")
        assert first
        return [line.status for line, _member in remittances.lines_of(db, first)]

    return play.database.read(look_at)


def noted(play: Player, action: str = "exported") -> list[dict[str, Any]]:
    """What the audit trail tells of such an act."""
    rows = select(Audit).where(Audit.action == action).order_by(col(Audit.place))
    return play.database.read(lambda db: [row.facts for row in db.exec(rows)])


def tries(play: Player) -> int:
    return play.database.read(lambda db: sum(db.exec(select(Link.tries).where(Link.purpose == "look"))))


def confirmed(browser: Form, path: str, page: httpx.Response) -> httpx.Response:
    """The button below what was shown is pressed."""
    seen, content = (re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("seen", "content"))  # type: ignore[index]
    return browser.post(path, deed="confirm", seen=seen, content=content)


def shows_nothing(page: httpx.Response, play: Player) -> bool:
    """True when the page names nobody, no batch and no NIK."""
    return not re.search(r"R-2026|5271|Ani|Budi|Sri|Asosiasi|<form", page.text)


# ── the sheet ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_is_offered_and_taken_away_as_a_file(play, browser):
    path = ask(play)
    offer = browser.get(path)
    assert offer.status_code == 200
    for words in ("R-2026-0001", "3 baris, Rp25.200", "Unduh sebagai Excel", "Jawaban BPJS", f'href="{BACK}"'):
        assert words in offer.text
    assert "5271" not in offer.text
    sheet = browser.post(path, deed="sheet", form="xlsx")
    assert sheet.status_code == 200
    assert sheet.headers["content-disposition"] == 'attachment; filename="R-2026-0001.xlsx"'
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")
    rows = list(load_workbook(io.BytesIO(sheet.content)).active.values)
    assert [row[1] for row in rows[1:]] == niks(play)
    as_csv = browser.post(path, deed="sheet", form="csv")
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert all(nik in as_csv.text for nik in niks(play))
    assert noted(play) == [{"lines": 3, "to": "page"}] * 2
    with play.database.reading() as db:
        row = db.exec(select(Audit).where(Audit.action == "exported")).first()
        assert row and row.actor_id == play.person(db, SRI)
        assert audit.first_break(db, "main") is None


def test_a_get_or_a_preview_changes_nothing_and_notes_nothing(play, browser):
    path = ask(play)
    for _again in range(3):
        assert browser.get(path).status_code == 200
    preview = browser.get(path, headers={"User-Agent": "WhatsApp/2.24"})
    assert shows_nothing(preview, play)
    assert browser.head(path).status_code == 200
    assert (noted(play), tries(play)) == ([], 0)


def test_every_answer_is_kept_from_caches_frames_and_others(play, browser):
    path = ask(play)
    for page in (browser.get(path), browser.post(path, deed="sheet", form="csv"), browser.get("/b/none")):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"<script|style=", page.text)
    framed = open_window(play, framed=True)
    assert framed.get("/b/none").headers["content-security-policy"].endswith("frame-ancestors 'self'")


def test_the_style_is_found_where_the_pages_look_for_it(play, browser):
    for page in (browser.get(ask(play)), browser.get("/b/none")):
        style = browser.get("/b/" + re.search(r'rel="stylesheet" href="([^"]+)"', page.text)[1])  # type: ignore[index]
        assert style.status_code == 200
        assert style.headers["content-type"].startswith("text/css")
    assert browser.get("/b/static/batch.py").status_code == 404


def no_treasurer(play: Player, db: Session) -> None:
    people.take(db, association_id="main", person_id=play.person(db, SRI), role="treasurer")


def officer_instead(play: Player, db: Session) -> None:
    no_treasurer(play, db)
    sri, now = play.person(db, SRI), play.clock.now()
    people.grant(db, association_id="main", person_id=sri, role="officer", by=None, now=now)


def somebody_else_writes(play: Player, db: Session) -> None:
    identities.doubt(db, people.get_address(db, play.address(db, SRI)), play.clock.now())


def too_late(play: Player, _db: Session) -> None:
    play.clock.moment += links.LASTS + timedelta(seconds=1)


def of_no_association(_play: Player, db: Session) -> None:
    db.exec(select(Link)).one().subject = "remittance/" + "0" * 32


@pytest.mark.parametrize("change", [no_treasurer, officer_instead, somebody_else_writes, too_late, of_no_association])
def test_whether_she_may_is_asked_anew_each_time(play, browser, change):
    path, nik = ask(play), niks(play)[0]
    assert browser.get(path).status_code == 200
    play.database.transact(lambda db: change(play, db))
    tried = [
        browser.get(path),
        browser.post(path, deed="sheet", form="xlsx"),
        browser.post(path, deed="answer", sheet=answer(f"{nik};ok;;;")),
        browser.post(path, deed="confirm", seen="x", content=b64encode(answer(f"{nik};ok;;;")).decode()),
    ]
    for page in tried:
        assert page.status_code == 410
        assert shows_nothing(page, play)
    assert (noted(play), tries(play), stands(play)) == ([], 0, ["open"] * 3)


def test_a_link_serves_so_often_and_no_more(play, browser, monkeypatch):
    monkeypatch.setattr(links, "LOOKS", 2)
    path = ask(play)
    codes = [browser.post(path, deed="sheet", form="csv").status_code for _again in range(4)]
    assert codes == [200, 200, 410, 410]
    assert len(noted(play)) == 2


def test_a_link_of_one_page_is_none_of_the_others(play, browser):
    path = ask(play)
    assert browser.get(path.replace("/b/", "/l/")).status_code == 404
    for token in ("none", "a" * 129, "semua.setoran"):
        page = browser.get(f"/b/{token}")
        assert page.status_code == 404
        assert shows_nothing(page, play)


def test_a_cancelled_batch_is_not_taken_away(play, browser):
    def another(db: Session) -> None:
        paid(db, "dewi", DECEMBER)
        composed(db, play)

    play.database.transact(another)
    path = ask(play, "R-2026-0002")
    assert "Jawaban BPJS" not in browser.get(path).text

    def cancel(db: Session) -> None:
        batch = remittances.find_by_number(db, "main", "R-2026-0002")
        assert batch
        remittances.cancel(db, batch, by=play.person(db, SRI), now=play.clock.now())

    play.database.transact(cancel)
    assert browser.post(path, deed="sheet", form="csv").status_code == 410


# ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_is_shown_first_and_settled_when_she_says_so(play, browser):
    ani, budi, cici = niks(play)
    path = ask(play, word="unggah hasil bpjs")
    rows = (
        f"{ani};Lunas;12/2026;8400;",
        f"{budi};Gagal;12/2026;;NIK tidak cocok",
        f"{cici};Lunas;12/2026;9.000;",
        "5271014505870999;Lunas;12/2026;8400;",
        "12;Lunas;;;",
    )
    page = browser.post(path, deed="answer", sheet=answer(*rows))
    assert page.status_code == 200
    for words in (
        "Periksa dulu, lalu catat",
        "1 diterima",
        "Baris 3: Budi",
        "NIK tidak cocok",
        "menurut BPJS Rp9.000",
        "NIK berakhir 0999",
        "Baris 6: NIK itu 16 angka, di sini 2.",
        "Catat 3 hasil",
    ):
        assert words in page.text
    readable = re.sub(r'value="[^"]*"', "", page.text)
    assert not any(nik in readable for nik in (ani, budi, cici))
    assert stands(play) == ["open"] * 3
    done = confirmed(browser, path, page)
    assert "Sudah dicatat" in done.text
    assert stands(play) == ["matched", "failed", "unmatched"]
    again = browser.post(path, deed="answer", sheet=answer(*rows))
    assert "Tidak ada hasil baru" in again.text
    assert "3 sudah tercatat" in again.text
    assert 'name="seen"' not in again.text


def test_the_very_same_is_settled_as_was_shown(play, browser):
    ani, budi, _cici = niks(play)
    path = ask(play)
    page = browser.post(path, deed="answer", sheet=answer(f"{ani};ok;;;", f"{budi};ok;;;"))

    def meanwhile(db: Session) -> None:
        first = remittances.find_by_number(db, "main", "R-2026-0001")
        assert first
        line = remittances.lines_of(db, first)[0][0]
        line.status = LineStatus.MATCHED

    play.database.transact(meanwhile)
    other = confirmed(browser, path, page)
    assert other.status_code == 409
    assert "Periksa sekali lagi" in other.text
    assert stands(play) == ["matched", "open", "open"]
    assert "Sudah dicatat" in confirmed(browser, path, other).text
    assert stands(play) == ["matched", "matched", "open"]


def test_a_date_that_comes_after_the_result_is_still_taken_in(play, browser):
    ani, path = niks(play)[0], ask(play)
    confirmed(browser, path, browser.post(path, deed="answer", sheet=answer(f"{ani};ok;;;")))
    later = f"NIK;Status;KPJ;Berlaku sampai\n{ani};ok;12345678901;31/12/2026".encode()
    page = browser.post(path, deed="answer", sheet=later)
    assert "1 dengan nomor kartu atau tanggal baru" in page.text
    assert "Sudah dicatat" in confirmed(browser, path, page).text
    with play.database.reading() as db:
        hers = db.exec(select(Member).where(Member.name == "Ani")).one()
        assert (hers.kpj, str(hers.protected_until)) == ("12345678901", "2026-12-31")
    assert "Tidak ada hasil baru" in browser.post(path, deed="answer", sheet=later).text


def test_pressed_twice_it_counts_once(play, browser):
    ani = niks(play)[0]
    path = ask(play)
    page = browser.post(path, deed="answer", sheet=answer(f"{ani};ok;;;"))
    assert "Sudah dicatat" in confirmed(browser, path, page).text
    second = confirmed(browser, path, page)
    assert second.status_code == 409
    assert "Tidak ada hasil baru" in second.text
    assert noted(play, "took_results") == [{"lines": 1, "rows": 1}]


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (b"", "Berkasnya belum dipilih."),
        (b"%PDF-1.7", "bukan CSV atau XLSX"),
        (b"PK\x03\x04zip", "rusak"),
        (b"nama;alamat\nx;y", "Kolom yang diperlukan belum ketemu"),
        (b"x" * (batch_routes.LARGEST + 1), "terlalu besar"),
        (b"NIK;Status\n5271014505870999;ok", "Tidak ada baris yang cocok dengan R-2026-0001."),
    ],
    ids=["none", "a PDF", "broken", "no columns", "too large", "of strangers"],
)
def test_what_cannot_be_read_is_explained_on_the_page(play, browser, sheet, words):
    page = browser.post(ask(play), deed="answer", sheet=sheet)
    assert page.status_code == 422
    assert words in page.text
    assert "Unduh sebagai Excel" in page.text
    assert stands(play) == ["open"] * 3


@pytest.mark.parametrize(
    "fields",
    [
        {"deed": "burn"},
        {"deed": "sheet", "form": "pdf"},
        {"deed": "confirm", "seen": "x", "content": "no base64!"},
        {},
    ],
)
def test_a_form_that_is_not_ours_is_refused(play, browser, fields):
    path = ask(play)
    assert browser.post(path, **{"x": "y", **fields}).status_code == 400
    assert browser.request("POST", path, content=b"deed=sheet").status_code == 400
    assert noted(play) == []


def test_while_the_database_is_down_one_is_asked_to_come_again(play, browser, monkeypatch):
    def down(_work: object) -> None:
        raise StorageDown("SQLITE_BUSY")

    path = ask(play)
    with monkeypatch.context() as patch:
        for way in ("read", "transact"):
            patch.setattr(play.database, way, down)
        page = browser.get(path)
    assert (page.status_code, page.headers["retry-after"]) == (503, "30")


def test_what_cannot_be_noted_does_not_leave(play, browser, monkeypatch):
    def note(*_row: object, **_more: object) -> None:
        raise StorageDown("SQLITE_FULL")

    path = ask(play)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "note", note)
        page = browser.post(path, deed="sheet", form="csv")
    assert page.status_code == 503
    assert not any(nik in page.text for nik in niks(play))
    assert (noted(play), tries(play)) == ([], 0)


def test_no_log_holds_the_link_or_a_nik(play, browser, monkeypatch, caplog):
    path, nik = ask(play), niks(play)[0]
    token = path.rpartition("/")[2]

    def failing(*_what: object, **_more: object) -> None:
        raise ValueError(f"{token} {nik}")

    with caplog.at_level(logging.DEBUG):
        browser.post(path, deed="answer", sheet=answer(f"{nik};ok;;;"))
        with monkeypatch.context() as patch:
            patch.setattr(links, "count_try", failing)
            assert browser.post(path, deed="sheet", form="csv").status_code == 503
    ours = [
        record for record in caplog.records if not record.name.startswith(("http", "asyncio", "multipart", "python_m"))
    ]
    assert any("ValueError at test_batch.py" in record.getMessage() for record in ours)
    for record in ours:
        assert not any(secret in caplog.handler.format(record) for secret in (token, nik))


def test_an_address_that_asks_too_often_has_to_wait(play):
    path = ask(play)
    browser = open_window(play, per_minute=3)
    assert [browser.get(path).status_code for _again in range(4)] == [200, 200, 200, 429]


def test_names_are_never_markup(play, browser):
    def rename(db: Session) -> None:
        db.exec(select(Member).where(Member.name == "Budi")).one().name = "<b>Budi"

    play.database.transact(rename)
    page = browser.post(ask(play), deed="answer", sheet=answer(f"{nik_of_budi(play)};gagal;;;<i>x"))
    assert "&lt;b&gt;Budi" in page.text
    assert "<b>" not in page.text
    assert "<i>" not in page.text


def nik_of_budi(play: Player) -> str:
    def look_at(db: Session) -> str:
        return members.nik_of(db.exec(select(Member).where(Member.name == "<b>Budi")).one()).digits

    return play.database.read(look_at)


def test_the_page_speaks_her_language(play, browser):
    play.say_all(SRI, ["bahasa", "english"])
    path = ask(play, word="4")
    assert '<html lang="en">' in browser.get(path).text
