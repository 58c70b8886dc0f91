"""Batches to BPJS as they may stand, and the ways that lead to each question about them."""

from sqlmodel import Session

from domain.dues import Way
from domain.ledger import Account
from domain.money import Rupiah
from domain.month import Month, months_from
from domain.rates import Programme, Sector
from storage.queries import associations, charges, payments, remittance_results, remittances, terms
from storage.queries.remittances import Paying
from storage.tables import Member, Remittance
from tests.storage import house
from tests.transcript import Player

FIRST = Month(2026, 12)
PLANS: dict[str, list[int]] = {  # months after the first, by the batch that they lie in
    "changed": [0, 3],
    "composed": [1, 2],
    "by_sri": [4],
    "by_lalu": [5],
    "paid": [6, 8, 9],
}


def make_batches(db: Session, play: Player) -> None:
    """Dina has paid for a year: of her months some are ready, the others lie in a batch of every kind.

    R-2026-0001 changed since it was composed; R-2026-0002 lacks a line; Sri says that R-2026-0003 is paid, Lalu that
    R-2026-0004 is; of R-2026-0005 BPJS has taken one line at another amount, and refused another.
    """
    now = play.clock.now()
    sri, lalu = play.person(db, "sri"), play.person(db, "lalu")
    dina = house.member(db, "dina", first=FIRST, now=now)
    paid_for_a_year(db, dina, by=lalu, now=now)
    batches = {
        name: remittances.compose(
            db,
            "main",
            [(dina.id, str(FIRST + ahead)) for ahead in months],
            until=FIRST + 12,
            by=sri,
            now=now,
        )
        for name, months in PLANS.items()
    }
    second_line = remittances.lines_of(db, batches["composed"])[1][0]
    remittances.leave_out(db, batches["composed"], second_line, by=sri, now=now)
    on_the_road = house.Terms(1, (Programme.JKK, Programme.JKM), Sector.TRANSPORT)
    terms.add(db, dina, on_the_road, from_month=FIRST + 3, now=now)
    charges.reprice(db, dina, now=now)
    association = associations.get(db, "main")
    limit, association.second_above = association.second_above, 0
    pay(db, batches["by_sri"], by=sri, play=play)
    pay(db, batches["by_lalu"], by=lalu, play=play)
    association.second_above = limit
    pay(db, batches["paid"], by=sri, play=play)
    _open, unmatched, failed = remittances.lines_of(db, batches["paid"])
    word = {"by": sri, "now": now}
    remittance_results.tell_by_hand(db, batches["paid"], [unmatched], accepted=True, amount=Rupiah(9000), **word)  # type: ignore[arg-type]
    remittance_results.tell_by_hand(db, batches["paid"], [failed], accepted=False, reason="NIK tidak cocok.", **word)  # type: ignore[arg-type]


def paid_for_a_year(db: Session, dina: Member, *, by: str, now: house.datetime) -> None:
    """An officer has seen her money in the bank."""
    months = months_from(FIRST, 12)
    charges.charge_member(db, dina, months, now=now)
    payment = house.pay(db, dina, *months, way=Way.TRANSFER, now=now)
    payments.confirm(db, payment, Rupiah(payment.expected), by=by, now=now)


def pay(db: Session, batch: Remittance, *, by: str, play: Player) -> None:
    """Somebody says that a batch was paid from the bank."""
    now = play.clock.now()
    paying = Paying(remittances.counted(db, batch)[1], Account.BANK, now.date(), reference="TRX12345")
    remittances.pay(db, batch, paying, by=by, now=now)


PAY = ["setor bpjs", "R-2026-0002", "catat pembayaran", "bank"]
PAID = [*PAY, "16.800", "hari ini", "tidak ada"]
RESULTS = ["setor bpjs", "R-2026-0005", "catat hasil"]
READY = ["susun setoran", "Juli 2027"]

BATCH_WALKS: dict[str, list[tuple[str, list[str]]]] = {
    "remitting": [
        ("sri", ["setor bpjs", "selesai"]),
        ("sri", ["setor bpjs", "susun baru"]),
        ("sri", ["remit", "R-2026-0002", "lihat baris", "2", "masukkan lagi", "ya"]),
        ("sri", ["remit", "R-2026-0002", "baris", "1", "keluarkan", "kembali ke setoran", "setoran lain"]),
        ("sri", ["remit", "R-2026-0002", "unduh lembar", "lihat setoran", "batalkan setoran ini", "tidak"]),
        ("sri", ["remit", "R-2026-0002", "batalkan setoran ini", "ya", "cukup"]),
        ("sri", ["remit", "R-2026-0003", "tarik kembali", "ya"]),
        ("sri", ["remit", "R-2026-0004", "pastikan", "nanti saja"]),
        ("sri", ["remit", "R-2026-0005", "unggah hasil bpjs"]),
        ("sri on whatsapp", ["remit", "R-2026-0005", "unduh lembar"]),
    ],
    "composing": [
        ("sri", [*READY, "lihat", "1", "keluarkan", "1", "masukkan lagi", "ringkasan", "susun sekarang", "cukup"]),
        ("sri", [*READY, "yang belum ikut", "1", "1", "ringkasan", "ganti bulan", "tidak jadi"]),
    ],
    "coding": [
        ("sri", ["remit", "R-2026-0002", "isi kode bayar", "satu", "123", "8800123456", "ya"]),
        ("sri", ["remit", "R-2026-0002", "kode", "per anggota", "Dina AB123456", "simpan", "cukup"]),
        ("sri", ["remit", "R-2026-0002", "kode", "per anggota", "Dini AB123456", "tempel lagi", "tidak jadi"]),
    ],
    "remitting_payment": [
        ("sri", [*PAID, "[photo]", "ulangi"]),
        ("sri", [*PAID, "tidak ada", "ya", "ya, lihat"]),
        ("sri", [*PAY, "20rb", "biaya admin bank", "kemarin", "TRX12345", "tidak ada", "ya", "cukup"]),
        ("sri", [*PAY, "1000"]),
        ("sri", ["remit", "R-2026-0001", "catat pembayaran", "perbarui setoran", "cukup"]),
    ],
    "seconding": [
        ("lalu", ["pastikan", "ya, benar"]),
        ("lalu", ["pastikan", "belum benar", "jumlahnya berbeda", "ya"]),
        ("lalu", ["pastikan", "nanti saja"]),
    ],
    "reconciling": [
        ("sri", [*RESULTS, "semua diterima", "belum tentu", "semua diterima", "ya", "cukup"]),
        ("sri", [*RESULTS, "satu per satu", "1", "diterima", "ya", "1", "jumlahnya lain", "9000", "cukup"]),
        ("sri", [*RESULTS, "satu per satu", "1", "gagal", "NIK tidak cocok", "ya", "2", "Jumlah BPJS benar", "1"]),
        ("sri", [*RESULTS, "uang kembali", "semua yang gagal", "bank", "ya", "cukup"]),
        ("sri", [*RESULTS, "satu per satu", "3", "uangnya sudah kembali", "kas", "belum"]),
    ],
}
"""As `WALKS` in `world`."""
