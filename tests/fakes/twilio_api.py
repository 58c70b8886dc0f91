"""A stand-in for Twilio on loopback: api.twilio.com and content.twilio.com on one port, for one account.

In a test:

    with TwilioApi() as api:
        api.throttle(to="+6281200000001")       # what goes wrong, once unless `times` says otherwise
        …                                       # the bot under test talks to api.base_url
        assert api.said_to("+6281200000001") == ["Selamat pagi."]
        api.report(sid, "delivered")            # Twilio posts to the message's StatusCallback
        api.settle()                            # until every post was answered
        assert api.violations == []             # every request kept the published specification

Posts go to loopback alone; `api.routes["https://bot.example"] = "http://127.0.0.1:8000"` says where a public address
lies. What a person sends is in twilio_forms; `api.courier(webhook)` brings it. Where the test's own loop serves the
webhook, wait by `await asyncio.wrap_future(api.report(…))` or `await asyncio.to_thread(api.settle)`.

As a process, for tests that kill the bot and for benchmarks (one JSON line for each accepted message):

    python -m tests.fakes.twilio_api --port 8082 --log calls.jsonl --no-check --limit 80
    curl http://127.0.0.1:8082/stats            # {"accepted": …, "refused": {"429": …}}
"""

import argparse
import asyncio
import threading
import time
from base64 import b64encode
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any, Self

import orjson
import uvloop

from tests.fakes import twilio_contents, twilio_media
from tests.fakes.telegram_wire import Answer
from tests.fakes.twilio_account import (
    A_DAY,
    ACCOUNT_SID,
    AUTH_TOKEN,
    KEY_SECRET,
    KEY_SID,
    SENDER,
    Account,
    Call,
    Message,
)
from tests.fakes.twilio_content import Button, Content, Json
from tests.fakes.twilio_courier import Courier, Delivery, signed
from tests.fakes.twilio_faults import Fault, Faults
from tests.fakes.twilio_forms import (
    SITI,
    contact,
    document,
    incoming_form,
    location,
    photo,
    pick,
    sticker,
    tap,
    video,
    voice,
)
from tests.fakes.twilio_person import Person, Posted
from tests.fakes.twilio_reports import Reports, status_form
from tests.fakes.twilio_routes import MEDIA_ITSELF, Operation, route
from tests.fakes.twilio_spec import FORM, JSON, Spec
from tests.fakes.twilio_wire import Asked, Line, error, json, not_found, values

__all__ = [
    "ACCOUNT_SID",
    "AUTH_TOKEN",
    "KEY_SECRET",
    "KEY_SID",
    "SENDER",
    "SITI",
    "Person",
    "Posted",
    "TwilioApi",
    "contact",
    "document",
    "incoming_form",
    "location",
    "photo",
    "pick",
    "signed",
    "status_form",
    "sticker",
    "tap",
    "video",
    "voice",
]

BASIC = "Basic " + b64encode(f"{KEY_SID}:{KEY_SECRET}".encode()).decode()
UNSEEN = ("failed", "undelivered", "canceled")


