"""The proofs that no rupiah is lost: what must hold between the ledger and everything that tells of money.

Each rule is one question to the database whose answer is empty while the rule holds. None of them looks at rows one by
one, so that an association with many members is checked in minutes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from storage.tables import Receipt

MOST = 20  # findings of one rule that are told one by one


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, where, and what is found there."""

    rule: str
    subject: str  # as in "entry 17", "payment B-2026-0003", "member …"
    says: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold; `breaks` finds what does not, the first column is the subject, the others fill `says`."""

    name: str
    says: str
    breaks: str


def broken(db: Session, association_id: str) -> list[Broken]:
    """Everything in the money of an association that does not hold; empty when all is well."""
    found: list[Broken] = []
    for rule in RULES:
        rows = db.connection().execute(text(rule.breaks), {"here": association_id}).all()
        found += told(rule.name, [(str(row[0]), rule.says.format(*map(plain, row))) for row in rows])
    for name, look in LOOKS.items():
        found += told(name, list(look(db, association_id)))
    return found


def told(rule: str, findings: list[tuple[str, str]]) -> list[Broken]:
    """The first findings of a rule, and how many more there are."""
    shown = [Broken(rule, subject, says) for subject, says in sorted(findings)[:MOST]]
    more = len(findings) - len(shown)
    return [*shown, Broken(rule, "…", f"{more} more like these.")] if more else shown


def plain(value: Any) -> Any:
    """A number as a number: PostgreSQL adds up to decimals."""
    return value if value is None or isinstance(value, str) else int(value)


# ── entries, postings, charges ───────────────────────────────────────────────────────────────────────────────────


ENTRIES = (
    Rule(
        "entries are numbered without gaps",
        "There are {1} entries, the first is number {2}, the last {3}, and {4} were counted.",
        """
        SELECT 'ledger', count(number), min(number), max(number), coalesce(max(value), 0)
        FROM counter LEFT JOIN entry ON entry.association_id = counter.association_id
        WHERE counter.association_id = :here AND name = 'entry'
        HAVING count(number) <> coalesce(max(number), 0) OR coalesce(max(number), 0) <> coalesce(max(value), 0)
        UNION ALL
        SELECT 'ledger', count(*), min(number), max(number), 0 FROM entry
        WHERE association_id = :here
        AND NOT EXISTS (SELECT 1 FROM counter WHERE association_id = :here AND name = 'entry')
        HAVING count(*) > 0
        """,
    ),
    Rule(
        "an entry tells what its postings move",
        "It tells of {1} lines and {2} rupiah; its postings are {3} and move {4}.",
        """
        SELECT 'entry ' || number, lines, total, coalesce(many, 0), coalesce(moved, 0)
        FROM entry LEFT JOIN (
            SELECT entry AS its, count(*) AS many, sum(amount) AS moved
            FROM posting WHERE association_id = :here GROUP BY entry
        ) AS postings ON its = number
        WHERE association_id = :here AND (lines <> coalesce(many, 0) OR total <> coalesce(moved, 0))
        """,
    ),
    Rule(
        "a posting belongs to an entry",
        "{1} postings name it, and there is no such entry.",
        """
        SELECT 'entry ' || entry, count(*) FROM posting
        WHERE association_id = :here AND NOT EXISTS (
            SELECT 1 FROM entry WHERE entry.association_id = posting.association_id AND number = posting.entry
        ) GROUP BY entry
        """,
    ),
    Rule(
        "a reversal moves back exactly what it undoes",
        "It undoes entry {1}: of {2} to {3} the two differ by {4} rupiah.",
        """
        SELECT 'entry ' || number, undone, debit, credit, sum(amount)
        FROM (
            SELECT undoing.number, undoing.reverses AS undone, posting.debit, posting.credit, posting.amount,
                posting.member_id, posting.collector_id, posting.month, posting.part
            FROM entry AS undoing JOIN posting
            ON posting.association_id = undoing.association_id AND posting.entry = undoing.number
            WHERE undoing.association_id = :here AND undoing.reverses IS NOT NULL
            UNION ALL
            SELECT undoing.number, undoing.reverses, posting.credit, posting.debit, -posting.amount,
                posting.member_id, posting.collector_id, posting.month, posting.part
            FROM entry AS undoing JOIN posting
            ON posting.association_id = undoing.association_id AND posting.entry = undoing.reverses
            WHERE undoing.association_id = :here
        ) AS both_of_them
        GROUP BY number, undone, debit, credit, member_id, collector_id, month, part
        HAVING sum(amount) <> 0
        """,
    ),
    Rule(
        "an entry is undone once, by a later one",
        "It undoes entry {1}, which is no earlier entry, is a reversal itself, or is undone more than once.",
        """
        SELECT 'entry ' || undoing.number, undoing.reverses
        FROM entry AS undoing LEFT JOIN entry AS undone
        ON undone.association_id = undoing.association_id AND undone.number = undoing.reverses
        WHERE undoing.association_id = :here AND (
            (undoing.kind = 'reversal') <> (undoing.reverses IS NOT NULL)
            OR (undoing.reverses IS NOT NULL AND (
                undone.number IS NULL OR undone.number >= undoing.number OR undone.kind = 'reversal'
                OR EXISTS (
                    SELECT 1 FROM entry AS other WHERE other.association_id = undoing.association_id
                    AND other.reverses = undoing.reverses AND other.number <> undoing.number
                )
            ))
        )
        """,
    ),
    Rule(
        "what was charged is what was posted",
        "Entry {1}: of {2} of {3}, charges and postings differ by {4} rupiah.",
        """
        SELECT 'member ' || member_id, entry, part, month, sum(amount)
        FROM (
            SELECT member_id, entry, part, month, amount FROM charge WHERE association_id = :here
            UNION ALL
            SELECT member_id, entry, part, month, CASE
                WHEN sum(CASE WHEN posting.credit = 'owes' THEN amount ELSE 0 END) > 0
                THEN sum(CASE WHEN posting.credit = 'owes' THEN amount ELSE 0 END)
                ELSE -sum(amount) END
            FROM posting JOIN entry
            ON entry.association_id = posting.association_id AND entry.number = posting.entry
            WHERE posting.association_id = :here AND entry.kind IN ('charge', 'adjust', 'lapse', 'leave') AND (
                (posting.debit = 'owes' AND posting.credit IN ('bpjs', 'fee'))
                OR (posting.credit = 'owes' AND posting.debit IN ('bpjs', 'fee'))
            )
            GROUP BY member_id, entry, part, month
        ) AS both_of_them
        GROUP BY member_id, entry, part, month
        HAVING sum(amount) <> 0
        """,
    ),
    Rule(
        "the changes to a charge are counted from 0",
        "{1} of {2}: {3} rows, the first is change {4}, the last {5}.",
        """
        SELECT 'member ' || member_id, part, month, count(*), min(revision), max(revision) FROM charge
        WHERE association_id = :here GROUP BY member_id, part, month
        HAVING min(revision) <> 0 OR max(revision) <> count(*) - 1
        """,
    ),
    Rule(
        "a part of a month never costs less than nothing",
        "{1} of {2} costs {3} rupiah.",
        """
        SELECT 'member ' || member_id, part, month, sum(amount) FROM charge
        WHERE association_id = :here GROUP BY member_id, part, month HAVING sum(amount) < 0
        """,
    ),
    Rule(
        "nobody owes less than nothing",
        "She owes {3} rupiah for {1} of {2}.",
        """
        SELECT 'member ' || member_id, part, month,
            sum(CASE WHEN debit = 'owes' THEN amount ELSE 0 END - CASE WHEN credit = 'owes' THEN amount ELSE 0 END)
        FROM posting WHERE association_id = :here AND (debit = 'owes' OR credit = 'owes')
        GROUP BY member_id, part, month
        HAVING sum(CASE WHEN debit = 'owes' THEN amount ELSE 0 END - CASE WHEN credit = 'owes' THEN amount ELSE 0 END)
            < 0
        """,
    ),
    Rule(
        "what lies ready for somebody is not below zero",
        "With the association {1} rupiah, with BPJS {2}.",
        """
        SELECT 'member ' || member_id,
            sum(CASE WHEN credit = 'credit' THEN amount ELSE 0 END - CASE WHEN debit = 'credit' THEN amount ELSE 0 END),
            sum(CASE WHEN credit = 'ahead' THEN amount ELSE 0 END - CASE WHEN debit = 'ahead' THEN amount ELSE 0 END)
        FROM posting WHERE association_id = :here
        AND (debit IN ('credit', 'ahead') OR credit IN ('credit', 'ahead'))
        GROUP BY member_id
        HAVING sum(CASE WHEN credit = 'credit' THEN amount ELSE 0 END - CASE WHEN debit = 'credit' THEN amount ELSE 0
            END) < 0
        OR sum(CASE WHEN credit = 'ahead' THEN amount ELSE 0 END - CASE WHEN debit = 'ahead' THEN amount ELSE 0 END) < 0
        """,
    ),
    Rule(
        "nothing refers to another association",
        "{1} rows of {0} name a member of another association.",
        " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM {table} JOIN member ON member.id = {table}.member_id "  # noqa: S608
            f"WHERE {table}.association_id = :here AND member.association_id <> :here HAVING count(*) > 0"
            for table in ("posting", "charge", "terms", "payment", "receipt", "remittance_line")
        ),
    ),
)


# ── payments and receipts ────────────────────────────────────────────────────────────────────────────────────────


PAYMENTS = (
    Rule(
        "a payment that somebody has seen has one entry",
        "It is {1} and has {2} entries.",
        """
        SELECT 'payment ' || payment.number, status, count(entry.number)
        FROM payment LEFT JOIN entry ON entry.association_id = payment.association_id
            AND entry.about = 'payment/' || payment.id AND entry.kind = 'payment'
        WHERE payment.association_id = :here
        GROUP BY payment.number, status, payment.entry
        HAVING count(entry.number) <> CASE WHEN status IN ('confirmed', 'disputed', 'reversed') THEN 1 ELSE 0 END
        OR coalesce(max(entry.number), 0) <> coalesce(payment.entry, 0)
        """,
    ),
    Rule(
        "an entry of a payment belongs to a payment",
        "It is about {1}, which is none of the payments.",
        """
        SELECT 'entry ' || number, about FROM entry
        WHERE association_id = :here AND kind = 'payment' AND NOT EXISTS (
            SELECT 1 FROM payment WHERE payment.association_id = entry.association_id AND payment.entry = entry.number
        )
        """,
    ),
    Rule(
        "a payment's money lies where it was paid",
        "Of the {1} rupiah that were received, {2} were put where its way ({3}) says.",
        """
        SELECT 'payment ' || payment.number, coalesce(received, 0), coalesce(sum(amount), 0), way
        FROM payment LEFT JOIN posting ON posting.association_id = payment.association_id
            AND posting.entry = payment.entry
            AND posting.member_id = payment.member_id
            AND posting.credit IN ('owes', 'credit', 'ahead')
            AND posting.debit = CASE way WHEN 'cash' THEN 'cash' WHEN 'bpjs' THEN 'bpjs' ELSE 'bank' END
            AND coalesce(posting.collector_id, '') = coalesce(payment.collector_id, '')
        WHERE payment.association_id = :here AND payment.entry IS NOT NULL
        GROUP BY payment.number, received, way, payment.entry
        HAVING coalesce(sum(amount), 0) <> coalesce(received, 0)
        OR coalesce(received, 0) <> (
            SELECT coalesce(sum(total), 0) FROM entry
            WHERE entry.association_id = :here AND entry.number = payment.entry
        )
        """,
    ),
    Rule(
        "a payment is undone when its entry is",
        "It is {1} and its entry was undone {2} times.",
        """
        SELECT 'payment ' || payment.number, status, count(undoing.number)
        FROM payment LEFT JOIN entry AS undoing
        ON undoing.association_id = payment.association_id AND undoing.reverses = payment.entry
        WHERE payment.association_id = :here
        GROUP BY payment.number, status
        HAVING count(undoing.number) <> CASE WHEN status = 'reversed' THEN 1 ELSE 0 END
        """,
    ),
    Rule(
        "each payment that somebody has seen has one receipt",
        "It is {1}, of {2} rupiah, and has {3} receipts, of {4} rupiah.",
        """
        SELECT 'payment ' || payment.number, status, coalesce(received, 0), count(receipt.id),
            coalesce(sum(receipt.amount), 0)
        FROM payment LEFT JOIN receipt ON receipt.payment_id = payment.id
            AND receipt.association_id = payment.association_id AND receipt.member_id = payment.member_id
        WHERE payment.association_id = :here
        GROUP BY payment.number, status, received, payment.entry
        HAVING count(receipt.id) <> CASE WHEN payment.entry IS NULL THEN 0 ELSE 1 END
        OR (payment.entry IS NOT NULL AND coalesce(sum(receipt.amount), 0) <> coalesce(received, 0))
        """,
    ),
    Rule(
        "receipts are numbered without gaps",
        "There are {1}, the last is number {2}, and {3} were counted.",
        """
        SELECT 'receipts of ' || year, count(*), max(number), coalesce((
            SELECT value FROM counter WHERE association_id = :here AND name = 'receipt/' || year
        ), 0)
        FROM receipt WHERE association_id = :here GROUP BY year
        HAVING count(*) <> max(number) OR min(number) <> 1 OR count(*) <> coalesce((
            SELECT value FROM counter WHERE association_id = :here AND name = 'receipt/' || year
        ), 0)
        """,
    ),
    Rule(
        "a collection is the sum of its payments",
        "It tells of {1} rupiah from {2} members; its payments are {3} rupiah from {4}.",
        """
        SELECT 'collection ' || collection.number, collection.total, collection.members,
            coalesce(sum(payment.received), 0), count(payment.id)
        FROM collection LEFT JOIN payment ON payment.collection_id = collection.id
            AND payment.collector_id = collection.collector_id
        WHERE collection.association_id = :here
        GROUP BY collection.number, collection.total, collection.members
        HAVING coalesce(sum(payment.received), 0) <> collection.total OR count(payment.id) <> collection.members
        """,
    ),
)

NUMBERED = {
    "payment": "payment",
    "collection": "collection",
    "hand_over": "hand_over",
    "remittance": "remittance",
    "dispute": "dispute",
}
"""Tables whose rows have numbers such as "B-2026-0001", and the name of their count."""

NUMBERS = tuple(
    Rule(
        f"the numbers of each {table} have no gaps",
        "There are {1}, the last is number {2}, and {3} were counted.",
        f"""
        SELECT '{table}s of ' || year, count(*), max(place), coalesce(max(value), 0)
        FROM (
            SELECT substr(number, 3, 4) AS year, CAST(substr(number, 8) AS BIGINT) AS place
            FROM {table} WHERE association_id = :here
        ) AS numbers LEFT JOIN counter ON association_id = :here AND name = '{count}/' || year
        GROUP BY year HAVING count(*) <> max(place) OR min(place) <> 1 OR max(place) <> coalesce(max(value), 0)
        """,  # noqa: S608 - words of our own
    )
    for table, count in NUMBERED.items()
)


# ── where the money lies ─────────────────────────────────────────────────────────────────────────────────────────


COUNTED = """
    SELECT collector_id, sum(amount) AS expected FROM (
        SELECT collector_id, received AS amount FROM payment
        WHERE association_id = :here AND way = 'cash' AND status IN ('confirmed', 'disputed')
        UNION ALL
        SELECT collector_id, -declared FROM hand_over WHERE association_id = :here AND status = 'counted'
    ) AS told GROUP BY collector_id
