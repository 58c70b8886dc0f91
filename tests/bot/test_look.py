"""The look page, from the officer's word on WhatsApp to what he sees behind the link, on each database."""

import asyncio
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import Session, col, select, update
from starlette.applications import Starlette

from bot.channels import whatsapp
from bot.running import Channel, put_together
from bot.web.look import look
from bot.web.viewing import Viewing
from conversations.verification import CLAIM
from storage.database import Database, StorageDown
from storage.queries import applications, audit, documents, identities, links, people
from storage.tables import Application, Audit, Link, Payment, Person
from tests.conftest import sqlite_only
from tests.conversations.money import all_payments, open_bank, pay
from tests.conversations.people import arrive, register, staff
from tests.fakes.browser import Browser
from tests.transcript import WHATSAPP, Player

LALU = "lalu on whatsapp"
NIK = "5271014505870001"
CARD = b"jpeg"  # as the photos of played talks
IN_THE_PAGE = f"data:image/jpeg;base64,{b64encode(CARD).decode()}"
BACK = "https://wa.me/6281200000000"
SEE_KTP = ["antrean", "lihat foto ktp"]
SEE_PROOF = ["pembayaran", "lihat bukti"]
SEE_NIK = ["antrean", "lihat nik lengkap", "Untuk mencocokkan / di kantor"]
ALSO_KTP, ALSO_NIK = ["lihat pendaftaran", *SEE_KTP[1:]], ["lihat pendaftaran", *SEE_NIK[1:]]


def open_window(play: Player, who: str = "203.0.113.9", **options: Any) -> Browser:
    """A browser before the page of the bot that plays the talk."""
    channel = Channel(WHATSAPP, "main", whatsapp.ABILITIES, None, whatsapp.draw, nik_in_chat=False, back=BACK)
    running = put_together(play.database, {WHATSAPP: channel}, clock=play.clock)
    return Browser(Starlette(routes=look(Viewing(running), **{"per_minute": 1000, **options})), who)


@pytest.fixture
def play(database: Database) -> Player:
    """Siti has registered with a photo of her KTP, and Lalu is an officer on WhatsApp."""
    player = Player(database)
    staff(player, LALU, "officer")
    register(player, "siti")
    return player


@pytest.fixture
def browser(play: Player) -> Browser:
    return open_window(play)


def ask(play: Player, lines: list[str]) -> str:
    """Lalu asks for it in the chat; the path of the link that he gets."""
    play.say_all(LALU, lines)
    return f"/l/{play.links[-1]}"


def noted(play: Player) -> list[tuple[str, dict[str, str]]]:
    """Who looked at an identifier, as the audit trail tells it."""
    saw = select(Audit).where(col(Audit.action).like("saw_%")).order_by(col(Audit.place))
    return play.database.read(lambda db: [(row.action, row.facts) for row in db.exec(saw)])


def tries(play: Player) -> int:
    """How often the page was opened."""
    return play.database.read(lambda db: sum(db.exec(select(Link.tries).where(Link.purpose == "look"))))


def application(db: Session) -> Application:
    return db.exec(select(Application)).one()


def shows_nothing(answer: httpx.Response) -> bool:
    """True when the page holds neither the photo nor the NIK, and names nobody."""
    return not re.search(r"data:image/jpeg|5271|0001|Siti|Lalu|Asosiasi|P-2026|<form", answer.text)


# ── What is shown ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_on_whatsapp_sees_the_ktp_behind_the_link(play, browser):
    path = ask(play, SEE_KTP)
    offer = browser.get(path)
    assert offer.status_code == 200
    for words in ("Pendaftaran P-2026-0001", "Diminta oleh Lalu, petugas Asosiasi Contoh.", "Tampilkan"):
        assert words in offer.text
    answer = browser.post(path)
    assert answer.status_code == 200
    assert answer.text.count(IN_THE_PAGE) == 1
    for words in ("Hanya untuk pemeriksaan, jangan disebarkan.", f'href="{BACK}"', "Kembali ke WhatsApp"):
        assert words in answer.text
    assert NIK not in answer.text


