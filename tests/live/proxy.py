"""A reverse proxy on loopback that hands on path and host as they stand, as Airflow wants it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.serving import serving

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OWN = {"content-length", "content-encoding", "transfer-encoding", "connection"}  # each of two connections has its own


@contextmanager
def proxied(port: int, upstream: str) -> Iterator[None]:
    """Serves what `upstream` does on a port of loopback."""
    client = httpx.AsyncClient(base_url=upstream, timeout=60)

    async def hand_on(request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in _OWN}
        target = request.scope["raw_path"].decode() + (f"?{request.url.query}" if request.url.query else "")
        answer = await client.request(request.method, target, headers=headers, content=await request.body())
        response = Response(answer.content, answer.status_code)
        response.raw_headers += [(name, value) for name, value in answer.headers.raw if name.decode().lower() not in _OWN]
        return response

    app = Starlette(routes=[Route("/{path:path}", hand_on, methods=_METHODS)])
    with serving(app, port):
        yield
