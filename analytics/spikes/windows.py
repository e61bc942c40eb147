"""Which windows a window of the last 24 hours is compared with: the same hours of other weeks; of a promotion, of other promotions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LENGTH = timedelta(hours=24)
WEEKS = 8
# A promotion is compared with those of the last year and a bit: the yearly ones have to be found again.
PROMOTIONS_WITHIN = timedelta(days=400)


@dataclass(frozen=True)
class Window:
    """Twenty-four hours that end before ``until``."""

    until: datetime

    @property
    def since(self) -> datetime:
        return self.until - LENGTH

    def day(self, zone: ZoneInfo) -> date:
        """The date on which most of it lies."""
        return (self.until - LENGTH / 2).astimezone(zone).date()

    def dates(self, zone: ZoneInfo) -> tuple[date, date]:
        """The first and the last date that it touches."""
        return self.since.astimezone(zone).date(), self.until.astimezone(zone).date()


def compared_with(window: Window, *, promotions: Collection[date], first_at: datetime | None, zone: ZoneInfo) -> list[Window]:
    """The usable windows to compare with, newest first. A house that is younger than a window cannot be compared with it.

    On a promotion day these are the same hours of the latest other promotion days, on any other day of the last eight weeks without
    those that were promotion days.
    """
    days = _promotion_days(window, promotions, zone) if window.day(zone) in promotions else _weekdays(window, promotions, zone)
    found = [_moved_to(window, day, zone) for day in days]
    return [each for each in found if first_at is not None and first_at <= each.since]


def _weekdays(window: Window, promotions: Collection[date], zone: ZoneInfo) -> list[date]:
    days = [window.day(zone) - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    return [day for day in days if day not in promotions]


def _promotion_days(window: Window, promotions: Collection[date], zone: ZoneInfo) -> list[date]:
    today = window.day(zone)
    earlier = sorted((day for day in promotions if timedelta(0) < today - day <= PROMOTIONS_WITHIN), reverse=True)
    return earlier[:WEEKS]


def _moved_to(window: Window, day: date, zone: ZoneInfo) -> Window:
    """The same hours of the clock, around another date."""
    local = window.until.astimezone(zone).replace(tzinfo=None) + (day - window.day(zone))
    return Window(local.replace(tzinfo=zone))
