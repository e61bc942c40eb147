"""Doorways for workers and the sweeper: exports to make."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from analytics.models import ResearchExport
from analytics.research.exporting import TASK, work_due
from foundation.hints import hint
from foundation.sweeps import sweep

LATE = timedelta(seconds=30)


@shared_task(name=TASK, lane="bulk")
def make_exports() -> int:
    """A hint that an export was asked for. One step, so that a long one stays far below a task's time; then the next one."""
    done = work_due()
    if done:
        hint(TASK)
    return done


@sweep("analytics.research", every=10)
def sweep_exports() -> int:
    """Wake the worker; go on here where no worker is listening."""
    due = ResearchExport.objects.filter(state__in=ResearchExport.OPEN, next_at__lte=timezone.now())
    oldest = due.order_by("next_at").values_list("next_at", flat=True).first()
    if oldest is None:
        return 0
    if oldest < timezone.now() - LATE:
        return work_due()
    hint(TASK)
    return 0
