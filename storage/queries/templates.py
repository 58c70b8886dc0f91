"""Templates that WhatsApp must approve: how each stands at the provider, and whether it may be sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from domain.cost import Billed
from storage.queries import parked
from storage.tables import ChannelAccount, Template

APPROVED, PAUSED = "approved", "paused"
UNUSABLE = ("rejected", PAUSED, "disabled", "refused")  # refused: Twilio did not take it at all
STANDS = timedelta(hours=3)  # the least for which WhatsApp pauses one: so long its refusal counts, not what it says
PREFIX = "template:"  # begins the code of a message that waits for a template


@dataclass(frozen=True, slots=True)
class Filed:
    """What the provider says of one template."""

    sid: str
    asked: str  # the category that we want
    category: str
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something about a template that administrators must hear."""

    name: str
    what: str  # the status; "refiled": the provider files it as something dearer; "usable": it is well again
    category: str = ""


def waiting_for(name: str) -> str:
    """The code of a message that waits for this template."""
    return PREFIX + name


def known(db: Session, account: str) -> dict[str, Template]:
    """Every template of one account, by its name."""
    return {row.name: row for row in db.exec(select(Template).where(Template.account == account))}


def of_association(db: Session, association_id: str) -> list[Template]:
    """Every template of an association, by account and name."""
    hers = select(Template).where(Template.association_id == association_id)
    return list(db.exec(hers.order_by(Template.account, Template.name)))


def everything(db: Session) -> list[Template]:
    """The templates of every account."""
    return list(db.exec(select(Template)))


def find(db: Session, account: str, name: str) -> Template | None:
    """The template of that name."""
    return db.get(Template, (account, name)) if name else None


def is_refiled(template: Template) -> bool:
    """True when the provider files it as something dearer than anybody agreed to."""
    return template.category == Billed.MARKETING and template.asked != Billed.MARKETING


def is_usable(template: Template) -> bool:
    """True when it may be sent now."""
    return bool(template.sid) and template.status == APPROVED and not is_refiled(template)


def keep(db: Session, *, association_id: str, account: str, filed: Mapping[str, Filed], now: datetime) -> list[Change]:
    """What the provider said of each; what administrators must hear of it, once. What waited for one goes on."""
    changes = []
    for name, said in filed.items():
        row = db.get(Template, (account, name), with_for_update=True)
        if row is None:
            row = Template(account=account, name=name, association_id=association_id, asked=said.asked, checked_at=now)
        if change := taken_down(db, row, said, now):
            changes.append(change)
    return changes


def taken_down(db: Session, row: Template, said: Filed, now: datetime) -> Change | None:
    """One template as the provider says it stands; what changed for us."""
    if said.status == APPROVED and row.status in UNUSABLE and row.reason.isdecimal() and now < row.checked_at + STANDS:
        return None
    before, was_usable = row.status, is_usable(row)
    was_bad = before in UNUSABLE or is_refiled(row)
    row.sid, row.category, row.status, row.reason = said.sid, said.category, said.status, said.reason
    row.checked_at = now
    db.add(row)
    db.flush()
    if is_usable(row) and not was_usable:
        parked.release_waiting_for(db, row.account, waiting_for(row.name), now)
        return Change(row.name, "usable") if was_bad else None
    if row.status in UNUSABLE and row.status != before:
        return Change(row.name, row.status)
    return Change(row.name, "refiled", row.category) if is_refiled(row) and not was_bad else None


def objected(db: Session, account: str, name: str, *, status: str, reason: str, now: datetime) -> Change | None:
    """The provider did not take it just now, whatever it said before; what administrators must hear, the first time."""
    row = db.get(Template, (account, name), with_for_update=True)
    if row is None or row.status == status:
        return None
    row.status, row.reason, row.checked_at = status, reason, now
    db.flush()
    return Change(name, status)


def agree(db: Session, association_id: str, account: str, name: str, now: datetime) -> bool:
    """An administrator takes it as the provider files it: what waited goes on. False: there was nothing to agree to."""
    row = db.get(Template, (account, name), with_for_update=True)
    if row is None or row.association_id != association_id or not is_refiled(row):
        return False
    row.asked = row.category
    db.flush()
    if is_usable(row):
        parked.release_waiting_for(db, account, waiting_for(name), now)
    return True


def is_known_account(db: Session, account: str) -> bool:
    """True when `serve` has made the account known."""
    return db.get(ChannelAccount, account) is not None
