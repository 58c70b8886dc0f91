"""What of a question is on the screen: a page of its choices, and its place in the whole."""

from conversations import choices
from conversations.place import Place
from conversations.repertoire import Repertoire
from conversations.steps import Option, Question
from conversations.words import _

PAGE = 8  # choices on one screen
TURNING = "page:"  # begins the key of a choice that shows another page


def visible(question: Question, place: Place) -> tuple[Option, ...]:
    """The choices on the screen: a page of a long list, or what a search found in it."""
    options = tuple(question.options)
    if not in_pages(question):
        return options
    if place.search:
        found = choices.search(place.search, options)
        return (*found, turning(_("Tampilkan semua"), 0))
    first = place.page * PAGE
    page = list(options[first : first + PAGE])
    if first + PAGE < len(options):
        page.append(turning(_("Lihat berikutnya"), place.page + 1, "berikutnya", "lagi"))
    if first:
        page.append(turning(_("Lihat sebelumnya"), place.page - 1, "sebelumnya"))
    return tuple(page)


def in_pages(question: Question) -> bool:
    """True when there are more choices than one screen shows."""
    return len(question.options) > PAGE + 1


def turning(label: str, page: int, *words: str) -> Option:
    """The choice that shows another page. It names the page: pressed twice, it does not turn twice."""
    return Option(label, key=f"{TURNING}{page}", words=words)


def every_button(question: Question | None) -> tuple[Option, ...]:
    """Every choice that a button may carry, the ones that turn pages included."""
    if question is None:
        return ()
    pages = -(-len(question.options) // PAGE) if in_pages(question) else 0
    return (*question.options, *(turning("", page) for page in range(pages)))


def progress(repertoire: Repertoire, place: Place) -> str:
    """ "(3/14) " before the question of a counted conversation; nothing while a single answer is changed."""
    conversation = repertoire.at(place)
    chapter = conversation.chapters_by_step.get(place.step)
    if not conversation.counted or chapter is None or place.aside or place.editing:
        return ""
    return f"({conversation.chapters.index(chapter) + 1}/{len(conversation.chapters)}) "
