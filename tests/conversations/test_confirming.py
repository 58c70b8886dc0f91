"""Officers and treasurers look for the money: one payment after the other, each decided once."""

from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import pytest
from sqlmodel import Session, col, select

from domain.dues import Terms
from domain.money import Rupiah
from domain.month import Month
from domain.picture import ReceiptPicture, drawing_of
from domain.rates import Programme, Sector
from storage.queries import applications, charges, documents, members, payments, people, terms
from storage.queries.payments import Told, Way
from storage.tables import Document, Entry, Member, Payment, Receipt
from tests.conftest import sqlite_only
from tests.conversations.money import (
    BY_TRANSFER,
    SENT,
    all_payments,
    at,
    change,
    credit,
    history,
    in_bank,
    join,
    limit,
    open_bank,
    open_office,
    owed,
    pay,
    since,
)
from tests.conversations.people import BUDI, RINA, begin, staff
from tests.conversations.test_verification import trail
from tests.transcript import Player

TAKEN = ["pembayaran", "terima", "cukup"]


@pytest.fixture
def play(play: Player) -> Player:
    """Siti is a member from December on, Lalu and Dewi are officers, and the association takes transfers."""
    open_office(play)
    staff(play, "dewi", "officer")
    return play


def receipts(play: Player) -> list[Receipt]:
    """Every receipt, by its number."""
    in_order = select(Receipt).order_by(col(Receipt.year), col(Receipt.number))
    return play.database.read(lambda db: list(db.exec(in_order)))


def drawn(play: Player) -> list[ReceiptPicture]:
    """Every receipt that was drawn for somebody."""

    def look(db: Session) -> list[ReceiptPicture]:
        ids = db.exec(select(Document.id).where(Document.kind == "drawing").order_by(col(Document.id))).all()
        found = [drawing_of(orjson.loads(documents.get(db, "main", one).content)) for one in ids]
        return [one for one in found if isinstance(one, ReceiptPicture)]

    return play.database.read(look)


def entries(play: Player, kind: str = "payment") -> int:
    """How many entries of that kind the ledger has."""
    return len(play.database.read(lambda db: db.exec(select(Entry).where(Entry.kind == kind)).all()))


# ── received ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_finds_the_money_and_she_hears_it_at_once(play):
    pay(play, "siti")
    play("""
        lalu: [tap Buka]
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            Bulan: Desember 2026
            Cara: transfer ke asosiasi
            Jumlah: Rp8.400
            Tanggal: 22 November 2026, tanpa referensi
            1. Terima Rp8.400
            2. Jumlah lain
            3. Lihat bukti
            4. Tolak
            5. Nanti saja
        lalu: terima
        bot to siti: [photo] Pembayaran B-2026-0001 diterima: Rp8.400, iuran Siti Aminah. Kwitansi KW-2026-000001.
            Untuk Desember 2026.
            Berikutnya asosiasi menyetorkannya ke BPJS.
        bot: B-2026-0001: Rp8.400 diterima. Kwitansi KW-2026-000001 sudah dikirim.

            Lanjut ke pembayaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        lalu: ya
        bot: Tidak ada pembayaran yang menunggu. Terima kasih.
    """)
    (payment,) = all_payments(play)
    assert (payment.status, payment.received, history(play, payment)) == ("confirmed", 8400, ["submit", "confirm"])
    assert (owed(play, "siti"), in_bank(play), entries(play)) == ({"2026-12": 0}, 8400, 1)
    assert trail(play)[-1] == ("confirmed_payment", {})


