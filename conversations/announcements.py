"""Officers see what became of announcements: choose_one → look → confirm_stop → stopped | confirm_again → sent_again
| report"""

from typing import Any

from sqlmodel import Session

from conversations.announcement_words import (
    audience_words,
    counts_words,
    ended_words,
    moment_words,
    status_words,
)
from conversations.announcing import asked_second, note
from conversations.answers import Answers
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from domain.audience import Audience
from domain.campaign import CampaignEvent, CampaignStatus, NotPossibleNow, move
from storage.columns import new_id
from storage.database import Overtaken
from storage.queries import campaigns, people, progress
from storage.tables import Campaign

LINES = 8  # of a report on one screen
SHORT = 24  # characters of its words, by which an announcement is known in a list


class Draft(Answers):
    """The announcement at hand."""

    argument: str  # the end of its id
    campaign: str
    again: str  # the id of the one that sends it again
    first: int  # the first line of the report that is shown


T = Talk[Draft]


def begin_looking(talk: T) -> Show:
    named = talk.draft.get("argument", "")
    found = next((one for one in latest(talk) if named and one.id.endswith(named)), None)
    return Show("", keep={"campaign": found.id}, then=look) if found else Show("", then=choose_one)


def latest(talk: T) -> list[Campaign]:
    """The announcements that can be looked at."""
    return campaigns.latest(talk.db, talk.house.id)


def choose_one(talk: T) -> Question | End:
    found = latest(talk)
    if not found:
        return End(_('Belum ada pengumuman. Untuk membuat, ketik "umumkan".'))
    options = [Option(label_of(talk, one), value=one.id, key=one.id[-16:]) for one in found]
    return Choose(_("Pengumuman yang mana?"), [*options, Option(_("Selesai"), finished)], save="campaign", then=look)


def label_of(talk: T, campaign: Campaign) -> str:
    """An announcement in a list."""
    words = " ".join(campaign.words.split())
    short = words if len(words) <= SHORT else words[: SHORT - 1].rstrip() + "…"
    status = status_words(campaign, talk.house.zone).partition(":")[0]
    return _("{number} {words} ({status})").format(number=campaign.number, words=short, status=status)


def finished(talk: T) -> End:
    return End(_('Baik. Ketik "pengumuman saya" kapan saja.'))


def at_hand(talk: T) -> Campaign:
    """The announcement that he looks at."""
    campaign = campaigns.find(talk.db, talk.house.id, talk.draft.campaign)
    assert campaign is not None
    return campaign


def may(campaign: Campaign, event: CampaignEvent) -> bool:
    """True when this can happen to it now."""
    try:
        move(CampaignStatus(campaign.status), event)
    except NotPossibleNow:
        return False
    return True


def look(talk: T) -> Question:
    campaign = at_hand(talk)
    found = progress.progress(talk.db, campaign.id)
    lines = [
        _("{number}: {status}.").format(number=campaign.number, status=status_words(campaign, talk.house.zone)),
        _("Dari {name}, {moment}, untuk {audience}.").format(
            name=people.name_of(talk.db, campaign.made_by),
            moment=moment_words(campaign.created_at.astimezone(talk.house.zone)),
            audience=audience_words(talk.db, Audience.from_json(campaign.audience)),
        ),
        *counts_words(found),
    ]
    again = progress.count_retry(talk.db, campaign)
    options = [
        *([Option(_("Perbarui"), look, words=("kemajuan", "progress"))] if may(campaign, CampaignEvent.STOP) else []),
        *(
            [Option(_("Hentikan"), confirm_stop, words=("stop", "hentikan"))]
            if may(campaign, CampaignEvent.STOP)
            else []
        ),
        *([Option(_("Tunda dulu"), paused)] if may(campaign, CampaignEvent.PAUSE) else []),
        *([Option(_("Teruskan"), resumed)] if may(campaign, CampaignEvent.RESUME) else []),
        *([Option(_("Kirim ulang ke {count} orang").format(count=again), confirm_again, key="again")] if again else []),
        *([Option(_("Laporan per orang"), first_page)] if found.people else []),
        Option(_("Isi pengumuman"), shown),
        Option(_("Pengumuman lain"), choose_one),
    ]
    return Choose("\n".join(lines), options)


def shown(talk: T) -> Show:
    words = at_hand(talk).words or _("Pengumuman ini tanpa tulisan.")
    return Show(words, then=look)


# ── held up ──────────────────────────────────────────────────────────────────────────────────────────────────────


def confirm_stop(talk: T) -> Question | Show:
    campaign = at_hand(talk)
    if not may(campaign, CampaignEvent.STOP):
        return over(talk)
    found = progress.progress(talk.db, campaign.id)
    return Choose(
        _("Hentikan {number}? {left} orang belum dikirimi dan tidak akan dikirimi lagi.").format(
            number=campaign.number, left=found.left + found.parked if found.people else campaign.expected
        ),
        {_("Ya, hentikan"): stopped, _("Tidak jadi"): look},
    )


def ask_further(talk: T) -> Question:
    return Choose(
        _("Ada lagi?"), {_("Lihat keadaannya"): look, _("Pengumuman lain"): choose_one, _("Selesai"): finished}
    )


def over(talk: T) -> Show:
    """It is too late for that."""
    return Show(_("Pengumuman ini sudah berubah keadaannya."), then=look)


