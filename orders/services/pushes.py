"""Pushes of carriers: stored as they came, read later. Nothing is believed that is not proven, and nothing is read in the request."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from foundation.hints import hint
from foundation.leases import claim, finish
from orders.carriers import adapter_for
from orders.carriers.base import CarrierAdapter, CarrierUnavailableError
from orders.models import InboundPush

from .tracking import record_end, record_scans

logger = logging.getLogger(__name__)
BATCH = 20
LEASE_SECONDS = 60
RETRY = timedelta(seconds=30)
LONGEST_REJECTED = 16 * 1024
TASK = "orders.pushes"
State = InboundPush.State


def store_push(adapter: CarrierAdapter, headers: Mapping[str, str], raw: bytes) -> InboundPush:
    """Verify a push over its raw bytes and store it; one that came before stays the row it is.

    Raises ``InvalidSignatureError`` when it is not proven to be the carrier's.
    """
    adapter.verify_push(headers, raw)
    digest = push_digest(adapter.code, raw)
    proof = {name: headers[name] for name in adapter.proof_headers if name in headers}
    push = InboundPush.objects.get_or_create(digest=digest, defaults={"tracker": adapter.code, "raw": raw, "headers": proof})[0]
    hint(TASK)
    return push


def record_rejection(adapter: CarrierAdapter, raw: bytes, *, why: str) -> None:
    """Keep a push that was not believed, as a record only and not at any length; the same one again is the same record."""
    digest = push_digest(adapter.code, raw, "rejected")
    values = {"tracker": adapter.code, "raw": raw[:LONGEST_REJECTED], "state": State.REJECTED, "why": why[:60]}
    InboundPush.objects.get_or_create(digest=digest, defaults=values)


def push_digest(*parts: str | bytes) -> str:
    """sha256 over the length-prefixed parts, so that no rejected push has the digest of a true one."""
    coded = [part if isinstance(part, bytes) else part.encode() for part in parts]
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in coded)).hexdigest()


def due_pushes() -> QuerySet[InboundPush]:
    return InboundPush.objects.filter(state=State.STORED, next_at__lte=Now())


def read_pushes(*, limit: int = BATCH) -> int:
    """Read one batch of stored pushes, each in a transaction of its own; returns how many rows were worked."""
    rows = claim(due_pushes(), seconds=LEASE_SECONDS, limit=limit, parked={"state": State.DEAD, "why": "crashed"})
    for push in rows:
        _read_apart(push)
    return len(rows)


def _read_apart(push: InboundPush) -> None:
    try:
        _read(push)
    except CarrierUnavailableError as error:
        logger.warning("push %d of %s cannot be read: %s", push.pk, push.tracker, error)
        finish(push, state=State.DEAD, why=str(error)[:60])
    except Exception:
        logger.exception("push %d of %s will be read again", push.pk, push.tracker)
        # The attempt stays counted: what fails five times is given up, and shows.
        InboundPush.objects.filter(pk=push.pk, fence=push.fence).update(claimed_by="", next_at=Now() + RETRY)


@transaction.atomic
def _read(push: InboundPush) -> None:
    if not finish(push, state=State.READ):
        return
    told = adapter_for(push.tracker).read_verified(bytes(push.raw))
    if told.scans:
        record_scans(push.tracker, told.scans)
    if told.ended:
        record_end(push.tracker, told.ended, at=push.received_at)
