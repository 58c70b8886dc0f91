"""Officers write announcements, a second one lets them go, and everybody sees what became of them."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import campaigns as sending
from storage.queries import campaigns, consents, documents, outbox, people, progress
from storage.queries.bulk import verdicts
from storage.tables import Association, Audit, Campaign, CampaignRecipient, Member, Message
from tests.conversations.people import arrive, staff
from tests.storage import house
from tests.transcript import Player

MINE = "umumkan"
SENT = ("1", "1", "1", "1", "sekarang", "1")  # words alone, members, go on, go on, now, yes


@pytest.fixture
def play(play: Player) -> Player:
    """Lalu and Sri are officers; Siti and Budi are members, who want announcements."""
    staff(play, "lalu", "officer")
    staff(play, "sri", "officer")
    join(play, "siti", "Siti Aminah")
    join(play, "budi", "Budi Santoso")
    return play


def join(play: Player, who: str, name: str) -> None:
    """She says hello, agrees to everything, and is a member."""
    arrive(play, who)

    def work(db: Session) -> None:
        hers = house.member(db, who, now=play.clock.now())
        hers.name, hers.regency, hers.district = name, "5271", "527101"

    play.database.transact(work)


def change(play: Player, **facts: Any) -> None:
    """Something about the association."""

    def work(db: Session) -> None:
        association = db.get_one(Association, "main")
        for name, value in facts.items():
            setattr(association, name, value)

    play.database.transact(work)


def set_member(play: Player, who: str, **facts: Any) -> None:
    """Something about a member."""

    def work(db: Session) -> None:
        member = db.exec(select(Member).where(Member.person_id == play.person(db, who))).one()
        for name, value in facts.items():
            setattr(member, name, value)

    play.database.transact(work)


def opt_out(play: Player, who: str) -> None:
    """She wants no more announcements."""
    play.say_all(who, ["berhenti", "pengumuman"])


def tick(play: Player) -> str:
    """The sender's look; what people get, as the talk writes it."""
    sending.tick(play.database, play.clock)
    return "\n".join(play.heard(""))


def settle(play: Player, status: str, code: str = "", *, who: str = "") -> None:
    """What the outbox made of the announcements that wait in it."""

    def work(db: Session) -> None:
        for message in db.exec(select(Message).where(Message.kind == "bulk", col(Message.status) == "queued")):
            if not who or message.address_id == play.address(db, who):
                message.status, message.code, message.settled_at = status, code, play.clock.now()

    play.database.transact(work)


def last(play: Player) -> Campaign:
    """The announcement that was made last."""
    return play.database.read(lambda db: db.exec(select(Campaign).order_by(col(Campaign.created_at).desc())).first())  # type: ignore[return-value]


def recipients(play: Player) -> dict[str, str]:
    """Who gets it, and where each stands."""

    def look(db: Session) -> dict[str, str]:
        rows = db.exec(select(CampaignRecipient).where(CampaignRecipient.campaign_id == last(play).id))
        return {people.name_of(db, row.person_id).split()[0]: row.reason or row.status for row in rows}

    return play.database.read(look)


def trail(play: Player) -> list[str]:
    """What the audit trail tells of announcements."""
    rows = play.database.read(lambda db: list(db.exec(select(Audit).order_by(col(Audit.id)))))
    return [row.action for row in rows if row.subject.startswith("campaign/")]


# ── from the first word to the last ──────────────────────────────────────────────────────────────────────────────


