"""How long somebody in the queue will wait, honestly: a range that holds in four of five cases, or nothing. Knows no database.

The mean gap between freed places while somebody waited is all that is known of the service. The wait at place k is the sum of k such
gaps; its ratio to k times the mean of m observed ones follows Snedecor's F with 2k and 2m degrees of freedom where gaps are
exponential. ``tools/wait_quantiles.py`` computes the table of its 10 % and 90 % quantiles.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import ceil
from pathlib import Path

FEWEST_GAPS, MOST_GAPS = 15, 30
LONG_WAIT = timedelta(minutes=10)
FEWEST_WAITS = 5
TABLE = Path(__file__).with_name("wait_quantiles.json")


@dataclass(frozen=True)
class Range:
    """From when to when; both ends are whole minutes, at least one."""

    low: timedelta
    high: timedelta

    @property
    def minutes(self) -> tuple[int, int]:
        return max(1, int(self.low.total_seconds() // 60)), max(1, ceil(self.high.total_seconds() / 60))

    @property
    def is_long(self) -> bool:
        return self.high > LONG_WAIT


def wait_at(place: int, gaps: Sequence[float]) -> Range | None:
    """The 80 % interval of the wait at a place (1 is next), from the newest gaps in seconds first; None when too little is known."""
    known = list(gaps)[:MOST_GAPS]
    factors = _table().get(len(known), [])
    if place < 1 or place > len(factors):
        return None
    expected = place * sum(known) / len(known)
    low, high = factors[place - 1]
    return Range(timedelta(seconds=expected * low), timedelta(seconds=expected * high))


def usual_wait(waits: Sequence[float]) -> Range | None:
    """What people waited lately: from the middle one to the one that four of five did not exceed; None when there were too few."""
    if len(waits) < FEWEST_WAITS:
        return None
    ordered = sorted(waits)
    return Range(*(timedelta(seconds=ordered[ceil(share * len(ordered)) - 1]) for share in (0.5, 0.8)))


@cache
def _table() -> dict[int, list[list[float]]]:
    return {int(gaps): factors for gaps, factors in json.loads(TABLE.read_text(encoding="utf-8")).items()}
