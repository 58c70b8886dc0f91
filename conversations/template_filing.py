"""An administrator decides about templates that WhatsApp files as promotion: list_templates → confirm → agreed_to."""

from sqlmodel import Session

from conversations.answers import Answers
from conversations.steps import Choose, Conversation, End, Option, Question
from conversations.talk import Talk
from conversations.templates import title_of
from conversations.words import N_, _
from storage.database import Overtaken
from storage.queries import audit, templates
from storage.tables import Template

WAITS = N_("menunggu WhatsApp")
STANDS = {
    templates.APPROVED: N_("bisa dikirim"),
    "paused": N_("dihentikan sementara oleh WhatsApp"),
    "rejected": N_("tidak diterima WhatsApp"),
    "disabled": N_("tidak diterima WhatsApp"),
    "refused": N_("tidak diterima WhatsApp"),
}


class Draft(Answers):
    """The template at hand."""

    template: str  # account and name


T = Talk[Draft]


def list_templates(talk: T) -> Question | End:
    found = templates.of_association(talk.db, talk.house.id)
    if not found:
        return End(_("Belum ada pesan yang perlu izin WhatsApp."))
    lines = told(found)
    refiled = [one for one in found if templates.is_refiled(one)]
    if not refiled:
        return End("\n".join(lines))
    options = [Option(title_of(one.name), value=f"{one.account} {one.name}", key=one.name) for one in refiled]
    ask = _("Yang digolongkan promosi sedang ditahan. Mana yang mau diputuskan?")
    return Choose(
        "\n".join([*lines, ask]), [*options, Option(_("Nanti saja"), left_alone)], save="template", then=confirm
    )


def told(found: list[Template]) -> list[str]:
    """How templates stand: those that may be sent are counted, the others named."""
    groups: dict[str, list[str]] = {}
    for one in found:
        groups.setdefault(standing(one), []).append(title_of(one.name))
    well = _(STANDS[templates.APPROVED])
    lines = [_("{count} pesan bisa dikirim di WhatsApp.").format(count=len(groups.pop(well)))] if well in groups else []
    return [*lines, *(f"{words}: {', '.join(names)}" for words, names in groups.items())]


def standing(template: Template) -> str:
    """Where a template stands, in a few words."""
    if templates.is_refiled(template):
        return _("digolongkan promosi")
    return _(STANDS.get(template.status, WAITS))


def at_hand(talk: T) -> Template | None:
    """The template that is to be decided about."""
    account, _space, name = talk.draft.template.partition(" ")
    found = templates.find(talk.db, account, name)
    return found if found and found.association_id == talk.house.id and templates.is_refiled(found) else None


def confirm(talk: T) -> Question | End:
    found = at_hand(talk)
    if found is None:
        return already_settled(talk)
    text = _(
        "WhatsApp menagih {template} dengan harga promosi, dan sebagian orang tidak menerimanya. Tetap dikirim?"
    ).format(template=title_of(found.name))
    return Choose(text, {_("Ya, tetap kirim"): agreed_to, _("Tidak, tahan saja"): left_alone})


def agreed_to(talk: T) -> End:
    if at_hand(talk) is None:
        return already_settled(talk)
    return End(_("Baik. Yang menunggu dikirim sekarang."), do=agree)


def agree(db: Session, talk: T) -> None:
    """It may cost what it costs, and that leaves a trace. Raises `Overtaken`."""
    account, _space, name = talk.draft.template.partition(" ")
    if not templates.agree(db, talk.house.id, account, name, talk.now):
        raise Overtaken("somebody was faster, or WhatsApp files it otherwise by now")
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action="agreed_to_price",
        subject=f"template/{account}/{name}",
        now=talk.now,
    )


def already_settled(talk: T) -> End:
    return End(_("Itu sudah tidak perlu diputuskan lagi."))


def left_alone(talk: T) -> End:
    return End(_('Baik. Pesannya tetap menunggu. Ketik "templat" kapan saja.'))


template_filing = Conversation(
    name="templates",
    title=N_("izin WhatsApp"),
    version=1,
    draft=Draft,
    start=list_templates,
    further_steps=(confirm, agreed_to, left_alone),
    words=("templat", "template", "templates"),
    only_for=frozenset({"admin"}),
)
