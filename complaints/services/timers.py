"""States that end by themselves: no answer after 72 hours, the end of a snooze, no objection after 7 days."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from complaints.lifecycle import Status
from complaints.models import Complaint
from complaints.services.ending import confirm_complaint
from complaints.services.progress import miss_answer, wake_complaint
from foundation.sweeps import each_apart

TRY_AGAIN = timedelta(minutes=10)
ENDINGS: dict[str, Callable[[Complaint], Complaint]] = {
    Status.WAITING_CUSTOMER: miss_answer,
    Status.SNOOZED: wake_complaint,
    Status.RESOLVED: confirm_complaint,
}


def run_timers(*, limit: int = 50) -> int:
    """Carry out due timers, one transaction each; one that fails is put off and keeps no other from running."""
    due = Complaint.objects.filter(timer_at__lte=Now()).order_by("timer_at", "id").values_list("pk", flat=True)
    return each_apart(list(due[:limit]), _fire, put_off=_put_off)


def _put_off(pk: int) -> None:
    Complaint.objects.filter(pk=pk, timer_at__lte=Now()).update(timer_at=Now() + TRY_AGAIN)


@transaction.atomic
def _fire(pk: int) -> bool:
    """Look again under the lock: another sweeper, or the customer, may have been faster."""
    due = Complaint.objects.filter(pk=pk, timer_at__lte=Now())
    locked = due.select_for_update(no_key=True, skip_locked=True).first()
    if locked is None:
        return False
    if locked.status not in ENDINGS:
        due.update(timer_at=None)
        return False
    ENDINGS[locked.status](locked)
    return True
