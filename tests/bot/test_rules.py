"""The rules that price a contribution, as a document."""

from pathlib import Path

from bot import rules

DOCUMENT = Path(__file__).parents[2] / "docs" / "rates.md"


def test_the_document_shows_the_rules_of_the_data():
    assert DOCUMENT.read_text("utf-8") == rules.document()


def test_every_rule_stands_there_with_its_regulation():
    told = rules.document()
    assert "| `PP50-2025-NONTRANSPORT` | sector other, paid by self | 2026-04 to 2026-12 | 50% of JKK, JKM |" in told
    assert "| `PP44-2015-JKM` | JKM | from 2024-01 | Rp6.800 |" in told
    assert told.count("| PP 44/2015 Lampiran II |") == 33
