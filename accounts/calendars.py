"""The calendars in force, kept in memory: every clock counts with one, and they change a few times a year."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from accounts.models import Calendar, CalendarDay, CalendarVersion, PublicDay
from accounts.working_time import ALWAYS, Hours, join_stretches
from ui.localize import localized

FRESH_SECONDS = 30.0
MOST_HOURS = 256
WARN_WITHIN = timedelta(days=60)
# What a calendar covers that follows public days while none are known at all.
NOTHING_KNOWN = date(2000, 1, 1)


class NoCalendarError(Exception):
    """There is no calendar of this code: ``manage.py setup_calendars`` has not run, or somebody mistyped it."""


@dataclass(frozen=True)
class CoverageWarning:
    """A calendar that follows public days nobody knows soon, or any more. ``days_left`` is below zero once they have ended."""

    calendar: Calendar
    covered_until: date
    days_left: int

    @property
    def words(self) -> str:
        told = {"calendar": localized(self.calendar, "name"), "day": self.covered_until, "days": self.days_left}
        if self.days_left < 0:
            return _("%(calendar)s: public days are unknown since %(day)s. The plain week counts.") % told
        return _("%(calendar)s: public days are known until %(day)s only, %(days)d more days. After that the plain week counts.") % told


def current_version(code: str) -> CalendarVersion:
    """The version that a calendar has now; costs a query only when the last reading is older than ``FRESH_SECONDS``."""
    global _current
    versions, read_at = _current
    if code not in versions or time.monotonic() - read_at > FRESH_SECONDS:
        versions = {version.calendar.code: version for version in newest_versions()}
        _current = versions, time.monotonic()
    if code not in versions:
        raise NoCalendarError(f"there is no calendar {code!r}; run manage.py setup_calendars")
    return versions[code]


def hours_of(version_id: int | None) -> Hours:
    """What to count with; None stands for every day and night. A version never changes, so it is read once in the life of a process."""
    if version_id is None:
        return ALWAYS
    hours = _hours.get(version_id)
    if hours is None:
        if len(_hours) >= MOST_HOURS:
            _hours.clear()
        hours = _hours[version_id] = Hours.of(CalendarVersion.objects.get(pk=version_id))
    return hours


def forget_calendars() -> None:
    """Make the next reader ask the database which versions are current."""
    global _current
    _current = {}, 0.0


def newest_versions() -> QuerySet[CalendarVersion]:
    """The newest version of every calendar."""
    return CalendarVersion.objects.order_by("calendar_id", "-version").distinct("calendar_id").select_related("calendar")


def newest_version(calendar: Calendar) -> CalendarVersion | None:
    return calendar.versions.order_by("-version").first() if calendar.pk else None


def with_newest(rows: QuerySet[Calendar]) -> QuerySet[Calendar]:
    """Calendars with what a list shows of their newest version."""
    newest = CalendarVersion.objects.filter(calendar=OuterRef("pk")).order_by("-version")
    shown = {"number": "version", "zone": "zone", "follows": "follows_public_days", "covered_until": "covered_until"}
    return rows.annotate(**{f"newest_{name}": Subquery(newest.values(field)[:1]) for name, field in shown.items()})


def newest_with_days(calendar: Calendar) -> tuple[CalendarVersion, list[CalendarDay]] | None:
    newest = newest_version(calendar)
    return (newest, list(calendar.days.all())) if newest else None


def draft_version(
    calendar: Calendar, *, week: Sequence, zone: str, follows_public_days: bool, special_days: Iterable[CalendarDay]
) -> CalendarVersion:
    """An unsaved version with the public days that are known now folded in. Special days go before public days before the week."""
    public = list(PublicDay.objects.all()) if follows_public_days else []
    return CalendarVersion(
        calendar=calendar,
        zone=zone,
        week=[[list(window) for window in windows] for windows in week],
        days=fold_days(week, public_days=public, special_days=special_days),
        follows_public_days=follows_public_days,
        covered_until=coverage_of(day.year for day in public) if follows_public_days else None,
    )


def fold_days(week: Sequence, *, public_days: Iterable[PublicDay], special_days: Iterable[CalendarDay]) -> dict[str, list[list[int]]]:
    """The dates that differ from the week, as a version holds them."""
    days = {day.date.isoformat(): _public_windows(day, week) for day in public_days}
    days |= {day.date.isoformat(): [list(window) for window in day.windows] for day in special_days}
    return dict(sorted(days.items()))


def coverage_of(years: Iterable[int]) -> date:
    """The last day of the years whose notices are known without a gap."""
    known = set(years)
    if not known:
        return NOTHING_KNOWN
    return date(next(year for year in count(min(known)) if year + 1 not in known), 12, 31)


def coverage_warnings(today: date) -> list[CoverageWarning]:
    """Every calendar whose public days end within ``WARN_WITHIN`` of ``today``, or have ended."""
    return [
        CoverageWarning(version.calendar, version.covered_until, (version.covered_until - today).days)
        for version in newest_versions()
        if version.covered_until is not None and version.covered_until - today <= WARN_WITHIN
    ]


def _public_windows(day: PublicDay, week: Sequence) -> list[list[int]]:
    """A make-up day is worked like a Monday, and never shorter than its own weekday would be: it must not make anybody wait longer."""
    if day.kind == PublicDay.Kind.HOLIDAY:
        return []
    return [list(window) for window in join_stretches(sorted([*map(tuple, week[0]), *map(tuple, week[day.date.weekday()])]))]


_current: tuple[Mapping[str, CalendarVersion], float] = {}, 0.0
_hours: dict[int, Hours] = {}
