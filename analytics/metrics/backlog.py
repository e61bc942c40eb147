"""The backlog at a moment: every complaint that is not resolved then, with its age. From cycles, so any past moment can be asked."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from analytics.models import Cycle

from .questions import Filters
from .results import Result, Spread, duration
from .standing import place_among, with_ages

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
    rows = with_ages(open_cycles(at, filters=filters, source=source, is_now=is_now).order_by(), at)
    rows = rows.annotate(bar=place_among([low * DAY_S for low, _high in BARS])).values("place", "bar")
    n_of, total_of, in_bar = Counter(), 0, Counter()
    for place, bar, n, total in rows.annotate(n=Count("root_id"), total=Sum("age")).values_list("place", "bar", "n", "total"):
        n_of[place] += n
        in_bar[bar] += n
        total_of += int(total)
    return Backlog(at, duration(Spread(total_of, tuple(sorted(n_of.items())))), tuple(in_bar[bar] for bar in range(len(BARS))))
