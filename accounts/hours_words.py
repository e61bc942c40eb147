"""Opening hours as the public reads them, and the closed days ahead. Both are read from the very hours that the clocks count with."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.dateformat import format as format_date
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.hours_text import write_windows
from accounts.working_time import ALWAYS, Hours

ONE_DAY = timedelta(days=1)
# Nobody is told of holidays that are further away.
LONGEST_LOOK = timedelta(days=60)


@dataclass(frozen=True)
class ClosedDays:
    """Dates one after the other on which nobody works at all, both ends included."""

    first: date
    last: date

    @property
    def words(self) -> str:
        return (
            _say_date(self.first)
            if self.first == self.last
            else _("%(first)s – %(last)s") % {"first": _say_date(self.first), "last": _say_date(self.last)}
        )


def say_week(hours: Hours) -> str:
    """The plain week in one line: ``every day 09:00–21:00``, ``Mon–Fri 09:00–12:00, 13:30–18:00``."""
    if hours.week == ALWAYS.week:
        return _("day and night")
    stretches = [(windows, [day for day, _windows in days]) for windows, days in groupby(enumerate(hours.week), key=lambda day: day[1])]
    parts = [f"{_say_days(days)} {write_windows(windows).replace('-', '–')}" for windows, days in stretches if windows]
    return pgettext("between days", ", ").join(parts)


def closed_days(hours: Hours, start: datetime, end: datetime) -> list[ClosedDays]:
    """The whole local days from that of ``start`` to that of ``end`` in which not one second counts."""
    first, last = local_day(hours, start), local_day(hours, min(end, start + LONGEST_LOOK))
    found: list[ClosedDays] = []
    for number in range((last - first).days + 1):
        day = first + number * ONE_DAY
        if is_closed_day(hours, day):
            is_next = found and found[-1].last == day - ONE_DAY
            found[-1:] = [ClosedDays(found[-1].first, day)] if is_next else [*found[-1:], ClosedDays(day, day)]
    return found


def is_closed_day(hours: Hours, day: date) -> bool:
    """Whether nothing of a local date counts, the small hours of a night shift included."""
    zone = ZoneInfo(hours.zone)
    return hours.between(datetime.combine(day, time(), zone), datetime.combine(day + ONE_DAY, time(), zone)) == 0


def local_day(hours: Hours, at: datetime) -> date:
    """The date of a moment where these hours are kept."""
    return at.astimezone(ZoneInfo(hours.zone)).date()


def _say_days(days: list[int]) -> str:
    if len(days) == 7:
        return _("every day")
    return str(WEEKDAYS_ABBR[days[0]]) if len(days) == 1 else f"{WEEKDAYS_ABBR[days[0]]}–{WEEKDAYS_ABBR[days[-1]]}"


def _say_date(day: date) -> str:
    # Translators: a date in Django's date format letters, without the year.
    return format_date(day, _("D j M"))
