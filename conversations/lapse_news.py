"""What somebody hears whose membership may have ended: a possibility, and the way back."""

from datetime import datetime

from sqlmodel import Session

from conversations.notices import opening, tell
from conversations.words import _
from storage.tables import Member


def tell_lapsed(db: Session, member: Member, month: str, *, now: datetime) -> None:
    """More months are unpaid than may still be paid; nothing more is charged (domain facts §1.10)."""

    def words() -> str:
        return _(
            "Iuran sudah lebih dari 3 bulan belum dibayar, jadi kepesertaan BPJS bisa berakhir. "
            "Tunggakan lama tidak kami tagih.\n"
            'Mau lanjut? Ketik "bayar". Ada pertanyaan? Ketik "petugas".'
        )

    def button() -> tuple[str, str]:
        return _("Bayar"), opening("paying", person_id=member.person_id)

    tell(db, member.person_id, words, key=f"lapsed:{member.id}:{month}", now=now, button=button)
