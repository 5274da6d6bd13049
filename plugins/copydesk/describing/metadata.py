"""Title, authors, dates and the rest, from what the page declares and prints; each with where it came from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from html import unescape
from typing import Any

from ..model import Document, Metadata
from .byline import Printed, declared, read_byline
from .dates import in_url, in_zone, instant

# Schema.org types whose headline, author and dates are the article's; those of other pages count where there is no article.
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Recipe|Review)$")
_PAGE = re.compile(r"(?:Page|CreativeWork|Book|Guide|HowTo)$")
_DEPTH = 12
_SEPARATED = re.compile(r"\s[|–—·•»-]\s*\Z")
_SITE_SUFFIX = re.compile(r"^(.{12,}?)\s+[|–—·•»-]\s+[^|–—·•»]{2,50}$")
_PUBLISHED = (
    *"""
    article:published_time datepublished article:published og:published_time date dc.date dc.date.issued dcterms.created
    dcterms.issued dc.date.created pubdate publishdate publish-date publish_date publication_date published-date sailthru.date
    parsely-pub-date citation_publication_date citation_online_date citation_date datecreated article.published created
    cxenseparse:recs:publishtime rnews:datepublished displaydate release_date originalpublicationdate
    """.split(),
    "datecreated datepublished",  # both in one itemprop
)
_MODIFIED = """
    article:modified_time og:updated_time datemodified last-modified dcterms.modified dc.date.modified modified updated lastmod
    revised article.updated
""".split()
_AUTHORS = """
    author article:author article:author_name dc.creator dcterms.creator dc.contributor.author parsely-author sailthru.author
    citation_author byl cxenseparse:author article.author creator og:article:author og:author rnews:creator authors
""".split()
_MARKED = ("itemprop author", "itemprop creator")

Found = tuple[Any, str]


def metadata(document: Document, headline: str, at: int, given: Mapping[str, str], url: str | None) -> Metadata:
    """The metadata of a document. Given values win, then JSON-LD, then meta tags, then what is printed around the headline.

    `headline` is the clean headline and `at` the number of its block (0 when there is none). Dates are ISO 8601 as declared:
    with their offset where there is one, a date alone where there is no time. Several given values stand one a line.
    """
    page = _Page(document, at, given.get("timezone", ""))
    meta, data = document.head.meta, page.data
    origin: dict[str, str] = {}

    def first(name: str, *candidates: Found) -> Any:
        for value, where in candidates:
            found = value() if callable(value) else value
            if found:
                origin[name] = where
                return found
        return None

    own_url = first(
        "url", (url or given.get("url"), "given"), (document.head.links.get("canonical"), "canonical"), (meta.get("og:url"), "og")
    )
    return Metadata(
        title=first("title", (given.get("title"), "given"), *page.titles(headline)) or "",
        authors=first(
            "authors",
            (declared(given.get("author", "").split("\n")), "given"),
            *page.authors(),
        )
        or (),
        published_at=first(
            "published_at",
            (page.instant(given.get("date")), "given"),
            (page.instant(data.get("datePublished") or data.get("dateCreated")), "json-ld"),
            (lambda: page.meta_instant(_PUBLISHED), "meta"),
            (lambda: page.meta_instant(("itemprop datepublished", "itemprop datecreated")), "microdata"),
            (lambda: next(filter(None, map(page.instant, document.head.times)), None), "time"),
            (lambda: page.printed.published, "byline"),
            (lambda: in_url(own_url), "url"),
        ),
        modified_at=first(
            "modified_at",
            (page.instant(given.get("modified")), "given"),
            (page.instant(data.get("dateModified")), "json-ld"),
            (lambda: page.meta_instant(_MODIFIED), "meta"),
            (lambda: page.meta_instant(("itemprop datemodified",)), "microdata"),
            (lambda: page.printed.updated, "byline"),
        ),
        site_name=first(
            "site_name",
            (given.get("site_name"), "given"),
            (meta.get("og:site_name"), "og"),
            (next(iter(_people(data.get("publisher"), page.by_id)), None), "json-ld"),
            (meta.get("application-name"), "meta"),
        ),
        section=first(
            "section",
            (given.get("section"), "given"),
            (_text(data.get("articleSection")), "json-ld"),
            (meta.get("article:section"), "meta"),
            (meta.get("itemprop articlesection"), "microdata"),
        ),
        tags=first(
            "tags",
            (tuple(filter(None, given.get("tags", "").split("\n"))), "given"),
            (_tags(data.get("keywords")), "json-ld"),
            (_tags(meta.get("keywords") or meta.get("news_keywords")), "meta"),
        )
        or (),
        url=own_url,
        image=first("image", (given.get("image"), "given"), (meta.get("og:image"), "og"), (_image(data.get("image")), "json-ld")),
        description=first(
            "description",
            (given.get("description"), "given"),
            (meta.get("og:description"), "og"),
            (meta.get("description"), "meta"),
            (_text(data.get("description")), "json-ld"),
        ),
        record_id=given.get("id"),
        origin=origin,
    )


class _Page:
    """A document with what is looked up in it more than once; what is printed is read only where it is asked for."""

    def __init__(self, document: Document, at: int, zone: str) -> None:
        self.document, self.at, self.zone = document, at, zone
        self.language = document.head.language
        objects = list(_objects_of(document.head.json_ld))
        self.by_id = {item["@id"]: item for item in objects if isinstance(item.get("@id"), str) and len(item) > 1}
        self.data: Mapping[str, Any] = next(_described(objects), {})

    @cached_property
    def printed(self) -> Printed:
        return read_byline(self.document, self.at, self.language)

    def instant(self, value: Any) -> str | None:
        return in_zone(instant(value, self.language), self.zone) if value else None

    def meta_instant(self, names_: Iterable[str]) -> str | None:
        meta = self.document.head.meta
        return next(filter(None, (self.instant(meta[name]) for name in names_ if name in meta)), None)

    def authors(self) -> Iterator[Found]:
        """Authors in the order of trust: a site that declares itself the author gives way to whom it prints."""
        meta, data = self.document.head.meta, self.data
        sites = {name.casefold() for name in (meta.get("og:site_name"), *_people(data.get("publisher"), self.by_id)) if name}
        found = declared(_people(data.get("author") or data.get("creator"), self.by_id))
        where = "json-ld"
        if not found or sites.issuperset(map(str.casefold, found)):
            in_meta = declared(meta[name] for name in _AUTHORS if name in meta)
            found, where = (in_meta, "meta") if in_meta else (found, where)
        if sites.issuperset(map(str.casefold, found)):
            yield self.printed.authors, "byline"
            yield declared(name for key in _MARKED for name in meta.get(key, "").split("\n")), "microdata"
        yield found, where

    def titles(self, headline: str) -> Iterator[Found]:
        """Titles in the order of trust; declared ones may be escaped twice. A "headline" that is only the site's name gives way."""
        meta, tag = self.document.head.meta, self.document.head.title
        declared = meta.get("og:title") or tag
        site = meta.get("og:site_name", "")
        is_site = (
            headline and declared and (headline == site or (_ends_with_part(declared, headline) and len(declared) > len(headline) + 8))
        )
        if not is_site:
            yield headline, "headline"  # as it is printed, be it with the site's name
        yield unescape(_text(self.data.get("headline")) or ""), "json-ld"
        yield meta.get("itemprop headline"), "microdata"
        yield unescape(_without_site(meta.get("og:title", ""), site)), "og"
        yield unescape(_without_site(tag, site)), "title tag"
        yield headline, "headline"


