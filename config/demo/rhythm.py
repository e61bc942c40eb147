"""When people complain: Monday mornings and evenings, hardly at night, more in the days after a sale, and a little less every week."""

from datetime import date, datetime, timedelta
from random import Random

from .seasons import SALES, SHOP_OFFSET, Seasons

# What a complaint is about lies so many days behind its purchase.
AFTER_SALE, MORE_AFTER_SALE = range(2, 9), 1.9
BIG_SALE = 5
WEEKDAYS = (1.3, 1.1, 1.0, 1.0, 1.0, 0.85, 0.8)
COMPLAINING = [2, 1, 0.5, 0.3, 0.3, 0.4, 1, 3, 7, 12, 13, 11, 7, 7, 9, 10, 9, 8, 8, 10, 15, 16, 13, 6]
MONDAY = [2, 1, 0.5, 0.3, 0.3, 0.4, 1, 5, 14, 24, 22, 15, 8, 8, 10, 10, 9, 8, 8, 10, 15, 16, 13, 6]
CANDIDATES = 12
DAY_BEGINS, DAY_ENDS = 8, 23


class Rhythm(Seasons):
    """Spreads complaints over the days before ``until``."""

    def weigh(self, day: date, share: float) -> float:
        return (1.25 - 0.4 * share) * _weight_of(day)

    def hours_of(self, day: date) -> list[float]:
        return MONDAY if day.weekday() == 0 else COMPLAINING


def likely_moment(earliest: datetime, latest: datetime, luck: Random) -> datetime:
    """A moment between the two, at an hour at which people complain."""
    moments = [earliest + (latest - earliest) * luck.random() for _ in range(CANDIDATES)]
    return luck.choices(moments, [_weight_at(at) for at in moments])[0]


def in_working_hours(at: datetime, luck: Random) -> datetime:
    """The same moment by day; after a night, the morning that follows."""
    local = at + SHOP_OFFSET
    if DAY_BEGINS <= local.hour < DAY_ENDS:
        return at
    morning = local.replace(hour=DAY_BEGINS, minute=luck.randrange(60)) + timedelta(days=local.hour >= DAY_ENDS)
    return morning - SHOP_OFFSET


def _weight_at(at: datetime) -> float:
    local = at + SHOP_OFFSET
    hours = MONDAY if local.weekday() == 0 else COMPLAINING
    return hours[local.hour]


def _weight_of(day: date) -> float:
    before = [day - timedelta(days=days) for days in AFTER_SALE]
    is_after = any(SALES.get((then.month, then.day), 0) >= BIG_SALE for then in before)
    return WEEKDAYS[day.weekday()] * (MORE_AFTER_SALE if is_after else 1.0)
