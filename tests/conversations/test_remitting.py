"""The treasurer pays BPJS for many at once, by talking: composed, coded, paid, answered, given back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session, select

from domain.dues import Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month
from storage.queries import associations, audit, charges, ledger, payments, remittances
from storage.tables import Audit, Document, Member, Remittance
from tests.conftest import sqlite_only
from tests.conversations.people import staff
from tests.storage.house import DECEMBER, JANUARY, WITH_JHT, member
from tests.storage.test_remittances import adds_up, paid, pay
from tests.transcript import Player

PAY = ["catat pembayaran", "bank", "1", "hari ini", "tidak ada", "tidak ada", "ya"]


def treasury(play: Player, *work: Callable[[Session], Any]) -> None:
    """Sri is treasurer, and all this has happened."""
    staff(play, "sri", "treasurer")
    for one in work:
        play.database.transact(one)
    play.answers()


def three_have_paid(db: Session) -> None:
    """Ani has paid two months, Budi and Cici one."""
    paid(db, "ani", DECEMBER, JANUARY)
    paid(db, "budi", DECEMBER, hers=WITH_JHT)
    paid(db, "cici", DECEMBER)


def one_has_paid(db: Session) -> None:
    paid(db, "ani", DECEMBER)


def composed(play: Player) -> None:
    """All that is ready is in one batch."""
    play.say_all("sri", ["susun setoran", "1", "susun sekarang", "cukup"])


def batches(play: Player) -> list[tuple[str, str]]:
    """Every batch, and how it stands."""
    found = select(Remittance).order_by(Remittance.number)
    return play.database.read(lambda db: [(one.number, one.status) for one in db.exec(found)])


def stands(play: Player, number: str = "R-2026-0001") -> list[str]:
    """How the lines of a batch stand."""

    def look(db: Session) -> list[str]:
        found = remittances.find_by_number(db, "main", number)
        assert found
        return [line.status for line, _member in remittances.lines_of(db, found)]

    return play.database.read(look)


def lies(play: Player, *accounts: Account) -> list[int]:
    """What lies in these accounts; the ledger adds up."""

    def look(db: Session) -> list[int]:
        adds_up(db)
        return [ledger.balance(db, "main", account) for account in accounts]

    return play.database.read(look)


def limit(play: Player, amount: int) -> None:
    """Above this much two people confirm."""
    play.database.transact(lambda db: setattr(associations.get(db, "main"), "second_above", amount))


# ── the whole way ────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_what_is_ready_to_what_bpjs_has(play):
    treasury(play, three_have_paid)
    play("""
        sri: setor bpjs
        bot: Tidak ada setoran ke BPJS yang belum selesai.
            1. Susun baru
            2. Selesai
        sri: susun baru
        bot: Setor iuran sampai bulan apa?
            1. Sampai Desember 2026: 3 baris, Rp45.200
            2. Sampai Januari 2027: 4 baris, Rp62.000
            3. Tidak jadi
        sri: januari 2027
        bot: Siap disetor: 4 baris, Rp62.000.
            Uang di bank Rp62.000, di kas Rp0, di tangan pengumpul Rp0.
            1. Susun sekarang
            2. Lihat atau keluarkan baris
            3. Ganti bulan
            4. Tidak jadi
        sri: 1
        bot: R-2026-0001 disusun: 4 baris, Rp62.000.

            Lihat setoran ini?
            1. Ya, lihat
            2. Setoran lain
            3. Cukup
        sri: ya
        bot: R-2026-0001: belum dibayar
            4 baris, Rp62.000.
            Kode bayar: -.
            1. Isi kode bayar
            2. Catat pembayaran
            3. Lihat baris
            4. Unduh lembar
            5. Batalkan setoran ini
            6. Setoran lain
        sri: kode
        bot: Kode bayar dari BPJS: satu untuk semua, atau satu untuk setiap anggota?
            …
        sri: satu
        bot: Ketik kode bayarnya.
            1. Tidak jadi
        sri: 8800 1234 56
        bot: Kode bayar 8800123456 dicatat.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: belum dibayar
            4 baris, Rp62.000.
            Kode bayar: 8800123456.
            …
        sri: catat pembayaran
        bot: R-2026-0001, Rp62.000. Dibayar dari mana?
            1. Bank (Rp62.000)
            2. Kas (Rp0)
            3. Tidak jadi
        sri: bank
        bot: Berapa yang dibayar ke BPJS, menurut struknya?
            1. Rp62.000
            2. Tidak jadi
        sri: 62rb
        bot: Kapan dibayar?
            1. Hari ini
        sri: kemarin
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        sri: ft26326abc12
        bot: Kirim foto buktinya, atau pilih tidak ada.
            1. Tidak ada
        sri: [photo]
        bot: R-2026-0001: Rp62.000 dari bank, 21 November 2026, referensi FT26326ABC12. Sudah dibayar ke BPJS?
            1. Ya, sudah dibayar
            2. Ulangi
            3. Tidak jadi
        sri: ya
        bot: R-2026-0001 sudah dibayar, Rp62.000. Catat hasilnya setelah BPJS menjawab.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: sudah dibayar, menunggu hasil BPJS
            4 baris, Rp62.000.
            Dibayar Rp62.000 dari bank, 21 November 2026, referensi FT26326ABC12.
            4 menunggu
            1. Unggah hasil BPJS
            2. Catat hasil
            3. Lihat baris
            4. Unduh lembar
            5. Setoran lain
        sri: catat hasil
        bot: Apa jawaban BPJS untuk R-2026-0001?
            1. Semua diterima (4)
            2. Satu per satu
            3. Lihat setoran
        sri: semua
        bot: BPJS sudah menerima 4 baris, Rp62.000? Anggotanya langsung diberi tahu.
            1. Ya, semua diterima
            2. Belum tentu
        sri: ya
        bot to ani: …
        bot to budi: BPJS sudah menerima iuran Desember 2026 atas nama Budi. Lihat kapan saja: ketik "status".
        bot to cici: BPJS sudah menerima iuran Desember 2026 atas nama Cici. Lihat kapan saja: ketik "status".
        bot: 4 baris diterima BPJS.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: selesai
            …
    """)
    assert batches(play) == [("R-2026-0001", "closed")]
    assert lies(play, Account.BANK, Account.BPJS) == [0, 0]
    (document,) = play.database.read(lambda db: db.exec(select(Document)).all())
    assert document.kind == "proof"
    actions = play.database.read(lambda db: list(db.exec(select(Audit.action).order_by(Audit.place))))
    for action in ("composed_remittance", "coded_remittance", "paid_remittance", "told_results"):
        assert action in actions
    assert play.database.read(lambda db: audit.first_break(db, "main")) is None


@sqlite_only
def test_lines_are_looked_at_and_left_out_before_composing(play):
    treasury(play, three_have_paid)
    play.say_all("sri", ["susun setoran", "1", "lihat"])
    play("""
        sri: budi
        bot: Budi 0002, Desember 2026, Rp28.400
            JKK Rp5.000, JKM Rp3.400, JHT Rp20.000
            1. Keluarkan
            2. Kembali ke daftar
        sri: keluarkan
        bot: Baris mana? Pilih untuk melihat, mengeluarkan atau memasukkan lagi.
            1. Ani 0001, Desember 2026, Rp8.400
            2. Budi 0002, Desember 2026, Rp28.400 (dikeluarkan)
            3. Cici 0003, Desember 2026, Rp8.400
            4. Kembali ke ringkasan
        sri: ringkasan
        bot: Siap disetor: 2 baris, Rp16.800.
            Uang di bank Rp62.000, di kas Rp0, di tangan pengumpul Rp0.
            Dikeluarkan: 1 baris.
            …
        sri: susun sekarang
        bot: R-2026-0001 disusun: 2 baris, Rp16.800.
            …
    """)
    assert stands(play) == ["open", "open"]


@sqlite_only
def test_why_somebody_is_left_out_is_told(play):
    def some(db: Session) -> None:
        paid(db, "ani", DECEMBER)
        paid(db, "cici", DECEMBER, amount=5000)
        pay(db, member(db, "eka"), DECEMBER)
        member(db, "budi")
        charges.charge_month(db, "main", DECEMBER, now=play.clock.now())

    treasury(play, some)
    play("""
        sri: susun setoran
        bot: …
        sri: 1
        bot: Siap disetor: 1 baris, Rp8.400.
            Uang di bank Rp13.400, di kas Rp0, di tangan pengumpul Rp0.
            1. Susun sekarang
            2. Lihat atau keluarkan baris
            3. Yang belum ikut (3)
            4. Ganti bulan
            5. Tidak jadi
        sri: 3
        bot: Yang belum ikut, dan sebabnya. Pilih untuk melihat siapa.
            1. Belum bayar (1)
            2. Baru sebagian (1)
            3. Pembayarannya sedang diperiksa (1)
            4. Kembali ke ringkasan
        sri: 2
        bot: Baru sebagian: 1 baris.
            1. Cici 0002, Desember 2026: baru sebagian, kurang Rp3.400
            2. Kembali ke sebab lain
    """)


@sqlite_only
def test_with_nothing_ready_she_is_told_so(play):
    treasury(play)
    play("""
        sri: setor bpjs
        bot: …
        sri: susun baru
        bot: Belum ada iuran yang siap disetor. Iuran siap setelah dibayar lunas.
            1. Kembali ke setoran
        sri: 1
        bot: Tidak ada setoran ke BPJS yang belum selesai.
            …
    """)


def test_cash_in_the_hands_of_collectors_cannot_be_paid_yet(play):
    def cash(db: Session) -> None:
        amat = play.person(db, "amat")
        siti = member(db, "siti")
        taken = [payments.Taken(siti, Rupiah(8400), (DECEMBER,), Rupiah(8400))]
        payments.collect(db, taken, association_id="main", collector_id=amat, now=play.clock.now())

    staff(play, "amat", "collector")
    treasury(play, cash)
    play("""
        sri: susun setoran
        bot: …
        sri: 1
        bot: Siap disetor: 1 baris, Rp8.400.
            Uang di bank Rp0, di kas Rp0, di tangan pengumpul Rp8.400.
            Bank atau kas belum cukup. Terima uang pengumpul atau setor ke bank dulu: ketik "kas".
            …
        sri: susun
        bot: …
        sri: ya
        bot: …
        sri: catat
        bot: …
        sri: kas
        bot: …
        sri: 1
        bot: Menurut catatan, di kas ada Rp0. Terima uang pengumpul atau setor ke bank dulu: ketik "kas".

            R-2026-0001: belum dibayar
            …
    """)
    assert lies(play, Account.CASH, Account.BPJS) == [8400, -8400]


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_more_than_the_lines_needs_a_reason_and_less_is_refused(play):
    treasury(play, lambda db: paid(db, "ani", DECEMBER, amount=20000))
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "catat pembayaran", "bank"])
    play("""
        sri: 8.399
        bot: Rp8.399 kurang dari Rp8.400. Keluarkan dulu baris yang tidak ikut dibayar, lalu catat lagi.

            R-2026-0001: belum dibayar
            …
    """)
    play.say_all("sri", ["catat pembayaran", "bank"])
    play("""
        sri: seribu juta
        bot: …
        sri: -5
        bot: …
        sri: 10,9 ribu
        bot: Itu Rp2.500 lebih dari jumlah barisnya. Kenapa? Pilih, atau ketik sendiri.
            1. Tagihan resmi BPJS lebih besar.
            2. Biaya admin bank.
            3. Ulangi jumlahnya
        sri: 2
        bot: Kapan dibayar?
            …
    """)
    play.say_all("sri", ["hari ini", "tidak ada", "tidak ada"])
    play("""
        sri: ya
        bot: R-2026-0001 sudah dibayar, Rp10.900. Catat hasilnya setelah BPJS menjawab.
            …
        sri: ya
        bot: R-2026-0001: sudah dibayar, menunggu hasil BPJS
            1 baris, Rp8.400.
            Dibayar Rp10.900 dari bank, 22 November 2026, referensi -. Alasan selisih: Biaya admin bank.
            1 menunggu
            …
    """)
    assert lies(play, Account.BANK, Account.DIFFERENCE) == [9100, 2500]


@pytest.mark.parametrize("said", ["1000000001", "16", "nol", "Rp", "banyak"])
@sqlite_only
def test_an_amount_that_is_none_is_asked_again(play, said):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "catat pembayaran", "bank"])
    play.say("sri", said)
    assert batches(play) == [("R-2026-0001", "composed")]
    assert "Berapa yang dibayar ke BPJS" in play.said[-1] or "Rp8.400" in play.said[-1]


# ── two people ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_above_the_limit_an_officer_says_the_same(play):
    staff(play, "lalu", "officer")
    treasury(play, one_has_paid)
    limit(play, 8399)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY[:-1]])
    play("""
        sri: ya
        bot to lalu: Sri mencatat setoran R-2026-0001 ke BPJS, Rp8.400. Tolong dipastikan.
            [Pastikan]
        bot: Dicatat. Di atas Rp8.399 perlu orang kedua: petugas dan bendahara lain kami beri tahu.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: menunggu orang kedua
            1 baris, Rp8.400.
            Dibayar Rp8.400 dari bank, 22 November 2026, referensi -.
            Dicatat Sri; harus dipastikan orang lain.
            1. Tarik kembali
            2. Lihat baris
            3. Unduh lembar
            4. Setoran lain
        sri: pastikan
        bot: Tidak ada setoran yang perlu dipastikan. Terima kasih.
            …
        lalu: [tap Pastikan]
        bot: Kata Sri: R-2026-0001. Dibayar Rp8.400 dari bank, 22 November 2026, referensi -.
            Apakah benar sudah dibayar ke BPJS?
            1. Ya, benar
            2. Belum benar
            3. Nanti saja
        lalu: ya
        bot to sri: R-2026-0001 sudah dipastikan Lalu.
            [Buka]
        bot: Terima kasih. R-2026-0001 tercatat dibayar, Rp8.400.
        lalu: [tap Pastikan]
        bot: R-2026-0001: sudah dibayar, menunggu hasil BPJS
    """)
    assert batches(play) == [("R-2026-0001", "paid")]
    assert lies(play, Account.BANK) == [0]


def test_whoever_objects_says_why_and_it_is_said_anew(play):
    staff(play, "lalu", "officer")
    treasury(play, one_has_paid)
    limit(play, 0)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY])
    play("""
        lalu: pastikan
        bot: …
        lalu: belum benar
        bot: Apa yang belum benar? Pilih, atau ketik sendiri. Bendahara akan membacanya.
            …
        lalu: 1
        bot: Kembalikan R-2026-0001 ke bendahara dengan alasan: Belum terlihat di rekening.
            …
        lalu: ya
        bot to sri: R-2026-0001 belum bisa dipastikan Lalu: Belum terlihat di rekening.
            [Buka]
        bot: Baik, catatan itu dikembalikan ke bendahara.
        sri: [tap Buka]
        bot: Kita lanjutkan: setoran ke BPJS.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: belum dibayar
            …
    """)
    assert batches(play) == [("R-2026-0001", "coded")]
    assert "[Pastikan]" in play.say_all("sri", PAY)
    play.say_all("lalu", ["[tap Pastikan]", "ya"])
    assert batches(play) == [("R-2026-0001", "paid")]


@sqlite_only
def test_what_was_said_alone_is_taken_back_by_whoever_said_it(play):
    treasury(play, one_has_paid)
    limit(play, 0)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY, "ya", "tarik kembali"])
    assert batches(play) == [("R-2026-0001", "coded")]


def test_of_two_who_second_at_once_one_is_too_late(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    treasury(play, one_has_paid)
    limit(play, 0)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY])
    for who in ("lalu", "dewi"):
        play.say(who, "pastikan")
    answers = play.say_together([("lalu", "ya"), ("dewi", "ya")])
    assert answers.count("tercatat dibayar") == 1
    assert answers.count("R-2026-0001: sudah dibayar, menunggu hasil BPJS") == 1
    assert lies(play, Account.BANK) == [0]


# ── two treasurers ───────────────────────────────────────────────────────────────────────────────────────────────


def test_of_two_treasurers_who_compose_at_once_one_gets_the_lines(play):
    staff(play, "tono", "treasurer")
    treasury(play, three_have_paid)
    for who in ("sri", "tono"):
        play.say_all(who, ["susun setoran", "1"])
    answers = play.say_together([("sri", "susun sekarang"), ("tono", "susun sekarang")])
    assert batches(play) == [("R-2026-0001", "composed")]
    assert answers.count("R-2026-0001 disusun: 3 baris") == 1
    assert "Siap disetor: 0 baris" in answers


def test_of_two_treasurers_who_pay_at_once_one_is_told_so(play):
    staff(play, "tono", "treasurer")
    treasury(play, one_has_paid)
    composed(play)
    for who in ("sri", "tono"):
        play.say_all(who, ["setor bpjs", "1", *PAY[:-1]])
    answers = play.say_together([("sri", "ya"), ("tono", "ya")])
    assert answers.count("R-2026-0001 sudah dibayar, Rp8.400") == 1
    assert answers.count("R-2026-0001 sekarang sudah dibayar, menunggu hasil BPJS.") == 1
    assert lies(play, Account.BANK) == [0]


def test_of_two_treasurers_who_settle_at_once_each_member_is_told_once(play):
    staff(play, "tono", "treasurer")
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY])
    for who in ("sri", "tono"):
        play.say_all(who, ["setor bpjs", "1", "catat hasil", "semua"])
    answers = play.say_together([("sri", "ya"), ("tono", "ya")])
    assert answers.count("bot to ani: BPJS sudah menerima") == 1
    assert "R-2026-0001 sekarang selesai." in answers


@pytest.mark.parametrize(
    "way",
    [
        ["catat pembayaran", "bank", "1", "hari ini", "tidak ada", "tidak ada"],
        ["catat pembayaran"],
        ["kode", "satu"],
        ["kode", "per anggota"],
        ["batalkan setoran ini"],
    ],
)
@sqlite_only
def test_whoever_is_halfway_through_a_cancelled_batch_is_told(play, way):
    staff(play, "tono", "treasurer")
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("tono", ["setor bpjs", "1", *way])
    play.say_all("sri", ["setor bpjs", "1", "batalkan setoran ini", "ya", "cukup"])
    answer = play.say("tono", "Ani AB123456" if "anggota" in way[-1] else ("8800123456" if way[-1] == "satu" else "1"))
    if "Berapa yang dibayar" in answer:
        answer = play.say_all("tono", ["8400"])
    assert "R-2026-0001" in answer
    assert "dibatalkan" in answer
    assert batches(play) == [("R-2026-0001", "cancelled")]
    assert lies(play, Account.BANK, Account.BPJS) == [8400, -8400]


@sqlite_only
def test_a_double_tap_pays_once(play):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY[:-1], "[tap Ya, sudah dibayar]"])
    play.say("sri", "[tap Ya, sudah dibayar]")
    assert lies(play, Account.BANK) == [0]


# ── what changed meanwhile ───────────────────────────────────────────────────────────────────────────────────────


def test_a_line_whose_payment_never_was_is_taken_out_before_paying(play):
    treasury(play, three_have_paid)
    composed(play)

    def undo(db: Session) -> None:
        cici = db.exec(select(Member).where(Member.name == "Cici")).one()
        (payment,) = payments.of_member(db, cici.id)
        payments.undo(db, payment, reason="bounced", by=play.person(db, "sri"), now=play.clock.now())

    play.database.transact(undo)
    play("""
        sri: setor bpjs
        bot: …
        sri: 1
        bot: R-2026-0001: belum dibayar
            3 baris, Rp45.200.
            …
        sri: catat pembayaran
        bot: Ada yang berubah sejak disusun:
            Cici 0003, Desember 2026, Rp8.400: belum bayar
            1. Perbarui setoran
            2. Tidak jadi
        sri: 1
        bot: Setoran diperbarui. Periksa lagi jumlahnya sebelum membayar.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: belum dibayar
            2 baris, Rp36.800.
            …
        sri: lihat baris
        bot: R-2026-0001: 3 baris. Pilih satu untuk melihatnya.
            1. Ani 0001, Desember 2026, Rp8.400: menunggu
            2. Budi 0002, Desember 2026, Rp28.400: menunggu
            3. Cici 0003, Desember 2026, Rp8.400: dikeluarkan
            4. Kembali ke setoran
        sri: 3
        bot: Cici 0003, Desember 2026, Rp8.400: dikeluarkan
            Keterangan: belum bayar
            1. Masukkan lagi
            2. Kembali ke daftar
        sri: 1
        bot: Baris itu tidak siap disetor lagi, atau sudah di setoran lain.
            …
    """)


@sqlite_only
def test_a_line_is_taken_out_and_put_in_again(play):
    treasury(play, three_have_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "kode", "satu", "8800123456", "ya", "lihat baris", "2"])
    play("""
        sri: keluarkan
        bot: Budi 0002, Desember 2026, Rp28.400: dikeluarkan. Kalau kode bayarnya sudah ada, minta yang baru.

            Lihat baris lain?
            1. Ya, baris lain
            2. Kembali ke setoran
        sri: setoran
        bot: R-2026-0001: belum dibayar
            2 baris, Rp16.800.
            …
    """)
    play.say_all("sri", ["lihat baris", "2", "masukkan lagi"])
    assert stands(play) == ["open"] * 3


@sqlite_only
def test_with_every_line_taken_out_nothing_is_paid(play):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "lihat baris", "1", "keluarkan", "setoran"])
    play("""
        sri: catat pembayaran
        bot: Tidak ada baris lagi di setoran ini. Masukkan lagi, atau batalkan setorannya.

            R-2026-0001: belum dibayar
            …
    """)


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_codes_for_each_member_are_pasted_by_name_or_by_the_end_of_the_nik(play):
    treasury(play, three_have_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "kode", "per anggota"])
    play("""
        sri: ani : AB-1001
            0002  ab1002
            Dodi ab1003
        bot: Cocok: 2 dari 3 baris.
            Tidak cocok dengan satu orang: dodi.
            1. Simpan yang cocok
            2. Tempel lagi
            3. Tidak jadi
        sri: 1
        bot: Kode bayar 2 baris dicatat.

            Lihat setoran ini?
            …
        sri: ya
        bot: R-2026-0001: belum dibayar
            3 baris, Rp45.200.
            Kode bayar sendiri: 2 baris.
            …
        sri: lihat baris
        bot: …
        sri: ani
        bot: Ani 0001, Desember 2026, Rp8.400: menunggu
            Kode bayar: AB-1001.
            …
    """)


@pytest.mark.parametrize("said", ["12345", "kode bayar", "5271014505870001", "x" * 21, "88001!234"])
@sqlite_only
def test_what_is_no_payment_code_is_asked_again(play, said):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "kode", "satu", said])
    with play.database.reading() as db:
        assert db.exec(select(Remittance.code)).one() == ""
    play.say("sri", "8800123456")
    with play.database.reading() as db:
        assert db.exec(select(Remittance.code)).one() == "8800123456"


@sqlite_only
def test_a_nik_among_the_pasted_codes_is_refused(play):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", "kode", "per anggota"])
    assert "Itu NIK" in play.say("sri", "Ani 5271014505870001")
    assert "Baris 2 belum bisa dibaca" in play.say("sri", "Ani AB123456\nAB123457")


# ── results ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_line_by_line_matched_unmatched_failed_and_given_back(play):
    treasury(play, three_have_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1", *PAY, "ya", "catat hasil", "satu per satu"])
    play("""
        sri: ani
        bot: Ani 0001, Desember 2026, Rp8.400: menunggu
            1. Diterima BPJS
            2. Jumlahnya lain
            3. Gagal
            4. Kembali ke daftar
        sri: diterima
        bot to ani: BPJS sudah menerima iuran Desember 2026 atas nama Ani. Lihat kapan saja: ketik "status".
        bot: Ani 0001, Desember 2026, Rp8.400: diterima BPJS.

            Baris berikutnya?
            1. Ya, berikutnya
            2. Cukup
        sri: ya
        bot: R-2026-0001: 2 baris belum selesai. Pilih satu.
            1. Budi 0002, Desember 2026, Rp28.400: menunggu
            2. Cici 0003, Desember 2026, Rp8.400: menunggu
            3. Cukup dulu
        sri: 1
        bot: …
        sri: jumlahnya lain
        bot: Berapa menurut BPJS?
            …
        sri: 8.400
        bot: Budi 0002, Desember 2026, Rp28.400: menurut BPJS Rp8.400.

            Baris berikutnya?
            …
        sri: ya
        bot: …
        sri: cici
        bot: …
        sri: gagal
        bot: Kenapa gagal menurut BPJS? Pilih, atau ketik sendiri.
            1. NIK tidak cocok.
            2. Data belum terdaftar di BPJS.
            3. Pembayaran ditolak.
            4. Tidak jadi
        sri: 1
        bot: Cici 0003, Desember 2026, Rp8.400: gagal. Uangnya masih di BPJS sampai kembali.

            Baris berikutnya?
            …
        sri: cukup
        bot: R-2026-0001: sudah dibayar, menunggu hasil BPJS
            3 baris, Rp45.200.
            Dibayar Rp45.200 dari bank, 22 November 2026, referensi -.
            1 diterima BPJS, 1 jumlahnya lain, 1 gagal
            …
        sri: catat hasil
        bot: Apa jawaban BPJS untuk R-2026-0001?
            1. Satu per satu
            2. Uang kembali (1)
            3. Lihat setoran
        sri: uang kembali
        bot: Uang siapa yang dikembalikan BPJS?
            1. Semua yang gagal (1), Rp8.400
            2. Cici 0003, Desember 2026, Rp8.400
            3. Belum ada yang kembali
        sri: 2
        bot: Rp8.400 kembali ke mana?
            1. Bank
            2. Kas
            3. Belum kembali
        sri: kas
        bot: Rp8.400 untuk 1 baris sudah kembali ke kas? Barisnya lalu bisa disetor lagi.
            1. Ya, sudah kembali
            2. Belum
        sri: ya
        bot: Rp8.400 tercatat kembali ke kas.

            Lihat setoran ini?
            …
    """)
    assert stands(play) == ["matched", "unmatched", "returned"]
    assert lies(play, Account.TILL, Account.BPJS) == [8400, -25200]  # with Ani's January
    play.say_all("sri", ["ya", "catat hasil", "satu per satu", "1"])
    play("""
        sri: jumlah bpjs benar
        bot: Kenapa jumlah BPJS yang benar? Pilih, atau ketik sendiri.
            1. Tagihan resmi BPJS memang begitu.
            2. Tidak jadi
        sri: 1
        bot to budi: BPJS sudah menerima iuran Desember 2026 atas nama Budi. Lihat kapan saja: ketik "status".
        bot: Budi 0002, Desember 2026, Rp28.400: diterima BPJS.

            Baris berikutnya?
            …
    """)
    assert batches(play) == [("R-2026-0001", "closed")]
    assert "Siap disetor: 1 baris, Rp8.400." in play.say_all("sri", ["cukup", "susun setoran", "1"])
    assert "Cici" in play.say("sri", "lihat")


# ── sheets, and who may ──────────────────────────────────────────────────────────────────────────────────────────


@sqlite_only
def test_the_sheet_goes_by_a_page_and_not_by_the_chat(play):
    staff(play, "sri on whatsapp", "treasurer")
    play.database.transact(one_has_paid)
    play.say_all("sri on whatsapp", ["susun setoran", "1", "susun sekarang", "ya"])
    play("""
        sri on whatsapp: unduh lembar
        bot: R-2026-0001: unduh lembarnya di sini, paling lama 30 menit. Isinya NIK lengkap, hanya untuk BPJS.
            https://pages.example/…
            1. Lihat setoran
            2. Minta tautan baru
        sri on whatsapp: ulang
        bot: R-2026-0001: unduh lembarnya di sini, paling lama 30 menit. Isinya NIK lengkap, hanya untuk BPJS.
            https://pages.example/…
            …
    """)
    assert len(set(play.links)) == 2


@sqlite_only
def test_without_pages_she_is_told_whom_to_ask(play):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1"])
    play("""
        sri: unduh lembar
        bot: Halaman kami belum bisa dibuka dari sini. Minta bantuan pengelola sistem.

            R-2026-0001: belum dibayar
            …
    """)


@pytest.mark.parametrize("said", ["setor bpjs", "susun setoran", "remit"])
@sqlite_only
def test_only_a_treasurer_remits(play, said):
    staff(play, "lalu", "officer")
    treasury(play, one_has_paid)
    assert "Setor iuran" not in play.say("lalu", said)
    assert "Setoran" not in play.say("lalu", said).replace("Setor BPJS", "")


@sqlite_only
def test_whoever_loses_the_role_sees_nothing_more(play):
    treasury(play, one_has_paid)
    composed(play)
    play.say_all("sri", ["setor bpjs", "1"])

    def take(db: Session) -> None:
        from storage.queries import people

        people.take(db, association_id="main", person_id=play.person(db, "sri"), role="treasurer")

    play.database.transact(take)
    answer = play.say("sri", "lihat baris")
    assert "bukan untuk Bapak/Ibu lagi" in answer
    assert "Ani" not in answer


@sqlite_only
def test_a_batch_of_another_association_is_not_opened_by_its_id(play):
    def other(db: Session) -> str:
        associations.ensure(db, association_id="other", name="Lain", now=play.clock.now())
        batch = Remittance(
            association_id="other",
            number="R-2026-0077",
            status="composed",
            composed_by=play.person(db, "sri"),
            composed_at=play.clock.now(),
            updated_at=play.clock.now(),
        )
        db.add(batch)
        db.flush()
        return batch.id

    treasury(play, one_has_paid)
    theirs = play.database.transact(other)
    from domain.message import Button

    play.buttons.setdefault("sri", []).append(Button("Curi", f">|remitting|{theirs}"))
    assert "R-2026-0077" not in play.say("sri", "[tap Curi]")
    for conversation in ("coding", "remitting_payment", "reconciling", "seconding"):
        play.buttons["sri"].append(Button("Curi", f">|{conversation}|{theirs}"))
        assert "R-2026-0077" not in play.say("sri", "[tap Curi]")


@sqlite_only
def test_what_was_begun_waits_while_she_looks_elsewhere(play):
    treasury(play, three_have_paid)
    play.say_all("sri", ["susun setoran", "1", "lihat", "budi", "keluarkan", "menu"])
    assert "dikeluarkan" in play.say("sri", "lanjutkan")
    assert "Batalkan penyusunan setoran BPJS?" in play.say("sri", "batal")
    play.say_all("sri", ["ya", "urungkan"])
    assert "dikeluarkan" in play.said[-1]


@sqlite_only
def test_money_paid_straight_to_bpjs_is_never_remitted_again(play):
    treasury(play, lambda db: paid(db, "ani", DECEMBER, way=Way.BPJS))
    assert "Belum ada iuran yang siap disetor" in play.say("sri", "susun setoran")


@sqlite_only
def test_many_lines_are_paged_and_found_by_name(play):
    def many(db: Session) -> None:
        for number in range(12):
            paid(db, f"anggota{chr(97 + number)}", Month(2026, 12))

    treasury(play, many)
    play.say_all("sri", ["susun setoran", "1"])
    assert "Lihat berikutnya" in play.say("sri", "lihat")
    assert "Anggotal 0012" in play.say("sri", "anggotal")
