"""The demo gateway's time: the real one, or one that stands until it is moved, so that a run can be repeated."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus whatever it was advanced by; with ``stopped_at`` only what it was advanced by."""

    def __init__(self, stopped_at: datetime | None = None):
        self._stopped_at = stopped_at
        self._ahead = timedelta()

    def now(self) -> datetime:
        return (self._stopped_at or datetime.now(UTC)) + self._ahead

    def advance(self, seconds: int) -> datetime:
        """Move forward and tell the new time. A clock that ran back would make landed refunds unborn."""
        if type(seconds) is not int or seconds < 0:
            raise ValueError("seconds: an integer from 0 up")
        self._ahead += timedelta(seconds=seconds)
        return self.now()