def test_he_sees_the_nik_in_groups_of_four_with_the_purpose_that_he_gave(play, browser):
    answer = browser.post(ask(play, SEE_NIK))
    assert answer.status_code == 200
    assert "5271 0145 0587 0001" in answer.text
    assert "Alasan: Untuk mencocokkan / di kantor" in answer.text
    assert "data:image/jpeg" not in answer.text


@pytest.mark.parametrize("lines", [SEE_KTP, SEE_NIK], ids=["ktp", "nik"])
def test_his_name_and_the_time_where_the_association_is_stand_all_over_it(play, browser, lines):
    path = ask(play, lines)
    play.clock.moment = play.clock.moment.replace(hour=2, minute=17)
    page = browser.post(path).text
    assert "Dibuka oleh Lalu, 22 November 2026, 10.17 WITA." in page
    assert ">Lalu · 22.11.2026 10.17</text>" in page


def test_every_look_leaves_one_trace_that_holds_nothing_of_the_applicant(play, browser):
    ktp, nik = ask(play, SEE_KTP), ask(play, ALSO_NIK)
    for path in (ktp, nik, ktp):
        assert browser.post(path).status_code == 200
    purpose = "Untuk mencocokkan / di kantor"
    assert noted(play) == [
        ("saw_ktp", {"by": "page"}),
        ("saw_nik", {"by": "page", "purpose": purpose}),
        ("saw_ktp", {"by": "page"}),
    ]
    with play.database.reading() as db:
        rows = db.exec(select(Audit).where(col(Audit.action).like("saw_%"))).all()
        lalu, subject = play.person(db, LALU), f"application/{application(db).id}"
        assert {(row.actor_id, row.subject, row.association_id) for row in rows} == {(lalu, subject, "main")}
        assert audit.first_break(db, "main") is None


def test_a_get_changes_nothing_and_shows_nothing_of_the_applicant(play, browser):
    for path in (ask(play, SEE_KTP), ask(play, ALSO_NIK)):
        for _ in range(3):
            page = browser.get(path).text
            assert not re.search(r"data:image/jpeg|5271|0145|0587|Siti|mencocokkan", page)
    assert (noted(play), tries(play)) == ([], 0)


@pytest.mark.parametrize("agent", ["WhatsApp/2.24.20.89 A", "facebookexternalhit/1.1", "TelegramBot (like TwitterBot)"])
def test_who_only_previews_a_link_does_not_even_learn_who_asked(play, browser, agent):
    path = ask(play, SEE_KTP)
    page = browser.get(path, headers={"User-Agent": agent})
    assert page.status_code == 200
    assert shows_nothing(page)
    assert browser.head(path).status_code == 200
    assert tries(play) == 0


def test_the_page_speaks_his_language(play, browser):
    play.say_all(LALU, ["bahasa", "english"])
    path = ask(play, ["queue", "4"])
    for answer in (browser.get(path), browser.post(path)):
        assert answer.status_code == 200
        assert '<html lang="en">' in answer.text
    play.clock.moment += timedelta(hours=1)
    assert '<html lang="en">' in browser.get(path).text


def test_names_are_never_markup(play, browser):
    renamed = update(Person).where(col(Person.called) == "Lalu").values(called="<b>Lalu")
    play.database.transact(lambda db: db.exec(renamed))
    path = ask(play, SEE_KTP)
    for answer in (browser.get(path), browser.post(path)):
        assert "<b>" not in answer.text
        assert "&lt;b&gt;Lalu" in answer.text


def test_what_lies_open_hides_itself_after_five_minutes(play, browser):
    path = ask(play, SEE_KTP)
    assert browser.post(path).headers["refresh"] == "300; url=?"
    assert "refresh" not in browser.get(path).headers


# ── While it may be seen ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_is_good_for_half_an_hour(play, browser):
    path = ask(play, SEE_KTP)
    play.clock.moment += links.LASTS
    assert browser.post(path).status_code == 200
    play.clock.moment += timedelta(seconds=1)
    assert_closed(play, browser, path, looks=1)


def assert_closed(play: Player, browser: Browser, path: str, *, looks: int = 0, words: str = "berakhir") -> None:
    """Neither the question nor what it asks for is shown any more, and nothing is counted or noted."""
    for answer in (browser.get(path), browser.post(path)):
        assert answer.status_code == 410
        assert words in answer.text
        assert shows_nothing(answer)
    assert (len(noted(play)), tries(play)) == (looks, looks)


