"""Pictures that a provider fetches from us to show them: by a link that is good for an hour, and for one picture."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import NoResultFound
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.running import Running
from storage.queries import documents
from storage.sealed import keys

LASTS = timedelta(hours=1)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def picture_path(association_id: str, document_id: str, now: datetime) -> str:
    """The path under which a picture can be fetched for an hour."""
    until = int((now + LASTS).timestamp())
    return f"/media/{association_id}.{document_id}.{until}.{mark(association_id, document_id, until)}"


def mark(association_id: str, document_id: str, until: int) -> str:
    """What nobody but us can write below a picture and a time."""
    return keys().blind_index(association_id, "picture", f"{document_id}.{until}")


def opened(token: str, now: datetime) -> tuple[str, str] | None:
    """The association and the picture that a token names; None when it is not ours, or too old."""
    association_id, _dot, rest = token.partition(".")
    document_id, _dot, rest = rest.partition(".")
    until, _dot, said = rest.partition(".")
    if not (until.isdecimal() and len(until) < 12 and said) or now > datetime.fromtimestamp(int(until), UTC):
        return None
    ours = keys().indexes(association_id, "picture", f"{document_id}.{until}")
    return (association_id, document_id) if said in ours else None


def pictures(running: Running) -> list[BaseRoute]:
    """GET and HEAD /media/{token}."""

    async def picture(request: Request) -> Response:
        named = opened(request.path_params["token"], running.clock.now())
        if named is None:
            return Response(status_code=404)
        try:
            content = await asyncio.to_thread(running.database.read, lambda db: documents.get_content(db, *named))
        except NoResultFound:
            return Response(status_code=404)
        return Response(content, media_type="image/jpeg", headers=HEADERS)

    return [Route("/media/{token}", picture, methods=["GET"])]
