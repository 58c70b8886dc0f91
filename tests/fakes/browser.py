"""A browser before our routes, without a network."""

import asyncio
from functools import partialmethod
from typing import Any

import httpx
from starlette.applications import Starlette


class Browser:
    """Asks the routes from one address; follows no redirect."""

    def __init__(self, app: Starlette, who: str) -> None:
        self.transport = httpx.ASGITransport(app, client=(who, 50_000))

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """What is answered."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, url, **options)

        return asyncio.run(ask())

    get = partialmethod(request, "GET")
    head = partialmethod(request, "HEAD")
    post = partialmethod(request, "POST")
