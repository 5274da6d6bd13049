"""Overruling: a person keeps or strikes what labelling decided, sees first what else that would change, and may undo it.

Every route but the list needs the right to trigger the DAG; what saves needs a form of ours besides: its Origin and its token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature
from starlette.exceptions import HTTPException

from ..corpus import browsing, overrulings
from ..corpus.blocks import Shown, blocks
from ..errors import SettingError
from ..model import Label
from ..overruling import Overruling, Scope, Verdict
from ..reading import check_selector
from . import overview
from .pages import desk_of, iso_date, page
from .preview import preview, suggested
from .shown import SCOPES, link

router = APIRouter()
looks = APIRouter()  # what whoever may look sees
_TOKEN_SECONDS = 12 * 3600
_TOGETHER = 500  # texts that one form saves


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
    together: bool = False,
    label: Label = Label.ADVERTORIAL,
    phrase: str = "",
    selector: str = "",
    since: str = "",
    days: Annotated[int, Query(ge=1, le=366)] = 14,
    why: str = "",
    at: str = "",
) -> HTMLResponse:
    """What to do with one block, or with all that were struck around it, and what else that would change over the last dates."""
    desk, day = desk_of(request), iso_date(date)
    with browsing.opened(desk.home, "articles", day) as table:
        row = table.find(id)
    every = blocks(row) if row else []
    found = next((b for b in every if b.number == block), None)
    if row is None or found is None:
        raise HTTPException(404, f"{day} has no such block of {id[:300]!r} any more.")
    run = _struck_around(every, found)
    texts = {Scope.PHRASE: [phrase], Scope.SELECTOR: [selector]}.get(scope, [b.before for b in (run if together else [found])])
    wanted = verdict or (Verdict.KEEP if found.is_cut else Verdict.STRIKE)
    given = [_overruling(wanted, scope, row["source"], text, label, since, day, id) for text in dict.fromkeys(texts)]
    return page(
        request,
        "overrule.html",
        row=row,
        date=day,
        block=found,
        run=len(run),
        together=together,
        given=given,
        scopes=SCOPES,
        phrase=phrase or found.key[:200],
        selector=selector,
        suggested=suggested(desk.raw, desk.home, day, row, found),
        days=days,
        why=why[:1000],
        at=at,
        missed=scope is Scope.PHRASE and not given[0].holds_for(found.before),
        token=token_of(request),
        preview=preview(desk.raw, desk.home, given, days) if verdict else None,
        back=_back(day, id, at),
    )


def _struck_around(every: Sequence[Shown], one: Shown) -> list[Shown]:
    """The blocks around one that were struck with the same label, without a gap: an ad of several lines."""
    run = [one]
    for step in (-1, 1):
        at = one.number - 1 + step
        while one.is_cut and 0 <= at < len(every) and every[at].label == one.label:
            run.append(every[at])
            at += step
    return sorted(run, key=lambda block: block.number)


def _back(date: str, id_: str, at: str) -> str:
    """The link to a document; `at` are the parameters of the list that it was opened from."""
    place = {name: value for name, value in parse_qsl(at) if name in {"order", "source", "reason", "search", "at"}}
    return link("document", date=date, id=id_, **place)


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
    text: Annotated[list[str], Form()],
    verdict: Annotated[Verdict, Form()],
    scope: Annotated[Scope, Form()],
    label: Annotated[Label, Form()] = Label.ADVERTORIAL,
    since: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
    at: Annotated[str, Form()] = "",
) -> Response:
    """Save an overruling of each text under the person's name."""
    _check(request, token)
    day, home = iso_date(date), desk_of(request).home
    if len(text) > _TOGETHER:
        raise HTTPException(400, f"{len(text)} blocks at once; a form saves at most {_TOGETHER}.")
    for one in [_overruling(verdict, scope, source, words, label, since, day, id) for words in text]:
        overrulings.save(home, one, who=request.state.person, why=why[:1000])
    return RedirectResponse(link("overrulings", saved=len(text), date=day, id=id, at=at), 303)


@router.post("/undo")
def undo(request: Request, token: Annotated[str, Form()], id: Annotated[str, Form()]) -> Response:  # noqa: A002 - as above
    """Undo an overruling: it stays in the history."""
    _check(request, token)
    overrulings.undo(desk_of(request).home, id, who=request.state.person, why="")
    return RedirectResponse("overrulings", 303)


@looks.get("/overrulings")
def listed(request: Request, saved: int = 0, date: str = "", id: str = "", at: str = "") -> HTMLResponse:  # noqa: A002 - as above
    """What people overruled, the latest first, and the dates that are stale for it or for anything else; the way back to a document."""
    desk = desk_of(request)
    days = overview.days(desk.raw, desk.home, "", "", 366)
    stale = sorted(day.date for day in days if day.published and day.why)
    standing = {o.id for o in overrulings.standing(desk.home)}
    rows = [{**row, "stands": row.get("id") in standing} for row in reversed(overrulings.history(desk.home))]
    token = token_of(request) if request.state.may_change else ""
    back = _back(iso_date(date), id, at) if date else ""
    return page(request, "overrulings.html", rows=rows, stale=stale, scopes=SCOPES, token=token, saved=saved, back=back)
