"""Pictures that we draw ourselves go through storage unchanged."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dues import MonthState
from domain.picture import BookMonth, BookPicture, NoSuchPicture, ReceiptPicture, drawing_of

pairs = st.tuples(st.text(), st.text())
receipts = st.builds(
    ReceiptPicture, lines=st.lists(pairs).map(tuple), total=pairs, notes=st.lists(st.text()).map(tuple)
)
months = st.builds(BookMonth)
books = st.builds(BookPicture, months=st.lists(months, min_size=12, max_size=12).map(tuple), credit=st.none() | pairs)


@given(receipts | books)
def test_what_is_stored_comes_back(picture: ReceiptPicture | BookPicture):
    assert drawing_of(orjson.loads(orjson.dumps(picture.as_json()))) == picture


def test_a_receipt_that_says_little_needs_little():
    stored = {
        "kind": "receipt",
        "association": "Asosiasi Pedagang Contoh (fiktif)",
        "title": "Kwitansi",
        "number": "KW-2026-000001",
        "lines": [["Diterima dari", "Siti Aminah"]],
        "total": ["Jumlah", "Rp16.800"],
    }
    receipt = drawing_of(stored)
    assert isinstance(receipt, ReceiptPicture)
    assert (receipt.notes, receipt.check_url, receipt.voided) == ((), "", "")


def test_states_are_stored_in_their_own_words():
    assert [state.value for state in MonthState] == ["paid", "partly", "pending", "owed", "later", "none"]


@pytest.mark.parametrize("stored", [{}, {"kind": "poster"}])
def test_what_we_do_not_draw_has_no_picture(stored: dict[str, str]):
    with pytest.raises(NoSuchPicture):
        drawing_of(stored)
