"""A receipt on its way out: as a picture to look at, and as a file to keep, on both channels."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from bot.channels import telegram, whatsapp
from bot.channels.fitting import fit
from bot.clock import MovableClock
from bot.first_bytes import kind_of
from bot.running import Running
from domain.message import Button, Reply
from domain.picture import ReceiptPicture
from storage.database import Database
from storage.queries import documents, outbox
from storage.tables import Address
from tests.conftest import sqlite_only
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import SITI as SITI_ON_WHATSAPP
from tests.fakes.twilio_api import TwilioApi
from tests.faults import house, whatsapp_house
from tests.faults.house import SITI, Door, until, until_quiet
from tests.faults.whatsapp_house import TwilioDoor

RECEIPT = ReceiptPicture(
    "Asosiasi Pedagang Contoh (fiktif)",
    "Kwitansi",
    "KW-2026-000001",
    (("Diterima dari", "Siti Aminah"), ("Untuk", "Desember 2026")),
    ("Jumlah", "Rp16.800"),
    check_url="https://jagalapak.example/k/7Q4M-2VXK-9HTD",
    check_words="Periksa keaslian",
)
WORDS = "Terima kasih. Ini kwitansinya."

pytestmark = sqlite_only


def show(database: Database, address: Address, now: datetime, *, file: bool) -> None:
    """A receipt, and a message that brings it."""

    def work(db: Session) -> None:
        document = documents.add_drawing(
            db, RECEIPT.as_json(), association_id="main", person_id=address.person_id, now=now
        )
        reply = Reply(WORDS, (Button("Menu", "menu"),), document=document, file=file)
        for number, part in enumerate(parts(address.account, reply)):
            outbox.put(
                db,
                association_id="main",
                account=address.account,
                address_id=address.id,
                key=f"receipt:{number}",
                reply=part,
                now=now,
            )

    database.transact(work)
    until_quiet(database)


def parts(account: str, reply: Reply) -> list[Reply]:
    """As a turn puts it into the outbox."""
    channel = telegram if account.startswith("telegram") else whatsapp
    return fit(reply, channel.ABILITIES)


def test_telegram_shows_a_receipt_that_may_be_passed_on(
    running: Running, door: Door, api: TelegramApi, clock: MovableClock
):
    door.says(SITI, "halo")
    until_quiet(running.database)
    show(running.database, house.address_of(running.database, SITI), clock.now(), file=False)
    (call,) = api.calls_of("sendPhoto", str(SITI))
    photo = call.files["photo"]
    assert (kind_of(photo), photo.filename) == ("png", "KW-2026-000001.png")
    assert (call.params["caption"], call.params["protect_content"]) == (f"{WORDS}\n1. Menu", "false")


def test_telegram_brings_a_receipt_to_keep(running: Running, door: Door, api: TelegramApi, clock: MovableClock):
    door.says(SITI, "halo")
    until_quiet(running.database)
    show(running.database, house.address_of(running.database, SITI), clock.now(), file=True)
    (call,) = api.calls_of("sendDocument", str(SITI))
    page = call.files["document"]
    assert (kind_of(page), page.filename, page.mime) == ("pdf", "KW-2026-000001.pdf", "application/pdf")
    assert (call.params["caption"], call.params["protect_content"]) == (f"{WORDS}\n1. Menu", "false")
    assert api.texts(str(SITI))[-1] == f"{WORDS}\n1. Menu"


def test_whatsapp_fetches_a_receipt_as_a_picture(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    webhook.says(SITI_ON_WHATSAPP, "halo")
    until_quiet(bot.database)
    show(bot.database, whatsapp_house.address_of(bot.database, SITI_ON_WHATSAPP), clock.now(), file=False)
    until(lambda: twilio.messages_to(SITI_ON_WHATSAPP)[-1].media)
    message = twilio.messages_to(SITI_ON_WHATSAPP)[-1]
    assert (kind_of(message.media[0]), message.body) == ("png", f"{WORDS}\n1. Menu")
    answer = webhook.client.get(urlsplit(message.media_urls[0]).path)
    assert (answer.headers["content-type"], answer.content) == ("image/png", message.media[0])


def test_whatsapp_fetches_a_receipt_to_keep_and_brings_its_words_after_it(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """Twilio sends no words with a document."""
    webhook.says(SITI_ON_WHATSAPP, "halo")
    until_quiet(bot.database)
    show(bot.database, whatsapp_house.address_of(bot.database, SITI_ON_WHATSAPP), clock.now(), file=True)
    until(lambda: twilio.messages_to(SITI_ON_WHATSAPP)[-2].media)
    page, words = twilio.messages_to(SITI_ON_WHATSAPP)[-2:]
    assert (kind_of(page.media[0]), page.body, words.media_urls) == ("pdf", "", [])
    assert words.text.startswith(WORDS)
    path = urlsplit(page.media_urls[0]).path
    assert path.endswith(".pdf")
    answer = webhook.client.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''KW-2026-000001.pdf"
    head = webhook.client.head(path)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(page.media[0])))
    assert webhook.client.get(path.removesuffix(".pdf")).headers["content-type"] == "image/png"
    assert webhook.client.get(path.replace(".pdf", "x.pdf")).status_code == 404
