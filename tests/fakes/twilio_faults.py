"""What goes wrong with the calls to the stand-in for Twilio, as a test scripts it."""

import random
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_wire import error


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next calls that fit; without `path`, `to` and `verb`, with any."""

    path: str = ""  # a part of the path: "Messages", "Content", "/Media/", "/cdn/" (the bytes themselves)
    to: str = ""  # the person to whom a message goes, with or without "whatsapp:"
    verb: str = ""
    times: int | None = 1  # None: for ever
    accepted: bool = False  # the call counts although its answer is spoilt
    seconds: float = 0.0  # before the answer
    reset: bool = False  # the connection is reset in place of the answer, a download halfway
    answer: Answer | None = None  # in place of the usual one
    early: bool = False  # the reports of the message come before the answer does
    endless: bool = False  # a body without end in place of the answer
    share: float = 1.0  # of the calls that would fit, by the dice

    def fits(self, verb: str, path: str, to: str) -> bool:
        person = self.to.removeprefix("whatsapp:")
        fits = self.path in path and person in ("", to.removeprefix("whatsapp:")) and self.verb in ("", verb)
        return fits and (self.share == 1.0 or random.random() < self.share)


class Faults:
    """Faults to come, the first that fits first; `where` is path, to, verb, times, early, share."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def refuse(self, status: int, code: int, message: str = "Refused", **where: Any) -> None:
        """Answer an error of Twilio's."""
        self.faults.append(Fault(answer=error(status, code, message), **where))

    def throttle(self, retry_after: int | None = None, **where: Any) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self.faults.append(Fault(answer=error(429, 20429, "Too Many Requests", headers), **where))

    def stall(self, seconds: float, *, accepted: bool = True, **where: Any) -> None:
        """Answer late; or never accept the call, and end the connection late."""
        self.faults.append(Fault(seconds=seconds, accepted=accepted, reset=not accepted, **where))

    def drop(self, *, accepted: bool, **where: Any) -> None:
        """Reset the connection in place of an answer."""
        self.faults.append(Fault(reset=True, accepted=accepted, **where))

    def fail(self, status: int = 500, *, accepted: bool = True, **where: Any) -> None:
        """Answer 5xx, having accepted the call or not."""
        answer = error(status, 20503 if status == 503 else 20500, "Internal Server Error")
        self.faults.append(Fault(answer=answer, accepted=accepted, **where))

    def garble(self, body: bytes, status: int = 200, *, accepted: bool = True, **where: Any) -> None:
        """Answer what Twilio never says, as a proxy in between might."""
        self.faults.append(Fault(answer=Answer(status, body), accepted=accepted, **where))

    def redirect(self, url: str, *, status: int = 307, path: str = "/Media/", **where: Any) -> None:
        """Send the client that fetches a file elsewhere."""
        self.faults.append(Fault(answer=Answer(status, b"", {"Location": url}), path=path, **where))

    def pour(self, *, path: str = "/cdn/", **where: Any) -> None:
        """Send a file that never ends."""
        self.faults.append(Fault(endless=True, path=path, **where))

    def fault_for(self, verb: str, path: str, to: str) -> Fault | None:
        """The fault that this call meets; met as often as it shall be, it is gone."""
        if not self.faults:
            return None
        fault = next((fault for fault in self.faults if fault.fits(verb, path, to)), None)
        if fault and fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self.faults.remove(fault)
        return fault
