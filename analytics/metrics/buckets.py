"""Quantised durations: exact below 64 seconds, then sixteen steps to each doubling, so a shown value is off by 3.2 % at most.

The quantisation belongs to the definition of a percentile: a rollup and the rows behind it agree exactly.
"""

from functools import cache

EXACT = 64
STEPS = 16
STEP_BITS = 4
FIRST_BITS = EXACT.bit_length()  # 7: 64 has seven bits
TOP = 1023


def bucket(seconds: int) -> int:
    """The bucket of whole seconds; what is below zero counts as zero."""
    if seconds < EXACT:
        return max(0, seconds)
    octave = seconds.bit_length() - FIRST_BITS
    return min(TOP, EXACT + octave * STEPS + ((seconds >> (octave + FIRST_BITS - 1 - STEP_BITS)) & (STEPS - 1)))


def lowest(number: int) -> int:
    """The shortest duration of a bucket."""
    if number < EXACT:
        return number
    octave, step = divmod(number - EXACT, STEPS)
    return (STEPS + step) << (octave + FIRST_BITS - 1 - STEP_BITS)


@cache
def midpoint(number: int) -> float:
    """The value that is shown for a bucket."""
    return (lowest(number) + lowest(number + 1) - 1) / 2