def test_a_link_opens_so_many_times_and_no_more(play, browser, monkeypatch):
    monkeypatch.setattr(links, "LOOKS", 2)
    path = ask(play, SEE_KTP)
    assert [browser.post(path).status_code for _ in range(2)] == [200, 200]
    assert_closed(play, browser, path, looks=2, words="terlalu sering dibuka")


def test_of_many_who_open_it_at_once_only_so_many_see_it(play, browser, monkeypatch):
    monkeypatch.setattr(links, "LOOKS", 2)
    path = ask(play, SEE_KTP)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _one: browser.post(path), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 410, 410, 410, 410]
    assert all(shows_nothing(answer) for answer in answers if answer.status_code == 410)
    assert len(noted(play)) == 2


def no_officer(play: Player, db: Session) -> None:
    people.take(db, association_id="main", person_id=play.person(db, LALU), role="officer")


def administrator_instead(play: Player, db: Session) -> None:
    no_officer(play, db)
    lalu, now = play.person(db, LALU), play.clock.now()
    people.grant(db, association_id="main", person_id=lalu, role="admin", by=None, now=now)


def somebody_else_writes(play: Player, db: Session) -> None:
    identities.doubt(db, people.get_address(db, play.address(db, LALU)), play.clock.now())


def about_himself(play: Player, db: Session) -> None:
    application(db).person_id = play.person(db, LALU)


def sent_in_by_himself(play: Player, db: Session) -> None:
    application(db).applicant_id = play.person(db, LALU)


def decided(_play: Player, db: Session) -> None:
    application(db).status = "verified"


def held_by_another(play: Player, db: Session) -> None:
    held = application(db)
    held.claimed_by, held.claimed_until = play.person(db, "budi"), play.clock.now() + timedelta(minutes=9)


def not_in_this_association(_play: Player, db: Session) -> None:
    link = db.exec(select(Link)).one()
    link.subject = "ktp/" + "0" * 32


@pytest.mark.parametrize(
    "change",
    [
        no_officer,
        administrator_instead,
        somebody_else_writes,
        about_himself,
        sent_in_by_himself,
        decided,
        held_by_another,
        not_in_this_association,
    ],
)
def test_whether_he_may_see_it_is_asked_anew_at_every_look(play, browser, change):
    staff(play, "budi", "officer")
    path = ask(play, SEE_KTP)
    assert browser.get(path).status_code == 200
    play.database.transact(lambda db: change(play, db))
    assert_closed(play, browser, path)


def test_a_photo_that_is_gone_is_neither_shown_nor_noted(play, browser):
    def work(db: Session) -> None:
        answered = applications.answers_of(application(db))
        application(db).answers_sealed = applications.sealed_answers(application(db), {**answered, "ktp": "0" * 32})

    path = ask(play, SEE_KTP)
    play.database.transact(work)
    answer = browser.post(path)
    assert answer.status_code == 410
    assert shows_nothing(answer)
    assert (noted(play), tries(play)) == ([], 0)


def test_a_claim_that_ran_out_closes_nothing_while_nobody_else_holds_it(play, browser):
    path = ask(play, SEE_KTP)
    play.clock.moment += CLAIM + timedelta(minutes=1)
    assert browser.post(path).status_code == 200


@pytest.mark.parametrize("token", ["tautan-contoh-0001", "a" * 129, "semua.pedagang", "a b", "%00"])
def test_a_link_that_we_did_not_give_is_unknown(browser, token):
    for answer in (browser.get(f"/l/{token}"), browser.post(f"/l/{token}")):
        assert answer.status_code == 404
        assert "Tautan ini tidak dikenal" in answer.text
        assert shows_nothing(answer)


def test_a_link_that_asks_for_a_nik_shows_none(play, browser):
    arrive(play, "rina on whatsapp")
    play.say_all("rina on whatsapp", ["daftar", "saya sendiri"])
    assert browser.post(f"/l/{play.links[-1]}").status_code == 404


