"""The tables of facts that travel inside this package (their origin is in SOURCES.md)."""

import csv
from importlib.resources import files


def rows(name: str) -> list[dict[str, str]]:
    """The rows of the packaged table `name`, such as "tiers.csv", by column."""
    table = files("domain").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines()))
