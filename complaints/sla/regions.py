"""Whom force majeure in a region strikes, and what a pause would do to their clocks. Changes nothing."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from complaints.lifecycle import LIVE
from complaints.models import ClockRun, Complaint
from complaints.sla.runs import pause_run, resume_run

SHOWN = 20
State = ClockRun.State


@dataclass(frozen=True)
class Shift:
    """One complaint of the sample: when its solution is due, and when it would be after the pause; None where it was missed already."""

    complaint: Complaint
    due_at: datetime
    later_at: datetime | None


@dataclass(frozen=True)
class Effect:
    """How many solutions would stand still, how many do already, how many of the former were missed before, and some of them."""

    running: int
    paused: int
    missed: int
    sample: list[Shift]


def struck_in(complaints: QuerySet[Complaint], provinces: Sequence[str]) -> QuerySet[Complaint]:
    """Those of these complaints whose order went to one of the provinces."""
    return complaints.filter(status__in=LIVE, erased_at__isnull=True, order__province__in=list(provinces))


def provinces_of(complaints: QuerySet[Complaint]) -> list[tuple[str, int]]:
    """The provinces to which orders of these complaints went, with how many are open, most first. One query."""
    known = complaints.filter(status__in=LIVE, erased_at__isnull=True).exclude(order__isnull=True).exclude(order__province="").order_by()
    return list(known.values_list("order__province").annotate(number=Count("pk")).order_by("-number", "order__province"))


def effect_of(complaints: QuerySet[Complaint], *, at: datetime, until: datetime) -> Effect:
    """What a pause of these complaints from ``at`` to ``until`` would do. Two queries."""
    runs = ClockRun.objects.filter(complaint__in=complaints, kind=ClockRun.Kind.RESOLUTION)
    running = Q(state=State.RUNNING)
    counts = runs.aggregate(
        running=Count("pk", filter=running),
        paused=Count("pk", filter=Q(state=State.PAUSED)),
        missed=Count("pk", filter=running & Q(missed_at__isnull=False)),
    )
    sample = runs.filter(running).select_related("complaint").order_by("due_at", "pk")[:SHOWN]
    return Effect(**counts, sample=[_shift(run, at, until) for run in sample])


def _shift(run: ClockRun, at: datetime, until: datetime) -> Shift:
    if run.missed_at:
        return Shift(run.complaint, run.due_at, None)
    then = copy(run)
    pause_run(then, at=at, reason=ClockRun.Pause.DISASTER)
    resume_run(then, at=until)
    return Shift(run.complaint, run.due_at, then.due_at)