def test_an_announcement_reaches_every_member_once(play):
    play("""
        lalu: umumkan
        bot: Ketik pengumumannya, atau kirim satu foto, PDF, atau pesan suara.
        lalu: Besok ada pelatihan di balai desa, jam 9.
        bot: Mau ditambah foto, PDF, atau pesan suara? Kirim satu saja.
            1. Tidak, tulisan saja
        lalu: tulisan saja
        bot: Untuk siapa?
            1. Anggota (2 orang)
            2. Semua yang bicara dengan kami (4 orang)
        lalu: 1
        bot: Untuk semua anggota.
            2 orang akan menerima.
            1. Sudah, lanjut
            2. Persempit
            3. Kecualikan orang
            4. Pilih dari awal
        lalu: 1
        bot: Begini nanti terlihat:
            Pengumuman Asosiasi Contoh:
            Besok ada pelatihan di balai desa, jam 9.
            1. Lanjut
            2. Kirim uji ke saya
            3. Ganti isi
            4. Ganti penerima
        lalu: lanjut
        bot: Kapan dikirim? Pilih, atau ketik hari dan jamnya.
            1. Sekarang
        lalu: sekarang
        bot: Untuk 2 orang: semua anggota.
            Telegram 2 pesan.
            Dikirim sekarang.
            1. Ya, kirim
            2. Lihat lagi
            3. Ganti penerima
            4. Ganti waktu
        lalu: ya
        bot: Pengumuman U-2026-0001 mulai dikirim. Lihat atau hentikan: ketik "pengumuman saya".
    """)
    answer = tick(play)
    words = "Pengumuman Asosiasi Contoh:\n    Besok ada pelatihan di balai desa, jam 9.\n    [Berhenti]"
    assert sorted(line for line in answer.split("bot to ") if line.startswith(("siti", "budi"))) == sorted(
        f"{who}: {words}\n" for who in ("siti", "budi")
    )
    assert "bot to lalu: U-2026-0001: 0 dari 2 sudah diproses.\n    2 menunggu dikirim." in answer
    assert tick(play) == ""
    settle(play, "accepted")
    play.say("lalu", "[after 1 minute]")
    assert "bot to lalu: Pengumuman U-2026-0001 sudah selesai dikirim.\n    2 terkirim." in tick(play)
    assert last(play).status == "done"
    assert trail(play) == ["announced"]


def test_pressing_twice_makes_one(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT[:-1]])
    button = play.data_of("lalu", "Ya, kirim")
    play.say_together([("lalu", "[tap Ya, kirim]"), ("lalu", "[tap Ya, kirim]")])
    assert button
    assert play.database.read(lambda db: len(db.exec(select(Campaign)).all())) == 1


def test_only_officers_announce(play):
    assert "Ada yang bisa dibantu?" in play.say("siti", "umumkan")
    assert "Ada yang bisa dibantu?" in play.say("siti", "persetujuan")


def test_whoever_is_no_officer_any_more_is_out_at_once(play):
    play.say_all("lalu", [MINE, "Besok libur.", "1"])
    play.database.transact(
        lambda db: people.take(db, association_id="main", person_id=play.person(db, "lalu"), role="officer")
    )
    assert "Tugas ini sekarang bukan untuk Bapak/Ibu lagi." in play.say("lalu", "1")


def test_three_a_day_are_enough(play):
    for number in range(3):
        play.say_all("lalu", [MINE, f"Pengumuman nomor {number}.", *SENT])
    play("""
        lalu: umumkan
        bot: Hari ini Bapak/Ibu sudah membuat 3 pengumuman. Coba lagi besok.
        sri: umumkan
        bot: Ketik pengumumannya, atau kirim satu foto, PDF, atau pesan suara.
        lalu: [after 1 day]
        lalu: umumkan
        bot: Ketik pengumumannya, atau kirim satu foto, PDF, atau pesan suara.
    """)


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("NIK saya 5271014505870001", "Jangan tulis NIK di pengumuman"),
        ("x" * 1_501, "Paling banyak 1500 huruf, yang ini 1501."),
        ("x" * 2_001, "Pesan itu terlalu panjang."),
        ("...", "Tolong diketik dengan kata-kata."),
        ("ya", "Tolong ketik jawabannya, bukan ya atau tidak."),
        ("[sticker]", "Di sini kami perlu foto."),
        ("[photo Broken]", "Foto atau PDF-nya rusak di jalan."),
        ("[voice TooLong]", "Pesan suaranya terlalu panjang."),
        ("[voice NotAVoice]", "Pesan suaranya belum bisa kami putar."),
        ("[album of 2]", "Kami menerima 2 foto. Kirim satu saja."),
    ],
)
def test_what_cannot_be_announced_is_explained(play, said, advice):
    play.say("lalu", MINE)
    answer = play.say("lalu", said)
    assert advice in answer
    assert "Ketik pengumumannya" in answer