def test_the_receipt_says_who_paid_what_for_which_months(play):
    play.say_all("siti", ["bayar", "3 bulan", "transfer", "[photo]", "1", "kemarin", "tidak ada", "kirim"])
    play.say_all("lalu", TAKEN)
    (receipt,) = drawn(play)
    assert (receipt.association, receipt.title, receipt.number) == ("Asosiasi Contoh", "Kwitansi", "KW-2026-000001")
    assert receipt.lines == (
        ("Untuk", "Siti Aminah"),
        ("NIK", "berakhir 0001"),
        ("Tanggal bayar", "21 November 2026"),
        ("Cara", "transfer ke asosiasi"),
        ("Desember 2026", "Rp8.400"),
        ("Januari–Februari 2027", "2 × Rp16.800"),
        ("termasuk JKK", "Rp25.000"),
        ("termasuk JKM", "Rp17.000"),
        ("Diterima oleh", "Lalu"),
    )
    assert receipt.total == ("Jumlah", "Rp42.000")
    assert (receipt.check_url, receipt.voided) == ("", "")
    assert receipt.notes == (
        "Uang ini diterima asosiasi, lalu disetorkan ke BPJS Ketenagakerjaan.",
        "Kwitansi ini bukti bayar, bukan bukti perlindungan.",
    )


def test_where_we_have_pages_the_receipt_can_be_checked_on_one(play):
    staff(play, "amat on whatsapp", "officer")
    pay(play, "siti")
    play.say_all("amat on whatsapp", TAKEN)
    (kept,), (receipt,) = receipts(play), drawn(play)
    assert receipt.check_url == f"https://pages.example/r/{kept.code}"


def test_less_than_was_owed_is_received_and_the_rest_stays_owed(play):
    play.say_all("siti", ["bayar", "3 bulan", "transfer", "[photo]", "1", *SENT])
    play(
        """
        lalu: pembayaran
        bot: …
        lalu: jumlah lain
        bot: B-2026-0001: berapa yang benar-benar masuk?
            1. Tidak ada yang masuk
            2. Tidak jadi
        lalu: 16rb800
        bot: B-2026-0001: yang masuk Rp16.800, menurut pengirim Rp42.000. Benar Rp16.800?
            1. Ya, Rp16.800
            2. Ketik ulang
            3. Tidak jadi
        lalu: ya
        bot to siti: [photo] Pembayaran B-2026-0001 diterima: Rp16.800, iuran Siti Aminah. Kwitansi KW-2026-000001.
            Untuk Desember 2026–Januari 2027.
            Masih harus dibayar: Rp25.200 untuk Januari–Februari 2027.
            Berikutnya asosiasi menyetorkannya ke BPJS.
        bot: B-2026-0001: Rp16.800 diterima. …
    """.replace("diterima. …", "diterima. Kwitansi KW-2026-000001 sudah dikirim.\n            …")
    )
    assert owed(play, "siti") == {"2026-12": 0, "2027-01": 8400, "2027-02": 16800}
    assert drawn(play)[0].notes[0] == "Masih harus dibayar: Rp25.200 untuk Januari–Februari 2027."


def test_more_than_was_owed_is_kept_for_the_next_months(play):
    pay(play, "siti", amount="30rb")
    play("""
        lalu: pembayaran
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            Bulan: Desember 2026
            Cara: transfer ke asosiasi
            Jumlah: Rp30.000, seharusnya Rp8.400
            Tanggal: 22 November 2026, tanpa referensi
            Perlu dilihat: jumlahnya tidak sama dengan iuran
            1. Terima Rp30.000
            …
        lalu: 1
        bot to siti: [photo] Pembayaran B-2026-0001 diterima: Rp30.000, iuran Siti Aminah. Kwitansi KW-2026-000001.
            Untuk Desember 2026.
            Sisanya Rp21.600 dihitung untuk bulan berikutnya.
            Berikutnya asosiasi menyetorkannya ke BPJS.
        bot: …
    """)
    assert (credit(play, "siti"), in_bank(play)) == ((21600, 0), 30000)
    assert ("Titipan untuk bulan berikutnya", "Rp21.600") in drawn(play)[0].lines


