"""What an association asks for itself, and where it is paid: `association fee` and `association pay`."""

from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from sqlmodel import Session

from bot import photos
from bot.app import open_storage
from bot.cli.asking import a_code, demanded
from bot.cli.console import out
from bot.cli.quote import month
from bot.settings import read_settings
from conversations.words import month_name, rupiah, speaking
from domain.money import AmountTooLarge, NotAnAmount, Rupiah, parse_rupiah
from domain.month import Month
from domain.text import visible
from storage.columns import new_id
from storage.database import Database
from storage.queries import associations, audit, charges, documents, members, people, terms
from storage.queries.documents import NewDocument
from storage.tables import Association

MOST_FEE = 1_000_000  # rupiah a month: more is a slip
LONGEST = 200  # characters of where to transfer to

Code = Annotated[str, typer.Argument(help="The association's code.")]


# ── the fee ──────────────────────────────────────────────────────────────────────────────────────────────────────


def fee(
    code: Code,
    amount: Annotated[str, typer.Argument(help="Rupiah a month, as in 2000; 0 ends it.")],
    *,
    first: Annotated[
        Month, typer.Option("--from", parser=month, metavar="MONTH", help="The first month, as in 2027-01.")
    ],
) -> None:
    """Set the association's own fee from a month on; months that are charged already are put right."""
    asked = an_amount("AMOUNT", amount)
    if asked > MOST_FEE:
        raise typer.BadParameter("A fee is a million rupiah a month at most.", param_hint="AMOUNT")
    now = datetime.now(UTC)
    with closing(open_storage(read_settings())) as database:
        word = database.transact(lambda db: set_fee(db, code, asked, first, now))
        put_right = reprice(database, word, first, now)
    with speaking("en"):
        told = f"{escape(word)} asks {rupiah(asked)} a month from {month_name(first)} on."
    out.print(told if asked else f"{escape(word)} asks for no fee from {first} on.")
    if put_right:
        out.print(f"{put_right} members were charged for such months already: what they owe is put right.")


def set_fee(db: Session, code: str, amount: Rupiah, first: Month, now: datetime) -> str:
    """Write the fee down, and leave a trace; the association's code. Raises `typer.BadParameter`."""
    association = known(db, code)
    current = Month.of(now.astimezone(ZoneInfo(association.zone)).date())
    if first < current:
        raise typer.BadParameter(
            f"Nobody is charged for what lies behind: {current} at the earliest.", param_hint="--from"
        )
    terms.set_fee(db, association.id, amount, from_month=first, now=now)
    note(db, association.id, "set_fee", {"amount": int(amount), "from": str(first)}, now)
    return association.id


def reprice(database: Database, association_id: str, first: Month, now: datetime) -> int:
    """Put right what was charged for that month and later ones, one member after the other; how many changed."""

    def put_right(member_id: str, db: Session) -> bool:
        member = members.lock(db, association_id, member_id)
        return charges.reprice(db, member, now=now, reason="the association's fee", first=first) != 0

    charged = database.read(lambda db: charges.charged_from(db, association_id, first))
    return sum(database.transact(partial(put_right, member_id)) for member_id in charged)


# ── where to pay ─────────────────────────────────────────────────────────────────────────────────────────────────


