"""Messages and delivery reports from Twilio. A webhook stores, answers 2xx, and never sends.

Twilio comes only a few times, and not for long: while the database does not answer, what comes is kept on the disk.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from multidict import MultiMapping
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import metrics
from bot.channels import whatsapp
from bot.running import Running
from bot.spool import Spool
from bot.web.webhooks import COME_AGAIN, read_body
from domain.message import Incoming, Report
from storage.database import StorageDown
from storage.queries import received

log = logging.getLogger(__name__)

NOTHING_TO_SAY = "<Response/>"  # TwiML: what we say goes through the API


@dataclass(frozen=True, slots=True)
class TwilioDoor:
    """What must be known to let Twilio's requests in."""

    account: str
    association_id: str
    tokens: tuple[str, ...]  # several while one takes another's place
    own_url: str  # where our own addresses begin, as Twilio knows them


def twilio_webhooks(running: Running, doors: Mapping[str, TwilioDoor], spool: Spool) -> list[BaseRoute]:
    """The routes for the numbers that have a door, by the word in their address."""

    async def message(request: Request) -> Response:
        form = await signed_form(request, doors)
        if isinstance(form, Response):
            return form
        door = doors[request.path_params["name"]]
        incoming = whatsapp.read(form, door.account, running.clock.now())
        if incoming is None:
            metrics.rejected.labels("whatsapp", "not_for_us").inc()
            return taken()
        return await take_message(running, spool, incoming)

    async def report(request: Request) -> Response:
        form = await signed_form(request, doors)
        if isinstance(form, Response):
            return form
        door = doors[request.path_params["name"]]
        found = whatsapp.read_report(form, door.account, request.query_params.get("m", "")[:40])
        if found is None:
            metrics.rejected.labels("whatsapp", "not_for_us").inc()
            return taken()
        return await take_report(running, spool, found, door.association_id)

    return [
        Route("/webhooks/twilio/{name}", message, methods=["POST"]),
        Route("/webhooks/twilio/{name}/status", report, methods=["POST"]),
    ]


async def signed_form(request: Request, doors: Mapping[str, TwilioDoor]) -> MultiMapping[str] | Response:
    """The fields of a request that Twilio signed; else what to answer."""
    door = doors.get(request.path_params["name"])
    if door is None:
        return Response(status_code=404)
    body = await read_body(request)
    if body is None:
        metrics.rejected.labels("whatsapp", "size").inc()
        return Response(status_code=413)
    try:
        form = whatsapp.form_of(body)
    except ValueError:
        metrics.rejected.labels("whatsapp", "form").inc()
        return Response(status_code=400)
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{door.own_url}{request.url.path}{query}"
    if not whatsapp.verify(door.tokens, url, form, request.headers.get("x-twilio-signature")):
        metrics.rejected.labels("whatsapp", "signature").inc()
        return Response(status_code=403)
    return form


def taken() -> Response:
    """All is well, and there is nothing to say in the answer."""
    return Response(NOTHING_TO_SAY, media_type="text/xml")


async def take_message(running: Running, spool: Spool, incoming: Incoming) -> Response:
    """One message, stored before the answer: in the database, or on the disk until it answers."""
    if not spool.holds(sender_of(incoming)):
        try:
            outcome = await running.take(incoming)
        except StorageDown:
            log.warning("the database does not answer; the message is kept on the disk")
        except Exception:
            log.exception("a message could not be stored; it is kept on the disk")
        else:
            metrics.inbound.labels("whatsapp", incoming.kind.value, outcome.ended.value).inc()
            return taken()
    return await kept(spool, "message", sender_of(incoming), received.as_json(incoming))


def sender_of(incoming: Incoming) -> str:
    """Whose line this message stands in."""
    return f"{incoming.sender.account}/{incoming.sender.id}"


async def take_report(running: Running, spool: Spool, report: Report, association_id: str) -> Response:
    """One report, stored before the answer."""
    try:
        await store_report(running, report, association_id)
    except StorageDown:
        log.warning("the database does not answer; the report is kept on the disk")
        facts = {**asdict(report), "association_id": association_id}
        return await kept(spool, "report", report.provider_id, facts)
    return taken()


async def store_report(running: Running, report: Report, association_id: str) -> None:
    """What the provider says leads the message on. Raises `StorageDown`."""
    take = partial(
        running.consequences.take_report, report=report, association_id=association_id, now=running.clock.now()
    )
    result = await asyncio.to_thread(running.database.transact, take)
    metrics.reports.labels("whatsapp", report.status, result).inc()
    if result == "failed":
        running.outbox.wake()


async def kept(spool: Spool, kind: str, sender: str, facts: dict[str, Any]) -> Response:
    """It is on the disk; else the provider is asked to come again."""
    try:
        await spool.keep(kind, sender, facts)
    except OSError:
        log.exception("nothing can be kept on the disk either; the provider is asked to come again")
        return Response(status_code=503, headers=COME_AGAIN)
    return taken()


async def take_in(running: Running, kind: str, facts: dict[str, Any]) -> None:
    """What waited on the disk. Raises `StorageDown`."""
    if kind == "message":
        await running.take(received.from_json(facts))
    else:
        association_id = facts.pop("association_id")
        await store_report(running, Report(**facts), association_id)
