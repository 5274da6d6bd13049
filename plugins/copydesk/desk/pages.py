"""The pages, one function each: they ask the corpus and fill a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as date_
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment
from starlette.exceptions import HTTPException

from ..corpus import browsing, overrulings, reading_back
from ..corpus.blocks import Shown, blocks
from ..intake import read_sources
from ..model import Label, Reason, RejectReason
from ..overruling import Verdict
from . import overview as overview_
from .raw import raw_text
from .shown import HERE, SCOPES, link

router = APIRouter()
_ROWS = 50  # of a page of a table
_BLOCKS = 300  # of a page of a document
_CHARACTERS = 300_000  # of a page of a document, or of the raw text
_LISTED = ("id", "source", "title", "language", "word_count", "quality.kept_share", "doubt", "duplicate_of")
_CUTS = ("removed.list.element.label", "removed.list.element.reason")
_STATIC = {"desk.css": "text/css", "desk.js": "text/javascript"}
CUT_REASONS = [reason.value for reason in Reason if reason not in (Reason.ARTICLE, Reason.HEADLINE)]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages stand on."""

    raw: str
    home: str
    templates: Environment
    run_date: Callable[[str, str], str]


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    if not desk.home:
        raise HTTPException(503, "COPYDESK_HOME is not set: set it in the environment of the API server too, then start it again.")
    return desk


def page(request: Request, template: str, status: int = 200, /, **given: Any) -> HTMLResponse:
    """A template filled; all of them know who looks and what that person may do."""
    state = request.state
    person = {"person": getattr(state, "person", ""), "may_change": getattr(state, "may_change", False)}
    up = "../" * request.url.path.removeprefix(request.scope.get("root_path", "")).strip("/").count("/")
    return HTMLResponse(request.app.state.desk.templates.get_template(template).render(**person, up=up, **given), status)


