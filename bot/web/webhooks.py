"""Messages in. A webhook stores, answers 2xx, and never sends."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.channels import telegram
from bot.channels.text import read_json
from bot.running import Running
from storage.database import StorageDown

log = logging.getLogger(__name__)

LARGEST = 1024 * 1024  # bytes of one update
COME_AGAIN = {"Retry-After": "5"}  # seconds, when the database does not answer


@dataclass(frozen=True)
class TelegramDoor:
    """What must be known to let Telegram's updates in."""

    account: str
    secret: str


def webhooks(running: Running, doors: Mapping[str, TelegramDoor]) -> list[BaseRoute]:
    """The routes for the accounts that have a door, by the word in their address.

    They are Starlette's own: on the way of every message, FastAPI's care for parameters costs as much as the rest.
    """

    async def telegram_update(request: Request) -> Response:
        door = doors.get(request.path_params["name"])
        if door is None:
            return Response(status_code=404)
        if not telegram.verify(door.secret, request.headers.get("x-telegram-bot-api-secret-token")):
            metrics.rejected.labels("telegram", "secret").inc()
            return Response(status_code=401)
        body = await read_body(request)
        if body is None:
            metrics.rejected.labels("telegram", "size").inc()
            return Response(status_code=413)
        return await take_update(running, door.account, body)

    return [Route("/webhooks/telegram/{name}", telegram_update, methods=["POST"])]


async def read_body(request: Request) -> bytes | None:
    """The body; None when it is larger than any update."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


async def take_update(running: Running, account: str, body: bytes) -> Response:
    """One update, stored before the answer; the answer may carry a method call of no consequence."""
    try:
        update = read_json(body)
    except ValueError:
        metrics.rejected.labels("telegram", "json").inc()
        return Response(status_code=400)
    incoming = telegram.read(update, account, running.clock.now()) if isinstance(update, dict) else None
    if incoming is None:
        metrics.rejected.labels("telegram", "not_for_us").inc()
        return Response()
    try:
        outcome = await running.take(incoming)
    except StorageDown:
        log.warning("the database does not answer; the provider is asked to come again")
        return Response(status_code=503, headers=COME_AGAIN)
    except Exception:
        log.exception("an update could not be stored; the provider is asked to come again")
        return Response(status_code=503, headers=COME_AGAIN)
    metrics.inbound.labels("telegram", incoming.kind.value, outcome.ended.value).inc()
    call = telegram.acknowledgement(update, outcome.notice)
    return Response(orjson.dumps(call), media_type="application/json") if call else Response()
