"""What a definition answers, and the two shapes nearly all of them have: a share and a duration."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil

from .buckets import midpoint
from .intervals import Interval, mean_interval, wilson

FEW = 30  # below, a share is told as k of n only
VERY_FEW = 20  # below, no percentile


@dataclass(frozen=True)
class Spread:
    """Values of a duration: their exact sum and how many lie in each bucket; and the same of the ages of what is not finished yet."""

    total: int = 0
    buckets: tuple[tuple[int, int], ...] = ()
    age_total: int = 0
    ages: tuple[tuple[int, int], ...] = ()

    @cached_property
    def finished(self) -> int:
        return sum(count for _bucket, count in self.buckets)

    @cached_property
    def open(self) -> int:
        return sum(count for _bucket, count in self.ages)

    @property
    def n(self) -> int:
        return self.finished + self.open

    @property
    def sum(self) -> int:
        return self.total + self.age_total


@dataclass(frozen=True)
class Result:
    """A figure. ``value`` None means that there is nothing to say; ``num`` of ``den`` are the sizes of two sets, one in the other.

    ``lower_bound``: something unfinished is in it, so it can only grow. ``provisional``: its window has not passed yet.
    """

    value: float | None = None
    n: int = 0
    num: int | None = None
    den: int | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    p50: float | None = None
    p75: float | None = None
    p90: float | None = None
    p95: float | None = None
    open: int = 0
    variance: float | None = None
    lower_bound: bool = False
    provisional: bool = False
    beside: dict[str, "Result"] = field(default_factory=dict)

    @property
    def is_few(self) -> bool:
        """Too few for a headline, a colour or a comparison."""
        return self.n < FEW

    def as_provisional(self) -> "Result":
        return replace(self, provisional=True)


def share(num: int, den: int, *, beside: dict[str, Result] | None = None) -> Result:
    """``num`` of ``den`` as a fraction with Wilson's interval. A numerator beyond its denominator is a fault of ours, not a figure."""
    if not 0 <= num <= den:
        raise ArithmeticError(f"{num} of {den} is no share")
    low, high = wilson(num, den) or (None, None)
    return Result(num / den if den else None, den, num, den, low, high, beside=beside or {})


def count(number: int, *, beside: dict[str, Result] | None = None) -> Result:
    return Result(float(number), number, number, beside=beside or {})


def amount(total: int, n: int) -> Result:
    """A sum of fen over n movements."""
    return Result(total, n, total)


def duration(spread: Spread, *, headline: str = "p50") -> Result:
    """Median, percentiles and mean of a duration. What is unfinished counts at its age and makes the figure a lower bound."""
    n = spread.n
    if not n:
        return Result()
    percentiles = dict(zip(PERCENTILES, _percentiles(spread, PERCENTILES.values()), strict=True))
    mean = spread.sum / n
    variance = _variance(spread, mean)
    low, high = mean_interval(mean, variance, n) or (None, None)
    shown = {name: (value if n >= VERY_FEW else None) for name, value in percentiles.items()}
    value = mean if headline == "mean" else shown[headline]
    return Result(
        value, n, low=low, high=high, mean=mean, **shown, open=spread.open, variance=variance, lower_bound=_is_bound(spread, value)
    )


PERCENTILES = {"p50": 50, "p75": 75, "p90": 90, "p95": 95}


def _percentiles(spread: Spread, wanted: Iterable[int]) -> list[float]:
    """Nearest rank over quantised values."""
    merged = _merged(spread)
    n = spread.n
    found = []
    for percent in wanted:
        rank, seen = ceil(percent * n / 100), 0
        for number, count_in in merged:
            seen += count_in
            if seen >= rank:
                found.append(midpoint(number))
                break
    return found


def _merged(spread: Spread) -> Sequence[tuple[int, int]]:
    counts = dict(spread.buckets)
    for number, count_in in spread.ages:
        counts[number] = counts.get(number, 0) + count_in
    return sorted(counts.items())


def _variance(spread: Spread, mean: float) -> float:
    """Of the sample, from the quantised values: only the width of an interval depends on it."""
    n = spread.n
    return sum(number * (midpoint(place) - mean) ** 2 for place, number in _merged(spread)) / (n - 1) if n > 1 else 0.0


def _is_bound(spread: Spread, value: float | None) -> bool:
    """Whether something unfinished lies at or below the shown value; the mean moves with everything unfinished."""
    return bool(spread.ages) and (value is None or any(midpoint(number) <= value for number, _count in spread.ages))


def interval_of(result: Result) -> Interval | None:
    return None if result.low is None or result.high is None else (result.low, result.high)
