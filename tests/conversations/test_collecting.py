"""A collector takes cash: from one or from many, exactly or not, and nothing of it is lost or given away silently."""

import itertools
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from conversations.notices import opening, tell
from domain.ledger import Account
from storage.queries import members, people
from storage.tables import Audit, Collection, Member
from tests.conversations.collectors import (
    enrol,
    in_hand,
    lies_in,
    market,
    member,
    owed_by,
    payments_of,
    receipts_of,
    take,
)
from tests.conversations.people import arrive, staff
from tests.transcript import Player

NAMED = ["terima", "ketik nama"]


def change(play: Player, who: str, **facts: object) -> None:
    """Somebody changes what we know of a member."""

    def work(db):
        row = members.find_of_person(db, "main", play.person(db, who))
        for name, value in facts.items():
            setattr(row, name, value)

    play.database.transact(work)


# ── from one ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_collector_takes_what_a_member_owes_and_both_have_the_number(play):
    market(play)
    play("""
        amat: terima
        bot: Uang di tangan: tidak ada.
            Terima uang dari siapa?
            1. Pilih dari daftar
            2. Ketik nama atau NIK
        amat: pilih dari daftar
        bot: Siapa yang bayar? Tekan namanya, tekan lagi untuk membatalkan. Boleh ketik beberapa nomor, contoh "1 3".
            Dipilih: 0 orang, Rp0.
            1. Ana Kurnia (0002): Rp8.400
            2. Ani Lestari (0001): Rp25.200
            3. Siti Aminah (0003): Rp8.400
            4. Selesai
            5. Pilih semua
        amat: [tap Ani Lestari (0001): Rp25.200]
        bot: Siapa yang bayar? Tekan namanya, tekan lagi untuk membatalkan. Boleh ketik beberapa nomor, contoh "1 3".
            Dipilih: 1 orang, Rp25.200.
            1. Ana Kurnia (0002): Rp8.400
            2. ✓ Ani Lestari (0001): Rp25.200
            3. Siti Aminah (0003): Rp8.400
            4. Selesai
            5. Pilih semua
        amat: selesai
        bot: Ani Lestari: Rp25.200 untuk September–November 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp25.200
        amat: 25rb200
        bot: Ani Lestari: Rp25.200 untuk September–November 2026.
            Jumlahnya pas.
            1. Ya, catat
            2. Ubah total
        amat: ya
        bot to ani: [photo]
        bot to ani: Amat menerima Rp25.200 tunai, iuran Ani Lestari. Kwitansi KW-2026-000001.
            Untuk September–November 2026.
            Berikutnya asosiasi menyetorkannya ke BPJS.
            [Bukan saya]
            [Belum bayar]
        bot: Tercatat S-2026-0001: Rp25.200 dari 1 orang. Setiap orang mendapat kwitansi.
            Ani Lestari: KW-2026-000001
            Uang di tangan: Rp25.200, paling lama sejak hari ini.
            Ketik "setor" kalau mau menyetor.
    """)
    assert in_hand(play, "amat") == 25_200
    assert owed_by(play, "ani") == 0
    (payment,) = payments_of(play)
    assert payment.months == ["2026-09", "2026-10", "2026-11"]
    assert (payment.expected, payment.declared, payment.received) == (25_200, 25_200, 25_200)
    trail = play.database.read(lambda db: [(row.action, row.facts) for row in db.exec(select(Audit))])
    assert trail == [("collected", {"members": 1, "total": 25_200})]


def test_who_owes_nothing_pays_the_next_months(play):
    market(play)
    take(play, "amat", "Ana Kurnia")
    play.say_all("amat", [*NAMED, "ana kurnia"])
    play("""
        amat: lanjut
        bot: Tidak ada tunggakan, jadi uangnya untuk bulan berikutnya: Ana Kurnia.

            Ana Kurnia: Rp8.400 untuk Desember 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp8.400
        amat: 25.200
        bot: Ana Kurnia: Rp25.200 untuk Desember 2026–Januari 2027.
            Jumlahnya pas.
            1. Ya, catat
            2. Ubah total
        amat: ya
        bot to ana: …
        bot to ana: …
        bot: Tercatat S-2026-0002: Rp25.200 dari 1 orang. Setiap orang mendapat kwitansi.
            …
    """)
    assert payments_of(play)[1].months == ["2026-12", "2027-01"]