def test_braces_and_odd_spaces_are_tamed(play):
    """F13: they would fill a template, or be refused in one."""
    play.say_all("lalu", [MINE, "Hai {{1}}  \u00a0\u00a0   {number} semua,\n\n\n\ndatang \u200bya", *SENT])
    assert last(play).words == "Hai (1) (number) semua,\n\ndatang ya"


def test_a_sentence_that_begins_like_another_word_is_the_announcement_all_the_same(play):
    play.say_all("lalu", [MINE, "Bayar nanti boleh, asal sebelum tanggal 15.", *SENT])
    assert last(play).words == "Bayar nanti boleh, asal sebelum tanggal 15."


def test_links_are_only_words_and_are_looked_at_twice(play):
    play.say_all("lalu", [MINE, "Daftar di https://contoh.id/x atau bit.ly/abc."])
    answer = play.say_all("lalu", SENT[:-1])
    assert "Ada tautan: https://contoh.id/x, bit.ly/abc. Pastikan benar." in answer


def sent_document(play: Player) -> tuple[str, str, bytes]:
    """What goes with the last announcement: its medium, its type, and what it is."""
    campaign = last(play)
    assert campaign.document_id
    kept = play.database.read(lambda db: documents.get(db, "main", campaign.document_id or ""))
    assert kept.kind == documents.ANNOUNCED
    return campaign.medium, kept.mime, kept.content


def test_a_picture_goes_with_its_words(play):
    play("""
        lalu: umumkan
        bot: …
        lalu: [photo with Ini lokasi pelatihan.]
        bot: Untuk siapa?
            1. Anggota (2 orang)
            2. Semua yang bicara dengan kami (4 orang)
        lalu: 1
        bot: …
        lalu: lanjut
        bot: [photo] Begini nanti terlihat:
            Pengumuman Asosiasi Contoh:
            Ini lokasi pelatihan.
            Tidak mau pengumuman lagi? Ketik "berhenti".
            1. Lanjut
            2. Kirim uji ke saya
            3. Ganti isi
            4. Ganti penerima
    """)
    play.say_all("lalu", ["lanjut", "sekarang", "ya"])
    assert sent_document(play) == ("picture", "image/jpeg", b"jpeg")
    assert "bot to siti: [photo] Pengumuman Asosiasi Contoh:" in tick(play)


def test_a_pdf_goes_as_the_file_that_it_was(play):
    play("""
        lalu: umumkan
        bot: …
        lalu: [file pdf]
        bot: Sudah diterima. Mau ditambah tulisan? Ketik tulisannya.
            1. Tanpa tulisan
        lalu: Jadwal bulan Desember.
        bot: Untuk siapa?
            …
    """)
    play.say_all("lalu", ["1", "1", "1", "sekarang", "ya"])
    assert sent_document(play) == ("pdf", "application/pdf", b"pdf")


def test_a_voice_note_goes_out_as_it_was_spoken(play):
    play("""
        lalu: umumkan
        bot: …
        lalu: Dengarkan pesan ketua.
        bot: Mau ditambah foto, PDF, atau pesan suara? Kirim satu saja.
            1. Tidak, tulisan saja
        lalu: [voice]
        bot: Untuk siapa?
            …
    """)
    play.say_all("lalu", ["1", "1", "1", "sekarang", "ya"])
    assert sent_document(play) == ("voice", "audio/ogg", b"voice")


def test_a_voice_note_anywhere_else_is_not_fetched(play):
    assert "belum bisa mendengar pesan suara" in play.say("lalu", "[voice]")
    play.say_all("lalu", [MINE, "Besok libur.", "1"])
    assert "belum bisa mendengar pesan suara" in play.say("lalu", "[voice]")


