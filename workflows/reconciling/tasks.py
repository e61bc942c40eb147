"""Doorways for workers and the sweeper: statements to fetch, notices to read."""

from datetime import timedelta

from celery import shared_task

from foundation.jobs import periodic
from foundation.leases import wake_or_work
from foundation.sweeps import sweep
from workflows.models import StatementPull
from workflows.services.notifications import forget_refused, read_notices
from workflows.services.pulling import pull_due


@shared_task(name="workflows.pull_statements", lane="bulk")
def pull_statements() -> int:
    """A hint that a statement was asked for."""
    return pull_due()


@sweep("workflows.pulls", every=10)
def sweep_pulls() -> int:
    """Wake the worker; fetch here what is late, because then no worker is listening."""
    due = StatementPull.objects.filter(state__in=StatementPull.OPEN)
    return wake_or_work(due, task="workflows.pull_statements", work=pull_due)


@sweep("workflows.notices", every=5)
def sweep_notices() -> int:
    """Notices that came while their refund was being sent."""
    return read_notices()


@periodic("workflows.forget_refused_notices", every=timedelta(days=1))
def forget_refused_notices() -> int:
    return forget_refused()
