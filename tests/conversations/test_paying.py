"""A vendor tells of a payment, and it waits for an officer."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, col, select

from domain.dues import Terms
from domain.money import Rupiah
from domain.month import Month
from domain.nik import hide_niks
from domain.rates import Funding, Programme
from storage.queries import charges, payments, people, terms
from storage.tables import Document, Entry, Member, Proof
from tests.conftest import sqlite_only
from tests.conversations.money import (
    BY_TRANSFER,
    all_payments,
    at,
    change,
    history,
    join,
    member_of,
    open_bank,
    open_office,
    owed,
    pay,
    since,
)
from tests.conversations.people import BUDI, RINA, arrive, begin, staff
from tests.conversations.test_verification import trail
from tests.transcript import Player

NEW_YEAR = datetime(2026, 12, 31, 15, 58, tzinfo=UTC)  # 23.58 in Mataram


@pytest.fixture
def play(play: Player) -> Player:
    """Siti is a member from December on, Lalu an officer, and the association takes transfers."""
    open_office(play)
    return play


# ── from the first word to the number ────────────────────────────────────────────────────────────────────────────


def test_a_vendor_pays_a_month_by_transfer(play):
    play("""
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            1. 1 bulan: Rp8.400
            2. 3 bulan: Rp42.000
            3. 6 bulan: Rp92.400
            4. 12 bulan: Rp193.200
        siti: 1 bulan
        bot: Iuran: Desember 2026 Rp8.400.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Ganti bulan
        siti: transfer
        bot: Transfer Rp8.400 ke:
            Bank Contoh 0011 2233, Asosiasi Contoh
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
        siti: [tap Rp8.400]
        bot: Kapan dibayar? Pilih, atau ketik tanggalnya.
            1. Hari ini, 22/11/2026
            2. Kemarin, 21/11/2026
        siti: kemarin
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        siti: ft 26326-abc12
        bot: Iuran Siti Aminah (NIK berakhir 0001): Desember 2026, transfer ke asosiasi.
            Dibayar Rp8.400 pada 21 November 2026.
            Referensi FT26326ABC12, bukti sudah dikirim.
            Kirim ke petugas?
            1. Kirim
            2. Ubah
        siti: kirim
        bot to lalu: Ada pembayaran menunggu: B-2026-0001, Rp8.400, Siti Aminah. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: Terkirim, nomor B-2026-0001. Petugas memeriksa dulu, kabarnya datang di sini. Simpan bukti aslinya.
    """)
    (payment,) = all_payments(play)
    assert (payment.status, payment.way, payment.months) == ("submitted", "transfer", ["2026-12"])
    assert (payment.expected, payment.declared, payment.received) == (8400, 8400, None)
    assert (payment.paid_on, payment.reference, payment.doubts) == (date(2026, 11, 21), "FT26326ABC12", [])
    assert payment.payer_id == payment.submitted_by
    kinds = select(Document.kind).join(Proof, col(Proof.document_id) == col(Document.id))
    assert play.database.read(lambda db: list(db.exec(kinds))) == ["proof"]
    assert history(play, payment) == ["submit"]


def test_who_pays_straight_to_bpjs_is_told_where_and_sees_both_rates(play):
    play("""
        siti: bayar
        bot: …
        siti: 3 bulan
        bot: Iuran: Desember 2026 Rp8.400, Januari–Februari 2027 Rp16.800 sebulan, kecuali ada aturan baru.
            Jumlahnya Rp42.000.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Ganti bulan
        siti: jmo
        bot: Bayar Rp42.000 di kanal resmi BPJS Ketenagakerjaan, misalnya aplikasi JMO, bank, kantor pos, minimarket. Nomor bayarnya NIK Siti Aminah, yang berakhir 0001.
            Ikuti jumlah di tagihan BPJS. Ada yang kurang jelas? Telepon 175.
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
        siti: tidak ada bukti
        bot: …
        siti: 1
        bot: …
        siti: 5 November
        bot: …
        siti: tidak ada
        bot: Iuran Siti Aminah (NIK berakhir 0001): Desember 2026–Februari 2027, langsung ke BPJS.
            Dibayar Rp42.000 pada 5 November 2026.
            Referensi tidak ada, bukti tidak ada.
            …
        siti: kirim
        bot to lalu: …
        bot: Terkirim, nomor B-2026-0001. Petugas memeriksa dulu, kabarnya datang di sini. Simpan bukti aslinya.
    """)  # noqa: E501
    (payment,) = all_payments(play)
    assert (payment.way, payment.expected, payment.reference) == ("bpjs", 42000, "")
    assert payment.doubts == ["no_proof"]


def test_the_associations_qr_code_is_shown(play):
    open_bank(play, qris_document="a-qr-code")
    play("""
        siti: bayar
        bot: …
        siti: 1
        bot: …
        siti: qris
        bot: [photo] Pindai QRIS ini dan bayar Rp8.400.
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
    """)


def test_arrears_come_first_and_nothing_is_added_to_them(play):
    change(play, "siti", since("2026-09"))
    play("""
        siti: iuran
        bot: Belum dibayar: September–Oktober 2026. Tidak ada denda.
            Mau bayar berapa bulan, mulai September 2026?
            1. Tunggakan 2 bulan: Rp16.800
            2. 1 bulan: Rp8.400
            3. 3 bulan: Rp25.200
            4. 6 bulan: Rp67.200
            5. 12 bulan: Rp168.000
        siti: tunggakan
        bot: Iuran: September–Oktober 2026 Rp8.400 sebulan.
            Jumlahnya Rp16.800.
            …
    """)


def test_credit_is_taken_off_and_said(play):
    pay(play, "siti", amount="11.400")
    play.say_all("lalu", ["pembayaran", "terima", "cukup"])
    play("""
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Januari 2027?
            1. 1 bulan: Rp13.800
            …
        siti: 1
        bot: Iuran: Januari 2027 Rp16.800.
            Titipan Rp3.000 dipakai, jadi yang dibayar Rp13.800.
            …
        siti: transfer
        bot: Transfer Rp13.800 ke:
            …
    """)


def test_the_associations_own_fee_is_no_affair_of_bpjs(play):
    change(
        play,
        "siti",
        lambda db, member: terms.set_fee(db, "main", Rupiah(2000), from_month=Month(2026, 12), now=play.clock.now()),
    )
    play("""
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            1. 1 bulan: Rp10.400
            …
        siti: 1
        bot: Iuran: Desember 2026 Rp10.400.
            …
        siti: bpjs
        bot: Bayar Rp8.400 di kanal resmi BPJS Ketenagakerjaan, misalnya aplikasi JMO, bank, kantor pos, minimarket. Nomor bayarnya NIK Siti Aminah, yang berakhir 0001.
            Ikuti jumlah di tagihan BPJS. Ada yang kurang jelas? Telepon 175.
            Iuran asosiasi Rp2.000 dibayar terpisah.
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            …
    """)  # noqa: E501


# ── who may not, or need not ─────────────────────────────────────────────────────────────────────────────────────


def test_whoever_is_no_member_is_told_why_and_what_to_do(play):
    arrive(play, "rina")
    play("""
        rina: bayar
        bot: Bapak/Ibu belum terdaftar, jadi belum ada iuran. Untuk mendaftar, ketik "daftar".
    """)
    begin(play, "rina", "review", **RINA)
    play.say("rina", "kirim")
    play("""
        rina: bayar
        bot: Pendaftaran P-2026-0002 masih menunggu petugas. Iuran dibayar sesudah disetujui. Nanti kami kabari.
    """)
    play.say_all("lalu", ["antrean", "minta perbaikan", "nama", "1", "cukup"])
    play("""
        rina: bayar
        bot: Pendaftaran P-2026-0002 perlu diperbaiki dulu: ketik "perbaiki". Iuran dibayar sesudah disetujui.
    """)
    play.say_all("rina", ["perbaiki", "Rina Wati", "ya"])
    play.say_all("lalu", ["antrean", "tolak", "1", "ya", "cukup"])
    play("""
        rina: bayar
        bot: Pendaftaran P-2026-0002 belum bisa diterima. Mau bertanya? Ketik "petugas".
    """)


def leave(_db: Session, member: Member) -> None:
    member.status = "left"


def test_whoever_left_pays_nothing(play):
    change(play, "siti", leave)
    play("""
        siti: bayar
        bot: Keanggotaan sudah berhenti. Mau bertanya? Ketik "petugas".
    """)


def test_without_consent_nothing_is_asked(play):
    assert play.say("dewi", "bayar").startswith("bot: Selamat datang di Asosiasi Contoh.")
    assert all_payments(play) == []


def by_the_government(db: Session, member: Member) -> None:
    paid_for = Terms(1, (Programme.JKK, Programme.JKM), funding=Funding.GOVERNMENT)
    terms.add(db, member, paid_for, from_month=Month(2026, 12), now=member.joined_at)


def test_whose_contribution_the_government_pays_owes_nothing(play):
    change(play, "siti", by_the_government)
    play("""
        siti: bayar
        bot: Iuran BPJS Siti Aminah dibayar pemerintah, jadi tidak ada yang perlu dibayar.
    """)


def test_she_still_owes_the_association_its_fee(play):
    change(play, "siti", by_the_government)
    change(
        play,
        "siti",
        lambda db, _member: terms.set_fee(db, "main", Rupiah(2000), from_month=Month(2026, 12), now=play.clock.now()),
    )
    play("""
        siti: bayar
        bot: Iuran BPJS Siti Aminah dibayar pemerintah. Yang dibayar di sini hanya iuran asosiasi.
            Mau bayar berapa bulan, mulai Desember 2026?
            1. 1 bulan: Rp2.000
            2. 3 bulan: Rp6.000
            3. 6 bulan: Rp12.000
            4. 12 bulan: Rp24.000
        siti: 1
        bot: Iuran: Desember 2026 Rp2.000.
            Bayar lewat apa?
            1. Transfer ke asosiasi
            2. Ganti bulan
    """)


def test_who_lapsed_begins_anew_with_this_month_and_it_is_told_as_a_possibility(play):
    change(play, "siti", since("2026-06"))
    play.database.transact(lambda db: charges.charge_month(db, "main", Month(2026, 6), now=play.clock.now()))
    assert play.database.transact(lambda db: charges.lapse(db, "main", Month(2026, 11), now=play.clock.now())) == []
    for month in range(7, 12):
        later = Month(2026, month)
        play.database.transact(lambda db, later=later: charges.charge_month(db, "main", later, now=play.clock.now()))
    (gone,) = play.database.transact(lambda db: charges.lapse(db, "main", Month(2026, 11), now=play.clock.now()))
    assert gone
    play("""
        siti: bayar
        bot: Sudah lama tidak dibayar, jadi kepesertaan BPJS mungkin berhenti. Bulan lama tidak kami tagih; mulai lagi dari November 2026. Kepastiannya: telepon 175.
            Mau bayar berapa bulan, mulai November 2026?
            1. 1 bulan: Rp8.400
            …
    """)  # noqa: E501
    pay(play, "siti", "1 bulan", "transfer")
    play.say_all("lalu", ["pembayaran", "terima", "cukup"])
    assert change(play, "siti", lambda _db, member: (member.status, member.first_month)) == ("active", "2026-11")
    assert sum(owed(play, "siti").values()) == 0


# ── for others ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_registered_others_chooses_for_whom_she_pays(play):
    begin(play, "siti", "review", whom=["orang lain", "sesama pedagang", "sudah setuju"], **BUDI)
    play.say("siti", "kirim")
    play.say_all("lalu", ["antrean", "setujui", "cukup"])
    play("""
        siti: bayar
        bot: Iuran siapa yang dibayar?
            1. Saya sendiri
            2. Budi Santoso (0002)
        siti: budi
        bot: Iuran Budi Santoso.
            Mau bayar berapa bulan, mulai Desember 2026?
            …
    """)
    pay(play, "siti", "1 bulan", "transfer")
    (payment,) = all_payments(play)
    siti, budi = play.database.read(
        lambda db: (play.person(db, "siti"), db.exec(select(Member).where(Member.name == "Budi Santoso")).one())
    )
    assert (payment.member_id, payment.payer_id) == (budi.id, siti)


def test_nobody_pays_in_the_name_of_a_member_who_is_not_hers(play):
    join(play, "budi", **BUDI)
    play("""
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            …
    """)
    assert "Budi" not in play.said[-1]


# ── later ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_talk_waits_until_she_has_paid(play):
    play.say_all("siti", BY_TRANSFER)
    play("""
        siti: nanti
        bot: Baik, kami tunggu. Sesudah bayar, kirim foto buktinya di sini, atau ketik "bayar".
            1. Sudah bayar
            2. Ganti bulan
        siti: [after 3 days]
        siti: menu
        bot: Ada yang bisa dibantu?
            1. Lanjutkan pembayaran iuran
            …
        siti: bayar
        bot: Kita lanjutkan: pembayaran iuran.

            Baik, kami tunggu. Sesudah bayar, kirim foto buktinya di sini, atau ketik "bayar".
            1. Sudah bayar
            2. Ganti bulan
        siti: sudah
        bot: Transfer Rp8.400 ke:
            …
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
    """)


def test_the_photo_alone_goes_on_even_after_days(play):
    play.say_all("siti", [*BY_TRANSFER, "nanti"])
    play("""
        siti: [after 3 days]
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
    """)


def test_leaving_is_asked_about_and_can_be_undone(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]"])
    play("""
        siti: batal
        bot: Batalkan pembayaran iuran? Jawaban Bapak/Ibu masih bisa dikembalikan selama sehari.
            …
        siti: ya
        bot: …
        siti: urungkan
        bot: Kita lanjutkan: pembayaran iuran.

            Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
    """)


# ── proofs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pdf_proves_as_well_as_a_photo(play):
    play.say_all("siti", BY_TRANSFER)
    play("""
        siti: [file]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
    """)


@pytest.mark.parametrize(
    "trouble", ["EmptyFile", "TooBig", "TooManyPixels", "NotAPhoto", "Locked", "Broken", "TookTooLong"]
)
@sqlite_only
def test_a_file_that_cannot_be_used_is_explained_and_asked_for_again(play, trouble):
    play.say_all("siti", BY_TRANSFER)
    answer = play.say("siti", f"[photo {trouble}]")
    assert "oto" in answer or "PDF" in answer
    assert "Kirim foto atau PDF bukti bayar, atau pilih di bawah." in answer
    assert play.say("siti", "[photo]").startswith("bot: Berapa yang dibayar?")


def test_of_an_album_one_photo_is_asked_for(play):
    play.say_all("siti", BY_TRANSFER)
    play("""
        siti: [album of 5]
        bot: Kami menerima 5 foto. Kirim satu saja.

            Kirim foto atau PDF bukti bayar, atau pilih di bawah.
            1. Tidak ada bukti
            2. Belum bayar, nanti
            3. Cara lain
        siti: [sticker]
        bot: …
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            …
    """)
    kept = play.database.read(lambda db: db.exec(select(Document).where(Document.kind == "proof")).all())
    assert len(kept) == 1


def test_an_edited_message_changes_nothing_after_it_was_sent(play):
    pay(play, "siti")
    play("""
        siti: [edits 99.000]
        bot: Pesan yang diubah tidak kami baca lagi. Untuk mengganti jawaban, ketik "ubah".
    """)
    (payment,) = all_payments(play)
    assert payment.declared == 8400


# ── amounts, days, references ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "typed",
    ["8400", "8.400", "Rp8.400", "Rp 8.400,-", "8,4 ribu", "8rb400", "8400 rupiah", "IDR 8,400", "84oo", "Rp8.400,00"],
)
@sqlite_only
def test_an_amount_is_read_as_people_type_it(play, typed):
    pay(play, "siti", amount=typed)
    assert [payment.declared for payment in all_payments(play)] == [8400]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "Ketik"),
        ("-8400", "Ketik jumlah uangnya. Contoh: 16.800 atau 16rb800."),
        ("84", "Tulis lengkap dalam rupiah. Contoh: 16.800 atau 16rb800."),
        ("8,4", "Ketik jumlah uangnya."),
        ("2000000000", "Jumlah itu terlalu besar."),
        ("99999999999999999999", "Jumlah itu terlalu besar."),
        ("banyak", "Ketik jumlah uangnya."),
        ("1jt500", "Ketik jumlah uangnya."),
        ("8400 + 8400", "Ketik jumlah uangnya."),
    ],
)
@sqlite_only
def test_what_is_no_amount_is_asked_again(play, typed, said):
    play.say_all("siti", [*BY_TRANSFER, "[photo]"])
    answer = play.say("siti", typed)
    assert said in answer or "Ada yang bisa dibantu" in answer  # "0" is the menu everywhere
    assert all_payments(play) == []


def test_an_amount_far_from_what_was_expected_is_asked_about(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]"])
    play("""
        siti: 840.000
        bot: Rp840.000, padahal iurannya Rp8.400. Benar Rp840.000?
            1. Benar
            2. Ketik ulang
        siti: ketik ulang
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
        siti: 840rb
        bot: …
        siti: benar
        bot: Kapan dibayar? Pilih, atau ketik tanggalnya.
            …
    """)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("hari ini", "2026-11-22"), ("tadi pagi", "2026-11-22"), ("kemarin", "2026-11-21"), ("semalam", "2026-11-21"),
        ("5 Nov", "2026-11-05"), ("5/11", "2026-11-05"), ("05-11-2026", "2026-11-05"), ("tgl 5", "2026-11-05"),
        ("5 November 26", "2026-11-05"), ("hari Jumat", "2026-11-20"), ("2026-11-05", "2026-11-05"),
        ("5 nop jam 10.30", "2026-11-05"), ("31 Oktober", "2026-10-31"),
    ],
)  # fmt: skip
@sqlite_only
def test_a_day_is_read_as_people_type_it(play, typed, day):
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1", typed, "tidak ada", "kirim"])
    assert [str(payment.paid_on) for payment in all_payments(play)] == [day]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("besok", "Ketik tanggal bayarnya. Contoh: 5 Desember, atau 5/12."),
        ("5 Desember", "Tanggal itu belum sampai. Kapan Bapak/Ibu membayar?"),
        ("23/11/2026", "Tanggal itu belum sampai."),
        ("21/11/2025", "Tanggal itu lebih dari setahun lalu."),
        ("5 Mei 1987", "Tanggal itu lebih dari setahun lalu."),
        ("31/2", "Ketik tanggal bayarnya."),
        ("31 November", "Ketik tanggal bayarnya."),
        ("lupa", "Ketik tanggal bayarnya."),
        ("minggu lalu", "Ketik tanggal bayarnya."),
    ],
)
@sqlite_only
def test_a_day_that_cannot_be_is_asked_again(play, typed, said):
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1"])
    assert said in play.say("siti", typed)


@sqlite_only
def test_a_nik_is_no_reference_and_is_never_kept_or_said(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1", "hari ini"])
    play("""
        siti: 5271 0145 0587 0001
        bot: Itu NIK, bukan nomor referensi. Lihat di struk: Ref, No. Ref, atau RRN.

            Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        siti: NIK 5271014505870001 ref 12345
        bot: …
    """)
    assert "5271014505" not in play.said[-1]
    assert hide_niks(play.said[-1]) == play.said[-1]


def test_several_answers_in_one_message_are_read_line_by_line(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]"])
    play("""
        siti: 8.400
            kemarin
            FT26326ABC12
        bot: Iuran Siti Aminah (NIK berakhir 0001): Desember 2026, transfer ke asosiasi.
            Dibayar Rp8.400 pada 21 November 2026.
            Referensi FT26326ABC12, bukti sudah dikirim.
            …
    """)


def test_an_answer_is_changed_before_it_is_sent(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1", "1", "tidak ada"])
    play("""
        siti: ubah
        bot: Jawaban mana yang mau diganti?
            1. Bukti bayar
            2. Jumlah
            3. Tanggal bayar
            4. Nomor referensi
            5. Tidak jadi
        siti: jumlah
        bot: …
        siti: 16rb800
        bot: Sudah diganti.

            Iuran Siti Aminah (NIK berakhir 0001): Desember 2026, transfer ke asosiasi.
            Dibayar Rp16.800 pada 22 November 2026.
            …
        siti: ubah
        bot: …
        siti: bukti bayar
        bot: Transfer Rp8.400 ke:
            Bank Contoh 0011 2233, Asosiasi Contoh
            Sesudah bayar, kirim foto atau PDF buktinya di sini.
            1. Tidak ada bukti
        siti: [photo]
        bot: Sudah diganti.
            …
        siti: kirim
        bot to lalu: …
        bot: …
    """)
    (payment,) = all_payments(play)
    assert (payment.expected, payment.declared, payment.doubts) == (8400, 16800, ["amount_differs"])


# ── while one waits ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_payment_that_waits_is_told_first(play):
    pay(play, "siti")
    play("""
        siti: bayar
        bot: B-2026-0001: Rp8.400, iuran Siti Aminah Desember 2026, menunggu diperiksa petugas.
            1. Tunggu saja
            2. Tarik B-2026-0001
            3. Kirim yang lain
        siti: tunggu
        bot: Baik. Kabarnya datang di sini.
        siti: bayar
        bot: …
        siti: kirim yang lain
        bot: Mau bayar berapa bulan, mulai Januari 2027?
            …
    """)


def test_a_payment_that_waits_can_be_taken_back(play):
    pay(play, "siti")
    play("""
        siti: bayar
        bot: …
        siti: tarik
        bot: Tarik B-2026-0001? Petugas tidak memeriksanya lagi. Uang yang sudah dibayar tidak ikut kembali.
            1. Ya, tarik
            2. Tidak jadi
        siti: ya
        bot: B-2026-0001 sudah ditarik. Mau kirim lagi? Ketik "bayar".
        lalu: pembayaran
        bot: Tidak ada pembayaran yang menunggu. Terima kasih.
        siti: bayar
        bot: Mau bayar berapa bulan, mulai Desember 2026?
            …
    """)
    (payment,) = all_payments(play)
    assert (payment.status, history(play, payment)) == ("withdrawn", ["submit", "withdraw"])


def test_what_an_officer_decided_meanwhile_cannot_be_taken_back(play):
    pay(play, "siti")
    play.say_all("siti", ["bayar", "tarik"])
    play.say_all("lalu", ["pembayaran", "terima", "cukup"])
    play("""
        siti: ya
        bot: Kiriman itu sudah diperiksa petugas, jadi tidak bisa ditarik.

            Mau bayar berapa bulan, mulai Januari 2027?
            …
    """)
    (payment,) = all_payments(play)
    assert payment.status == "confirmed"


def test_of_taking_back_and_confirming_at_once_one_wins(play):
    pay(play, "siti")
    play.say_all("siti", ["bayar", "tarik"])
    play.say("lalu", "pembayaran")
    play.say_together([("siti", "ya"), ("lalu", "[tap Terima Rp8.400]")])
    (payment,) = all_payments(play)
    entries = play.database.read(lambda db: db.exec(select(Entry).where(Entry.kind == "payment")).all())
    assert (payment.status, len(entries)) in [("withdrawn", 0), ("confirmed", 1)]


# ── pressed twice, overtaken, at midnight ────────────────────────────────────────────────────────────────────────


def test_pressing_send_twice_sends_once(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1", "1", "tidak ada"])
    play.say_together([("siti", "[tap Kirim]"), ("siti", "[tap Kirim]"), ("siti", "kirim")])
    play.say("siti", "[tap Kirim]")
    assert len(all_payments(play)) == 1


def test_a_member_who_is_taken_out_in_the_middle_sends_nothing(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1", "1", "tidak ada"])
    change(play, "siti", leave)
    play("""
        siti: kirim
        bot: Anggota itu sekarang tidak terdaftar lagi.

            Keanggotaan sudah berhenti. Mau bertanya? Ketik "petugas".
    """)
    assert all_payments(play) == []


def pay_behind_her_back(play: Player) -> None:
    """The officer takes the same months from somebody else."""

    def work(db: Session) -> None:
        member, lalu = member_of(db, play, "siti"), play.person(db, "lalu")
        told = payments.Told(payments.Way.TRANSFER, (Month(2026, 12),), Rupiah(8400), Rupiah(8400))
        other = payments.submit(
            db, member, told, payer_id=member.person_id, by=member.person_id, address_id=None, now=play.clock.now()
        )
        payments.confirm(db, other, Rupiah(8400), by=lalu, now=play.clock.now())

    play.database.transact(work)


def test_months_that_somebody_else_pays_meanwhile_are_not_paid_twice(play):
    play.say_all("siti", ["bayar", "1 bulan"])
    pay_behind_her_back(play)
    play("""
        siti: transfer
        bot: Bulan itu ternyata sudah lunas.

            Mau bayar berapa bulan, mulai Januari 2027?
            …
    """)


def test_who_has_paid_them_all_the_same_loses_nothing(play):
    play.say_all("siti", BY_TRANSFER)
    pay_behind_her_back(play)
    play("""
        siti: ulang
        bot: Bulan itu ternyata sudah lunas, jadi jangan bayar lagi.
            Sudah telanjur bayar? Kirim foto buktinya, nanti dihitung untuk bulan berikutnya.
            …
        siti: [photo]
        bot: Berapa yang dibayar? Tekan, atau ketik jumlahnya.
            1. Rp8.400
    """)
    play.say_all("siti", ["1", *("hari ini", "tidak ada", "kirim")])
    assert [payment.status for payment in all_payments(play)] == ["confirmed", "submitted"]


def test_who_begins_in_december_may_send_in_january(play):
    at(play, NEW_YEAR)
    play.say_all("siti", [*BY_TRANSFER, "[photo]", "1"])
    play("""
        siti: [after 4 minutes]
        siti: [tap Hari ini, 31/12/2026]
        bot: Nomor referensi di struk? Ketik, atau pilih tidak ada.
            1. Tidak ada
        siti: tidak ada
        bot: Iuran Siti Aminah (NIK berakhir 0001): Desember 2026, transfer ke asosiasi.
            Dibayar Rp8.400 pada 31 Desember 2026.
            …
        siti: kirim
        bot to lalu: Ada pembayaran menunggu: B-2027-0001, Rp8.400, Siti Aminah. Ketik "pembayaran" untuk memeriksa.
            [Buka]
        bot: …
    """)
    (payment,) = all_payments(play)
    assert (payment.months, payment.expected, str(payment.paid_on)) == (["2026-12"], 8400, "2026-12-31")


def test_a_rate_that_changes_at_midnight_does_not_change_what_december_costs(play):
    at(play, NEW_YEAR)
    play.say_all("siti", ["bayar", "3 bulan"])
    play("""
        siti: [after 4 minutes]
        siti: transfer
        bot: Transfer Rp42.000 ke:
            …
    """)


# ── in cash ──────────────────────────────────────────────────────────────────────────────────────────────────────


def with_collector(play: Player) -> None:
    staff(play, "amat", "collector")
    change(play, "siti", lambda db, member: setattr(member, "collector_id", play.person(db, "amat")))


def test_who_pays_in_cash_is_led_to_her_collector_and_nothing_is_recorded(play):
    with_collector(play)
    play("""
        siti: bayar
        bot: …
        siti: 1
        bot: Iuran: Desember 2026 Rp8.400.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Tunai ke Amat
            4. Ganti bulan
        siti: tunai
        bot: Serahkan Rp8.400 ke Amat. Uangnya baru tercatat kalau Amat sudah menerima, dan kwitansinya langsung datang di sini.
            Kami beri tahu Amat sekarang?
            1. Ya, beri tahu
            2. Cara lain
        siti: ya
        bot to amat: Siti Aminah (NIK berakhir 0001) mau membayar iuran tunai Rp8.400, untuk Desember 2026.
            [Terima uang]
        bot: Amat sudah kami beri tahu. Belum ada yang tercatat sampai uangnya diterima.
    """)  # noqa: E501
    assert all_payments(play) == []
    play.say_all("siti", ["bayar", "1", "tunai", "ya"])
    assert "bot to amat" not in play.said[-1]  # not again on the same day


def test_a_collector_who_is_none_any_more_is_not_offered(play):
    with_collector(play)
    play.say_all("siti", ["bayar", "1", "tunai"])

    def work(db: Session) -> None:
        people.take(db, association_id="main", person_id=play.person(db, "amat"), role="collector")

    play.database.transact(work)
    play("""
        siti: ya
        bot: Iuran: Desember 2026 Rp8.400.
            Bayar lewat apa?
            1. Langsung ke BPJS
            2. Transfer ke asosiasi
            3. Ganti bulan
    """)


def test_a_collector_hands_no_cash_to_himself(play):
    join(play, "amat", **RINA)
    play.grant("amat", "collector")
    change(play, "amat", lambda db, member: setattr(member, "collector_id", play.person(db, "amat")))
    assert "Tunai" not in play.say_all("amat", ["bayar", "1"])


# ── who is told ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_officers_and_treasurers_are_told_once_and_nobody_of_his_own_money(play):
    staff(play, "sri", "treasurer", "officer")
    staff(play, "amat", "collector")
    play.grant("siti", "officer")
    pay(play, "siti")
    told = [line for line in play.said[-1].splitlines() if line.startswith("bot to")]
    assert [line.split(":")[0] for line in told] == ["bot to lalu", "bot to sri"]
    assert play.say("siti", "pembayaran") == "bot: Tidak ada pembayaran yang menunggu. Terima kasih."


def test_the_trail_tells_of_it_without_a_personal_value(play):
    pay(play, "siti")
    play.say_all("siti", ["bayar", "tarik", "ya"])
    assert trail(play)[-2:] == [("submitted_payment", {}), ("withdrew_payment", {})]


def test_on_her_other_app_she_goes_on_and_is_told_where_she_sent_it(play):
    play.say_all("siti", [*BY_TRANSFER, "[photo]"])
    code = play.say("siti", "sambung").partition("Kode: ")[2][:7]
    play.say_all("siti on whatsapp", [f"sambung {code}", "1", "kemarin", "tidak ada", "kirim"])
    (payment,) = all_payments(play)
    assert (payment.declared, str(payment.paid_on)) == (8400, "2026-11-21")
    play.say("lalu", "pembayaran")
    assert "bot to siti on whatsapp: [photo] Pembayaran B-2026-0001 diterima" in play.say("lalu", "terima")
