"""The test for a spike. Pure arithmetic: a count, the counts of comparable windows, a verdict.

Counts of complaints spread wider than Poisson's, so the spread of the history (``phi``, variance over mean) widens the measure. The
roots are Anscombe's (Biometrika 35, 1948), which make the spread of a count nearly independent of its size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median, variance

FEWEST_EVENTS = 5  # below, a series is not judged at all, so that the cost follows the volume
FEWEST_WEEKS = 3
LIMIT = 4.5
LEAST_MEDIAN = 0.5
SHIFT = 3 / 8


@dataclass(frozen=True)
class Verdict:
    """``count`` in the window against ``median`` of ``weeks`` comparable ones. ``z`` None: too little history for a verdict."""

    count: int
    median: float
    phi: float
    z: float | None
    weeks: int

    @property
    def has_history(self) -> bool:
        return self.z is not None

    @property
    def excess(self) -> float:
        return self.count - self.median

    @property
    def is_spike(self) -> bool:
        # So far out there are always more than five too many, so the definition's second condition is kept as well.
        return self.z is not None and self.z >= LIMIT


def judge(count: int, history: Sequence[int]) -> Verdict:
    """Judge a window's count by the counts of the usable comparable windows."""
    if len(history) < FEWEST_WEEKS:
        return Verdict(count, float(median(history)) if history else 0.0, 1.0, None, len(history))
    middle, phi = float(median(history)), spread_of(history)
    return Verdict(count, middle, phi, distance(count, max(middle, LEAST_MEDIAN), phi), len(history))


def distance(count: float, expected: float, phi: float) -> float:
    """How many standard deviations a count is away from what was expected; about normal for any expectation from one on."""
    return 2 * (sqrt(count + SHIFT) - sqrt(expected + SHIFT)) / sqrt(phi)


def spread_of(history: Sequence[int]) -> float:
    """Variance over mean, at least that of a Poisson count."""
    mean = fmean(history)
    return max(1.0, variance(history) / mean) if mean else 1.0