def test_everything_may_be_changed_before_it_goes(play):
    play.say_all("lalu", [MINE, "[photo with Salah.]", "1", "1", "ganti isi", "Besok libur.", "ganti isi", "[voice]"])
    play("""
        lalu: ganti penerima
        bot: Untuk semua anggota.
            2 orang akan menerima.
            …
        lalu: pilih dari awal
        bot: Untuk siapa?
            …
        lalu: semua yang bicara dengan kami
        bot: Untuk semua yang bicara dengan kami.
            4 orang akan menerima.
            …
    """)
    play.say_all(
        "lalu", ["lanjut", "lanjut", "besok jam 9", "ganti waktu", "sekarang", "lihat lagi", "lanjut", "1", "ya"]
    )
    campaign = last(play)
    assert (campaign.words, campaign.medium, campaign.expected) == ("Besok libur.", "voice", 4)


def test_it_can_be_left_and_taken_up_again(play):
    play("""
        lalu: umumkan
        bot: …
        lalu: Besok libur.
        bot: …
        lalu: batal
        bot: Batalkan pengumuman? Jawaban Bapak/Ibu masih bisa dikembalikan selama sehari.
            …
        lalu: ya
        bot: …
        lalu: urungkan
        bot: Kita lanjutkan: pengumuman.

            Mau ditambah foto, PDF, atau pesan suara? Kirim satu saja.
            1. Tidak, tulisan saja
    """)


def test_a_try_goes_to_the_officer_alone_as_everybody_will_get_it(play):
    play.say_all("lalu", [MINE, "Besok libur.", "1", "1", "1"])
    play("""
        lalu: kirim uji ke saya
        bot: Pengumuman Asosiasi Contoh:
            Besok libur.
            [Berhenti]
        bot: Contohnya kami kirim ke Bapak/Ibu.

            Begini nanti terlihat:
            …
    """)
    assert last(play) is None


def test_what_is_too_long_for_one_message_is_told_by_channel(play):
    code = play.say("siti", "sambung").partition("Kode: ")[2][:7]
    play.say("siti on whatsapp", f"sambung {code}")
    play.say("siti on whatsapp", "halo")
    play.say_all("lalu", [MINE, "[photo with " + "Kabar panjang sekali. " * 60 + "]", "1"])
    answer = play.say("lalu", "1")
    assert "Di Telegram menjadi 2 pesan. Di WhatsApp menjadi 2 pesan." in answer


# ── to whom ──────────────────────────────────────────────────────────────────────────────────────────────────────


def narrowed(play: Player, *said: str) -> str:
    """What is told of the audience after these choices."""
    return play.say_all("lalu", [MINE, "Besok libur.", "1", "1", *said])


def test_each_choice_is_counted_at_once(play):
    set_member(play, "siti", market="Kebon Roek")
    set_member(play, "budi", market="Mandalika", collector_id=None)
    answer = narrowed(play, "persempit", "pasar", "Kebon Roek")
    assert "Untuk semua anggota, Kebon Roek.\n    1 orang akan menerima." in answer
    answer = play.say_all("lalu", ["persempit", "kabupaten", "mataram", "ampenan"])
    assert "Untuk semua anggota, Ampenan, Kebon Roek.\n    1 orang akan menerima." in answer
    answer = play.say_all("lalu", ["persempit", "tunggakan", "punya tunggakan"])
    assert "0 orang akan menerima." in answer
    assert "Sudah, lanjut" not in answer
    answer = play.say_all("lalu", ["persempit", "tunggakan", "tanpa tunggakan"])
    assert "1 orang akan menerima." in answer
    play.say_all("lalu", ["1", "1", "sekarang", "1"])
    assert recipients(play) == {"Siti": "waiting"}


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (["persempit", "status", "yang ditagih iuran"], 2),
        (["persempit", "status", "bekas anggota"], 0),
        (["persempit", "hanya peserta jht"], 0),
        (["persempit", "bahasa", "yang memakai english"], 0),
        (["persempit", "bahasa", "yang memakai bahasa indonesia"], 2),
        (["persempit", "tidak jadi"], 2),
        (["persempit", "kabupaten", "tidak jadi"], 2),
        (["persempit", "kabupaten", "mataram", "semua kecamatan"], 2),
    ],
)
def test_members_are_found_by_what_they_are(play, said, count):
    assert f"{count} orang akan menerima." in narrowed(play, *said)


def test_what_nobody_has_cannot_be_chosen(play):
    assert "Belum ada anggota yang tercatat begitu." in narrowed(play, "persempit", "pasar")


