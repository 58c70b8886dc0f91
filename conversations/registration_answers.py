"""What a registration asks for, and how the answers read."""

from datetime import date

from conversations import price_words
from conversations.answers import Answers
from conversations.words import N_, _, long_date
from domain.nik import Nik
from domain.phone import masked
from domain.rates import tiers
from domain.region import find_region

RELATIONS = {
    "spouse": N_("Suami atau istri"),
    "child": N_("Anak"),
    "parent": N_("Orang tua"),
    "sibling": N_("Saudara kandung"),
    "other": N_("Lainnya"),
}
FOR_WHOM = {
    "spouse": N_("Suami atau istri"),
    "family": N_("Keluarga lain"),
    "colleague": N_("Sesama pedagang"),
}
TRADES = {
    "food": N_("Makanan atau minuman"),
    "souvenirs": N_("Kerajinan atau oleh-oleh"),
    "clothes": N_("Pakaian atau kain"),
    "toys": N_("Mainan"),
    "cigarettes": N_("Rokok, tisu, koran"),
    "vegetables": N_("Sayur atau buah"),
}
HOURS = {
    "morning": N_("Pagi sampai siang"),
    "afternoon": N_("Siang sampai sore"),
    "night": N_("Sore sampai malam"),
    "all_day": N_("Seharian"),
    "changing": N_("Tidak tentu"),
}


class Draft(Answers):
    """Everything that a registration asks for."""

    argument: str  # the application that is repaired
    whom: str  # self, other
    relation: str  # of the other to the one who types
    nik: Nik
    birth_date: date
    sex: str
    name: str
    birth_place: str
    mother: str
    phone: str
    regency: str  # code
    district: str  # code, or a name outside NTB
    village: str  # code, or a name outside NTB
    street: str
    trade: str  # a key of TRADES, or her own words
    workplace: str
    hours: str
    tier: int
    programmes: str  # as in "JKK JKM JHT"
    heir_name: str
    relation_of_heir: str
    heirs: list[dict[str, str]]
    ktp: str  # document id; "" when it comes later
    ktp_early: str  # document id of a photo that came with the NIK, through a page of ours


def whom_shown(draft: Draft) -> str:
    return _("Saya sendiri") if draft.whom == "self" else _(FOR_WHOM[draft.relation])


def nik_shown(draft: Draft) -> str:
    sex = _("perempuan") if draft.sex == "female" else _("laki-laki")
    return _("berakhir {last4}, {sex}, lahir {born}").format(
        last4=draft.nik.last4, sex=sex, born=long_date(draft.birth_date)
    )


def phone_shown(draft: Draft) -> str:
    return masked(draft.phone) if draft.phone else _("tidak ada")


def home_shown(draft: Draft) -> str:
    return ", ".join([draft.street, *(place_shown(code) for code in (draft.village, draft.district, draft.regency))])


def place_shown(code: str) -> str:
    """A region's name; outside our tables, what she typed."""
    region = find_region(code)
    return region.name if region else code


def trade_shown(draft: Draft) -> str:
    return _(TRADES[draft.trade]) if draft.trade in TRADES else draft.trade


def income_shown(draft: Draft) -> str:
    return price_words.bracket(tiers()[draft.tier - 1])


def programmes_shown(draft: Draft) -> str:
    return " + ".join(draft.programmes.split())


def heirs_shown(draft: Draft) -> str:
    named = [f"{heir['name']} ({_(RELATIONS[heir['relation']])})" for heir in draft.heirs]
    return ", ".join(named) or _("nanti")


def ktp_shown(draft: Draft) -> str:
    return _("sudah dikirim") if draft.ktp else _("nanti")
