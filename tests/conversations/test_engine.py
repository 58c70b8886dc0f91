"""What the engine gives to every step of every conversation."""

from dataclasses import replace

import pytest

from conversations.hearing import LONGEST
from conversations.scene import HOPS
from conversations.steps import Conversation, Show
from domain.message import Kind
from tests.conversations import fiction
from tests.conversations.fiction import fruit
from tests.conversations.pure import Phone, told


@pytest.fixture
def phone() -> Phone:
    """Siti's, who has said hello."""
    phone = Phone(fruit())
    phone.say("halo")
    return phone


REVIEW = "12 mango ke Desa Dahlia untuk Siti. Benar?\n1. Benar, pesan\n2. Ubah jawaban"
ANSWERS = ("pesan", "mangga", "12", "desa dahlia", "nanti", "Siti")


# ── answers and buttons ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_order_from_the_first_word_to_the_last(phone):
    assert phone.say("pesan") == "(1/5) Buah apa?\n1. Mangga\n2. Pisang\n3. Sawo atau salak"
    assert phone.say("satu") == "(2/5) Berapa buah yang mau dipesan?\n1. Belum tahu"
    assert phone.say("belum tahu").startswith("Baik, satu saja.\n\n(3/5) Desa mana?\n1. Desa Anggrek")
    assert phone.say("dahlia") == 'Maksudnya "Desa Dahlia"?\n1. Ya\n2. Bukan'
    assert phone.say("ya").startswith("(4/5) Kirim foto keranjangnya.")
    assert told(phone.send(Kind.PHOTO, photos=("",))) == "(5/5) Atas nama siapa?"
    assert phone.say("siti") == REVIEW.replace("12", "1")
    assert phone.say("benar") == "Pesanan {number} diterima."
    assert phone.effects == ["keep_order"]
    assert phone.standing.place is None


def test_a_double_tap_counts_once_and_is_noticed(phone):
    phone.say(*ANSWERS)
    assert told(phone.tap("Benar, pesan")) == "Pesanan {number} diterima."
    for _again in range(3):
        turn = phone.tap("Benar, pesan")
        assert (turn.replies, turn.notice) == ((), "Jawaban itu sudah kami terima.")
    phone.say("halo")
    assert "sudah lewat" in phone.tap("Benar, pesan").notice
    assert phone.effects == ["keep_order"]


def test_an_old_button_changes_nothing_and_is_explained(phone):
    phone.say("pesan", "mangga")
    turn = phone.tap("Pisang")
    assert turn.notice == "Tombol itu sudah lewat."
    assert told(turn) == (
        "Tombol itu untuk pertanyaan yang sudah lewat, jadi tidak mengubah apa-apa.\n\n"
        "(2/5) Berapa buah yang mau dipesan?\n1. Belum tahu"
    )
    assert phone.place.draft == {"fruit": "mango"}


def test_a_button_of_the_same_question_asked_before_does_not_count_when_it_is_asked_anew(phone):
    phone.say("pesan")
    phone.tap("Mangga")
    phone.say("kembali")
    assert "sudah lewat" in phone.tap("Mangga", oldest=True).notice
    assert phone.tap("Pisang").notice == ""


def test_every_button_shown_since_the_question_was_asked_works(phone):
    phone.say("pesan", "entah", "bantuan")
    assert "Berapa buah" in told(phone.tap("Mangga", oldest=True))


def test_a_button_of_the_question_below_the_engines_own_question_works(phone):
    phone.say("pesan", "batal")
    assert "Berapa buah" in told(phone.tap("Mangga"))


def test_the_same_way_out_can_be_pressed_again_and_again(phone):
    phone.say(*ANSWERS)
    for _again in range(3):
        assert "Jawaban mana" in told(phone.tap("Ubah jawaban"))
        assert phone.say("tidak jadi") == REVIEW


@pytest.mark.parametrize(
    "data", ["", "|", "||", "x|y|z", ">||", ">|nowhere|", ">|secret|", "1|order|", "9|choose_fruit|x"]
)
def test_a_button_that_is_none_of_ours_does_nothing(phone, data):
    phone.say("pesan")
    turn = phone.send(Kind.TAP, tap=data)
    assert "sudah lewat" in turn.notice
    assert phone.place.step == "choose_fruit"


