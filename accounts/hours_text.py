"""Hours as people write them: "09:00-12:00, 13:30-18:00", past midnight "20:00-02:00", nothing for a closed day."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.working_time import LONGEST_DAY

WINDOW = re.compile(r"(\d{1,2})[::](\d{2})\s*[-–—~至到]\s*(\d{1,2})[::](\d{2})")
SEPARATORS = re.compile(r"[,,、;;]")
CLOSED = frozenset({"", "-", "closed", "休", "休息", "关闭"})
MOST_WINDOWS = 12


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
