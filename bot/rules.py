"""The rules that price a contribution, as a document: written from the data that the program prices with."""

from collections.abc import Callable, Mapping

from conversations.words import rupiah
from domain.packaged import rows

Row = Mapping[str, str]
Columns = Mapping[str, Callable[[Row], str]]

HEAD = """# What contributions cost, and by which rule

Written from the data by `jagalapak quote --write-rules docs/rates.md`; do not edit it by hand. Where the facts come
from, and how sure they are, stands in [domain/SOURCES.md](../domain/SOURCES.md). A month is priced by the rule of that
month, whenever it is paid; the official bill stays the truth.
"""


def document() -> str:
    """Rates, discounts and brackets, each with its regulation."""
    parts = [HEAD, "## Rates", table(RATES, rows("rates.csv")), "## Discounts", table(DISCOUNTS, rows("discounts.csv"))]
    parts += ["## Brackets of income", table(TIERS, rows("tiers.csv"))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def months(row: Row) -> str:
    """The months in which a rule holds, both ends included."""
    return f"{row['first_month']} to {row['last_month']}" if row["last_month"] else f"from {row['first_month']}"


def costs(row: Row) -> str:
    """What a rate takes."""
    return f"{row['percent_of_base']}% of the base" if int(row["percent_of_base"]) else rupiah(int(row["flat"]))


def incomes(row: Row) -> str:
    """The incomes of a bracket, a month."""
    least = rupiah(int(row["income_min"]))
    return f"{least} to {rupiah(int(row['income_max']))}" if row["income_max"] else f"{least} and more"


RATES: Columns = {
    "rule": lambda row: f"`{row['rule']}`",
    "programme": lambda row: row["programme"],
    "months": months,
    "a month": costs,
    "regulation": lambda row: row["regulation"],
}
DISCOUNTS: Columns = {
    "rule": lambda row: f"`{row['rule']}`",
    "who": lambda row: f"sector {row['sector']}, paid by {row['funding']}",
    "months": months,
    "due": lambda row: f"{row['percent_due']}% of {row['programmes'].replace(';', ', ')}",
    "regulation": lambda row: f"{row['regulation']} ({row['source']})",
}
TIERS: Columns = {
    "bracket": lambda row: row["number"],
    "income a month": incomes,
    "base": lambda row: rupiah(int(row["base"])),
    "JKK in full": lambda row: rupiah(int(row["base"]) // 100),
    "JHT": lambda row: rupiah(int(row["base"]) * 2 // 100),
    "regulation": lambda row: row["source"],
}


def table(columns: Columns, found: list[dict[str, str]]) -> str:
    """A table in Markdown."""
    lines = [list(columns), ["---"] * len(columns), *([tell(row) for tell in columns.values()] for row in found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
