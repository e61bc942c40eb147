"""What scanners saw, folded into the state of a shipment: the same scans give the same state in any order, doubled or not."""

import hashlib
from collections.abc import Sequence
from datetime import UTC

from orders.models import Shipment, ShipmentEvent

from .rows import ScanRow

Status = Shipment.Status

# How carriers call a state (the tag set that most tracking services share), and how we do.
CARRIER_WORDS = {
    "pending": Status.PENDING,
    "inforeceived": Status.PENDING,
    "intransit": Status.IN_TRANSIT,
    "outfordelivery": Status.OUT_FOR_DELIVERY,
    "attemptfail": Status.EXCEPTION,
    "delivered": Status.DELIVERED,
    "availableforpickup": Status.AT_STATION,
    "exception": Status.EXCEPTION,
    "expired": Status.EXCEPTION,
}
# Which of two scans of the same second is the later one.
RANK = {
    status: rank
    for rank, status in enumerate(
        [
            Status.PENDING, Status.IN_TRANSIT, Status.OUT_FOR_DELIVERY, Status.AT_STATION, Status.EXCEPTION,
            Status.RETURNING, Status.LOST, Status.DELIVERED,
        ]
    )
}  # fmt: skip


def shipment_status(word: str) -> str:
    """Our word for a carrier's; an unknown word is returned as it came, to be refused by name."""
    return CARRIER_WORDS.get(word.replace("_", "").replace(" ", "").lower(), word)


def scan_digest(scan: ScanRow) -> str:
    """What makes two deliveries the same scan: time, state and text."""
    at = scan.at.astimezone(UTC).isoformat()
    return hashlib.sha256("\0".join((at, scan.status, scan.text)).encode()).hexdigest()


def fold_times(shipment: Shipment, scans: Sequence[ShipmentEvent]) -> None:
    """Derive the times of a shipment from all its scans."""
    shipment.last_scan_at = max(scan.at for scan in scans)
    moving = [scan.at for scan in scans if scan.status != Status.PENDING]
    delivered = [scan.at for scan in scans if scan.status == Status.DELIVERED]
    shipment.shipped_at = min(filter(None, [shipment.shipped_at, *moving]), default=None)
    shipment.delivered_at = min(filter(None, [shipment.delivered_at, *delivered]), default=None)


def last_status(scans: Sequence[ShipmentEvent]) -> str:
    """The state that the latest scan names."""
    return max(scans, key=lambda scan: (scan.at, RANK[scan.status])).status
