"""What cleaning makes of the seeds, pinned: `python -m tests.golden` records it after CLEANING_VERSION was bumped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from copydesk import Policy, RawDocument
from copydesk.cli import as_json
from copydesk.pipeline import CLEANING_VERSION, clean_document
from tests.gold import SEEDS

GOLDEN = Path(__file__).parent / "cases" / "golden.json"


def cleaned() -> dict[str, str]:
    """A digest of what comes out, for each seed."""
    found = {}
    for path in sorted((SEEDS / "raw").rglob("*")):
        if path.is_file():
            uri = path.relative_to(SEEDS / "raw").as_posix()
            row = as_json(clean_document(RawDocument(uri, path.read_bytes(), uri=uri), Policy()))
            found[uri] = hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:12]
    return found


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({"cleaning_version": CLEANING_VERSION, "outputs": cleaned()}, indent=1) + "\n")