def test_somebody_is_left_out_by_name(play):
    play.say_all("lalu", [MINE, "Besok libur.", "1", "1"])
    play("""
        lalu: kecualikan orang
        bot: Siapa yang tidak dikirimi? Ketik namanya, atau 4 angka terakhir NIK-nya.
            1. Tidak jadi
        lalu: Rahmat
        bot: Tidak ada penerima yang cocok. Coba sebagian namanya saja.

            Siapa yang tidak dikirimi? Ketik namanya, atau 4 angka terakhir NIK-nya.
            1. Tidak jadi
        lalu: 0002
        bot: Yang mana?
            1. Budi Santoso (0002)
            2. Tidak jadi
        lalu: 1
        bot: Untuk semua anggota, kecuali 1 orang.
            1 orang akan menerima.
            1. Sudah, lanjut
            2. Persempit
            3. Kecualikan orang
            4. Pilih dari awal
    """)


def test_who_gets_nothing_is_told_with_the_reason(play):
    opt_out(play, "siti")
    play.database.transact(lambda db: people.mark_address(db, play.address(db, "budi"), "blocked"))
    answer = narrowed(play)
    assert "0 orang akan menerima.\n    Tidak dikirimi: 1 tidak mau pengumuman, 1 tidak bisa dihubungi." in answer


def test_whoever_shares_a_phone_reads_whom_it_is_for(play):
    play.say_all("siti", ["ganti orang", "orang baru", "Amat"])
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    assert "bot to siti: Untuk Siti Aminah:\n    Pengumuman Asosiasi Contoh:" in tick(play)


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_at_night_the_next_decent_hour_is_told(play):
    play.say("lalu", "[after 12 hours]")
    play.say_all("lalu", [MINE, "Besok libur.", "1", "1", "1"])
    play("""
        lalu: lanjut
        bot: Sekarang di luar jam kirim, jadi paling cepat 23 November 2026 pukul 08.00.
            Kapan dikirim? Pilih, atau ketik hari dan jamnya.
            1. Secepatnya
        lalu: 1
        bot: Untuk 2 orang: semua anggota.
            Telegram 2 pesan.
            Dikirim 23 November 2026 pukul 08.00.
            …
        lalu: ya
        bot: …
    """)
    assert "U-2026-0001 terjadwal 23 November 2026 pukul 08.00." in play.said[-1]
    assert tick(play) == ""
    play.say("lalu", "[after 11 hours]")
    assert "bot to siti: Pengumuman" in tick(play)


def test_a_moment_may_be_typed(play):
    play.say_all("lalu", [MINE, "Besok libur.", "1", "1", "1", "lanjut"])
    assert "Waktu itu sudah lewat." in play.say("lalu", "22 november jam 7")
    assert "Dikirim 24 November 2026 pukul 16.30." in play.say("lalu", "lusa jam 4.30 sore")
    play.say("lalu", "ya")
    assert last(play).send_at == datetime.fromisoformat("2026-11-24T16:30+08:00")


# ── the second officer ───────────────────────────────────────────────────────────────────────────────────────────


def waiting(play: Player) -> None:
    """An announcement of Lalu's that another officer must approve."""
    change(play, approve_above=1)
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])


def test_above_the_limit_a_second_officer_looks_at_it(play):
    change(play, approve_above=1)
    play.say_all("lalu", [MINE, "Besok libur.", *SENT[:-2]])
    play(
        """
        lalu: sekarang
        bot: Untuk 2 orang: semua anggota.
            Telegram 2 pesan.
            Dikirim sekarang.
            Lebih dari 1 orang, jadi petugas lain harus menyetujuinya.
            1. Ya, minta persetujuan
            2. Lihat lagi
            3. Ganti penerima
            4. Ganti waktu
        lalu: ya
        bot to sri: Pengumuman U-2026-0001 menunggu persetujuan Bapak/Ibu.
            [Buka]
        bot: Pengumuman U-2026-0001 menunggu persetujuan petugas lain.
        lalu: persetujuan
        bot: Tidak ada pengumuman yang menunggu persetujuan Bapak/Ibu.
        sri: [tap Buka]
        bot: U-2026-0001 dari lalu, untuk 2 orang: semua anggota.
            Dikirim segera setelah disetujui.
            Pengumuman Asosiasi Contoh:
            Besok libur.
            1. Setujui
            2. Tolak
            3. Kirim uji ke saya
            4. Nanti saja
        sri: setujui
        bot to lalu: Pengumuman U-2026-0001 disetujui dan dikirim ke 2 orang.
        bot: Pengumuman U-2026-0001 disetujui.

            Tidak ada pengumuman yang menunggu persetujuan Bapak/Ibu.
    """.replace("dari lalu", "dari Lalu")
    )
    assert "bot to siti: Pengumuman" in tick(play)
    assert trail(play) == ["announced", "approved_announcement"]


