"""Doorways for workers and the sweeper: reports that are due."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from foundation.jobs import periodic
from foundation.sweeps import sweep

from .saving import TASK
from .sending import forget_mails, plan_mails, send_mails

KEPT = timedelta(days=90)


@shared_task(name=TASK, lane="bulk")
def send_reports() -> int:
    """A hint that somebody wants a report at once."""
    return send_mails()


@sweep("analytics.reports", every=10)
def sweep_reports() -> int:
    """Plan the mails of reports that are due and send some of those that wait."""
    return plan_mails() + send_mails()


@periodic("analytics.forget_mails", every=timedelta(days=1))
def forget_old_mails() -> int:
    """Forget after three months to whom a report went."""
    return forget_mails(timezone.now() - KEPT)