def test_what_was_paid_straight_to_bpjs_lies_there(play):
    play.say_all("siti", ["bayar", "1 bulan", "bpjs", "[photo]", "10.000", "benar", *SENT])
    play.say_all("siti", ["hari ini", "tidak ada", "kirim"])
    play.say_all("lalu", TAKEN)
    assert (credit(play, "siti"), in_bank(play)) == ((0, 1600), 0)
    assert "menyetorkannya" not in "".join(play.said[-4:])


@pytest.mark.parametrize("typed", ["0", "nol", "tidak ada", "Rp0"])
@sqlite_only
def test_nothing_received_is_no_receipt_but_a_refusal(play, typed):
    pay(play, "siti")
    play.say_all("lalu", ["pembayaran", "jumlah lain"])
    assert play.say("lalu", typed).startswith("bot: Alasannya?")
    assert receipts(play) == []


@pytest.mark.parametrize("typed", ["-5000", "50", "5 miliar", "banyak", "99999999999999"])
@sqlite_only
def test_an_officers_amount_is_asked_again_where_it_cannot_be(play, typed):
    pay(play, "siti")
    play.say_all("lalu", ["pembayaran", "jumlah lain"])
    assert "berapa yang benar-benar masuk?" in play.say("lalu", typed)
    assert receipts(play) == []


def test_receipts_are_numbered_without_gaps_and_anew_each_year(play):
    at(play, datetime(2026, 12, 31, 15, 50, tzinfo=UTC))
    for _once in range(2):
        pay(play, "siti")
        play.say_all("lalu", TAKEN)
    pay(play, "siti")
    play.say_all("lalu", ["pembayaran", "tolak", "1", "ya", "cukup"])
    pay(play, "siti")
    at(play, datetime(2026, 12, 31, 16, 1, tzinfo=UTC))  # 00.01 in Mataram
    play.say_all("lalu", TAKEN)
    assert [one.printed for one in receipts(play)] == ["KW-2026-000001", "KW-2026-000002", "KW-2027-000001"]


# ── refused, put off ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_tells_the_reason_and_what_to_do(play):
    pay(play, "siti")
    play("""
        lalu: pembayaran
        bot: …
        lalu: tolak
        bot: Alasannya? Pilih, atau ketik sendiri. Pengirim akan membacanya.
            1. Uangnya belum masuk.
            2. Fotonya tidak terbaca.
            3. Bukti itu bukan untuk pembayaran ini.
            4. Bukti itu sudah pernah dipakai.
            5. Tidak jadi
        lalu: Rekeningnya bukan milik asosiasi
        bot: Tolak B-2026-0001 dengan alasan: Rekeningnya bukan milik asosiasi
            1. Ya, tolak
            2. Ganti alasan
            3. Tidak jadi
        lalu: ya
        bot to siti: Maaf, pembayaran B-2026-0001 belum bisa kami terima. Rekeningnya bukan milik asosiasi
            Sudah benar bayar? Ketik "bayar" untuk kirim ulang, atau "petugas".
            [Kirim ulang]
        bot: B-2026-0001 ditolak.
            …
        siti: [tap Kirim ulang]
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            …
    """)
    (payment,) = all_payments(play)
    assert (payment.status, entries(play), receipts(play)) == ("refused", 0, [])
    assert trail(play)[-1] == ("refused_payment", {})


def test_what_is_put_off_goes_back_to_the_queue(play):
    join(play, "budi", **BUDI)
    pay(play, "siti")
    pay(play, "budi")
    play("""
        lalu: pembayaran
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            …
        lalu: nanti saja
        bot: Baik, B-2026-0001 kembali ke antrean.

            Lanjut ke pembayaran berikutnya?
            …
        lalu: 1
        bot: B-2026-0002: Budi Santoso (NIK berakhir 0002)
            …
        dewi: pembayaran
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            …
    """)


def test_treasurers_look_for_the_money_too_and_nobody_else(play):
    staff(play, "sri", "treasurer")
    staff(play, "amat", "collector", "admin")
    pay(play, "siti")
    assert "B-2026-0001" not in play.say("amat", "pembayaran")
    play.say_all("sri", TAKEN)
    assert [payment.status for payment in all_payments(play)] == ["confirmed"]