"""
"""What should be in each collector's hands, by the tables of what she took and what was counted."""

UNDONE = """
    SELECT collector_id, way, sum(received) AS undone FROM payment
    WHERE association_id = :here AND status = 'reversed' GROUP BY collector_id, way
"""
"""What was undone: where it was handed on already, the place is short of it."""


def place(account: str) -> str:
    """What the ledger says lies in one of the association's own places."""
    return f"""
    SELECT coalesce(sum(CASE WHEN debit = '{account}' THEN amount ELSE -amount END), 0) AS lies
    FROM posting WHERE association_id = :here AND (debit = '{account}' OR credit = '{account}')
    """  # noqa: S608 - words of our own


def by_kind(account: str, kind: str) -> str:
    """What entries of a kind brought to a place."""
    return f"""
    SELECT coalesce(sum(CASE WHEN debit = '{account}' THEN amount ELSE -amount END), 0) AS came
    FROM posting JOIN entry ON entry.association_id = posting.association_id AND entry.number = posting.entry
    WHERE posting.association_id = :here AND kind = '{kind}' AND (debit = '{account}' OR credit = '{account}')
    """  # noqa: S608 - words of our own


TO_TILL = """
    SELECT coalesce(sum(counted), 0) AS came FROM hand_over WHERE association_id = :here AND status = 'counted'
"""
TO_BANK = """
    SELECT coalesce(sum(received), 0) AS came FROM payment
    WHERE association_id = :here AND way IN ('transfer', 'qris') AND status IN ('confirmed', 'disputed')
"""

