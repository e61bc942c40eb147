"""When people buy: more at the weekend and in the evening, far more in the two sales of the year, and a little more every month."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random

SHOP_OFFSET = timedelta(hours=8)
HOURS = [2, 1, 1, 1, 1, 2, 3, 5, 8, 11, 13, 13, 12, 11, 11, 11, 10, 10, 11, 14, 18, 19, 15, 8]
SALES = {(6, 16): 2.5, (6, 17): 3, (6, 18): 5, (11, 1): 3, (11, 10): 3, (11, 11): 7, (11, 12): 2, (12, 12): 2.5}
PEAK_DAYS = 6


class Seasons:
    """Spreads orders over the days before ``until``."""

    def __init__(self, until: datetime, days: int) -> None:
        self.until = until
        self.first = (until + SHOP_OFFSET).date() - timedelta(days=days)
        self.days = [self.first + timedelta(days=number) for number in range(days)]
        self.sums = list(accumulate(self.weigh(day, number / days) for number, day in enumerate(self.days)))

    def moment(self, share: float, luck: Random) -> datetime:
        """When the order was placed that has this share (0 to 1) of all orders before it."""
        place = min(bisect_right(self.sums, share * self.sums[-1]), len(self.days) - 1)
        day = self.days[place]
        hour = luck.choices(range(24), self.hours_of(day))[0]
        local = datetime(day.year, day.month, day.day, hour, luck.randrange(60), luck.randrange(60), tzinfo=UTC)
        return local - SHOP_OFFSET

    def weigh(self, day: date, share: float) -> float:
        """How much happens on a day, which has this share of all days before it."""
        weekend = 1.25 if day.weekday() >= 5 else 1.0
        return (0.8 + 0.4 * share) * weekend * SALES.get((day.month, day.day), 1)

    def hours_of(self, day: date) -> list[float]:
        """How much happens in each hour of a day."""
        return HOURS


def strain(at: datetime) -> float:
    """How much longer everything takes at this time: 1 on an ordinary day, up to 2.2 after a sale, more at the weekend."""
    day = (at + SHOP_OFFSET).date()
    factor = 1.25 if day.weekday() >= 5 else 1.0
    after_sale = any(0 <= (day - date(day.year, month, sale)).days <= PEAK_DAYS for month, sale in ((6, 18), (11, 11)))
    return factor * (1.8 if after_sale else 1.0)
