"""Hours as people write them: "09:00-12:00, 13:30-18:00", past midnight "20:00-02:00", nothing for a closed day."""

import re
from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import CalendarDay
from accounts.working_time import LONGEST_DAY

# Typed on a Chinese keyboard as often as not, so both widths of a sign are taken.
WINDOW = re.compile("(\\d{1,2})[:\uff1a](\\d{2})\\s*[-\u2013\u2014~\uff5e\u81f3\u5230]\\s*(\\d{1,2})[:\uff1a](\\d{2})")
SEPARATORS = re.compile("[,\uff0c\u3001;\uff1b]")
CLOSED = frozenset({"", "-", "closed", "休", "休息", "关闭"})
MOST_WINDOWS = 12
HOURS = f"{WINDOW.pattern}(?:\\s*{SEPARATORS.pattern}\\s*{WINDOW.pattern})*"
SPECIAL_DAY = re.compile(rf"(?P<date>\S+)\s+(?P<hours>closed|休息|休|关闭|{HOURS})\s+(?P<reason>\S.*)", re.IGNORECASE)


class HoursTextError(ValueError):
    """Text that names no hours; its words say which part."""


def read_windows(text: str) -> list[list[int]]:
    """Windows in minutes of the day, in order. An end that is not after its start is in the next night; 24:00 ends the day.

    Raises ``HoursTextError`` with words for whoever wrote it.
    """
    if text.strip().lower() in CLOSED:
        return []
    windows = sorted(_read_window(part.strip()) for part in SEPARATORS.split(text))
    if len(windows) > MOST_WINDOWS:
        raise HoursTextError(_("At most %(most)d windows a day.") % {"most": MOST_WINDOWS})
    return windows


def write_windows(windows: Iterable[Iterable[int]]) -> str:
    """The text that ``read_windows`` makes the same windows of."""
    return ", ".join(f"{_clock(start)}-{_clock(end if end <= 1440 else end - 1440)}" for start, end in windows)


def read_special_day(line: str) -> CalendarDay:
    """An unsaved day of "2026-11-11 00:00-24:00 reason" or "2026-11-12 closed reason". Raises ``HoursTextError`` with words."""
    found = SPECIAL_DAY.fullmatch(line.strip())
    if found is None:
        raise HoursTextError(_("Write the date, the hours or “closed”, and the reason, for example: 2026-11-11 08:00-24:00 sale"))
    longest = CalendarDay._meta.get_field("reason").max_length
    if len(found["reason"]) > longest:
        raise HoursTextError(_("The reason has more than %(longest)d signs.") % {"longest": longest})
    return CalendarDay(date=_read_date(found["date"]), windows=read_windows(found["hours"]), reason=found["reason"])


def write_special_day(day: CalendarDay) -> str:
    """The line that ``read_special_day`` makes the same day of."""
    closed = pgettext("hours of a day", "closed")
    return f"{day.date} {write_windows(day.windows) or closed} {day.reason}"


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise HoursTextError(_("“%(text)s” is no date; write for example 2027-02-06.") % {"text": text}) from None


def _read_window(text: str) -> list[int]:
    found = WINDOW.fullmatch(text)
    if found is None:
        raise HoursTextError(_("“%(text)s” is no time window; write for example 09:00-18:00.") % {"text": text})
    start, end = _minutes(found[1], found[2]), _minutes(found[3], found[4])
    if start == 1440 or max(start, end) > 1440:
        raise HoursTextError(_("“%(text)s” names a time that no day has.") % {"text": text})
    return [start, end if end > start else end + 1440]


def _minutes(hours: str, minutes: str) -> int:
    return int(hours) * 60 + int(minutes) if int(minutes) < 60 else LONGEST_DAY


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
