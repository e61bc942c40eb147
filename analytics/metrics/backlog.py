"""The backlog at a moment: every complaint that is not resolved then, with its age. From cycles, so any past moment can be asked."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from analytics.ledger.entries import seconds
from analytics.models import Cycle

from .buckets import bucket
from .questions import Filters
from .results import Result, Spread, duration

DAY_S = 86_400
# Days up to which an age counts for a bar, and no end for the last.
BARS = ((0, 1), (1, 3), (3, 7), (7, 15), (15, None))


@dataclass(frozen=True)
class Backlog:
    """How many wait at a moment, how long they have, and how many lie in each bar."""

    at: datetime
    ages: Result
    bars: tuple[int, ...]

    @property
    def number(self) -> int:
        return self.ages.n


def open_cycles(at: datetime, *, filters: Filters | None = None, source: int = 0, is_now: bool = False) -> QuerySet[Cycle]:
    """The cycles that were open at a moment. Now is asked of what is open, which is a small index."""
    rows = Cycle.objects.filter((filters or Filters()).condition, source=source, excluded="")
    if is_now:
        return rows.filter(open=1, opened_at__lte=at)
    return rows.filter(Q(open=1) | Q(ended=1, ended_at__gt=at), opened_at__lte=at)


def backlog_at(at: datetime, *, filters: Filters | None = None, source: int = 0, is_now: bool = False) -> Backlog:
    """Count, median and 90th percentile of ages since the first contact, and the bars."""
    began = open_cycles(at, filters=filters, source=source, is_now=is_now).values_list("began_at", flat=True)
    ages = [seconds(since, at) for since in began.iterator(chunk_size=5000)]
    counts = Counter(map(bucket, ages))
    spread = Spread(sum(ages), tuple(sorted(counts.items())))
    return Backlog(at, duration(spread), tuple(sum(low * DAY_S <= age < _end(high) for age in ages) for low, high in BARS))


def count_open(at: datetime, *split: str, filters: Filters | None = None, source: int = 0, is_now: bool = True) -> dict[Any, int]:
    """How many are open by a dimension."""
    rows = open_cycles(at, filters=filters, source=source, is_now=is_now).values_list(*split).order_by()
    return {row[:-1]: row[-1] for row in rows.annotate(n=Count("root_id"))}


def _end(days: int | None) -> float:
    return float("inf") if days is None else days * DAY_S
