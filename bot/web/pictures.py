"""Pictures that a provider fetches from us to show them: by a link that is good for an hour, and for one picture."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from sqlalchemy.exc import NoResultFound
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.documents import picture_of
from bot.running import Running
from domain.picture import Picture
from storage.sealed import keys

LASTS = timedelta(hours=1)
FILE = ".pdf"  # ends the path of a picture that is wanted as a file
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def picture_path(association_id: str, document_id: str, now: datetime, *, as_file: bool = False) -> str:
    """The path under which a picture, or the file that it is to keep, can be fetched for an hour."""
    until = int((now + LASTS).timestamp())
    ending = FILE if as_file else ""
    return f"/media/{association_id}.{document_id}.{until}.{mark(association_id, document_id, until)}{ending}"


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


def disposition(shown: Picture) -> dict[str, str]:
    """What it is called where it is kept."""
    return {"Content-Disposition": f"inline; filename*=UTF-8''{quote(shown.name)}"}


def pictures(running: Running) -> list[BaseRoute]:
    """GET and HEAD /media/{token}."""

    async def picture(request: Request) -> Response:
        token: str = request.path_params["token"]
        named = opened(token.removesuffix(FILE), running.clock.now())
        if named is None:
            return Response(status_code=404)
        try:
            shown = await asyncio.to_thread(picture_of, running.database, *named, as_file=token.endswith(FILE))
        except NoResultFound:
            return Response(status_code=404)
        return Response(shown.content, media_type=shown.mime, headers=HEADERS | disposition(shown))

    return [Route("/media/{token}", picture, methods=["GET"])]