def test_an_officer_who_loses_the_role_decides_nothing_more(play):
    pay(play, "siti")
    play.say("lalu", "pembayaran")

    def work(db: Session) -> None:
        people.take(db, association_id="main", person_id=play.person(db, "lalu"), role="officer")

    play.database.transact(work)
    assert play.say("lalu", "[tap Terima Rp8.400]").startswith("bot: Tugas ini sekarang bukan untuk Bapak/Ibu lagi.")
    assert receipts(play) == []


# ── the proof ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_look_at_the_proof_leaves_a_trace(play):
    pay(play, "siti")
    play("""
        lalu: pembayaran
        bot: …
        lalu: lihat bukti
        bot: [photo] Bukti bayar B-2026-0001. Hanya untuk pemeriksaan, jangan disebarkan.
            1. Lihat pembayaran
        lalu: hmm
        bot: Pilih salah satu: ketik nomornya atau tekan tombolnya.

            Bukti bayar B-2026-0001. Hanya untuk pemeriksaan, jangan disebarkan.
            1. Lihat pembayaran
        lalu: 1
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            …
    """)
    assert [action for action, _facts in trail(play)].count("saw_proof") == 1


def test_without_a_proof_there_is_nothing_to_look_at(play):
    pay(play, "siti", proof="tidak ada bukti")
    play("""
        lalu: pembayaran
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            …
            Perlu dilihat: tidak ada bukti
            1. Terima Rp8.400
            2. Jumlah lain
            3. Tolak
            4. Nanti saja
    """)


@pytest.mark.parametrize(
    ("photo", "said"), [("same", "fotonya sama dengan B-2026-0001"), ("near", "fotonya mirip B-2026-0001")]
)
def test_the_same_proof_from_two_vendors_is_flagged_and_neither_refused_nor_taken_by_itself(play, photo, said):
    join(play, "budi", **BUDI)
    pay(play, "siti")
    play.say_all("lalu", TAKEN)
    pay(play, "budi", proof=f"[photo {photo}]")
    assert [payment.status for payment in all_payments(play)] == ["confirmed", "submitted"]
    assert f"Perlu dilihat: {said}" in play.say("lalu", "pembayaran")
    assert "Budi" not in play.say("siti", "status")
    play.say_all("lalu", ["terima", "cukup"])
    assert [payment.status for payment in all_payments(play)] == ["confirmed", "confirmed"]


def test_another_photo_is_not_flagged(play):
    join(play, "budi", **BUDI)
    pay(play, "siti")
    pay(play, "budi")
    assert [payment.doubts for payment in all_payments(play)] == [[], []]


def test_the_same_reference_and_amount_twice_is_flagged(play):
    join(play, "budi", **BUDI)
    for who, reference in (("siti", "FT 26326-ABC12"), ("budi", "ft26326abc12")):
        play.say_all(who, [*BY_TRANSFER, "[photo]", "1", "hari ini", reference, "kirim"])
    play.say_all("lalu", TAKEN)
    said = play.say("lalu", "pembayaran")
    assert "Perlu dilihat: referensi dan jumlahnya sama dengan B-2026-0001" in said


def test_a_proof_that_was_taken_back_is_not_held_against_its_owner(play):
    pay(play, "siti")
    play.say_all("siti", ["bayar", "tarik", "ya"])
    pay(play, "siti", proof="[photo same]")
    assert [payment.doubts for payment in all_payments(play)] == [[], []]


# ── two officers ─────────────────────────────────────────────────────────────────────────────────────────────────


def both_look(play: Player) -> None:
    """The same payment stands on the screens of Lalu and of Dewi."""
    play.say("lalu", "pembayaran")
    play.say("lalu", "[after 16 minutes]")
    play.say("dewi", "pembayaran")
    play.say("dewi", "[after 16 minutes]")


