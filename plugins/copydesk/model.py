"""The nouns that everything passes: frozen, standard library only; those that a page makes hundreds of are named tuples.

A `RawDocument` is read into a `Document`: its visible text and the blocks that tile it. Labelling
adds one `Decision` a block. The result is an `Extraction`, or a `Rejection`; there is no third.
Offsets are code points into `Document.text`, everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from operator import le, lt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .overruling import Overruling


class Kind(StrEnum):
    """What a block is in the page or text."""

    __hash__ = str.__hash__  # that of an enumeration is a call of Python

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    QUOTE = "quote"
    TABLE_ROW = "table row"
    CODE = "code"
    CAPTION = "caption"
    LINE = "line"  # of a run of short lines in plain text (verse, an address): stays one a line unless a blank line parts them


class Label(StrEnum):
    """What becomes of a block: content is kept, the other two are removed."""

    CONTENT = "content"
    BOILERPLATE = "boilerplate"
    ADVERTORIAL = "advertorial"


class Reason(StrEnum):
    """Why a block got its label, in the words that a person would use."""

    ARTICLE = "article"
    HEADLINE = "headline"
    NAVIGATION = "navigation"
    SHARE_BAR = "share bar"
    RELATED_LINKS = "related links"
    NEWSLETTER = "newsletter promo"
    APP_PROMO = "app promo"
    SUBSCRIPTION = "subscription offer"
    SPONSORED = "sponsored"
    DONATION = "donation appeal"
    SHOP = "shop offer"
    EVENT = "event promo"
    COURSE = "course offer"
    JOB = "job offer"
    COOKIE_NOTICE = "cookie notice"
    COMMENTS = "comments"
    LEGAL = "legal"
    BYLINE = "byline"
    CREDIT = "photo credit"
    AUTHOR_CARD = "author card"
    TAGS = "tags"
    FORM = "form"
    HIDDEN = "hidden"
    PAGE_FURNITURE = "page furniture"
    REPEATED = "repeated"
    OVERRULED = "overruled"


class RejectReason(StrEnum):
    """Why a document could not be cleaned."""

    EMPTY = "empty"
    BINARY = "binary"
    BROKEN = "broken"
    UNKNOWN_TYPE = "unknown type"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too large"
    TOO_DEEP = "too deep"
    TOO_MANY_NODES = "too many nodes"
    TOO_MANY_BLOCKS = "too many blocks"
    TIMEOUT = "timeout"
    CRASH = "crash"
    ERROR = "error"


class Place(IntFlag):
    """Where in its page a block stands: evidence from tags, attributes and class names of its ancestors."""

    NAV = 1 << 0
    HEADER = 1 << 1
    FOOTER = 1 << 2
    ASIDE = 1 << 3
    ARTICLE = 1 << 4
    MAIN = 1 << 5
    FORM = 1 << 6
    FIGURE = 1 << 7
    HIDDEN = 1 << 8
    DIALOG = 1 << 9
    BODY_CLASS = 1 << 10
    SHARE = 1 << 11
    RELATED = 1 << 12
    NEWSLETTER = 1 << 13
    COMMENTS = 1 << 14
    COOKIE = 1 << 15
    ADVERT = 1 << 16
    AUTHOR = 1 << 17
    TAGS = 1 << 18
    BYLINE = 1 << 19
    CREDIT = 1 << 20
    PROMO = 1 << 21
    LEGAL = 1 << 22
    DONATION = 1 << 23
    MENU = 1 << 24
    SIDEBAR = 1 << 25
    LISTING = 1 << 26


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points of the document's visible text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One raw record as it landed.

    `id` is unique within its source and date: the path of its file, with `#n` for the n-th record of a file that holds
    several. `uri` is relative to the raw root. `data` is bytes as they stood in the file, or text that was decoded
    already. `given` is what came with it besides (title, author, date, encoding ...; several values one a line).
    `problem` says why there is no document to clean: it becomes a `Rejection`. `overrulings` are a person's, about it.
    """

    id: str
    data: bytes | str
    source: str = ""
    uri: str = ""
    media_type: str | None = None
    url: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    problem: tuple[RejectReason, str] | None = None
    overrulings: tuple[Overruling, ...] = ()