def test_more_than_she_owes_pays_whole_months_and_what_is_left_must_be_hers_by_a_word(play):
    market(play)
    play.say_all("amat", [*NAMED, "0002", "lanjut"])
    play("""
        amat: 20.000
        bot: Ana Kurnia: Rp16.800 untuk November–Desember 2026.
            Lebih Rp3.200: belum jelas untuk siapa.
            1. Simpan sebagai titipan
            2. Ubah total
        amat: ya
        bot: Pilih salah satu: ketik nomornya atau tekan tombolnya.

            Ana Kurnia: Rp16.800 untuk November–Desember 2026.
            Lebih Rp3.200: belum jelas untuk siapa.
            1. Simpan sebagai titipan
            2. Ubah total
        amat: titipan
        bot: Ana Kurnia: Rp20.000 untuk November–Desember 2026.
            Titipan Rp3.200 untuk bulan berikutnya.
            1. Ya, catat
            2. Ubah total
        amat: catat
        bot to ana: …
        bot to ana: …
        bot: Tercatat S-2026-0001: Rp20.000 dari 1 orang. Setiap orang mendapat kwitansi.
            …
    """)
    assert lies_in(play, Account.CREDIT) == -3_200
    assert receipts_of(play)[0].credit == 3_200


def wants_to_pay_cash(play: Player, who: str) -> None:
    """The collector Amat hears that a member wants to pay, with a button to take her money."""
    amat = play.database.read(lambda db: play.person(db, "amat"))
    pressed = opening("collecting", member(play, who).id, person_id=amat)
    now = play.clock.now()

    def tell_amat(db):
        tell(
            db, amat, lambda: "Ani Lestari mau bayar tunai.", key="k", now=now, button=lambda: ("Terima uang", pressed)
        )

    play.database.transact(tell_amat)
    play.heard("amat")


def test_a_vendor_who_wants_to_pay_is_one_press_away(play):
    market(play)
    wants_to_pay_cash(play, "ani")
    play("""
        amat: [tap Terima uang]
        bot: Ani Lestari: Rp25.200 untuk September–November 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp25.200
    """)
    change(play, "ani", status="left")
    play("""
        amat: pas
        bot: Belum ada yang dipilih.

            Uang di tangan: tidak ada.
            …
        amat: [tap Terima uang]
        bot: Kita lanjutkan: terima uang iuran.

            Uang di tangan: tidak ada.
            …
    """)


def test_a_notice_pressed_in_the_middle_of_a_list_loses_no_mark(play):
    market(play)
    play.say_all("amat", ["terima", "pilih dari daftar", "siti"])
    wants_to_pay_cash(play, "ani")
    opened = play.say("amat", "[tap Terima uang]")
    assert 'Yang tadi, terima uang iuran, kami simpan. Ketik "urungkan" untuk kembali ke sana.' in opened
    assert "Ani Lestari: Rp25.200" in opened
    assert "Dipilih: 1 orang" in play.say("amat", "urungkan")
    assert "Ani Lestari: Rp25.200" in play.say("amat", "urungkan")


def test_a_step_back_from_the_list_takes_no_mark_away(play):
    market(play)
    play.say_all("amat", ["terima", "pilih dari daftar", "siti", "ani"])
    assert "Pilih dari daftar" in play.say("amat", "kembali")
    assert "Dipilih: 2 orang" in play.say("amat", "pilih dari daftar")


