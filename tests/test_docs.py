"""The documents name what there is, and nothing that is not."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer import Typer

from bot.cli import cli
from bot.settings import names_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\(([^)\s#]+)")
CODE = re.compile(r"`([\w/.-]+/[\w.-]*)`")
RARELY_APART = (  # settings that a further association may have, too, and hardly ever needs
    "TELEGRAM_API_BASE_URL",
    "TELEGRAM_PER_SECOND",
    "TWILIO_API_BASE_URL",
    "TWILIO_PER_SECOND",
    "TWILIO_PAIR_SECONDS",
    "TWILIO_PEOPLE_PER_DAY",
    "TWILIO_PRICES",
    "TWILIO_FREE_SERVICE",
)
TOP = {"bot", "conversations", "storage", "domain", "tests", "bench", "docs"}


def commands(app: Typer, before: str = "") -> list[str]:
    """The name of every command, as it is typed after `jagalapak`."""
    found = [before + (command.name or command.callback.__name__) for command in app.registered_commands]
    for group in app.registered_groups:
        found += commands(group.typer_instance, f"{before}{group.name or group.typer_instance.info.name} ")
    return found


def first_cells(heading: str) -> list[str]:
    """What stands between backquotes in the first column of the table below a heading of the README."""
    section = README.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def test_the_readme_names_every_setting_and_no_other():
    assert sorted(first_cells("Settings")) == sorted(names_of([]))


def test_the_example_of_env_names_every_setting_and_no_other():
    named = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
    of_another = {name for name in named if name.startswith("NTT_")}
    assert set(named) - of_another == names_of([])
    assert names_of(["ntt"]) - names_of([]) - of_another == {f"NTT_{name}" for name in RARELY_APART}
    assert of_another <= names_of(["ntt"])


def test_the_readme_names_every_command_and_no_other():
    assert sorted(re.sub(r" ([A-Z-].*)$", "", cell) for cell in first_cells("Commands")) == sorted(commands(cli))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_what_a_document_points_to_is_there(document):
    pointed = [unquote(link) for link in LINK.findall(document.read_text("utf-8")) if "://" not in link]
    assert [link for link in pointed if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "CONTEXT.md"], ids=lambda document: document.name)
def test_the_code_that_a_document_names_is_there(document):
    named = [path for path in CODE.findall(document.read_text("utf-8")) if path.split("/")[0] in TOP]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_decision_is_listed():
    folder = ROOT / "docs" / "decisions"
    listed = LINK.findall((folder / "README.md").read_text("utf-8"))
    assert sorted(listed) == sorted(path.name for path in folder.glob("0*.md"))
