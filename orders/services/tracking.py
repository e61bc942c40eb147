"""What carriers tell about waybills, written to whatever of ours they belong to: shipments, and waybills that we watch."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from orders.carriers.base import CarrierScan, CarrierTag, ProblemReason, WatchEnded
from orders.models import Merchant, Shipment, WaybillScan, WaybillScanPending, WaybillWatch

from .faults import EARLIEST, LATEST, UNSTORABLE
from .rows import OrderPart, ScanRow, ShipmentRow
from .sync import upsert_shipments

PROBLEM_STATUS = {ProblemReason.RETURNING: Shipment.Status.RETURNING, ProblemReason.LOST: Shipment.Status.LOST}
NOT_STORED = {"waybill"}
OVER = {"phone_tail": "", "claimed_by": "", "fence": F("fence") + 1}


@transaction.atomic
def record_scans(tracker: str, scans: Collection[CarrierScan]) -> int:
    """Write the scans that are new to the watches and shipments of their waybills; returns how many the watches took.

    Only carriers that are followed by ``tracker`` are meant, and shipments of no known carrier. Scans of other waybills are dropped.
    Doing it twice changes nothing. Shipments append ``shipment.scanned`` to their order, watches fill ``WaybillFeed``.
    """
    told = _by_waybill(scans)
    watches = list(_watches_of(tracker, told).order_by("id").select_for_update(no_key=True))
    taken = _store(watches, told)
    WaybillWatch.objects.filter(pk__in=[watch.pk for watch in watches]).update(heard_at=Now())
    _tell_shipments(tracker, told)
    return taken


@transaction.atomic
def record_end(tracker: str, ended: WatchEnded, *, at: datetime) -> int:
    """The carrier stopped watching: ask again under the courier it found instead, or tell that no news will come.

    A courier is corrected once only. Otherwise a scan says ``Expired``, from which the apps above see a problem. Returns how many
    watches ended.
    """
    watches = list(_watches_of(tracker, [ended.waybill]).filter(ended_at__isnull=True).order_by("id").select_for_update(no_key=True))
    corrected = [watch for watch in watches if ended.better_courier and not watch.tracker_code]
    _rows(corrected).update(tracker_code=ended.better_courier[:40], subscribed_at=None, heard_at=Now(), next_at=Now(), fence=F("fence") + 1)
    over = [watch for watch in watches if watch not in corrected]
    _store(over, {ended.waybill: [CarrierScan(ended.waybill, at, CarrierTag.EXPIRED, "abort", ended.reason)]})
    _rows(over).update(ended_at=Now(), heard_at=Now(), **OVER)
    return len(over)


def carrier_scan(row: WaybillScan, waybill: str) -> CarrierScan:
    """A stored scan as the carriers' fold takes it."""
    values = {field.name: getattr(row, field.name) for field in fields(CarrierScan) if field.name not in NOT_STORED}
    return CarrierScan(waybill=waybill, **values)


def scan_digest(scan: CarrierScan) -> str:
    """What makes two deliveries the same scan: everything that it says."""
    said = (scan.at.astimezone(UTC).isoformat(), scan.tag, scan.subtag, scan.text, scan.place, scan.problem, str(scan.is_pickup))
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _by_waybill(scans: Iterable[CarrierScan]) -> dict[str, list[CarrierScan]]:
    told = defaultdict(list)
    for scan in scans:
        if scan.waybill:
            told[scan.waybill].append(scan)
    return told


def _watches_of(tracker: str, waybills: Iterable[str]) -> QuerySet[WaybillWatch]:
    return WaybillWatch.objects.filter(carrier__tracker=tracker, waybill__in=list(waybills))


def _rows(watches: list[WaybillWatch]) -> QuerySet[WaybillWatch]:
    return WaybillWatch.objects.filter(pk__in=[watch.pk for watch in watches])


def _store(watches: list[WaybillWatch], told: dict[str, list[CarrierScan]]) -> int:
    """Insert what the locked watches do not know yet, and queue it for the feed."""
    known = set(WaybillScan.objects.filter(watch__in=watches).values_list("watch_id", "digest")) if watches else set()
    new = {}
    for watch in watches:
        for scan in told[watch.waybill]:
            row = _scan_row(watch, scan)
            if (watch.pk, row.digest) not in known:
                new.setdefault((watch.pk, row.digest), row)
    rows = sorted(new.values(), key=lambda row: (row.watch_id, row.at))
    WaybillScan.objects.bulk_create(rows)
    WaybillScanPending.objects.bulk_create([WaybillScanPending(event_id=row.pk) for row in rows])
    return len(rows)


def _scan_row(watch: WaybillWatch, scan: CarrierScan) -> WaybillScan:
    values = {field.name: getattr(scan, field.name) for field in fields(CarrierScan) if field.name not in NOT_STORED}
    return WaybillScan(watch=watch, digest=scan_digest(scan), **values)


def _tell_shipments(tracker: str, told: dict[str, list[CarrierScan]]) -> None:
    is_followed = Q(carrier__isnull=True) | Q(carrier__tracker__in=["", tracker])
    shipments = Shipment.objects.filter(is_followed, waybill__in=list(told)).select_related("order__merchant").order_by("id")
    parts: dict[Merchant, list[OrderPart]] = defaultdict(list)
    for shipment in shipments:
        rows = tuple(_shipment_scan(scan) for scan in told[shipment.waybill] if says_where(scan))
        if rows:
            parts[shipment.order.merchant].append(OrderPart(shipment.order.external_id, ShipmentRow(shipment.external_id, scans=rows)))
    for merchant in sorted(parts, key=lambda each: each.pk):
        upsert_shipments(merchant, parts[merchant])


def says_where(scan: CarrierScan) -> bool:
    """False for a code that no document lists, by which a shipment would fall back to its beginning, and for a time that cannot be."""
    return scan.tag != CarrierTag.PENDING and EARLIEST <= scan.at <= LATEST


def _shipment_scan(scan: CarrierScan) -> ScanRow:
    status = PROBLEM_STATUS.get(scan.problem) or scan.tag.value
    text, place = (UNSTORABLE.sub("", each) for each in (scan.text, scan.place))
    return ScanRow(scan.at, status, text or scan.subtag or scan.tag.value, place)
