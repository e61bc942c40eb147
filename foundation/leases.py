"""Leases with fencing for every queue that does input or output: claim, commit, work, finish.

``next_at`` is both "due" and "the lease ends". A worker that wakes up after its lease has lost its fence and writes nothing.
"""

import os
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from foundation.hints import hint

MAX_CRASHES = 5
LATE = timedelta(seconds=30)


class LeasedRow(models.Model):
    """A row that one worker at a time may work on."""

    next_at = models.DateTimeField(db_default=Now())
    claimed_by = models.CharField(max_length=80, blank=True, default="")
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


def claim(due: models.QuerySet, *, seconds: int, limit: int = 5, claimed: dict | None = None, parked: dict | None = None) -> list:
    """Lease up to ``limit`` due rows of a queryset for ``seconds`` and return them; commit before working on them.

    Attempts are counted here, before the work, so a row that kills its worker is found out: after five it is parked
    with the changes ``parked`` (say ``{"state": "dead"}``) instead of claimed. Without ``parked`` it is tried for ever.
    ``claimed`` are further changes of the claimed rows (say ``{"state": "sending"}``).
    """
    with transaction.atomic():
        ready = due.filter(next_at__lte=Now()).order_by("next_at", "pk")
        rows = list(ready.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
        exhausted = [row for row in rows if parked is not None and row.attempts >= MAX_CRASHES]
        if exhausted:
            _rows_of(exhausted).update(claimed_by="", **parked)
        return _lease([row for row in rows if row not in exhausted], seconds, claimed or {})


def finish(row: LeasedRow, **changes: Any) -> bool:
    """Write the outcome if the lease is still ours. False means that someone else owns the row now: stop."""
    return _own(row).update(claimed_by="", attempts=0, **changes) == 1


def give_back(row: LeasedRow, *, delay: timedelta, **changes: Any) -> bool:
    """Return a row after an expected, temporary failure: the attempt is not counted, the next one comes after ``delay``."""
    return _own(row).update(claimed_by="", attempts=F("attempts") - 1, next_at=Now() + delay, **changes) == 1


def wake_or_work(due: models.QuerySet, *, task: str, work: Callable[[], int], late: timedelta = LATE) -> int:
    """What a sweep does about due rows: hint at them to the worker, or work on them here once they are late, for then none is listening.

    Returns how many rows ``work`` says it worked.
    """
    oldest = due.filter(next_at__lte=Now()).order_by("next_at").values_list("next_at", flat=True).first()
    if oldest is None:
        return 0
    if oldest < timezone.now() - late:
        return work()
    hint(task)
    return 0


def worker_name() -> str:
    """Who claims: host and process number."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def _lease(rows: list, seconds: int, changes: dict) -> list:
    if not rows:
        return []
    lease_end = Now() + timedelta(seconds=seconds)
    _rows_of(rows).update(next_at=lease_end, claimed_by=worker_name(), fence=F("fence") + 1, attempts=F("attempts") + 1, **changes)
    for row in rows:
        row.fence += 1
        row.attempts += 1
        for name, value in changes.items():
            setattr(row, name, value)
    return rows


def _rows_of(rows: list) -> models.QuerySet:
    return type(rows[0])._base_manager.filter(pk__in=[row.pk for row in rows])


def _own(row: LeasedRow) -> models.QuerySet:
    return type(row)._base_manager.filter(pk=row.pk, fence=row.fence)
