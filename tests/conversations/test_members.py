"""Officers find members, and put right what is not as it should be."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select

from conversations.member_search import MOST, search, wanted
from conversations.steps import Unclear
from domain.dues import Terms, Way
from domain.ledger import Account
from domain.month import Month
from domain.rates import Funding, Programme, Sector
from storage.queries import charges, dues, ledger, people, terms
from storage.tables import Audit, Entry, Member
from tests.conftest import sqlite_only
from tests.conversations.enrolled import alter, confirm, enrol, has_paid, member, member_in, tell_payment
from tests.conversations.people import staff
from tests.storage import house
from tests.storage.house import DECEMBER, JANUARY, JKK_JKM, WITH_JHT
from tests.transcript import Player

BELOW = "\n            "  # as far in as what the bot says in these talks
CARD = BELOW.join(
    (
        "1. Ubah dasar iuran",
        "2. Ganti pengumpul",
        "3. Tanggal dari BPJS",
        "4. Catat keluar",
        "5. Cari nama lain",
        "6. Selesai",
    )
)
MORE = BELOW.join(("Ada lagi?", "1. Lihat datanya", "2. Cari nama lain", "3. Selesai"))


def trail(play: Player) -> list[tuple[str, dict[str, object]]]:
    """What the audit trail tells of members."""

    def look(db: Session) -> list[tuple[str, dict[str, object]]]:
        rows = db.exec(select(Audit).order_by(Audit.place))  # type: ignore[arg-type]
        return [(row.action, row.facts) for row in rows if row.subject.startswith("member/")]

    return play.database.read(look)


def owed(play: Player, name: str) -> dict[str, int]:
    """What a member owes by month, of the months that are charged."""

    def look(db: Session) -> dict[str, int]:
        book = dues.book_of(db, member_in(db, play, name), play.clock.now().date())
        return {str(one.month): one.total_owed for one in book.months if one.charged}

    return play.database.read(look)


def terms_at(play: Player, name: str, month: Month) -> Terms | None:
    """By what a member is priced in a month."""
    return play.database.read(lambda db: terms.at(db, member_in(db, play, name).id, month))


def charge(play: Player, *months: Month) -> None:
    """The months are charged."""
    play.database.transact(lambda db: [charges.charge_month(db, "main", one, now=play.clock.now()) for one in months])


# ── finding ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_is_found_by_name_and_shown(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER)
    tell_payment(play, "siti", JANUARY)
    play(f"""
        lalu: anggota
        bot: Anggota siapa? Ketik namanya, atau 4 angka terakhir NIK.
            1. Selesai
        lalu: siti
        bot: Siti, NIK berakhir 0001, anggota
            makanan, Pasar Contoh
            Pengumpul: belum ada
            Dasar iuran: Sampai Rp1.099.000, JKK + JKM
            Iuran lunas sampai Desember 2026.
            Pembayaran B-2026-0002 sebesar Rp16.800 menunggu diperiksa petugas.
            Iuran sampai Desember 2026 sudah di asosiasi, sedang diteruskan ke BPJS.
            Berikutnya: Rp16.800 untuk Februari 2027, paling lambat 15 Februari 2027.
            Pembayaran terakhir: B-2026-0002 Rp16.800 menunggu petugas; B-2026-0001 Rp8.400 diterima
            {CARD}
        lalu: selesai
        bot: Baik. Ketik "anggota" kapan saja.
    """)


def test_the_name_may_stand_behind_the_word(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti", "budi")
    for said in ("anggota siti", "cari siti", "Cari anggota: SITI", "member siti", "anggota 0001"):
        assert play.say("lalu", said).startswith("bot: Siti, NIK berakhir 0001"), said
        play.say("lalu", "selesai")


def test_near_misses_are_found_and_nobody_else(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti", "budi")
    play("""
        lalu: cari sity
        bot: Siti, NIK berakhir 0001, anggota
            …
        lalu: cari nama lain
        bot: …
        lalu: kartini
        bot: Belum ketemu. Coba ejaan lain, atau 4 angka terakhir NIK.
            …
        lalu: 9999
        bot: Belum ketemu. Coba ejaan lain, atau 4 angka terakhir NIK.
            …
        lalu: 12
        bot: Ketik nama anggota, atau 4 angka terakhir NIK. Contoh: 0001.
            …
        lalu: coba lagi
        bot: …
        lalu: 5271014505870001
        bot: Siti, NIK berakhir 0001, anggota
            …
    """)


def test_of_several_the_officer_chooses(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti", "situ")
    alter(play, "situ", name="Siti Rohani", workplace="Pantai Ampenan")
    play("""
        lalu: anggota siti
        bot: Yang mana?
            1. Siti (0001), Pasar Contoh
            2. Siti Rohani (0002), Pantai Ampenan
            3. Cari nama lain
        lalu: 2
        bot: Siti Rohani, NIK berakhir 0002, anggota
            …
    """)


def test_members_of_another_association_are_not_found(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")

    def elsewhere(db: Session) -> list[Member]:
        return search(db, "ntt", "siti") + search(db, "ntt", "0001")

    assert play.database.read(elsewhere) == []


def test_only_officers_look_after_members(play):
    staff(play, "amat", "collector", "treasurer", "admin")
    enrol(play, "siti")
    assert "NIK" not in play.say("amat", "anggota siti")
    assert "NIK" not in play.say("siti", "anggota siti")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Siti Aminah", "siti aminah"),
        ("bu Siti", "siti"),
        ("0001", "0001"),
        ("00 01", "0001"),
        ("5271 0145 0587 0001", "0001"),
        ("Ma'ruf", "ma ruf"),
    ],
)
def test_what_may_be_looked_for(said: str, read: str):
    assert wanted(said) == read


@pytest.mark.parametrize("said", ["", "  ", "s", "123", "12345", "siti 0001 x9", "🙏", "-"])
def test_what_is_too_little_to_look_for(said: str):
    with pytest.raises(Unclear):
        wanted(said)


@sqlite_only
def test_signs_of_a_pattern_are_no_pattern(database):
    def work(db: Session) -> None:
        house.found(db)
        house.member(db, "siti")
        assert search(db, "main", "%") == []
        assert [one.name for one in search(db, "main", "sit")] == ["Siti"]

    database.transact(work)


@sqlite_only
def test_a_name_that_many_have_is_cut_and_says_so(play):
    staff(play, "lalu", "officer")

    def many(db: Session) -> None:
        for number in range(MOST + 1):
            house.member(db, f"siti{number}")

    play.database.transact(many)
    assert "Banyak yang cocok." in play.say("lalu", "anggota siti")


# ── other terms ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_other_terms_are_previewed_month_by_month_then_written_told_and_audited(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    has_paid(play, "siti", 25_200, DECEMBER, JANUARY)
    play(f"""
        lalu: anggota siti
        bot: …
        lalu: ubah dasar iuran
        bot: Apa yang diubah?
            1. Golongan penghasilan
            2. Tambah JHT
            3. Sektor transportasi
            4. Dibayar pemerintah
            5. Tidak jadi
        lalu: tambah jht
        bot: Berlaku mulai bulan apa? Bulan yang sudah lewat ketik saja, contoh: September 2026.
            1. Desember 2026
            2. Januari 2027
            3. Tidak jadi
        lalu: 1
        bot: Alasannya? Pilih, atau ketik sendiri. Alasan ini dicatat.
            1. Penghasilannya berubah.
            2. Salah catat waktu mendaftar.
            3. Permintaan anggota.
            4. Tidak jadi
        lalu: 3
        bot: Mulai Desember 2026: Ditambah JHT. Iuran bulan itu menjadi Rp28.400.
            Desember 2026: Rp8.400 menjadi Rp28.400
            Januari 2027: Rp16.800 menjadi Rp36.800
            Selisih: Rp40.000 lebih banyak.
            1. Ya, ubah
            2. Ganti bulan
            3. Tidak jadi
        lalu: ya
        bot to siti: Dasar iuran Bapak/Ibu diubah petugas mulai Desember 2026. Ditambah JHT.
            Iuran bulan itu menjadi Rp28.400.
            Untuk bulan yang sudah ditagih ada tambahan Rp40.000.
            Ada yang tidak cocok? Ketik "petugas".
        bot: Sudah diubah. Siti kami kabari.
            {MORE}
        lalu: [tap Ya, ubah]
        notice: Tombol itu sudah lewat.
        bot: …
            {MORE}
    """)
    assert sum(owed(play, "siti").values()) == 40_000
    assert terms_at(play, "siti", DECEMBER) == WITH_JHT
    rows = play.database.read(lambda db: terms.history(db, member_in(db, play, "siti").id))
    assert [(row.from_month, row.reason) for row in rows] == [("2026-12", ""), ("2026-12", "Permintaan anggota.")]
    assert trail(play) == [("changed_terms", {"what": "with_jht", "from": "2026-12"})]


def test_what_was_paid_too_much_by_other_terms_is_kept_for_the_next_months(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    has_paid(play, "siti", 25_200, DECEMBER, JANUARY)
    play("""
        lalu: anggota siti
        bot: …
        lalu: dasar
        bot: …
        lalu: transportasi
        bot: …
        lalu: bulan depan
        bot: …
        lalu: dia juga ojek
        bot: Mulai Desember 2026: Sektor transportasi. Iuran bulan itu menjadi Rp8.400.
            Januari 2027: Rp16.800 menjadi Rp8.400
            Selisih: Rp8.400 lebih sedikit.
            Yang sudah dibayar dan menjadi titipan: Rp8.400.
            …
        lalu: ya, ubah
        bot to siti: Dasar iuran Bapak/Ibu diubah petugas mulai Desember 2026. Sektor transportasi.
            Iuran bulan itu menjadi Rp8.400.
            Kelebihan Rp8.400 disimpan untuk bulan berikutnya.
            Ada yang tidak cocok? Ketik "petugas".
        bot: …
    """)
    assert terms_at(play, "siti", JANUARY) == Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)
    assert play.database.read(lambda db: ledger.balance(db, "main", Account.CREDIT)) == -8400


def test_another_income_from_an_earlier_month_on_is_typed(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti", first=Month(2026, 9))
    charge(play, Month(2026, 9), Month(2026, 10), Month(2026, 11))
    play("""
        lalu: anggota siti
        bot: …
        lalu: 1
        bot: …
        lalu: golongan penghasilan
        bot: Penghasilannya sebulan? Pilih, atau ketik kira-kira. Contoh: 1,5 juta.
            …
        lalu: 1,5 juta
        bot: Berlaku mulai bulan apa? Bulan yang sudah lewat ketik saja, contoh: September 2026.
            …
        lalu: agustus 2026
        bot: Paling awal September 2026, bulan pertamanya.
            …
        lalu: 2030-01
        bot: Paling jauh November 2027.
            …
        lalu: dulu sekali
        bot: Ketik bulan dan tahun. Contoh: September 2026.
            …
        lalu: coba lagi
        bot: …
        lalu: Oktober
        bot: Alasannya? Pilih, atau ketik sendiri. Alasan ini dicatat.
            …
        lalu: 1
        bot: Mulai Oktober 2026: Golongan penghasilan: Rp1.500.000–1.699.000. Iuran bulan itu menjadi Rp11.400.
            Oktober 2026: Rp8.400 menjadi Rp11.400
            November 2026: Rp8.400 menjadi Rp11.400
            Selisih: Rp6.000 lebih banyak.
            …
        lalu: ganti bulan
        bot: …
        lalu: november
        bot: …
        lalu: 1
        bot: Mulai November 2026: Golongan penghasilan: Rp1.500.000–1.699.000. Iuran bulan itu menjadi Rp11.400.
            November 2026: Rp8.400 menjadi Rp11.400
            Selisih: Rp3.000 lebih banyak.
            …
        lalu: ya
        bot to siti: …
        bot: …
    """)
    assert owed(play, "siti") == {"2026-09": 8400, "2026-10": 8400, "2026-11": 11_400}


def test_whom_the_government_pays_from_now_on(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "1", "dibayar pemerintah", "1"])
    play("""
        lalu: 1
        bot: Mulai Desember 2026: Iuran BPJS dibayar pemerintah. Iuran bulan itu menjadi Rp0.
            Belum ada bulan yang sudah ditagih, jadi tidak ada selisih.
            …
        lalu: ya
        bot to siti: …
        bot: …
        lalu: lihat
        bot: Siti, NIK berakhir 0001, anggota
            makanan, Pasar Contoh
            Pengumpul: belum ada
            Dasar iuran: Sampai Rp1.099.000, JKK + JKM, dibayar pemerintah
            Belum ada iuran yang harus dibayar.
            Iuran BPJS dibayar pemerintah. Cek perlindungan di JMO atau 175.
            …
    """)
    found = terms_at(play, "siti", DECEMBER)
    assert found and found.funding is Funding.GOVERNMENT


def test_what_holds_already_is_not_written_again(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "1", "golongan", "900 ribu", "1"])
    play("""
        lalu: 1
        bot: Itu sudah begitu, jadi tidak ada yang diubah.
            …
    """)
    assert len(play.database.read(lambda db: terms.history(db, member_in(db, play, "siti").id))) == 1


def test_what_changed_since_the_preview_is_shown_anew_before_it_is_written(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "1", "tambah jht", "1", "1"])
    charge(play, DECEMBER)
    play("""
        lalu: ya
        bot: Baru saja ada yang berubah. Tolong periksa sekali lagi.

            Mulai Desember 2026: Ditambah JHT. Iuran bulan itu menjadi Rp28.400.
            Desember 2026: Rp8.400 menjadi Rp28.400
            Selisih: Rp20.000 lebih banyak.
            …
        lalu: ya
        bot to siti: …
        bot: Sudah diubah. Siti kami kabari.
            …
    """)
    assert owed(play, "siti") == {"2026-12": 28_400}


def test_two_officers_who_change_the_same_at_once_write_it_once(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    enrol(play, "siti")
    charge(play, DECEMBER)
    for officer in ("lalu", "dewi"):
        play.say_all(officer, ["anggota siti", "1", "tambah jht", "1", "1"])
    play.say_together([("lalu", "ya"), ("dewi", "ya")])
    assert owed(play, "siti") == {"2026-12": 28_400}
    assert len(play.database.read(lambda db: terms.history(db, member_in(db, play, "siti").id))) == 2
    assert len(trail(play)) == 1


def test_a_month_that_bpjs_has_is_put_right_where_the_money_lies(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    has_paid(play, "siti", 25_200, DECEMBER, JANUARY, way=Way.BPJS)
    play.say_all("lalu", ["anggota siti", "1", "transportasi", "januari", "2", "ya"])
    held = play.database.read(lambda db: ledger.held_for(db, "main", member_in(db, play, "siti").id))
    assert held == (0, 8400)


def test_nobody_changes_what_concerns_herself(play):
    enrol(play, "siti")
    play.grant("siti", "officer")
    play("""
        siti: anggota siti
        bot: Siti, NIK berakhir 0001, anggota
            makanan, Pasar Contoh
            Pengumpul: belum ada
            Dasar iuran: Sampai Rp1.099.000, JKK + JKM
            Belum ada iuran yang harus dibayar.
            Berikutnya: Rp8.400 untuk Desember 2026, paling lambat 15 Desember 2026.
            Ini data Bapak/Ibu sendiri: yang mengubah harus petugas lain.
            1. Cari nama lain
            2. Selesai
        siti: ubah dasar iuran
        bot: …
    """)
    assert terms_at(play, "siti", DECEMBER) == JKK_JKM
    assert trail(play) == []


def test_an_officer_who_becomes_the_member_in_mid_talk_changes_nothing(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "1", "tambah jht", "1", "1"])
    lalu = play.database.read(lambda db: play.person(db, "lalu"))
    alter(play, "siti", person_id=lalu)
    assert "harus petugas lain" in play.say("lalu", "ya")
    assert trail(play) == []


# ── collector ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_another_collector_and_all_three_hear_of_it(play):
    staff(play, "lalu", "officer")
    staff(play, "amat", "collector")
    staff(play, "rina", "collector")
    enrol(play, "siti")
    play(f"""
        lalu: anggota siti
        bot: …
        lalu: ganti pengumpul
        bot: Pengumpul sekarang: belum ada. Diganti siapa?
            1. Amat
            2. Rina
            3. Tidak jadi
        lalu: amat
        bot to siti: Iuran tunai Bapak/Ibu sekarang lewat Amat.
        bot to amat: Siti masuk daftar Bapak/Ibu.
        bot: Pengumpul sudah diganti.
            {MORE}
        lalu: 1
        bot: …
        lalu: 2
        bot: Pengumpul sekarang: Amat. Diganti siapa?
            1. Rina
            2. Tanpa pengumpul
            3. Tidak jadi
        lalu: rina
        bot to siti: Iuran tunai Bapak/Ibu sekarang lewat Rina.
        bot to rina: Siti masuk daftar Bapak/Ibu.
        bot to amat: Siti keluar dari daftar Bapak/Ibu.
        bot: …
        lalu: 1
        bot: …
        lalu: 2
        bot: …
        lalu: tanpa pengumpul
        bot to rina: Siti keluar dari daftar Bapak/Ibu.
        bot: Pengumpul sudah diganti.
            …
    """)
    assert member(play, "siti").collector_id is None
    assert [action for action, _facts in trail(play)] == ["changed_collector"] * 3


def test_a_collector_does_not_take_her_own_cash(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.grant("siti", "collector")
    play("""
        lalu: anggota siti
        bot: …
        lalu: ganti pengumpul
        bot: Pengumpul sekarang: belum ada. Diganti siapa?
            1. Tidak jadi
    """)


def test_a_collector_who_is_none_any_more_is_not_taken(play):
    staff(play, "lalu", "officer")
    staff(play, "amat", "collector")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "2"])

    def take(db: Session) -> None:
        people.take(db, association_id="main", person_id=play.person(db, "amat"), role="collector")

    play.database.transact(take)
    play.say("lalu", "amat")
    assert member(play, "siti").collector_id is None


# ── what BPJS told ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_day_that_bpjs_told_is_kept_told_and_audited(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play("""
        lalu: anggota siti
        bot: …
        lalu: tanggal dari bpjs
        bot: Menurut BPJS, sampai tanggal berapa perlindungan Siti? Tanyakan di JMO, 175 atau kantor BPJS.
            1. Tidak jadi
        lalu: kata mereka bulan depan
        bot: Ketik tanggal, bulan dan tahun. Contoh: 15 Januari 2027.
            …
        lalu: 15 Januari 2037
        bot: Tanggal itu terlalu jauh dari hari ini. Lihat lagi, lalu ketik sekali lagi.
            …
        lalu: 15/1/2027
        bot: BPJS mengabarkan perlindungan Siti sampai 15 Januari 2027. Benar?
            1. Ya, catat
            2. Ketik ulang
            3. Tidak jadi
        lalu: ya
        bot to siti: Kabar dari BPJS: perlindungan Bapak/Ibu tercatat sampai 15 Januari 2027.
        bot: Sudah dicatat.
            …
        siti: status
        bot: Belum ada iuran yang harus dibayar.
            Perlindungan menurut BPJS sampai 15 Januari 2027.
            …
    """)
    assert member(play, "siti").protected_until == date(2027, 1, 15)
    play("""
        lalu: lihat datanya
        bot: …
        lalu: tanggal dari bpjs
        bot: …
            1. Hapus tanggal
            2. Tidak jadi
        lalu: hapus tanggal
        bot: Tanggal dari BPJS sudah dihapus.
            …
    """)
    assert member(play, "siti").protected_until is None
    assert trail(play) == [("told_by_bpjs", {"until": "2027-01-15"}), ("told_by_bpjs", {"until": None})]


def test_a_day_that_has_passed_is_kept_without_news(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "3", "1 November 2026"])
    assert "bot to siti" not in play.say("lalu", "ya")
    assert member(play, "siti").protected_until == date(2026, 11, 1)


# ── leaving and coming back ──────────────────────────────────────────────────────────────────────────────────────


def test_whoever_leaves_is_not_charged_any_more_and_her_money_is_told_to_the_treasurer(play):
    staff(play, "lalu", "officer")
    staff(play, "sri", "treasurer")
    enrol(play, "siti")
    has_paid(play, "siti", 30_000, DECEMBER, JANUARY)
    play.clock.moment = datetime(2026, 12, 3, 2, 0, tzinfo=UTC)
    play(f"""
        lalu: anggota siti
        bot: …
        lalu: catat keluar
        bot: Keluarkan Siti? Mulai Januari 2027 tidak ditagih lagi.
            Titipan Rp21.600 dikabarkan ke bendahara.
            1. Ya, keluarkan
            2. Tidak jadi
        lalu: ya
        bot to siti: Bapak/Ibu tercatat keluar. Iuran tidak ditagih lagi setelah Desember 2026.
            Titipan Bapak/Ibu Rp21.600 diurus bendahara.
            Tidak merasa keluar? Ketik "petugas".
        bot to sri: Siti (0001) keluar. Titipannya Rp21.600 perlu dikembalikan.
        bot: Siti sudah dicatat keluar.
            {MORE}
        lalu: lihat
        bot: Siti, NIK berakhir 0001, sudah keluar
            makanan, Pasar Contoh
            Pengumpul: belum ada
            Dasar iuran: Sampai Rp1.099.000, JKK + JKM
            Titipan Rp21.600 diurus bendahara.
            Pembayaran terakhir: B-2026-0001 Rp30.000 diterima
            1. Ubah dasar iuran
            2. Ganti pengumpul
            3. Tanggal dari BPJS
            4. Jadi anggota lagi
            5. Cari nama lain
            6. Selesai
    """)
    charge(play, JANUARY)
    assert owed(play, "siti") == {"2026-12": 0}
    assert trail(play) == [("left", {})]


def test_whoever_leaves_still_owes_this_month(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti", first=Month(2026, 11))
    play("""
        lalu: anggota siti
        bot: …
        lalu: keluarkan
        bot: Keluarkan Siti? Mulai Desember 2026 tidak ditagih lagi.
            Yang belum dibayar tetap tercatat: Rp8.400.
            …
        lalu: ya
        bot to siti: …
        bot: …
    """)
    assert owed(play, "siti") == {"2026-11": 8400}


def test_a_payment_that_waited_when_she_left_is_kept_for_her(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    waiting = tell_payment(play, "siti", DECEMBER)
    assert "menunggu diperiksa petugas" in play.say_all("lalu", ["anggota siti", "4"])
    play.say("lalu", "ya")
    confirm(play, waiting, 8400)
    assert owed(play, "siti") == {}
    assert play.database.read(lambda db: ledger.balance(db, "main", Account.CREDIT)) == -8400


def test_whoever_left_comes_back_with_the_month_that_she_can_still_pay(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    play.say_all("lalu", ["anggota siti", "4", "ya", "selesai"])
    play.clock.moment = datetime(2027, 2, 3, 2, 0, tzinfo=UTC)
    play("""
        lalu: anggota siti
        bot: …
        lalu: jadi anggota lagi
        bot: Catat Siti sebagai anggota lagi? Iuran mulai Februari 2027; tunggakan lama tidak ditagih.
            1. Ya, catat
            2. Tidak jadi
        lalu: ya
        bot to siti: Bapak/Ibu tercatat lagi sebagai anggota. Iuran mulai Februari 2027. Ketik "status".
        bot: Siti anggota lagi.
            …
    """)
    assert (member(play, "siti").status, member(play, "siti").first_month) == ("active", "2027-02")
    assert owed(play, "siti") == {"2027-02": 16_800}
    assert [action for action, _facts in trail(play)] == ["left", "came_back"]


def test_whoever_lapsed_comes_back_and_old_arrears_are_not_asked_for(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti", first=Month(2026, 7))
    charge(play, *(Month(2026, number) for number in range(7, 12)))
    now = play.clock.now()
    play.database.transact(lambda db: charges.lapse(db, "main", Month(2026, 11), now=now))
    play("""
        lalu: anggota siti
        bot: Siti, NIK berakhir 0001, tidak ditagih lagi
            makanan, Pasar Contoh
            Pengumpul: belum ada
            Dasar iuran: Sampai Rp1.099.000, JKK + JKM
            1. Ubah dasar iuran
            2. Ganti pengumpul
            3. Tanggal dari BPJS
            4. Jadi anggota lagi
            5. Catat keluar
            6. Cari nama lain
            7. Selesai
        lalu: 4
        bot: …
        lalu: ya
        bot to siti: …
        bot: …
    """)
    assert member(play, "siti").first_month == "2026-12"
    assert owed(play, "siti") == {}
    play.say_all("lalu", ["1", "1", "tambah jht", "juli 2026", "1", "ya"])
    assert owed(play, "siti") == {}


def test_two_officers_who_put_her_out_at_once_do_it_once(play):
    staff(play, "lalu", "officer")
    staff(play, "dewi", "officer")
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER)
    for officer in ("lalu", "dewi"):
        play.say_all(officer, ["anggota siti", "4"])
    told = play.say_together([("lalu", "ya"), ("dewi", "ya")])
    assert "sudah dicatat keluar" in told and "sudah keluar" in told
    assert [action for action, _facts in trail(play)] == ["left"]
    assert play.database.read(lambda db: ledger.balance(db, "main", Account.CREDIT)) == -8400


def test_the_ledger_tells_who_changed_what_and_why(play):
    staff(play, "lalu", "officer")
    enrol(play, "siti")
    charge(play, DECEMBER)
    play.say_all("lalu", ["anggota siti", "1", "tambah jht", "1", "salah catat", "ya"])

    def last(db: Session) -> tuple[str, str, bool]:
        entry = db.exec(select(Entry).where(Entry.kind == "adjust")).one()
        return entry.kind, entry.reason, entry.by_person == play.person(db, "lalu")

    assert play.database.read(last) == ("adjust", "Salah catat waktu mendaftar.", True)
