"""A collector takes cash, from one member or from many in one go.

choose_way → pick_members | ask_names → confirm_near → ask_line → confirm_members | same_as_before
→ ready → ask_total → propose → recorded
"""

import re
from functools import partial

from sqlmodel import Session

from conversations import readers, roster, sharing
from conversations.cash_words import in_hand
from conversations.choices import bare
from conversations.collecting_answers import Draft, with_members
from conversations.collection_news import tell_members
from conversations.month_words import spans
from conversations.sharing import Part, Sharing, named, some, told
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Step, Unclear
from conversations.talk import Talk
from conversations.words import N_, _, rupiah, speaking
from storage.database import Overtaken
from storage.queries import audit, cash, collections, members, payments, people
from storage.queries.collections import Due
from storage.tables import Member

ON_A_PAGE = 6  # members whose marks are shown at once
NEAR_AT_ONCE = 4
LINES_OF_DETAIL = 8
NUMBERS = re.compile(r"^\d{1,2}(?:(?:[\s,.;&+/]|dan)+\d{1,2})+[\s.]*$")

T = Talk[Draft]


def begin(talk: T) -> Show:
    if not talk.draft.get("argument"):
        return Show("", then=choose_way)
    if not collections.members_named(talk.db, talk.house.id, [talk.draft.argument]):
        return Show(_("Anggota itu tidak ada di daftar lagi."), then=choose_way)
    return Show("", keep={"members": [talk.draft.argument]}, then=ready)


def choose_way(talk: T) -> Question:
    options = [
        Option(_("Pilih dari daftar"), pick_members),
        Option(_("Ketik nama atau NIK"), ask_names),
    ]
    if before(talk):
        options.append(Option(_("Sama seperti bulan lalu"), same_as_before))
    return Choose("\n".join([own_cash(talk), _("Terima uang dari siapa?")]), options)


def own_cash(talk: T) -> str:
    """What lies in this collector's hands."""
    amount = cash.in_hand(talk.db, talk.house.id, talk.person_id)
    since = cash.oldest_since(talk.db, talk.house.id, talk.person_id)
    return in_hand(amount, since, today=talk.today, zone=talk.house.zone)


# ── from her list ────────────────────────────────────────────────────────────────────────────────────────────────


