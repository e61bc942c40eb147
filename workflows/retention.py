"""What of after-sales goes with age. Cases, the ledger and every fact about money stay: the law wants the books."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from complaints.models import Hold
from foundation.retention import keep
from workflows.models import Case, InboundNotification, WarehouseScan

NOTICES_KEPT = timedelta(days=180)


@keep("workflows.notifications")
def old_notifications(now: datetime) -> QuerySet[InboundNotification]:
    """Notices of payment providers as they came. One that still waits to be read is no record yet."""
    ended = InboundNotification.objects.exclude(state=InboundNotification.State.STORED)
    return ended.filter(received_at__lt=now - NOTICES_KEPT).order_by("pk")


@keep("workflows.scans", period="EVIDENCE")
def old_scans(before: datetime) -> QuerySet[WarehouseScan]:
    """Scans are evidence of what arrived: as long as the cases of their parcel need it, and what is held stays."""
    needed = Q(ended_at__isnull=True) | Q(ended_at__gte=before) | Exists(_holds())
    cases = Case.objects.filter(needed, parcels=OuterRef("parcel"))
    return WarehouseScan.objects.filter(~Exists(cases), recorded_at__lt=before).order_by("pk")


def _holds() -> QuerySet[Hold]:
    return Hold.objects.filter(complaint=OuterRef("complaint"), lifted_at__isnull=True)
