"""A world for the simulator without a database: a small bot that shows everything a reply can be.

python -m tests.fakes.world 8099     # opens the simulator on that port of 127.0.0.1
"""

import asyncio
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from bot.channels import webchat
from bot.channels.fitting import fit
from bot.channels.webchat import Webchat
from bot.channels.webchat_hub import Hub
from bot.channels.webchat_looks import ABILITIES, Look, look_of
from bot.clock import BackwardsInTime
from bot.web.simulator import simulator
from bot.web.simulator_world import PhoneInfo
from domain.message import Address, Button, Incoming, Kind, Reply
from domain.picture import Picture
from tests.fakes.photos import sample_ktp

ZONE = ZoneInfo("Asia/Makassar")
STATIC = Path(webchat.__file__).parents[1] / "web" / "static"

VENDOR = PhoneInfo(
    "vendor", "Siti Aminah", "Pedagang", "vendor-1", "+62 812-0000-0001", tries=("halo", "menu", "nomor")
)
OFFICER = PhoneInfo(
    "officer",
    "Lalu Wirawan",
    "Petugas",
    "officer-1",
    "+62 812-0000-0002",
    Look.WHATSAPP,
    ("halo", "menu", "panjang"),
    side="right",
)
PHONES = (VENDOR, OFFICER)

HELLO = Reply(
    "Selamat datang di layanan Asosiasi Pedagang Contoh 👋\nSaya bot. Saya bantu Bapak/Ibu ikut BPJS Ketenagakerjaan.",
    (Button("Daftar", "daftar"), Button("Iuran saya", "iuran"), Button("Bicara dengan petugas", "petugas")),
)
MENU = Reply(
    "Bapak/Ibu mau apa?",
    (
        Button("📝 Daftar BPJS Ketenagakerjaan", "daftar"),
        Button("💰 Iuran saya", "iuran"),
        Button("📷 Kirim bukti bayar", "bukti"),
        Button("🛡️ Manfaat dan cara klaim", "manfaat"),
        Button("🚑 Lapor kecelakaan kerja atau kematian", "lapor"),
        Button("✏️ Ubah data saya", "ubah"),
        Button("🙋 Bicara dengan petugas", "petugas"),
    ),
)
NUMBER = Reply("Boleh kami simpan nomor HP Bapak/Ibu?", (Button("Bagikan nomor saya", "nomor"),), asks_contact=True)
CONFIRM = Reply("Bapak/Ibu lahir 5 Mei 1987. Benar?", (Button("Benar", "ya"), Button("Ulangi NIK", "ulang")))
PAGES = "http://127.0.0.1:8000"
LINK = Reply(f"Isi NIK lewat halaman ini, berlaku 30 menit:\n{PAGES}/i/contoh-tautan-sekali-pakai")
PICTURE = Reply("Contoh foto KTP yang baik: terang, tidak miring, semua huruf terbaca.", document="sample")
LONG = Reply("Ini aturan layanan yang panjang sekali, supaya terlihat bagaimana pesan dibagi. " * 30)
DUES = Reply(
    "Iuran Bapak/Ibu bulan ini: JKK + JKM = Rp8.400.\nBayar memakai NIK di kanal resmi, lalu kirim buktinya ke sini."
)
REMINDER = Reply(
    "Pengingat: iuran bulan ini Rp8.400 belum kami terima. Abaikan bila sudah bayar.",
    (Button("Sudah bayar", "bukti"),),
    numbered=False,
)
FILE = Reply("Ini kwitansinya. Simpan baik-baik.", document="sample", file=True)
BY_WORD = {
    "halo": HELLO, "/start": HELLO, "menu": MENU, "nomor": NUMBER, "link": LINK, "gambar": PICTURE, "panjang": LONG,
    "berkas": FILE, "daftar": CONFIRM, "iuran": DUES, "ulang": PICTURE, "petugas": NUMBER,
}  # fmt: skip
BY_KIND = {
    Kind.PHOTO: Reply("Foto diterima. Terima kasih 🙏 Sedang kami periksa."),
    Kind.VOICE: Reply("Pesan suara belum bisa saya pahami. Petugas kami akan mendengarkannya."),
    Kind.STICKER: Reply("Terima kasih 😊 Ketik *menu* untuk melihat pilihan."),
    Kind.LOCATION: Reply("Lokasi lapak Bapak/Ibu sudah dicatat."),
    Kind.CONTACT: Reply("Nomor Bapak/Ibu sudah disimpan."),
    Kind.EDITED: Reply("Pesan yang sudah dijawab tidak berubah. Untuk mengganti jawaban, ketik ubah."),
}


