"""Overruling: a person keeps or strikes what labelling decided, sees first what else that would change, and may undo it.

Every route but the list needs the right to trigger the DAG; what saves needs a form of ours besides: its Origin and its token.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature
from starlette.exceptions import HTTPException

from ..corpus import browsing, overrulings
from ..corpus.blocks import blocks
from ..errors import SettingError
from ..model import Label
from ..overruling import Overruling, Scope, Verdict
from ..reading import check_selector
from . import overview
from .pages import desk_of, iso_date, page
from .preview import preview
from .shown import SCOPES, link

router = APIRouter()
looks = APIRouter()  # what whoever may look sees
_TOKEN_SECONDS = 12 * 3600


def is_ours(request: Request) -> None:
    """Refuses what would change something and comes from a page of another server (403)."""
    if request.method in {"GET", "HEAD"}:
        return
    given = (request.headers.get(name, "") for name in ("host", "x-forwarded-host"))
    if urlsplit(request.headers.get("origin", "")).netloc not in {*given, *request.app.state.hosts} - {""}:
        raise HTTPException(403, "This request comes from a page of another server.")


def token_of(request: Request) -> str:
    """What a form of ours carries for the person who asked for it."""
    token: str = request.app.state.tokens.sign(request.state.person).decode()
    return token


def _check(request: Request, token: str) -> None:
    try:
        person = request.app.state.tokens.unsign(token, max_age=_TOKEN_SECONDS).decode()
    except BadSignature:
        person = None
    if person != request.state.person:
        raise HTTPException(403, "This form is too old or not yours: load the page again.")


@router.get("/overrule")
def overrule(
    request: Request,
    date: str,
    id: str,  # noqa: A002 - the name that the tables have for it
    block: Annotated[int, Query(ge=1)],
    scope: Scope = Scope.DOCUMENT,
    verdict: Verdict | None = None,
    label: Label = Label.ADVERTORIAL,
    phrase: str = "",
    selector: str = "",
    since: str = "",
    days: Annotated[int, Query(ge=1, le=366)] = 14,
    why: str = "",
) -> HTMLResponse:
    """What to do with one block, and what else that would change over the last dates."""
    desk, day = desk_of(request), iso_date(date)
    home = desk.home
    with browsing.opened(home, "articles", day) as table:
        row = table.find(id)
    found = next((b for b in blocks(row) if b.number == block), None) if row else None
    if row is None or found is None:
        raise HTTPException(404, f"{day} has no such block of {id[:300]!r} any more.")
    asked = verdict is not None
    wanted = verdict or (Verdict.KEEP if found.is_cut else Verdict.STRIKE)
    text = {Scope.PHRASE: phrase, Scope.SELECTOR: selector}.get(scope, found.before)
    given = _overruling(wanted, scope, row["source"], text, label, since, day, id)
    return page(
        request,
        "overrule.html",
        row=row,
        date=day,
        block=found,
        given=given,
        scopes=SCOPES,
        phrase=phrase or found.key[:200],
        selector=selector,
        days=days,
        why=why[:1000],
        token=token_of(request),
        preview=preview(desk.raw, home, given, days) if asked else None,
        back=link("document", date=day, id=id),
    )


def _overruling(verdict: Verdict, scope: Scope, source: str, text: str, label: Label, since: str, date: str, document: str) -> Overruling:
    one = {"date": date, "document": document} if scope is Scope.DOCUMENT else {"since": since and iso_date(since)}
    if not text.strip() or len(text) > 100_000:
        raise HTTPException(400, f"An overruling by {scope.value} needs one, of at most 100,000 characters.")
    if scope is Scope.SELECTOR:
        try:
            check_selector(text)
        except SettingError as error:
            raise HTTPException(400, str(error)) from None
    return Overruling("", verdict, scope, source, text, Label.ADVERTORIAL if label is Label.CONTENT else label, **one)


@router.post("/overrule")
def save(
    request: Request,
    token: Annotated[str, Form()],
    date: Annotated[str, Form()],
    id: Annotated[str, Form()],  # noqa: A002 - as above
    source: Annotated[str, Form()],
    text: Annotated[str, Form()],
    verdict: Annotated[Verdict, Form()],
    scope: Annotated[Scope, Form()],
    label: Annotated[Label, Form()] = Label.ADVERTORIAL,
    since: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Response:
    """Save an overruling under the person's name."""
    _check(request, token)
    given = _overruling(verdict, scope, source, text, label, since, iso_date(date), id)
    overrulings.save(desk_of(request).home, given, who=request.state.person, why=why[:1000])
    return RedirectResponse("overrulings", 303)


@router.post("/undo")
def undo(request: Request, token: Annotated[str, Form()], id: Annotated[str, Form()]) -> Response:  # noqa: A002 - as above
    """Undo an overruling: it stays in the history."""
    _check(request, token)
    overrulings.undo(desk_of(request).home, id, who=request.state.person, why="")
    return RedirectResponse("overrulings", 303)


@looks.get("/overrulings")
def listed(request: Request) -> HTMLResponse:
    """What people overruled, the latest first, and the dates that are stale for it or for anything else."""
    desk = desk_of(request)
    days = overview.days(desk.raw, desk.home, "", "", 366)
    stale = sorted(day.date for day in days if day.published and day.why)
    standing = {o.id for o in overrulings.standing(desk.home)}
    rows = [{**row, "stands": row.get("id") in standing} for row in reversed(overrulings.history(desk.home))]
    return page(
        request, "overrulings.html", rows=rows, stale=stale, scopes=SCOPES, token=token_of(request) if request.state.may_change else ""
    )
