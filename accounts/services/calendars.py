"""Publishing when the house works. A version holds all it needs and never changes; whatever it was made with is edited beside it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import available_timezones

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.calendars import draft_version, forget_calendars, newest_version, newest_versions
from accounts.hours_text import read_windows
from accounts.models import Calendar, CalendarDay, CalendarVersion, PublicDay, User
from accounts.public_days import PublicPeriod, read_periods
from accounts.signals import calendar_published
from accounts.working_time import LONGEST_DAY
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import announce, require

FOLDER = Path(__file__).resolve().parent.parent / "defaults"
SHIPPED_ZONE = "Asia/Shanghai"
CONTENT = ("zone", "week", "days", "follows_public_days", "covered_until")
NOTHING_NEW = Reason("nothing_new", _("This is the newest version already; nothing was changed."))
Week = Sequence[Sequence[Sequence[int]]]


@dataclass(frozen=True)
class Imported:
    """What an import of public days changed, and the versions that were published for it."""

    first: PublicDay
    added: int
    removed: int
    versions: list[CalendarVersion]


@transaction.atomic
def publish_calendar(
    calendar: Calendar,
    *,
    week: Week,
    zone: str,
    follows_public_days: bool,
    by: User | None,
    expected_version: int | None,
    special_days: Iterable[CalendarDay] | None = None,
    reason: str = "",
) -> CalendarVersion:
    """Add a version of a calendar; an unsaved calendar is saved with its first one. ``special_days`` replaces its own, None keeps them.

    ``expected_version`` is the newest one that was seen, None for none. Promises that run keep the version they were made with.
    Raises ``NotAllowedError`` or ``RefusedError`` with the reasons.
    """
    if calendar.pk is None:
        require(_against_hours(week, zone, by=by))
        calendar.save()
    _lock([calendar.pk])
    newest = newest_version(calendar)
    require(reasons_against(week=week, zone=zone, newest=newest, by=by, expected_version=expected_version))
    if special_days is not None:
        _replace_special_days(calendar, special_days)
    draft = draft_version(calendar, week=week, zone=zone, follows_public_days=follows_public_days, special_days=calendar.days.all())
    require([NOTHING_NEW] if says_the_same(newest, draft) else [])
    return _publish(draft, after=newest, by=by, reason=reason)


@transaction.atomic
def set_special_day(
    calendar: Calendar, on: date, *, windows: Sequence[Sequence[int]], reason: str, by: User | None
) -> CalendarVersion | None:
    """Give one date of a calendar hours of its own (none: closed) and publish; returns the new version, None if nothing differs."""
    require([*_against_right(by), *_against_windows([windows])])
    _lock([calendar.pk])
    CalendarDay.objects.update_or_create(
        calendar=calendar, date=on, defaults={"windows": [list(window) for window in windows], "reason": reason}
    )
    return next(iter(_republish([calendar], by=by, reason=reason)), None)


@transaction.atomic
def remove_special_day(calendar: Calendar, on: date, *, by: User | None) -> CalendarVersion | None:
    """Let the week and the public days decide about a date again and publish; returns the new version, None if nothing differs."""
    require(_against_right(by))
    _lock([calendar.pk])
    calendar.days.filter(date=on).delete()
    return next(iter(_republish([calendar], by=by, reason="")), None)


@transaction.atomic
def import_public_days(periods: Sequence[PublicPeriod], *, by: User | None, reason: str = "") -> Imported:
    """Replace the public days of every year that the periods are about, and publish the calendars that follow them and differ now."""
    require([*_against_right(by), *_against_nothing(periods)])
    following = _lock(_following_ids())
    added, removed = difference(periods)
    _replaced_by(periods).delete()
    rows = PublicDay.objects.bulk_create([row for period in periods for row in period.rows()])
    versions = _republish(following, by=by, reason=reason)
    return Imported(rows[0], added=len(added), removed=len(removed), versions=versions)


@transaction.atomic
def load_calendars() -> dict[str, int]:
    """Add the shipped public days of years without any, and the shipped calendars that are missing; returns how many were added."""
    known = set(PublicDay.objects.values_list("year", flat=True))
    periods = [period for period in shipped_periods() if period.year not in known]
    imported = import_public_days(periods, by=None).added if periods else 0
    codes = set(Calendar.objects.values_list("code", flat=True))
    missing = [row for row in json.loads((FOLDER / "calendars.json").read_text(encoding="utf-8")) if row["code"] not in codes]
    for row in missing:
        names = {name: row[name] for name in ("code", "name_zh", "name_en")}
        week = [read_windows(text) for text in row["week"]]
        follows = {"follows_public_days": row["follows_public_days"]}
        publish_calendar(Calendar(**names), week=week, zone=SHIPPED_ZONE, by=None, expected_version=None, **follows)
    return {"public days": imported, "calendars": len(missing)}


@transaction.atomic
def rename_calendar(calendar: Calendar, *, name_zh: str, name_en: str, by: User | None) -> Calendar:
    """Change how a calendar is called; what it says stays."""
    require(_against_right(by))
    calendar.name_zh, calendar.name_en = name_zh, name_en
    calendar.save(update_fields=["name_zh", "name_en"])
    transaction.on_commit(forget_calendars, robust=True)
    return calendar


def reasons_against(
    *, week: Week, zone: str, newest: CalendarVersion | None, by: User | None, expected_version: int | None
) -> list[Reason]:
    """Everything that keeps this person from publishing this after the newest version. Empty: they may."""
    return [*_against_hours(week, zone, by=by), *_against_meeting(newest, expected_version)]


def says_the_same(one: CalendarVersion | None, other: CalendarVersion) -> bool:
    return one is not None and all(getattr(one, name) == getattr(other, name) for name in CONTENT)


def difference(periods: Sequence[PublicPeriod]) -> tuple[list[PublicDay], list[PublicDay]]:
    """The public days that an import of these periods would add, and those that it would take away."""
    rows = [row for period in periods for row in period.rows()]
    known, wanted = ({_likeness(row): row for row in each} for each in (_replaced_by(periods), rows))
    return [wanted[key] for key in wanted if key not in known], [known[key] for key in known if key not in wanted]


def newest_year() -> list[PublicDay]:
    """The public days of the newest notice."""
    newest = PublicDay.objects.order_by("-year").values("year")[:1]
    return list(PublicDay.objects.filter(year=newest))


def shipped_periods() -> list[PublicPeriod]:
    return read_periods((FOLDER / "public_days.json").read_text(encoding="utf-8"))


def _publish(draft: CalendarVersion, *, after: CalendarVersion | None, by: User | None, reason: str) -> CalendarVersion:
    draft.version = after.version + 1 if after else 1
    draft.published_by, draft.reason = by, reason
    draft.save(force_insert=True)
    transaction.on_commit(forget_calendars, robust=True)
    announce(calendar_published, version=draft, by=by)
    return draft


def _republish(calendars: Iterable[Calendar], *, by: User | None, reason: str) -> list[CalendarVersion]:
    """A new version of each of these locked calendars whose days came out otherwise than in its newest one."""
    published = []
    for calendar in calendars:
        newest = newest_version(calendar)
        kept = {name: getattr(newest, name) for name in ("week", "zone", "follows_public_days")}
        draft = draft_version(calendar, **kept, special_days=calendar.days.all())
        if not says_the_same(newest, draft):
            published.append(_publish(draft, after=newest, by=by, reason=reason))
    return published


def _lock(ids: Iterable[int]) -> list[Calendar]:
    return list(Calendar.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))


def _following_ids() -> list[int]:
    return [version.calendar_id for version in newest_versions() if version.follows_public_days]


def _replace_special_days(calendar: Calendar, special_days: Iterable[CalendarDay]) -> None:
    calendar.days.all().delete()
    CalendarDay.objects.bulk_create(
        [CalendarDay(calendar=calendar, date=day.date, windows=day.windows, reason=day.reason) for day in special_days]
    )


def _replaced_by(periods: Sequence[PublicPeriod]) -> QuerySet[PublicDay]:
    """The days of the years that the periods are about, and days of other years' notices on the same dates."""
    dates = [day for period in periods for day in period.days()]
    return PublicDay.objects.filter(Q(year__in={period.year for period in periods}) | Q(date__in=dates))