def problem(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """A page that says what went wrong."""
    response = page(request, "problem.html", status, detail=detail, code=status)
    response.headers.update(headers or {})
    return response


def iso_date(value: str) -> str:
    """A date from a request, in the one form that a path may be made of."""
    try:
        return date_.fromisoformat(value).isoformat()
    except ValueError:
        raise HTTPException(400, f"{value[:40]!r} is not a date (YYYY-MM-DD).") from None


@router.get("/")
def overview(
    request: Request, source: str = "", reason: str = "", until: str = "", days: Annotated[int, Query(ge=1, le=366)] = 30
) -> HTMLResponse:
    """Every date with what was kept, struck and rejected, and each source over time."""
    desk = desk_of(request)
    where = {"source": source, "reason": reason, "until": until and iso_date(until)}
    found = overview_.overview(desk.raw, desk.home, **where, count=days)
    return page(request, "overview.html", found=found, where={**where, "days": days}, reasons=CUT_REASONS)


@router.get("/date")
def date(
    request: Request,
    date: str,
    order: str = "doubtful first",
    source: str = "",
    reason: str = "",
    search: str = "",
    first: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    """The documents of a date, the most doubtful first."""
    desk, day = desk_of(request), iso_date(date)
    query = browsing.Query(order if order in browsing.ORDERS else "doubtful first", source, reason, search[:200])
    with browsing.opened(desk.home, "articles", day) as table:
        numbers = table.select(query)
        rows = table.take(numbers[first : first + _ROWS].tolist(), [*_LISTED, *_CUTS])
        figures = reading_back.figures(browsing.footer(desk.home, day))
        where = {"date": day, **query._asdict()}
        for at, row in enumerate(rows, first):
            row["link"] = link("document", **where, id=row["id"], at=at)
            row["ads"] = sum(cut["label"] == Label.ADVERTORIAL for cut in row["removed"] or ())
        return page(
            request,
            "date.html",
            **_listing(rows, first, len(numbers), partial(link, "date", **where)),
            all=len(table),
            where=where,
            orders=list(browsing.ORDERS),
            sources=sorted(figures["sources"]),
            reasons=CUT_REASONS,
            rejects=sum(found["rejects"] for found in figures["sources"].values()),
        )


@router.get("/rejects")
def rejects(
    request: Request, date: str, source: str = "", reason: str = "", search: str = "", first: Annotated[int, Query(ge=0)] = 0
) -> HTMLResponse:
    """The documents of a date that could not be cleaned, and why."""
    desk, day = desk_of(request), iso_date(date)
    query = browsing.Query("by id", source, reason, search[:200])
    with browsing.opened(desk.home, "rejects", day) as table:
        numbers = table.select(query)
        rows = table.take(numbers[first : first + _ROWS].tolist(), ["id", "source", "uri", "reason", "detail", "raw_bytes"])
        where = {"date": day, "source": source, "reason": reason, "search": search}
        figures = reading_back.figures(browsing.footer(desk.home, day))
        return page(
            request,
            "rejects.html",
            **_listing(rows, first, len(numbers), partial(link, "rejects", **where)),
            where=where,
            sources=sorted(name for name, found in figures["sources"].items() if found["rejects"]),
            reasons=[kind.value for kind in RejectReason],
            counts=figures.get("rejected", {}),
        )


def _listing(rows: list[dict[str, Any]], first: int, total: int, at: Callable[..., str]) -> dict[str, Any]:
    """A page of a list with its way back and on."""
    return {
        "rows": rows,
        "first": first,
        "total": total,
        "before": at(first=max(first - _ROWS, 0)) if first else "",
        "after": at(first=first + _ROWS) if first + _ROWS < total else "",
    }


@router.get("/document")
def document(
    request: Request,
    date: str,
    id: str,  # noqa: A002 - the name that the tables have for it
    order: str = "doubtful first",
    source: str = "",
    reason: str = "",
    search: str = "",
    at: Annotated[int | None, Query(ge=0)] = None,
    block: Annotated[int, Query(ge=1)] = 1,
) -> HTMLResponse:
    """One document, before and after side by side, its cuts in place; next and previous are those of the list it was come from."""
    desk, day = desk_of(request), iso_date(date)
    query = browsing.Query(order, source, reason, search[:200])
    where = {"date": day, **query._asdict()}
    with browsing.opened(desk.home, "articles", day) as table:
        row = table.find(id)
        if row is None:
            raise HTTPException(404, f"{day} has no article {id[:300]!r}; it may be among the rejects.")
        neighbours = _neighbours(table, query, at, where)
    every = blocks(row)
    shown, size = [], 0
    for one in every[block - 1 : block - 1 + _BLOCKS]:
        shown.append(one)
        size += len(one.before) + len(one.after)
        if size > _CHARACTERS:
            break
    on = block + len(shown)
    me = {**where, "id": id, "at": at}
    return page(
        request,
        "document.html",
        row=row,
        date=day,
        blocks=shown,
        count=len(every),
        cuts=sum(one.is_cut for one in every),
        back=link("date", **where, first=(at or 0) // _ROWS * _ROWS or ""),
        on=link("document", **me, block=on) if on <= len(every) else "",
        earlier=link("document", **me, block=max(block - _BLOCKS, 1)) if block > 1 else "",
        raw=link("raw", date=day, id=id),
        ruled=_rulings(desk.home, day, row, shown),
        scopes=SCOPES,
        place=urlencode({name: value for name, value in {**query._asdict(), "at": at}.items() if value not in ("", None)}),
        most=_CHARACTERS // 10,
        **neighbours,
    )


def _rulings(home: str, date: str, row: Mapping[str, Any], shown: Sequence[Shown]) -> dict[int, Mapping[str, Any]]:
    """The row of the overruling that decided each block: a cut names it, of what is kept the last one that holds is meant."""
    history = {one["id"]: one for one in overrulings.history(home) if "undoes" not in one}
    about = [one for one in overrulings.standing(home) if one.is_about(date, row["source"], row["id"])][::-1]
    found: dict[int, Mapping[str, Any]] = {}
    for block in shown:
        id_ = block.rule.removeprefix("overruling ")
        if not block.is_cut and block.reason != "headline":
            last = next((one for one in about if one.holds_for(block.before)), None)
            id_ = last.id if last and last.verdict is Verdict.KEEP else ""
        if id_ in history:
            found[block.number] = history[id_]
    return found


def _neighbours(table: browsing.Table, query: browsing.Query, at: int | None, where: Mapping[str, Any]) -> dict[str, str]:
    """Links to the documents before and after a place in a list."""
    if at is None:
        return {"previous": "", "next": ""}
    numbers = table.select(query)
    places = [place for place in (at - 1, at + 1) if 0 <= place < len(numbers)]
    rows = table.take([int(numbers[place]) for place in places], ["id"])
    links = {place: link("document", **where, id=row["id"], at=place) for place, row in zip(places, rows, strict=True)}
    return {"previous": links.get(at - 1, ""), "next": links.get(at + 1, "")}


@router.get("/raw")
def raw(request: Request, date: str, id: str, first: Annotated[int, Query(ge=0)] = 0) -> HTMLResponse:  # noqa: A002 - as above
    """The raw text of a document, as text."""
    desk, day = desk_of(request), iso_date(date)
    with browsing.opened(desk.home, "articles", day) as table:
        row = table.find(id)
    if row is None:
        raise HTTPException(404, f"{day} has no article {id[:300]!r}.")
    found = raw_text(desk.raw, day, row, read_sources(desk.home))
    more = link("raw", date=day, id=id, first=first + _CHARACTERS) if first + _CHARACTERS < len(found.text) else ""
    text = found.text[first : first + _CHARACTERS]
    back = link("document", date=day, id=id)
    return page(
        request, "raw.html", row=row, date=day, text=text, note=found.note, first=first, more=more, back=back, length=len(found.text)
    )


@router.get("/run/{dag_id}/{run_id}")
def run(request: Request, dag_id: str, run_id: str) -> Response:
    """The date that a run cleaned: what the tab of a run shows."""
    day = desk_of(request).run_date(dag_id, run_id)
    if not day:
        return problem(request, 404, f"{run_id} of {dag_id} cleans no date: this tab is for runs of clean_articles.")
    if day not in reading_back.dates(desk_of(request).home):
        return problem(request, 404, f"{day} is not published yet. This tab shows its documents once a run has published it.")
    return RedirectResponse(f"../../{link('date', date=day)}", 303)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """The desk's style and script."""
    if name not in _STATIC:
        raise HTTPException(404, "There is no such file.")
    return Response((HERE / "static" / name).read_bytes(), media_type=_STATIC[name])