def pick_members(talk: T) -> Question | Show:
    dues = hers_who_owe(talk)
    if not dues:
        return Show(_("Tidak ada anggota di daftar Bapak/Ibu yang masih harus bayar sampai bulan ini."), then=ask_names)
    marked = marks(talk, dues)
    total = sum(due.amount for due in dues if due.member.id in marked)
    text = _(
        "Siapa yang bayar? Tekan namanya, tekan lagi untuk membatalkan. "
        'Boleh ketik beberapa nomor, contoh "1 3".\nDipilih: {count} orang, {total}.'
    ).format(count=len(marked), total=rupiah(total))
    page = page_of(talk, dues)
    shown = dues if page is None else dues[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    return Choose(
        text,
        [
            *(marking(due, marked, page) for due in shown),
            Option(_("Selesai"), picked_all, words=("sudah", "lanjut")),
            *([] if page is None else [next_page(marked, page, len(dues))]),
            everybody(dues, marked, page),
        ],
        save="marked",
        then=pick_members,
        read=partial(read_marks, shown, dues, marked, page),
    )


def hers_who_owe(talk: T) -> list[Due]:
    """Her own members who owe something up to the current month."""
    hers = collections.members_of(talk.db, talk.house.id, talk.person_id)
    others = [one for one in hers if one.person_id != talk.person_id]
    return [due for due in collections.dues_of(talk.db, others, talk.today) if due.amount and not due.ahead]


def marks(talk: T, dues: list[Due]) -> list[str]:
    """Whom she has marked so far, as far as they are in the list still."""
    listed = {due.member.id for due in dues}
    return [one for one in talk.draft.get("marked", {}).get("members", []) if one in listed]


def page_of(talk: T, dues: list[Due]) -> int | None:
    """Which part of the list is shown; None where all of it fits."""
    pages = -(-len(dues) // ON_A_PAGE)
    page = int(talk.draft.get("marked", {}).get("page", ["0"])[0])
    return page % pages if len(dues) > ON_A_PAGE + 1 else None


def marking(due: Due, marked: list[str], page: int | None) -> Option:
    """One press marks a member, another takes the mark away."""
    label = _("{who}: {amount}").format(who=named(due.member), amount=rupiah(due.amount))
    return Option(
        f"✓ {label}" if due.member.id in marked else label,
        value=with_marks(toggled(marked, due.member.id), page),
        key=due.member.id[-16:],
        words=(due.member.name, due.member.nik_end),
    )


def with_marks(marked: list[str], page: int | None) -> dict[str, list[str]]:
    """The marks, and where in the list she stands, as they are kept."""
    return {"members": marked, "page": [str(page or 0)]}


def next_page(marked: list[str], page: int, count: int) -> Option:
    """The rest of a long list; after its end the beginning again."""
    first = (page + 1) * ON_A_PAGE < count
    label = _("Lihat berikutnya") if first else _("Lihat dari awal")
    return Option(label, value=with_marks(marked, page + 1), key="next", words=("berikutnya", "lagi"))


def everybody(dues: list[Due], marked: list[str], page: int | None) -> Option:
    """All of them with one press, or none."""
    if len(marked) == len(dues):
        return Option(_("Kosongkan"), value=with_marks([], page), key="none")
    return Option(_("Pilih semua"), value=with_marks([due.member.id for due in dues], page), key="all")


def toggled(marked: list[str], member_id: str) -> list[str]:
    """The marks with this one changed."""
    return [one for one in marked if one != member_id] if member_id in marked else [*marked, member_id]


def read_marks(
    shown: list[Due], dues: list[Due], marked: list[str], page: int | None, text: str
) -> dict[str, list[str]]:
    """Several numbers of the page at once, or the name of somebody on any page."""
    if NUMBERS.match(text.strip()):
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        if any(not 1 <= number <= len(shown) for number in numbers):
            raise Unclear(_("Nomor nama yang ada: 1 sampai {count}.").format(count=len(shown)))
        for number in dict.fromkeys(numbers):
            marked = toggled(marked, shown[number - 1].member.id)
        return with_marks(marked, page)
    known = [roster.Known(due.member.id, bare(due.member.name), due.member.nik_end, own=True) for due in dues]
    found = roster.match(text, text, known).members
    if len(found) != 1:
        raise Unclear(_("Tekan namanya, atau ketik nomornya. Kalau sudah, pilih Selesai."))
    return with_marks(toggled(marked, found[0]), page)


def picked_all(talk: T) -> Show:
    marked = marks(talk, hers_who_owe(talk))
    if not marked:
        return Show(_("Belum ada yang dipilih."), then=pick_members)
    return Show("", keep={"members": marked}, then=ready)


# ── by name ──────────────────────────────────────────────────────────────────────────────────────────────────────


def ask_names(talk: T) -> Question:
    return Ask(
        _(
            "Ketik nama anggota atau 4 angka akhir NIK, satu orang satu baris. "
            "Boleh banyak sekaligus, dan boleh dikirim beberapa kali."
        ),
        read=partial(read_names, talk),
        save="heard",
        then=sort_out,
        options=[Option(_("Pilih dari daftar"), pick_members)],
        simple=_("Nama siapa? Satu orang satu baris."),
        example=_("Contoh:\nSiti Aminah\n0001"),
    )


def read_names(talk: T, text: str) -> dict[str, list[list[str]]]:
    """Every line, and whom it means."""
    found = roster.read(talk.db, talk.house.id, talk.person_id, text)
    sure = [one.members[0] for one in found if one.sure]
    near = [[one.line, one.members[0]] for one in found if len(one.members) == 1 and not one.sure]
    return {
        "sure": [list(dict.fromkeys(sure))],
        "near": near,
        "doubts": [[one.line, *one.members] for one in found if not one.sure and len(one.members) != 1],
        "notes": [[str(len(sure) - len(set(sure))), "amounts" if roster.names_amounts(text) else ""]],
    }


def sort_out(talk: T) -> Show:
    heard = talk.draft.heard
    known = talk.draft.get("members", [])
    sure = heard["sure"][0]
    again = int(heard["notes"][0][0]) + len(set(sure) & set(known))
    notes = [
        _("{count} nama sudah ada di daftar, dihitung satu kali.").format(count=again) if again else "",
        _("Angka uang di belakang nama tidak dibaca, nanti kami tanya jumlahnya.") if heard["notes"][0][1] else "",
    ]
    keep = {
        "members": with_members(talk.draft, sure),
        "near": [*talk.draft.get("near", []), *heard["near"]],
        "doubts": [*talk.draft.get("doubts", []), *heard["doubts"]],
    }
    return Show("\n".join(filter(None, notes)), keep=keep, then=sort_on)


def sort_on(talk: T) -> Show:
    return Show("", then=what_is_left(talk.draft))


def what_is_left(draft: Draft) -> Step:
    """The next question about what was typed."""
    if draft.get("near"):
        return confirm_near
    return ask_line if draft.get("doubts") else confirm_members


def confirm_near(talk: T) -> Question:
    now = talk.draft.near[:NEAR_AT_ONCE]
    found = people_by_id(talk, [member_id for _line, member_id in now])
    lines = [
        _('"{line}": {who}').format(line=line, who=named(found[member_id]))
        for line, member_id in now
        if member_id in found
    ]
    return Choose(
        "\n".join([_("Ini yang mirip. Benar semua?"), *lines]),
        [Option(_("Ya, benar"), near_was_right), Option(_("Tidak, tanya satu per satu"), near_was_wrong)],
    )


def people_by_id(talk: T, member_ids: list[str]) -> dict[str, Member]:
    """These members, by their ids."""
    return {one.id: one for one in collections.members_named(talk.db, talk.house.id, member_ids)}


def near_was_right(talk: T) -> Show:
    now, later = talk.draft.near[:NEAR_AT_ONCE], talk.draft.near[NEAR_AT_ONCE:]
    more = with_members(talk.draft, [member_id for _line, member_id in now])
    return Show("", keep={"members": more, "near": later}, then=sort_on)


def near_was_wrong(talk: T) -> Show:
    now, later = talk.draft.near[:NEAR_AT_ONCE], talk.draft.near[NEAR_AT_ONCE:]
    return Show("", keep={"doubts": [*now, *talk.draft.get("doubts", [])], "near": later}, then=ask_line)


def ask_line(talk: T) -> Question:
    line, *candidates = talk.draft.doubts[0]
    found = people_by_id(talk, candidates)
    more = len(talk.draft.doubts) - 1
    text = (
        _('"{line}": yang mana?') if found else _('"{line}" belum ketemu. Ketik nama lengkap atau 4 angka akhir NIK.')
    )
    lines = [text.format(line=line)]
    if more:
        lines.append(_("Masih ada {count} baris lain yang perlu ditanya.").format(count=more))
    return Choose(
        "\n".join(lines),
        [
            *(
                Option(whose(talk, one), value=one.id, key=one.id[-16:], words=(one.name, one.nik_end))
                for one in found.values()
            ),
            Option(_("Lewati baris ini"), line_skipped, words=("lewati", "skip")),
            *([Option(_("Lewati semua yang belum jelas"), lines_skipped)] if more else []),
        ],
        save="picked",
        read=partial(read_one, talk),
        then=line_settled,
    )


def whose(talk: T, member: Member) -> str:
    """A member with what tells her from others of that name; whose she is, if she is another collector's."""
    if member.collector_id in (None, talk.person_id):
        return named(member)
    return _("{who}, pengumpul {collector}").format(
        who=named(member), collector=people.name_of(talk.db, member.collector_id)
    )


def read_one(talk: T, text: str) -> str:
    """One member, typed anew."""
    found = roster.read(talk.db, talk.house.id, talk.person_id, text)
    if len(found) != 1 or len(found[0].members) != 1:
        raise Unclear(
            _("Belum jelas yang mana. Ketik nama lengkap dengan 4 angka akhir NIK, contoh: Siti Aminah 0001.")
        )
    return found[0].members[0]


def line_settled(talk: T) -> Show:
    keep = {"members": with_members(talk.draft, [talk.draft.picked]), "doubts": talk.draft.doubts[1:]}
    return Show("", keep=keep, then=sort_on)


def line_skipped(talk: T) -> Show:
    return Show("", keep={"doubts": talk.draft.doubts[1:]}, then=sort_on)


def lines_skipped(talk: T) -> Show:
    return Show("", keep={"doubts": []}, then=sort_on)


def confirm_members(talk: T) -> Question | Show:
    found = collections.members_named(talk.db, talk.house.id, talk.draft.get("members", []))
    if not found:
        return Show(_("Belum ada nama yang jelas."), then=ask_names)
    return Choose(
        _("{count} orang: {names}.\nMasih ada? Ketik saja namanya.").format(count=len(found), names=some(found)),
        [
            Option(_("Lanjut ke jumlah uang"), ready, words=("lanjut", "benar", "ya")),
            Option(_("Tambah nama"), ask_names),
            Option(_("Keluarkan satu orang"), choose_whom_out),
            Option(_("Kosongkan daftar"), begin_anew),
        ],
        save="heard",
        read=partial(read_names, talk),
        then=sort_out,
    )


def begin_anew(talk: T) -> Show:
    keep = {"members": [], "near": [], "doubts": [], "marked": {}, "amounts": {}, "rest_to": ""}
    return Show("", keep=keep, then=choose_way)


# ── as before ────────────────────────────────────────────────────────────────────────────────────────────────────


def before(talk: T) -> list[Member]:
    """From whom she took cash last month, or in her last collection."""
    month_began = talk.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return collections.taken_before(talk.db, talk.house.id, talk.person_id, month_began)


def same_as_before(talk: T) -> Show:
    dues = collections.dues_of(talk.db, before(talk), talk.today)
    owing = [due.member.id for due in dues if not due.ahead and due.amount]
    paid = [due.member for due in dues if due.member.id not in owing]
    if not owing:
        return Show(_("Semua yang bulan lalu membayar sudah lunas sampai bulan ini."), then=choose_way)
    note = _("Sudah lunas, jadi tidak diikutkan: {names}.").format(names=some(paid)) if paid else ""
    return Show(note, keep={"members": owing}, then=confirm_members)


# ── how much ─────────────────────────────────────────────────────────────────────────────────────────────────────


def ready(talk: T) -> Show:
    chosen = collections.members_named(talk.db, talk.house.id, talk.draft.get("members", []))
    givers = [one for one in chosen if one.person_id != talk.person_id]
    own = (
        ""
        if len(givers) == len(chosen)
        else _("Iuran Bapak/Ibu sendiri tidak bisa dicatat sendiri. Minta pengumpul lain mencatatnya.")
    )
    if not givers:
        return Show(own or _("Belum ada yang dipilih."), keep={"members": []}, then=choose_way)
    notes = "\n".join(filter(None, [own, *words_about(talk, givers)]))
    keep = {"members": [one.id for one in givers], "amounts": {}, "rest_to": ""}
    return Show(notes, keep=keep, then=ask_total)


def words_about(talk: T, givers: list[Member]) -> list[str]:
    """What the collector should know of these members."""
    dues = collections.dues_of(talk.db, givers, talk.today)
    anew = [due.member for due in dues if due.member.status == "lapsed"]
    early = [due.member for due in dues if due.ahead and due.months and due.member not in anew]
    free = [due.member for due in dues if not due.months]
    others = [one for one in givers if one.collector_id not in (None, talk.person_id)]
    told_of = [
        (others, _("Anggota pengumpul lain, tetapi boleh dicatat: {names}.")),
        (early, _("Tidak ada tunggakan, jadi uangnya untuk bulan berikutnya: {names}.")),
        (anew, _("Lama tidak membayar; tunggakan lama tidak ditagih lagi: {names}.")),
        (free, _("Tidak ada iuran yang harus dibayar: {names}.")),
        (
            [due.member for due in dues if due.pending],
            _("Ada bukti bayar yang masih diperiksa petugas, jangan sampai bayar dua kali: {names}."),
        ),
    ]
    return [sentence.format(names=some(found)) for found, sentence in told_of if found]


def ask_total(talk: T) -> Question | Show:
    givers = sharing.givers(talk.db, talk.house.id, talk.person_id, talk.draft)
    if not givers:
        return Show(_("Belum ada yang dipilih."), then=choose_way)
    dues = collections.dues_of(talk.db, givers, talk.today)
    owed = sum(due.amount for due in dues)
    exact = [Option(_("Pas {amount}").format(amount=rupiah(owed)), value=owed, key="exact")] if owed else []
    return Ask(
        asked_of(dues, owed) + " " + _("Berapa uang tunai yang Bapak/Ibu pegang sekarang?"),
        read=readers.amount,
        save="total",
        then=total_told,
        options=exact,
        simple=_("Berapa rupiah uangnya?"),
    )


def asked_of(dues: list[Due], owed: int) -> str:
    """What is owed by these."""
    if len(dues) > 1:
        return _("Dari {count} orang, seharusnya {amount}.").format(count=len(dues), amount=rupiah(owed))
    (due,) = dues
    if not due.months:
        return _("Dari {name}.").format(name=due.member.name)
    return _("{name}: {amount} untuk {months}.").format(
        name=due.member.name, amount=rupiah(due.amount), months=spans(due.months)
    )


def total_told(talk: T) -> Show:
    return Show("", keep={"rest_to": ""}, then=propose)


def divided(db: Session, talk: T) -> Sharing:
    """The split as the facts stand now."""
    givers = sharing.givers(db, talk.house.id, talk.person_id, talk.draft)
    return sharing.share(db, givers, talk.draft, talk.today)


def propose(talk: T) -> Question | Show:
    split = divided(talk.db, talk)
    if not split.parts:
        return Show(_("Belum ada yang dipilih."), then=choose_way)
    many = len(split.parts) > 1
    return Choose(
        "\n\n".join(filter(None, [what_changed(talk, split), told(split)])),
        [
            *deciding(split),
            Option(_("Ubah total"), ask_total),
            *([Option(_("Ubah jumlah satu orang"), choose_whose_amount)] if many else []),
            *([Option(_("Keluarkan satu orang"), choose_whom_out)] if many else []),
            *([Option(_("Lihat rincian"), see_detail)] if many else []),
        ],
        keep={"seen": split.owed, "page": 0},
    )


def deciding(split: Sharing) -> list[Option]:
    """Nothing is recorded while some of the money is nobody's; whoever is short is named before it is."""
    if split.rest and len(split.parts) == 1:
        return [Option(_("Simpan sebagai titipan"), rest_to_the_only_one, words=("titip", "titipan", "simpan"))]
    if split.rest:
        label = _("Berikan sisanya ke …") if split.short else _("Simpan sebagai titipan untuk …")
        return [Option(label, choose_rest_to, words=("titip", "titipan", "simpan", "sisa"))]
    if split.short:
        return [Option(_("Bagi seperti ini"), recorded, words=("bagi",))]
    return [Option(_("Ya, catat"), recorded, words=("catat",))]


def rest_to_the_only_one(talk: T) -> Show:
    return Show("", keep={"rest_to": talk.draft.members[0]}, then=propose)


def choose_rest_to(talk: T) -> Question | Show:
    split = divided(talk.db, talk)
    if not split.rest:
        return Show("", then=propose)
    text = _("Sisa {rest} untuk siapa? Yang lebih dari iurannya disimpan untuk bulan berikutnya.")
    options = choosing_of([part.member for part in split.parts])
    text = text.format(rest=rupiah(split.rest))
    return Choose(text, [*options, Option(_("Tidak jadi"), propose)], save="rest_to", then=propose)


def choosing_of(found: list[Member]) -> list[Option]:
    """Each of these members."""
    return [Option(named(one), value=one.id, key=one.id[-16:], words=(one.name, one.nik_end)) for one in found]


def choose_whose_amount(talk: T) -> Question:
    split = divided(talk.db, talk)
    return Choose(
        _("Jumlah siapa yang mau diubah?"),
        [*choosing(split.parts), Option(_("Tidak jadi"), propose)],
        save="whose",
        then=ask_amount,
    )


def choosing(parts: tuple[Part, ...]) -> list[Option]:
    """Each member, with what she gets."""
    return [
        Option(
            _("{who}: {amount}").format(who=named(part.member), amount=rupiah(part.amount)),
            value=part.member.id,
            key=part.member.id[-16:],
            words=(part.member.name, part.member.nik_end),
        )
        for part in parts
    ]


def ask_amount(talk: T) -> Question | Show:
    part = next((one for one in divided(talk.db, talk).parts if one.member.id == talk.draft.whose), None)
    if part is None:
        return Show("", then=propose)
    text = _("Berapa dari {name}? Seharusnya {owed}.").format(name=part.member.name, owed=rupiah(part.due.amount))
    return Ask(text, read=readers.amount, save="amount", then=amount_told, options=[Option(_("Tidak jadi"), propose)])


def amount_told(talk: T) -> Show:
    amounts = {**talk.draft.get("amounts", {}), talk.draft.whose: talk.draft.amount}
    return Show("", keep={"amounts": amounts, "rest_to": ""}, then=propose)


def choose_whom_out(talk: T) -> Question:
    found = collections.members_named(talk.db, talk.house.id, talk.draft.get("members", []))
    options = choosing_of(found)
    back = propose if talk.draft.has("total") else confirm_members
    return Choose(
        _("Siapa yang dikeluarkan?"), [*options, Option(_("Tidak jadi"), back, key="no")], save="whose", then=left_out
    )


def left_out(talk: T) -> Show:
    left = [one for one in talk.draft.get("members", []) if one != talk.draft.whose]
    keep = {"members": left, "rest_to": ""}
    if not left:
        return Show(_("Semua sudah dikeluarkan."), keep=keep, then=choose_way)
    return Show("", keep=keep, then=propose if talk.draft.has("total") else confirm_members)


def see_detail(talk: T) -> Question:
    parts = divided(talk.db, talk).parts
    pages = max(1, -(-len(parts) // LINES_OF_DETAIL))
    page = talk.draft.get("page", 0) % pages
    shown = parts[page * LINES_OF_DETAIL : (page + 1) * LINES_OF_DETAIL]
    head = _("Rincian {first} sampai {last} dari {count} orang:").format(
        first=page * LINES_OF_DETAIL + 1, last=page * LINES_OF_DETAIL + len(shown), count=len(parts)
    )
    more = [Option(_("Rincian berikutnya"), value=page + 1, key="next", words=("berikutnya",))] if pages > 1 else []
    return Choose(
        "\n".join([head, *map(sharing.detail, shown)]),
        [*more, Option(_("Kembali ke pembagian"), propose)],
        save="page",
        then=see_detail,
    )


# ── recorded ─────────────────────────────────────────────────────────────────────────────────────────────────────


def recorded(talk: T) -> Show | End:
    split = divided(talk.db, talk)
    if split.owed != talk.draft.get("seen") or split.rest or not split.taken:
        return Show("", then=propose)
    text = _(
        "Tercatat {number}: {total} dari {count} orang. Setiap orang mendapat kwitansi.\n{receipts}\n{cash}\n"
        'Ketik "setor" kalau mau menyetor.'
    )
    text = text.replace("{total}", rupiah(split.total)).replace("{count}", str(len(split.taken)))
    return End(text, do=keep_collection)


def what_changed(talk: T, split: Sharing) -> str:
    """What somebody else changed since the split was shown; "" while it stands."""
    seen, now = talk.draft.get("seen", {}), split.owed
    gone = [one for one in talk.draft.members if one in seen and one not in now]
    left = [members.get(talk.db, talk.house.id, member_id).name for member_id in gone]
    lines = [_("{names} bukan anggota lagi.").format(names=", ".join(left))] if left else []
    changed = [part for part in split.parts if seen.get(part.member.id, now[part.member.id]) != now[part.member.id]]
    lines += [asked_of([part.due], part.due.amount) for part in changed[: sharing.SHOWN]]
    return "\n".join([_("Ada yang berubah sejak tadi, jadi belum dicatat."), *lines]) if lines else ""


def keep_collection(db: Session, talk: T) -> dict[str, str]:
    """The cash is hers to hand over, each member has her receipt. Raises `Overtaken` when somebody's dues changed."""
    collections.lock_members(db, talk.house.id, talk.draft.members)
    split = divided(db, talk)
    if split.owed != talk.draft.seen or split.rest or not split.taken:
        raise Overtaken("somebody's dues changed since the split was shown")
    months = {part.member.id: part.months for part in split.taken}
    collections.charge_together(db, months, talk.house.id, now=talk.now)
    taken = [payments.Taken(part.member, part.amount, part.months, part.owed) for part in split.taken]
    collection, made = payments.collect(
        db, taken, association_id=talk.house.id, collector_id=talk.person_id, now=talk.now
    )
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action="collected",
        subject=f"collection/{collection.id}",
        now=talk.now,
        facts={"members": collection.members, "total": collection.total},
    )
    unreached = tell_members(db, collection, made, pages=talk.facts.pages, now=talk.now)
    with speaking(talk.facts.language):
        numbers = [receipt.printed for _payment, receipt in made]
        return {
            "number": collection.number,
            "receipts": receipts_of(split.taken, numbers, unreached),
            "cash": in_hand(
                cash.in_hand(db, talk.house.id, talk.person_id),
                cash.oldest_since(db, talk.house.id, talk.person_id),
                today=talk.today,
                zone=talk.house.zone,
            ),
        }


def receipts_of(taken: list[Part], numbers: list[str], unreached: list[Member]) -> str:
    """The numbers that the members have too; who could not be told is named."""
    if len(numbers) > sharing.SHOWN:
        lines = [_("Kwitansi {first} sampai {last}.").format(first=numbers[0], last=numbers[-1])]
    else:
        lines = [
            _("{name}: {number}").format(name=part.member.name, number=number)
            for part, number in zip(taken, numbers, strict=True)
        ]
    if unreached:
        lines.append(_("Belum bisa dikabari, tolong sebutkan nomornya: {names}.").format(names=some(unreached)))
    return "\n".join(lines)


collecting = Conversation(
    name="collecting",
    title=N_("terima uang iuran"),
    version=1,
    draft=Draft,
    start=begin,
    further_steps=(
        choose_way,
        pick_members,
        picked_all,
        ask_names,
        sort_out,
        sort_on,
        confirm_near,
        near_was_right,
        near_was_wrong,
        ask_line,
        line_settled,
        line_skipped,
        lines_skipped,
        confirm_members,
        begin_anew,
        same_as_before,
        ready,
        ask_total,
        total_told,
        propose,
        rest_to_the_only_one,
        choose_rest_to,
        choose_whose_amount,
        ask_amount,
        amount_told,
        choose_whom_out,
        left_out,
        see_detail,
        recorded,
    ),
    words=("terima", "terima uang", "tagih", "collect"),
    only_for=frozenset({"collector"}),
    kept=True,
)