def test_a_button_that_opens_a_conversation_always_does(phone):
    phone.say("pesan", "mangga")
    for _again in range(2):
        assert "Apa kabar?" in told(phone.send(Kind.TAP, tap=">|greeting|"))
    assert phone.say("baik").startswith("Syukurlah.\n\nKita lanjutkan: pesanan.\n\n(2/5) Berapa buah")


def test_long_lists_come_in_pages_and_every_page_can_be_reached_by_its_buttons(phone):
    phone.say("pesan", "mangga", "12")
    second = told(phone.tap("Lihat berikutnya"))
    assert second.startswith("(3/5) Desa mana?\n1. Desa Irama")
    third = told(phone.tap("Lihat berikutnya"))
    assert third.startswith("(3/5) Desa mana?\n1. Dusun Randu")
    assert "Lihat berikutnya" not in third
    assert told(phone.tap("Lihat sebelumnya")) == second
    assert phone.say("1").startswith("(4/5)")
    assert phone.place.draft["village"] == "Desa Irama"


def test_a_part_of_a_name_narrows_a_long_list(phone):
    phone.say("pesan", "mangga", "12")
    assert phone.say("an").startswith("Ini yang mirip:\n\n(3/5) Desa mana?\n1. Desa Anggrek\n2. Desa Flamboyan")
    assert "1. Desa Anggrek\n2. Desa Bakung" in phone.say("tampilkan semua")


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_question_back_keeps_the_answers(phone):
    phone.say(*ANSWERS)
    assert phone.say("kembali").startswith("(5/5) Atas nama siapa?")
    assert phone.say("kembali").startswith("(4/5) Kirim foto")
    assert phone.say("kembali").startswith("(3/5) Desa mana?")
    assert phone.place.draft["name"] == "Siti"
    phone.say("kembali", "kembali")
    assert phone.say("kembali").startswith("Ini pertanyaan yang pertama.\n\n(1/5) Buah apa?")


def test_help_says_what_is_wanted_and_asks_again(phone):
    phone.say("pesan", "mangga")
    assert phone.say("bantuan") == (
        "Contoh: 12.\n\n"
        'Kapan saja boleh ketik "kembali" (pertanyaan sebelumnya), "ubah" (ganti jawaban), "batal", "menu", "status", '
        '"bahasa", "berhenti", atau "petugas" (dibantu orang).\n'
        'HP dipakai bersama? "ganti orang". Mau lanjut di aplikasi atau HP lain? "sambung".\n'
        "Bicara dengan orang: 0812 0000 0099.\n\n"
        "(2/5) Berapa buah yang mau dipesan?\n1. Belum tahu"
    )
    assert phone.place.tries == 0


def test_an_earlier_answer_is_changed_from_anywhere(phone):
    phone.say("pesan", "mangga", "12")
    assert phone.say("ubah") == "Jawaban mana yang mau diganti?\n1. Buah\n2. Jumlah\n3. Tidak jadi"
    assert phone.say("1") == "Buah apa?\n1. Mangga\n2. Pisang\n3. Sawo atau salak"
    assert phone.say("pisang").startswith("Sudah diganti.\n\n(3/5) Desa mana?")
    assert phone.place.draft == {"fruit": "banana", "count": 12}


def test_a_change_that_a_step_answers_by_itself_ends_there_too(phone):
    phone.say(*ANSWERS, "ubah", "jumlah")
    answer = phone.say("belum tahu")
    assert answer == "Baik, satu saja.\n\nSudah diganti.\n\n" + REVIEW.replace("12", "1")


def test_a_change_is_called_off_by_going_back_or_by_another_change(phone):
    phone.say(*ANSWERS, "ubah", "jumlah")
    assert phone.say("kembali") == REVIEW
    phone.say("ubah", "jumlah", "ubah", "buah", "pisang")
    assert phone.place.draft["count"] == 12
    assert phone.place.draft["fruit"] == "banana"


def test_there_is_nothing_to_change_at_the_first_question(phone):
    assert phone.say("pesan", "ubah").startswith("Belum ada jawaban yang bisa diubah.\n\n(1/5) Buah apa?")


