"""Markdown to blocks: rendered to HTML by markdown-it (CommonMark and tables), and read as a page; front matter is its head."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ..errors import Unreadable
from ..model import Document, Head, RejectReason
from ..policy import Policy
from .html import read_html

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.{0,20000}?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_DEEPEST = 60  # nesting at which the renderer would drop what is below
# Front matter by the names that Jekyll, Hugo and Pelican give it, as the meta tags that describing looks for.
_META = {
    "author": "author",
    "authors": "author",
    "date": "date",
    "published": "date",
    "lastmod": "last-modified",
    "modified": "last-modified",
    "updated": "last-modified",
    "tags": "keywords",
    "keywords": "keywords",
    "category": "article:section",
    "categories": "article:section",
    "description": "description",
    "summary": "description",
    "image": "og:image",
}


def read_markdown(text: str, encoding: str, policy: Policy) -> Document:
    """The document of a Markdown text. Its visible text is what the rendered page shows; front matter that is no
    YAML mapping is text. Raises Unreadable when it passes a bound of the policy.
    """
    from markdown_it import MarkdownIt

    head, body = _front_matter(text)
    renderer = MarkdownIt("commonmark", {"maxNesting": _DEEPEST + 1}).enable(["table", "strikethrough"])
    tokens = renderer.parse(body)
    if any(token.level >= _DEEPEST or any(t.level >= _DEEPEST for t in token.children or ()) for token in tokens):
        raise Unreadable(RejectReason.TOO_DEEP, f"Markdown nested more than {_DEEPEST} deep")
    html = renderer.renderer.render(tokens, renderer.options, {})
    page = read_html(f"<article>{html}</article>", encoding, policy)
    return dataclasses.replace(page, media_type="text/markdown", head=head)


def _front_matter(text: str) -> tuple[Head, str]:
    """The head that a text declares before its body, and the body."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return Head(), text.removeprefix("\ufeff")
    import yaml

    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(found[1])):
            return Head(), text  # of a few lines with aliases more can be made than memory holds
        values = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return Head(), text
    if not isinstance(values, Mapping):
        return Head(), text
    meta = {name: value for key, name in _META.items() if (value := _text(values.get(key)))}
    return Head(_text(values.get("title")), _text(values.get("lang") or values.get("language")), meta), text[found.end() :]


def _text(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value[:50])))
    return " ".join(str(value).split()) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
