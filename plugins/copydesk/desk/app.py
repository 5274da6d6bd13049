"""The desk's app: its pages, who may see them, and what every answer carries.

No page names a path of its own in a link: they lie side by side, so that relative links hold behind any prefix.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from itsdangerous import TimestampSigner
from starlette.exceptions import HTTPException

from ..corpus import store
from ..errors import CopydeskError
from . import overruling, pages
from .shown import environment

# Nothing from elsewhere, no inline script or style, no frame but Airflow's own.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Access:
    """What the desk is told by the server that it stands in.

    `look` is a dependency of FastAPI that every page has: it refuses whoever may not read the DAG (401, 403), and else sets
    `request.state.person`, the user's name, and `request.state.may_change`; `change` is one that also refuses (403) whoever
    may not trigger the DAG. `run_date` is the date that a run of a DAG cleans, "" when there is none. `secret` signs the tokens of
    forms; `hosts` are names of this server besides the one that a request asks for (behind a proxy).
    """

    look: Callable[..., Any]
    change: Callable[..., Any]
    run_date: Callable[[str, str], str]
    secret: str
    hosts: frozenset[str] = frozenset()


def create(raw: str, home: str, access: Access) -> FastAPI:
    """The ASGI app over a raw root ("" where it is not known) and a home."""
    store.give_memory_back()
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = pages.Desk(raw, home, environment(), access.run_date)
    app.state.tokens, app.state.hosts = TimestampSigner(access.secret, salt="copydesk"), access.hosts
    for router in (pages.router, overruling.looks):
        app.include_router(router, dependencies=[Depends(access.look)])
    app.include_router(overruling.router, dependencies=[Depends(access.change), Depends(overruling.is_ours)])
    app.middleware("http")(_with_headers)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _unusable)
    app.add_exception_handler(CopydeskError, _failed)
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


def _refused(request: Request, error: Any) -> Response:
    return pages.problem(request, error.status_code, str(error.detail), error.headers)


def _unusable(request: Request, error: Any) -> Response:
    where = ", ".join(str(e["loc"][-1]) for e in error.errors())
    return pages.problem(request, 400, f"This link is incomplete or was changed: {where}.")


def _failed(request: Request, error: Any) -> Response:
    return pages.problem(request, 404, str(error))
