"""Proves that every rupiah is in exactly one place: the ledger against itself, and against what happened.

Each rule is one question to the database, put so that an answer is a fault; it runs over everything at once.
"""

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

LISTED = 50  # faults of one rule that are told


@dataclass(frozen=True, slots=True)
class Broken:
    """One fault: the rule, and what it is about, as in "payment B-2026-0001"."""

    rule: str
    subject: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What must hold; the statement finds where it does not (`:a` is the association)."""

    says: str
    finds: str


RULES = (
    Rule(
        "entries are numbered without gaps, as they are counted",
        """
        SELECT 'entries 1 to ' || count(*) || ', last ' || coalesce(max(number), 0) AS subject FROM entry
        WHERE association_id = :a
        HAVING count(*) <> coalesce(max(number), 0)
            OR count(*) <> coalesce((SELECT value FROM counter WHERE association_id = :a AND name = 'entry'), 0)
        """,
    ),
    Rule(
        "an entry tells what its postings move",
        """
        SELECT 'entry ' || entry.number AS subject FROM entry
        LEFT JOIN posting ON posting.association_id = entry.association_id AND posting.entry = entry.number
        WHERE entry.association_id = :a
        GROUP BY entry.number, entry.lines, entry.total
        HAVING count(posting.id) <> entry.lines OR coalesce(sum(posting.amount), 0) <> entry.total
        """,
    ),
    Rule(
        "every posting belongs to an entry",
        """
        SELECT 'posting ' || posting.id AS subject FROM posting
        LEFT JOIN entry ON entry.association_id = posting.association_id AND entry.number = posting.entry
        WHERE posting.association_id = :a AND entry.number IS NULL
        """,
    ),
    Rule(
        "a posting is about a member of its own association",
        """
        SELECT 'posting ' || posting.id AS subject FROM posting JOIN member ON member.id = posting.member_id
        WHERE posting.association_id = :a AND member.association_id <> :a
        """,
    ),
    Rule(
        "a reversal moves back exactly what was moved",
        """
        SELECT 'entry ' || undoing AS subject FROM (
            SELECT entry.number AS undoing, posting.debit AS one, posting.credit AS other, posting.amount,
                posting.member_id, posting.collector_id, posting.month, posting.part, 1 AS side
            FROM entry JOIN posting ON posting.association_id = entry.association_id AND posting.entry = entry.reverses
            WHERE entry.association_id = :a AND entry.reverses IS NOT NULL
            UNION ALL
            SELECT entry.number, posting.credit, posting.debit, posting.amount,
                posting.member_id, posting.collector_id, posting.month, posting.part, -1
            FROM entry JOIN posting ON posting.association_id = entry.association_id AND posting.entry = entry.number
            WHERE entry.association_id = :a AND entry.reverses IS NOT NULL
        ) AS moves
        GROUP BY undoing, one, other, amount, member_id, collector_id, month, part HAVING sum(side) <> 0
        """,
    ),
    Rule(
        "what was charged is what the entry of the charge moved",
        """
        SELECT 'entry ' || moves.entry AS subject FROM (
            SELECT posting.entry, sum(CASE
                WHEN debit = 'owes' AND credit IN ('bpjs', 'fee') THEN amount
                WHEN credit = 'owes' AND debit IN ('bpjs', 'fee') THEN -amount
                WHEN debit = 'bpjs' AND credit = 'ahead' THEN -amount
                WHEN debit = 'ahead' AND credit = 'bpjs' THEN amount
                ELSE 0 END) AS moved
            FROM posting JOIN entry ON entry.association_id = posting.association_id AND entry.number = posting.entry
            WHERE posting.association_id = :a AND entry.kind IN ('charge', 'adjust', 'lapse')
            GROUP BY posting.entry
        ) AS moves
        LEFT JOIN (
            SELECT entry, sum(amount) AS charged FROM charge WHERE association_id = :a GROUP BY entry
        ) AS costs ON costs.entry = moves.entry
        WHERE moves.moved <> coalesce(costs.charged, 0)
        """,
    ),
    Rule(
        "the differences to a charge are counted without gaps",
        """
        SELECT 'charge of ' || member_id || ' ' || month || ' ' || part AS subject FROM charge
        WHERE association_id = :a GROUP BY member_id, month, part HAVING count(*) <> max(revision) + 1
        """,
    ),
    Rule(
        "nobody owes less than nothing for a month",
        """
        SELECT 'member ' || member_id || ' ' || month || ' ' || part AS subject FROM posting
        WHERE association_id = :a AND (debit = 'owes' OR credit = 'owes')
        GROUP BY member_id, month, part
        HAVING sum(CASE WHEN debit = 'owes' THEN amount ELSE -amount END) < 0
        """,
    ),
    Rule(
        "nobody's credit is below zero, here or at BPJS",
        """
        SELECT 'member ' || member_id AS subject FROM posting
        WHERE association_id = :a AND (debit IN ('credit', 'ahead') OR credit IN ('credit', 'ahead'))
        GROUP BY member_id
        HAVING sum(CASE WHEN credit = 'credit' THEN amount WHEN debit = 'credit' THEN -amount ELSE 0 END) < 0
            OR sum(CASE WHEN credit = 'ahead' THEN amount WHEN debit = 'ahead' THEN -amount ELSE 0 END) < 0
        """,
    ),
    Rule(
        "a confirmed payment is in the ledger with what was received, where its way leads",
        """
        SELECT 'payment ' || payment.number AS subject FROM payment
        LEFT JOIN posting ON posting.association_id = payment.association_id AND posting.entry = payment.entry
            AND posting.debit = CASE payment.way WHEN 'cash' THEN 'cash' WHEN 'bpjs' THEN 'bpjs' ELSE 'bank' END
        WHERE payment.association_id = :a AND payment.status IN ('confirmed', 'disputed', 'reversed')
        GROUP BY payment.number, payment.received
        HAVING coalesce(sum(posting.amount), 0) <> coalesce(payment.received, -1)
        """,
    ),
    Rule(
        "a payment that nobody confirmed is not in the ledger, and an entry is of one payment",
        """
        SELECT 'entry ' || entry.number AS subject FROM entry
        LEFT JOIN payment ON payment.association_id = entry.association_id AND payment.entry = entry.number
            AND payment.status IN ('confirmed', 'disputed', 'reversed')
        WHERE entry.association_id = :a AND entry.kind = 'payment' AND entry.about LIKE 'payment/%'
        GROUP BY entry.number HAVING count(payment.id) <> 1
        """,
    ),
    Rule(
        "a payment is undone exactly when it is reversed",
        """
        SELECT 'payment ' || payment.number AS subject FROM payment
        LEFT JOIN entry ON entry.association_id = payment.association_id AND entry.reverses = payment.entry
        WHERE payment.association_id = :a AND payment.entry IS NOT NULL
            AND (payment.status = 'reversed') <> (entry.number IS NOT NULL)
        """,
    ),
    Rule(
        "every confirmed payment has one receipt over what was received",
        """
        SELECT 'payment ' || payment.number AS subject FROM payment
        LEFT JOIN receipt ON receipt.payment_id = payment.id AND receipt.amount = payment.received
        WHERE payment.association_id = :a AND (payment.entry IS NOT NULL) <> (receipt.id IS NOT NULL)
        """,
    ),
    Rule(
        "receipts are numbered without gaps within the year, as they are counted",
        """
        SELECT 'receipts of ' || year AS subject FROM receipt WHERE association_id = :a
        GROUP BY year
        HAVING count(*) <> max(number) OR max(number) <> coalesce(
            (SELECT value FROM counter WHERE association_id = :a AND name = 'receipt/' || receipt.year), 0)
        """,
    ),
    Rule(
        "a collector holds what she took, less what she handed over",
        """
        SELECT 'collector ' || collector_id AS subject FROM (
            SELECT collector_id, CASE WHEN debit = 'cash' THEN amount ELSE -amount END AS amount FROM posting
            WHERE association_id = :a AND collector_id IS NOT NULL
            UNION ALL
            SELECT collector_id, -received FROM payment
            WHERE association_id = :a AND way = 'cash' AND status IN ('confirmed', 'disputed')
            UNION ALL
            SELECT collector_id, declared FROM hand_over WHERE association_id = :a AND status = 'counted'
        ) AS moves
        GROUP BY collector_id HAVING sum(amount) <> 0
        """,
    ),
    Rule(
        "a hand-over brought into the cash box what was counted",
        """
        SELECT 'hand-over ' || hand_over.number AS subject FROM hand_over
        LEFT JOIN posting ON posting.association_id = hand_over.association_id AND posting.entry = hand_over.entry
            AND posting.debit = 'till'
        WHERE hand_over.association_id = :a AND hand_over.status = 'counted'
        GROUP BY hand_over.number, hand_over.counted HAVING coalesce(sum(posting.amount), 0) <> hand_over.counted
        """,
    ),
    Rule(
        "a collection is the sum of its payments",
        """
        SELECT 'collection ' || collection.number AS subject FROM collection
        LEFT JOIN payment ON payment.collection_id = collection.id
        WHERE collection.association_id = :a
        GROUP BY collection.number, collection.total, collection.members
        HAVING coalesce(sum(payment.received), 0) <> collection.total OR count(payment.id) <> collection.members
        """,
    ),
    Rule(
        "a remittance paid what its entry moved",
        """
        SELECT 'remittance ' || remittance.number AS subject FROM remittance
        JOIN entry ON entry.association_id = remittance.association_id AND entry.number = remittance.entry
        WHERE remittance.association_id = :a AND remittance.paid <> entry.total
        """,
    ),
    Rule(
        "a remittance paid BPJS for its lines",
        """
        SELECT 'remittance ' || number AS subject FROM (
            SELECT remittance.number, posting.amount FROM remittance
            JOIN posting ON posting.association_id = remittance.association_id AND posting.entry = remittance.entry
                AND posting.debit = 'bpjs'
            WHERE remittance.association_id = :a
            UNION ALL
            SELECT remittance.number, -remittance_line.amount FROM remittance
            JOIN remittance_line ON remittance_line.remittance_id = remittance.id
                AND remittance_line.status <> 'left_out'
            WHERE remittance.association_id = :a AND remittance.entry IS NOT NULL
        ) AS moves
        GROUP BY number HAVING sum(amount) <> 0
        """,
    ),
    *(
        Rule(
            f"{named} are numbered without gaps, as they are counted",
            # ruff: noqa: S608 - the words are ours
            f"""
            SELECT name AS subject FROM (
                SELECT '{counted}/' || substr(number, 3, 4) AS name, 1 AS there, 0 AS told FROM {table}
                WHERE association_id = :a
                UNION ALL
                SELECT name, 0, value FROM counter WHERE association_id = :a AND name LIKE '{counted}/%'
            ) AS numbers
            GROUP BY name HAVING sum(there) <> sum(told)
            """,
        )
        for named, table, counted in (
            ("payments", "payment", "payment"),
            ("collections", "collection", "collection"),
            ("hand-overs", "hand_over", "hand_over"),
            ("remittances", "remittance", "remittance"),
            ("disputes", "dispute", "dispute"),
        )
    ),
)


def broken(db: Session, association_id: str) -> list[Broken]:
    """Every fault, of each rule no more than `LISTED`; none when the ledger holds."""
    return [
        Broken(rule.says, str(row[0]))
        for rule in RULES
        for row in db.connection().execute(text(rule.finds), {"a": association_id}).fetchmany(LISTED)
    ]
