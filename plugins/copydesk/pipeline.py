"""The story of one document: read it, label its blocks, normalise what is kept, describe it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from . import describing, labelling, normalize, reading
from .errors import Unreadable
from .model import Block, Decision, Document, Extraction, Label, RawDocument, Reason, Rejection, RejectReason, Removed
from .policy import Policy

# Bumped whenever code changes what comes out of the same input; a golden test fails when the bump is missing.
CLEANING_VERSION = 16
# Looking a member up in its enumeration takes longer than what is done with it.
_CONTENT, _HEADLINE = Label.CONTENT, Reason.HEADLINE


_AS_REMOVED = partial(tuple.__new__, Removed)  # of a tuple of its fields, without a call of Python
_DEFAULT = Policy()


def clean(
    data: bytes | str,
    *,
    media_type: str | None = None,
    url: str | None = None,
    source: str = "",
    policy: Policy | None = None,
) -> Extraction | Rejection:
    """Clean one document given as bytes or text.

    `media_type` ("text/html", "text/plain") overrules what the content looks like. Never raises for bad
    input: a document that cannot be cleaned comes back as a `Rejection` with its reason.
    """
    raw = RawDocument(id="", data=data, source=source, media_type=media_type, url=url)
    return clean_document(raw, policy or _DEFAULT)


def clean_document(raw: RawDocument, policy: Policy) -> Extraction | Rejection:
    """The extraction of one raw document, or the rejection that says why there is none.

    Raises nothing but MemoryError: what another worker may still manage is not the document's defect. The watchdog
    tries it once more, alone.
    """
    try:
        return _extract(raw, policy)
    except Unreadable as error:
        return Rejection(raw.id, raw.source, raw.uri, error.reason, error.detail)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - every document arrives somewhere: a defect of ours costs one row, not a date
        return Rejection(raw.id, raw.source, raw.uri, RejectReason.ERROR, f"{type(error).__name__}: {error}")


def _extract(raw: RawDocument, policy: Policy) -> Extraction:
    document = reading.read(raw, policy)
    decisions = labelling.label(document, policy, raw.overrulings)
    kept, headlines, removed = _parted(document, decisions)
    body = normalize.assemble(document, kept, [document.blocks[number] for number in headlines], policy)
    language = describing.identify(body.text or body.title, raw.given.get("default_language", ""))
    visible, cut = (sum([block[1] - block[0] for block in blocks]) for blocks in (document.blocks, removed))
    return Extraction(
        id=raw.id,
        source=raw.source,
        uri=raw.uri,
        text=body.text,
        metadata=describing.metadata(document, body.title, headlines[0] if headlines else 0, raw.given, raw.url),
        language=language.code,
        language_score=language.score,
        quality=describing.quality(body.text, visible, visible - cut, language),
        doubt=_doubt(decisions),
        kept=body.kept,
        removed=tuple(removed),
        edits=body.edits,
        fingerprint=describing.fingerprint(body.text),
        media_type=document.media_type,
        encoding=document.encoding,
    )


def _parted(document: Document, decisions: Sequence[Decision]) -> tuple[list[Block], list[int], list[Removed]]:
    """The kept blocks of the body, the numbers of those that print the headline, and the receipts of the others."""
    text = document.text
    kept, headlines, removed = [], [], []
    for number, (block, label, reason, *why) in enumerate(decisions):
        if label is not _CONTENT:
            removed.append(_AS_REMOVED((block[0], block[1], text[block[0] : block[1]], label, reason, *why)))
        elif reason is _HEADLINE:
            headlines.append(number)
        else:
            kept.append(block)
    return kept, headlines, removed


def _doubt(decisions: Sequence[Decision]) -> float:
    """How near the closest decision was: 0 when every score is 1, 1 when one was a coin toss."""
    return round(2 * (1 - max(min([decision[4] for decision in decisions], default=1.0), 0.5)), 4)
