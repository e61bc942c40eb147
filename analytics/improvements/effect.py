"""Whether an improvement item helped: the complaint rate of its scope before it was accepted against the one after it was done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from analytics.ledger.reading import house_settings
from analytics.lifecycle import ImprovementState
from analytics.metrics.intervals import Interval, newcombe
from analytics.metrics.registry import metric
from analytics.models import Improvement

from .scopes import COUNTS_WITHIN, Rate, Scope, rate_of

WINDOW = timedelta(days=28)
DAY = timedelta(days=1)
# Below, the interval is too wide to tell anything, whatever it says.
FEWEST_ORDERS, FEWEST_COMPLAINTS = 30, 10


@dataclass(frozen=True)
class Effect:
    """The rate of a scope before and after, if asked for also of the scope it is compared with."""

    before: Rate
    after: Rate
    control_before: Rate | None = None
    control_after: Rate | None = None

    @property
    def is_enough(self) -> bool:
        rates = [rate for rate in (self.before, self.after, self.control_before, self.control_after) if rate is not None]
        counted = self.before.complained + self.after.complained
        return all(rate.delivered >= FEWEST_ORDERS for rate in rates) and counted >= FEWEST_COMPLAINTS

    @property
    def interval(self) -> Interval | None:
        """95 % interval of the difference, with a comparison of the difference of differences, as fractions."""
        own = _difference(self.after, self.before)
        if own is None or self.control_before is None or self.control_after is None:
            return own and own[1]
        other = _difference(self.control_after, self.control_before)
        return other and minus(own, other)

    @property
    def verdict(self) -> str:
        """What the interval says; nothing without enough orders and complaints."""
        interval = self.interval
        if interval is None or not self.is_enough:
            return ""
        if interval[1] < 0:
            return ImprovementState.EFFECTIVE
        return ImprovementState.WORSE if interval[0] > 0 else ImprovementState.NO_CLEAR_EFFECT


Difference = tuple[float, Interval]


def _difference(one: Rate, other: Rate) -> Difference | None:
    interval = newcombe(one.complained, one.delivered, other.complained, other.delivered)
    return interval and (one.complained / one.delivered - other.complained / other.delivered, interval)


def minus(one: Difference, other: Difference) -> Interval:
    """Interval of the difference of two independent estimates from their own (G. Y. Zou, A. Donner, Statistics in Medicine 27, 2008)."""
    (value, (low, high)), (beside, (floor, ceiling)) = one, other
    middle = value - beside
    return middle - sqrt((value - low) ** 2 + (ceiling - beside) ** 2), middle + sqrt((high - value) ** 2 + (beside - floor) ** 2)


def days_before(item: Improvement) -> tuple[date, date]:
    """The 28 days before the item was accepted."""
    accepted = house_settings().day(item.accepted_at)
    return accepted - WINDOW, accepted - DAY


def days_after(item: Improvement) -> tuple[date, date]:
    """The 28 days after it was done."""
    done = house_settings().day(item.done_at)
    return done + DAY, done + WINDOW


def final_on(item: Improvement) -> date:
    """From when on nothing counts any more that could still come in."""
    return days_after(item)[1] + COUNTS_WITHIN + DAY


def measure_effect(item: Improvement) -> Effect:
    """Count both windows, of the comparison too."""
    scope, before, after = Scope.of(item), days_before(item), days_after(item)
    own = rate_of(scope, *before), rate_of(scope, *after)
    beside = scope.beside(item)
    return Effect(*own, *(rate_of(beside, *days) for days in (before, after))) if beside else Effect(*own)


def freeze(item: Improvement, effect: Effect, *, at: datetime) -> dict[str, Any]:
    """Everything that the verdict rests on, to be kept as it was."""
    scope = Scope.of(item)
    beside, interval = scope.beside(item), effect.interval
    rates = {"before": effect.before, "after": effect.after, "control_before": effect.control_before, "control_after": effect.control_after}
    return {
        "definition": metric("complaint_rate").key,
        "filters": scope.filters,
        "control": beside and beside.filters,
        "before": [day.isoformat() for day in days_before(item)],
        "after": [day.isoformat() for day in days_after(item)],
        "counts": {name: [rate.complained, rate.delivered] for name, rate in rates.items() if rate is not None},
        "interval": interval and [1000 * end for end in interval],
        "verdict": effect.verdict,
        "params": {"window_days": WINDOW.days, "within_days": COUNTS_WITHIN.days, "fewest": [FEWEST_ORDERS, FEWEST_COMPLAINTS]},
        "at": at.isoformat(),
    }
