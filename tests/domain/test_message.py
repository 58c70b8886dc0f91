"""A reply is stored until it is sent, and says then what it said."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from domain.message import Button, Reply

REPLIES = st.builds(Reply, buttons=st.lists(st.builds(Button)).map(tuple))


@given(REPLIES)
def test_what_is_stored_comes_back(reply: Reply):
    assert Reply.from_json(orjson.loads(orjson.dumps(reply.as_json()))) == reply


def test_a_plain_reply_is_stored_as_its_text_alone():
    assert Reply("Baik.").as_json() == {"text": "Baik."}


def test_what_became_known_when_it_was_stored_fills_the_text_and_names_the_document():
    reply = Reply("Ini kwitansi {number}.", document="{receipt}", file=True)
    filled = reply.filled({"number": "KW-2026-000001", "receipt": "d7"})
    assert filled == Reply("Ini kwitansi KW-2026-000001.", document="d7", file=True)
