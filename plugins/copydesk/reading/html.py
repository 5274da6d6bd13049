"""HTML to blocks: one parse (lexbor), one walk; every visible character lands in exactly one block.

Visible is what a browser without style sheets of its own would show: every text node of the body,
except inside the elements that the HTML Standard never renders (section 15.3.1, "Hidden elements")
and inside `iframe`, whose text is a fallback that no browser shows. Elements hidden by attribute,
by style or as `noscript` do count: reading does not prune; labelling strikes them, with a receipt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from ..errors import SettingError, Unreadable
from ..model import Block, Containers, Document, Head, Kind, RejectReason
from ..policy import Policy
from . import places
from .microdata import microdata

INVISIBLE = frozenset("area base basefont datalist head link meta noembed noframes param rp script style template title iframe".split())
_KINDS: dict[str, tuple[Kind, int]] = {
    **{f"h{n}": (Kind.HEADING, n) for n in range(1, 7)},
    "p": (Kind.PARAGRAPH, 0),
    "li": (Kind.LIST_ITEM, 1),
    "dt": (Kind.LIST_ITEM, 1),
    "dd": (Kind.LIST_ITEM, 1),
    "blockquote": (Kind.QUOTE, 0),
    "tr": (Kind.TABLE_ROW, 0),
    "pre": (Kind.CODE, 0),
    "listing": (Kind.CODE, 0),
    "xmp": (Kind.CODE, 0),
    "plaintext": (Kind.CODE, 0),
    "figcaption": (Kind.CAPTION, 0),
    "caption": (Kind.CAPTION, 0),
}
_BLOCKS = frozenset(
    (
        "address article aside blockquote body button center caption dd details dialog dir div dl dt fieldset "
        "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr legend li listing main menu nav "
        "noscript ol optgroup option p plaintext pre search section select summary table tbody textarea tfoot thead tr "
        "ul xmp video audio object canvas map label td th"
    ).split()
)
_CELLS = frozenset({"td", "th"})
# These keep the kind of what they stand in: a paragraph in a quotation stays part of the quotation.
_KEEPS = frozenset({Kind.QUOTE, Kind.LIST_ITEM, Kind.CAPTION})
# Looking a member up in its enumeration takes longer than what is done with it.
_ITEM, _ROW, _CODE = Kind.LIST_ITEM, Kind.TABLE_ROW, Kind.CODE
_AS_BLOCK = partial(tuple.__new__, Block)  # of a tuple of its fields, without a call of Python
_FIRST_DEEP = re.compile(r"<(/?)([a-zA-Z][^\s>/]*)[^>]*?(/?)>")
# Tags that open nothing, as most of a page's surplus of opening tags does.
_FLAT = re.compile(r"<(?:!|(?:img|br|meta|link|input|hr|wbr|area|col|embed|param|track|base)[\s/>])", re.IGNORECASE)
_NEVER_DEEP = frozenset(
    (
        "area base br col embed hr img input link meta param source track wbr p li dt dd option optgroup td th tr tbody "
        "thead tfoot colgroup"
    ).split()
)


def read_html(text: str, encoding: str, policy: Policy, selectors: Iterable[str] = (), *, named: bool = False) -> Document:
    """The document of a page, with the blocks below what `selectors` match, or below each element with a class or an id (`named`).

    Raises Unreadable when it passes a bound of the policy.
    """
    data = text.encode()
    _refuse_deep(data, text, policy)
    tree = LexborHTMLParser(data)
    told = _Told()
    for node in tree.head.traverse() if tree.head is not None else ():
        if _ACTIONS.get(node.tag or "") == _TELLS:
            told.tell(node.tag or "", node)
    told.meta.update(microdata(tree, text))
    walk = _Walk(policy, told, _named(tree) if named else _matched(tree, selectors))
    root = tree.body or tree.root
    if root is not None:
        walk.run(root)
    if len(walk.blocks) > policy.max_blocks:
        raise Unreadable(RejectReason.TOO_MANY_BLOCKS, f"{len(walk.blocks)} blocks, the policy allows {policy.max_blocks}")
    language = (tree.root.attributes.get("lang") if tree.root is not None else None) or ""
    blocks, containers = tuple(map(_AS_BLOCK, walk.blocks)), walk.containers()
    selected = tuple((selector, containers.firsts[at], containers.lasts[at]) for selector, at in walk.selected)
    return Document("".join(walk.texts), blocks, "text/html", encoding, told.head(language), containers, selected)


def _matched(tree: LexborHTMLParser, selectors: Iterable[str]) -> dict[int, list[str]]:
    """The selectors by the elements that they match, and by those below: what stands in a matched inline element counts as well."""
    found: dict[int, list[str]] = {}
    for selector in selectors:
        for node in tree.css(selector):
            if selector not in found.get(node.mem_id, ()):  # else it stands in one that matches, and is here already
                for inner in node.traverse():
                    found.setdefault(inner.mem_id, []).append(selector)
    return found


def _named(tree: LexborHTMLParser) -> dict[int, list[str]]:
    """The elements that have a class or an id, with selectors by them."""
    found: dict[int, list[str]] = {}
    for node in tree.css("[class], [id]"):
        given = node.attributes
        names = [f"{node.tag}.{name}" for name in (given.get("class") or "").split()[:_CLASSES]] + [f"{node.tag}#{given.get('id')}"]
        found[node.mem_id] = [selector for selector in dict.fromkeys(names) if _PLAIN_SELECTOR.fullmatch(selector)]
    return found


def check_selector(selector: str) -> None:
    """Raises SettingError when this is no CSS selector that a page can be asked for."""
    try:
        _matched(LexborHTMLParser("<p>"), [selector])
    except SelectolaxError:
        raise SettingError(f"{selector[:200]!r} is not a CSS selector; an example: div.promo, li:has(> a.partner)") from None


def _refuse_deep(data: bytes, text: str, policy: Policy) -> None:
    """Refuse nesting beyond the policy before parsing: a tree builder takes quadratic time over it."""
    code = np.frombuffer(data, np.uint8)
    begins = code == ord("<")
    surplus = np.count_nonzero(begins) - 2 * np.count_nonzero(begins[:-1] & (code[1:] == ord("/")))
    if surplus <= policy.max_depth or surplus - len(_FLAT.findall(text)) <= policy.max_depth:
        return
    depth = 0
    for closing, tag, self_closing in _FIRST_DEEP.findall(text):
        if tag.lower() in _NEVER_DEEP or self_closing:
            continue
        depth += -1 if closing else 1
        if depth > policy.max_depth:
            raise Unreadable(RejectReason.TOO_DEEP, f"more than {policy.max_depth} elements are open at once")


_PLAIN_SELECTOR = re.compile(r"[a-z][a-z0-9-]*[.#][A-Za-z_][\w-]*")  # needs no escapes
_CLASSES = 20  # of one element that are looked at
# What the walk does at a node, by its tag; an element that is in no list is inline.
_TEXT, _BLOCK, _INLINE, _LINK, _TIME, _BREAK, _TELLS, _UNSEEN = range(8)
_ACTIONS = {
    **dict.fromkeys(_BLOCKS, _BLOCK),
    **dict.fromkeys((*INVISIBLE, "-comment", "-doctype", "-document"), _UNSEEN),
    **dict.fromkeys(("meta", "link", "script", "title"), _TELLS),
    "-text": _TEXT,
    "a": _LINK,
    "br": _BREAK,
    "time": _TIME,
}


# The same by the parser's number of the tag, which takes half the time to ask for; learned as tags come.
_BY_NUMBER: dict[int, int] = {}
_NEW = -1
_LAST_NUMBER = 1 << 10  # of a tag that the parser knows; those of others are another in every page


def _learned(node: LexborNode) -> int:
    action = _ACTIONS.get(node.tag or "", _INLINE)
    if node.tag_id < _LAST_NUMBER:
        _BY_NUMBER[node.tag_id] = action
    return action


@dataclass(slots=True)
class _Walk:
    """The state of the walk over a page.

    `blocks` and their `texts` are what came out so far, `elements` the columns of `Containers` but for the last, which is
    known when an element ends. A block is made of parts: (separator before it, text, code points inside links). `matched` has the
    selectors that match an element, `selected` each with the number of that element.
    """

    policy: Policy
    told: _Told
    matched: Mapping[int, list[str]]
    selected: list[tuple[str, int]] = field(default_factory=list)
    elements: list[tuple[int, str, int, int, int]] = field(default_factory=lambda: [(-1, "body", 0, 0, 0)])
    lasts: list[int] = field(default_factory=lambda: [0])
    blocks: list[tuple[int, int, Kind, int, int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    at: int = 0
    before: Kind | None = None
    separator: str = ""
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    parts: list[tuple[str, str, int]] = field(default_factory=list)

    def run(self, root: LexborNode) -> None:  # noqa: C901, PLR0912, PLR0915 - one loop: calls for each node would double its cost
        """Visit every node below `root` in order, without recursion.

        `stack` has the open elements; those that make blocks with what held around them: kind and level of blocks, number of
        the element that makes them, and the number of the elements like that one.
        """
        stack: list[tuple[LexborNode, int, tuple[Kind, int, int, int]]] = []
        pieces, parts, blocks, elements, lasts = self.pieces, self.parts, self.blocks, self.elements, self.lasts
        matched, selected = self.matched, self.selected
        selected += [(selector, 0) for selector in matched.get(root.mem_id, ())]
        push, pop, write, max_depth, flush = stack.append, stack.pop, pieces.append, self.policy.max_depth, self._flush
        action_of, of_names, of_attributes = _BY_NUMBER.get, places.of_names, places.of_attributes
        likes: dict[tuple[int, str, str], tuple[int, int]] = {}  # their number, and what tag and class tell of their place
        like_of = likes.get
        nodes = links = level = container = like = 0
        kind = Kind.PARAGRAPH
        around = outside = (kind, level, container, like)
        node = root.first_child
        while True:
            if node is None:
                if not stack:
                    break
                node, action, around = pop()
                if action == _BLOCK:
                    if (pieces or parts) and not (around[0] is _ROW and node.tag in _CELLS):
                        flush(kind, level, container)
                    lasts[container] = len(blocks)
                    kind, level, container, like = around
                elif action == _LINK:
                    links -= 1
                node = node.next
                continue
            nodes += 1
            action = action_of(node.tag_id, _NEW)
            if action == _NEW:
                action = _learned(node)
            if action == _TEXT:
                text: str = node.text_content  # type: ignore[assignment]  # and every text a text
                if not text.isspace():
                    write(text)
                    if links:
                        self.linked += len(text)
                elif pieces:  # white space before a block says nothing, and most of a page's text nodes are like that
                    write(text)
            elif action <= _TIME:
                if action == _TIME:
                    self.told.tell("time", node)
                child = node.first_child
                if child is not None:
                    if action == _BLOCK:
                        tag: str = node.tag  # type: ignore[assignment]  # every node of a tree has one
                        if kind is _ROW and tag in _CELLS:
                            self._part("\t")
                        elif pieces or parts:
                            flush(kind, level, container)
                        push((node, action, (kind, level, container, like)))
                        if tag in _KINDS:
                            kind, level = _kind(tag, kind, level)
                        attributes = node.attributes
                        names = (attributes.get("class") or "") if attributes else ""
                        kin = like_of((like, tag, names))
                        if kin is None:
                            kin = likes[like, tag, names] = (len(likes) + 1, of_names(tag, names))
                        like, own = kin
                        if attributes and (len(attributes) > 1 or not names):
                            own |= of_attributes(attributes)
                        elements.append((container, tag, own, like, len(blocks)))
                        container = len(lasts)
                        lasts.append(0)
                        if matched:
                            selected += [(selector, container) for selector in matched.get(node.mem_id, ())]
                    else:
                        push((node, action, outside))
                        if action == _LINK:
                            links += 1
                    if len(stack) > max_depth:
                        raise Unreadable(RejectReason.TOO_DEEP, f"elements nest deeper than {max_depth}")
                    node = child
                    continue
                if action == _BLOCK and (pieces or parts):
                    flush(kind, level, container)
            elif action == _BREAK:
                self._part("\n")
            elif action == _TELLS:
                self.told.tell(node.tag or "", node)
            node = node.next
        if nodes > self.policy.max_nodes:
            raise Unreadable(RejectReason.TOO_MANY_NODES, f"{nodes} nodes, the policy allows {self.policy.max_nodes}")
        flush(kind, level, container)
        lasts[0] = len(blocks)

    def _part(self, separator: str) -> None:
        """End a part of the open block; the next one begins after `separator`."""
        self.parts.append((self.separator, "".join(self.pieces), self.linked))
        self.pieces.clear()
        self.separator, self.linked = separator, 0

    def _flush(self, kind: Kind, level: int, container: int) -> None:
        """End the open block, if there is one."""
        pieces = self.pieces
        if self.parts:
            self._part("")
            for text, linked in _lines(self.parts, code=kind is _CODE):
                self._block(text, kind, level, linked, container)
            self.parts.clear()
        elif pieces:
            raw = pieces[0] if len(pieces) == 1 else "".join(pieces)
            pieces.clear()
            self._block(raw.strip() if kind is _CODE else " ".join(raw.split()), kind, level, self.linked, container)
            self.linked = 0

    def _block(self, text: str, kind: Kind, level: int, linked: int, container: int) -> None:
        """Add a block: parted from the one before by a blank line, list items and table rows by a line end."""
        if not text:
            return
        start, texts = self.at, self.texts
        if texts:
            gap = "\n" if kind is self.before and (kind is _ITEM or kind is _ROW) else "\n\n"
            texts.append(gap)
            start += len(gap)
        length = len(text)
        self.at = end = start + length
        self.before = kind
        texts.append(text)
        self.blocks.append((start, end, kind, level, min(length, linked), container))

    def containers(self) -> Containers:
        parents, tags, own, likes, firsts = zip(*self.elements, strict=True)
        return Containers(parents, tags, own, likes, firsts, tuple(self.lasts))


def _lines(parts: Sequence[tuple[str, str, int]], *, code: bool) -> Iterator[tuple[str, int]]:
    """The text of one block for each run of lines, and how much of it is linked; an empty line between two breaks ends a run."""
    if code:
        yield "".join(separator + raw for separator, raw, _ in parts).strip(), 0
        return
    text, linked = "", 0
    for separator, raw, links in parts:
        line = " ".join(raw.split())
        if line:
            text += (separator if text else "") + line
            linked += links
        elif separator == "\n":
            yield text, linked
            text, linked = "", 0
    yield text, linked


def _kind(tag: str, kind: Kind, level: int) -> tuple[Kind, int]:
    """The kind and level inside an element that stands where these are in force."""
    own, own_level = _KINDS[tag]
    if own is Kind.LIST_ITEM:
        return own, level + 1 if kind is Kind.LIST_ITEM else 1
    if own is Kind.PARAGRAPH and kind in _KEEPS:
        return kind, level
    return own, own_level


@dataclass(slots=True)
class _Told:
    """What the page says of itself, wherever it says so: broken pages carry their head in the body."""

    title: str | None = None
    meta: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    json_ld: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)

    def tell(self, tag: str, node: LexborNode) -> None:
        """Take in an element that says something: `meta`, `link`, `script`, `time`, `title`."""
        if tag == "title":
            self.title = node.text() if self.title is None else self.title
            return
        attributes = node.attributes
        if tag == "meta":
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            content = attributes.get("content")
            if name and content:
                self.meta.setdefault(name.strip().lower(), content.strip())
        elif tag == "link":
            if "rel" in attributes and "href" in attributes:
                self.links.setdefault((attributes["rel"] or "").lower(), (attributes["href"] or "").strip())
        elif tag == "script":
            if attributes.get("type") == "application/ld+json":
                self.json_ld.append(node.text())
        elif attributes.get("datetime"):
            self.times.append(attributes["datetime"] or "")

    def head(self, language: str) -> Head:
        return Head(" ".join((self.title or "").split()), language.strip(), self.meta, self.links, tuple(self.json_ld), tuple(self.times))
