"""Officers write announcements.

begin_announcing → ask_content → ask_words | ask_file → choose_circle → refine ⇄ choose_fact …, ask_person …
→ preview → choose_when → read_back → announced
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2s
from typing import Any

from sqlmodel import Session

from conversations import readers
from conversations.announcement_words import (
    AS_FILE,
    announcement,
    audience_words,
    cost_words,
    left_out_words,
    moment_words,
)
from conversations.answers import Answers
from conversations.moments import coming_moment
from conversations.notices import tell_staff
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Unclear
from conversations.talk import ReceivedPhoto, Talk
from conversations.templates import ANNOUNCEMENT
from conversations.words import LANGUAGES, N_, _
from domain.announcement import LONGEST, links_in, tame
from domain.audience import Audience
from domain.campaign import CampaignStatus
from domain.decent_hours import next_decent
from domain.message import Reply
from domain.nik import hide_niks
from domain.region import find_region
from storage.columns import new_id
from storage.database import Overtaken
from storage.queries import associations, audiences, audit, campaigns, costs, outbox, people, reminders
from storage.tables import Campaign, Member

MEDIA = {"image/jpeg": "picture", "application/pdf": "pdf", "audio/ogg": "voice"}
NOW = "now"


class Draft(Answers):
    """What is announced, to whom and when."""

    id: str  # of the announcement to be
    content: str  # what was sent last: words, or the id of a document
    words: str
    medium: str  # "", picture, pdf, voice
    document: str
    audience: dict[str, Any]
    narrowed: dict[str, Any]  # the fact that was chosen last
    search: str
    left_out: str  # the person who was found
    send_at: str  # ISO 8601, or "now"


T = Talk[Draft]


def begin_announcing(talk: T) -> Show | End:
    return enough_for_today(talk) or Show("", keep={"id": new_id()}, then=ask_content)


def enough_for_today(talk: T) -> End | None:
    """He has made as many as one may."""
    count = made_today(talk.db, talk)
    if count < campaigns.A_DAY:
        return None
    return End(_("Hari ini Bapak/Ibu sudah membuat {count} pengumuman. Coba lagi besok.").format(count=count))


def made_today(db: Session, talk: T) -> int:
    """How many announcements this officer made today."""
    midnight = talk.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return campaigns.made_since(db, talk.house.id, talk.person_id, midnight)


# ── what ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def ask_content(talk: T) -> Question:
    return Ask(
        _("Ketik pengumumannya, atau kirim satu foto, PDF, atau pesan suara."),
        read=some_words,
        save="content",
        then=took_content,
        photo=True,
        prose=True,
        example=_("Contoh: Besok ada pelatihan di balai desa, jam 9 pagi."),
    )


def some_words(text: str) -> str:
    """The words of an announcement."""
    words = tame(text)
    if sum(letter.isalnum() for letter in words) < 2:
        raise Unclear(_("Tolong diketik dengan kata-kata."))
    readers.refuse_yes_or_no(words)
    if hide_niks(words) != words:
        raise Unclear(_("Jangan tulis NIK di pengumuman: semua orang akan membacanya."))
    if len(words) > LONGEST:
        raise Unclear(
            _("Paling banyak {most} huruf, yang ini {count}. Tolong dipendekkan.").format(
                most=LONGEST, count=len(words)
            )
        )
    return words


def took_content(talk: T) -> Show:
    file = sent_file(talk)
    if file is None:
        then = after_content if talk.draft.get("document") else ask_file
        return Show("", keep={"words": talk.draft.content}, then=then)
    facts = {"document": file.document_id, "medium": MEDIA[file.mime]}
    try:
        return Show("", keep={**facts, "words": some_words(talk.facts.incoming.text)}, then=after_content)
    except Unclear:
        return Show("", keep=facts, then=after_content if talk.draft.get("words") else ask_words)


def sent_file(talk: T) -> ReceivedPhoto | None:
    """The file that came just now; None when words did."""
    return next((file for file in talk.facts.photos if file.document_id == talk.draft.content), None)


def ask_words(talk: T) -> Question:
    return Ask(
        _("Sudah diterima. Mau ditambah tulisan? Ketik tulisannya."),
        read=some_words,
        save="words",
        then=after_content,
        prose=True,
        options=[Option(_("Tanpa tulisan"), without_words)],
    )


def without_words(talk: T) -> Show:
    return Show("", keep={"words": ""}, then=after_content)


def ask_file(talk: T) -> Question:
    return Ask(
        _("Mau ditambah foto, PDF, atau pesan suara? Kirim satu saja."),
        read=None,
        save="content",
        then=took_file,
        photo=True,
        options=[Option(_("Tidak, tulisan saja"), without_file)],
    )


def took_file(talk: T) -> Show:
    file = sent_file(talk)
    assert file is not None
    return Show("", keep={"document": file.document_id, "medium": MEDIA[file.mime]}, then=after_content)


def without_file(talk: T) -> Show:
    return Show("", keep={"document": "", "medium": ""}, then=after_content)


def after_content(talk: T) -> Show:
    return Show("", then=preview if talk.draft.has("audience") else choose_circle)


# ── to whom ──────────────────────────────────────────────────────────────────────────────────────────────────────


def audience_of(talk: T) -> Audience:
    """Whom it is for, as chosen so far."""
    return Audience.from_json(talk.draft.audience)


def counted(talk: T, audience: Audience) -> audiences.Count:
    """Who would get it now."""
    return audiences.count(talk.db, talk.house.id, audience, talk.now)


def choose_circle(talk: T) -> Question:
    circles = ((Audience(), _("Anggota")), (Audience(everybody=True), _("Semua yang bicara dengan kami")))
    options = [
        Option(
            _("{circle} ({count} orang)").format(circle=label, count=counted(talk, circle).people),
            value=circle.as_json(),
            key="all" if circle.everybody else "members",
            words=(label,),
        )
        for circle, label in circles
    ]
    return Choose(_("Untuk siapa?"), options, save="audience", then=refine)


def refine(talk: T) -> Question:
    audience = audience_of(talk)
    found = counted(talk, audience)
    lines = [
        _("Untuk {audience}.").format(audience=audience_words(talk.db, audience)),
        _("{count} orang akan menerima.").format(count=found.people),
        left_out_words(found.opted_out, found.unreachable),
    ]
    go_on = [Option(_("Sudah, lanjut"), preview, words=("sudah", "lanjut"))] if found.people else []
    return Choose(
        "\n".join(filter(None, lines)),
        [
            *go_on,
            Option(_("Persempit"), choose_fact),
            Option(_("Kecualikan orang"), ask_person, words=("kecuali",)),
            Option(_("Pilih dari awal"), choose_circle),
        ],
    )


def choose_fact(talk: T) -> Question:
    facts = [
        (_("Kabupaten atau kota"), choose_regency, "regency"),
        (_("Pasar"), choose_market, "market"),
        (_("Pengumpul iuran"), choose_collector, "collector"),
        (_("Tunggakan"), choose_arrears, "arrears"),
        (_("Status anggota"), choose_status, "status"),
    ]
    of_members = [] if audience_of(talk).everybody else facts
    return Choose(
        _("Dipersempit menurut apa?"),
        [
            *(Option(label, step, key=key) for label, step, key in of_members),
            *([Option(_("Hanya peserta JHT"), only_jht, words=("jht",))] if of_members else []),
            Option(_("Bahasa"), choose_language, key="tongue"),
            Option(_("Tidak jadi"), refine, key="no"),
        ],
    )


def choose_regency(talk: T) -> Question | Show:
    return of_regions(talk, _("Kabupaten atau kota mana?"), "regency", within="", then=narrowed_region)


def choose_district(talk: T) -> Question | Show:
    return of_regions(talk, _("Kecamatan mana?"), "district", within=audience_of(talk).regency, then=narrow)


def of_regions(talk: T, text: str, level: str, *, within: str, then: Any) -> Question | Show:
    """Regions in which members live, to choose from."""
    column = Member.regency if level == "regency" else Member.district
    codes = audiences.regions(talk.db, talk.house.id, column, within=within)
    if not codes:
        return Show(_("Belum ada anggota yang tercatat begitu."), then=refine)
    names = {code: region.name if (region := find_region(code)) else code for code in codes}
    options = [
        Option(name, value={level: code}, key=code, words=(name.partition(" ")[2],))
        for code, name in sorted(names.items(), key=lambda it: it[1])
    ]
    every = [Option(_("Semua kecamatan"), value={"district": ""}, key="every")] if level == "district" else []
    return Choose(text, [*every, *options, Option(_("Tidak jadi"), refine, key="no")], save="narrowed", then=then)


def narrowed_region(talk: T) -> Show:
    return Show("", keep=narrowed(talk, {"district": ""}), then=choose_district)


def narrow(talk: T) -> Show:
    return Show("", keep=narrowed(talk, {}), then=refine)


def narrowed(talk: T, more: dict[str, Any]) -> dict[str, Any]:
    """The audience with the fact that was chosen."""
    facts = {**talk.draft.audience, **talk.draft.narrowed, **more}
    return {"audience": Audience.from_json(facts).as_json()}


def choose_market(talk: T) -> Question | Show:
    markets = audiences.markets(talk.db, talk.house.id)
    return of_facts(_("Pasar mana?"), [(market, {"market": market}) for market in markets])


def choose_collector(talk: T) -> Question | Show:
    collectors = audiences.collectors(talk.db, talk.house.id)
    return of_facts(_("Pengumpul siapa?"), [(people.name_of(talk.db, one), {"collector": one}) for one in collectors])


def of_facts(text: str, facts: Sequence[tuple[str, dict[str, Any]]]) -> Question | Show:
    """Facts by which the audience may be narrowed, to choose from."""
    if not facts:
        return Show(_("Belum ada anggota yang tercatat begitu."), then=refine)
    options = [Option(label, value=value, key=key_of(value)) for label, value in facts]
    return Choose(text, [*options, Option(_("Tidak jadi"), refine, key="no")], save="narrowed", then=narrow)


def key_of(fact: dict[str, Any]) -> str:
    """What a button carries for a fact: the same for the same, whatever else there is to choose."""
    name, value = next(iter(fact.items()))
    return f"{name[:2]}{blake2s(str(value).encode(), digest_size=8).hexdigest()}"


def choose_arrears(talk: T) -> Question | Show:
    return of_facts(
        _("Siapa?"),
        [(_("Yang punya tunggakan"), {"arrears": True}), (_("Yang tanpa tunggakan"), {"arrears": False})],
    )


def choose_status(talk: T) -> Question | Show:
    return of_facts(
        _("Anggota yang mana?"),
        [
            (_("Yang ditagih iuran"), {"status": "active"}),
            (_("Yang tidak ditagih lagi"), {"status": "lapsed"}),
            (_("Bekas anggota"), {"status": "left"}),
        ],
    )


def only_jht(talk: T) -> Show:
    return Show("", keep={"narrowed": {"programme": "JHT"}}, then=narrow)


def choose_language(talk: T) -> Question | Show:
    speakers = [
        (_("Yang memakai {language}").format(language=name), {"language": code}) for code, name in LANGUAGES.items()
    ]
    return of_facts(_("Bahasa apa?"), speakers)


def ask_person(talk: T) -> Question:
    return Ask(
        _("Siapa yang tidak dikirimi? Ketik namanya, atau 4 angka terakhir NIK-nya."),
        read=lambda text: somebody(talk, text),
        save="search",
        then=choose_person,
        options=[Option(_("Tidak jadi"), refine)],
    )


def found_by(talk: T, words: str) -> list[tuple[str, str, str]]:
    """The recipients whose name holds these words, or whose NIK ends so."""
    return audiences.named(talk.db, talk.house.id, audience_of(talk), words, talk.now)


def somebody(talk: T, text: str) -> str:
    """Words by which a recipient is found."""
    words = readers.short_text(text)
    if not found_by(talk, words):
        raise Unclear(_("Tidak ada penerima yang cocok. Coba sebagian namanya saja."))
    return words


def choose_person(talk: T) -> Question | Show:
    found = found_by(talk, talk.draft.search)
    if not found:
        return Show("", then=ask_person)
    options = [
        Option(_("{name} ({end})").format(name=name, end=end) if end else name, value=person_id, key=person_id[-16:])
        for person_id, name, end in found
    ]
    return Choose(
        _("Yang mana?"), [*options, Option(_("Tidak jadi"), refine, key="no")], save="left_out", then=leave_out
    )


def leave_out(talk: T) -> Show:
    without = sorted({*audience_of(talk).without, talk.draft.left_out})
    return Show("", keep={"audience": {**talk.draft.audience, "without": without}}, then=refine)


# ── looked at ────────────────────────────────────────────────────────────────────────────────────────────────────


def as_sent(talk: T) -> Reply:
    """What each of them gets."""
    draft = talk.draft
    return announcement(
        talk.house.name, draft.get("words", ""), document=draft.get("document", ""), medium=draft.get("medium", "")
    )


def preview(talk: T) -> Question:
    sent, draft = as_sent(talk), talk.draft
    told = pieces_words(talk, sent, list(counted(talk, audience_of(talk)).accounts))
    return Choose(
        "\n".join(filter(None, [_("Begini nanti terlihat:"), sent.text, told])),
        [
            Option(_("Lanjut"), choose_when),
            Option(_("Kirim uji ke saya"), tried, words=("uji", "tes")),
            Option(_("Ganti isi"), ask_content),
            Option(_("Ganti penerima"), refine),
        ],
        document=draft.get("document", ""),
        file=draft.get("medium", "") in AS_FILE,
    )


def pieces_of(talk: T, account: str, sent: Reply) -> Sequence[Reply]:
    """In which pieces an account carries it."""
    return talk.facts.carry(account, sent) if talk.facts.carry else [sent]


def pieces_words(talk: T, sent: Reply, accounts: Sequence[str]) -> str:
    """Where it does not fit into one message."""
    several = {account: len(pieces_of(talk, account, sent)) for account in accounts}
    told = [
        _("Di {channel} menjadi {count} pesan.").format(channel=channel_name(account), count=count)
        for account, count in sorted(several.items())
        if count > 1
    ]
    return " ".join(told)


def channel_name(account: str) -> str:
    """A channel as people call it."""
    name = account.partition("/")[0]
    return {"telegram": "Telegram", "whatsapp": "WhatsApp"}.get(name, name)


def tried(talk: T) -> Show:
    return Show(_("Contohnya kami kirim ke Bapak/Ibu."), do=send_test, then=preview)


def send_test(db: Session, talk: T) -> None:
    """The very pieces, to the officer at each of his addresses."""
    send_to_officer(db, talk, as_sent(talk), key=f"try:{talk.draft.id}")


def send_to_officer(db: Session, talk: Talk[Any], sent: Reply, *, key: str) -> None:
    """An announcement as its recipients get it, to whoever looks at it, in each of his apps."""
    by_account = {address.account: address for address in people.addresses_of(db, talk.person_id)}
    for account, address in sorted(by_account.items()):
        pieces = talk.facts.carry(account, sent) if talk.facts.carry else [sent]
        for number, piece in enumerate(pieces, start=1):
            outbox.put(
                db,
                association_id=talk.house.id,
                account=account,
                address_id=address.id,
                key=f"{key}:{talk.facts.turn}:{account}:{number}"[:190],
                kind="notice",
                reply=piece,
                now=talk.now,
            )


# ── when ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_when(talk: T) -> Question:
    at = decent(talk.db, talk, talk.now)
    late = _("Sekarang di luar jam kirim, jadi paling cepat {moment}.").format(moment=moment_words(at))
    return Choose(
        "\n".join([*([late] if at > talk.now else []), _("Kapan dikirim? Pilih, atau ketik hari dan jamnya.")]),
        [Option(_("Sekarang") if at == talk.now else _("Secepatnya"), value=NOW, key=NOW, words=("sekarang", "now"))],
        save="send_at",
        then=read_back,
        read=lambda text: coming_moment(text, talk.now).isoformat(),
    )


def decent(db: Session, talk: T, moment: datetime) -> datetime:
    """That moment, or the next at which a message may come."""
    association = associations.get(db, talk.house.id)
    return next_decent(moment, talk.house.zone, reminders.hours_of(association))


def sending_at(db: Session, talk: T) -> datetime:
    """When it begins to go out."""
    said = talk.draft.send_at
    wanted = talk.now if said == NOW else datetime.fromisoformat(said)
    return decent(db, talk, max(wanted, talk.now))


def read_back(talk: T) -> Question | Show:
    audience = audience_of(talk)
    found = counted(talk, audience)
    if not found.people:
        return Show(_("Sekarang tidak ada yang akan menerimanya."), then=refine)
    at = sending_at(talk.db, talk)
    first = _("Untuk {count} orang: {audience}.").format(count=found.people, audience=audience_words(talk.db, audience))
    lines = [
        first,
        " ".join(filter(None, [messages_words(talk, found), estimated_words(talk, found)])),
        _("Dikirim sekarang.") if at <= talk.now else _("Dikirim {moment}.").format(moment=moment_words(at)),
        links_words(talk.draft.get("words", "")),
    ]
    association = associations.get(talk.db, talk.house.id)
    second = campaigns.needs_second(association, found.people)
    if second:
        lines.append(
            _("Lebih dari {count} orang, jadi petugas lain harus menyetujuinya.").format(
                count=association.approve_above
            )
        )
    return Choose(
        "\n".join(filter(None, lines)),
        [
            Option(_("Ya, minta persetujuan") if second else _("Ya, kirim"), announced, key="send", words=("kirim",)),
            Option(_("Lihat lagi"), preview),
            Option(_("Ganti penerima"), refine),
            Option(_("Ganti waktu"), choose_when),
        ],
    )


def messages_words(talk: T, found: audiences.Count) -> str:
    """How many messages go through each channel."""
    pieces = pieces_by_account(talk, found)
    told = [
        _("{channel} {count} pesan").format(channel=channel_name(account), count=number * pieces[account])
        for account, number in sorted(found.accounts.items())
    ]
    return ", ".join(told) + "." if told else ""


def pieces_by_account(talk: T, found: audiences.Count) -> dict[str, int]:
    """How many messages it takes to tell one person."""
    sent = as_sent(talk)
    return {account: len(pieces_of(talk, account, sent)) for account in found.accounts}


def estimated_words(talk: T, found: audiences.Count) -> str:
    """What it will cost."""
    there = audiences.addresses(talk.db, talk.house.id, audience_of(talk), talk.now)
    estimate = costs.estimate(talk.db, talk.house.id, there, template=ANNOUNCEMENT, now=talk.now)
    return cost_words(estimate, pieces_by_account(talk, found))


def links_words(words: str) -> str:
    """A look at the web addresses that were typed."""
    found = links_in(words)
    return _("Ada tautan: {links}. Pastikan benar.").format(links=", ".join(found)) if found else ""


# ── made ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def announced(talk: T) -> End | Show:
    if enough := enough_for_today(talk):
        return enough
    if not counted(talk, audience_of(talk)).people:
        return Show(_("Sekarang tidak ada yang akan menerimanya."), then=refine)
    return End("{told}", do=keep)


def keep(db: Session, talk: T) -> dict[str, str]:
    """Keep it, and ask a second officer where one must look at it. Raises `Overtaken`."""
    draft = talk.draft
    if made_today(db, talk) >= campaigns.A_DAY:
        raise Overtaken("he made enough of them today")
    wanted = campaigns.Wanted(
        id=draft.id,
        words=draft.get("words", ""),
        audience=audience_of(talk),
        made_by=talk.person_id,
        send_at=sending_at(db, talk),
        medium=draft.get("medium", ""),
        document_id=draft.get("document", "") or None,
        address_id=talk.address_id,
    )
    campaign = campaigns.create(db, talk.house.id, wanted, now=talk.now)
    note(db, talk, campaign, "announced", {"people": campaign.expected, "status": campaign.status})
    if campaign.status == CampaignStatus.WAITING:
        return {"told": asked_second(db, talk, campaign)}
    if campaign.send_at > talk.now:
        text = _('Pengumuman {number} terjadwal {moment}. Lihat atau hentikan: ketik "pengumuman saya".')
        moment = moment_words(campaign.send_at.astimezone(talk.house.zone))
        return {"told": text.format(number=campaign.number, moment=moment)}
    text = _('Pengumuman {number} mulai dikirim. Lihat atau hentikan: ketik "pengumuman saya".')
    return {"told": text.format(number=campaign.number)}


def asked_second(db: Session, talk: Talk[Any], campaign: Campaign) -> str:
    """Every other officer is asked; what whoever made it hears."""
    others = [one for one in people.with_role(db, talk.house.id, "officer") if one != talk.person_id]
    number = campaign.number
    tell_staff(
        db,
        talk.house.id,
        "officer",
        partial(asking_words, number),
        key=f"approval:{campaign.id}",
        now=talk.now,
        but=(talk.person_id,),
        opens="approving",
    )
    if others:
        return _("Pengumuman {number} menunggu persetujuan petugas lain.").format(number=number)
    return _(
        "Pengumuman {number} menunggu persetujuan, tetapi belum ada petugas lain. Minta pengelola menunjuk satu."
    ).format(number=number)


def asking_words(number: str) -> str:
    """What the other officers hear."""
    return _("Pengumuman {number} menunggu persetujuan Bapak/Ibu.").format(number=number)


def note(db: Session, talk: Talk[Any], campaign: Campaign, action: str, facts: dict[str, Any]) -> None:
    """One row in the audit trail."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"campaign/{campaign.id}",
        now=talk.now,
        facts=facts,
    )


announcing = Conversation(
    name="announcing",
    title=N_("pengumuman"),
    version=1,
    draft=Draft,
    start=begin_announcing,
    further_steps=(
        ask_content,
        took_content,
        ask_words,
        without_words,
        ask_file,
        took_file,
        without_file,
        after_content,
        choose_circle,
        refine,
        choose_fact,
        choose_regency,
        narrowed_region,
        choose_district,
        choose_market,
        choose_collector,
        choose_arrears,
        choose_status,
        only_jht,
        choose_language,
        narrow,
        ask_person,
        choose_person,
        leave_out,
        preview,
        tried,
        choose_when,
        read_back,
        announced,
    ),
    words=("umumkan", "pengumuman", "buat pengumuman", "announce"),
    only_for=frozenset({"officer"}),
    kept=True,
    hears=frozenset({"ask_content", "ask_file"}),
)
