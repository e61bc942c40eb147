"""When somebody is there to talk, and in which windows we call back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

from accounts.calendars import NoCalendarError, current_version, hours_of
from accounts.working_time import ALWAYS, Hours
from ui.timefmt import absolute, relative

AHEAD = timedelta(days=3)
NOTICE = timedelta(minutes=30)
LENGTH = timedelta(hours=2)
SHORTEST = timedelta(hours=1)
MOST_WINDOWS = 12
CLOSING_SOON = timedelta(minutes=10)
# Longer than any holidays, and how long a stretch counts where nobody ever closes.
LONGEST_HOLIDAYS, LONGEST_STRETCH = timedelta(days=15), timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A stretch of time in which we call."""

    starts_at: datetime
    ends_at: datetime

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{int(self.starts_at.timestamp())}-{int(self.ends_at.timestamp())}"

    @property
    def words(self) -> str:
        return f"{_day_words(self.starts_at)}–{localtime(self.ends_at):%H:%M}"


def chat_hours() -> Hours:
    """The calendar of conversations; without one somebody is always there."""
    code = settings.BIHUAN_CHAT_CALENDAR
    if not code:
        return ALWAYS
    try:
        return hours_of(current_version(code).pk)
    except NoCalendarError:
        return ALWAYS


def is_open(at: datetime) -> bool:
    return chat_hours().is_open(at)


def opens_at(at: datetime) -> datetime:
    """When somebody is there next; ``at`` itself while somebody is."""
    return chat_hours().next_open(at)


def closes_at(at: datetime) -> datetime | None:
    """The end of today's hours; None when they do not end within a day."""
    stretches = chat_hours().windows(at, at + timedelta(days=1))
    if not stretches or stretches[0][0] > at or stretches[0][1] >= at + timedelta(days=1):
        return None
    return stretches[0][1]


def closes_soon(at: datetime, wait: timedelta = CLOSING_SOON) -> bool:
    """Whether the day may be over before somebody is free."""
    end = closes_at(at)
    return end is not None and end - at < max(wait, CLOSING_SOON)


def call_windows(at: datetime) -> list[Window]:
    """The windows that can be booked now: two hours each within our hours, from half an hour on and for three days."""
    found: list[Window] = []
    for opening, closing in chat_hours().windows(at + NOTICE, at + AHEAD):
        start = _on_the_hour(opening)
        while closing - start >= SHORTEST and len(found) < MOST_WINDOWS:
            found.append(Window(start, min(start + LENGTH, closing)))
            start += LENGTH
    return found


def stretch_after(at: datetime) -> Window:
    """The first opened stretch from a moment on that still lasts an hour, whole; of endless hours the first day."""
    hours = chat_hours()
    opening = hours.next_open(at)
    stretches = hours.windows(opening, opening + LONGEST_HOLIDAYS)
    start, end = next((each for each in stretches if each[1] - each[0] >= SHORTEST), stretches[0])
    return Window(start, min(end, start + LONGEST_STRETCH))


def find_window(code: str, at: datetime) -> Window | None:
    """The window of this name, if it can still be booked."""
    return next((window for window in call_windows(at) if window.code == code), None)


def _day_words(moment: datetime) -> str:
    """The day and the clock, also of what has begun."""
    at = now()
    if localtime(moment).date() == localtime(at).date():
        return _("today %(clock)s") % {"clock": f"{localtime(moment):%H:%M}"}
    return relative(moment) if moment > at else absolute(moment)


def _on_the_hour(moment: datetime) -> datetime:
    start = moment.replace(minute=0, second=0, microsecond=0)
    return start if start == moment else start + timedelta(hours=1)
