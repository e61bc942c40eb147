"""When a report leaves: the hour of a day, a weekday or a day of the month, in the zone in which days are cut."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from analytics.models import SavedReport

Rhythm = SavedReport.Rhythm
# No rhythm leaves a longer gap than a month.
FURTHEST = 62


def next_due(report: SavedReport, after: datetime) -> datetime | None:
    """The first due time after a moment; nothing where it is not scheduled or paused."""
    if report.rhythm == Rhythm.NEVER or report.is_paused:
        return None
    first = timezone.localtime(after).date()
    moments = (_moment(first + timedelta(days), report.hour) for days in range(FURTHEST) if _is_day(report, first + timedelta(days)))
    return next(moment for moment in moments if moment > after)


def _is_day(report: SavedReport, day: date) -> bool:
    if report.rhythm == Rhythm.WEEKLY:
        return day.weekday() == report.weekday
    if report.rhythm == Rhythm.MONTHLY:
        # A month without a 31st is served on its last day.
        return day.day == min(report.month_day, monthrange(day.year, day.month)[1])
    return True


def _moment(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
