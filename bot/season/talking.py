"""What the people say whose phones lie on the page: the vendors pay, and the staff take the money, in real turns."""

from datetime import timedelta
from uuid import uuid4

from bot.arrivals import say
from bot.cast import AMAT, BUDI, RINA, SITI, SRI, WAYAN
from bot.channels.webchat_hub import Upload
from bot.season.paying import slip
from bot.season.season import Season
from bot.turn import Ended
from bot.web.simulator_world import PhoneInfo
from domain.message import Incoming, Kind, ProviderId
from storage.queries import received
from storage.queries.documents import NewDocument

BY_TRANSFER = ("bayar", "1 bulan", "transfer")
AS_ASKED = ("1", "hari ini", "tidak ada", "kirim")  # the amount, the day, no reference


def siti_pays(season: Season, amount: int) -> None:
    """One month, to the association's account; Budi finds the money."""
    talk(season, SITI, *BY_TRANSFER)
    show(season, SITI, slip(season, amount))
    talk(season, SITI, *AS_ASKED)
    talk(season, BUDI, "pembayaran", "lihat bukti", "lihat pembayaran", "terima", "cukup")


def rina_pays_ahead(season: Season, amount: int) -> None:
    """Three months across the change of rates; Sri finds the money."""
    talk(season, RINA, "bayar", "3 bulan", "transfer")
    show(season, RINA, slip(season, amount))
    talk(season, RINA, *AS_ASKED)
    talk(season, SRI, "pembayaran", "terima", "cukup")


def wayan_pays_in_cash(season: Season) -> None:
    """Amat hears that she wants to, and takes it."""
    talk(season, WAYAN, "bayar", "1 bulan", "tunai", "ya")
    talk(season, AMAT, "terima", "ketik nama atau nik", WAYAN.name, "lanjut ke jumlah uang", "1", "ya")


def wayan_pays_late(season: Season, amount: int) -> None:
    """Nobody has looked for that money yet."""
    talk(season, WAYAN, *BY_TRANSFER)
    show(season, WAYAN, slip(season, amount))
    talk(season, WAYAN, *AS_ASKED)


def amat_brings(season: Season) -> None:
    """Amat says that he comes with all that he has."""
    talk(season, AMAT, "setor", "semua")


def sri_counts(season: Season) -> None:
    """Sri counts what Amat brings: it is as much as he said."""
    talk(season, SRI, "hitung", "1", "1")


def they_look(season: Season) -> None:
    """Each vendor looks where she stands."""
    for phone in (SITI, RINA, WAYAN):
        talk(season, phone, "status", "buku")


def talk(season: Season, phone: PhoneInfo, *lines: str) -> None:
    """Somebody types, a line every few seconds."""
    for words in lines:
        season.wait(timedelta(seconds=season.chance.randint(8, 40)))
        say(season.running, phone, phone.look, words)


def show(season: Season, phone: PhoneInfo, picture: NewDocument) -> None:
    """Somebody sends a photo, which is developed on the spot."""
    season.wait(timedelta(seconds=season.chance.randint(8, 40)))
    running, chat = season.running, phone.address(phone.look)
    hub = running.channels[chat.account].wire.hub
    photo = Incoming(
        sender=chat,
        provider_id=ProviderId(f"seed:{uuid4().hex}"),
        kind=Kind.PHOTO,
        sent_at=running.clock.now(),
        attachments=(hub.uploads.keep(Upload(picture.jpeg, "image/jpeg", "bukti.jpg")),),
        profile_name=phone.name,
    )
    assert running.turns.take(photo).ended is Ended.WAITS
    soon = running.clock.now() + timedelta(seconds=5)
    waiting = running.database.transact(lambda db: received.claim_waiting(db, soon, lease=timedelta(minutes=1)))
    assert running.turns.take_waiting(waiting, [picture]).ended is Ended.ANSWERED
