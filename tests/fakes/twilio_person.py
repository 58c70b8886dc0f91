"""Somebody who writes on WhatsApp."""

from collections.abc import Callable
from concurrent.futures import Future

from tests.fakes.twilio_courier import Delivery
from tests.fakes.twilio_forms import Form, incoming_form, photo, pick, tap

Posted = Future[list[Delivery]]


class Person:
    """Somebody who writes to a webhook; every method posts, and returns the attempts once they have ended."""

    def __init__(self, sender: str, post: Callable[[Form], Posted], store: Callable[[bytes, str], str]) -> None:
        """`sender`: a number, or "ID.…"; `store` keeps a file at Twilio and gives its MediaUrl."""
        self._sender, self._post, self._store = sender, post, store

    def sends(self, form: Form) -> Posted:
        return self._post(form)

    def says(self, text: str, **more: str) -> Posted:
        return self._post(incoming_form(self._sender, text, **more))

    def taps(self, title: str, payload: str, **more: str) -> Posted:
        """She taps a quick reply."""
        return self._post(tap(title, payload, self._sender, **more))

    def picks(self, title: str, id: str, **more: str) -> Posted:
        """She chooses a row of a list."""
        return self._post(pick(title, id, self._sender, **more))

    def shows(self, content: bytes, mime: str = "image/jpeg", caption: str = "", **more: str) -> Posted:
        """She sends a picture."""
        return self._post(photo(self._store(content, mime), mime, self._sender, caption, **more))