def test_of_two_officers_who_confirm_together_one_wins_and_the_other_is_told_who(play):
    pay(play, "siti")
    both_look(play)
    answers = play.say_together([("lalu", "[tap Terima Rp8.400]"), ("dewi", "[tap Terima Rp8.400]")])
    assert (entries(play), len(receipts(play)), in_bank(play)) == (1, 1, 8400)
    assert answers.count("bot to siti: [photo]") == 1
    winner = "Lalu" if "bot to lalu: B-2026-0001: Rp8.400 diterima." in answers else "Dewi"
    loser = "dewi" if winner == "Lalu" else "lalu"
    assert f"bot to {loser}: B-2026-0001 sudah diterima oleh {winner}: Rp8.400." in answers


@pytest.mark.parametrize(
    ("deeds", "told"),
    [
        (["terima"], "B-2026-0001 sudah diterima oleh Dewi: Rp8.400."),
        (["tolak", "1", "ya"], "B-2026-0001 sudah ditolak oleh Dewi."),
    ],
)
@pytest.mark.parametrize("said", ["1", "entah", "[tap Tolak]", "[photo]", "[tap Lihat bukti]"])
@sqlite_only
def test_whatever_the_slower_officer_says_he_is_told_who_was_faster(play, deeds, told, said):
    pay(play, "siti")
    both_look(play)
    play.say_all("dewi", deeds)
    assert told in play.say("lalu", said)


@pytest.mark.parametrize("way", [["jumlah lain"], ["jumlah lain", "10rb"], ["tolak"], ["tolak", "1"]])
@sqlite_only
def test_an_officer_halfway_through_is_told_as_well(play, way):
    pay(play, "siti")
    play.say_all("lalu", ["pembayaran", *way])
    play.say("lalu", "[after 20 minutes]")
    play.say_all("dewi", TAKEN)
    assert "B-2026-0001 sudah diterima oleh Dewi: Rp8.400." in play.say("lalu", "[tap Tidak jadi]")
    assert entries(play) == 1


def test_what_she_takes_back_while_an_officer_looks_is_gone(play):
    pay(play, "siti")
    play.say("lalu", "pembayaran")
    play.say_all("siti", ["bayar", "tarik", "ya"])
    play("""
        lalu: terima
        bot: B-2026-0001 sudah ditarik oleh pengirimnya.

            Lanjut ke pembayaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
    """)
    assert receipts(play) == []


def test_nobody_confirms_his_own_money_whoever_paid_it(play):
    begin(play, "lalu", "review", whom=["orang lain", "sesama pedagang", "sudah setuju"], **BUDI)
    play.say("lalu", "kirim")
    play.say_all("dewi", ["antrean", "setujui", "cukup"])
    pay(play, "lalu")  # for Budi
    assert play.say("lalu", "pembayaran") == "bot: Tidak ada pembayaran yang menunggu. Terima kasih."
    assert "B-2026-0001" in play.say("dewi", "pembayaran")
    join(play, "dewi", **RINA)
    pay(play, "dewi")
    assert "B-2026-0002" in play.say("lalu", "pembayaran")


def test_who_became_her_officer_meanwhile_confirms_nothing_of_his_own(play):
    pay(play, "siti")
    play.grant("siti", "treasurer")
    assert "B-2026-0001" not in play.say("siti", "pembayaran")


# ── above the limit ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def watched(play: Player) -> Player:
    """Above 10,000 rupiah two people confirm; Siti has paid 42,000."""
    limit(play, 10_000)
    staff(play, "sri", "treasurer")
    play.say_all("siti", ["bayar", "3 bulan", "transfer", "[photo]", "1", *SENT])
    return play