class FakeWorld:
    """A bot that answers by word and by kind; keeps everything in memory."""

    association = "Asosiasi Pedagang Contoh"
    pages = PAGES

    def __init__(self, start: datetime | None = None, pause: float = 0.0) -> None:
        self.hub = Hub()
        self.wires = {look: Webchat(self.hub, look.account, self.now) for look in Look}
        self.taken: list[Incoming] = []
        self._start = start
        self._ahead = timedelta()
        self._pause = pause
        self._entries: dict[Address, list[dict[str, Any]]] = defaultdict(list)
        self._parked: dict[Address, list[Reply]] = defaultdict(list)
        self._running: set[asyncio.Task[None]] = set()

    def phones(self) -> tuple[PhoneInfo, ...]:
        return PHONES

    def now(self) -> datetime:
        return (self._start or datetime.now(ZONE)) + self._ahead

    def move_clock(self, to: datetime) -> None:
        if to <= self.now():
            raise BackwardsInTime
        self._ahead += to - self.now()
        self._say(VENDOR.address(Look.TELEGRAM), REMINDER)
        self._park(VENDOR.address(Look.WHATSAPP), REMINDER)

    async def take(self, incoming: Incoming) -> str:
        if any(incoming.provider_id == earlier.provider_id for earlier in self.taken):
            return "Pesan ini sudah diterima tadi; tidak dihitung dua kali."
        self.taken.append(incoming)
        self._entries[incoming.sender].append(webchat.heard(incoming, self.now()))
        if self.parked(incoming.sender):
            self._release(incoming.sender)
        answer = asyncio.create_task(self._answer(incoming))
        self._running.add(answer)
        answer.add_done_callback(self._running.discard)
        if not self._pause:
            await answer
        return ""

    async def _answer(self, incoming: Incoming) -> None:
        await asyncio.sleep(self._pause)
        if incoming.kind in BY_KIND:
            reply = BY_KIND[incoming.kind]
        else:
            word = (incoming.tap or incoming.text).strip().casefold()
            reply = BY_WORD.get(word, Reply(f"Bapak/Ibu menulis: {incoming.text or incoming.tap}"))
        self._say(incoming.sender, reply)

    def _say(self, to: Address, reply: Reply) -> None:
        look = look_of(to)
        for piece in fit(reply, ABILITIES[look]):
            message_id = f"bot-{len(self._entries[to])}-{to.id}"
            entry = webchat.spoken(webchat.draw(piece, look), message_id, self.now())
            self._entries[to].append(entry)
            self.hub.push(to, "message", entry)

    def _park(self, to: Address, reply: Reply) -> None:
        self._parked[to].append(reply)
        self.hub.push(to, "parked", {"parked": self.parked(to)})

    def _release(self, whom: Address) -> None:
        for reply in self._parked.pop(whom, ()):
            self._say(whom, reply)
        self.hub.push(whom, "parked", {"parked": 0})

    async def send(self, phone: PhoneInfo, look: Look, reply: Reply) -> str:
        return await self.wires[look].send(phone.address(look).id, webchat.draw(reply, look))

    def history(self, address: Address) -> list[dict[str, Any]]:
        return list(self._entries[address])

    def parked(self, address: Address) -> int:
        return len(self._parked.get(address, ()))

    def document(self, document_id: str, *, as_file: bool = False) -> Picture | None:
        if document_id != "sample":
            return None
        if as_file:
            return Picture(b"%PDF-", "application/pdf", "Kwitansi 1.pdf", private=False)
        return Picture(sample_ktp("Siti Contoh"), "image/jpeg")


def app(world: FakeWorld) -> FastAPI:
    server = FastAPI()
    server.include_router(simulator(world))
    server.mount("/static", StaticFiles(directory=STATIC))
    return server


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app(FakeWorld(pause=0.7)), port=int(sys.argv[1]), timeout_graceful_shutdown=1, log_level="warning")
