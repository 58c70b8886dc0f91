"""Another language: choose_language → speak"""

from sqlmodel import Session

from conversations.answers import Answers
from conversations.steps import Choose, Conversation, End, Option, Question
from conversations.talk import Talk
from conversations.words import LANGUAGES, N_, _
from storage.queries import people


class Draft(Answers):
    """The language chosen."""

    language: str


def choose_language(talk: Talk[Draft]) -> Question:
    options = [Option(label, value=code, words=(code,)) for code, label in LANGUAGES.items()]
    return Choose(_("Pilih bahasa / choose a language:"), options, save="language", then=speak)


def speak(talk: Talk[Draft]) -> End:
    return End("", speaks=talk.draft.language, do=keep_language)


def keep_language(db: Session, talk: Talk[Draft]) -> None:
    people.speak(db, talk.address_id, talk.draft.language)


language = Conversation(
    name="language", title=N_("bahasa"), version=1, draft=Draft, start=choose_language, further_steps=(speak,)
)