def _ends_with_part(title: str, part: str) -> bool:
    """Whether a title is something else, a separator, and the part."""
    return title.endswith(part) and bool(_SEPARATED.search(title.removesuffix(part)))


def _objects_of(texts: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """All objects of the JSON-LD texts; broken texts are skipped."""
    for text in texts:
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _objects(data, _DEPTH)


def _described(objects: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The objects that describe an article, then those that describe a page."""
    pages = []
    for item in objects:
        types = _types(item)
        if any(map(_ARTICLE.search, types)) and not {"Review", "UserReview"} & types:
            yield item
        elif any(map(_PAGE.search, types)) or types & {"Review"}:
            pages.append(item)
    yield from pages


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


def _people(value: Any, by_id: Mapping[str, Any], depth: int = 4) -> list[str]:
    """Names of persons or organisations, however they are nested; an `@id` stands for the object of that name."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping) and depth:
        named = value if value.get("name") else by_id.get(str(value.get("@id")), {})
        return _people(named.get("name"), by_id, depth - 1) if isinstance(named, Mapping) else []
    if isinstance(value, list) and depth:
        return [name for item in value[:50] for name in _people(item, by_id, depth - 1)]
    return []


def _without_site(title: str, site: str = "") -> str:
    """A title without the name of its site, which stands after the last separator."""
    if site and title.endswith(site) and len(title) > len(site) + 4:
        return title.removesuffix(site).rstrip(" |–—·•»-:") or title
    match = _SITE_SUFFIX.match(title)
    return match.group(1) if match and not site else title


def _tags(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else []
    return tuple(dict.fromkeys(tag for part in parts if isinstance(part, str) and (tag := " ".join(part.split()))))


def _image(value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("url")
    return value if isinstance(value, str) else None