# ── When it cannot be noted ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("error", [StorageDown("SQLITE_FULL"), RuntimeError("an accident")], ids=["down", "accident"])
@pytest.mark.parametrize("lines", [SEE_KTP, SEE_NIK], ids=["ktp", "nik"])
def test_what_cannot_be_noted_is_not_shown_and_not_counted(play, browser, monkeypatch, lines, error):
    def note(*_row: object, **_more: object) -> None:
        raise error

    path = ask(play, lines)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "note", note)
        answer = browser.post(path)
    assert answer.status_code == 503
    assert shows_nothing(answer)
    assert (noted(play), tries(play)) == ([], 0)
    assert browser.post(path).status_code == 200


@sqlite_only
def test_what_is_noted_but_not_committed_is_not_shown(play, browser, monkeypatch):
    path = ask(play, SEE_KTP)
    kept = play.database.transact

    def uncommitted(work: Callable[[Session], Any]) -> Any:
        def undone(db: Session) -> None:
            work(db)
            raise StorageDown("SQLITE_FULL")

        return kept(undone)

    with monkeypatch.context() as patch:
        patch.setattr(play.database, "transact", uncommitted)
        answer = browser.post(path)
    assert answer.status_code == 503
    assert shows_nothing(answer)
    assert (noted(play), tries(play)) == ([], 0)