def test_nobody_takes_her_own_dues(play):
    market(play)
    enrol(play, "amat", "Amat Sahri", "amat")
    play.say_all("amat", ["terima", "1"])
    assert "Amat Sahri" not in play.said[-1]
    play.say_all("amat", ["kembali", "ketik nama"])
    play("""
        amat: amat sahri
        bot: 1 orang: Amat Sahri.
            Masih ada? Ketik saja namanya.
            1. Lanjut ke jumlah uang
            2. Tambah nama
            3. Keluarkan satu orang
            4. Kosongkan daftar
        amat: 1
        bot: Iuran Bapak/Ibu sendiri tidak bisa dicatat sendiri. Minta pengumpul lain mencatatnya.

            Uang di tangan: tidak ada.
            …
        amat: ketik nama
        bot: …
        amat: Amat Sahri
            Ana Kurnia
        bot: 2 orang: Amat Sahri, Ana Kurnia.
            …
        amat: lanjut
        bot: Iuran Bapak/Ibu sendiri tidak bisa dicatat sendiri. Minta pengumpul lain mencatatnya.

            Ana Kurnia: Rp8.400 untuk November 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp8.400
    """)


def test_a_member_of_another_collector_is_taken_with_a_word_about_it(play):
    market(play)
    staff(play, "yuni", "collector")
    play("""
        yuni: terima
        bot: …
        yuni: pilih dari daftar
        bot: Tidak ada anggota di daftar Bapak/Ibu yang masih harus bayar sampai bulan ini.

            …
        yuni: siti aminah
        bot: …
        yuni: lanjut
        bot: Anggota pengumpul lain, tetapi boleh dicatat: Siti Aminah.

            Siti Aminah: Rp8.400 untuk November 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp8.400
        yuni: pas
        bot: …
        yuni: ya
        bot to siti: [photo]
        bot to siti: Yuni menerima Rp8.400 tunai, iuran Siti Aminah. Kwitansi KW-2026-000001.
            …
        bot: Tercatat S-2026-0001: Rp8.400 dari 1 orang. Setiap orang mendapat kwitansi.
            …
    """)
    assert (in_hand(play, "yuni"), in_hand(play, "amat")) == (8_400, 0)


def test_a_proof_that_waits_is_told_before_cash_is_taken(play):
    market(play)
    from tests.storage import house

    def told(db):
        hers = members.find_of_person(db, "main", play.person(db, "ana"))
        house.pay(db, hers, house.Month(2026, 11), now=play.clock.now())

    play.database.transact(told)
    answer = play.say_all("amat", [*NAMED, "ana kurnia", "lanjut"])
    assert "Ada bukti bayar yang masih diperiksa petugas, jangan sampai bayar dua kali: Ana Kurnia." in answer


# ── from many ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_short_money_is_divided_only_with_a_clear_word(play):
    market(play)
    play.say_all("amat", ["terima", "pilih dari daftar", "pilih semua", "selesai"])
    play("""
        amat: 30.000
        bot: Uang Rp30.000 dari 3 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Ani Lestari (0001): Rp21.600, kurang Rp3.600
            Siti Aminah (0003): belum kebagian, kurang Rp8.400
            Kurang Rp12.000 dari yang seharusnya.
            1. Bagi seperti ini
            2. Ubah total
            3. Ubah jumlah satu orang
            4. Keluarkan satu orang
            5. Lihat rincian
        amat: ya
        bot: Pilih salah satu: ketik nomornya atau tekan tombolnya.
            …
        amat: bagi seperti ini
        bot to ana: …
        bot to ana: …
        bot to ani: [photo]
        bot to ani: Amat menerima Rp21.600 tunai, iuran Ani Lestari. Kwitansi KW-2026-000002.
            Untuk September–November 2026.
            Masih harus dibayar: Rp3.600 untuk November 2026.
            …
        bot: Tercatat S-2026-0001: Rp30.000 dari 2 orang. Setiap orang mendapat kwitansi.
            Ana Kurnia: KW-2026-000001
            Ani Lestari: KW-2026-000002
            Uang di tangan: Rp30.000, paling lama sejak hari ini.
            …
    """)
    assert [owed_by(play, who) for who in ("ana", "ani", "siti")] == [0, 3_600, 8_400]


