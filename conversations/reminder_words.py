"""What reminders say: a fact, what it costs, and what to do; never more of her cover than is sure."""

from datetime import date

from conversations.words import _, long_date, month_name, rupiah
from domain.money import Rupiah
from domain.month import Month
from domain.reminder import Anchor, Rule, end_of_cover


def reminder(rule: Rule, month: Month, amount: Rupiah, *, anchor: date, today: date) -> str:
    """One reminder in the language spoken now; `amount`: what she owes by today."""
    owed = rupiah(amount)
    if rule.anchor is Anchor.COVER:
        return countdown(owed, days=(anchor - today).days, anchor=anchor)
    if today < anchor:
        text = _('Iuran {month} {amount}, paling lambat {day}.\nSudah bayar? Kirim buktinya: ketik "bayar".')
    elif today == anchor:
        text = _('Hari ini batas bayar iuran {month}: {amount}.\nSudah bayar? Kirim buktinya: ketik "bayar".')
    else:
        text = _('Iuran {month} belum kami terima: {amount}. Masih bisa dibayar, tidak ada denda.\nKetik "bayar".')
    return text.format(month=month_name(month), amount=owed, day=long_date(anchor))


def countdown(owed: str, *, days: int, anchor: date) -> str:
    """How long until cover may end; told as a possibility, for the sources disagree."""
    if days > 0:
        text = _(
            '{days} hari lagi ({day}) kepesertaan BPJS bisa berakhir. Yang belum dibayar: {amount}.\nKetik "bayar".'
        )
    else:
        text = _('Mulai {day} kepesertaan BPJS bisa berakhir. Yang belum dibayar: {amount}.\nKetik "bayar".')
    return text.format(days=days, day=long_date(anchor), amount=owed)


def anchor_of(rule: Rule, month: Month, protected_until: date | None, due: date) -> date:
    """The day around which a rule stands for somebody: BPJS's own where it told her one in that month."""
    if protected_until and Month.of(protected_until) == month:
        return protected_until
    return due if rule.anchor is Anchor.DUE else end_of_cover(month)
