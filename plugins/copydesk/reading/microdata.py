"""Microdata: what a page's elements are marked up to say of the article (HTML Standard, chapter 5), where no meta element says it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Recipe|Page|CreativeWork)$")
_PROPERTIES = ("author", "creator", "headline", "datePublished", "dateCreated", "dateModified", "articleSection")
# Looking for elements by an attribute visits all of a page; nine pages in ten have none of these outside of meta elements.
_ANY = re.compile(rf"itemprop\s*=\s*[\"']?(?:{'|'.join(_PROPERTIES)})\b")
_SELECTOR = ", ".join(f"[itemprop~={name} i]" for name in _PROPERTIES)
_LONGEST = 300
_HIGHEST = 40  # elements that are climbed to find the item that a property belongs to


def microdata(tree: LexborHTMLParser, text: str) -> dict[str, str]:
    """The first value of each property of an article, as "itemprop" and its name in small letters; of persons all names, one a line."""
    if not any(not text.startswith(("<meta", "<link"), text.rfind("<", max(at - _LONGEST, 0), at)) for at in _places(text)):
        return {}
    found: dict[str, list[str]] = {}
    for node in tree.css(_SELECTOR):
        names = (node.attributes.get("itemprop") or "").lower().split()
        if node.tag != "meta" and (value := _value(node)) and _is_of_article(node):
            for name in names:
                found.setdefault(name, []).append(value)
    people = {"author", "creator"}
    return {f"itemprop {name}": "\n".join(dict.fromkeys(values)) if name in people else values[0] for name, values in found.items()}


def _places(text: str) -> Iterator[int]:
    return (found.start() for found in _ANY.finditer(text))


def _value(node: LexborNode) -> str:
    attributes = node.attributes
    told = attributes.get("content") or attributes.get("datetime")
    if told is None:
        named = node.css_first("[itemprop~=name i]") if "itemscope" in attributes else None
        told = (named.attributes.get("content") if named is not None else None) or (named or node).text()
    value = " ".join(told.split())
    return value if len(value) <= _LONGEST else ""


def _is_of_article(node: LexborNode) -> bool:
    """Whether the nearest item around a property is an article, or there is none; comments and reviews have authors, too."""
    for _ in range(_HIGHEST):
        parent = node.parent
        if parent is None:
            return True
        if "itemscope" in parent.attributes:
            kind = parent.attributes.get("itemtype") or ""
            return bool(_ARTICLE.search(kind.strip()))
        node = parent
    return False
