"""Is the process alive, is it ready, and what does it count?"""

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from bot import metrics
from bot.running import Running
from bot.settings import is_loopback
from storage.database import Overtaken, StorageDown
from storage.migrate import FromAnotherRelease, is_at_head
from storage.queries import outbox, parked, reaching, received, templates
from storage.tables import Campaign, Reminder


def health(running: Running) -> APIRouter:
    """The routes that machines ask."""
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> JSONResponse:
        return JSONResponse({"alive": True})

    @router.get("/readyz")
    async def ready(request: Request) -> JSONResponse:
        checks = await run_in_threadpool(check, running)
        is_ready = all(checks.values())
        shown = {"ready": is_ready, **(checks if is_near(request) else {})}
        return JSONResponse(shown, status_code=200 if is_ready else 503)

    @router.get("/metrics")
    async def counted(request: Request) -> Response:
        if not is_near(request):
            return Response(status_code=404)
        try:
            await run_in_threadpool(running.database.read, partial(gauge, now=running.clock.now()))
        except StorageDown:
            return Response(status_code=503)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def is_near(request: Request) -> bool:
    """Asked from this machine itself, and not through a proxy on it."""
    return bool(request.client and is_loopback(request.client.host)) and "x-forwarded-for" not in request.headers


def check(running: Running) -> dict[str, bool]:
    """What must hold before a message may come."""
    return {
        "database_writes": writes(running),
        "database_at_head": at_head(running),
        "channels_configured": bool(running.channels),
        "workers_running": all(not task.done() for task in running.tasks),
    }


def writes(running: Running) -> bool:
    """True when a transaction can be begun, and undone again."""

    def work(db: Session) -> None:
        db.connection().execute(text("UPDATE rate SET per_second = per_second"))
        raise Overtaken("nothing is kept")

    try:
        running.database.transact(work)
    except Overtaken:
        return True
    except StorageDown:
        return False
    return False


def at_head(running: Running) -> bool:
    """True when every migration of this release has run, and none of a newer one."""
    try:
        return is_at_head(running.database)
    except (FromAnotherRelease, StorageDown):
        return False


def gauge(db: Session, now: datetime) -> None:
    """Read what stands in the tables into the gauges."""
    metrics.messages.clear()
    metrics.uncertain.clear()
    for (account, kind, status), count in outbox.counts(db).items():
        metrics.messages.labels(account, kind, status).set(count)
        if status == "uncertain":
            metrics.uncertain.labels(account).inc(count)
    gauge_bulk(db, now)
    pending, dead = received.counts(db)
    metrics.waiting.set(pending)
    metrics.dead.set(dead)


def gauge_bulk(db: Session, now: datetime) -> None:
    """What goes to many, and what keeps it from going."""
    for gauged in (metrics.parked, metrics.templates, metrics.reminders, metrics.campaigns):
        gauged.clear()
    for (account, why), count in parked.counts(db).items():
        metrics.parked.labels(account, why).set(count)
    for room in reaching.rooms(db, now):
        metrics.reached.labels(room.account).set(room.reached)
        if room.limit is not None:
            metrics.people_limit.labels(room.account).set(room.limit)
    for template in templates.everything(db):
        status = "refiled" if templates.is_refiled(template) else template.status
        metrics.templates.labels(template.account, status).inc()
    for table, by_status in ((Reminder, metrics.reminders), (Campaign, metrics.campaigns)):
        counted = select(table.status, func.count()).group_by(col(table.status))
        for status, count in db.exec(counted):
            by_status.labels(status).set(count)
