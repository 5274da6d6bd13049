"""Marks of commerce in a text: addresses, prices, numbers, symbols; counted in one pass each over the whole text.

Each pattern begins with the few characters that it can begin with and looks back from there: so the search leaps from one to
the next, which takes a tenth of the time of a pattern that may begin at any letter.
"""

from __future__ import annotations

import re

import numpy as np

from ..characters import Column

# What an ad is marked with, and how the receipt calls it.
MARKS = (
    (re.compile(r"[.:](?:(?<=[\w-]{2}\.)[A-Za-z]{2,10}(?:/\S*)?(?=[\s.,;:!?)]|$)|(?<=:)(?=//))"), "a web address"),
    (re.compile(r"@(?=\w)"), "a mail address or handle"),
    (re.compile(r"[0-9](?<![0-9][0-9])[0-9]{1,4}\)?[ ./-]?[0-9]{2,4}[ .-][0-9]{2,4}(?![0-9])"), "a telephone number"),
    (
        re.compile(
            r"[$€£¥₹0-9](?:(?<=[$€£¥₹])\s?[0-9]"
            r"|(?<=[0-9])(?:(?:\.[0-9]+)?\s?[€£₽¥]|\s?(?:USD|EUR|euros?|dollars?|pounds|Euro|reais)\b))"
        ),
        "a price",
    ),
    (re.compile(r"%(?:(?<=[0-9]%)|(?<=[0-9]\s%))"), "a percentage"),
    (re.compile(r"[0-9](?::[0-9][0-9]|\s?[ap]\.?m\b)"), "a time of day"),
    (re.compile(r"(?:1(?<!\w1)9|2(?<!\w2)0)[0-9]{2}\b"), "a year"),
    (re.compile(r"#(?<!\S#)\w{2}"), "a hashtag"),
    (re.compile(r"[→»>✓✔★☎👉📌🎁*]"), "arrows and ticks"),
    (re.compile(r"[A-ZÀ-ÖØ-Þ](?<!\w[A-ZÀ-ÖØ-Þ])[A-ZÀ-ÖØ-Þ]{3,}\b"), "words in capitals"),
)


def marks(text: str, start: Column) -> Column:
    """How many of each mark (n, m) begin in each of n blocks, the first characters of which are `start`, rising."""
    counts = np.zeros((len(start), len(MARKS)))
    if len(start):
        for number, (mark, _) in enumerate(MARKS):
            at = [found.start() for found in mark.finditer(text)]
            if at:
                block = np.searchsorted(start, at, "right") - 1
                counts[:, number] = np.bincount(np.maximum(block, 0), minlength=len(start))
    return counts
