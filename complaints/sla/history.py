"""The clocks of past days as the simulator wants them: a bounded number, spread evenly where there are more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils import timezone

from complaints.models import ClockRun, Complaint, Event
from complaints.sla.policies import Facts
from complaints.sla.simulator import PastClock, Span

Kind = ClockRun.Kind
MOST = 5000
SIMULATED = (Kind.FIRST, Kind.CONTACT, Kind.NEXT, Kind.RESOLUTION)


@dataclass(frozen=True)
class History:
    """Past clocks. ``step`` above one: only every so many-th of ``total`` was taken."""

    clocks: list[PastClock]
    total: int
    step: int


def read_history(complaints: QuerySet[Complaint], *, since: datetime, until: datetime, most: int = MOST) -> History:
    """The clocks that began in a time, of these complaints, in at most three statements."""
    rows = ClockRun.objects.filter(kind__in=SIMULATED, started_at__gte=since, started_at__lt=until, complaint__in=complaints)
    total = rows.count()
    step = -(-total // most) or 1
    if step > 1:
        rows = rows.annotate(place=F("id") % step).filter(place=0)
    runs = list(rows.select_related("complaint__category", "complaint__customer").order_by("id")[:most])
    pauses = _pauses_of([run for run in runs if run.counted_at > run.started_at])
    at = timezone.now()
    return History([_clock(run, pauses.get(run.pk, []), at) for run in runs], total, step)


def _clock(run: ClockRun, turns: Sequence[Event], at: datetime) -> PastClock:
    return PastClock(
        number=run.complaint.number,
        kind=run.kind,
        facts=Facts.of(run.complaint),
        started_at=run.started_at,
        spans=_spans(run, turns, run.ended_at or at),
        is_over=run.ended_at is not None,
        percent=50 if run.kind == Kind.RESOLUTION and run.cycle > 1 else 100,
    )


def _spans(run: ClockRun, turns: Sequence[Event], end: datetime) -> list[Span]:
    """When the time ran, between its pauses."""
    spans, start = [], run.started_at
    for event in turns:
        if event.kind == "clock.paused" and start is not None:
            spans.append((start, event.at))
            start = None
        elif event.kind == "clock.resumed":
            start = event.at
    return [*spans, (start, max(start, end))] if start is not None else spans


def _pauses_of(runs: Sequence[ClockRun]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {run.pk: [] for run in runs}
    said = Event.objects.filter(complaint__in=[run.complaint_id for run in runs], kind__in=["clock.paused", "clock.resumed"])
    for event in said.only("kind", "at", "codes").order_by("id"):
        found.get(event.codes.get("run"), []).append(event)
    return found
