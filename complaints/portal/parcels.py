"""Where the goods are: the parcels of a complaint's order with their latest scans."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from foundation.prepared import Statement
from orders.models import Carrier, Shipment
from ui.localize import localized

SILENT_AFTER = timedelta(hours=48)
MOST_PARCELS, MOST_SCANS = 5, 6
MOVING = {Shipment.Status.PENDING, Shipment.Status.IN_TRANSIT, Shipment.Status.OUT_FOR_DELIVERY, Shipment.Status.EXCEPTION}
# One statement for parcels, carriers and the latest scans of each, whatever their number.
FIND = Statement.named("""
    SELECT s.waybill, s.status, COALESCE(s.last_scan_at, s.shipped_at), c.name_zh, c.name_en,
           ARRAY(SELECT json_build_array(at, place, text) FROM orders_shipmentevent
                  WHERE shipment_id = s.id ORDER BY at DESC, id DESC LIMIT %(most_scans)s)
      FROM orders_shipment s LEFT JOIN orders_carrier c ON c.id = s.carrier_id
     WHERE s.order_id = %(order)s ORDER BY s.id DESC LIMIT %(most_parcels)s
""")


class Scan(NamedTuple):
    """What one scanner said."""

    at: datetime
    place: str
    text: str


@dataclass(frozen=True)
class Parcel:
    """One parcel; ``is_silent`` when it should be moving and no scanner has seen it for two days."""

    waybill: str
    carrier: str
    status: str
    is_silent: bool
    scans: list[Scan]


def parcels_of(order_id: int | None) -> list[Parcel]:
    """The parcels of an order, newest first; one query, none without an order."""
    if order_id is None:
        return []
    return [_parcel(*row) for row in FIND.rows(order=order_id, most_parcels=MOST_PARCELS, most_scans=MOST_SCANS)]


def _parcel(waybill: str, status: str, last: datetime | None, name_zh: str | None, name_en: str | None, scans: list) -> Parcel:
    is_silent = status in MOVING and last is not None and timezone.now() - last > SILENT_AFTER
    carrier = localized(Carrier(name_zh=name_zh, name_en=name_en), "name") if name_zh is not None else ""
    return Parcel(waybill, carrier, Shipment.Status(status).label, is_silent, [_scan(*scan) for scan in scans])


def _scan(at: str, place: str, text: str) -> Scan:
    return Scan(datetime.fromisoformat(at), place, text)
