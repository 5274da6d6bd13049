"""HTML to blocks: one parse (lexbor), one walk; every visible character lands in exactly one block.

Visible is what a browser without style sheets of its own would show: every text node of the body,
except inside the elements that the HTML Standard never renders (section 15.3.1, "Hidden elements")
and inside `iframe`, whose text is a fallback that no browser shows. Elements hidden by attribute,
by style or as `noscript` do count: reading does not prune; labelling strikes them, with a receipt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ..errors import Unreadable
from ..model import Block, Containers, Document, Head, Kind, RejectReason
from ..policy import Policy
from . import places

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
_ONE_A_LINE = frozenset({Kind.LIST_ITEM, Kind.TABLE_ROW})
_FIRST_DEEP = re.compile(r"<(/?)([a-zA-Z][^\s>/]*)[^>]*?(/?)>")
_NEVER_DEEP = frozenset(
    (
        "area base br col embed hr img input link meta param source track wbr p li dt dd option optgroup td th tr tbody "
        "thead tfoot colgroup"
    ).split()
)


def read_html(text: str, encoding: str, policy: Policy) -> Document:
    """The document of a page. Raises Unreadable when it passes a bound of the policy."""
    _refuse_deep(text, policy)
    tree = LexborHTMLParser(text)
    root = tree.body or tree.root
    walk = _Walk(policy)
    if root is not None:
        walk.run(root)
    visible, blocks = walk.layout()
    return Document(visible, blocks, "text/html", encoding, _head(tree), walk.containers())


def _refuse_deep(text: str, policy: Policy) -> None:
    """Refuse nesting beyond the policy before parsing: a tree builder takes quadratic time over it."""
    surplus = text.count("<") - 2 * text.count("</")
    if surplus <= policy.max_depth:
        return
    depth = 0
    for closing, tag, self_closing in _FIRST_DEEP.findall(text):
        if tag.lower() in _NEVER_DEEP or self_closing:
            continue
        depth += -1 if closing else 1
        if depth > policy.max_depth:
            raise Unreadable(RejectReason.TOO_DEEP, f"more than {policy.max_depth} elements are open at once")


class _Draft(NamedTuple):
    """A block before its place in the visible text is known."""

    text: str
    kind: Kind
    level: int
    linked: int
    container: int


@dataclass(slots=True)
class _Walk:
    """The state of the walk over a page: what the open elements tell, and the text of the open block.

    A block is made of parts: (separator before it, text pieces, code points inside links).
    """

    policy: Policy
    parents: list[int] = field(default_factory=lambda: [-1])
    tags: list[str] = field(default_factory=lambda: ["body"])
    places: list[int] = field(default_factory=lambda: [0])
    likes: list[int] = field(default_factory=lambda: [0])
    firsts: list[int] = field(default_factory=lambda: [0])
    lasts: list[int] = field(default_factory=lambda: [0])
    like: dict[tuple[int, str, str], int] = field(default_factory=dict)
    drafts: list[_Draft] = field(default_factory=list)
    kind: Kind = Kind.PARAGRAPH
    level: int = 0
    container: int = 0
    links: int = 0
    separator: str = ""
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    parts: list[tuple[str, str, int]] = field(default_factory=list)

    def run(self, root: LexborNode) -> None:  # noqa: C901, PLR0912 - one loop: a call for each node would double its cost
        """Visit every node below `root` in order, without recursion."""
        stack: list[tuple[LexborNode, tuple[Kind, int, int] | None]] = []
        policy, pieces = self.policy, self.pieces
        nodes = 0
        node = root.first_child
        while True:
            if node is None:
                if not stack:
                    break
                node, state = stack.pop()
                self._leave(node, state)
                node = node.next
                continue
            nodes += 1
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content or ""
                if not text.isspace():
                    pieces.append(text)
                    if self.links:
                        self.linked += len(text)
                elif pieces or self.parts:  # before them it is nothing, and most of a page's text nodes are like that
                    pieces.append(text)
            elif tag == "br":
                self._part("\n")
            elif tag not in INVISIBLE and tag[0:1] != "-":
                child = node.first_child
                if child is not None:
                    if tag in _BLOCKS:
                        stack.append((node, self._enter(tag, node)))
                    else:
                        self.links += tag == "a"
                        stack.append((node, None))
                    if len(stack) > policy.max_depth:
                        raise Unreadable(RejectReason.TOO_DEEP, f"elements nest deeper than {policy.max_depth}")
                    node = child
                    continue
                if tag in _BLOCKS:
                    self._flush()
            node = node.next
        if nodes > policy.max_nodes:
            raise Unreadable(RejectReason.TOO_MANY_NODES, f"{nodes} nodes, the policy allows {policy.max_nodes}")
        self._flush()

    def _enter(self, tag: str, node: LexborNode) -> tuple[Kind, int, int]:
        """Open an element that makes blocks; returns the state to go back to."""
        state = (self.kind, self.level, self.container)
        if tag in _CELLS and self.kind is Kind.TABLE_ROW:
            self._part("\t")
        elif self.pieces or self.parts:
            self._flush()
        if tag in _KINDS:
            self._set_kind(tag)
        attributes = node.attributes
        names = (attributes.get("class") or "") if attributes else ""
        self.parents.append(self.container)
        like = (self.likes[self.container], tag, names)
        self.container = len(self.tags)
        self.tags.append(tag)
        self.places.append(places.of_element(tag, names, attributes))
        self.likes.append(self.like.setdefault(like, len(self.like) + 1))
        self.firsts.append(len(self.drafts))
        self.lasts.append(0)
        return state

    def _set_kind(self, tag: str) -> None:
        kind, level = _KINDS[tag]
        if kind is Kind.LIST_ITEM:
            level = self.level + 1 if self.kind is Kind.LIST_ITEM else 1
        elif kind is Kind.PARAGRAPH and self.kind in _KEEPS:
            return
        self.kind, self.level = kind, level

    def _leave(self, node: LexborNode, state: tuple[Kind, int, int] | None) -> None:
        if state is None:
            if node.tag == "a":
                self.links -= 1
            return
        if (self.pieces or self.parts) and not (node.tag in _CELLS and state[0] is Kind.TABLE_ROW):
            self._flush()
        self.lasts[self.container] = len(self.drafts)
        self.kind, self.level, self.container = state

    def _part(self, separator: str) -> None:
        """End a part of the open block; the next one begins after `separator`."""
        self.parts.append((self.separator, "".join(self.pieces), self.linked))
        self.pieces.clear()
        self.separator, self.linked = separator, 0

    def _flush(self) -> None:
        """End the open block."""
        if not self.parts:
            if not self.pieces:
                return
            raw = "".join(self.pieces)
            self.pieces.clear()
            linked, self.linked = self.linked, 0
            self._draft(raw.strip() if self.kind is Kind.CODE else " ".join(raw.split()), linked)
            return
        self._part("")
        parts = self.parts
        self.parts = []
        self._draft_parts(parts)

    def _draft_parts(self, parts: list[tuple[str, str, int]]) -> None:
        """One block for each run of lines; an empty line between two breaks ends a run."""
        if self.kind is Kind.CODE:
            self._draft("".join(sep + raw for sep, raw, _ in parts).strip(), 0)
            return
        text, linked = "", 0
        for separator, raw, links in parts:
            line = " ".join(raw.split())
            if line:
                text += (separator if text else "") + line
                linked += links
            elif separator == "\n":
                self._draft(text, linked)
                text, linked = "", 0
        self._draft(text, linked)

    def _draft(self, text: str, linked: int) -> None:
        if text:
            self.drafts.append(_Draft(text, self.kind, self.level, min(linked, len(text)), self.container))

    def containers(self) -> Containers:
        self.lasts[0] = len(self.drafts)
        sizes = tuple(self.firsts), tuple(self.lasts)
        return Containers(tuple(self.parents), tuple(self.tags), tuple(self.places), tuple(self.likes), *sizes)

    def layout(self) -> tuple[str, tuple[Block, ...]]:
        """The visible text and its blocks: parted by a blank line, list items and table rows by a line end."""
        if len(self.drafts) > self.policy.max_blocks:
            raise Unreadable(RejectReason.TOO_MANY_BLOCKS, f"{len(self.drafts)} blocks, the policy allows {self.policy.max_blocks}")
        texts: list[str] = []
        blocks: list[Block] = []
        at = 0
        before: Kind | None = None
        for draft in self.drafts:
            if before is not None:
                gap = "\n" if draft.kind is before and before in _ONE_A_LINE else "\n\n"
                texts.append(gap)
                at += len(gap)
            end = at + len(draft.text)
            texts.append(draft.text)
            blocks.append(Block(at, end, draft.kind, draft.level, draft.linked, draft.container))
            at, before = end, draft.kind
        return "".join(texts), tuple(blocks)


_HEAD = 'title, html, meta[content], link[rel][href], script[type="application/ld+json"], time[datetime]'


def _head(tree: LexborHTMLParser) -> Head:
    """What the page says of itself, wherever it says so: broken pages carry their head in the body."""
    meta: dict[str, str] = {}
    links: dict[str, str] = {}
    title = language = None
    json_ld: list[str] = []
    times: list[str] = []
    for node in tree.css(_HEAD):  # one way through the tree for all of them
        tag, attributes = node.tag, node.attributes
        if tag == "meta":
            name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
            content = attributes.get("content")
            if name and content:
                meta.setdefault(name.strip().lower(), content.strip())
        elif tag == "link":
            links.setdefault((attributes.get("rel") or "").lower(), (attributes.get("href") or "").strip())
        elif tag == "script":
            json_ld.append(node.text())
        elif tag == "time":
            times.append(attributes.get("datetime") or "")
        elif tag == "title" and title is None:
            title = node.text()
        elif tag == "html" and language is None:
            language = attributes.get("lang") or ""
    return Head(" ".join((title or "").split()), (language or "").strip(), meta, links, tuple(json_ld), tuple(filter(None, times)))
