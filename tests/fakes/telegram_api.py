"""A stand-in for Telegram's Bot API on loopback: the real wire, scripted faults, a record of what was accepted.

In a test:

    with TelegramApi() as api:
        api.refuse(403, BLOCKED, chat="42")     # what goes wrong, once unless `times` says otherwise
        …                                       # the bot under test talks to api.base_url
        assert api.texts("42") == ["Selamat pagi."]
        assert api.violations == []             # every request kept the published specification

As a process, for tests that kill the bot and for benchmarks (one JSON line for each accepted call):

    python -m tests.fakes.telegram_api --port 8081 --log calls.jsonl --no-check --limit 30
    curl http://127.0.0.1:8081/stats            # {"accepted": …, "refused": {"429": …}}
"""

import argparse
import asyncio
import contextlib
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import unquote

import orjson
import uvloop

from tests.fakes.telegram_bot import Bot, Methods
from tests.fakes.telegram_courier import Courier, Delivery
from tests.fakes.telegram_faults import Fault, Faults
from tests.fakes.telegram_spec import Spec
from tests.fakes.telegram_wire import Answer, Connection, Form, Json, Request, Upload, native, ok, refusal

TOKEN = "700000001:AAF-stand-in-token-of-no-real-bot-00"
SAYING = ("sendMessage", "sendPhoto", "sendDocument", "sendVoice")
BLOCKED = "Forbidden: bot was blocked by the user"
DEACTIVATED = "Forbidden: user is deactivated"
NOT_FOUND = "Bad Request: chat not found"
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
POLLED_TWICE = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_STANDS = "Conflict: can't use getUpdates method while webhook is active"


@dataclass(frozen=True, slots=True)
class Call:
    """One call that was accepted."""

    sequence: int
    method: str
    params: Json
    files: Mapping[str, Upload]
    at: float  # Unix time
    token: str
    result: Any
    via: str = "http"  # or "webhook": it came in the body of a webhook's answer

    @property
    def chat(self) -> str:
        return str(self.params.get("chat_id", ""))