def test_cancelling_is_confirmed_and_can_be_undone_for_a_day(phone):
    phone.say(*ANSWERS[:-1])
    assert phone.say("batal") == (
        "Batalkan pesanan? Jawaban Bapak/Ibu masih bisa dikembalikan selama sehari.\n"
        "1. Tidak, lanjutkan\n2. Ya, batalkan"
    )
    assert phone.say("tidak").startswith("(5/5) Atas nama siapa?")
    assert phone.say("batal", "ya").startswith("Sudah dibatalkan. Berubah pikiran?")
    phone.wait(hours=23, minutes=59)
    assert phone.say("urungkan") == "Kita lanjutkan: pesanan.\n\n(5/5) Atas nama siapa?"
    assert phone.say("Siti") == REVIEW


def test_after_a_day_a_cancellation_stays(phone):
    phone.say("pesan", "mangga", "batal", "ya")
    phone.wait(days=1, seconds=1)
    assert phone.say("urungkan").startswith("Tidak ada yang bisa dikembalikan.\n\nMau apa?")


def test_a_cancellation_is_undone_once(phone):
    phone.say("pesan", "mangga", "batal", "ya", "urungkan")
    assert phone.say("urungkan").startswith("Tidak ada yang bisa dikembalikan.\n\n(2/5)")


def test_what_was_begun_anew_and_what_was_cancelled_change_places(phone):
    phone.say("pesan", "mangga", "batal", "ya", "pesan", "pisang", "7")
    phone.say("urungkan")
    assert phone.place.draft == {"fruit": "mango"}
    assert phone.place.below is None
    phone.say("urungkan")
    assert phone.place.draft == {"fruit": "banana", "count": 7}


def test_a_short_conversation_is_left_at_once(phone):
    phone.say("pesan", "mangga", "petugas")
    assert phone.say("batal").startswith("Baik, tidak jadi.\n\nKita lanjutkan: pesanan.\n\n(2/5)")


def test_the_menu_hides_nothing(phone):
    phone.say("pesan", "mangga")
    assert phone.say("menu") == "Mau apa?\n1. Lanjutkan pesanan\n2. Pesan buah\n3. Sapa"
    assert phone.say("lanjutkan").startswith("Kita lanjutkan: pesanan.\n\n(2/5)")
    assert phone.say("menu", "2").startswith("Kita lanjutkan: pesanan.\n\n(2/5)")
    assert phone.place.below is None


def test_taking_up_what_lies_below_loses_nothing_above(phone):
    phone.say("pesan", "mangga")
    phone.send(Kind.TAP, tap=">|greeting|")
    assert phone.say("pesan").startswith("Kita lanjutkan: pesanan.")
    assert [phone.place.conversation, phone.place.below.conversation] == ["order", "greeting"]


def test_a_word_of_a_conversation_is_asked_about_where_it_could_be_an_answer(phone):
    phone.say(*ANSWERS[:-1])
    assert phone.say("order") == 'Maksudnya "order"?\n1. Ya\n2. Bukan'
    assert phone.say("ya").startswith("Kita lanjutkan: pesanan.\n\n(5/5) Atas nama siapa?")
    assert "name" not in phone.place.draft


def test_a_near_miss_of_a_word_is_asked_about(phone):
    phone.say("pesan", "mangga")
    assert phone.say("bantaun") == 'Maksudnya "bantuan"?\n1. Ya\n2. Bukan'
    assert phone.say("bukan").startswith("(2/5) Berapa buah")
    phone.say("kembalii")
    assert phone.say("ya").startswith("(1/5) Buah apa?")


# ── the ladder ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_help_grows_with_every_answer_that_we_cannot_read(phone):
    phone.say("pesan", "mangga")
    assert phone.say("hm hm").startswith("Ketik angka.\n\n(2/5) Berapa?")
    assert phone.say("hm hm").startswith("Ketik angka.\n\nContoh: 12.\n\n(2/5) Berapa buah yang mau dipesan?")
    assert phone.say("hm hm") == (
        "Ketik angka.\n\nBelum berhasil juga, tidak apa-apa. Mau bagaimana?\n"
        "1. Coba lagi\n2. Belum tahu\n3. Kembali\n4. Dibantu petugas"
    )
    assert "Petugas sudah kami beri tahu" in phone.say("hm hm")
    assert phone.effects == ["call_human"]


