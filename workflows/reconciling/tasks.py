"""Doorways for workers and the sweeper: statements to fetch, notices to read."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from foundation.hints import hint
from foundation.jobs import periodic
from foundation.sweeps import sweep
from workflows.models import StatementPull
from workflows.services.notifications import forget_refused, read_notices
from workflows.services.pulling import pull_due

LATE = timedelta(seconds=30)


@shared_task(name="workflows.pull_statements", lane="bulk")
def pull_statements() -> int:
    """A hint that a statement was asked for."""
    return pull_due()


@sweep("workflows.pulls", every=10)
def sweep_pulls() -> int:
    """Wake the worker; fetch here what is late, because then no worker is listening."""
    due = StatementPull.objects.filter(state__in=StatementPull.OPEN, next_at__lte=timezone.now())
    oldest = due.order_by("next_at").values_list("next_at", flat=True).first()
    if oldest is None:
        return 0
    if oldest < timezone.now() - LATE:
        return pull_due()
    hint("workflows.pull_statements")
    return 0


@sweep("workflows.notices", every=5)
def sweep_notices() -> int:
    """Notices that came while their refund was being sent."""
    return read_notices()


@periodic("workflows.forget_refused_notices", every=timedelta(days=1))
def forget_refused_notices() -> int:
    return forget_refused()
