"""Time is settled in windows of ten minutes on the clock, each once nothing can come any more that belongs to it."""

from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=10)
# A page without a network keeps what it measured for so long.
LATEST = timedelta(minutes=10)
# What was on its way and clocks of several machines.
SLACK = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def window_of(moment: datetime) -> datetime:
    """The beginning of the window in which a moment lies."""
    return moment - (moment - EPOCH) % WINDOW


def settled_before(now: datetime) -> datetime:
    """Windows that end here or earlier take nothing new."""
    return window_of(now - LATEST - SLACK)


def in_ms(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND
