"""Doorways for workers and the sweeper: questions that are too large to wait for."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from analytics.metrics.computing import KEPT, answer_next, forget_snapshots, waiting_snapshots
from analytics.metrics.keeping import TASK
from foundation.hints import hint
from foundation.jobs import periodic
from foundation.leases import wake_or_work
from foundation.sweeps import sweep


@shared_task(name=TASK, lane="bulk")
def answer_large_questions() -> int:
    """A hint that something large was asked. One at a time, so that a task stays within its time; then the next one."""
    done = answer_next()
    if done:
        hint(TASK)
    return done


@sweep("analytics.snapshots", every=5)
def sweep_snapshots() -> int:
    """Wake the worker; answer here where no worker is listening."""
    return wake_or_work(waiting_snapshots(), task=TASK, work=answer_next)


@periodic("analytics.forget_snapshots", every=timedelta(hours=1))
def forget_old_snapshots() -> int:
    """Forget answers that nobody wanted for a week."""
    return forget_snapshots(before=timezone.now() - KEPT)