def test_above_the_limit_two_have_seen_the_same(watched):
    watched("""
        lalu: pembayaran
        bot: …
        lalu: terima
        bot to dewi: B-2026-0001, Rp42.000, menunggu orang kedua. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot to sri: B-2026-0001, Rp42.000, menunggu orang kedua. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: B-2026-0001: Rp42.000 menunggu orang kedua. Yang lain sudah kami beri tahu.

            Lanjut ke pembayaran berikutnya?
            1. Ya, berikutnya
            2. Cukup
        lalu: ya
        bot: Tidak ada pembayaran yang menunggu. Terima kasih.
        sri: [tap Buka]
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            Bulan: Desember 2026–Februari 2027
            Cara: transfer ke asosiasi
            Jumlah: Rp42.000
            Tanggal: 22 November 2026, tanpa referensi
            Lalu sudah melihat Rp42.000. Di atas Rp10.000 perlu orang kedua.
            1. Terima Rp42.000
            2. Jumlah lain
            3. Lihat bukti
            4. Tolak
            5. Nanti saja
        sri: terima
        bot to siti: [photo] Pembayaran B-2026-0001 diterima: Rp42.000, iuran Siti Aminah. Kwitansi KW-2026-000001.
            …
        bot: B-2026-0001: Rp42.000 diterima. Kwitansi KW-2026-000001 sudah dikirim.
            …
    """)
    (payment,) = all_payments(watched)
    assert history(watched, payment) == ["submit", "propose", "confirm"]
    assert dict(drawn(watched)[0].lines)["Diterima oleh"] == "Lalu dan Sri"


def test_a_second_who_has_seen_another_amount_needs_a_second_himself(watched):
    watched.say_all("lalu", TAKEN)
    watched("""
        sri: pembayaran
        bot: …
        sri: jumlah lain
        bot: …
        sri: 33.600
        bot: …
        sri: ya
        bot to lalu: B-2026-0001, Rp33.600, menunggu orang kedua. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot to dewi: B-2026-0001, Rp33.600, menunggu orang kedua. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: B-2026-0001: Rp33.600 menunggu orang kedua. Yang lain sudah kami beri tahu.
            …
        sri: ya
        bot: Tidak ada pembayaran yang menunggu. Terima kasih.
        lalu: [tap Buka]
        bot: B-2026-0001: Siti Aminah (NIK berakhir 0001)
            …
            Sri sudah melihat Rp33.600. Di atas Rp10.000 perlu orang kedua.
            1. Terima Rp33.600
            …
    """)
    watched.say_all("lalu", ["terima", "cukup"])
    assert [payment.received for payment in all_payments(watched)] == [33600]
    assert dict(drawn(watched)[0].lines)["Diterima oleh"] == "Sri dan Lalu"


def test_a_second_who_has_seen_no_more_than_the_limit_confirms_alone(watched):
    watched.say_all("lalu", TAKEN)
    watched.say_all("sri", ["pembayaran", "jumlah lain", "8.400", "ya", "cukup"])
    assert [(payment.status, payment.received) for payment in all_payments(watched)] == [("confirmed", 8400)]
    assert dict(drawn(watched)[0].lines)["Diterima oleh"] == "Sri"


def test_a_second_may_refuse(watched):
    watched.say_all("lalu", TAKEN)
    watched.say_all("sri", ["pembayaran", "tolak", "1", "ya", "cukup"])
    assert ([one.status for one in all_payments(watched)], entries(watched)) == (["refused"], 0)


def test_a_button_of_before_another_amount_was_seen_confirms_nothing(watched):
    watched.say("dewi", "pembayaran")
    watched.say("dewi", "[after 16 minutes]")
    watched.say_all("lalu", ["pembayaran", "jumlah lain", "33.600", "ya", "cukup"])
    for said in ("[tap Terima Rp42.000]", "1"):
        watched.say("dewi", said)
        assert receipts(watched) == []
        if said == "1":
            assert "Terima Rp33.600" in watched.said[-1]


