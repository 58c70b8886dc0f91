"""The check page: whoever holds a receipt's code sees whether it is genuine, and nothing else."""

import logging
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlmodel import Session
from starlette.applications import Starlette

from bot.channels import telegram
from bot.running import Channel, put_together
from bot.web.check import as_printed, check
from bot.web.check_page import Checked
from bot.web.checking import Checking
from domain.dues import Way
from domain.money import Rupiah
from storage.database import Database, StorageDown
from storage.queries import associations, payments, receipts
from storage.queries.receipts import LENGTH, SIGNS
from tests.fakes.browser import Browser
from tests.storage import house
from tests.storage.house import DECEMBER, NOVEMBER

UNKNOWN = "23456789ABCDEFGH"


class Window:
    """Asks the page of a database, from one address."""

    def __init__(self, desk: Any, who: str = "203.0.113.9", **options: Any) -> None:
        self.browser = Browser(Starlette(routes=check(desk, **options)), who)

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        return self.browser.request(method, path, headers=headers)


@pytest.fixture
def window(database: Database) -> Window:
    return Window(house_of(database))


def house_of(database: Database) -> Checking:
    channel = Channel("telegram/main", "main", telegram.ABILITIES, None, telegram.draw)
    database.transact(house.found)
    return Checking(put_together(database, {"telegram/main": channel}))


def receipt(database: Database, name: str = "siti aminah", *, voided: bool = False) -> str:
    """The code of a receipt of hers."""

    def work(db: Session) -> str:
        member = house.member(db, name.split(maxsplit=1)[0])
        member.name = name.title()
        payment = house.pay(db, member, DECEMBER, way=Way.TRANSFER)
        made = payments.confirm(db, payment, Rupiah(8400), by=house.person(db, "officer"), now=NOVEMBER)
        assert made
        if voided:
            payments.undo(db, payment, reason="another account", by=None, now=NOVEMBER)
        return made.code

    return database.transact(work)


def facts(answer: httpx.Response) -> dict[str, str]:
    """What the page says about the receipt."""
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", answer.text))


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_genuine_receipt_shows_what_stands_on_it_and_initials_alone(window: Window, database: Database):
    answer = window.get(f"/r/{receipt(database)}")
    assert answer.status_code == 200
    assert "<h1>Kwitansi ini berlaku</h1>" in answer.text
    assert facts(answer) == {
        "Nomor": "KW-2026-000001",
        "Jumlah": "Rp8.400",
        "Tanggal bayar": "22 November 2026",
        "Anggota": "S. A.",
    }
    assert "Asosiasi Contoh" in answer.text
    assert not re.search(r"Siti|Aminah|5271|0001[^<]|Desember|JKK|officer|Pasar", answer.text.replace("000001", ""))


def test_a_payment_that_was_undone_is_said_to_be(window: Window, database: Database):
    answer = window.get(f"/r/{receipt(database, voided=True)}")
    assert answer.status_code == 200
    assert "<h1>Kwitansi ini dibatalkan</h1>" in answer.text
    assert "berlaku" not in answer.text


def test_a_code_that_we_do_not_know_names_nobody(window: Window, database: Database):
    receipt(database)
    answer = window.get(f"/r/{UNKNOWN}")
    assert answer.status_code == 404
    assert "Kwitansi tidak dikenal</h1>" in answer.text
    assert not re.search(r"Asosiasi|Siti|KW-", answer.text)


@pytest.mark.parametrize(
    "code", ["x", "A" * 5000, "%00", "KW-2026-000001", "static", "..", "%F0%9F%99%8F", "'--", "O0O0"]
)
def test_whatever_else_is_asked_for_is_answered_alike(window: Window, code: str):
    unknown, answer = window.get(f"/r/{UNKNOWN}"), window.get(f"/r/{code}")
    if answer.text != "Not Found":  # an address that is none of ours
        assert (answer.status_code, answer.text) == (404, unknown.text)