def pay(
    code: Code,
    *,
    transfer_to: Annotated[
        str | None, typer.Option(help="Bank, number and holder, as members read it; empty: no transfers.")
    ] = None,
    qris: Annotated[Path | None, typer.Option(help="A picture of the association's QRIS code.")] = None,
    no_qris: Annotated[bool, typer.Option("--no-qris", help="Take no payments by QRIS.")] = False,
    second_above: Annotated[str | None, typer.Option(help="Rupiah above which two people confirm a payment.")] = None,
) -> None:
    """Say where members pay, and above which amount two people confirm; what is not given stays as it is."""
    if transfer_to is None and qris is None and not no_qris and second_above is None:
        raise typer.BadParameter("Say what to set: --transfer-to, --qris, --no-qris or --second-above.")
    if qris and no_qris:
        raise typer.BadParameter("Give a picture or take it away, not both.", param_hint="--no-qris")
    account = None if transfer_to is None else demanded("--transfer-to", an_account, transfer_to)
    limit = None if second_above is None else an_amount("--second-above", second_above)
    picture = None if qris is None else a_picture(qris)
    now = datetime.now(UTC)

    def keep(db: Session) -> str:
        association = known(db, code)
        if account is not None:
            association.transfer_to = account
        if limit is not None:
            association.second_above = limit
        if picture:
            keep_qris(db, association, picture, now)
        if no_qris:
            association.qris_document = ""
        changed = {"transfer_to": account, "qris": picture or no_qris or None, "second_above": limit}
        note(db, association.id, "set_pay", {"what": [name for name, new in changed.items() if new is not None]}, now)
        return association.id

    with closing(open_storage(read_settings())) as database:
        word = database.transact(keep)
    out.print(f"{escape(word)}: kept. `jagalapak association list` shows it.")


def keep_qris(db: Session, association: Association, picture: NewDocument, now: datetime) -> None:
    """Keep the QR code, in the name of an administrator. Raises `typer.BadParameter`."""
    holders = people.with_role(db, association.id, "admin")
    if not holders:
        advice = (
            f"First somebody must look after {association.id}: jagalapak grant admin --association {association.id}"
        )
        raise typer.BadParameter(f"{advice} --address …", param_hint="--qris")
    documents.add(db, picture, association_id=association.id, person_id=holders[0], kind="qris", now=now)
    association.qris_document = picture.id


# ── what is typed ────────────────────────────────────────────────────────────────────────────────────────────────


def known(db: Session, code: str) -> Association:
    """The association of that code. Raises `typer.BadParameter`."""
    word = demanded("CODE", a_code, code)
    found = {one.id: one for one in associations.everyone(db)}
    if word not in found:
        there = f"there are {', '.join(found)}" if found else "jagalapak init founds the first"
        raise typer.BadParameter(f"There is no association {word}; {there}.", param_hint="CODE")
    return found[word]


def an_amount(option: str, text: str) -> Rupiah:
    """Rupiah, as people write it. Raises `typer.BadParameter`."""
    try:
        return parse_rupiah(text)
    except AmountTooLarge:
        raise typer.BadParameter("That is more than a billion rupiah.", param_hint=option) from None
    except NotAnAmount:
        raise typer.BadParameter("Write rupiah, as in 2000 or Rp2.000.", param_hint=option) from None


def an_account(text: str) -> str:
    """Where to transfer to, on one line."""
    told = visible(text)
    if len(told) > LONGEST:
        raise ValueError(f"it has {LONGEST} characters at most")
    if told and not any(map(str.isdigit, told)):
        raise ValueError("there is no account number in it; write bank, number and holder")
    return told


def a_picture(path: Path) -> NewDocument:
    """A picture of a QR code, drawn anew as every photo. Raises `typer.BadParameter`, `OSError`."""
    data = path.read_bytes()
    lab = photos.Lab(at_once=1)
    try:
        photo = lab.check(data)
    except photos.PhotoRefused as refusal:
        why = f"{path.name} is no picture that we can use ({type(refusal).__name__}): give a JPEG or PNG."
        raise typer.BadParameter(why, param_hint="--qris") from refusal
    finally:
        lab.close()
    return NewDocument(new_id(), photo.jpeg, photo.sha256, photo.phash, photo.width, photo.height)


def note(db: Session, association_id: str, action: str, facts: dict[str, object], now: datetime) -> None:
    """One row in the audit trail: done at the machine, by nobody whom we know."""
    audit.note(
        db,
        association_id=association_id,
        actor_id=None,
        action=action,
        subject=f"association/{association_id}",
        now=now,
        facts=facts,
    )
