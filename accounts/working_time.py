"""Working time: when it is open, how much of it lies between two moments, and when so much of it has passed. Knows no database."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from itertools import accumulate
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
HALF_DAY = 720 * MINUTE
DAY = 1440 * MINUTE
LONGEST_DAY = 2880  # minutes: a window belongs to the day it starts on and ends at the latest with the next one
YEARS_KEPT = 16

Window = tuple[int, int]
Windows = tuple[Window, ...]
Stretch = tuple[int, int]


@dataclass(frozen=True)
class Hours:
    """A calendar to count with.

    ``week`` has the windows of seven days, Monday first, in minutes of the local day: ``[start, end)``; an end beyond 1440 is in the
    next night. ``days`` holds the dates that differ. A window that starts or ends in the hour that a clock change leaves out does so
    when that hour would have begun; of an hour that a clock change repeats only the first one counts. Overlapping windows count once.
    ``covered_until`` is the last local date that public days are known for, None where they do not matter.
    """

    zone: str
    week: tuple[Windows, ...]
    days: Mapping[date, Windows] = field(default_factory=dict, hash=False)
    covered_until: date | None = None

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("A calendar has seven days and is open on at least one of them.")
        # Years are expanded when they are first counted in; moments are whole microseconds, so no rounding ever happens on the way.
        object.__setattr__(self, "_year", lru_cache(YEARS_KEPT)(partial(_expand, self)))

    @classmethod
    def of(cls, version) -> "Hours":
        """The hours of a ``CalendarVersion``."""
        days = {date.fromisoformat(day): _pairs(windows) for day, windows in version.days.items()}
        return cls(version.zone, tuple(_pairs(windows) for windows in version.week), days, version.covered_until)

    def windows_on(self, day: date) -> Windows:
        """The windows that start on a local date, as they were written."""
        return self.days.get(day, self.week[day.weekday()])

    def add(self, start: datetime, seconds: int) -> datetime:
        """The earliest instant (UTC) at which so many open seconds have passed since ``start``; ``start`` itself for none."""
        if seconds <= 0:
            return start
        at = _micros(start)
        number = _year_of(at)
        year = self._year(number)
        left = year.open_before(at) + seconds * SECOND
        while left > year.total:
            left -= year.total
            number += 1
            year = self._year(number)
        return _instant(year.when_passed(left))

    def between(self, start: datetime, end: datetime) -> int:
        """The whole open seconds in ``[start, end)``."""
        since, until = _micros(start), _micros(end)
        if until <= since:
            return 0
        first, last = _year_of(since), _year_of(until)
        passed = sum(self._year(number).total for number in range(first, last))
        return (passed + self._year(last).open_before(until) - self._year(first).open_before(since)) // SECOND

    def is_open(self, at: datetime) -> bool:
        moment = _micros(at)
        return self._year(_year_of(moment)).is_open(moment)

    def next_open(self, at: datetime) -> datetime:
        """``at`` if it is open then, else the next instant (UTC) at which it opens."""
        moment = _micros(at)
        number = _year_of(moment)
        if self._year(number).is_open(moment):
            return at
        while (opening := self._year(number).next_start(moment)) is None:
            number += 1
        return _instant(opening)

    def windows(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The open stretches (UTC) within ``[start, end)``, in order."""
        since, until = _micros(start), _micros(end)
        if until <= since:
            return []
        years = map(self._year, range(_year_of(since), _year_of(until) + 1))
        stretches = join_stretches(stretch for year in years for stretch in year.stretches(since, until))
        return [(_instant(opening), _instant(closing)) for opening, closing in stretches]

    def covers(self, at: datetime) -> bool:
        """Whether the public days of that moment's date are known."""
        return self.covered_until is None or at.astimezone(ZoneInfo(self.zone)).date() <= self.covered_until


