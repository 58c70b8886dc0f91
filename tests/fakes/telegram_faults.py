"""What goes wrong with the calls to the stand-in, as a test scripts it."""

import random
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram_wire import Answer, Json, refusal


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next calls that fit; without `method` and `chat`, with any."""

    method: str = ""  # "file" is the download
    chat: str = ""
    times: int | None = 1  # None: for ever
    accepted: bool = False  # the call counts although its answer is spoilt
    seconds: float = 0.0  # before the answer
    reset: bool = False  # the connection is reset in place of the answer, a download halfway
    answer: Answer | None = None  # in place of the usual one
    share: float = 1.0  # of the calls that would fit, by the dice

    def fits(self, method: str, chat: str) -> bool:
        fits = self.method.lower() in ("", method.lower()) and self.chat in ("", chat)
        return fits and (self.share == 1.0 or random.random() < self.share)


class Faults:
    """Faults to come, the first that fits first; `where` is method, chat, times, share."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def refuse(self, code: int, description: str, parameters: Json | None = None, **where: Any) -> None:
        self.faults.append(Fault(answer=refusal(code, description, parameters), **where))

    def throttle(self, retry_after: int | None = None, **where: Any) -> None:
        said = "Too Many Requests" if retry_after is None else f"Too Many Requests: retry after {retry_after}"
        self.refuse(429, said, None if retry_after is None else {"retry_after": retry_after}, **where)

    def stall(self, seconds: float, *, accepted: bool = True, **where: Any) -> None:
        """Answer late; or never accept the call, and end the connection late."""
        self.faults.append(Fault(seconds=seconds, accepted=accepted, reset=not accepted, **where))

    def drop(self, *, accepted: bool, **where: Any) -> None:
        """Reset the connection in place of an answer."""
        self.faults.append(Fault(reset=True, accepted=accepted, **where))

    def fail(self, status: int = 500, *, accepted: bool = True, **where: Any) -> None:
        """Answer 5xx, having accepted the call or not."""
        self.faults.append(Fault(answer=refusal(status, "Internal Server Error"), accepted=accepted, **where))

    def garble(self, body: bytes, status: int = 200, *, accepted: bool = True, **where: Any) -> None:
        """Answer what the Bot API never says, as a proxy in between might."""
        self.faults.append(Fault(answer=Answer(status, body), accepted=accepted, **where))

    def fault_for(self, method: str, chat: str) -> Fault | None:
        """The fault that this call meets; met as often as it shall be, it is gone."""
        if not self.faults:
            return None
        fault = next((fault for fault in self.faults if fault.fits(method, chat)), None)
        if fault and fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self.faults.remove(fault)
        return fault
