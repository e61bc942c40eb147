"""Notices of payment providers. A good one is kept and has its refund asked about at once; it decides nothing by itself."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from foundation.hints import hint
from foundation.leases import claim, finish, give_back
from workflows.gateways.base import InvalidSignatureError, Notification, RefundGateway
from workflows.machines.refund import RefundState
from workflows.models import InboundNotification, Refund

logger = logging.getLogger(__name__)
State = InboundNotification.State
# Kept of what was refused: enough to see what it was, too little to fill a disk.
MOST_REFUSED_BYTES = 4096
KEPT_HEADERS = ("content-type", "user-agent")
LONGEST_HEADER, LONGEST_ID, LONGEST_KEY = 200, 120, 64
LEASE_SECONDS, BATCH = 60, 50
SOON = timedelta(seconds=5)
# Not before a refund was sent; while it is being sent its own lease says when it is looked at.
BEING_SENT = (RefundState.QUEUED, RefundState.SUBMITTING)
NEVER_SENT = (RefundState.PENDING_APPROVAL, RefundState.ARMED)


def receive_notice(gateway: RefundGateway, headers: Mapping[str, str], raw: bytes) -> bool:
    """Verify a notice over its bytes and keep it; False: it is forged, stale or unreadable, of which only a record stays.

    Verifying may be slow, so it happens outside any transaction. The same notice again changes nothing.
    """
    try:
        notice = gateway.parse_notification(headers, raw)
    except InvalidSignatureError as error:
        _keep_refused(gateway.code, headers, raw, why=str(error))
        return False
    _keep(gateway.code, notice, headers)
    return True


def read_notices() -> int:
    """Have the refunds of notices asked about that could not be when the notice came; returns how many were read."""
    rows = claim(InboundNotification.objects.filter(state=State.STORED), seconds=LEASE_SECONDS, limit=BATCH, parked={"state": State.DEAD})
    return sum(_read_again(row) for row in rows)


def forget_refused(*, older_than: timedelta = timedelta(days=30)) -> int:
    """Delete records of refused notices; anybody can make them."""
    return InboundNotification.objects.filter(state=State.REJECTED, received_at__lt=Now() - older_than).delete()[0]


@transaction.atomic
def _keep(gateway: str, notice: Notification, headers: Mapping[str, str]) -> None:
    """One row for each notice that a provider gave a number, however often and from wherever it comes."""
    row = InboundNotification(gateway=gateway, notify_id=notice.notify_id[:LONGEST_ID], raw=notice.raw, headers=_kept(headers))
    row.out_refund_no = notice.out_refund_no[:LONGEST_KEY]
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return
    if ask_about(gateway, row.out_refund_no):
        row.state = State.READ
        row.save(update_fields=["state"])


def ask_about(gateway: str, out_refund_no: str) -> bool:
    """Make the next question about a refund due now. False: it cannot be asked about yet, because it is being sent or worked on."""
    refund = Refund.objects.filter(gateway=gateway, out_refund_no=out_refund_no).exclude(state__in=NEVER_SENT)
    if not refund.exists():
        return True
    ready = refund.exclude(state__in=BEING_SENT).select_for_update(skip_locked=True, no_key=True).first()
    if ready is None:
        return False
    Refund.objects.filter(pk=ready.pk).update(next_at=Now())
    hint("workflows.settle")
    return True


def _read_again(row: InboundNotification) -> bool:
    with transaction.atomic():
        if ask_about(row.gateway, row.out_refund_no):
            return finish(row, state=State.READ)
    give_back(row, delay=SOON)
    return False


def _keep_refused(gateway: str, headers: Mapping[str, str], raw: bytes, *, why: str) -> None:
    """Under a number of our own: whoever forges a notice must not be able to take the number of a real one."""
    logger.warning("a notice of %s was refused: %s", gateway, why)
    digest = hashlib.sha256(raw).hexdigest()
    row = InboundNotification(
        gateway=gateway,
        notify_id=f"refused:{digest}",
        raw=raw[:MOST_REFUSED_BYTES],
        headers=_kept(headers),
        state=State.REJECTED,
        why=why[:40],
    )
    InboundNotification.objects.bulk_create([row], ignore_conflicts=True)


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Signatures and addresses are of no use later."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return {name: lowered[name].replace("\x00", "")[:LONGEST_HEADER] for name in KEPT_HEADERS if name in lowered}
