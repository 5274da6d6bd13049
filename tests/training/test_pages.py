from __future__ import annotations

from copydesk.training.pages import align

BRIDGE = "the council voted to mend the old bridge".split()
PIERS = "work on the piers begins in march".split()


def test_blocks_of_the_article_are_found_and_furniture_is_not() -> None:
    menu, crumb = "sign in to read all our stories".split(), ["bridge"]
    assert align([menu, crumb, BRIDGE, ["council"], PIERS], [BRIDGE, ["council"], PIERS]).tolist() == [0, 0, 1, 1, 1]


def test_a_copy_counts_once_where_most_of_the_article_stands() -> None:
    assert align([BRIDGE, ["menu"] * 30, BRIDGE, PIERS], [BRIDGE, PIERS]).tolist() == [0, 0, 1, 1]
