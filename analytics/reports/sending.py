"""From a due time to mails, and from mails to the server. Two sweepers and a crash in between plan each mail once."""

import logging
from datetime import datetime, timedelta

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from analytics.models import ReportMail, SavedReport
from complaints.channels.mail import is_permanent
from complaints.channels.relay import next_wait
from foundation.failpoints import failpoint
from foundation.leases import claim, finish, give_back
from foundation.standstill import is_standing_still

from .access import sees_report
from .due import next_due
from .letters import NotCountedError, compose_report

logger = logging.getLogger(__name__)
BATCH = 2
LEASE_SECONDS = 120  # longer than two boards and two time-outs
MAX_AGE = timedelta(days=3)
COUNTING = timedelta(seconds=30)  # how long a mail waits before it looks again for figures that are being computed
State, Why = ReportMail.State, ReportMail.Why


@transaction.atomic
def plan_mails(*, limit: int = 20) -> int:
    """Write one mail for each recipient of each report that is due, and when it is due next; returns how many reports were due.

    Several due times that were missed, because nothing ran, are one mail.
    """
    due = SavedReport.objects.filter(due_at__lte=Now(), removed_at__isnull=True).order_by("due_at", "pk")
    reports = list(due.select_for_update(skip_locked=True, no_key=True)[:limit])
    for report in reports:
        recipients = report.recipients.values_list("user_id", flat=True)
        mails = [ReportMail(report=report, recipient_id=user, due_at=report.due_at) for user in recipients]
        ReportMail.objects.bulk_create(mails, ignore_conflicts=True)
        report.due_at = next_due(report, max(report.due_at, timezone.now()))
        report.save(update_fields=["due_at"])
    return len(reports)


def send_mails(*, limit: int = BATCH) -> int:
    """Send some of what waits; returns how many mails were worked. None while the house stands still after a restore."""
    if is_standing_still():
        return 0
    parked = {"state": State.FAILED, "why": Why.CRASHED, "ended_at": timezone.now()}
    mails = claim(waiting_mails().select_related("report__owner", "recipient"), seconds=LEASE_SECONDS, limit=limit, parked=parked)
    connection = get_connection()
    for mail in mails:
        _deliver(mail, connection)
    connection.close()
    return len(mails)


def waiting_mails() -> QuerySet[ReportMail]:
    return ReportMail.objects.filter(state=State.QUEUED)


def forget_mails(before: datetime) -> int:
    """Delete what became of mails long ago."""
    return ReportMail.objects.filter(created_at__lt=before).exclude(state=State.QUEUED).delete()[0]


def _deliver(mail: ReportMail, connection: BaseEmailBackend) -> None:
    if why := _why_not(mail):
        _end(mail, State.FAILED, why)
        return
    try:
        connection.send_messages([compose_report(mail)])
    except Exception as error:
        connection.close()
        _fail(mail, error)
        return
    failpoint("reports.after_send")
    _end(mail, State.SENT)


def _why_not(mail: ReportMail) -> str:
    """Rights are looked at when it leaves, not when it was planned."""
    if not sees_report(mail.report, mail.recipient):
        return Why.NO_RIGHT
    if not mail.recipient.email:
        return Why.NO_ADDRESS
    return Why.TOO_LATE if mail.created_at + MAX_AGE <= timezone.now() else ""


def _fail(mail: ReportMail, error: Exception) -> None:
    if isinstance(error, NotCountedError) and not error.has_failed:
        give_back(mail, delay=COUNTING)
        return
    if isinstance(error, NotCountedError) or is_permanent(error):
        _end(mail, State.FAILED, Why.TOO_MANY if isinstance(error, NotCountedError) else Why.REFUSED)
        return
    logger.warning("mail %d of a report will be tried again", mail.pk, exc_info=error)
    give_back(mail, delay=next_wait(mail))


def _end(mail: ReportMail, state: str, why: str = "") -> None:
    finish(mail, state=state, why=why, ended_at=timezone.now())
