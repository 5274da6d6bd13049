"""Title, authors, dates and the rest, from what the page declares and prints; each with where it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ..model import Document, Metadata

# Schema.org types whose headline, author and dates are the article's.
_ARTICLE_TYPES = frozenset(
    "Article NewsArticle BlogPosting ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle ReviewNewsArticle LiveBlogPosting "
    "TechArticle ScholarlyArticle Report Recipe Review SocialMediaPosting AdvertiserContentArticle SatiricalArticle WebPage".split()
)
_DEPTH = 12
_EARLIEST, _LATEST = 1990, 2100
_BYLINE = re.compile(r"^\s*(?:by|von|par|por|di|text|story by|written by|de)\b[:\s]+(.{3,160})$", re.IGNORECASE)
_AND = re.compile(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\by\b|\be\b)\s*")
_SITE_SUFFIX = re.compile(r"^(.{12,}?)\s+[|–—·»-]\s+[^|–—·»]{2,50}$")
_NOT_NAMES = re.compile(r"@|https?:|\d|^(?:staff|admin|editor|redaktion|redacci[oó]n|rédaction|redazione)$", re.IGNORECASE)

Found = tuple[Any, str]


def metadata(document: Document, headline: str, given: Mapping[str, str], url: str | None, bylines: Sequence[str] = ()) -> Metadata:
    """The metadata of a document. Given values win, then JSON-LD, then Open Graph and meta tags, then the page.

    Dates are ISO 8601 as declared: with their offset where there is one, a date alone where there is no time.
    """
    head, meta = document.head, document.head.meta
    data = next(_articles(head.json_ld), {})
    origin: dict[str, str] = {}

    def first(name: str, *candidates: Found) -> Any:
        for value, where in candidates:
            if value:
                origin[name] = where
                return value
        return None

    return Metadata(
        title=first(
            "title",
            (given.get("title"), "given"),
            (headline, "headline"),
            (_text(data.get("headline")), "json-ld"),
            (meta.get("og:title"), "og"),
            (_without_site(head.title), "title tag"),
        )
        or "",
        authors=first(
            "authors",
            (_names([given.get("author", "")]), "given"),
            (_names(_people(data.get("author"))), "json-ld"),
            (_names([meta.get("author", ""), meta.get("article:author", "")]), "meta"),
            (_from_bylines(bylines), "byline"),
        )
        or (),
        published_at=first(
            "published_at",
            (_instant(given.get("date")), "given"),
            (_instant(data.get("datePublished")), "json-ld"),
            (_first_instant(meta, "article:published_time", "datepublished", "date", "dc.date", "dcterms.created", "pubdate"), "meta"),
            (next(filter(None, map(_instant, head.times)), None), "time"),
        ),
        modified_at=first(
            "modified_at",
            (_instant(data.get("dateModified")), "json-ld"),
            (_first_instant(meta, "article:modified_time", "og:updated_time", "datemodified", "last-modified"), "meta"),
        ),
        site_name=first(
            "site_name",
            (meta.get("og:site_name"), "og"),
            (next(iter(_people(data.get("publisher"))), None), "json-ld"),
            (meta.get("application-name"), "meta"),
        ),
        section=first("section", (_text(data.get("articleSection")), "json-ld"), (meta.get("article:section"), "meta")),
        tags=first("tags", (_tags(data.get("keywords")), "json-ld"), (_tags(meta.get("keywords")), "meta")) or (),
        url=first("url", (url or given.get("url"), "given"), (head.links.get("canonical"), "canonical"), (meta.get("og:url"), "og")),
        image=first("image", (meta.get("og:image"), "og"), (_image(data.get("image")), "json-ld")),
        description=first(
            "description",
            (meta.get("og:description"), "og"),
            (meta.get("description"), "meta"),
            (_text(data.get("description")), "json-ld"),
        ),
        origin=origin,
    )


def _articles(texts: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The objects of the JSON-LD texts that describe an article, articles proper first; broken texts are skipped."""
    found = []
    for text in texts:
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        found += [item for item in _objects(data, _DEPTH) if _ARTICLE_TYPES & _types(item)]
    yield from sorted(found, key=lambda item: "WebPage" in _types(item))


def _objects(data: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth and isinstance(data, Mapping):
        yield data
        for value in data.values():
            if isinstance(value, (Mapping, list)):
                yield from _objects(value, depth - 1)
    elif depth and isinstance(data, list):
        for value in data:
            yield from _objects(value, depth - 1)


def _types(item: Mapping[str, Any]) -> frozenset[str]:
    kind = item.get("@type")
    return frozenset(k for k in (kind if isinstance(kind, list) else [kind]) if isinstance(k, str))


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str)), None)
    return " ".join(value.split()) if isinstance(value, str) else None


def _people(value: Any) -> list[str]:
    """Names of persons or organisations, however they are nested."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return _people(value.get("name"))
    if isinstance(value, list):
        return [name for item in value[:50] for name in _people(item)]
    return []


def _names(values: Iterable[str]) -> tuple[str, ...]:
    """Single names, once each, without addresses, links and roles."""
    names = dict.fromkeys(name.strip(" .") for value in values for name in _AND.split(" ".join(value.split())))
    return tuple(name for name in names if 2 < len(name) < 80 and not _NOT_NAMES.search(name))


def _from_bylines(bylines: Sequence[str]) -> tuple[str, ...]:
    for line in bylines:
        match = _BYLINE.match(line.splitlines()[0] if line else "")
        if match:
            names = _names([re.split(r"\s+[|·•–—]\s+|\s{2,}", match.group(1))[0]])
            if names and all(name[:1].isupper() and len(name.split()) <= 5 for name in names):
                return names
    return ()


def _instant(value: Any) -> str | None:
    """An ISO 8601 date or time in a plausible year, as it was declared; None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            day = date.fromisoformat(text)
            return text if _EARLIEST <= day.year <= _LATEST else None
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant.isoformat() if _EARLIEST <= instant.year <= _LATEST else None


def _first_instant(meta: Mapping[str, str], *names: str) -> str | None:
    return next(filter(None, (_instant(meta.get(name)) for name in names)), None)


def _without_site(title: str) -> str:
    match = _SITE_SUFFIX.match(title)
    return match.group(1) if match else title


def _tags(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else []
    return tuple(dict.fromkeys(tag for part in parts if isinstance(part, str) and (tag := " ".join(part.split()))))


def _image(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("url")
    return value if isinstance(value, str) else None
