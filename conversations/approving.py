"""A second officer looks at announcements: next_one → decide → approved | choose_reason → refused, and the next one"""

from sqlmodel import Session

from conversations import readers
from conversations.announcement_words import AS_FILE, announcement, audience_words, left_out_words, moment_words
from conversations.announcing import links_words, note, send_to_officer
from conversations.answers import Answers
from conversations.notices import tell
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from domain.audience import Audience
from domain.campaign import CampaignStatus
from domain.message import Reply
from storage.database import Overtaken
from storage.queries import audiences, campaigns, people
from storage.tables import Campaign

REASONS = (
    N_("Isinya belum benar."),
    N_("Penerimanya belum tepat."),
    N_("Waktunya belum tepat."),
)


class Draft(Answers):
    """The announcement at hand."""

    argument: str
    campaign: str
    reason: str
    seen: list[str]  # those that he decided on or left for later just now


T = Talk[Draft]


def next_one(talk: T) -> Show | End:
    found = campaigns.to_approve(talk.db, talk.house.id, but_of=talk.person_id, later=talk.draft.get("seen", []))
    if not found:
        return End(_("Tidak ada pengumuman yang menunggu persetujuan Bapak/Ibu."))
    return Show("", keep={"campaign": found[0].id}, then=decide)


def at_hand(talk: T) -> Campaign:
    """The announcement that this officer looks at."""
    campaign = campaigns.find(talk.db, talk.house.id, talk.draft.campaign)
    assert campaign is not None
    return campaign


def is_decided(campaign: Campaign) -> bool:
    """True when it waits for nobody any more."""
    return campaign.status != CampaignStatus.WAITING


def already_decided(talk: T) -> Show:
    """Somebody was faster."""
    return Show(_("Pengumuman {number} sudah diputuskan.").format(number=at_hand(talk).number), then=next_one)


def decide(talk: T) -> Question | Show:
    campaign = at_hand(talk)
    if is_decided(campaign):
        return already_decided(talk)
    audience = Audience.from_json(campaign.audience)
    found = audiences.count(talk.db, talk.house.id, audience, talk.now)
    number = campaign.expected if campaign.retries else found.people
    lines = [
        _("{number} dari {name}, untuk {count} orang: {audience}.").format(
            number=campaign.number,
            name=people.name_of(talk.db, campaign.made_by),
            count=number,
            audience=audience_words(talk.db, audience),
        ),
        "" if campaign.retries else left_out_words(found.opted_out, found.unreachable),
        when_words(talk, campaign),
        links_words(campaign.words),
        as_sent(talk, campaign).text,
    ]
    return Choose(
        "\n".join(filter(None, lines)),
        [
            Option(_("Setujui"), approved, words=("setuju", "kirim")),
            Option(_("Tolak"), choose_reason),
            Option(_("Kirim uji ke saya"), tried, words=("uji", "tes")),
            Option(_("Nanti saja"), left_for_later, words=("lewati",)),
        ],
        document=campaign.document_id or "",
        file=campaign.medium in AS_FILE,
    )


def when_words(talk: T, campaign: Campaign) -> str:
    """When it would go out."""
    if campaign.send_at <= talk.now:
        return _("Dikirim segera setelah disetujui.")
    return _("Dikirim {moment}.").format(moment=moment_words(campaign.send_at.astimezone(talk.house.zone)))


def as_sent(talk: T, campaign: Campaign) -> Reply:
    """What each of its recipients gets."""
    return announcement(talk.house.name, campaign.words, document=campaign.document_id or "", medium=campaign.medium)


def tried(talk: T) -> Show:
    return Show(_("Contohnya kami kirim ke Bapak/Ibu."), do=send_test, then=decide)


def send_test(db: Session, talk: T) -> None:
    """The very pieces, to the officer at each of his addresses."""
    campaign = campaigns.find(db, talk.house.id, talk.draft.campaign)
    assert campaign is not None
    send_to_officer(db, talk, as_sent(talk, campaign), key=f"try:{campaign.id}")


def approved(talk: T) -> Show:
    if is_decided(at_hand(talk)):
        return already_decided(talk)
    text = _("Pengumuman {number} disetujui.").format(number=at_hand(talk).number)
    return Show(text, keep=seen(talk), do=approve, then=next_one)


def seen(talk: T) -> dict[str, list[str]]:
    """The one at hand is not shown again just now."""
    return {"seen": [*talk.draft.get("seen", []), talk.draft.campaign]}


def approve(db: Session, talk: T) -> None:
    """It goes out, and whoever made it hears of it. Raises `Overtaken`."""
    try:
        campaign = campaigns.approve(db, talk.house.id, talk.draft.campaign, by=talk.person_id, now=talk.now)
    except campaigns.NotHisToApprove as error:
        raise Overtaken("it is his own") from error
    note(db, talk, campaign, "approved_announcement", {"people": campaign.expected})
    number, count = campaign.number, campaign.expected
    tell(
        db,
        campaign.made_by,
        lambda: _("Pengumuman {number} disetujui dan dikirim ke {count} orang.").format(number=number, count=count),
        key=f"approved:{campaign.id}:{int(talk.now.timestamp())}",
        now=talk.now,
        at=campaign.address_id,
    )


def choose_reason(talk: T) -> Question | Show:
    if is_decided(at_hand(talk)):
        return already_decided(talk)
    ready = [Option(_(words), value=words, key=str(number)) for number, words in enumerate(REASONS)]
    return Choose(
        _("Alasannya? Pilih, atau ketik sendiri. Pembuatnya akan membacanya."),
        [*ready, Option(_("Tidak jadi"), decide)],
        save="reason",
        read=readers.long_text,
        then=refused,
    )


def refused(talk: T) -> Show:
    if is_decided(at_hand(talk)):
        return already_decided(talk)
    text = _("Pengumuman {number} ditolak.").format(number=at_hand(talk).number)
    return Show(text, keep=seen(talk), do=refuse, then=next_one)


def refuse(db: Session, talk: T) -> None:
    """It does not go out, and whoever made it hears why. Raises `Overtaken`."""
    reason = talk.draft.reason
    try:
        campaign = campaigns.refuse(
            db, talk.house.id, talk.draft.campaign, by=talk.person_id, reason=reason, now=talk.now
        )
    except campaigns.NotHisToApprove as error:
        raise Overtaken("it is his own") from error
    note(db, talk, campaign, "refused_announcement", {})
    number = campaign.number
    tell(
        db,
        campaign.made_by,
        lambda: _("Pengumuman {number} tidak disetujui: {reason}").format(number=number, reason=_(reason)),
        key=f"refused:{campaign.id}",
        now=talk.now,
        at=campaign.address_id,
    )


def left_for_later(talk: T) -> Show:
    return Show(_("Baik, {number} menunggu.").format(number=at_hand(talk).number), keep=seen(talk), then=next_one)


approving = Conversation(
    name="approving",
    title=N_("persetujuan pengumuman"),
    version=1,
    draft=Draft,
    start=next_one,
    further_steps=(decide, tried, approved, choose_reason, refused, left_for_later),
    words=("persetujuan", "approve", "approval"),
    only_for=frozenset({"officer"}),
)