def stopped(talk: T) -> Show:
    if not may(at_hand(talk), CampaignEvent.STOP):
        return over(talk)
    return Show(
        _("Pengumuman {number} dihentikan. Yang sudah terkirim tidak bisa ditarik.").format(
            number=at_hand(talk).number
        ),
        do=stop,
        then=ask_further,
    )


def stop(db: Session, talk: T) -> None:
    """Nothing more of it starts. Raises `Overtaken`."""
    try:
        campaign = campaigns.stop(db, talk.house.id, talk.draft.campaign, now=talk.now)
    except NotPossibleNow as error:
        raise Overtaken("it came to its end just now") from error
    note(db, talk, campaign, "stopped_announcement", {})


def paused(talk: T) -> Show:
    if not may(at_hand(talk), CampaignEvent.PAUSE):
        return over(talk)
    return Show(_("Pengumuman {number} ditunda.").format(number=at_hand(talk).number), do=pause, then=ask_further)


def pause(db: Session, talk: T) -> None:
    """It rests. Raises `Overtaken`."""
    try:
        campaign = campaigns.pause(db, talk.house.id, talk.draft.campaign, reason="by_officer")
    except NotPossibleNow as error:
        raise Overtaken("it came to its end just now") from error
    note(db, talk, campaign, "paused_announcement", {})


def resumed(talk: T) -> Show:
    campaign = at_hand(talk)
    if not may(campaign, CampaignEvent.RESUME):
        return over(talk)
    if campaigns.needs_another(campaign, talk.person_id):
        return Show(_("Petugas lain yang harus meneruskannya, karena yang menyetujui tidak bertugas lagi."), then=look)
    return Show(_("Pengumuman {number} diteruskan.").format(number=campaign.number), do=resume, then=ask_further)


def resume(db: Session, talk: T) -> None:
    """It goes on. Raises `Overtaken`."""
    try:
        campaign = campaigns.resume(db, talk.house.id, talk.draft.campaign, by=talk.person_id)
    except (NotPossibleNow, campaigns.NotHisToApprove) as error:
        raise Overtaken("it changed just now") from error
    note(db, talk, campaign, "resumed_announcement", {})


# ── sent again ───────────────────────────────────────────────────────────────────────────────────────────────────


def confirm_again(talk: T) -> Question | Show:
    campaign = at_hand(talk)
    again = progress.count_retry(talk.db, campaign)
    if not again:
        return over(talk)
    return Choose(
        _("Kirim ulang {number} ke {count} orang yang belum menerima? Yang sudah menerima tidak dikirimi lagi.").format(
            number=campaign.number, count=again
        ),
        {_("Ya, kirim ulang"): take_id, _("Tidak jadi"): look},
    )


def take_id(talk: T) -> Show:
    return Show("", keep={"again": new_id()}, then=sent_again)


def sent_again(talk: T) -> Show:
    if not progress.count_retry(talk.db, at_hand(talk)):
        return over(talk)
    return Show("{told}", do=send_again, then=ask_further)


def send_again(db: Session, talk: T) -> dict[str, str]:
    """A further announcement to those alone whom it did not reach. Raises `Overtaken`."""
    campaign = campaigns.retry_failed(
        db,
        talk.house.id,
        talk.draft.campaign,
        new=talk.draft.again,
        by=talk.person_id,
        address_id=talk.address_id,
        now=talk.now,
    )
    note(db, talk, campaign, "sent_again", {"people": campaign.expected, "status": campaign.status})
    if campaign.status == CampaignStatus.WAITING:
        return {"told": asked_second(db, talk, campaign)}
    text = _("Dikirim ulang ke {count} orang sebagai {number}.")
    return {"told": text.format(count=campaign.expected, number=campaign.number)}


# ── person by person ─────────────────────────────────────────────────────────────────────────────────────────────


def first_page(talk: T) -> Show:
    return Show("", keep={"first": 0}, then=report)


def report(talk: T) -> Question:
    campaign, first = at_hand(talk), talk.draft.first
    found = progress.people_report(talk.db, campaign.id, first=first, most=LINES + 1)
    lines = [
        _("{name}: {what}").format(name=one.name or "?", what=ended_words(one.status, one.code))
        for one in found[:LINES]
    ]
    options: list[Any] = [
        *([Option(_("Berikutnya"), next_page, words=("lagi",))] if len(found) > LINES else []),
        *([Option(_("Sebelumnya"), previous_page)] if first else []),
        Option(_("Kembali ke pengumuman"), look),
    ]
    return Choose("\n".join([_("Laporan {number}:").format(number=campaign.number), *lines]), options)


def next_page(talk: T) -> Show:
    return Show("", keep={"first": talk.draft.first + LINES}, then=report)


def previous_page(talk: T) -> Show:
    return Show("", keep={"first": max(0, talk.draft.first - LINES)}, then=report)


announcements = Conversation(
    name="announcements",
    title=N_("daftar pengumuman"),
    version=1,
    draft=Draft,
    start=begin_looking,
    further_steps=(
        choose_one,
        finished,
        look,
        shown,
        confirm_stop,
        ask_further,
        stopped,
        paused,
        resumed,
        confirm_again,
        take_id,
        sent_again,
        first_page,
        report,
        next_page,
        previous_page,
    ),
    words=("pengumuman saya", "daftar pengumuman", "my announcements", "announcements"),
    only_for=frozenset({"officer"}),
)