def test_the_amount_of_one_is_changed_and_one_is_left_out(play):
    market(play)
    play.say_all("amat", ["terima", "pilih dari daftar", "pilih semua", "selesai", "30.000", "ubah jumlah satu orang"])
    play("""
        amat: ani lestari
        bot: Berapa dari Ani Lestari? Seharusnya Rp25.200.
            1. Tidak jadi
        amat: 13.200
        bot: Uang Rp30.000 dari 3 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Ani Lestari (0001): Rp13.200, kurang Rp12.000
            Siti Aminah (0003): Rp8.400
            Kurang Rp12.000 dari yang seharusnya.
            …
        amat: keluarkan satu orang
        bot: Siapa yang dikeluarkan?
            1. Ana Kurnia (0002)
            2. Ani Lestari (0001)
            3. Siti Aminah (0003)
            4. Tidak jadi
        amat: 0003
        bot: Uang Rp30.000 dari 2 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Ani Lestari (0001): Rp13.200, kurang Rp12.000
            Kurang Rp12.000 dari yang seharusnya.
            Lebih Rp8.400: belum jelas untuk siapa.
            1. Berikan sisanya ke …
            2. Ubah total
            3. Ubah jumlah satu orang
            4. Keluarkan satu orang
            5. Lihat rincian
        amat: berikan sisanya
        bot: Sisa Rp8.400 untuk siapa? Yang lebih dari iurannya disimpan untuk bulan berikutnya.
            1. Ana Kurnia (0002)
            2. Ani Lestari (0001)
            3. Tidak jadi
        amat: ani
        bot: Uang Rp30.000 dari 2 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Ani Lestari (0001): Rp21.600, kurang Rp3.600
            Kurang Rp3.600 dari yang seharusnya.
            …
        amat: ubah total
        bot: Dari 2 orang, seharusnya Rp33.600. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp33.600
        amat: 21.600
        bot: Uang Rp21.600 dari 2 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Ani Lestari (0001): Rp13.200, kurang Rp12.000
            Kurang Rp12.000 dari yang seharusnya.
            …
        amat: lihat rincian
        bot: Rincian 1 sampai 2 dari 2 orang:
            Ana Kurnia (0002): Rp8.400, untuk November 2026
            Ani Lestari (0001): Rp13.200, kurang Rp12.000, untuk September–November 2026
            1. Kembali ke pembagian
        amat: kembali ke pembagian
        bot: …
        amat: bagi
        bot to ana: …
        bot to ana: …
        bot to ani: …
        bot to ani: …
        bot: Tercatat S-2026-0001: Rp21.600 dari 2 orang. Setiap orang mendapat kwitansi.
            …
    """)
    assert [payment.received for payment in payments_of(play)] == [8_400, 13_200]