def test_nothing_goes_before_it_is_approved(play):
    waiting(play)
    play.say("lalu", "[after 1 day]")
    assert tick(play) == ""


def test_it_may_be_refused_with_a_reason(play):
    waiting(play)
    play("""
        sri: persetujuan
        bot: …
        sri: tolak
        bot: Alasannya? Pilih, atau ketik sendiri. Pembuatnya akan membacanya.
            1. Isinya belum benar.
            2. Penerimanya belum tepat.
            3. Waktunya belum tepat.
            4. Tidak jadi
        sri: 3
        bot to lalu: Pengumuman U-2026-0001 tidak disetujui: Waktunya belum tepat.
        bot: Pengumuman U-2026-0001 ditolak.

            Tidak ada pengumuman yang menunggu persetujuan Bapak/Ibu.
    """)
    assert tick(play) == ""
    assert recipients(play) == {}


def test_two_officers_approve_at_once_and_it_goes_once(play):
    """C2"""
    waiting(play)
    staff(play, "amat", "officer")
    for who in ("sri", "amat"):
        play.say(who, "persetujuan")
    answers = play.say_together([("sri", "setujui"), ("amat", "setujui")])
    assert answers.count("sudah diputuskan") == 1
    assert answers.count("U-2026-0001 disetujui.") == 1
    assert tick(play).count("Besok libur.") == 2
    assert trail(play).count("approved_announcement") == 1


def test_a_second_officer_may_try_it_and_leave_it_for_later(play):
    waiting(play)
    play.say("sri", "persetujuan")
    assert "Contohnya kami kirim ke Bapak/Ibu." in play.say("sri", "uji")
    assert "Baik, U-2026-0001 menunggu." in play.say("sri", "nanti saja")


def test_without_another_officer_he_is_told(play):
    play.database.transact(
        lambda db: people.take(db, association_id="main", person_id=play.person(db, "sri"), role="officer")
    )
    change(play, approve_above=1)
    answer = play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    assert "belum ada petugas lain. Minta pengelola menunjuk satu." in answer


def test_who_is_meant_is_written_down_at_the_approval(play):
    """C3: a new member is not among them, and who wants none any more gets none."""
    waiting(play)
    join(play, "ani", "Ani Lestari")
    play.say_all("sri", ["persetujuan", "setujui"])
    join(play, "ana", "Ana Kurnia")
    opt_out(play, "budi")
    answer = tick(play)
    assert [who for who in ("siti", "budi", "ani", "ana") if f"bot to {who}: Pengumuman" in answer] == ["siti", "ani"]
    assert recipients(play) == {"Siti": "queued", "Budi": "opted_out", "Ani": "queued"}