PLACES = (
    Rule(
        "cash in hands is what was taken less what was counted",
        "The ledger says {1} rupiah; what she took and handed over makes {2}.",
        f"""
        SELECT 'collector ' || coalesce(whose, collector_id), coalesce(lies, 0), coalesce(expected, 0)
        FROM (
            SELECT collector_id AS whose, sum(CASE WHEN debit = 'cash' THEN amount ELSE -amount END) AS lies
            FROM posting WHERE association_id = :here AND collector_id IS NOT NULL GROUP BY collector_id
        ) AS ledger FULL JOIN ({COUNTED}) AS told ON collector_id = whose
        WHERE coalesce(lies, 0) <> coalesce(expected, 0)
        """,  # noqa: S608 - words of our own
    ),
    Rule(
        "nobody holds less than nothing",
        "{1} rupiah are in her hands, and only {2} were undone.",
        f"""
        SELECT 'collector ' || told.collector_id, expected, coalesce(undone, 0)
        FROM ({COUNTED}) AS told LEFT JOIN ({UNDONE}) AS gone ON gone.collector_id = told.collector_id
        WHERE expected + coalesce(undone, 0) < 0
        """,  # noqa: S608 - words of our own
    ),
    Rule(
        "the cash box holds what came less what went",
        "The ledger says {1} rupiah; what was counted, brought to the bank, paid and given back makes {2}.",
        f"""
        SELECT 'till', lies, counted.came + deposits.came + returns.came - paid.went
        FROM ({place("till")}) AS ledger, ({TO_TILL}) AS counted,
            ({by_kind("till", "deposit")}) AS deposits, ({by_kind("till", "return")}) AS returns,
            (SELECT coalesce(sum(paid), 0) AS went FROM remittance
             WHERE association_id = :here AND paid_from = 'till' AND entry IS NOT NULL) AS paid
        WHERE lies <> counted.came + deposits.came + returns.came - paid.went OR lies < 0
        """,  # noqa: S608 - words of our own
    ),
    Rule(
        "the bank holds what came less what went",
        "The ledger says {1} rupiah; payments, deposits, and what BPJS got and gave back make {2}.",
        f"""
        SELECT 'bank', lies, received.came + deposits.came + returns.came - paid.went
        FROM ({place("bank")}) AS ledger, ({TO_BANK}) AS received,
            ({by_kind("bank", "deposit")}) AS deposits, ({by_kind("bank", "return")}) AS returns,
            (SELECT coalesce(sum(paid), 0) AS went FROM remittance
             WHERE association_id = :here AND paid_from = 'bank' AND entry IS NOT NULL) AS paid,
            (SELECT coalesce(sum(received), 0) AS undone FROM payment
             WHERE association_id = :here AND way IN ('transfer', 'qris') AND status = 'reversed') AS gone
        WHERE lies <> received.came + deposits.came + returns.came - paid.went OR lies + undone < 0
        """,  # noqa: S608 - words of our own
    ),
    Rule(
        "cash that was counted has its entry",
        "{1} rupiah were declared and {2} counted; its entry moves {3} into the cash box and {4} out of her hands.",
        """
        SELECT 'hand-over ' || number, coalesce(declared, 0), coalesce(counted, 0),
            coalesce(sum(CASE WHEN debit = 'till' THEN amount ELSE 0 END), 0),
            coalesce(sum(CASE WHEN credit = 'cash' AND posting.collector_id = hand_over.collector_id THEN amount
                ELSE 0 END), 0)
        FROM hand_over LEFT JOIN posting
        ON posting.association_id = hand_over.association_id AND posting.entry = hand_over.entry
        WHERE hand_over.association_id = :here AND status = 'counted'
        GROUP BY number, declared, counted
        HAVING coalesce(sum(CASE WHEN debit = 'till' THEN amount ELSE 0 END), 0) <> counted
        OR coalesce(sum(CASE WHEN credit = 'cash' AND posting.collector_id = hand_over.collector_id THEN amount
            ELSE 0 END), 0) <> declared
        """,
    ),
    Rule(
        "an entry of a hand-over belongs to a hand-over",
        "It is about {1}, which is none of those that were counted.",
        """
        SELECT 'entry ' || number, about FROM entry
        WHERE association_id = :here AND kind = 'hand_over' AND NOT EXISTS (
            SELECT 1 FROM hand_over
            WHERE hand_over.association_id = entry.association_id AND hand_over.entry = entry.number
        )
        """,
    ),
)


