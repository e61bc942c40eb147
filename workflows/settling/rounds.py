"""The money worker: what is due, one after the other. A hint starts it, the sweep finds what a hint left behind."""

import logging
import time
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.db.models.functions import Now

from foundation.standstill import is_standing_still
from foundation.sweeps import each_apart
from workflows.gateways import gateway_for
from workflows.gateways.base import RefundGateway
from workflows.machines.refund import RefundState
from workflows.models import Refund
from workflows.settling.breaker import note_answer, paused_gateways
from workflows.settling.calls import due_refunds, take_errand
from workflows.settling.recording import record_answer

logger = logging.getLogger(__name__)
ROUND = 20
# Well below the time limit of a task, however long the last call takes.
LONGEST_RUN_SECONDS = 150
AFTER_TROUBLE = timedelta(seconds=30)
WITHOUT_KEYS = timedelta(minutes=5)


def settle_due(limit: int = ROUND) -> int:
    """Send and ask what is due, the oldest first; returns how many moved. Safe to run in any number of processes.

    After a restore nothing is sent or asked until people have looked: the provider may know of refunds that this database has forgotten.
    """
    if is_standing_still():
        return 0
    return each_apart(list(due_now().values_list("pk", flat=True)[:limit]), settle_one, put_off=_put_off)


def settle_all(*, seconds: float = LONGEST_RUN_SECONDS) -> int:
    """Go on until nothing is due or the time is over; what is left is found by the sweep."""
    until, total = time.monotonic() + seconds, 0
    while time.monotonic() < until and (done := settle_due()):
        total += done
    return total


def due_now() -> QuerySet[Refund]:
    """What is due, without what would be sent to a provider that does not answer."""
    waits = {"state": RefundState.QUEUED, "gateway__in": paused_gateways()}
    return due_refunds().exclude(**waits).order_by("next_at", "pk")


def settle_one(refund_id: int) -> bool:
    """One refund: committed, then called, then recorded. True when something was done about it."""
    if is_standing_still():
        return False
    gateway = _gateway_of(refund_id)
    if gateway is None:
        return False
    errand = take_errand(refund_id)
    if errand is None:
        return False
    answer = errand.make(gateway)
    note_answer(gateway.code, answer)
    return record_answer(errand, answer, gateway.capabilities)


def _gateway_of(refund_id: int) -> RefundGateway | None:
    """Found before anything is claimed: without keys nothing was ever sent, so nothing is unclear."""
    code = Refund.objects.filter(pk=refund_id).values_list("gateway", flat=True).first()
    try:
        return gateway_for(code) if code is not None else None
    except ImproperlyConfigured:
        logger.exception("refunds of %s wait: it is not set up", code)
        _put_off(refund_id, WITHOUT_KEYS)
        return None


def _put_off(refund_id: int, pause: timedelta = AFTER_TROUBLE) -> None:
    """Not again at once, or it would stand before all others. A refund under a lease keeps it: its end is what finds out."""
    Refund.objects.filter(pk=refund_id, next_at__lte=Now()).update(next_at=Now() + pause)