# ── under way ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_stopped_for_good(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    tick(play)
    settle(play, "accepted", who="siti")
    play("""
        lalu: pengumuman saya
        bot: Pengumuman yang mana?
            1. U-2026-0001 Besok libur. (sedang dikirim)
            2. Selesai
        lalu: 1
        bot: U-2026-0001: sedang dikirim.
            Dari Lalu, 22 November 2026 pukul 10.00, untuk semua anggota.
            1 terkirim, 1 menunggu dikirim.
            1. Perbarui
            2. Hentikan
            3. Tunda dulu
            4. Laporan per orang
            5. Isi pengumuman
            6. Pengumuman lain
        lalu: hentikan
        bot: Hentikan U-2026-0001? 1 orang belum dikirimi dan tidak akan dikirimi lagi.
            1. Ya, hentikan
            2. Tidak jadi
        lalu: ya
        bot: Pengumuman U-2026-0001 dihentikan. Yang sudah terkirim tidak bisa ditarik.

            Ada lagi?
            1. Lihat keadaannya
            2. Pengumuman lain
            3. Selesai
        lalu: 1
        bot: U-2026-0001: dihentikan.
            Dari Lalu, 22 November 2026 pukul 10.00, untuk semua anggota.
            1 terkirim.
            1 tidak dikirimi.
            1. Laporan per orang
            2. Isi pengumuman
            3. Pengumuman lain
        lalu: laporan
        bot: Laporan U-2026-0001:
            Budi Santoso: tidak dikirimi: pengiriman dihentikan petugas
            Siti Aminah: terkirim
            1. Kembali ke pengumuman
        lalu: 1
        bot: …
        lalu: isi
        bot: Besok libur.

            U-2026-0001: dihentikan.
            …
    """)
    assert tick(play) == ""


def test_it_rests_and_goes_on(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT, "pengumuman saya", "1"])
    tick(play)
    assert "U-2026-0001: ditunda: oleh petugas." in play.say_all("lalu", ["tunda dulu", "1"])
    assert "U-2026-0001: sedang dikirim." in play.say_all("lalu", ["teruskan", "1"])
    assert trail(play) == ["announced", "paused_announcement", "resumed_announcement"]


