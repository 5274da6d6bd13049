"""The table of fixers: each explained, each idempotent, each recorded only when it changed something.

Normalising edits what labelling kept; it never drops a block. The edits of a block are in coordinates of the
document's visible text, sorted and disjoint, so that replaying them on it gives the clean text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import itemgetter

import numpy as np

from .characters import Column, points
from .model import Block, Document, Edit, Kept, Kind
from .policy import Policy


@dataclass(frozen=True, slots=True)
class Setting:
    """What a fixer may look at besides the text: the block's kind, the policy, and the whole document."""

    kind: Kind
    policy: Policy
    unwrap: bool = False
    context: str = ""


Changes = Iterable[tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Fixer:
    """A row: `find` yields (start, end, replacement) in order; `applies` says to which blocks."""

    name: str
    explains: str
    find: Callable[[str, Setting], Changes]
    applies: Callable[[Setting], bool] = lambda _: True


def _by_pattern(pattern: str, replacement: str | Callable[[re.Match[str]], str]) -> Callable[[str, Setting], Changes]:
    """A finder that replaces every match whose replacement differs from it."""
    compiled = re.compile(pattern)

    def find(text: str, _: Setting) -> Iterator[tuple[int, int, str]]:
        for match in compiled.finditer(text):
            after = replacement if isinstance(replacement, str) else replacement(match)
            if after != match.group():
                yield match.start(), match.end(), after

    return find


# UTF-8 read as a single-byte encoding makes two characters outside ASCII of one; a single one can only be a C1 control.
_MULTIBYTE = re.compile(r"[^\x00-\x7f]{2}|[\x80-\x9f]")


def _mojibake(text: str, _: Setting) -> Iterator[tuple[int, int, str]]:
    """UTF-8 read as something else, line by line, by ftfy; the badness heuristic keeps it off sound text."""
    if not _MULTIBYTE.search(text):
        return
    import ftfy

    at = 0
    for line in text.splitlines(keepends=True):
        if _MULTIBYTE.search(line) and ftfy.badness.is_bad(line):
            fixed = ftfy.fix_encoding(line)
            if fixed != line and not fixed.isspace():
                yield _difference(line, fixed, at)
        at += len(line)


def _difference(before: str, after: str, offset: int) -> tuple[int, int, str]:
    """The smallest single replacement that makes `after` of `before`."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    tail = next((i for i in range(shorter - head) if before[-1 - i] != after[-1 - i]), shorter - head)
    return offset + head, offset + len(before) - tail, after[head : len(after) - tail]


def _compose_letters(text: str, _: Setting) -> Iterator[tuple[int, int, str]]:
    """Unicode NFC over each run of non-ASCII text and the letter before it."""
    if unicodedata.is_normalized("NFC", text):
        return
    for match in re.finditer(r".?[^\x00-\x7f]+", text, re.DOTALL):
        composed = unicodedata.normalize("NFC", match.group())
        if composed != match.group():
            yield _difference(match.group(), composed, match.start())


# Possessive quantifiers and look-behinds start a match at the first letter or space of a run only: a run of a million
# costs a million steps, not their square. So do all patterns of the table.
_HYPHENATION = re.compile(r"(?<![^\W\d_])([^\W\d_]++)(-[ \t]*+\n[ \t]*+)([^\W\d_]++)")


def _rejoin(text: str, setting: Setting) -> Iterator[tuple[int, int, str]]:
    """A word broken at a line's end: the hyphen stays where the document spells the word with it elsewhere."""
    for match in _HYPHENATION.finditer(text):
        first, _, second = match.groups()
        if second[0].islower():
            compound = f"{first}-{second}".lower() in _compounds(setting.context)
            yield match.start(2), match.end(2), "-" if compound else ""


@lru_cache(maxsize=1)  # a document's blocks come one after the other
def _compounds(text: str) -> frozenset[str]:
    """The words that a text spells with one hyphen, in lower case."""
    return frozenset(re.findall(r"(?<!\w)[^\W\d_]++-[^\W\d_]++(?!\w)", text.lower()))


def _trim_edges(text: str, _: Setting) -> Iterator[tuple[int, int, str]]:
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    if start:
        yield 0, start, ""
    if start < end < len(text):
        yield end, len(text), ""


_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_QUOTES = {**dict.fromkeys("“”„‟«»〝〞", '"'), **dict.fromkeys("‘’‚‛‹›", "'")}
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_SPACES = "\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u200e\u200f\u2060-\u2064\u2066-\u2069\u202a-\u202e\ufeff\u180e\ufff9-\ufffb"
# Scripts that join letters with ZWJ and ZWNJ (Arabic to Myanmar, Khmer, Mongolian), and emoji sequences.
_JOINING = "\u0600-\u109f\u1780-\u18af\u200d\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"


def _is_text(setting: Setting) -> bool:
    """Not code: code keeps its lines and its spacing."""
    return setting.kind is not Kind.CODE


def _is_unwrapped(setting: Setting) -> bool:
    return setting.unwrap and setting.kind not in (Kind.CODE, Kind.LINE)


FIXERS: tuple[Fixer, ...] = (
    Fixer("mojibake", "text decoded with the wrong encoding is decoded right, Windows-1252 leftovers too (ftfy)", _mojibake),
    Fixer("control characters", "control characters that no text holds are removed", _by_pattern("[\x00-\x08\x0e-\x1b\x7f]+", "")),
    Fixer(
        "invisible characters",
        "zero-width characters, byte order marks and direction overrides are removed; joiners stay where a script needs them",
        _by_pattern(f"[{_INVISIBLE}]+|(?<![{_JOINING}])[\u200c\u200d]+", ""),
    ),
    Fixer("soft hyphens", "soft hyphens are removed", _by_pattern("\xad+", "")),
    Fixer("ligatures", "typographic ligatures become letters", _by_pattern("[ﬀ-ﬆ]", lambda m: _LIGATURES[m.group()])),
    Fixer("composition", "letters and their accents become one character (Unicode NFC)", _compose_letters),
    Fixer("exotic spaces", "no-break, thin and ideographic spaces become spaces", _by_pattern(f"[{_SPACES}]", " ")),
    Fixer("line ends", "every kind of line end becomes a line feed", _by_pattern("\r\n|[\r\f\v\x1c-\x1e\x85\u2028\u2029]", "\n")),
    Fixer("hyphenation", "a word broken at the end of a line is joined", _rejoin, _is_unwrapped),
    Fixer("hard wraps", "the lines of a hard-wrapped paragraph are joined", _by_pattern(r"(?<![ \t])[ \t]*+\n\s*+", " "), _is_unwrapped),
    Fixer(
        "quotes",
        "typographic quotation marks become straight (policy quotes = straight)",
        _by_pattern(f"[{''.join(_QUOTES)}]", lambda m: _QUOTES[m.group()]),
        lambda s: s.policy.quotes == "straight",
    ),
    Fixer(
        "dashes",
        "dashes become hyphens (policy dashes = straight)",
        _by_pattern(f"[{''.join(_DASHES)}]", "-"),
        lambda s: s.policy.dashes == "straight",
    ),
    Fixer(
        "bullets",
        "the bullet of a list item becomes a hyphen and a space",
        _by_pattern(r"\A(?:[•‣◦▪●○∙·*+–—]\s*|-\s+)(?=[^\s•‣◦▪●○∙·*+–—-])", "- "),
        lambda s: s.kind is Kind.LIST_ITEM,
    ),
    Fixer(
        "spaces", "runs of spaces become one", _by_pattern(r" *+\t[ \t]*+| {2,}+", lambda m: "\t" if "\t" in m.group() else " "), _is_text
    ),
    Fixer("line spaces", "spaces at the ends of lines are removed", _by_pattern(r"(?<![ \t])[ \t]++(?=\n)|(?<=\n)[ \t]++", ""), _is_text),
    Fixer("blank lines", "runs of blank lines become one", _by_pattern(r"\n{3,}", "\n\n"), _is_text),
    Fixer("edges", "white space at the edges of a block is removed", _trim_edges),
)

# Where a fixer may have something to do; line ends and tabs within a block of a page are mostly sound, in a wrapped text never.
_WHITE = r"[ \t][ \t\n]|\n[ \t]|\n{3}|\A\s|\s\Z"
_ODD = f"\x7f-\xa0\xad{_SPACES}{_INVISIBLE}\u200c\u200d\u2028\u2029ﬀ-ﬆ"
_CONTROLS = {False: r"\x00-\x08\x0b-\x1f", True: r"\x00-\x1f"}
_ASCII_SUSPECT = {False: re.compile(rf"[^\t\n\x20-\x7e]|{_WHITE}"), True: re.compile(r"[^\x20-\x7e]|  ")}
_SUSPECT = {
    False: re.compile(rf"[{_CONTROLS[False]}{_ODD}]|{_WHITE}"),
    True: re.compile(rf"[{_CONTROLS[True]}{_ODD}]|  |\A\s|\s\Z"),
}
_ROUNDS = 6
_LIST_ITEM = Kind.LIST_ITEM
_TWICE = np.uint8(2 | 4)
_BULLETS = "•‣◦▪●○∙·*+–—-"


def fix(text: str, setting: Setting) -> tuple[str, tuple[Edit, ...]]:
    """The text as the fixers leave it, and the edits that lead there (offsets into `text`, sorted, disjoint).

    The table runs until nothing changes any more, which makes the whole idempotent.
    """
    if _is_sound(text, setting):
        return text, ()
    current = text
    edits: list[Edit] = []
    for _ in range(_ROUNDS):
        before = current
        for fixer in FIXERS:
            if fixer.applies(setting):
                current, edits = _apply(fixer, current, edits, setting)
        if current == before or _is_sound(current, setting):
            break
    return current, tuple(Edit(e.fixer, e.start, e.end, text[e.start : e.end], e.after) for e in edits if text[e.start : e.end] != e.after)


def _is_sound(text: str, setting: Setting) -> bool:
    """Whether no fixer can have anything to do: the way of nearly every block."""
    if setting.kind is _LIST_ITEM and _is_other_bullet(text):
        return False
    if text.isascii():
        return not _ASCII_SUSPECT[setting.unwrap].search(text)
    if setting.policy.quotes != "keep" or setting.policy.dashes != "keep" or _SUSPECT[setting.unwrap].search(text):
        return False
    return unicodedata.is_normalized("NFC", text) and not (_MULTIBYTE.search(text) and _is_bad(text))


def _is_other_bullet(text: str) -> bool:
    """Whether a list item begins with a bullet that is no hyphen and a space yet."""
    return text[:1] in _BULLETS and text[:2] != "- "


def _is_bad(text: str) -> bool:
    import ftfy

    return bool(ftfy.badness.is_bad(text))


def _apply(fixer: Fixer, text: str, edits: list[Edit], setting: Setting) -> tuple[str, list[Edit]]:
    changes = [Edit(fixer.name, start, end, text[start:end], after) for start, end, after in fixer.find(text, setting)]
    if not changes:
        return text, edits
    return replay(text, changes), compose(edits, changes, text)


def replay(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits (sorted, disjoint) carried out."""
    pieces: list[str] = []
    at = 0
    for edit in edits:
        pieces += (text[at : edit.start], edit.after)
        at = edit.end
    pieces.append(text[at:])
    return "".join(pieces)


def compose(first: Sequence[Edit], second: Sequence[Edit], current: str) -> list[Edit]:
    """One list of edits that does what `first` (source to current) and then `second` (current to new) do.

    Edits that overlap in the current text become one, which names both fixers.
    """
    spans = [(start, end, edit, True) for start, end, edit in _in_current(first)]
    spans += [(edit.start, edit.end, edit, False) for edit in second]
    spans.sort(key=lambda s: (s[0], s[1]))
    composed: list[Edit] = []
    shift = 0  # source offset minus current offset, after the spans done so far
    at = 0
    while at < len(spans):
        group = [spans[at]]
        end = spans[at][1]
        while at + len(group) < len(spans) and spans[at + len(group)][0] < end:
            end = max(end, spans[at + len(group)][1])
            group.append(spans[at + len(group)])
        start = group[0][0]
        inner = [Edit(e.fixer, s - start, t - start, "", e.after) for s, t, e, is_first in group if not is_first]
        source_start = start + shift
        shift += sum((e.end - e.start) - len(e.after) for _, _, e, is_first in group if is_first)
        composed.append(Edit(_names(e for _, _, e, _ in group), source_start, end + shift, "", replay(current[start:end], inner)))
        at += len(group)
    return composed


def _in_current(edits: Sequence[Edit]) -> Iterator[tuple[int, int, Edit]]:
    """Where each edit's result stands in the text after all of them."""
    shift = 0
    for edit in edits:
        start = edit.start + shift
        yield start, start + len(edit.after), edit
        shift += len(edit.after) - (edit.end - edit.start)


def _names(edits: Iterable[Edit]) -> str:
    return ", ".join(dict.fromkeys(name for edit in edits for name in edit.fixer.split(", ")))


@dataclass(frozen=True, slots=True)
class Body:
    """The clean text of a document, where its blocks stand in it, and every edit; `title` is the headline, fixed."""

    text: str
    title: str
    kept: tuple[Kept, ...]
    edits: tuple[Edit, ...]


_AS_KEPT = partial(tuple.__new__, Kept)  # of a tuple of its fields, without a call of Python
_ONE_A_LINE = frozenset({Kind.LIST_ITEM, Kind.TABLE_ROW})


def assemble(document: Document, kept: Sequence[Block], headline: Sequence[Block], policy: Policy) -> Body:
    """Join the kept blocks: a blank line between paragraphs, list items and table rows one a line."""
    pieces: list[str] = []
    spans: list[Kept] = []
    edits: list[Edit] = []
    at = 0
    before: Block | None = None
    texts = [document.text[start:end] for start, end, *_ in kept]
    for block, text, suspect in zip(kept, texts, _suspects(document, kept, texts, policy), strict=True):
        if suspect:
            text, changes = _fix_block(document, block, policy)  # noqa: PLW2901 - from here on the fixed one
            edits += changes
        if before is not None and text:
            gap = _gap(document, before, block)
            pieces.append(gap)
            at += len(gap)
        pieces.append(text)
        end = at + len(text)
        spans.append(_AS_KEPT((block.start, block.end, at, end)))
        at = end
        before = block if text else before
    titles = []
    for block in headline:
        text, changes = _fix_block(document, block, policy)
        titles.append(text)
        edits += changes
        spans.append(Kept(block.start, block.end, None, None))
    spans.sort(key=itemgetter(0))
    edits.sort(key=lambda e: e.start)
    return Body("".join(pieces), " ".join(" ".join(titles).split()), tuple(spans), tuple(edits))


def _suspects(document: Document, blocks: Sequence[Block], texts: Sequence[str], policy: Policy) -> Sequence[bool]:
    """In which blocks a fixer may have something to do; one look at all of them, for mostly it is none."""
    if policy.quotes != "keep" or policy.dashes != "keep":
        return [True] * len(blocks)
    joined = " ".join(texts)  # no block begins or ends with white space
    if not unicodedata.is_normalized("NFC", joined):
        return [True] * len(blocks)
    signs = _signs(document.media_type == "text/plain").take(points(joined), mode="clip")
    signs[1:] |= (signs[1:] & signs[:-1] & _TWICE) != 0  # runs of spaces; what may be mojibake
    suspects = [kind is _LIST_ITEM and _is_other_bullet(text) for (_, _, kind, *_), text in zip(blocks, texts, strict=True)]
    odd = np.flatnonzero(signs & 1)
    if len(odd):
        ends = np.cumsum([len(text) + 1 for text in texts])
        for number in np.searchsorted(ends, odd, side="right").tolist():
            suspects[number] = True
    return suspects


@lru_cache(maxsize=2)
def _signs(unwrap: bool) -> Column:
    """What each code point of the basic plane is: 1 where no sound text has it, 2 white space, 4 beyond ASCII; two in a row of
    these are odd. The last stands for all points outside the plane. In what is unwrapped line ends and tabs are odd too.
    """
    sound = re.compile(rf"[^{_CONTROLS[unwrap]}{_ODD}]")
    table = np.array([sound.match(chr(point)) is None for point in range(0x10000)], np.uint8)
    table[[ord(white) for white in " \t\n"]] |= 2
    table[0x80:] |= 4
    return table


def _fix_block(document: Document, block: Block, policy: Policy) -> tuple[str, list[Edit]]:
    setting = Setting(block.kind, policy, document.media_type == "text/plain", document.text)
    text, edits = fix(document.text_of(block), setting)
    return text, [Edit(e.fixer, block.start + e.start, block.start + e.end, e.before, e.after) for e in edits]


def _gap(document: Document, before: Block, block: Block) -> str:
    if block.kind is before.kind:
        if block.kind in _ONE_A_LINE:
            return "\n"
        if block.kind is Kind.LINE and len(re.findall(r"\r\n|\n|\r", document.text[before.end : block.start])) <= 1:
            return "\n"
    return "\n\n"
