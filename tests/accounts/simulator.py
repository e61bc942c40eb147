"""Working time counted minute by minute: slow, plain, and written without a look at the code that it judges."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


def minute_is_open(at: datetime, *, zone: str, week: list, days: dict) -> bool:
    """Whether the clock on the wall shows a minute that a window of this day or of the day before names, for the first time."""
    wall = at.astimezone(ZoneInfo(zone))
    if wall.fold:
        return False
    minute = wall.hour * 60 + wall.minute
    today = wall.date()
    yesterday = today - timedelta(days=1)
    return any(start <= minute < end for start, end in windows_of(today, week, days)) or any(
        start <= minute + 1440 < end for start, end in windows_of(yesterday, week, days)
    )


def windows_of(day: date, week: list, days: dict) -> list:
    return days[day] if day in days else week[day.weekday()]


class Tape:
    """The minutes of some days, one after the other, each open or closed."""

    def __init__(self, first: date, length: int, **calendar):
        self.start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        self.minutes = [minute_is_open(self.start + number * MINUTE, **calendar) for number in range(length * 1440)]

    def at(self, number: int) -> datetime:
        return self.start + number * MINUTE

    def deadline(self, number: int, minutes: int) -> datetime | None:
        """When so many open minutes have passed since a minute of the tape; None if the tape ends before."""
        if minutes == 0:
            return self.at(number)
        for place in range(number, len(self.minutes)):
            minutes -= self.minutes[place]
            if minutes == 0:
                return self.at(place + 1)
        return None

    def open_minutes(self, number: int, until: int) -> int:
        return sum(self.minutes[number:until])

    def next_open(self, number: int) -> datetime | None:
        return next((self.at(place) for place in range(number, len(self.minutes)) if self.minutes[place]), None)

    def stretches(self, number: int, until: int) -> list[tuple[datetime, datetime]]:
        found = []
        for place in range(number, until):
            if self.minutes[place] and found and found[-1][1] == self.at(place):
                found[-1] = (found[-1][0], self.at(place + 1))
            elif self.minutes[place]:
                found.append((self.at(place), self.at(place + 1)))
        return found
