"""Administrators decide about templates that WhatsApp files as promotion; whoever was knocked at types "buka"."""

from sqlmodel import Session, select

from storage.queries import outbox, parked, templates
from storage.queries.outbox import Reply
from storage.tables import Message, Template
from tests.conversations.people import arrive, staff
from tests.transcript import WHATSAPP, Player


def file(play: Player, **names: tuple[str, str]) -> None:
    """How WhatsApp files templates: name → category and status."""

    def put(db: Session) -> None:
        for name, (category, status) in names.items():
            about = {"asked": "utility", "category": category, "status": status, "checked_at": play.clock.now()}
            db.add(Template(account=WHATSAPP, name=name, association_id="main", sid="HX1", **about))

    play.database.transact(put)


def park(play: Player, who: str, code: str) -> int:
    """A message that waits."""

    def put(db: Session) -> int:
        parked.put(
            db,
            association_id="main",
            account=WHATSAPP,
            address_id=play.address(db, who),
            key="parked",
            kind="notice",
            reply=Reply("Kabar baik."),
            now=play.clock.now(),
        )
        row = db.exec(select(Message).where(Message.key == "parked")).one()
        row.code = code
        return row.id or 0

    found = play.database.transact(put)
    play.heard("")
    return found


def status_of(play: Player, message: int) -> str:
    return play.database.read(lambda db: outbox.facts_of(db, message)).status


def test_an_administrator_agrees_and_what_waited_goes(play: Player):
    staff(play, "lalu", "admin")
    arrive(play, "siti on whatsapp")
    file(play, due_id=("marketing", "approved"), overdue_id=("utility", "approved"), knock_en=("utility", "pending"))
    waits = park(play, "siti on whatsapp", "template:due_id")
    play("""
        lalu: templat
        bot:  1 pesan bisa dikirim di WhatsApp.
              digolongkan promosi: pengingat sebelum jatuh tempo
              menunggu WhatsApp: kabar ada balasan (en)
              Yang digolongkan promosi sedang ditahan. Mana yang mau diputuskan?
              1. pengingat sebelum jatuh tempo
              2. Nanti saja
        lalu: 1
        bot:  WhatsApp menagih pengingat sebelum jatuh tempo dengan harga promosi, dan sebagian orang tidak menerimanya. Tetap dikirim?
              1. Ya, tetap kirim
              2. Tidak, tahan saja
        lalu: ya
        bot:  Baik. Yang menunggu dikirim sekarang.
        lalu: templat
        bot:  2 pesan bisa dikirim di WhatsApp.
              menunggu WhatsApp: kabar ada balasan (en)
    """)  # noqa: E501
    assert status_of(play, waits) == "queued"


def test_two_administrators_who_agree_at_once_agree_once(play: Player):
    for who in ("lalu", "sri"):
        staff(play, who, "admin")
    file(play, due_id=("marketing", "approved"))
    for who in ("lalu", "sri"):
        play.say_all(who, ["templat", "1"])
    answers = play.say_together([("lalu", "ya"), ("sri", "ya")])
    assert "Yang menunggu dikirim sekarang." in answers
    assert "Itu sudah tidak perlu diputuskan lagi." in answers


def test_whoever_holds_back_holds_back(play: Player):
    staff(play, "lalu", "admin")
    file(play, due_id=("marketing", "approved"))
    play.say_all("lalu", ["templat", "1", "tidak"])
    rows = play.database.read(lambda db: templates.known(db, WHATSAPP))
    assert not templates.is_usable(rows["due_id"])


def test_only_administrators_decide(play: Player):
    staff(play, "amat", "officer")
    file(play, due_id=("marketing", "approved"))
    assert "digolongkan" not in play.say("amat", "templat")


def test_without_a_number_there_is_nothing_to_decide(play: Player):
    staff(play, "lalu", "admin")
    play("""
        lalu: templat
        bot:  Belum ada pesan yang perlu izin WhatsApp.
    """)


def test_whoever_answers_a_knock_gets_what_waited(play: Player):
    arrive(play, "siti on whatsapp")
    waits = park(play, "siti on whatsapp", "outside_window")
    play("""
        siti on whatsapp: buka
        bot:  Pesan yang menunggu kami kirim sekarang. Perlu yang lain? Ketik "menu".
        siti on whatsapp: buka
        bot:  Tidak ada pesan lain yang menunggu. Perlu sesuatu? Ketik "menu".
    """)
    assert status_of(play, waits) == "queued"