def test_two_who_confirm_as_seconds_together_make_one_receipt(watched):
    watched.say_all("lalu", TAKEN)
    watched.say("dewi", "pembayaran")
    watched.say("dewi", "[after 16 minutes]")
    watched.say("sri", "pembayaran")
    watched.say("sri", "[after 16 minutes]")
    watched.say_together([("dewi", "[tap Terima Rp42.000]"), ("sri", "[tap Terima Rp42.000]")])
    assert (entries(watched), len(receipts(watched)), in_bank(watched)) == (1, 1, 42000)


def test_two_who_have_seen_the_same_together_are_first_and_second(watched):
    both_look(watched)
    watched.say_together([("lalu", "[tap Terima Rp42.000]"), ("dewi", "[tap Terima Rp42.000]")])
    (payment,) = all_payments(watched)
    assert (payment.status, entries(watched)) == ("confirmed", 1)
    assert history(watched, payment) == ["submit", "propose", "confirm"]
    assert payment.proposed_by != payment.decided_by


def test_what_one_officer_has_seen_is_not_withdrawn(watched):
    watched.say_all("siti", ["bayar", "tarik"])
    watched.say_all("lalu", TAKEN)
    assert "Kiriman itu sudah diperiksa petugas, jadi tidak bisa ditarik." in watched.say("siti", "ya")
    assert "Tarik" not in watched.say("siti", "bayar")
    (payment,) = all_payments(watched)
    assert payment.status == "seconded"


def test_pressing_twice_makes_nobody_his_own_second(watched):
    watched.say("lalu", "pembayaran")
    watched.say_together([("lalu", "[tap Terima Rp42.000]"), ("lalu", "[tap Terima Rp42.000]"), ("lalu", "terima")])
    (payment,) = all_payments(watched)
    assert (payment.status, entries(watched)) == ("seconded", 0)


# ── what changes meanwhile ───────────────────────────────────────────────────────────────────────────────────────


def by_siti(play: Player) -> Callable[[Session, Member], None]:
    """Siti has registered this member."""

    def work(db: Session, member: Member) -> None:
        application = applications.find(db, "main", member.application_id)
        assert application
        application.applicant_id = play.person(db, "siti")

    return work


def test_who_pays_for_another_hears_it_as_well(play):
    join(play, "budi", **BUDI)
    change(play, "budi", by_siti(play))
    pay(play, "siti", "bayar", "budi", "1 bulan", "transfer")
    play.say_all("lalu", ["pembayaran"])
    said = play.say("lalu", "terima")
    assert [line.split("[")[0] for line in said.splitlines() if line.startswith("bot to")] == [
        "bot to budi: ",
        "bot to siti: ",
    ]
    assert said.count("iuran Budi Santoso. Kwitansi KW-2026-000001.") == 2


def test_terms_that_change_before_the_confirmation_settle_what_is_owed(play):
    pay(play, "siti")

    def more(db: Session, member: Member) -> None:
        terms.add(db, member, Terms(1, tuple(Programme)), from_month=Month(2026, 12), now=play.clock.now())

    change(play, "siti", more)
    play.say_all("lalu", ["pembayaran"])
    said = play.say("lalu", "terima")
    assert "Masih harus dibayar: Rp20.000 untuk Desember 2026." in said
    assert owed(play, "siti") == {"2026-12": 20000}


def test_terms_that_cost_less_leave_something_over(play):
    play.say_all("siti", ["bayar", "3 bulan", "transfer", "[photo]", "1", *SENT])
    change(play, "siti", lambda db, member: charges.charge_member(db, member, [Month(2027, 1)], now=play.clock.now()))

    def cheaper(db: Session, member: Member) -> None:
        on_the_road = Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)
        terms.add(db, member, on_the_road, from_month=Month(2027, 1), now=play.clock.now())
        charges.reprice(db, member, now=play.clock.now())

    change(play, "siti", cheaper)
    play.say_all("lalu", TAKEN)
    assert sum(owed(play, "siti").values()) == 0
    assert credit(play, "siti") == (16800, 0)