@pytest.mark.parametrize(
    "spelt",
    [
        pytest.param(str.lower, id="in small letters"),
        pytest.param(lambda code: "-".join(re.findall("....", code)), id="with dashes"),
        pytest.param(lambda code: "%20".join(re.findall("....", code)) + "%20", id="with spaces"),
        pytest.param(lambda code: f"{code}.", id="at the end of a sentence"),
    ],
)
def test_the_code_may_be_typed_as_people_type(window: Window, database: Database, spelt: Callable[[str], str]):
    assert window.get(f"/r/{spelt(receipt(database))}").status_code == 200


def test_a_code_holds_no_sign_that_is_taken_for_another():
    assert not set(SIGNS) & set("01OI")
    assert len(SIGNS) ** LENGTH > 2**78
    assert as_printed(" abcd-efgh ") == "ABCDEFGH"


def test_a_receipt_of_another_association_is_shown_with_its_own_name(window: Window, database: Database):
    code = receipt(database)

    def rename(db: Session) -> None:
        associations.get(db, "main").name = "Asosiasi <Lain> & Kawan"

    database.transact(rename)
    answer = window.get(f"/r/{code}")
    assert "Asosiasi &lt;Lain&gt; &amp; Kawan" in answer.text


def test_a_name_of_one_word_has_one_letter(window: Window, database: Database):
    assert facts(window.get(f"/r/{receipt(database, 'siti')}"))["Anggota"] == "S."


# ── how it is answered ───────────────────────────────────────────────────────────────────────────────────────────


def test_no_page_is_kept_indexed_framed_or_runs_a_script(window: Window, database: Database):
    for path in (f"/r/{receipt(database)}", f"/r/{UNKNOWN}"):
        answer = window.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "script" not in policy
        assert not re.search(r"<script|<style| style=| on\w+=", answer.text)
        assert '<html lang="id">' in answer.text
        assert len(answer.content) < 6_000


def test_the_style_is_kept_for_good_under_an_address_of_its_own(window: Window):
    [style] = re.findall(r'href="(static/check\.css\?v=\w+)"', window.get(f"/r/{UNKNOWN}").text)
    answer = window.get(f"/r/{style}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert window.get("/r/static/other.css").status_code == 404


@pytest.mark.parametrize("agent", ["WhatsApp/2.23.20.0", "TelegramBot (like TwitterBot)", "facebookexternalhit/1.1"])
def test_a_preview_learns_nothing(window: Window, database: Database, agent: str):
    path = f"/r/{receipt(database)}"
    answer = window.get(path, **{"user-agent": agent})
    assert answer.status_code == 200
    assert facts(answer) == {} and "Asosiasi" not in answer.text
    assert window.get(path, "HEAD").status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_sent_to_it(window: Window, method: str):
    assert window.get(f"/r/{UNKNOWN}", method).status_code == 405


class Desk:
    """A house that answers every code, or fails."""

    def __init__(self, answer: Checked | Exception | None = None) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def look_up(self, code: str) -> Checked | None:
        self.asked.append(code)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_whoever_guesses_has_to_wait_and_nobody_else():
    desk = Desk()
    window = Window(desk, per_minute=3)
    answers = [window.get(f"/r/{UNKNOWN}").status_code for _guess in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    waiting = window.get(f"/r/{UNKNOWN}")
    assert waiting.headers["Retry-After"] == "60"
    assert "Tunggu satu menit" in waiting.text
    assert len(desk.asked) == 3


def test_without_the_database_whoever_asks_comes_again():
    answer = Window(Desk(StorageDown("gone"))).get(f"/r/{UNKNOWN}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_an_error_that_nobody_thought_of_is_told_without_the_code(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        answer = Window(Desk(ValueError("secret"))).get(f"/r/{UNKNOWN}")
    assert answer.status_code == 503
    assert "ValueError" in caplog.text
    assert UNKNOWN not in caplog.text and "secret" not in caplog.text


def test_the_code_finds_its_receipt_alone(database: Database):
    database.transact(house.found)
    codes = [receipt(database, name) for name in ("siti", "budi")]
    found = database.read(lambda db: [receipts.find_by_code(db, code) for code in codes])
    assert [one.printed for one in found if one] == ["KW-2026-000001", "KW-2026-000002"]
