"""Doorways for workers and the sweeper: exports to make."""

from celery import shared_task

from analytics.models import ResearchExport
from analytics.research.exporting import TASK, work_due
from foundation.hints import hint
from foundation.leases import wake_or_work
from foundation.sweeps import sweep


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
    return wake_or_work(ResearchExport.objects.filter(state__in=ResearchExport.OPEN), task=TASK, work=work_due)