@dataclass(frozen=True)
class _Year:
    """The open stretches of a year of UTC, with the open time before each of them."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def open_before(self, at: int) -> int:
        place = bisect_right(self.starts, at) - 1
        return self.before[place] + min(at, self.ends[place]) - self.starts[place] if place >= 0 else 0

    def when_passed(self, wanted: int) -> int:
        place = bisect_left(self.before, wanted) - 1
        return self.starts[place] + wanted - self.before[place]

    def is_open(self, at: int) -> bool:
        place = bisect_right(self.starts, at) - 1
        return place >= 0 and at < self.ends[place]

    def next_start(self, at: int) -> int | None:
        place = bisect_left(self.starts, at)
        return self.starts[place] if place < len(self.starts) else None

    def stretches(self, since: int, until: int) -> Iterator[Stretch]:
        for place in range(bisect_right(self.ends, since), bisect_left(self.starts, until)):
            yield max(self.starts[place], since), min(self.ends[place], until)


def _expand(hours: Hours, number: int) -> _Year:
    since, until = _start_of(number), _start_of(number + 1)
    first, last = since // DAY - 3, until // DAY + 3
    local = join_stretches(sorted(_local_stretches(hours, range(first, last))))
    clipped = ((max(since, start), min(until, end)) for start, end in _instants(local, _segments(hours.zone, first * DAY, last * DAY)))
    stretches = join_stretches((start, end) for start, end in clipped if start < end)
    sums = [0, *accumulate(end - start for start, end in stretches)]
    return _Year([start for start, _end in stretches], [end for _start, end in stretches], sums[:-1], sums[-1])


def _local_stretches(hours: Hours, days: range) -> Iterator[Stretch]:
    """Windows as microseconds of a clock on the wall that was never changed."""
    for number in days:
        for start, end in hours.windows_on(date.fromordinal(EPOCH_DAY + number)):
            yield number * DAY + start * MINUTE, number * DAY + end * MINUTE


def _instants(local: Iterable[Stretch], segments: tuple[tuple[int, int, int], ...]) -> Iterator[Stretch]:
    for start, end in local:
        for opening, closing, offset in segments:
            if start < closing and opening < end:
                yield max(start, opening) - offset, min(end, closing) - offset


@lru_cache(maxsize=128)
def _segments(zone: str, since: int, until: int) -> tuple[tuple[int, int, int], ...]:
    """The local times that pass between two moments, each once, with the offset that they pass at: ``(from, to, offset)``."""
    moves = [since, *_clock_changes(ZoneInfo(zone), since, until), until]
    segments, reached = [], -(10**18)
    for start, end in zip(moves, moves[1:], strict=False):
        offset = _offset(ZoneInfo(zone), start)
        opening, closing = max(start + offset, reached), end + offset
        if opening < closing:
            segments.append((opening, closing, offset))
        reached = max(reached, closing)
    return tuple(segments)


def _clock_changes(zone: ZoneInfo, since: int, until: int) -> Iterator[int]:
    """The moments, to the second, at which the zone's offset changes; never two within half a day."""
    for start in range(since, until, HALF_DAY):
        end = min(start + HALF_DAY, until)
        if (after := _offset(zone, end)) != _offset(zone, start):
            seconds = range(start // SECOND, end // SECOND + 1)
            yield SECOND * seconds[bisect_left(seconds, True, key=lambda second: _offset(zone, second * SECOND) == after)]


def _offset(zone: ZoneInfo, at: int) -> int:
    return _instant(at).astimezone(zone).utcoffset() // MICROSECOND


def join_stretches(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Ordered stretches with those that touch or overlap made one."""
    joined: list[Stretch] = []
    for start, end in stretches:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _pairs(windows: Iterable[Iterable[int]]) -> Windows:
    return tuple((start, end) for start, end in windows)


def _micros(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def _instant(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _year_of(micros: int) -> int:
    return _instant(micros).year


@lru_cache(maxsize=256)
def _start_of(year: int) -> int:
    return _micros(datetime(year, 1, 1, tzinfo=UTC))


ALWAYS = Hours("UTC", (((0, 1440),),) * 7)