class Block(NamedTuple):
    """A span of visible text that is decided as one, with what its place in the page tells.

    `level` is the level of a heading (1 to 6) or the depth of a list item. `linked` counts the code
    points inside links. `container` numbers the element of `Document.containers` that it stands in.
    """

    start: int
    end: int
    kind: Kind
    level: int = 0
    linked: int = 0
    container: int = 0

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Containers:
    """The elements that hold blocks, as columns in the order of the page: parents come before their children.

    `parents` (-1 for the root), `tags`, own `places` (`Place` bits), and the blocks [first, last) below each, which
    are contiguous. `likes` gives elements of the same tag, class and parents' names the same number.
    """

    parents: tuple[int, ...] = (-1,)
    tags: tuple[str, ...] = ("text",)
    places: tuple[int, ...] = (0,)
    likes: tuple[int, ...] = (0,)
    firsts: tuple[int, ...] = (0,)
    lasts: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself: `<title>`, `<html lang>`, meta by name or property, microdata as "itemprop author", JSON-LD texts."""

    title: str = ""
    language: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    json_ld: tuple[str, ...] = ()
    times: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """The visible text of a raw document and the blocks that tile it.

    Construction fails unless the blocks are in order, disjoint, begin and end with a visible
    character, and leave nothing but white space between them: so no text can be lost in reading. `selected` has, for each
    element that a site rule's CSS selector matches, the selector and the blocks [first, last) below it.
    """

    text: str
    blocks: tuple[Block, ...]
    media_type: str
    encoding: str
    head: Head = Head()
    containers: Containers = Containers()
    selected: tuple[tuple[str, int, int], ...] = ()

    def __post_init__(self) -> None:
        text = self.text
        starts, ends = [block[0] for block in self.blocks], [block[1] for block in self.blocks]
        before, after = [0, *ends], [*starts, len(text)]  # the ends of what stands between blocks
        if not all(map(lt, starts, ends)) or not all(map(le, before, after)):
            raise ValueError("blocks overlap, are empty or lie outside the text")
        outer = "".join([text[i] for i in starts] + [text[i - 1] for i in ends])
        if len("".join(outer.split())) < len(outer):
            raise ValueError("a block begins or ends with white space")
        between = "".join({text[i:j] for i, j in zip(before, after, strict=True)})
        if between and not between.isspace():
            raise ValueError(f"visible text is in no block: {between.strip()[:60]!r}")

    def text_of(self, block: Block) -> str:
        return self.text[block.start : block.end]


class Decision(NamedTuple):
    """The label of one block, by which rule or model, and how sure: score is 0 to 1 for that label.

    Of an advertorial in plain text: whether it says that it is one, and in words what counted most against it.
    """

    block: Block
    label: Label
    reason: Reason
    rule: str
    score: float
    labelled: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """A change by one or more fixers: `visible[start:end] == before` became `after` in the clean text."""

    fixer: str
    start: int
    end: int
    before: str
    after: str


class Kept(NamedTuple):
    """A span that was kept, and where it stands in `Extraction.text`; None for the headline, which is the title."""

    start: int
    end: int
    text_start: int | None
    text_end: int | None


class Removed(NamedTuple):
    """The receipt of one cut: the visible text verbatim, where it stood, and why it went."""

    start: int
    end: int
    text: str
    label: Label
    reason: Reason
    rule: str
    score: float
    labelled: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an article besides its text; `origin` names where each field came from."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    modified_at: str | None = None
    site_name: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    url: str | None = None
    image: str | None = None
    description: str | None = None
    record_id: str | None = None  # what the record calls itself: an export's id, a feed's guid, WARC-Record-ID
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures that tell how far a text can be trusted; shares are 0 to 1, `flags` names what looks wrong."""

    word_count: int
    kept_share: float
    mean_word_length: float
    symbol_share: float
    duplicate_line_share: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """The clean article and its receipt. `text` is the body without the headline, which is the title."""

    id: str
    source: str
    uri: str
    text: str
    metadata: Metadata
    language: str
    language_score: float
    quality: Quality
    doubt: float
    kept: tuple[Kept, ...]
    removed: tuple[Removed, ...]
    edits: tuple[Edit, ...]
    fingerprint: str
    media_type: str
    encoding: str

    @property
    def title(self) -> str:
        return self.metadata.title


@dataclass(frozen=True, slots=True)
class Rejection:
    """A document that could not be cleaned, and why."""

    id: str
    source: str
    uri: str
    reason: RejectReason
    detail: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a file besides its bytes, by sources.yaml and its sidecar: its format, the names of its records' fields,
    what is given with each; and, where records tell their date, the `day` that is asked for, and whether `undated` ones are.
    """

    format: str = ""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    day: str = ""
    undated: bool = False


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A raw file as the plan froze it: where it lies below the raw root, and the digest it must still have.

    `path` is the name as the file system has it, `id` and `uri` are printable. `problem` says why it cannot be read, when it cannot.
    """

    id: str
    source: str
    uri: str
    path: str
    sha256: str
    size: int
    problem: str = ""
    told: Told = Told()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one task cleans: a plan's files[first:last], or a part of the records of one large file."""

    number: int
    first: int
    last: int
    part: int = 0  # from 0
    parts: int = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """A result's planned file (its number in the plan), and the digest and size of its raw bytes: the record's, or a lone file's."""

    file: int
    sha256: str
    size: int
