"""The menu: what somebody can do here, by what she is."""

from conversations import price_words
from conversations.answers import Answers
from conversations.steps import Choose, Conversation, End, Option, Question
from conversations.talk import Talk
from conversations.words import N_, _
from storage.queries import (
    applications,
    campaigns,
    disputes,
    hand_overs,
    members,
    payments,
    remittances,
    templates,
    tickets,
)


class Draft(Answers):
    """Nothing is kept."""


def choose_from_menu(talk: Talk[Draft]) -> Question:
    options = [*continuing(talk), *for_staff(talk), *for_vendors(talk), *for_watchers(talk)]
    return Choose("\n".join([*warnings(talk), _("Ada yang bisa dibantu?")]), options)


def warnings(talk: Talk[Draft]) -> list[str]:
    """What officers and treasurers must know before anybody asks them."""
    concerned = talk.facts.roles & {"officer", "treasurer"}
    return list(filter(None, [price_words.warning(talk.today)])) if concerned else []


def continuing(talk: Talk[Draft]) -> list[Option]:
    """Back to what is open below the menu."""
    if not talk.facts.waiting:
        return []
    return [Option(_("Lanjutkan {title}").format(title=talk.facts.waiting), says="lanjutkan")]


def for_vendors(talk: Talk[Draft]) -> list[Option]:
    """What everybody can do; whoever is a member, or looks after one, finds the dues first."""
    mine = applications.of_applicant(talk.db, talk.house.id, talk.person_id)
    dues = for_members(talk)
    register = Option(_("Daftarkan orang lain") if dues else _("Daftar BPJS"), to_registration, words=("daftar",))
    return [
        *([Option(_("Perbaiki pendaftaran"), to_repair)] if any(a.status == "returned" for a in mine) else []),
        *dues,
        *([] if dues else [register]),
        *([Option(_("Lihat status"), says="status")] if mine else []),
        Option(_("Tanya petugas"), says="petugas"),
        *([register] if dues else []),
        Option(_("Ganti bahasa"), says="bahasa"),
        Option(_("Atur pesan dari kami"), says="berhenti"),
        *([Option(_("Ganti orang"), says="ganti orang")] if talk.facts.shared else []),
    ]


def for_members(talk: Talk[Draft]) -> list[Option]:
    """What members can do, and those who registered them."""
    if not payable(talk):
        return []
    return [
        Option(_("Bayar iuran"), to_paying, words=("bayar",)),
        Option(_("Buku iuran"), to_book, words=("buku",)),
        Option(_("Kwitansi"), to_receipts),
    ]


def payable(talk: Talk[Draft]) -> bool:
    """True when there is somebody for whom this person may pay."""
    return bool(members.in_care_of(talk.db, talk.house.id, talk.person_id))


def for_staff(talk: Talk[Draft]) -> list[Option]:
    """What collectors, treasurers, officers and administrators can do."""
    roles = talk.facts.roles
    return [
        *(for_collectors() if "collector" in roles else []),
        *(for_treasurers(talk) if "treasurer" in roles else []),
        *(for_payments(talk) if roles & {"officer", "treasurer"} else []),
        *(for_officers(talk) if "officer" in roles else []),
        *([Option(_("Atur peran"), to_roles)] if "admin" in roles else []),
    ]


def for_collectors() -> list[Option]:
    """Cash, and whom to call."""
    return [
        Option(_("Terima uang iuran"), to_collecting, words=("terima",)),
        Option(_("Setor ke bendahara"), to_handing_over, words=("setor",)),
        Option(_("Daftar telepon"), to_calling, words=("telepon",)),
    ]


def for_treasurers(talk: Talk[Draft]) -> list[Option]:
    """Cash that comes in, and what goes to BPJS."""
    waiting = hand_overs.count_waiting(talk.db, talk.house.id, treasurer_id=talk.person_id)
    return [
        Option(_("Kas dan setoran ({count})").format(count=waiting), to_counting, words=("kas", "hitung")),
        Option(_("Setor ke BPJS"), to_remitting, words=("bpjs",)),
    ]