class TelegramApi(Faults):
    """The stand-in: a server in a thread of its own, bound to 127.0.0.1, for any number of bots."""

    def __init__(
        self,
        *,
        port: int = 0,
        check: bool = True,
        keep: bool = True,
        log: IO[bytes] | None = None,
        limit: float = 0.0,
        pace: float = 1.0,
    ) -> None:
        """`limit`: messages a second and bot before it throttles, 0 for none.

        `pace`: how long the seconds last that it waits between attempts at a webhook.
        """
        super().__init__()
        self.spec = Spec.published() if check else None
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.refusals: Counter[int] = Counter()
        self.accepted = 0
        self._port, self._keep, self._log, self._limit = port, keep, log, limit
        self._bots: dict[str, Bot] = {}
        self._courier = Courier(pace, self._spawn, self._carry_out)
        self._methods = Methods(self._courier.move)
        self._update_ids = count(5001)
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()

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
        server = await self._loop.create_server(lambda: Connection(self._answer), "127.0.0.1", self._port)
        self._port = server.sockets[0].getsockname()[1]
        ready()
        await self._stopping.wait()
        server.close()
        for task in list(self._tasks):
            task.cancel()
        await self._courier.close()

    @property
    def base_url(self) -> str:
        """What `TELEGRAM_API_BASE_URL` must be."""
        return f"http://127.0.0.1:{self._port}"

    # --- what was accepted ---

    def calls_of(self, method: str, chat: str = "") -> list[Call]:
        return [call for call in self.calls if call.method == method and chat in ("", call.chat)]

    def texts(self, chat: str = "") -> list[str]:
        """Everything that people got to read, in order."""
        sent = [call for call in self.calls if call.method in SAYING and chat in ("", call.chat)]
        return [call.params.get("text") or call.params.get("caption", "") for call in sent]

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt at a webhook, in order."""
        return self._courier.deliveries

    def bot(self, token: str = TOKEN) -> Bot:
        return self._bots.setdefault(token, Bot(token))

    # --- what people send ---

    def says(self, chat: int, text: str, **more: Any) -> Json:
        """A private message goes to the bot; returns its update."""
        return self.deliver({"message": {**private_message(chat), "text": text, **more}})[0]

    def taps(self, chat: int, data: str, **more: Any) -> Json:
        """A button is pressed; returns its update."""
        message = private_message(chat)
        query = {
            "id": f"{chat}-{data}",
            "from": message["from"],
            "chat_instance": "1",
            "message": message,
            "data": data,
        }
        return self.deliver({"callback_query": {**query, **more}})[0]

    def deliver(self, *updates: Json, token: str = TOKEN) -> list[Json]:
        """Hand updates over in this order: to the webhook where one is set, else to getUpdates.

        An update given twice comes twice, with the same id; updates out of order come out of order.
        """
        numbered = [{"update_id": next(self._update_ids), **update} for update in updates]
        self._courier.undelivered += len(numbered)
        self._loop.call_soon_threadsafe(self._courier.hand_over, self.bot(token), numbered)
        return numbered

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until the webhook has taken everything, or has let it expire."""
        until = time.monotonic() + timeout
        while self._courier.undelivered and time.monotonic() < until:
            time.sleep(0.005)
        assert not self._courier.undelivered, f"{self._courier.undelivered} updates were not taken"

    def put_file(self, file_id: str, content: bytes, path: str = "", *, declared: int | None = None) -> None:
        """A file for getFile; `declared` is the size that it claims."""
        size = len(content) if declared is None else declared
        shown = {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": size}
        self._methods.files[file_id] = ({**shown, "file_path": path or f"photos/{file_id}.jpg"}, content)

    # --- requests: answered at once where nothing has to wait, for this is the path of every benchmark ---

    def _answer(self, connection: Connection, request: Request) -> None:
        root, _, rest = request.path.lstrip("/").partition("/")
        token = unquote(root.removeprefix("bot"))
        if root == "stats":
            connection.send(ok({"accepted": self.accepted, "refused": {str(k): n for k, n in self.refusals.items()}}))
        elif root == "file":
            self._answer_file(connection, unquote(rest.partition("/")[2]))
        elif root.startswith("bot") and token.partition(":")[0].isdigit():
            self._answer_call(connection, self.bot(token), rest, request)
        else:
            connection.send(self._refused(refusal(404, "Not Found")))

    def _answer_call(self, connection: Connection, bot: Bot, method: str, request: Request) -> None:
        try:
            form = request.form()
        except ValueError:
            return connection.send(self._refused(refusal(400, "Bad Request: strings must be encoded in UTF-8")))
        broken = self._broken_rules(method, form)
        if broken:
            return connection.send(self._refused(refusal(400, f"Bad Request: {broken[0]}")))
        params = {name: native(value) for name, value in form.params.items()} if form.as_text else form.params
        fault = self.fault_for(method, str(params.get("chat_id", "")))
        if fault:
            return self._spawn(self._spoil(connection, fault, lambda: self._accept(bot, method, params, form.files)))
        if method.lower() == "getupdates":
            return self._spawn(self._poll(connection, bot, params))
        return connection.send(self._accept(bot, method, params, form.files))

    def _broken_rules(self, method: str, form: Form) -> list[str]:
        broken = self.spec.broken_rules(method, form) if self.spec else []
        self.violations += broken
        return broken

    def _accept(self, bot: Bot, method: str, params: Json, files: Mapping[str, Upload], via: str = "http") -> Answer:
        name, respond = self._methods.find(method)
        if respond is None:
            return self._refused(refusal(404, "Not Found: method not found"))
        if self._limit and name.startswith("send") and self._is_over_limit(bot.token):
            return self._refused(refusal(429, "Too Many Requests: retry after 1", {"retry_after": 1}))
        result = respond(bot, {**params, **files})
        if isinstance(result, Answer):
            return self._refused(result)
        self._record(Call(self.accepted + 1, name, params, files, time.time(), bot.token, result, via))
        return ok(result)

    def _record(self, call: Call) -> None:
        self.accepted = call.sequence
        if self._keep:
            self.calls.append(call)
        if self._log:
            message_id = call.result.get("message_id") if isinstance(call.result, dict) else None
            line = {"sequence": call.sequence, "at": call.at, "method": call.method, "message_id": message_id}
            self._log.write(orjson.dumps({**line, "params": call.params}) + b"\n")

    def _refused(self, answer: Answer) -> Answer:
        self.refusals[answer.status] += 1
        return answer

    def _is_over_limit(self, token: str) -> bool:
        now, recent = time.monotonic(), self._recent[token]
        while recent and recent[0] <= now - 1.0:
            recent.popleft()
        if len(recent) >= self._limit:
            return True
        recent.append(now)
        return False

    async def _spoil(self, connection: Connection, fault: Fault, accept: Callable[[], Answer]) -> None:
        usual = accept() if fault.accepted else None
        await asyncio.sleep(fault.seconds)
        if fault.reset:
            connection.reset()
        elif fault.answer:
            connection.send(self._refused(fault.answer))
        elif usual:
            connection.send(usual)

    # --- updates by polling ---

    async def _poll(self, connection: Connection, bot: Bot, params: Json) -> None:
        if bot.webhook:
            return connection.send(self._refused(refusal(409, WEBHOOK_STANDS)))
        bot.poller = connection
        bot.arrived.set()  # wakes an earlier poller, which finds itself replaced
        until = time.monotonic() + int(params.get("timeout", 0))
        while not bot.pending(params) and time.monotonic() < until and bot.poller is connection:
            bot.arrived.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bot.arrived.wait(), until - time.monotonic())
        if bot.poller is not connection:
            return connection.send(self._refused(refusal(409, POLLED_TWICE)))
        return connection.send(ok(bot.pending(params)))

    # --- what a webhook answers ---

    def _carry_out(self, bot: Bot, body: bytes) -> None:
        """Execute the method in a webhook's answer; nobody learns how that went."""
        with contextlib.suppress(orjson.JSONDecodeError):
            params = orjson.loads(body)
            if isinstance(params, dict) and "method" in params:
                method = params.pop("method")
                if not self._broken_rules(method, Form(params, as_text=False)):
                    self._accept(bot, method, params, {}, via="webhook")

    # --- files ---

    def _answer_file(self, connection: Connection, path: str) -> None:
        found = next((content for shown, content in self._methods.files.values() if shown["file_path"] == path), None)
        if found is None:
            return connection.send(self._refused(refusal(404, "Not Found")))
        whole = Answer(200, found, {"Content-Type": "application/octet-stream"})
        fault = self.fault_for("file", "")
        if fault and fault.reset and not fault.seconds:
            return connection.send(Answer(200, found, whole.headers, reset_after=len(found) // 2))
        if fault:
            return self._spawn(self._spoil(connection, fault, lambda: whole))
        return connection.send(whole)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def private_message(chat: int) -> Json:
    """The fields that every private message has."""
    person = {"id": chat, "is_bot": False, "first_name": "Siti", "language_code": "id"}
    private = {"id": chat, "type": "private", "first_name": "Siti"}
    return {"message_id": 1, "date": int(time.time()), "chat": private, "from": person}


def main() -> None:
    """Serve until killed; the first line on standard output is the base URL."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--log", type=Path, help="a file that gets one JSON line for each accepted call")
    asked.add_argument("--limit", type=float, default=0.0, help="messages a second and bot before it throttles")
    asked.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    asked.add_argument("--no-check", action="store_true", help="do not hold requests against the specification")
    given = asked.parse_args()
    log = given.log.open("ab", buffering=0) if given.log else None
    api = TelegramApi(port=given.port, check=not given.no_check, keep=False, log=log, limit=given.limit)
    if given.delay:
        api.stall(given.delay, times=None)
    uvloop.run(api.serve(lambda: print(api.base_url, flush=True)))  # noqa: T201 - whoever started it waits for this


if __name__ == "__main__":
    main()