@pytest.mark.parametrize("method", ["get", "post"])
def test_while_the_database_is_down_one_is_asked_to_come_again(play, browser, monkeypatch, method):
    def down(_work: object) -> None:
        raise StorageDown("SQLITE_BUSY")

    path = ask(play, SEE_KTP)
    with monkeypatch.context() as patch:
        for way in ("read", "transact"):
            patch.setattr(play.database, way, down)
        answer = browser.request(method, path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "Sebentar lagi" in answer.text
    assert shows_nothing(answer)


# ── What nobody learns ───────────────────────────────────────────────────────────────────────────────────────────


def test_no_page_is_kept_framed_indexed_or_named_to_others(play, browser):
    path = ask(play, SEE_KTP)
    for answer in (browser.get(path), browser.post(path), browser.get("/l/none"), browser.post("/l/none")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; img-src data:; style-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert not re.search(r"<script|style=|https?://(?!www\.w3\.org|wa\.me)", answer.text)


def test_the_demo_may_show_it_in_a_frame(play):
    framed = open_window(play, framed=True)
    assert framed.get("/l/none").headers["content-security-policy"].endswith("frame-ancestors 'self'")


def test_its_style_is_found_where_the_pages_look_for_it(play, browser):
    pages = [browser.get(ask(play, SEE_KTP)), browser.get("/l/none")]
    addresses = [re.search(r'rel="stylesheet" href="([^"]+)"', page.text)[1] for page in pages]
    assert len(set(addresses)) == 2
    for address in addresses:
        style = browser.get(f"/l/{address}")
        assert style.status_code == 200
        assert style.headers["content-type"].startswith("text/css")
        assert "immutable" in style.headers["cache-control"]
    assert browser.get("/l/static/look.py").status_code == 404


def test_no_log_and_no_answer_holds_the_link_the_nik_or_the_photo(play, browser, monkeypatch, caplog):
    path = ask(play, SEE_NIK)
    token = path.rpartition("/")[2]

    def failing(*_what: object, **_more: object) -> None:
        raise ValueError(f"{token} {NIK} {CARD!r}")

    with caplog.at_level(logging.DEBUG):
        browser.get(path)
        browser.post(path)
        with monkeypatch.context() as patch:
            patch.setattr(links, "count_try", failing)
            answer = browser.post(path)
        ktp = ask(play, ALSO_KTP)
        with monkeypatch.context() as patch:
            patch.setattr(documents, "get_content", failing)
            browser.post(ktp)
    ours = [record for record in caplog.records if not record.name.startswith(("http", "asyncio"))]
    failures = [record.getMessage() for record in ours if record.levelno >= logging.ERROR]
    assert failures == [f"a request to the look page failed: ValueError at test_look.py:{line_of(failing)}"] * 2
    for written in (caplog.handler.format(record) for record in ours):
        assert not any(secret in written for secret in (token, ktp, NIK, "5271 0145", repr(CARD)))
    assert answer.status_code == 503
    assert shows_nothing(answer)


def line_of(failing: Any) -> int:
    """The line on which a function of one statement fails."""
    return int(failing.__code__.co_firstlineno) + 1


def test_what_is_in_hand_does_not_print_what_it_holds(play):
    channel = Channel(WHATSAPP, "main", whatsapp.ABILITIES, None, whatsapp.draw, nik_in_chat=False)
    viewing = Viewing(put_together(play.database, {WHATSAPP: channel}, clock=play.clock))
    for lines in (SEE_KTP, ALSO_NIK):
        sight = asyncio.run(viewing.show(ask(play, lines).rpartition("/")[2]))
        assert not re.search(r"jpeg|527101|mencocokkan", repr(sight))


def test_an_address_that_asks_too_often_has_to_wait(play):
    path = ask(play, SEE_KTP)
    browser = open_window(play, per_minute=3)
    assert [browser.get(path).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = browser.post(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert shows_nothing(answer)
    assert tries(play) == 0


# ── Proofs of payment ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def paid(play: Player) -> Player:
    """Siti is a member by now, and has sent a proof of what she paid."""
    open_bank(play)
    play.say_all(LALU, ["antrean", "setujui", "cukup"])
    pay(play, "siti")
    return play


def test_an_officer_on_whatsapp_sees_the_proof_behind_the_link(paid, browser):
    path = ask(paid, SEE_PROOF)
    assert "[photo]" not in paid.said[-1]
    offer = browser.get(path)
    for words in ("Pembayaran B-2026-0001", "Bukti bayar", "Diminta oleh Lalu, petugas Asosiasi Contoh.", "Tampilkan"):
        assert words in offer.text
    assert "data:image/jpeg" not in offer.text
    answer = browser.post(path)
    assert answer.status_code == 200
    assert answer.text.count(IN_THE_PAGE) == 1
    assert 'alt="Bukti bayar yang diperiksa"' in answer.text
    assert noted(paid) == [("saw_proof", {"by": "page"})]
    (payment,) = all_payments(paid)
    subject = paid.database.read(lambda db: db.exec(select(Audit.subject).where(Audit.action == "saw_proof")).one())
    assert subject == f"payment/{payment.id}"


def no_officer_nor_treasurer(play: Player, _payment: Payment, db: Session) -> None:
    no_officer(play, db)


def paid_by_himself(play: Player, payment: Payment, db: Session) -> None:
    payment.payer_id = play.person(db, LALU)


def refused(_play: Player, payment: Payment, _db: Session) -> None:
    payment.status = "refused"


def seen_by_him_before(play: Player, payment: Payment, db: Session) -> None:
    payment.proposed_by = play.person(db, LALU)


def taken_by_another(play: Player, payment: Payment, db: Session) -> None:
    payment.claimed_by, payment.claimed_until = play.person(db, "budi"), play.clock.now() + timedelta(minutes=9)


def of_another_association(_play: Player, _payment: Payment, db: Session) -> None:
    db.exec(select(Link)).one().subject = "proof/" + "0" * 32


@pytest.mark.parametrize(
    "change",
    [
        no_officer_nor_treasurer,
        paid_by_himself,
        refused,
        seen_by_him_before,
        taken_by_another,
        of_another_association,
    ],
)
def test_whether_he_may_see_a_proof_is_asked_anew_at_every_look(paid, browser, change):
    staff(paid, "budi", "officer")
    path = ask(paid, SEE_PROOF)
    assert browser.get(path).status_code == 200
    paid.database.transact(lambda db: change(paid, db.exec(select(Payment)).one(), db))
    assert_closed(paid, browser, path)


def test_a_treasurer_sees_a_proof_but_no_ktp(paid, browser):
    path = ask(paid, SEE_PROOF)
    register(paid, "budi", nik=["5271 0105 0587 0002", "benar"])
    ktp = ask(paid, ["nanti saja", "cukup", *SEE_KTP])
    paid.grant(LALU, "treasurer")
    paid.database.transact(lambda db: no_officer(paid, db))
    assert browser.post(path).status_code == 200
    assert browser.post(ktp).status_code == 410


def test_a_link_to_a_ktp_never_shows_a_proof_of_the_same_id(paid, browser):
    (payment,) = all_payments(paid)
    path = ask(paid, SEE_PROOF)

    def work(db: Session) -> None:
        db.exec(select(Link).where(Link.purpose == "look")).one().subject = f"ktp/{payment.id}"

    paid.database.transact(work)
    assert_closed(paid, browser, path)
