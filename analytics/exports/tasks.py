"""Doorways for workers and the sweeper: lists to be made into files."""

from datetime import datetime, timedelta

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from analytics.models import ListExport
from foundation.hints import hint
from foundation.jobs import periodic
from foundation.leases import wake_or_work
from foundation.retention import keep
from foundation.sweeps import sweep

from .asking import TASK
from .making import forget_old_files, make_next, open_exports

SHOWN = timedelta(days=30)
# Longer than any task of the lane: a long file would keep the sweeper from everything else.
LATE = timedelta(minutes=6)


@shared_task(name=TASK, lane="bulk")
def make_files() -> int:
    """A hint that a file was asked for. One at a time, so that a task stays within its time; then the next one."""
    done = make_next()
    if done:
        hint(TASK)
    return done


@sweep("analytics.exports", every=10)
def sweep_exports() -> int:
    """Wake the worker; make a file here where no worker is listening."""
    return wake_or_work(open_exports(), task=TASK, work=make_next, late=LATE)


@periodic("analytics.forget_files", every=timedelta(minutes=10))
def forget_made_files() -> int:
    """Delete the files of exports that can be fetched no more."""
    return forget_old_files(timezone.now())


@keep("analytics.list_exports")
def ended_exports(now: datetime) -> QuerySet[ListExport]:
    """What became of them is shown for a month; the access log keeps who took what."""
    return ListExport.objects.filter(ended_at__lt=now - SHOWN).order_by("ended_at")