def test_what_is_over_is_nobodys_until_she_says_whose(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia\nsiti aminah", "lanjut"])
    play("""
        amat: 20rb
        bot: Uang Rp20.000 dari 2 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Siti Aminah (0003): Rp8.400
            Lebih Rp3.200: belum jelas untuk siapa.
            1. Simpan sebagai titipan untuk …
            2. Ubah total
            3. Ubah jumlah satu orang
            4. Keluarkan satu orang
            5. Lihat rincian
        amat: 1
        bot: Sisa Rp3.200 untuk siapa? Yang lebih dari iurannya disimpan untuk bulan berikutnya.
            …
        amat: siti aminah
        bot: Uang Rp20.000 dari 2 orang dibagi begini:
            Ana Kurnia (0002): Rp8.400
            Siti Aminah (0003): Rp11.600, titipan Rp3.200
            1. Ya, catat
            …
        amat: ya
        bot to ana: …
        bot to ana: …
        bot to siti: …
        bot to siti: …
        bot: Tercatat S-2026-0001: Rp20.000 dari 2 orang. Setiap orang mendapat kwitansi.
            …
    """)
    assert [payment.received for payment in payments_of(play)] == [8_400, 11_600]
    assert lies_in(play, Account.CREDIT) == -3_200


def test_lines_are_matched_exactly_nearly_by_nik_or_asked_about(play):
    market(play)
    play.say_all("amat", NAMED)
    play("""
        amat: 1. Sity
            - ana KURNIA Rp8.400
            0003
            fulan bin fulan
            ani lestari
            aminah siti
        bot: Angka uang di belakang nama tidak dibaca, nanti kami tanya jumlahnya.

            Ini yang mirip. Benar semua?
            "Sity": Siti Aminah (0003)
            "aminah siti": Siti Aminah (0003)
            1. Ya, benar
            2. Tidak, tanya satu per satu
        amat: tidak
        bot: "Sity": yang mana?
            Masih ada 2 baris lain yang perlu ditanya.
            1. Siti Aminah (0003)
            2. Lewati baris ini
            3. Lewati semua yang belum jelas
        amat: 1
        bot: "aminah siti": yang mana?
            …
        amat: 1
        bot: "fulan bin fulan" belum ketemu. Ketik nama lengkap atau 4 angka akhir NIK.
            1. Lewati baris ini
        amat: 0001
        bot: 3 orang: Ana Kurnia, Siti Aminah, Ani Lestari.
            …
    """)


def test_a_line_that_may_mean_two_is_asked_about_and_never_guessed(play):
    market(play)
    staff(play, "yuni", "collector")
    enrol(play, "ani2", "Ani Lestari", "yuni")
    play.say_all("amat", NAMED)
    play("""
        amat: ani lestari
            fulan bin fulan
        bot: "ani lestari": yang mana?
            Masih ada 1 baris lain yang perlu ditanya.
            1. Ani Lestari (0001)
            2. Ani Lestari (0004), pengumpul Yuni
            3. Lewati baris ini
            4. Lewati semua yang belum jelas
        amat: 2
        bot: "fulan bin fulan" belum ketemu. Ketik nama lengkap atau 4 angka akhir NIK.
            1. Lewati baris ini
        amat: lestari
        bot: Belum jelas yang mana. Ketik nama lengkap dengan 4 angka akhir NIK, contoh: Siti Aminah 0001.
            …
        amat: lestari 0001
        bot: 2 orang: Ani Lestari, Ani Lestari.
            …
    """)


def test_one_bad_line_among_ninety_nine_good_ones_holds_up_nothing(play):
    staff(play, "amat", "collector")
    first = ("Adi", "Budi", "Cici", "Dewi", "Eka", "Fitri", "Gita", "Hadi", "Ika", "Joko")
    last = ("Wijaya", "Lestari", "Santoso", "Pratama", "Kusuma", "Hidayat", "Saputra", "Utami", "Rahayu", "Gunawan")
    names = [f"{one} {other}" for one, other in itertools.product(first, last)][:99]
    for number, name in enumerate(names):
        enrol(play, f"m{number}", name, "amat", phone=False)
    play.say_all("amat", NAMED)
    lines = [*names[:50], "Qwerty Zxcvbn", *names[50:]]
    assert len("\n".join(lines)) < 2_000
    assert '"Qwerty Zxcvbn" belum ketemu.' in play.say("amat", "\n".join(lines))
    assert "99 orang: Adi Wijaya, Adi Lestari, Adi Santoso, Adi Pratama, Adi Kusuma dan 94 orang lagi." in play.say(
        "amat", "lewati"
    )
    assert "Dari 99 orang, seharusnya Rp831.600." in play.say("amat", "lanjut")
    play("""
        amat: 830rb
        bot: Uang Rp830.000 dari 99 orang dibagi begini:
            Joko Rahayu (0099): Rp6.800, kurang Rp1.600
            98 orang lainnya pas.
            Kurang Rp1.600 dari yang seharusnya.
            …
        amat: lihat rincian
        bot: Rincian 1 sampai 8 dari 99 orang:
            Adi Wijaya (0001): Rp8.400, untuk November 2026
            …
        amat: berikutnya
        bot: Rincian 9 sampai 16 dari 99 orang:
            …
        amat: kembali ke pembagian
        bot: …
        amat: bagi
        bot: Tercatat S-2026-0001: Rp830.000 dari 99 orang. Setiap orang mendapat kwitansi.
            Kwitansi KW-2026-000001 sampai KW-2026-000099.
            Belum bisa dikabari, tolong sebutkan nomornya: Adi Wijaya, Adi Lestari, Adi Santoso, Adi Pratama, Adi Kusuma dan 94 orang lagi.
            Uang di tangan: Rp830.000, paling lama sejak hari ini.
            …
    """)  # noqa: E501
    assert in_hand(play, "amat") == 830_000
    assert len(receipts_of(play)) == 99


def test_names_may_come_in_several_messages(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia"])
    assert play.say("amat", "siti aminah\nana kurnia").startswith(
        "bot: 1 nama sudah ada di daftar, dihitung satu kali."
    )
    assert "2 orang: Ana Kurnia, Siti Aminah." in play.said[-1]


@pytest.mark.parametrize("said", ["halo apa kabar", "🙏", "9999", "5271 0145 0587 0099", "x" * 200])
def test_what_names_nobody_is_said_kindly(play, said):
    market(play)
    play.say_all("amat", NAMED)
    answer = play.say("amat", said)
    assert "belum ketemu" in answer or "satu nama satu baris" in answer or "tulisan" in answer
    assert payments_of(play) == []


def test_a_whole_nik_finds_her_and_is_never_shown_again(play):
    market(play)
    assert "1 orang: Siti Aminah." in play.say_all("amat", [*NAMED, "5271014505870003"])


def test_a_long_list_is_shown_in_parts_and_keeps_its_marks(play):
    staff(play, "amat", "collector")
    for number, name in enumerate(("Ani", "Budi", "Cici", "Dewi", "Eka", "Fitri", "Gita", "Hadi"), start=1):
        enrol(play, f"m{number}", f"{name} Wijaya", "amat", phone=False)
    play.say_all("amat", ["terima", "pilih dari daftar"])
    play("""
        amat: 1 3, 4 dan 6
        bot: …
            Dipilih: 4 orang, Rp33.600.
            1. ✓ Ani Wijaya (0001): Rp8.400
            2. Budi Wijaya (0002): Rp8.400
            3. ✓ Cici Wijaya (0003): Rp8.400
            4. ✓ Dewi Wijaya (0004): Rp8.400
            5. Eka Wijaya (0005): Rp8.400
            6. ✓ Fitri Wijaya (0006): Rp8.400
            7. Selesai
            8. Lihat berikutnya
            9. Pilih semua
        amat: 3
        bot: …
            Dipilih: 3 orang, Rp25.200.
            …
        amat: lihat berikutnya
        bot: …
            Dipilih: 3 orang, Rp25.200.
            1. Gita Wijaya (0007): Rp8.400
            2. Hadi Wijaya (0008): Rp8.400
            3. Selesai
            4. Lihat dari awal
            5. Pilih semua
        amat: eka
        bot: …
            Dipilih: 4 orang, Rp33.600.
            …
        amat: 1 9
        bot: Nomor nama yang ada: 1 sampai 2.
            …
        amat: [tap Gita Wijaya (0007): Rp8.400]
        bot: …
            Dipilih: 5 orang, Rp42.000.
            1. ✓ Gita Wijaya (0007): Rp8.400
            …
        amat: pilih semua
        bot: …
            Dipilih: 8 orang, Rp67.200.
            …
            5. Kosongkan
        amat: kosongkan
        bot: …
            Dipilih: 0 orang, Rp0.
            …
        amat: selesai
        bot: Belum ada yang dipilih.
            …
    """)


# ── as last month ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_members_as_last_month_but_for_those_who_paid(play):
    market(play)
    for name in ("Ana Kurnia", "Siti Aminah"):
        take(play, "amat", name)
    play.clock.moment = datetime(2026, 12, 3, 2, 0, tzinfo=UTC)
    take(play, "amat", "Siti Aminah")
    play("""
        amat: terima
        bot: Uang di tangan: Rp25.200, paling lama sejak 22 November 2026 (11 hari).
            Terima uang dari siapa?
            1. Pilih dari daftar
            2. Ketik nama atau NIK
            3. Sama seperti bulan lalu
        amat: sama seperti bulan lalu
        bot: Sudah lunas, jadi tidak diikutkan: Siti Aminah.

            1 orang: Ana Kurnia.
            …
        amat: lanjut
        bot: Ana Kurnia: Rp8.400 untuk Desember 2026. Berapa uang tunai yang Bapak/Ibu pegang sekarang?
            1. Pas Rp8.400
    """)


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "said", ["Rp8.400", "8400", "8,4 ribu", "8rb400", "8.400,-", "8.4oo", "rp 8 400", "8400 rupiah", "pas", "1"]
)
def test_an_amount_is_read_however_it_is_typed(play, said):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut"])
    assert "Ana Kurnia: Rp8.400 untuk November 2026." in play.say("amat", said)


@pytest.mark.parametrize(
    "said", ["0 rupiah", "-8400", "8", "delapan ribu", "1e9", "9" * 15, "15,5", "ya", "selesai", "🪙"]
)
def test_what_is_no_amount_is_asked_again(play, said):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut"])
    play.say("amat", said)
    assert "1. Pas Rp8.400" in play.said[-1]
    assert payments_of(play) == []


# ── twice, at once, and meanwhile ────────────────────────────────────────────────────────────────────────────────


def test_a_second_press_takes_nothing_twice(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut", "pas"])
    play.say("amat", "[tap Ya, catat]")
    play.say("amat", "[tap Ya, catat]")
    play.say("amat", "[tap Ya, catat]")
    assert in_hand(play, "amat") == 8_400


def test_a_message_that_is_delivered_twice_takes_nothing_twice(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut", "pas"])
    twice = play.incoming("amat", "ya")
    play.turns.take(twice)
    play.turns.take(twice)
    assert in_hand(play, "amat") == 8_400


def test_of_two_collectors_at_the_same_moment_the_second_is_asked_anew(play):
    market(play)
    staff(play, "yuni", "collector")
    for who in ("amat", "yuni"):
        play.say_all(who, [*NAMED, "ana kurnia", "lanjut", "pas"])
    answers = play.say_together([("amat", "ya"), ("yuni", "ya")])
    assert answers.count("Tercatat S-2026-0001: Rp8.400 dari 1 orang.") == 1
    assert "Ada yang berubah sejak tadi, jadi belum dicatat.\n    Ana Kurnia: Rp8.400 untuk Desember 2026." in answers
    assert in_hand(play, "amat") + in_hand(play, "yuni") == 8_400
    second = "yuni" if in_hand(play, "amat") else "amat"
    play.say(second, "ya")
    assert in_hand(play, "amat") == in_hand(play, "yuni") == 8_400
    assert [payment.months for payment in payments_of(play)] == [["2026-11"], ["2026-12"]]


def test_at_the_end_of_the_month_more_is_owed_and_it_is_asked_anew(play):
    market(play)
    play.clock.moment = datetime(2026, 11, 30, 15, 55, tzinfo=UTC)  # 23.55 in Mataram
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut", "pas"])
    play("""
        amat: [after 10 minutes]
        amat: [tap Ya, catat]
        bot: Ada yang berubah sejak tadi, jadi belum dicatat.
            Ana Kurnia: Rp16.800 untuk November–Desember 2026.

            Ana Kurnia: Rp8.400 untuk November–Desember 2026.
            Kurang Rp8.400 dari yang seharusnya.
            1. Bagi seperti ini
            2. Ubah total
        amat: bagi
        bot to ana: …
        bot to ana: …
        bot: Tercatat S-2026-0001: Rp8.400 dari 1 orang. Setiap orang mendapat kwitansi.
            …
    """)
    assert owed_by(play, "ana") == 8_400


def test_a_member_who_leaves_meanwhile_is_named_and_her_money_is_nobodys_yet(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia\nsiti aminah", "lanjut", "pas"])
    change(play, "siti", status="left")
    play("""
        amat: ya
        bot: Ada yang berubah sejak tadi, jadi belum dicatat.
            Siti Aminah bukan anggota lagi.

            Ana Kurnia: Rp16.800 untuk November–Desember 2026.
            Jumlahnya pas.
            1. Ya, catat
            2. Ubah total
    """)
    assert payments_of(play) == []


def test_a_member_who_lapses_meanwhile_begins_anew(play):
    market(play)
    play.say_all("amat", [*NAMED, "ani lestari", "lanjut", "pas"])
    change(play, "ani", status="lapsed")
    answer = play.say("amat", "ya")
    assert "Ada yang berubah sejak tadi, jadi belum dicatat." in answer
    assert payments_of(play) == []


def test_whoever_lapsed_comes_back_with_the_money(play):
    market(play)
    change(play, "ana", status="lapsed")
    answer = play.say_all("amat", [*NAMED, "ana kurnia", "lanjut"])
    assert "Lama tidak membayar; tunggakan lama tidak ditagih lagi: Ana Kurnia." in answer
    play.say_all("amat", ["pas", "ya"])
    assert member(play, "ana").status == "active"


def test_a_collector_who_is_none_any_more_records_nothing(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut", "pas"])
    play.database.transact(
        lambda db: people.take(db, association_id="main", person_id=play.person(db, "amat"), role="collector")
    )
    assert "Tugas ini sekarang bukan untuk Bapak/Ibu lagi." in play.say("amat", "ya")
    assert payments_of(play) == []


def test_after_a_long_pause_nothing_is_taken_for_a_yes(play):
    market(play)
    play.say_all("amat", [*NAMED, "ana kurnia", "lanjut", "pas", "[after 3 days]"])
    assert play.say("amat", "ya").startswith("bot: Kita lanjutkan: terima uang iuran.")
    assert payments_of(play) == []
    assert "Tercatat" in play.say("amat", "ya")


def test_whoever_collects_nothing_does_not_begin(play):
    market(play)
    assert "Terima uang dari siapa" not in play.say("ana", "terima")
    assert "Terima uang dari siapa" not in play.say("amat", "terima kasih")


# ── who hears of it ──────────────────────────────────────────────────────────────────────────────────────────────


def test_who_has_no_phone_hears_through_whoever_registered_her(play):
    staff(play, "amat", "collector")
    arrive(play, "budi")
    enrol(play, "inaq", "Inaq Sari", "amat", phone=False, registrar="budi")
    play.say_all("amat", [*NAMED, "inaq sari", "lanjut", "pas"])
    play("""
        amat: ya
        bot to budi: [photo]
        bot to budi: Amat menerima Rp8.400 tunai, iuran Inaq Sari. Kwitansi KW-2026-000001.
            Untuk November 2026.
            Berikutnya asosiasi menyetorkannya ke BPJS.
            [Bukan saya]
            [Belum bayar]
        bot: Tercatat S-2026-0001: Rp8.400 dari 1 orang. Setiap orang mendapat kwitansi.
            …
    """)


def test_whom_nobody_independent_can_tell_the_officers_ask(play):
    staff(play, "amat", "collector")
    staff(play, "lalu", "officer")
    enrol(play, "inaq", "Inaq Sari", "amat", phone=False, registrar="amat")
    play.say_all("amat", [*NAMED, "inaq sari", "lanjut", "pas"])
    play("""
        amat: ya
        bot to lalu: S-2026-0001 oleh Amat: anggota ini belum bisa dikabari, tolong ditanyakan: Inaq Sari.
        bot: Tercatat S-2026-0001: Rp8.400 dari 1 orang. Setiap orang mendapat kwitansi.
            Inaq Sari: KW-2026-000001
            Belum bisa dikabari, tolong sebutkan nomornya: Inaq Sari.
            …
    """)


def test_collections_are_counted_without_gaps(play):
    market(play)
    for name in ("Ana Kurnia", "Siti Aminah", "Ani Lestari"):
        take(play, "amat", name)
    found = play.database.read(lambda db: list(db.exec(select(Collection).order_by(Collection.number))))
    assert [(one.number, one.total) for one in found] == [
        ("S-2026-0001", 8_400),
        ("S-2026-0002", 8_400),
        ("S-2026-0003", 25_200),
    ]
    everybody = play.database.read(lambda db: list(db.exec(select(Member))))
    assert lies_in(play, Account.OWES) == 0
    assert len(everybody) == 3
