"""`python -m tests.bench.reasons`: how often the reason of a removed block is one that a person gave it.

300 blocks that were removed from development articles, drawn at random (two an article), in `reasons.json`: id and offsets of each,
and the reasons that are right for it, the best first, decided by hand before any model's reason was looked at; "article" where
it should have stayed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from copydesk import Policy, reading
from copydesk.labelling import label
from copydesk.model import Label
from tests.development import pages, raw_of

LABELLED = Path(__file__).with_name("reasons.json")


def judged() -> list[tuple[dict[str, Any], str]]:
    """Each labelled block with the reason that it has now, "article" where it is kept."""
    wanted = {(row["id"], row["start"], row["end"]): row for row in json.loads(LABELLED.read_text())}
    ids = {id_ for id_, *_ in wanted}
    found = []
    for row in pages():
        if row["id"] in ids:
            for decision in label(reading.read(raw_of(row), Policy()), Policy()):
                labelled = wanted.get((row["id"], decision.block.start, decision.block.end))
                if labelled:
                    found.append((labelled, "article" if decision.label is Label.CONTENT else decision.reason.value))
    return found


def main() -> None:
    found = judged()
    removed = [(row["reasons"], reason) for row, reason in found if row["reasons"] != ["article"] and reason != "article"]
    total, right = Counter(reasons[0] for reasons, _ in removed), Counter(reasons[0] for reasons, reason in removed if reason in reasons)
    for name, count in total.most_common():
        sys.stdout.write(f"{name:20} {right[name]:4} of {count:3}\n")
    should_stay = sum(row["reasons"] == ["article"] for row, _ in found)
    share = right.total() / total.total()
    sys.stdout.write(f"right: {right.total()} of {total.total()} ({share:.0%}); {should_stay} of {len(found)} found should have stayed\n")


if __name__ == "__main__":
    main()
