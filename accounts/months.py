"""A calendar as a month on a page. Each day says what the clocks count with: it is read from the very hours that they use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.hours_text import write_windows
from accounts.models import CalendarDay, CalendarVersion, PublicDay
from accounts.working_time import Hours, Windows
from ui.localize import localized


@dataclass(frozen=True)
class Day:
    """One date of a calendar: the windows that start on it, and why it differs from the week where it does."""

    date: date
    windows: Windows
    name: str = ""
    is_known: bool = True
    is_special: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.windows)

    @property
    def hours(self) -> list[str]:
        return [write_windows([window]) for window in self.windows]


@dataclass(frozen=True)
class Month:
    """A month in weeks from Monday on; days of the months beside it are None."""

    first: date
    weeks: list[list[Day | None]]


def draw_months(version: CalendarVersion, first: date, *, special_days: Iterable[CalendarDay], count: int = 3) -> list[Month]:
    """So many months of a version, which need not be saved, from the one of ``first`` on."""
    hours, names = Hours.of(version), _names_of(version, special_days)
    firsts = [first.replace(day=1)]
    while len(firsts) < count:
        firsts.append(following(firsts[-1]))
    return [_draw_month(hours, each, names) for each in firsts]


def following(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def preceding(month: date) -> date:
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def _draw_month(hours: Hours, first: date, names: dict[date, str]) -> Month:
    length = (following(first) - first).days
    days = [_draw_day(hours, first + timedelta(days=number), names) for number in range(length)]
    cells = [None] * first.weekday() + days
    cells += [None] * (-len(cells) % 7)
    return Month(first, [cells[start : start + 7] for start in range(0, len(cells), 7)])


def _draw_day(hours: Hours, day: date, names: dict[date, str]) -> Day:
    is_known = hours.covered_until is None or day <= hours.covered_until
    return Day(day, hours.windows_on(day), names.get(day, ""), is_known, is_special=day in hours.days)


def _names_of(version: CalendarVersion, special_days: Iterable[CalendarDay]) -> dict[date, str]:
    """Only days that the version holds have a name: one that was announced later changes nothing before it is published."""
    public = PublicDay.objects.all() if version.follows_public_days else []
    names = {day.date: localized(day, "name") for day in public} | {day.date: day.reason for day in special_days}
    return {day: name for day, name in names.items() if day.isoformat() in version.days}