def _likeness(day: PublicDay) -> tuple:
    return day.date, day.kind, day.name_zh, day.name_en, day.notice, day.year


def _against_hours(week: Week, zone: str, *, by: User | None) -> list[Reason]:
    found = [*_against_right(by), *_against_windows(week)]
    if len(week) != 7 or not any(week):
        found.append(Reason("never_open", _("A calendar is open on at least one day of the week.")))
    if zone not in available_timezones():
        found.append(Reason("unknown_zone", _("There is no time zone “%(zone)s”.") % {"zone": zone}))
    return found


def _against_right(by: User | None) -> list[Reason]:
    if by is None or by.has_perm("accounts.add_calendarversion"):
        return []
    return [Forbidden("may_not_publish", _("Only a manager or an administrator publishes calendars."))]


def _against_nothing(periods: Sequence[PublicPeriod]) -> list[Reason]:
    return [] if periods else [Reason("nothing_new", _("There is no line in it."))]


def _against_windows(week: Week) -> list[Reason]:
    wrong = [window for windows in week for window in windows if not 0 <= window[0] < window[1] <= LONGEST_DAY or window[0] >= 1440]
    return [Reason("window", _("A window starts within its day and ends after that, at the latest with the next day."))] if wrong else []


def _against_meeting(newest: CalendarVersion | None, expected_version: int | None) -> list[Reason]:
    if (newest and newest.version) == expected_version:
        return []
    return [Reason("newer_version", _("Somebody published another version meanwhile. Look at it, then change that one."))]
