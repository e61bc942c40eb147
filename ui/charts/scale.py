"""From values to places: an axis with round ticks, and which labels of many are shown."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ui.charts.units import Unit

STEPS = (1, 2, 3, 4, 5, 6, 7, 10, 14, 15, 20, 30)  # between labels of days, weeks and hours


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from its first tick to its last, or to ``end`` above it."""

    ticks: tuple[float, ...]
    end: float | None = None

    @property
    def low(self) -> float:
        return self.ticks[0]

    @property
    def high(self) -> float:
        return self.ticks[-1] if self.end is None else self.end

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the first tick and 1 at the end; what lies outside stops at the edge."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def scale_of(values: Iterable[float], unit: Unit, *, about: int = 4, from_zero: bool = True) -> Scale:
    """The shortest axis with about that many round steps that holds every value."""
    values = [*values, *([0.0] if from_zero else [])] or [0.0]
    low, high = min(values), max(values)
    step = unit.step((high - low) / about if high > low else max(abs(high), 1) / about)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(tuple(number * step for number in range(first, max(last, first + 1) + 1)))


def label_step(count: int, width: float, room: float) -> int:
    """Show every how many-th of ``count`` labels, each ``width`` wide, so that they fit side by side into ``room``."""
    least = count * width / room
    return next((step for step in STEPS if step >= least), math.ceil(least))
