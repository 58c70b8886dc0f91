"""What a collector has answered so far about the cash in her hand."""

from conversations.answers import Answers


class Draft(Answers):
    """From whom, how much, and who gets what of it."""

    argument: str  # a member, from a notice
    marked: dict[str, list[str]]  # her list: the members with a mark, and the page that is shown
    page: int  # of the details
    heard: dict[str, list[list[str]]]  # what was read from typed lines: `roster.Heard`
    members: list[str]
    near: list[list[str]]  # [line, member]: perhaps she is meant
    doubts: list[list[str]]  # [line, member, …]: any of these, or nobody we know
    picked: str
    whose: str
    total: int
    amounts: dict[str, int]  # of those whom she named an amount for
    amount: int
    rest_to: str  # the member for whom what is left over is kept
    seen: dict[str, str]  # member → what she owed when the split was shown


def with_members(draft: Draft, more: list[str]) -> list[str]:
    """The members so far and these, each once."""
    return list(dict.fromkeys([*draft.get("members", []), *more]))