# ── remittances ──────────────────────────────────────────────────────────────────────────────────────────────────


REMITTANCES = (
    Rule(
        "a batch that was paid has its entry",
        "{1} rupiah were paid; its entry moves {2} out of the {3}.",
        """
        SELECT 'batch ' || remittance.number, coalesce(paid, 0), coalesce(sum(amount), 0), paid_from
        FROM remittance LEFT JOIN posting ON posting.association_id = remittance.association_id
            AND posting.entry = remittance.entry AND posting.credit = paid_from
        WHERE remittance.association_id = :here AND remittance.entry IS NOT NULL
        GROUP BY remittance.number, paid, paid_from
        HAVING coalesce(sum(amount), 0) <> coalesce(paid, 0)
        """,
    ),
    Rule(
        "an entry of a batch belongs to a batch",
        "It is about {1}, which is none of those that were paid.",
        """
        SELECT 'entry ' || number, about FROM entry
        WHERE association_id = :here AND kind = 'remittance' AND NOT EXISTS (
            SELECT 1 FROM remittance
            WHERE remittance.association_id = entry.association_id AND remittance.entry = entry.number
        )
        """,
    ),
    Rule(
        "the lines of a batch are what its entry moves",
        "Of {1} of member {2} the line and the entry differ by {3} rupiah.",
        """
        SELECT 'batch ' || number, month, member_id, sum(amount)
        FROM (
            SELECT remittance.number, line.month, line.member_id, line.amount
            FROM remittance JOIN remittance_line AS line ON line.remittance_id = remittance.id
            WHERE remittance.association_id = :here AND remittance.entry IS NOT NULL AND line.status <> 'left_out'
            UNION ALL
            SELECT remittance.number, posting.month, posting.member_id, -posting.amount
            FROM remittance JOIN posting ON posting.association_id = remittance.association_id
                AND posting.entry = remittance.entry AND posting.debit = 'bpjs'
            WHERE remittance.association_id = :here
        ) AS both_of_them
        GROUP BY number, month, member_id HAVING sum(amount) <> 0
        """,
    ),
    Rule(
        "what BPJS gave back came back once",
        "Line {1} is {2}, of {3} rupiah; {4} came back.",
        """
        SELECT 'batch ' || remittance.number, line.id, line.status, line.amount, coalesce(sum(posting.amount), 0)
        FROM remittance JOIN remittance_line AS line ON line.remittance_id = remittance.id
        LEFT JOIN entry ON entry.association_id = remittance.association_id AND entry.kind = 'return'
            AND entry.key = 'return:' || line.id
        LEFT JOIN posting ON posting.association_id = entry.association_id AND posting.entry = entry.number
            AND posting.credit = 'bpjs' AND posting.member_id = line.member_id AND posting.month = line.month
        WHERE remittance.association_id = :here AND remittance.entry IS NOT NULL
        GROUP BY remittance.number, line.id, line.status, line.amount
        HAVING coalesce(sum(posting.amount), 0) <> CASE WHEN line.status = 'returned' THEN line.amount ELSE 0 END
        """,
    ),
)

RULES = (*ENTRIES, *PAYMENTS, *NUMBERS, *PLACES, *REMITTANCES)


# ── what the database does not add up by itself ──────────────────────────────────────────────────────────────────


def receipts_that_do_not_add_up(db: Session, association_id: str) -> Iterator[tuple[str, str]]:
    """The receipts whose months and credit are another amount than the receipt."""
    asked = select(Receipt).where(Receipt.association_id == association_id).order_by(col(Receipt.id))
    for receipt in db.exec(asked.execution_options(yield_per=1000)):
        months = sum(int(amount) for _month, _part, amount in receipt.paid)
        if months + receipt.credit != receipt.amount:
            says = f"It is of {receipt.amount} rupiah; {months} paid months and {receipt.credit} were kept."
            yield f"receipt {receipt.printed}", says


LOOKS: dict[str, Callable[[Session, str], Iterator[tuple[str, str]]]] = {
    "a receipt tells what became of all its money": receipts_that_do_not_add_up
}
NAMES = (*(rule.name for rule in RULES), *LOOKS)
