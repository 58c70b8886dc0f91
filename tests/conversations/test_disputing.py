"""A member says that a payment is not so; an officer who has no part in it settles it, and the books follow."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from domain.ledger import Account
from domain.month import Month
from storage.queries import disputes, members, payments
from storage.tables import Audit, Dispute
from tests.conversations.collectors import (
    enrol,
    in_hand,
    lies_in,
    market,
    owed_by,
    payments_of,
    take,
)
from tests.conversations.people import arrive, staff
from tests.storage import house
from tests.transcript import Player


@pytest.fixture
def taken(play: Player) -> Player:
    """Amat has taken what Ana owed; Lalu and Dewi are officers."""
    market(play)
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    take(play, "amat", "Ana Kurnia")
    return play


def all_disputes(play: Player) -> list[Dispute]:
    """Every dispute."""
    return play.database.read(lambda db: list(db.exec(select(Dispute).order_by(Dispute.number))))


# ── said ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_who_has_not_paid_says_so_with_one_press(taken):
    taken("""
        ana: [tap Belum bayar]
        bot: Kwitansi KW-2026-000001: Rp8.400 untuk Ana Kurnia, diterima Amat pada 22 November 2026.
            Bapak/Ibu belum membayar ini. Ceritakan singkat, atau pilih Lewati.
            1. Lewati
            2. Tidak jadi, sudah benar
        ana: Saya belum ketemu Amat bulan ini
        bot to lalu: Ada keberatan menunggu: K-2026-0001. Ketik "sengketa" untuk memeriksa.
            [Buka]
        bot to dewi: Ada keberatan menunggu: K-2026-0001. Ketik "sengketa" untuk memeriksa.
            [Buka]
        bot to amat: KW-2026-000001, Rp8.400, Ana Kurnia: catatannya perlu dicocokkan. Petugas akan bertanya ke kedua pihak, jadi sekarang belum ada yang berubah.
        bot: Sudah dicatat, nomor K-2026-0001. Petugas akan bertanya ke kedua pihak, lalu mengabari di sini.
        ana: [tap Bukan saya]
        bot: Keberatan itu sudah kami terima, petugas sedang memeriksanya.
    """)  # noqa: E501
    (row,) = all_disputes(taken)
    assert (row.kind, row.status) == ("not_paid", "open")
    assert "ketemu" not in row.words_sealed
    assert taken.database.read(lambda db: disputes.words_of(row)) == "Saya belum ketemu Amat bulan ini"
    assert payments_of(taken)[0].status == "disputed"
    assert (in_hand(taken, "amat"), owed_by(taken, "ana")) == (8_400, 0)


def test_she_finds_the_payment_by_a_word_and_says_what_is_wrong(taken):
    taken("""
        ana: keberatan
        bot: Kwitansi KW-2026-000001: Rp8.400 untuk Ana Kurnia, diterima Amat pada 22 November 2026.
            Apa yang tidak cocok?
            1. Bukan saya yang bayar
            2. Saya belum bayar
            3. Jumlahnya lain
            4. Tidak jadi, sudah benar
        ana: jumlahnya lain
        bot: Kwitansi KW-2026-000001: Rp8.400 untuk Ana Kurnia, diterima Amat pada 22 November 2026.
            Berapa yang sebenarnya dibayar, dan kapan? Ceritakan singkat, atau pilih Lewati.
            1. Lewati
            2. Tidak jadi, sudah benar
        ana: lewati
        bot to lalu: …
        bot to dewi: …
        bot to amat: …
        bot: Sudah dicatat, nomor K-2026-0001. Petugas akan bertanya ke kedua pihak, lalu mengabari di sini.
    """)
    (row,) = all_disputes(taken)
    assert (row.kind, row.words_sealed) == ("other_amount", "")


def test_whoever_pressed_by_mistake_changes_nothing(taken):
    taken("""
        ana: [tap Bukan saya]
        bot: …
        ana: tidak jadi
        bot: Baik, tidak ada yang diubah.
    """)
    assert all_disputes(taken) == []


def test_of_several_payments_she_chooses_one(taken):
    take(taken, "amat", "Ana Kurnia")
    taken("""
        ana: belum bayar
        bot: Pembayaran yang mana yang tidak cocok?
            1. KW-2026-000002: Rp8.400, Ana Kurnia
            2. KW-2026-000001: Rp8.400, Ana Kurnia
            3. Tidak jadi
        ana: 2
        bot: Kwitansi KW-2026-000001: Rp8.400 untuk Ana Kurnia, diterima Amat pada 22 November 2026.
            …
        ana: saya belum bayar
        bot: …
        ana: lewati
        bot to lalu: …
        bot to dewi: …
        bot to amat: …
        bot: Sudah dicatat, nomor K-2026-0001. Petugas akan bertanya ke kedua pihak, lalu mengabari di sini.
    """)
    assert [payment.status for payment in payments_of(taken)] == ["disputed", "confirmed"]


def test_whoever_has_no_payment_is_told_so(play):
    arrive(play, "rina")
    play("""
        rina: belum bayar
        bot: Tidak ada pembayaran yang perlu diperiksa. Ada pertanyaan? Ketik "petugas".
    """)


def test_nobody_disputes_for_somebody_else(taken):
    button = taken.data_of("ana", "Belum bayar")
    arrive(taken, "rina")
    payment = payments_of(taken)[0].id
    stolen = taken.incoming("rina", "x")
    from dataclasses import replace

    from domain.message import Kind

    for data in (button, f">|disputing|{payment}/not_paid"):
        taken.turns.take(replace(stolen, kind=Kind.TAP, text="", tap=data, provider_id=f"stolen:{data}"))
    answers = "\n".join(taken.heard("rina"))
    assert "Pembayaran itu bukan atas nama Bapak/Ibu." in answers
    assert "Ana" not in answers
    assert all_disputes(taken) == []


@pytest.mark.parametrize("argument", ["", "nothing", "nothing/not_paid", "x" * 32])
def test_a_button_of_a_payment_that_is_unknown_leads_nowhere(taken, argument):
    from dataclasses import replace

    from domain.message import Kind

    tap = replace(taken.incoming("ana", "x"), kind=Kind.TAP, text="", tap=f">|disputing|{argument}")
    taken.turns.take(tap)
    answers = "\n".join(taken.heard("ana"))
    assert "Pembayaran itu tidak ditemukan." in answers or "Kwitansi KW-2026-000001" in answers


def test_after_ninety_days_it_is_a_matter_for_a_talk(taken):
    taken("""
        ana: [after 91 days]
        ana: [tap Belum bayar]
        bot: Pembayaran itu sudah lebih dari 90 hari. Ceritakan ke petugas: ketik "petugas".
    """)


def test_whoever_registered_her_may_dispute_in_her_place(play):
    staff(play, "amat", "collector")
    staff(play, "lalu", "officer")
    arrive(play, "budi")
    enrol(play, "inaq", "Inaq Sari", "amat", phone=False, registrar="budi")
    take(play, "amat", "Inaq Sari")
    play("""
        budi: [tap Belum bayar]
        bot: Kwitansi KW-2026-000001: Rp8.400 untuk Inaq Sari, diterima Amat pada 22 November 2026.
            …
        budi: lewati
        bot to lalu: …
        bot to amat: …
        bot: Sudah dicatat, nomor K-2026-0001. Petugas akan bertanya ke kedua pihak, lalu mengabari di sini.
    """)


def test_twice_at_the_same_moment_is_one_dispute(taken):
    taken.say("ana", "[tap Belum bayar]")
    taken.say_together([("ana", "lewati"), ("ana", "lewati")])
    assert len(all_disputes(taken)) == 1


# ── settled ──────────────────────────────────────────────────────────────────────────────────────────────────────


def dispute(play: Player, who: str = "ana") -> None:
    """She says that she has not paid."""
    play.say_all(who, ["belum bayar", "saya belum bayar", "Belum ketemu Amat"])


def test_a_payment_that_never_was_is_moved_back_and_both_hear_of_it(taken):
    dispute(taken)
    taken("""
        lalu: sengketa
        bot: K-2026-0001: Ana Kurnia berkata "saya belum bayar".
            Katanya: "Belum ketemu Amat"
            Kwitansi KW-2026-000001: Rp8.400 untuk Ana Kurnia, diterima Amat pada 22 November 2026.
            Dalam S-2026-0001: 1 orang, Rp8.400. Untuk bulan November 2026.
            Riwayat: 22 November 2026 dicatat Amat; 22 November 2026 dibantah Ana Kurnia.
            1. Pembayaran benar
            2. Batalkan pembayaran
            3. Nanti saja
        lalu: 2
        bot: Kenapa dibatalkan? Pilih, atau ketik sendiri. Kedua pihak akan membacanya.
            1. Uangnya tidak pernah diserahkan.
            2. Salah catat orang.
            3. Jumlahnya salah, akan dicatat ulang.
            4. Tidak jadi
        lalu: 1
        bot: KW-2026-000001 dibatalkan dengan alasan: Uangnya tidak pernah diserahkan.
            Uang dan iurannya kembali seperti sebelum dicatat. Benar?
            1. Ya, lakukan
            2. Ganti alasan
            3. Tidak jadi
        lalu: ya
        bot to ana: Keberatan K-2026-0001 selesai: KW-2026-000001, Rp8.400, dibatalkan. Uangnya tidak pernah diserahkan.
            Iurannya kembali seperti sebelum pembayaran itu.
        bot to amat: Keberatan K-2026-0001 selesai: KW-2026-000001, Rp8.400, dibatalkan. Uangnya tidak pernah diserahkan.
            Iurannya kembali seperti sebelum pembayaran itu.
            Uang di tangan: tidak ada.
        bot: K-2026-0001: pembayaran dibatalkan.

            Lanjut ke keberatan berikutnya?
            1. Ya, berikutnya
            2. Cukup
        lalu: ya
        bot: Tidak ada keberatan yang menunggu Bapak/Ibu.
        ana: [tap Belum bayar]
        bot: Pembayaran itu sudah pernah diperiksa petugas. Masih ada pertanyaan? Ketik "petugas".
    """)  # noqa: E501
    assert (in_hand(taken, "amat"), owed_by(taken, "ana")) == (0, 8_400)
    assert payments_of(taken)[0].status == "reversed"
    trail = taken.database.read(lambda db: [row.action for row in db.exec(select(Audit).order_by(Audit.place))])
    assert trail == ["collected", "disputed", "dispute_reversed"]


def test_a_payment_that_was_right_stays(taken):
    dispute(taken)
    taken.say("lalu", "sengketa")
    taken("""
        lalu: pembayaran benar
        bot: Kenapa benar? Pilih, atau ketik sendiri. Kedua pihak akan membacanya.
            1. Uangnya memang diterima, kedua pihak sudah cocok.
            2. Sudah dicocokkan dengan catatan pengumpul.
            3. Tidak jadi
        lalu: Ana ingat lagi, dibayar lewat anaknya.
        bot to ana: Keberatan K-2026-0001 selesai: KW-2026-000001, Rp8.400, tetap tercatat. Ana ingat lagi, dibayar lewat anaknya.
        bot to amat: Keberatan K-2026-0001 selesai: KW-2026-000001, Rp8.400, tetap tercatat. Ana ingat lagi, dibayar lewat anaknya.
            Uang di tangan: Rp8.400, paling lama sejak hari ini.
        bot: K-2026-0001: pembayaran tetap tercatat.
            …
    """)  # noqa: E501
    assert payments_of(taken)[0].status == "confirmed"
    assert in_hand(taken, "amat") == 8_400
    assert "sudah pernah diperiksa" in taken.say("ana", "[tap Belum bayar]")


def test_credit_that_came_from_it_is_taken_back_too(play):
    market(play)
    staff(play, "lalu", "officer")
    play.say_all("amat", ["terima", "ketik nama", "siti aminah", "lanjut", "10.000", "titip", "ya"])
    assert lies_in(play, Account.CREDIT) == -1_600
    dispute(play, "siti")
    play.say_all("lalu", ["sengketa", "2", "1", "ya"])
    assert (lies_in(play, Account.CREDIT), lies_in(play, Account.CASH), owed_by(play, "siti")) == (0, 0, 8_400)


def test_after_it_was_handed_over_the_collector_has_given_too_much(taken):
    staff(taken, "sri", "treasurer")
    taken.say_all("amat", ["setor", "semua"])
    taken.say_all("sri", ["kas", "1", "pas"])
    dispute(taken)
    taken.say_all("lalu", ["sengketa", "2", "1", "ya"])
    assert in_hand(taken, "amat") == -8_400
    assert taken.say("amat", "setor").startswith("bot: Uang di tangan: tidak ada. Bapak/Ibu sudah setor lebih Rp8.400.")
    assert "Amat: sudah setor lebih Rp8.400" in taken.say("sri", "kas")


def test_whoever_has_a_part_in_it_does_not_settle_it(play):
    market(play)
    staff(play, "lalu", "officer")
    play.grant("amat", "officer")
    play.grant("ana", "officer")
    take(play, "amat", "Ana Kurnia")
    dispute(play)
    for who in ("amat", "ana"):
        assert "Tidak ada keberatan yang menunggu" in play.say(who, "sengketa")
    assert "K-2026-0001" in play.say("lalu", "sengketa")


def test_where_every_officer_has_a_part_the_administrators_are_told(play):
    market(play)
    play.grant("amat", "officer")
    staff(play, "dewi", "admin")
    take(play, "amat", "Ana Kurnia")
    play.say("ana", "[tap Belum bayar]")
    assert "bot to dewi: Keberatan K-2026-0001 perlu petugas yang tidak terlibat." in play.say("ana", "lewati")


def test_who_confirmed_a_transfer_does_not_settle_a_dispute_about_it(play):
    market(play)
    for who in ("lalu", "dewi"):
        staff(play, who, "officer")

    def confirmed(db):
        hers = members.find_of_person(db, "main", play.person(db, "ana"))
        now = play.clock.now()
        payment = house.pay(db, hers, Month(2026, 11), now=now)
        payments.confirm(db, payment, payment.declared, by=play.person(db, "lalu"), now=now)

    play.database.transact(confirmed)
    dispute(play)
    assert "Tidak ada keberatan" in play.say("lalu", "sengketa")
    assert 'Ana Kurnia berkata "saya belum bayar"' in play.say("dewi", "sengketa")
    play.say_all("dewi", ["2", "salah transfer", "ya"])
    assert (lies_in(play, Account.BANK), owed_by(play, "ana")) == (0, 8_400)


def test_of_two_officers_at_once_one_settles_it(taken):
    dispute(taken)
    for who in ("lalu", "dewi"):
        taken.say_all(who, ["sengketa", "2", "1"])
    answers = taken.say_together([("lalu", "ya"), ("dewi", "ya")])
    assert answers.count("K-2026-0001: pembayaran dibatalkan.") == 1
    assert answers.count("K-2026-0001 sudah diselesaikan") == 1
    assert in_hand(taken, "amat") == 0


def test_of_two_who_decide_differently_one_is_right(taken):
    dispute(taken)
    taken.say_all("lalu", ["sengketa", "2", "1"])
    taken.say_all("dewi", ["sengketa", "1"])
    taken.say_together([("lalu", "ya"), ("dewi", "2")])
    (row,) = all_disputes(taken)
    assert in_hand(taken, "amat") == (8_400 if row.status == "upheld" else 0)
    assert payments_of(taken)[0].status == ("confirmed" if row.status == "upheld" else "reversed")


def test_what_is_left_for_later_waits_and_batal_undoes_nothing(taken):
    dispute(taken)
    taken("""
        lalu: sengketa
        bot: …
        lalu: nanti saja
        bot: Baik, dibiarkan menunggu.

            Lanjut ke keberatan berikutnya?
            1. Ya, berikutnya
            2. Cukup
        lalu: cukup
        bot: Baik. Ketik "sengketa" kapan saja.
        lalu: sengketa
        bot: …
        lalu: 2
        bot: …
        lalu: 1
        bot: …
        lalu: batal
        bot: Baik, tidak jadi.
            …
    """)
    assert payments_of(taken)[0].status == "disputed"


def test_she_disputes_a_payment_of_last_year(taken):
    taken.clock.moment = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)
    taken.say_all("ana", ["[tap Belum bayar]", "lewati"])
    assert [row.number for row in all_disputes(taken)] == ["K-2027-0001"]
