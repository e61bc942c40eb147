"""Periodic jobs as rows: no obligation depends on a scheduler being up, or on there being only one.

A job is registered by ``@periodic("complaints.forget_drafts", every=timedelta(hours=1))`` in a ``tasks.py`` and must be safe
doubled and skipped.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from foundation.leases import claim, finish
from foundation.models import PeriodicJob

logger = logging.getLogger(__name__)
LEASE_SECONDS = 600
FIRST_RETRY = timedelta(seconds=30)


@dataclass(frozen=True)
class Job:
    """What runs, and how much time lies between two runs."""

    name: str
    every: timedelta
    run: Callable[[], object]


_registered: dict[str, Job] = {}


def periodic(name: str, *, every: timedelta) -> Callable:
    """Register the decorated function as a periodic job."""

    def register(run: Callable[[], object]) -> Callable[[], object]:
        _registered[name] = Job(name, every, run)
        return run

    return register


def run_due_jobs() -> int:
    """Claim the jobs that are due, run them one by one and write down how it went; returns how many ran."""
    _add_missing_rows()
    ran = 0
    while rows := claim(PeriodicJob.objects.filter(name__in=_registered), seconds=LEASE_SECONDS, limit=1):
        _run(rows[0])
        ran += 1
    return ran


def _add_missing_rows() -> None:
    known = set(PeriodicJob.objects.values_list("name", flat=True))
    missing = [PeriodicJob(name=name) for name in _registered if name not in known]
    if missing:
        PeriodicJob.objects.bulk_create(missing, ignore_conflicts=True)


def _run(row: PeriodicJob) -> None:
    job = _registered[row.name]
    try:
        job.run()
    except Exception as error:
        logger.exception("job %s failed", job.name)
        retry = min(job.every, FIRST_RETRY * 2 ** min(row.attempts - 1, 10))
        # The attempts stay counted, so that each failure in a row waits twice as long, up to the job's own period.
        PeriodicJob.objects.filter(pk=row.pk, fence=row.fence).update(claimed_by="", next_at=Now() + retry, last_error=repr(error)[:2000])
        return
    finish(row, next_at=Now() + job.every, last_ok_at=Now(), last_error="")
