"""Every minute of one obligation, told from its recorded events and the calendar versions that they name.

Knows no row: what the strip adds up to is a second opinion on what the run has counted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.calendars import hours_of
from accounts.working_time import Hours

RUNNING, CLOSED, PAUSED = "running", "closed", "paused"


@dataclass(frozen=True)
class Segment:
    """A stretch of one kind. ``seconds`` are those that count: none while it is closed or paused, none that are still to come.

    ``by`` is the id of the person who paused it, None for what follows from the complaint's state.
    """

    kind: str
    start: datetime
    end: datetime
    seconds: int = 0
    reason: str = ""
    by: int | None = None
    is_ahead: bool = False


@dataclass
class Strip:
    """One obligation from its start to its end, or to its deadline while it runs."""

    target_s: int = 0
    started_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    missed_at: datetime | None = None
    segments: list[Segment] = field(default_factory=list)

    @property
    def consumed_s(self) -> int:
        return sum(segment.seconds for segment in self.segments)


@dataclass
class _Stretch:
    """Time of one kind that is not cut up yet."""

    kind: str
    start: datetime
    calendar_id: int | None
    reason: str = ""
    by: int | None = None


def draw_strip(events: Iterable[Any], *, at: datetime, hours: Callable[[int | None], Hours] = hours_of) -> Strip:
    """The strip of one run from its events, oldest first, as it stands at a moment."""
    teller = _Teller(hours)
    for event in events:
        teller.hear(event)
    return teller.finish(at)


class _Teller:
    """Follows one run from event to event."""

    def __init__(self, hours: Callable[[int | None], Hours]) -> None:
        self._hours, self._strip = hours, Strip()
        self._open: _Stretch | None = None

    def hear(self, event: Any) -> None:
        tell = getattr(self, "_" + event.kind.partition(".")[2], None)
        if tell is not None and (self._open is not None or event.kind == "clock.started"):
            tell(event)

    def finish(self, at: datetime) -> Strip:
        strip = self._strip
        if self._open is None:
            return strip
        is_running = self._open.kind == RUNNING and strip.ended_at is None
        calendar_id, end = self._open.calendar_id, strip.ended_at or at
        self._close(end)
        if is_running and strip.due_at and strip.due_at > end:
            strip.segments += self._cut(_Stretch(RUNNING, end, calendar_id), strip.due_at, is_ahead=True)
        return strip

    def _started(self, event: Any) -> None:
        since = _moment(event.codes, "since") or event.at
        self._strip.started_at = since
        self._date(event.codes)
        self._open = _Stretch(RUNNING, since, event.codes["calendar"])

    def _paused(self, event: Any) -> None:
        self._turn(event.at, PAUSED, reason=event.codes["reason"], by=event.actor_id)
        self._strip.due_at = None

    def _resumed(self, event: Any) -> None:
        self._turn(event.at, RUNNING)
        self._date(event.codes)

    def _recomputed(self, event: Any) -> None:
        """Counted anew: taken up again after an end that was taken back, or from now on by another policy or calendar."""
        is_back = event.codes["reason"] == "taken_back"
        self._strip.ended_at = None
        if (self._open.kind == PAUSED) == is_back:
            self._turn(event.at, RUNNING)
        self._open.calendar_id = event.codes["calendar"]
        self._date(event.codes)

    def _missed(self, event: Any) -> None:
        self._strip.missed_at = _moment(event.codes, "due_at")

    def _met(self, event: Any) -> None:
        self._strip.ended_at = _moment(event.codes, "met_at") or event.at

    def _cancelled(self, event: Any) -> None:
        self._strip.ended_at = event.at

    def _date(self, codes: dict[str, Any]) -> None:
        self._strip.due_at = _moment(codes, "due_at")
        self._strip.target_s = codes.get("target_s", self._strip.target_s)

    def _turn(self, at: datetime, kind: str, **fields: Any) -> None:
        calendar_id = self._open.calendar_id
        self._close(at)
        self._open = _Stretch(kind, at, calendar_id, **fields)

    def _close(self, end: datetime) -> None:
        if self._open is not None and end > self._open.start:
            self._strip.segments += self._cut(self._open, end)
        self._open = None

    def _cut(self, stretch: _Stretch, end: datetime, *, is_ahead: bool = False) -> Iterator[Segment]:
        """A stretch as segments: where it runs, open and closed hours by turns."""
        if stretch.kind == PAUSED:
            yield Segment(PAUSED, stretch.start, end, reason=stretch.reason, by=stretch.by)
            return
        hours, reached, counted = self._hours(stretch.calendar_id), stretch.start, 0
        for opening, closing in hours.windows(stretch.start, end):
            if opening > reached:
                yield Segment(CLOSED, reached, opening, is_ahead=is_ahead)
            # Rounded down over the whole stretch and not per window, as the run itself counts.
            passed = hours.between(stretch.start, closing)
            yield Segment(RUNNING, opening, closing, seconds=0 if is_ahead else passed - counted, is_ahead=is_ahead)
            reached, counted = closing, passed
        if end > reached:
            yield Segment(CLOSED, reached, end, is_ahead=is_ahead)


def _moment(codes: dict[str, Any], name: str) -> datetime | None:
    text = codes.get(name)
    return datetime.fromisoformat(text) if text else None
