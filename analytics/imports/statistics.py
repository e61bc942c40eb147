"""What a log says of itself: exact, from its events alone, and computed another way than the facts that are folded from it.

The duration of a case is the time from its first to its last event. Its median and 90th percentile are given twice: interpolated
(linear between the two nearest values, as spreadsheets and pandas do) and by nearest rank (a value that occurs).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from .mapping import Kind

RESOLVED = frozenset({Kind.RESOLVED, Kind.DECLINED, Kind.CLOSED})
GONE = frozenset({Kind.NO_RESPONSE, Kind.WITHDRAWN})
# What takes a complaint up again where the log has no word for that.
WORK = frozenset({Kind.ASSIGNED, Kind.TEAM_CHANGED, Kind.WORKED, *(kind for kind in Kind if kind.startswith("waiting_"))})
MICROSECOND = timedelta(microseconds=1)


class Happening(NamedTuple):
    """One event as statistics see it. Sorting puts the events of a case in the order of time, then of the file."""

    at: datetime
    position: int
    kind: str
    activity: str
    actor: int = 0
    team: int = 0
    lifecycle: str = ""


@dataclass
class LogStatistics:
    """Counts of a log, added up case by case. Eight bytes for each case are kept, and eight for each way that cases take."""

    reopens_when_worked: bool = True
    cases: int = 0
    events: int = 0
    reopens: int = 0
    reopened_cases: int = 0
    resolutions: int = 0
    resource_changes: int = 0
    group_changes: int = 0
    duplicates: int = 0
    out_of_order: int = 0
    first: datetime | None = None
    last: datetime | None = None
    durations: list[int] = field(default_factory=list)
    variants: set[int] = field(default_factory=set)

    def add(self, case: Sequence[Happening]) -> None:
        """Count one whole case, sorted."""
        self.cases += 1
        self.events += len(case)
        self.durations.append((case[-1].at - case[0].at) // MICROSECOND)
        self.variants.add(_digest(each.activity for each in case))
        self.first = min(filter(None, [self.first, case[0].at]))
        self.last = max(filter(None, [self.last, case[-1].at]))
        self.resource_changes += changes(each.actor for each in case)
        self.group_changes += changes(each.team for each in case)
        self.out_of_order += sum(one.position > next_one.position for one, next_one in pairwise(case))
        self.duplicates += sum(count - 1 for count in Counter(same(each) for each in case).values())
        resolutions, reopens = count_cycles([each.kind for each in case], reopens_when_worked=self.reopens_when_worked)
        self.resolutions += resolutions
        self.reopens += reopens
        self.reopened_cases += reopens > 0

    def result(self) -> dict[str, Any]:
        """Every figure by its name; durations in seconds, None without a case."""
        values = sorted(self.durations)
        return {
            "cases": self.cases,
            "events": self.events,
            "variants": len(self.variants),
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "mean_s": _seconds(Fraction(sum(values), len(values))) if values else None,
            "median_s": _seconds(interpolated(values, Fraction(1, 2))) if values else None,
            "median_rank_s": _seconds(nearest_rank(values, Fraction(1, 2))) if values else None,
            "p90_s": _seconds(interpolated(values, Fraction(9, 10))) if values else None,
            "p90_rank_s": _seconds(nearest_rank(values, Fraction(9, 10))) if values else None,
            "resolutions": self.resolutions,
            "reopens": self.reopens,
            "reopened_cases": self.reopened_cases,
            "resource_changes": self.resource_changes,
            "group_changes": self.group_changes,
            "duplicates": self.duplicates,
            "out_of_order": self.out_of_order,
        }


def same(each: Happening) -> tuple:
    """What two events of a case share that are one and the same."""
    return (each.at, each.activity, each.actor, each.team, each.lifecycle)


def changes(numbers: Iterable[int]) -> int:
    """How often another one follows; events that name none (0) are passed over."""
    return sum(one != next_one for one, next_one in pairwise(filter(None, numbers)))


def count_cycles(kinds: Iterable[str], *, reopens_when_worked: bool) -> tuple[int, int]:
    """How often a case was resolved, and how often it was taken up again after that."""
    resolutions = reopens = 0
    ended = ""
    for kind in kinds:
        if ended and (kind == Kind.REOPENED or (reopens_when_worked and kind in WORK)):
            reopens += ended == "resolved"
            ended = ""
        elif not ended and kind in RESOLVED:
            resolutions += 1
            ended = "resolved"
        elif not ended and kind in GONE:
            ended = "gone"
    return resolutions, reopens


def nearest_rank(values: Sequence[int], share: Fraction) -> Fraction:
    """The smallest of the sorted values that at least this share of them do not exceed."""
    return Fraction(values[max(0, -(-share.numerator * len(values) // share.denominator) - 1)])


def interpolated(values: Sequence[int], share: Fraction) -> Fraction:
    """The value at this share of the way from the first to the last of the sorted values, linear between two."""
    place = share * (len(values) - 1)
    below = place.numerator // place.denominator
    above = min(below + 1, len(values) - 1)
    return values[below] + (place - below) * (values[above] - values[below])


def _seconds(microseconds: Fraction) -> float:
    return float(microseconds / 1_000_000)


def _digest(activities: Iterable[str]) -> int:
    """A short name of the way that a case took. Of a million ways two share one with a chance of one in thirty million."""
    found = hashlib.blake2b(digest_size=8)
    for activity in activities:
        found.update(activity.encode() + b"\x00")
    return int.from_bytes(found.digest())
