"""Days as numbers, and a range of days as the fewest nodes of a dyadic tree."""

from collections.abc import Collection
from datetime import date, timedelta

FIRST_DAY = date(2000, 1, 1)
TOP_LEVEL = 12

Node = tuple[int, int]


def index_of(day: date) -> int:
    """Days since 2000-01-01."""
    return (day - FIRST_DAY).days


def day_of(index: int) -> date:
    return FIRST_DAY + timedelta(days=index)


def parents_of(index: int) -> list[Node]:
    """The nodes above a day."""
    return [(level, index >> level) for level in range(1, TOP_LEVEL + 1)]


def cover(first: int, last: int, *, without: Collection[Node] = ()) -> list[Node]:
    """The fewest nodes that make up the days from ``first`` to ``last``, both included; ``without`` are nodes that cannot be used."""
    nodes: list[Node] = []
    while first <= last:
        level = _widest(first, last, without)
        nodes.append((level, first >> level))
        first += 1 << level
    return nodes


def _widest(first: int, last: int, without: Collection[Node]) -> int:
    level = 0
    while level < TOP_LEVEL and first % (2 << level) == 0 and first + (2 << level) - 1 <= last:
        level += 1
    while level and (level, first >> level) in without:
        level -= 1
    return level