def for_payments(talk: Talk[Draft]) -> list[Option]:
    """Payments that wait for somebody who has seen the money."""
    waiting = payments.count_waiting(talk.db, talk.house.id, officer_id=talk.person_id)
    proposed = remittances.to_second(talk.db, talk.house.id, but_of=talk.person_id)
    return [
        Option(_("Periksa pembayaran ({count})").format(count=waiting), to_confirming, words=("pembayaran",)),
        *([Option(_("Pastikan setoran ({count})").format(count=len(proposed)), to_seconding)] if proposed else []),
    ]


def for_officers(talk: Talk[Draft]) -> list[Option]:
    """Registrations, questions, disputes, members and announcements."""
    waiting = applications.count_waiting(talk.db, talk.house.id, officer_id=talk.person_id)
    asking = tickets.count_open(talk.db, talk.house.id)
    disputed = disputes.count_open(talk.db, talk.house.id, officer_id=talk.person_id)
    announced = campaigns.to_approve(talk.db, talk.house.id, but_of=talk.person_id)
    return [
        Option(_("Periksa pendaftaran ({count})").format(count=waiting), to_verification),
        Option(_("Jawab pertanyaan ({count})").format(count=asking), to_tickets),
        *([Option(_("Keberatan ({count})").format(count=disputed), to_settling)] if disputed else []),
        Option(_("Data anggota"), to_members, words=("anggota",)),
        *([Option(_("Setujui pengumuman ({count})").format(count=len(announced)), to_approving)] if announced else []),
        Option(_("Pengumuman"), to_announcing, words=("umumkan",)),
    ]


def for_watchers(talk: Talk[Draft]) -> list[Option]:
    """What is seldom needed: what became of messages, and what WhatsApp files as something dearer."""
    roles = talk.facts.roles
    dearer = "admin" in roles and any(map(templates.is_refiled, templates.of_association(talk.db, talk.house.id)))
    return [
        *([Option(_("Pesan keluar"), to_messages_of)] if roles & {"officer", "admin"} else []),
        *([Option(_("Izin WhatsApp"), to_templates)] if dearer else []),
    ]


def to_registration(talk: Talk[Draft]) -> End:
    return End("", opens="registration")


def to_repair(talk: Talk[Draft]) -> End:
    return End("", opens="repair")


def to_verification(talk: Talk[Draft]) -> End:
    return End("", opens="verification")


def to_tickets(talk: Talk[Draft]) -> End:
    return End("", opens="tickets")


def to_roles(talk: Talk[Draft]) -> End:
    return End("", opens="roles")


def to_paying(talk: Talk[Draft]) -> End:
    return End("", opens="paying")


def to_book(talk: Talk[Draft]) -> End:
    return End("", opens="book")


def to_receipts(talk: Talk[Draft]) -> End:
    return End("", opens="receipts")


def to_collecting(talk: Talk[Draft]) -> End:
    return End("", opens="collecting")


def to_handing_over(talk: Talk[Draft]) -> End:
    return End("", opens="handing_over")


def to_calling(talk: Talk[Draft]) -> End:
    return End("", opens="calling")


def to_counting(talk: Talk[Draft]) -> End:
    return End("", opens="counting")


def to_remitting(talk: Talk[Draft]) -> End:
    return End("", opens="remitting")


def to_confirming(talk: Talk[Draft]) -> End:
    return End("", opens="confirming")


def to_settling(talk: Talk[Draft]) -> End:
    return End("", opens="settling")


def to_members(talk: Talk[Draft]) -> End:
    return End("", opens="members")


def to_announcing(talk: Talk[Draft]) -> End:
    return End("", opens="announcing")


def to_messages_of(talk: Talk[Draft]) -> End:
    return End("", opens="messages_of")


def to_seconding(talk: Talk[Draft]) -> End:
    return End("", opens="seconding")


def to_approving(talk: Talk[Draft]) -> End:
    return End("", opens="approving")


def to_templates(talk: Talk[Draft]) -> End:
    return End("", opens="templates")


menu = Conversation(
    name="menu",
    title=N_("menu"),
    version=1,
    draft=Draft,
    start=choose_from_menu,
    further_steps=(
        to_registration,
        to_repair,
        to_verification,
        to_tickets,
        to_roles,
        to_paying,
        to_book,
        to_receipts,
        to_collecting,
        to_handing_over,
        to_calling,
        to_counting,
        to_remitting,
        to_confirming,
        to_settling,
        to_members,
        to_announcing,
        to_messages_of,
        to_seconding,
        to_approving,
        to_templates,
    ),
)
