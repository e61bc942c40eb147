"""The relay: takes due rows of the outbox and sends them. At least once, always under the same Message-ID."""

import logging
import random
from datetime import timedelta

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from complaints.channels.mail import compose_mail, is_permanent
from complaints.models import Outbox
from complaints.services.delivery import record_failure, record_sent
from foundation.failpoints import failpoint
from foundation.leases import claim, finish, give_back
from foundation.limits import hit
from foundation.standstill import is_standing_still

logger = logging.getLogger(__name__)
BATCH = 5
LEASE_SECONDS = 60  # longer than a batch of time-outs
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
# What strangers can cause by forms and buttons, and how much of it an hour brings to an address that nobody has proven.
CAUSED = ("link", "privacy_link", "escalated", "withdrawn", "resumed", "reopened", "appealed", "closed")
LIMITS = dict.fromkeys(("acknowledged", "receipt"), ("acknowledged", 1)) | dict.fromkeys(CAUSED, ("caused", 4))
LIMIT_SECONDS = 3600
State = Outbox.State


def relay_mail(*, limit: int = BATCH) -> int:
    """Send one batch of due mail; returns how many rows were worked. None while the house stands still after a restore."""
    if is_standing_still():
        return 0
    rows = claim(
        due_mail().select_related("complaint__merchant", "complaint__category", "complaint__assignee", "message"),
        seconds=LEASE_SECONDS,
        limit=limit,
        claimed={"state": State.SENDING},
        parked={"state": State.DEAD, "error": "the sender died on it five times"},
    )
    failpoint("outbox.after_claim")
    connection = get_connection()
    for row in rows:
        _deliver(row, connection)
    connection.close()
    return len(rows)


def drain_mail() -> int:
    """Send batches until nothing is due."""
    total = 0
    while worked := relay_mail():
        total += worked
    return total


def due_mail() -> QuerySet[Outbox]:
    """Rows that may be claimed now or whose lease has ended, by the clock of the database."""
    return Outbox.objects.filter(queue="mail", state__in=[State.QUEUED, State.SENDING], next_at__lte=Now())


def _deliver(row: Outbox, connection) -> None:
    if why := _reason_to_drop(row):
        finish(row, state=State.CANCELLED, error=why)
        return
    if row.expires_at <= timezone.now():
        _bury(row, row.error or "too old")
        return
    try:
        connection.send_messages([compose_mail(row)])
    except Exception as error:
        connection.close()
        _fail(row, error)
        return
    failpoint("outbox.after_send")
    record_sent(row)


def _reason_to_drop(row: Outbox) -> str:
    """Why a mail need not be sent any more."""
    if row.message is not None and row.message.retracted_at:
        return "taken back"
    if not row.complaint.contact_email:
        return "no address"
    return "" if _may_reach(row) else "too many an hour to an address that nobody has proven"


def _may_reach(row: Outbox) -> bool:
    """A stranger's forms and buttons must not become a weapon against an address that nobody has proven."""
    if row.node not in LIMITS or row.complaint.is_proven or row.values.get("cleared"):
        return True
    name, limit = LIMITS[row.node]
    # Counted and remembered together: whoever dies between the two would have its own first try refuse the second.
    with transaction.atomic():
        if not hit(f"{name}:{row.complaint.contact_email_index}", limit, LIMIT_SECONDS):
            return False
        row.values["cleared"] = True
        is_ours = Outbox.objects.filter(pk=row.pk, fence=row.fence).update(values=row.values) == 1
        transaction.set_rollback(not is_ours)
    return is_ours


def _fail(row: Outbox, error: Exception) -> None:
    words = f"{type(error).__name__}: {error}"[:300]
    if is_permanent(error):
        _bury(row, words)
        return
    logger.warning("mail %d will be tried again: %s", row.pk, type(error).__name__)
    give_back(row, delay=next_wait(row), state=State.QUEUED, error=words)


def _bury(row: Outbox, words: str) -> None:
    if finish(row, state=State.DEAD, error=words):
        record_failure(row)


def next_wait(row: Outbox) -> timedelta:
    """Half of the time it has already waited, between 30 s and an hour, shortened by up to a half at random."""
    waited = timezone.now() - row.created_at
    return min(max(waited / 2, FIRST_WAIT), LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311 - not a secret
