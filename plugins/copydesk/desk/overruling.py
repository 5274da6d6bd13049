"""Overruling: a person keeps or strikes what labelling decided, sees first what else that would change, and may undo it.

Every route but the list needs the right to trigger the DAG; what saves needs a form of ours besides: its Origin and its token.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature
from starlette.exceptions import HTTPException

from ..corpus import browsing, overrulings, reading_back
from ..model import Label
from ..overruling import Overruling, Scope, Verdict
from . import overview
from .blocks import Shown, blocks
from .pages import desk_of, iso_date, page
from .shown import link

router = APIRouter()
looks = APIRouter()  # what whoever may look sees
_TOKEN_SECONDS = 12 * 3600
_LOOKED_AT = 20_000  # documents that a preview reads
_EXAMPLES = 20
_COLUMNS = ["id", "title", "text", "kept", "removed", "edits"]
_SCOPES = {
    Scope.DOCUMENT: "this text in this document only",
    Scope.TEXT: "exactly this text in every document of the source (a campaign)",
    Scope.PHRASE: "every block of the source with a phrase in it (a site rule)",
}


class Change(NamedTuple):
    """A block that an overruling would change."""

    date: str
    id: str
    title: str
    block: Shown


class Preview(NamedTuple):
    """What an overruling would change: how many blocks on which dates, and the first of them."""

    blocks: int
    dates: list[str]
    examples: list[Change]
    documents: int
    whole: bool


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
    since: str = "",
    days: Annotated[int, Query(ge=1, le=366)] = 14,
    why: str = "",
) -> HTMLResponse:
    """What to do with one block, and what else that would change over the last dates."""
    home, day = desk_of(request).home, iso_date(date)
    with browsing.opened(home, "articles", day) as table:
        row = table.find(id)
    found = next((b for b in blocks(row) if b.number == block), None) if row else None
    if row is None or found is None:
        raise HTTPException(404, f"{day} has no such block of {id[:300]!r} any more.")
    asked = verdict is not None
    wanted = verdict or (Verdict.KEEP if found.is_cut else Verdict.STRIKE)
    given = _overruling(wanted, scope, row["source"], phrase or found.before, label, since, day, id)
    return page(
        request,
        "overrule.html",
        row=row,
        date=day,
        block=found,
        given=given,
        scopes=_SCOPES,
        phrase=phrase or found.key[:200],
        days=days,
        why=why[:1000],
        token=token_of(request),
        preview=_preview(home, given, days) if asked else None,
        back=link("document", date=day, id=id),
    )


def _overruling(verdict: Verdict, scope: Scope, source: str, text: str, label: Label, since: str, date: str, document: str) -> Overruling:
    one = {"date": date, "document": document} if scope is Scope.DOCUMENT else {"since": since and iso_date(since)}
    if not text.strip() or len(text) > 100_000:
        raise HTTPException(400, "An overruling needs a text of at most 100,000 characters.")
    return Overruling("", verdict, scope, source, text, Label.ADVERTORIAL if label is Label.CONTENT else label, **one)


def _preview(home: str, given: Overruling, days: int) -> Preview:
    dates = [given.date] if given.scope is Scope.DOCUMENT else reading_back.dates(home)[::-1][:days]
    count, documents = 0, 0
    on: list[str] = []
    examples: list[Change] = []
    for date in dates:
        if not given.is_about(date, given.source, given.document) or documents >= _LOOKED_AT:
            continue
        for row in _rows(home, date, given):
            documents += 1
            changed = [b for b in blocks(row) if _changes(given, b)]
            count += len(changed)
            on += [date] if changed and date not in on else []
            examples += [Change(date, row["id"], row["title"] or "", b) for b in changed[: _EXAMPLES - len(examples)]]
            if documents >= _LOOKED_AT:
                break
    return Preview(count, on, examples, documents, documents < _LOOKED_AT)


def _rows(home: str, date: str, given: Overruling) -> Iterator[dict[str, Any]]:
    with browsing.opened(home, "articles", date) as table:
        if given.document:
            row = table.find(given.document)
            yield from [row] if row else []
            return
        for batch in table.batches(_COLUMNS, given.source):
            yield from batch.to_pylist()


def _changes(given: Overruling, block: Shown) -> bool:
    return block.is_cut == (given.verdict is Verdict.KEEP) and given.holds_for(block.before)


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
    return page(request, "overrulings.html", rows=rows, stale=stale, token=token_of(request) if request.state.may_change else "")