def tell_again(play: Player) -> None:
    """Somebody else tells of a payment for the same month, before the first one is decided."""

    def work(db: Session) -> None:
        first = db.exec(select(Payment)).one()
        told = Told(Way.TRANSFER, (Month(2026, 12),), Rupiah(8400), Rupiah(8400), first.paid_on)
        payer = play.person(db, "budi")
        member = members.get(db, "main", first.member_id)
        payments.submit(db, member, told, payer_id=payer, by=payer, address_id=None, now=play.clock.now())

    play.database.transact(work)


def test_months_that_were_paid_meanwhile_make_the_second_payment_credit(play):
    join(play, "budi", **BUDI)
    pay(play, "siti")
    tell_again(play)
    assert [one.doubts for one in all_payments(play)][1] == ["no_proof", "months_waiting"]
    play.say_all("lalu", TAKEN)
    assert "tidak ada bukti, bulan yang sama juga menunggu" in play.say("lalu", "pembayaran")
    assert "Sisanya Rp8.400 dihitung untuk bulan berikutnya." in play.say("lalu", "terima")
    assert (owed(play, "siti"), credit(play, "siti"), in_bank(play)) == ({"2026-12": 0}, (8400, 0), 16800)


def test_of_two_payments_for_one_month_each_is_told_with_the_number_of_the_other(play):
    join(play, "budi", **BUDI)
    pay(play, "siti")
    tell_again(play)
    play.say_all("lalu", ["pembayaran", "nanti saja", "ya"])
    assert "bulan yang sama juga menunggu di B-2026-0001" in play.said[-1]


def test_she_goes_on_typing_while_her_payment_is_confirmed(play):
    pay(play, "siti")
    play.say_all("siti", ["bayar", "kirim yang lain", "1 bulan", "transfer", "[photo]"])
    play.say_all("lalu", TAKEN)
    play("""
        siti: 1
        bot: Kapan dibayar? Pilih, atau ketik tanggalnya.
            …
        siti: hari ini
        bot: …
        siti: tidak ada
        bot: Iuran Siti Aminah (NIK berakhir 0001): Januari 2027, transfer ke asosiasi.
            Dibayar Rp16.800 pada 22 November 2026.
            …
    """)


def test_a_member_who_left_meanwhile_has_her_money_kept_as_credit(play):
    pay(play, "siti")
    change(play, "siti", lambda _db, member: setattr(member, "status", "left"))
    play.say_all("lalu", TAKEN)
    assert (credit(play, "siti"), in_bank(play)) == ((8400, 0), 8400)


def test_nobody_lapses_while_her_payment_waits(play):
    change(play, "siti", since("2026-08"))
    for month in range(8, 12):
        later = Month(2026, month)
        play.database.transact(lambda db, later=later: charges.charge_month(db, "main", later, now=play.clock.now()))
    play.say_all("siti", ["bayar", "tunggakan", "transfer", "[photo]", "1", *SENT])
    at(play, datetime(2026, 12, 1, 1, 0, tzinfo=UTC))
    play.database.transact(lambda db: charges.charge_month(db, "main", Month(2026, 12), now=play.clock.now()))
    assert play.database.transact(lambda db: charges.lapse(db, "main", Month(2026, 12), now=play.clock.now())) == []
    play.say_all("lalu", TAKEN)
    assert change(play, "siti", lambda _db, member: (member.status, member.first_month)) == ("active", "2026-08")
    left = {month: amount for month, amount in owed(play, "siti").items() if amount}
    assert left == {"2026-11": 8400, "2026-12": 8400}
    assert (credit(play, "siti"), in_bank(play)) == ((0, 0), 25200)


def test_where_the_bank_account_is_gone_she_is_sent_to_an_officer(play):
    play.say_all("siti", BY_TRANSFER)
    open_bank(play, transfer_to="")
    assert "(tanya petugas)" in play.say("siti", "ulang")
