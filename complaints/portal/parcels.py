"""Where the goods are: the parcels of a complaint's order with their latest scans."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from orders.models import Order, Shipment, ShipmentEvent
from ui.localize import localized

SILENT_AFTER = timedelta(hours=48)
MOST_PARCELS, MOST_SCANS = 5, 6
MOVING = {Shipment.Status.PENDING, Shipment.Status.IN_TRANSIT, Shipment.Status.OUT_FOR_DELIVERY, Shipment.Status.EXCEPTION}


@dataclass(frozen=True)
class Parcel:
    """One parcel; ``is_silent`` when it should be moving and no scanner has seen it for two days."""

    waybill: str
    carrier: str
    status: str
    is_silent: bool
    scans: list[ShipmentEvent]


def parcels_of(order_id: int | None) -> list[Parcel]:
    """The parcels of an order, newest first; two queries, none without an order."""
    if order_id is None:
        return []
    rows = Order(pk=order_id).shipments.select_related("carrier").prefetch_related("scans").order_by("-pk")[:MOST_PARCELS]
    return [_parcel(row) for row in rows]


def _parcel(row: Shipment) -> Parcel:
    last = row.last_scan_at or row.shipped_at
    is_silent = row.status in MOVING and last is not None and timezone.now() - last > SILENT_AFTER
    carrier = localized(row.carrier, "name") if row.carrier else ""
    scans = sorted(row.scans.all(), key=lambda scan: (scan.at, scan.pk), reverse=True)
    return Parcel(row.waybill, carrier, row.get_status_display(), is_silent, scans[:MOST_SCANS])