def test_only_the_failed_get_it_again(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    tick(play)
    settle(play, "accepted", who="siti")
    settle(play, "failed", "30003", who="budi")
    play.say("lalu", "[after 1 minute]")
    tick(play)
    play("""
        lalu: [tap Lihat laporan]
        bot: U-2026-0001: selesai.
            Dari Lalu, 22 November 2026 pukul 10.00, untuk semua anggota.
            1 terkirim.
            1 gagal.
            1. Kirim ulang ke 1 orang
            2. Laporan per orang
            3. Isi pengumuman
            4. Pengumuman lain
        lalu: laporan
        bot: Laporan U-2026-0001:
            Budi Santoso: tidak terkirim: HP-nya tidak bisa dihubungi
            Siti Aminah: terkirim
            1. Kembali ke pengumuman
        lalu: 1
        bot: …
        lalu: kirim ulang
        bot: Kirim ulang U-2026-0001 ke 1 orang yang belum menerima? Yang sudah menerima tidak dikirimi lagi.
            1. Ya, kirim ulang
            2. Tidak jadi
        lalu: ya
        bot: Dikirim ulang ke 1 orang sebagai U-2026-0002.
            …
    """)
    answer = tick(play)
    assert ("bot to budi: Pengumuman" in answer, "bot to siti: Pengumuman" in answer) == (True, False)
    first = play.database.read(lambda db: campaigns.find_by_number(db, "main", "U-2026-0001"))
    assert play.database.read(lambda db: progress.count_retry(db, first)) == 0


def test_what_may_have_arrived_is_never_sent_again(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    tick(play)
    settle(play, "uncertain", "timeout")
    play.say("lalu", "[after 1 minute]")
    tick(play)
    answer = play.say_all("lalu", ["pengumuman saya", "1"])
    assert "2 belum pasti sampai." in answer
    assert "Kirim ulang" not in answer


def test_a_long_report_is_shown_in_pages(play):
    play.say_all("lalu", [MINE, "Besok libur.", "1", "2", "1", "1", "sekarang", "ya"])

    def crowd(db: Session) -> None:
        for number in range(18):
            person_id = house.person(db, f"orang{number:02}", play.clock.now())
            db.add(
                CampaignRecipient(
                    association_id="main",
                    campaign_id=last(play).id,
                    person_id=person_id,
                    status="held_back",
                    reason="stopped",
                )
            )

    play.database.transact(crowd)
    play.say_all("lalu", ["pengumuman saya", "1"])
    first = play.say("lalu", "laporan")
    second = play.say("lalu", "berikutnya")
    assert (first.count("pengiriman dihentikan"), second.count("pengiriman dihentikan")) == (8, 8)
    assert "Berikutnya" in second
    assert "Sebelumnya" not in play.say("lalu", "sebelumnya")


def test_nobody_sees_the_announcements_of_another_association(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    assert play.database.read(lambda db: campaigns.latest(db, "other")) == []
    assert play.database.read(lambda db: campaigns.find(db, "other", last(play).id)) is None


def test_an_officer_without_announcements_hears_how_to_make_one(play):
    play("""
        sri: pengumuman saya
        bot: Belum ada pengumuman. Untuk membuat, ketik "umumkan".
    """)


# ── an officer goes ──────────────────────────────────────────────────────────────────────────────────────────────


def dismiss(play: Player, who: str) -> None:
    """Somebody is an officer no more."""
    play.database.transact(
        lambda db: people.take(db, association_id="main", person_id=play.person(db, who), role="officer")
    )


def test_a_scheduled_one_needs_a_new_approval_when_its_officer_goes(play):
    """F5"""
    play.say_all("lalu", [MINE, "Besok libur.", "1", "1", "1", "1", "besok jam 9", "ya"])
    dismiss(play, "lalu")
    play.say("sri", "[after 1 day]")
    answer = tick(play)
    assert "bot to sri: Pengumuman U-2026-0001 perlu persetujuan baru: petugasnya tidak bertugas lagi." in answer
    assert "bot to siti: Pengumuman" not in answer
    assert tick(play) == ""
    play.say_all("sri", ["persetujuan", "setujui"])
    assert "bot to siti: Pengumuman" in tick(play)


def test_one_that_goes_out_rests_when_its_officer_goes_until_another_answers_for_it(play):
    """F5"""
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    tick(play)
    dismiss(play, "lalu")
    answer = tick(play)
    assert "bot to sri: Pengumuman U-2026-0001 kami tunda: petugasnya tidak bertugas lagi." in answer
    answer = play.say_all("sri", ["pengumuman saya", "1"])
    assert "ditunda: petugas yang membuat atau menyetujuinya tidak bertugas lagi." in answer
    assert "U-2026-0001: sedang dikirim." in play.say_all("sri", ["teruskan", "1"])
    tick(play)
    assert last(play).status == "sending"


def test_whoever_made_it_does_not_take_the_place_of_whoever_approved_it(play):
    """F5"""
    waiting(play)
    play.say_all("sri", ["persetujuan", "setujui"])
    tick(play)
    dismiss(play, "sri")
    tick(play)
    answer = play.say_all("lalu", ["pengumuman saya", "1", "teruskan"])
    assert "Petugas lain yang harus meneruskannya" in answer
    assert last(play).status == "paused"


# ── on record ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_message_for_one_person_with_two_addresses(play):
    """C5: at the one that she wrote from last."""
    code = play.say("siti", "sambung").partition("Kode: ")[2][:7]
    play.say("siti on whatsapp", f"sambung {code}")
    play.say("siti on whatsapp", "halo")
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    answer = tick(play)
    assert "bot to siti on whatsapp: Pengumuman" in answer
    assert "bot to siti: Pengumuman" not in answer


def test_words_of_an_announcement_are_sealed_in_the_outbox(play):
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    tick(play)
    rows = play.database.read(lambda db: list(db.exec(select(Message).where(Message.kind == "bulk"))))
    assert all("libur" not in row.reply_sealed for row in rows)
    assert {outbox.open_reply(row.reply_sealed, row.key).text.split("\n")[1] for row in rows} == {"Besok libur."}


def test_consent_is_asked_for_at_the_moment_of_sending_too(play):
    """B18"""
    play.say_all("lalu", [MINE, "Besok libur.", *SENT])
    tick(play)
    opt_out(play, "siti")

    def look(db: Session) -> list[str]:
        ids = [number or 0 for number in db.exec(select(Message.id).where(Message.kind == "bulk"))]
        assert not consents.given(db, "main", play.person(db, "siti"), "announcements")
        return sorted(said.reason for said in verdicts(db, "main", ids, play.clock.now()).values())

    assert play.database.read(look) == ["", "opted_out"]
