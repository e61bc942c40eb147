"""Answering questions that nobody waits for: one at a time in the whole house, each within bounds, and again after a crash."""

import logging
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from analytics.ledger.freshness import freshness
from analytics.models import Snapshot
from foundation.failpoints import failpoint
from foundation.leases import claim, finish

from .coding import needs_from_json, question_from_json, tallies_as_json
from .sources import read_tallies

logger = logging.getLogger(__name__)
# A statement ends before its task does, and the lease after both.
STATEMENT_SECONDS, LEASE_SECONDS = 180, 330
TURN = "SELECT pg_advisory_xact_lock(hashtext('analytics.snapshots'), 0)"
KEPT = timedelta(days=7)
MOST_KEPT = 500
State = Snapshot.State


def answer_next() -> int:
    """Answer the question that has waited longest, unless one is being answered; returns how many were."""
    row = _claim_one()
    if row is None:
        return 0
    try:
        changes = _answer(row)
    except Exception as error:
        logger.exception("snapshot %s could not be computed", row.key)
        changes = {"state": State.FAILED, "error": type(error).__name__[:100]}
    failpoint("snapshots.before_finish")
    finish(row, done_at=timezone.now(), **changes)
    return 1


def waiting_snapshots() -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(state=State.WAITING)


def forget_snapshots(*, before: datetime) -> int:
    """Delete answers that nobody has asked for since, and the longest unasked of more than five hundred; returns how many."""
    kept = Snapshot.objects.order_by("-asked_at", "-pk").values("pk")[:MOST_KEPT]
    old = Snapshot.objects.filter(asked_at__lt=before) | Snapshot.objects.exclude(pk__in=kept)
    return old.delete()[0]


@transaction.atomic
def _claim_one() -> Snapshot | None:
    with connection.cursor() as cursor:
        cursor.execute(TURN)
    if waiting_snapshots().filter(next_at__gt=Now()).exclude(claimed_by="").exists():
        return None
    parked = {"state": State.FAILED, "error": "crashed", "done_at": timezone.now()}
    rows = claim(waiting_snapshots(), seconds=LEASE_SECONDS, limit=1, claimed={"started_at": timezone.now()}, parked=parked)
    return rows[0] if rows else None


def _answer(row: Snapshot) -> dict:
    """The tallies as of now; whatever was written down before the reading began is in them."""
    question, needs, as_of = question_from_json(row.question), needs_from_json(row.needs), freshness().as_of
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [f"{STATEMENT_SECONDS}s"])
        tallies = read_tallies(question, needs, as_of=as_of, is_patient=True)
    payload = {"needs": row.needs, "tallies": tallies_as_json(tallies)}
    return {"state": State.DONE, "payload": payload, "watermark": as_of, "error": ""}