class TwilioApi(Faults):
    """The stand-in: a server in a thread of its own, bound to 127.0.0.1."""

    def __init__(
        self,
        *,
        port: int = 0,
        check: bool = True,
        keep: bool = True,
        log: IO[bytes] | None = None,
        limit: float = 0.0,
        auto: Sequence[str] = (),
        auto_delay: float = 0.0,
        pace: float = 1.0,
        closed_to_strangers: bool = False,
    ) -> None:
        """`limit`: messages a second before it throttles, 0 for none.

        `auto`: statuses reported of every message by itself, in this order, `auto_delay` seconds before each.
        `pace`: how long a second of Twilio's patience with a webhook lasts.
        `closed_to_strangers`: who never wrote is outside of the window; else she counts as having just written.
        """
        super().__init__()
        self.spec = Spec.published() if check else None
        self.account = Account(check=check, keep=keep, closed_to_strangers=closed_to_strangers)
        self.calls: list[Call] = []
        self.refusals: Counter[int] = Counter()
        self.accepted = 0  # messages
        self._port, self._keep, self._log, self._limit = port, keep, log, limit
        self._courier = Courier(pace, self.account.violations.append)
        self._reports = Reports(self.account, self._courier, auto=auto, delay=auto_delay)
        self._recent: deque[float] = deque()
        self._revoked = False
        self._tasks: set[asyncio.Future[Any] | Future[Any]] = set()
        self._posts: set[asyncio.Future[Any] | Future[Any]] = set()

    # --- life ---

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready.set)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the stand-in did not start"
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    async def serve(self, ready: Callable[[], object]) -> None:
        """Answer until told to stop."""
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: Line(self._answer), "127.0.0.1", self._port)
        self._port = server.sockets[0].getsockname()[1]
        self.account.base_url = self.base_url
        ready()
        await self._stopping.wait()
        server.close()
        for task in [*self._tasks, *self._posts]:
            task.cancel()
        await self._courier.close()

    @property
    def base_url(self) -> str:
        """What `TWILIO_API_BASE_URL` must be."""
        return f"http://127.0.0.1:{self._port}"

    # --- what was accepted ---

    @property
    def messages(self) -> dict[str, Message]:
        """Every message that was accepted, by its sid, in order."""
        return self.account.messages

    @property
    def violations(self) -> list[str]:
        """Rules that were broken; must stay empty."""
        return self.account.violations

    @property
    def senders(self) -> set[str]:
        """The numbers that messages may come from, as "whatsapp:+62…"."""
        return self.account.senders

    @property
    def deleted(self) -> list[str]:
        """The media that were deleted."""
        return self.account.deleted

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt at a webhook, in order."""
        return self._courier.deliveries

    @property
    def routes(self) -> dict[str, str]:
        """Where public addresses lie on loopback: the beginning of a URL → what stands for it."""
        return self._courier.routes

    def calls_of(self, noun: str, to: str = "", *, verb: str = "POST") -> list[Call]:
        """Calls of a noun (Messages, Media, Content, Accounts, ApprovalRequests) and a verb that were accepted."""
        return [
            call
            for call in self.calls
            if (call.noun, call.verb) == (noun, verb) and to in ("", call.to, call.to.removeprefix("whatsapp:"))
        ]

    def messages_to(self, phone: str) -> list[Message]:
        return [message for message in self.messages.values() if message.to == _address(phone)]

    def said_to(self, phone: str) -> list[str]:
        """Everything that she gets to read, in order; what failed she never saw."""
        return [message.text for message in self.messages_to(phone) if message.status not in UNSEEN]

    def buttons_of(self, phone: str) -> list[Button]:
        """What the last message to her offers: title, id, description."""
        return list(self.messages_to(phone)[-1].buttons)

    # --- what a test arranges ---

    def revoke(self) -> None:
        """Take the key away: every call is refused from now on."""
        self._revoked = True

    def window_closed(self, to: str) -> None:
        """Her last word is a day old: free messages to her fail."""
        self.wrote(to, ago=A_DAY + 1)

    def wrote(self, to: str, *, ago: float = 0.0) -> None:
        """She wrote so many seconds ago."""
        self.account.wrote_at[_address(to)] = self.clock() - ago

    @property
    def clock(self) -> Callable[[], float]:
        """What the stand-in takes for the Unix time."""
        return self.account.clock

    @clock.setter
    def clock(self, clock: Callable[[], float]) -> None:
        self.account.clock = clock

    def put_content(
        self, types: Json, variables: Mapping[str, str] | None = None, *, name: str = "contoh", approved: bool = False
    ) -> str:
        """A content that is there already; `approved`: as a template of WhatsApp's. Returns its sid."""
        given = {"friendly_name": name, "language": "id", "types": types, "variables": dict(variables or {})}
        return twilio_contents.put(self.account, given, approved=approved).sid

    def template(self, name: str) -> Content:
        """The template of that name, without the version, as in "due_id"."""
        return next(one for one in self.account.contents.values() if f"_{name}_v" in one.friendly_name)

    def judge(self, name: str = "", status: str = "approved", *, category: str = "", reason: str = "") -> None:
        """WhatsApp judges a template, or each that was submitted: approved, rejected, paused, disabled; it may file it
        as another category than it was asked for."""
        submitted = [one for one in self.account.contents.values() if one.status != "unsubmitted"]
        for one in [self.template(name)] if name else submitted:
            one.status, one.category, one.reason = status, category or one.category, reason

    def store_media(self, content: bytes, mime: str = "image/jpeg") -> str:
        """A file that somebody sent; returns its MediaUrl."""
        return self.base_url + twilio_media.store(self.account, content, mime).path

    def put_file(self, content: bytes, mime: str = "image/jpeg") -> str:
        """A file that lies open on the web; returns its URL."""
        return self.base_url + twilio_media.store(self.account, content, mime).public_path

    # --- what Twilio posts ---

    def report(self, sid: str, status: str, code: int | None = None, **more: str) -> Posted:
        """Report of a message; reports of one message are posted one after the other."""
        message = self.messages[sid]
        return self._start(self._reports.post(message, status, code, **more))

    def report_unknown(
        self, url: str, status: str = "delivered", code: int | None = None, *, sid: str = "", **more: str
    ) -> Posted:
        """Report of a message that nobody here sent."""
        unknown = sid or self.account.sids.next("SM")
        message = Message(unknown, f"whatsapp:{SITI}", f"whatsapp:{SENDER}", "", "", {}, [], url, {}, self.clock())
        return self.post(url, status_form(message, status, code, **more))

    def post(self, url: str, form: Mapping[str, str], *, token: str = AUTH_TOKEN) -> Posted:
        """Post as Twilio does; what somebody writes opens the window to her."""
        if form.get("SmsStatus") == "received":
            self.account.wrote_at |= {form[name]: self.clock() for name in ("From", "ExternalUserId") if name in form}
        return self._start(self._courier.post(url, form, token))

    def courier(self, webhook_url: str, sender: str = SITI) -> Person:
        """Somebody who writes to this webhook: a number, or "ID.…" where she hides hers."""
        return Person(sender, lambda form: self.post(webhook_url, form), self.store_media)

    def settle(self, timeout: float = 20.0) -> None:
        """Wait until everything that is to be posted was."""
        until = time.monotonic() + timeout
        while self._posts and time.monotonic() < until:
            time.sleep(0.005)
        assert not self._posts, f"{len(self._posts)} posts did not end"

    def _start(self, work: Coroutine[Any, Any, list[Delivery]]) -> Posted:
        posted = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._posts.add(posted)
        posted.add_done_callback(self._ended)
        return posted

    def _ended(self, work: asyncio.Future[Any] | Future[Any]) -> None:
        self._posts.discard(work)
        self._tasks.discard(work)
        if not work.cancelled() and work.exception():
            self.violations.append(f"the stand-in broke: {work.exception()!r}")

    # --- requests: answered at once where nothing has to wait, for this is the path of every benchmark ---

    def _answer(self, line: Line, asked: Asked) -> None:
        try:
            self._answer_path(line, asked)
        except Exception as error_of_ours:  # else the connection would just close, and a test would blame the client
            self.violations.append(f"the stand-in broke: {error_of_ours!r}")
            line.send(self._refused(error(500, 20500, "Internal Server Error")))

    def _answer_path(self, line: Line, asked: Asked) -> None:
        path, _, query = asked.path.partition("?")
        if path == "/stats":
            refused = {str(status): times for status, times in self.refusals.items()}
            return line.send(json(200, {"accepted": self.accepted, "refused": refused}))
        if path.startswith("/cdn/"):
            return self._answer_file(line, asked, path)
        if asked.headers.get("authorization") != BASIC or self._revoked:
            return line.send(self._refused(error(401, 20003, "Authenticate")))
        return self._answer_call(line, asked, path, query)

    def _answer_call(self, line: Line, asked: Asked, path: str, query: str) -> None:
        try:
            call, operation = self._read(asked, path, query)
        except ValueError:
            self.violations.append("body: not what its type says")
            return line.send(self._refused(error(400, 20001, "The request could not be parsed")))
        broken = self._broken_rules(asked, call)
        if broken:
            return line.send(self._refused(error(400, 20001, broken[0])))
        fault = self.fault_for(call.verb, path, call.to)
        if fault:
            return self._spawn(self._spoil(line, fault, call, operation))
        return line.send(self._accept(call, operation))

    def _read(self, asked: Asked, path: str, query: str) -> tuple[Call, Operation]:
        """What is asked for, and who answers it; raises ValueError."""
        noun, parts, operation = route(asked.verb, path)
        mime = asked.headers.get("content-type", "").partition(";")[0]
        body = orjson.loads(asked.body) if mime == JSON and asked.body else None
        form = values(asked.body.decode()) if mime == FORM else {}
        return Call(asked.verb, path, noun, parts, values(query), form, body, time.time(), parts["sid"]), operation

    def _broken_rules(self, asked: Asked, call: Call) -> list[str]:
        if self.spec is None or MEDIA_ITSELF.fullmatch(call.path):
            return []
        mime = asked.headers.get("content-type", "").partition(";")[0] if asked.body else ""
        body = (call.form if mime == FORM else call.json) if asked.body else None
        broken = self.spec.broken_rules(call.verb, call.path, call.params, mime, body)
        self.violations.extend(f"{call.verb} {call.noun}: {rule}" for rule in broken)
        return broken

    def _accept(self, call: Call, operation: Operation, *, early: bool = False) -> Answer:
        creates = call.noun == "Messages" and call.verb == "POST"
        if creates and self._limit and self._is_over_limit():
            return self._refused(error(429, 20429, "Too Many Requests"))
        answer = operation(self.account, call)
        if answer.status >= 400:
            return self._refused(answer)
        if creates:
            self._record_message(call)
            if not early:
                self._see_off()
        if self._keep:
            call.sequence = len(self.calls) + 1
            self.calls.append(call)
        return answer

    def _record_message(self, call: Call) -> None:
        self.accepted += 1
        if self._log:
            line = {"sequence": self.accepted, "at": call.at, "sid": call.sid, "form": call.form}
            self._log.write(orjson.dumps(line) + b"\n")

    def _see_off(self) -> None:
        """Let what becomes of the newest message happen by itself."""
        message = self.account.newest
        if message and self._reports.are_due(message):
            task = self._loop.create_task(self._reports.follow(message, self._reports.auto))
            self._posts.add(task)
            task.add_done_callback(self._ended)

    def _refused(self, answer: Answer) -> Answer:
        self.refusals[answer.status] += 1
        return answer

    def _is_over_limit(self) -> bool:
        now, recent = time.monotonic(), self._recent
        while recent and recent[0] <= now - 1.0:
            recent.popleft()
        if len(recent) >= self._limit:
            return True
        recent.append(now)
        return False

    async def _spoil(self, line: Line, fault: Fault, call: Call, operation: Operation) -> None:
        usual = self._accept(call, operation, early=fault.early) if fault.accepted else None
        message = self.messages.get(call.sid)
        if fault.early and message:
            await self._reports.follow(message, self._reports.auto or ("sent",))
        await self._end(line, fault, usual)

    async def _end(self, line: Line, fault: Fault, usual: Answer | None) -> None:
        await asyncio.sleep(fault.seconds)
        if fault.reset:
            line.reset()
        elif fault.endless:
            await line.pour()
        elif fault.answer:
            line.send(self._refused(fault.answer) if fault.answer.status >= 400 else fault.answer)
        elif usual:
            line.send(usual)

    # --- files ---

    def _answer_file(self, line: Line, asked: Asked, path: str) -> None:
        if "authorization" in asked.headers:
            self.violations.append("GET cdn: our key went to a host that is not Twilio's API")
            return line.send(self._refused(error(400, 20001, "Only one auth mechanism allowed")))
        media = self.account.media.get(path.rpartition("/")[2])
        if media is None:
            return line.send(self._refused(not_found()))
        whole = Answer(200, b"" if asked.verb == "HEAD" else media.content, {"Content-Type": media.mime})
        fault = self.fault_for(asked.verb, path, "")
        if fault and fault.reset and not fault.seconds:
            return line.send(Answer(200, media.content, whole.headers, reset_after=len(media.content) // 2))
        if fault:
            return self._spawn(self._end(line, fault, whole))
        return line.send(whole)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)


def _address(phone: str) -> str:
    return phone if phone.startswith("whatsapp:") else f"whatsapp:{phone}"


def main() -> None:
    """Serve until killed; the first line on standard output is the base URL."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--log", type=Path, help="a file that gets one JSON line for each accepted message")
    asked.add_argument("--limit", type=float, default=0.0, help="messages a second before it throttles")
    asked.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    asked.add_argument("--auto", default="", help="statuses reported of every message, as in sent,delivered")
    asked.add_argument("--auto-delay", type=float, default=0.0, help="seconds before each of them")
    asked.add_argument("--route", action="append", default=[], metavar="PUBLIC=LOCAL", help="where a public URL lies")
    asked.add_argument("--keep", action="store_true", help="remember messages, so that they can be looked up")
    asked.add_argument("--no-check", action="store_true", help="do not hold requests against the specification")
    given = asked.parse_args()
    log = given.log.open("ab", buffering=0) if given.log else None
    auto = [status for status in given.auto.split(",") if status]
    api = TwilioApi(
        port=given.port,
        check=not given.no_check,
        keep=given.keep,
        log=log,
        limit=given.limit,
        auto=auto,
        auto_delay=given.auto_delay,
    )
    api.routes.update(route.partition("=")[::2] for route in given.route)
    if given.delay:
        api.stall(given.delay, times=None)
    uvloop.run(api.serve(lambda: print(api.base_url, flush=True)))  # noqa: T201 - whoever started it waits for this


if __name__ == "__main__":
    main()