@pytest.mark.parametrize("at", [(), ("pesan",), ("pesan", "1"), ("pesan", "1", "1"), ANSWERS[:4], ANSWERS[:5], ANSWERS])
@pytest.mark.parametrize("nonsense", ["?!", "qqq www", "🙂", "12 34 56 78"])
def test_nothing_is_said_more_than_three_times_in_a_row(at, nonsense):
    phone = Phone(fruit())
    phone.say("halo", *at)
    answers = [phone.say(nonsense) for _again in range(13)]
    runs = [answers[i : i + 4] for i in range(len(answers) - 3)]
    assert not any(len(set(run)) == 1 for run in runs), answers


def test_a_right_answer_begins_the_ladder_at_its_foot_again(phone):
    phone.say("pesan", "qq", "qq", "mangga")
    assert phone.place.tries == 0
    assert phone.say("qq").startswith("Ketik angka.\n\n(2/5) Berapa?")


# ── pauses ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_half_an_hour_she_is_told_where_she_was(phone):
    phone.say("pesan")
    phone.wait(minutes=29)
    assert phone.say("mangga").startswith("(2/5)")
    phone.wait(minutes=31)
    assert phone.say("halo").startswith("Kita lanjutkan: pesanan.\n\n(2/5) Berapa buah")


@pytest.mark.parametrize("said", ["ya", "1", "mangga", "lanjut"])
def test_after_three_days_a_word_is_not_taken_for_an_answer(phone, said):
    phone.say("pesan")
    phone.wait(days=3)
    assert phone.say(said).startswith("Kita lanjutkan: pesanan.\n\n(1/5) Buah apa?")
    assert phone.place.draft == {}


def test_after_three_days_a_yes_to_leaving_leaves_nothing(phone):
    phone.say("pesan", "mangga", "batal")
    phone.wait(days=3)
    phone.say("ya")
    assert phone.place.draft == {"fruit": "mango"}


def test_an_answer_that_can_be_nothing_else_counts_however_late_it_comes(phone):
    phone.say("pesan", "mangga")
    phone.wait(hours=2)
    assert phone.say("12").startswith("(3/5)")
    phone.say("desa dahlia")
    phone.wait(hours=2)
    assert told(phone.send(Kind.FILE, photos=("",))).startswith("(5/5)")


def test_after_a_pause_words_still_work(phone):
    phone.say("pesan", "mangga", "menu")
    phone.wait(days=3)
    assert phone.say("petugas").startswith("Apa kabar?")
    phone.wait(days=3)
    assert phone.say("pesan").startswith("Kita lanjutkan: pesanan.\n\n(2/5)")


def test_after_a_pause_a_menu_is_gone_and_what_lay_below_is_recalled(phone):
    phone.say("pesan", "mangga", "menu")
    phone.wait(hours=1)
    assert phone.say("halo").startswith("Kita lanjutkan: pesanan.\n\n(2/5)")


def test_buttons_are_safe_after_any_pause(phone):
    phone.say("pesan")
    phone.wait(days=300)
    assert "Berapa buah" in told(phone.tap("Mangga"))


# ── everything that is not text ──────────────────────────────────────────────────────────────────────────────────

OTHER_KINDS = [kind for kind in Kind if kind not in (Kind.TEXT, Kind.TAP, Kind.BLOCKED, Kind.UNBLOCKED)]


@pytest.mark.parametrize("kind", OTHER_KINDS)
@pytest.mark.parametrize("at", [(), ("pesan",), ("pesan", "1"), ANSWERS[:4], ANSWERS, ("pesan", "batal")])
def test_whatever_is_sent_gets_an_answer_and_changes_no_answer(kind, at):
    phone = Phone(fruit())
    phone.say(*at)
    before = phone.standing.place.draft if phone.standing.place else {}
    turn = phone.send(kind, text="keterangan", photos=("Broken",) if kind in (Kind.PHOTO, Kind.FILE) else ())
    assert told(turn)
    assert (phone.standing.place.draft if phone.standing.place else {}) == before


def test_a_message_that_was_edited_changes_nothing(phone):
    phone.say("pesan", "mangga", "12")
    before = phone.remembered
    answer = told(phone.send(Kind.EDITED, text="13"))
    assert answer == 'Pesan yang diubah tidak kami baca lagi. Untuk mengganti jawaban, ketik "ubah".'
    assert phone.remembered == before


