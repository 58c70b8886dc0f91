"""Cash goes from a collector to the treasurer and on to the bank; what differs when it is counted has a reason."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from domain.ledger import Account
from storage.queries import cash, people
from storage.tables import Audit, Entry, HandOver
from tests.conversations.collectors import enrol, in_hand, lies_in, market, take
from tests.conversations.people import staff
from tests.transcript import Player


@pytest.fixture
def holding(play: Player) -> Player:
    """Amat holds Rp33.600 since today; Sri is treasurer."""
    market(play)
    staff(play, "sri", "treasurer")
    for name in ("Ana Kurnia", "Ani Lestari"):
        take(play, "amat", name)
    return play


def hand_overs_of(play: Player) -> list[HandOver]:
    """Every hand-over."""
    return play.database.read(lambda db: list(db.exec(select(HandOver).order_by(HandOver.number))))


def take_role(play: Player, who: str, role: str) -> None:
    """Somebody loses a role."""
    play.database.transact(lambda db: people.take(db, association_id="main", person_id=play.person(db, who), role=role))


# ── offered ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_collector_hands_everything_over_and_the_treasurer_counts_it(holding):
    holding("""
        amat: setor
        bot: Uang di tangan: Rp33.600, paling lama sejak hari ini.
            S-2026-0001, 22 November 2026: Rp8.400
            S-2026-0002, 22 November 2026: Rp25.200
            Mau setor berapa ke bendahara?
            1. Semua, Rp33.600
            2. Tidak sekarang
        amat: semua
        bot to sri: Amat mau setor Rp33.600, H-2026-0001. Hitung uangnya kalau sudah diterima.
            [Hitung]
        bot: Setoran H-2026-0001: Rp33.600. Serahkan uangnya ke bendahara; kami kabari kalau sudah dihitung.
        sri: [tap Hitung]
        bot: H-2026-0001 dari Amat: Rp33.600. Hitung uangnya. Berapa yang Bapak/Ibu terima?
            1. Pas Rp33.600
            2. Belum diterima
        sri: 33.600
        bot to amat: Sri sudah menerima setoran H-2026-0001: Rp33.600.
            Uang di tangan: tidak ada.
        bot: H-2026-0001 tercatat: Rp33.600 masuk kas. Ketik "kas" untuk melihat semuanya.
        sri: kas
        bot: Tidak ada uang di tangan pengumpul.
            Kas bendahara: Rp33.600. Bank: Rp0.
            1. Setor ke bank
            2. Selesai
        amat: setor
        bot: Uang di tangan: tidak ada.
        sri: selesai
        bot: Baik. Ketik "kas" kapan saja.
        sri: [tap Hitung]
        bot: H-2026-0001 sudah dihitung Sri.

            Tidak ada uang di tangan pengumpul.
            …
    """)
    assert (in_hand(holding, "amat"), lies_in(holding, Account.TILL)) == (0, 33_600)
    trail = holding.database.read(lambda db: [row.action for row in db.exec(select(Audit).order_by(Audit.place))])
    assert trail == ["collected", "collected", "offered", "counted"]


def test_what_came_first_is_handed_over_first_and_the_rest_grows_older(holding):
    holding.say("amat", "[after 8 days]")
    take(holding, "amat", "Siti Aminah")
    holding.say_all("amat", ["setor", "20rb"])
    holding.say_all("sri", ["kas", "1", "pas"])
    holding("""
        amat: [after 2 days]
        amat: setor
        bot: Uang di tangan: Rp22.000, paling lama sejak 22 November 2026 (10 hari).
            S-2026-0002, 22 November 2026: Rp13.600
            S-2026-0003, 30 November 2026: Rp8.400
            Mau setor berapa ke bendahara?
            1. Semua, Rp22.000
            2. Tidak sekarang
        sri: kas
        bot: Amat: Rp22.000, sejak 22 November 2026 (10 hari)
            Kas bendahara: Rp20.000. Bank: Rp0.
            1. Hitung tanpa setoran
            2. Setor ke bank
            3. Selesai
    """)


def test_no_more_is_offered_than_there_is(holding):
    holding.say_all("amat", ["setor", "30.000"])
    holding("""
        amat: setor
        bot: Uang di tangan: Rp33.600, paling lama sejak hari ini.
            S-2026-0001, 22 November 2026: Rp8.400
            S-2026-0002, 22 November 2026: Rp25.200
            Menunggu dihitung: H-2026-0001, Rp30.000.
            Mau setor berapa ke bendahara?
            1. Semua, Rp3.600
            2. Tarik kembali setoran
            3. Tidak sekarang
        amat: 3.601
        bot: Paling banyak Rp3.600.
            …
        amat: 0 rupiah
        bot: Jumlahnya harus lebih dari nol.
            …
        amat: banyak
        bot: Ketik jumlah uangnya. Contoh: 16.800 atau 16rb800.
            …
    """)
    assert [row.declared for row in hand_overs_of(holding)] == [30_000]


def test_an_offer_is_taken_back_before_it_is_counted(holding):
    holding.say_all("amat", ["setor", "semua", "setor"])
    holding("""
        amat: tarik kembali setoran
        bot: Setoran mana yang ditarik kembali? Uangnya tetap di tangan Bapak/Ibu.
            1. H-2026-0001: Rp33.600
            2. Tidak jadi
        amat: 1
        bot to sri: Amat menarik kembali setoran H-2026-0001, Rp33.600.
        bot: H-2026-0001 ditarik kembali. Uangnya masih di tangan.
        sri: [tap Hitung]
        bot: H-2026-0001 sudah ditarik kembali.

            Amat: Rp33.600, sejak hari ini
            …
    """)
    assert hand_overs_of(holding)[0].status == "withdrawn"
    assert in_hand(holding, "amat") == 33_600


def test_taking_back_and_counting_at_the_same_moment_is_one_of_both(holding):
    holding.say_all("amat", ["setor", "semua", "setor", "tarik kembali setoran"])
    holding.say("sri", "[tap Hitung]")
    holding.say_together([("amat", "1"), ("sri", "pas")])
    (row,) = hand_overs_of(holding)
    assert (row.status, in_hand(holding, "amat")) in {("counted", 0), ("withdrawn", 33_600)}
    assert lies_in(holding, Account.TILL) == 33_600 - in_hand(holding, "amat")


def test_a_second_press_offers_nothing_twice(holding):
    holding.say("amat", "setor")
    for _again in range(3):
        holding.say("amat", "[tap Semua, Rp33.600]")
    assert len(hand_overs_of(holding)) == 1


# ── counted ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("counted", "sentence", "difference"),
    [("33.000", "kurang Rp600", 600), ("34.000", "lebih Rp400", -400), ("0 rupiah", "kurang Rp33.600", 33_600)],
)
def test_what_differs_has_a_reason_and_an_entry_of_its_own(holding, counted, sentence, difference):
    holding.say_all("amat", ["setor", "semua"])
    holding.say("sri", "[tap Hitung]")
    amount = 33_600 - difference
    assert f"{sentence} dari Rp33.600.\n    Kenapa?" in holding.say("sri", counted)
    assert "Alasan: Salah uang kembalian.\n    Selisihnya dicatat tersendiri. Benar?" in holding.say("sri", "2")
    answer = holding.say("sri", "ya")
    assert "bot to amat: Sri menghitung setoran H-2026-0001: Rp" in answer
    assert "tercatat Rp33.600. Alasan: Salah uang kembalian." in answer
    assert lies_in(holding, Account.TILL) == amount
    assert lies_in(holding, Account.DIFFERENCE) == difference
    assert in_hand(holding, "amat") == 0
    (row,) = hand_overs_of(holding)
    assert (row.counted, row.declared, row.reason) == (amount, 33_600, "Salah uang kembalian.")
    entry = holding.database.read(lambda db: db.exec(select(Entry).where(Entry.kind == "hand_over")).one())
    assert entry.reason == "Salah uang kembalian."


def test_a_miscount_is_counted_again_or_left_waiting(holding):
    holding.say_all("amat", ["setor", "semua"])
    holding.say("sri", "[tap Hitung]")
    holding("""
        sri: 23.600
        bot: Terhitung Rp23.600, kurang Rp10.000 dari Rp33.600.
            …
        sri: hitung ulang
        bot: H-2026-0001 dari Amat: Rp33.600. Hitung uangnya. Berapa yang Bapak/Ibu terima?
            …
        sri: 23.600
        bot: …
        sri: uang robek
        bot: Terhitung Rp23.600, kurang Rp10.000 dari Rp33.600.
            Alasan: uang robek
            Selisihnya dicatat tersendiri. Benar?
            1. Ya, catat
            2. Hitung ulang
            3. Ganti alasan
        sri: ganti alasan
        bot: …
        sri: biarkan menunggu dulu
        bot: Amat: Rp33.600, sejak hari ini
            …
    """)
    assert hand_overs_of(holding)[0].status == "offered"


@pytest.mark.parametrize("said", ["-5000", "banyak", "1e9", "🪙"])
def test_what_is_no_amount_is_asked_again(holding, said):
    holding.say_all("amat", ["setor", "semua"])
    holding.say_all("sri", ["[tap Hitung]", said])
    assert "1. Pas Rp33.600" in holding.said[-1]
    assert hand_overs_of(holding)[0].status == "offered"


def test_of_two_treasurers_at_once_one_counts(holding):
    staff(holding, "tika", "treasurer")
    holding.say_all("amat", ["setor", "semua"])
    for who in ("sri", "tika"):
        holding.say(who, "[tap Hitung]")
    answers = holding.say_together([("sri", "pas"), ("tika", "pas")])
    assert answers.count("H-2026-0001 tercatat: Rp33.600 masuk kas.") == 1
    assert answers.count("H-2026-0001 sudah dihitung") == 1
    assert lies_in(holding, Account.TILL) == 33_600


def test_nobody_counts_his_own_cash(holding):
    holding.grant("amat", "treasurer")
    holding.say_all("amat", ["setor", "semua"])
    holding("""
        amat: kas
        bot: Amat: Rp33.600, sejak hari ini
            Kas bendahara: Rp0. Bank: Rp0.
            1. Selesai
    """)
    from dataclasses import replace

    from domain.message import Kind

    row = hand_overs_of(holding)[0]
    holding.say("amat", "selesai")
    holding.turns.take(replace(holding.incoming("amat", "x"), kind=Kind.TAP, text="", tap=f">|counting|{row.id}"))
    assert "Setoran itu bukan untuk Bapak/Ibu hitung." in "\n".join(holding.heard("amat"))


def test_cash_that_nobody_offered_is_counted_from_a_collector_who_is_none_any_more(holding):
    take_role(holding, "amat", "collector")
    assert "Mau setor" not in holding.say("amat", "setor")
    holding("""
        sri: kas
        bot: Amat: Rp33.600, sejak hari ini
            Kas bendahara: Rp0. Bank: Rp0.
            1. Hitung tanpa setoran
            2. Selesai
        sri: hitung tanpa setoran
        bot: Uang dari siapa? Dihitung langsung, walau belum ditawarkan.
            1. Amat: Rp33.600
            2. Tidak jadi
        sri: 1
        bot: Uang di tangan Amat: Rp33.600. Hitung uangnya. Berapa yang Bapak/Ibu terima?
            1. Pas Rp33.600
            2. Belum diterima
        sri: 30.000
        bot to amat: Sri sudah menerima setoran H-2026-0001: Rp30.000.
            Uang di tangan: Rp3.600, paling lama sejak hari ini.
        bot: H-2026-0001 tercatat: Rp30.000 masuk kas. Ketik "kas" untuk melihat semuanya.
    """)
    assert lies_in(holding, Account.DIFFERENCE) == 0


def test_what_was_offered_is_counted_although_the_role_is_gone(holding):
    holding.say_all("amat", ["setor", "semua"])
    take_role(holding, "amat", "collector")
    holding.say_all("sri", ["[tap Hitung]", "pas"])
    assert (in_hand(holding, "amat"), lies_in(holding, Account.TILL)) == (0, 33_600)


def test_more_than_she_holds_is_a_difference_even_where_nobody_offered_it(holding):
    holding.say_all("sri", ["kas", "hitung tanpa setoran", "1", "34.000", "1", "ya"])
    assert (in_hand(holding, "amat"), lies_in(holding, Account.TILL)) == (0, 34_000)
    assert lies_in(holding, Account.DIFFERENCE) == -400


def test_nothing_is_counted_where_nothing_was_received(holding):
    assert "Baik, belum ada yang diterima." in holding.say_all("sri", ["kas", "hitung tanpa setoran", "1", "0 rupiah"])
    assert hand_overs_of(holding) == []


def test_cash_that_grows_while_it_is_counted_is_counted_anew(holding):
    holding.say_all("sri", ["kas", "hitung tanpa setoran", "1"])
    take(holding, "amat", "Siti Aminah")
    assert holding.say("sri", "pas").startswith("bot: Uang di tangannya berubah sejak tadi.")
    assert hand_overs_of(holding) == []


# ── to the bank, and the overview ────────────────────────────────────────────────────────────────────────────────


def test_from_the_cash_box_to_the_bank(holding):
    holding.say_all("amat", ["setor", "semua"])
    holding.say_all("sri", ["[tap Hitung]", "pas", "kas"])
    holding("""
        sri: setor ke bank
        bot: Di kas ada Rp33.600. Berapa yang disetor ke bank?
            1. Semua, Rp33.600
            2. Tidak jadi
        sri: 40.000
        bot: Paling banyak Rp33.600.
            …
        sri: 30.000
        bot: Sudah disetor ke bank: Rp30.000? Sisa kas Rp3.600.
            1. Ya, sudah
            2. Ubah jumlah
            3. Tidak jadi
        sri: ya
        bot: Tercatat: Rp30.000 dari kas ke bank.
        sri: kas
        bot: Tidak ada uang di tangan pengumpul.
            Kas bendahara: Rp3.600. Bank: Rp30.000.
            …
    """)


def test_two_treasurers_bring_no_more_to_the_bank_than_there_is(holding):
    staff(holding, "tika", "treasurer")
    holding.say_all("amat", ["setor", "semua"])
    holding.say_all("sri", ["[tap Hitung]", "pas", "kas", "setor ke bank", "semua"])
    holding.say_all("tika", ["kas", "setor ke bank", "semua"])
    answers = holding.say_together([("sri", "ya"), ("tika", "ya")])
    assert answers.count("Tercatat: Rp33.600 dari kas ke bank.") == 1
    assert "Isi kas berubah sejak tadi." in answers
    assert (lies_in(holding, Account.TILL), lies_in(holding, Account.BANK)) == (0, 33_600)


def test_the_overview_tells_whose_cash_lies_longest(holding):
    staff(holding, "yuni", "collector")
    holding.say("yuni", "[after 3 days]")
    take(holding, "yuni", "Siti Aminah")
    answer = holding.say("sri", "kas")
    assert "bot: Amat: Rp33.600, sejak 22 November 2026 (3 hari)\n    Yuni: Rp8.400, sejak hari ini\n" in answer


def test_a_payment_that_was_undone_does_not_make_the_rest_younger_or_older(holding):
    staff(holding, "lalu", "officer")
    holding.say("amat", "[after 4 days]")
    take(holding, "amat", "Siti Aminah")
    holding.say_all("ana", ["belum bayar", "saya belum bayar", "lewati"])
    holding.say_all("ani", ["belum bayar", "saya belum bayar", "lewati"])
    for _again in range(2):
        holding.say_all("lalu", ["sengketa", "2", "1", "ya", "cukup"])

    def look(db):
        return [
            (lot.collection, lot.amount, lot.at.date().isoformat())
            for lot in cash.lots(db, "main", holding.person(db, "amat"))
        ]

    assert holding.database.read(look) == [("S-2026-0003", 8_400, "2026-11-26")]


def test_cash_over_the_end_of_a_year(play):
    market(play)
    staff(play, "sri", "treasurer")
    play.clock.moment = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)  # 23.30 in Mataram
    take(play, "amat", "Ana Kurnia")
    play.say("amat", "[after 1 hour]")
    play.say_all("amat", ["setor", "semua"])
    assert [row.number for row in hand_overs_of(play)] == ["H-2027-0001"]
    assert "Amat: Rp16.800, sejak 31 Desember 2026 (1 hari)" in play.say("sri", "kas")


def test_whoever_is_no_treasurer_sees_no_cash(holding):
    enrol(holding, "rina", "Rina Wati", "")
    for who in ("rina", "amat"):
        assert "Kas bendahara" not in holding.say(who, "kas")