def test_an_album_where_one_photo_is_wanted(phone):
    phone.say(*ANSWERS[:4])
    assert told(phone.send(Kind.PHOTO, photos=("", "", ""))).startswith("Kami menerima 3 foto. Kirim satu saja.")
    assert told(phone.send(Kind.PHOTO, photos=("",))).startswith("(5/5)")


def test_a_very_long_message_is_turned_away(phone):
    phone.say("pesan", "mangga")
    assert phone.say("1" * (LONGEST + 1)).startswith("Pesan itu terlalu panjang.")
    assert "count" not in phone.place.draft


# ── several answers in one message ───────────────────────────────────────────────────────────────────────────────


def test_each_line_answers_one_question(phone):
    phone.say("pesan")
    assert phone.say("mangga\n12\n\n  desa dahlia \nnanti\nSiti\nbenar").startswith(
        "Pesan itu berisi beberapa jawaban."
    )
    assert phone.place.step == "review"
    assert phone.effects == []


def test_lines_stop_where_one_cannot_be_read(phone):
    phone.say("pesan")
    answer = phone.say("mangga\nbanyak\n3")
    assert answer.startswith("Pesan itu berisi beberapa jawaban. Selebihnya kita isi satu per satu.\n\n(2/5)")
    assert phone.place.draft == {"fruit": "mango"}


def test_lines_of_which_not_even_the_first_can_be_read_are_one_unclear_answer(phone):
    phone.say("pesan", "mangga")
    assert phone.say("banyak\n3").startswith("Ketik angka.\n\n(2/5) Berapa?")


def test_lines_do_not_run_on_past_a_change(phone):
    phone.say(*ANSWERS, "ubah", "jumlah", "7\nSalah\nBenar")
    assert phone.place.step == "review"
    assert phone.place.draft["count"] == 7
    assert phone.place.draft["name"] == "Siti"


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_loses_a_role_is_out_at_once_and_keeps_the_rest(phone):
    phone.roles = frozenset({"officer"})
    phone.say("pesan", "mangga")
    phone.send(Kind.TAP, tap=">|secret|")
    assert phone.place.conversation == "secret"
    phone.roles = frozenset()
    assert phone.say("1").startswith(
        "Tugas ini sekarang bukan untuk Bapak/Ibu lagi.\n\nKita lanjutkan: pesanan.\n\n(2/5)"
    )


def test_nobody_begins_what_is_not_for_her(phone):
    assert "Apa kabar" not in phone.say("rahasia")
    assert phone.place.conversation == "menu"


# ── faults of a conversation ─────────────────────────────────────────────────────────────────────────────────────


def test_steps_that_never_ask_are_found_out():
    def round_and_round(talk):
        return Show("", then=round_and_round)

    endless = Conversation("order", "pesanan", 1, fiction.Order, round_and_round, words=("pesan",))
    with pytest.raises(RuntimeError, match=f"{HOPS} steps without a question"):
        Phone(fruit(endless)).say("pesan")


def test_what_a_step_shows_goes_with_its_words_as_a_picture_or_as_a_file():
    from conversations.steps import Choose, End

    def ask(talk):
        return Choose("Simpan?", {"Ya": kept, "Tidak": ask}, document="d7")

    def kept(talk):
        return End("Ini kwitansinya.", document="d7", file=True)

    receipt = Conversation("greeting", "sapaan", 1, fiction.Nothing, ask, further_steps=(kept,), words=("sapa",))
    phone = Phone(fruit(receipt))
    shown = [phone.send(text=words).replies[-1] for words in ("sapa", "ya")]
    assert [(reply.document, reply.file) for reply in shown] == [("d7", False), ("d7", True)]
    assert shown[1].text == "Ini kwitansinya."


def test_a_conversation_that_ends_without_a_word_leads_to_the_menu():
    from conversations.steps import Choose, End

    def ask(talk):
        return Choose("?", {"Ya": silent})

    def silent(talk):
        return End("")

    quiet = Conversation("greeting", "sapaan", 1, fiction.Nothing, ask, further_steps=(silent,), words=("sapa",))
    assert Phone(fruit(quiet)).say("sapa", "ya").startswith("Mau apa?")


def test_a_title_is_all_that_changes_when_a_conversation_is_renamed(phone):
    phone.say("pesan")
    phone.repertoire = fruit(replace(fiction.order, title="belanjaan"))
    assert phone.say("batal").startswith("Batalkan belanjaan?")
