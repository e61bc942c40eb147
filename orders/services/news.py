"""What a batch has to tell about one order: events for the times that became known, new payments and new scans."""

from datetime import datetime

from django.utils import timezone

from foundation.events import EventSpec, chain_events
from orders.models import Order, OrderLine, Payment, ShipmentEvent

# A time that becomes known for the first time is news; a later correction of it is not the same news again.
MILESTONES = {
    "placed_at": "order.placed",
    "paid_at": "order.paid",
    "shipped_at": "order.shipped",
    "delivered_at": "order.delivered",
    "confirmed_at": "order.confirmed",
}
CANCELLED = Order.Status.CANCELLED


class OrderNews:
    """Collects the news of one order from before the batch to its end."""

    def __init__(self, stored: Order | None) -> None:
        self.known = {name for name in MILESTONES if stored is not None and getattr(stored, name)}
        self.was_cancelled = stored is not None and stored.status == CANCELLED
        self.captured: list[Payment] = []
        self.scans: list[ShipmentEvent] = []

    def events(self, order: Order, lines: list[OrderLine]) -> list:
        """Build the events in the order in which things happened and move the order's head; the caller stores both."""
        specs = [*self._milestones(order, lines), *self._payments(order), *self._scans()]
        return chain_events(order, sorted(specs, key=lambda spec: spec.at)) if specs else []

    def _milestones(self, order: Order, lines: list[OrderLine]) -> list[EventSpec]:
        about = {"merchant": order.merchant_id, "province": order.province, "skus": sorted({line.sku for line in lines})}
        names = [name for name in MILESTONES if getattr(order, name) and name not in self.known]
        specs = [_spec(MILESTONES[name], getattr(order, name), about) for name in names]
        if order.status == CANCELLED and not self.was_cancelled:
            specs.append(_spec("order.cancelled", order.cancelled_at or timezone.now(), about))
        return specs

    def _payments(self, order: Order) -> list[EventSpec]:
        return [
            _spec("payment.captured", each.paid_at or order.paid_at or order.placed_at, {"fen": each.amount_fen, "currency": each.currency})
            for each in self.captured
        ]

    def _scans(self) -> list[EventSpec]:
        return [_spec("shipment.scanned", scan.at, _scan_codes(scan)) for scan in self.scans]


def _spec(kind: str, at: datetime, codes: dict) -> EventSpec:
    return EventSpec(kind, codes=codes, at=at)


def _scan_codes(scan: ShipmentEvent) -> dict:
    shipment = scan.shipment
    carrier = shipment.carrier.code if shipment.carrier else ""
    return {"shipment": shipment.pk, "status": scan.status, "carrier": carrier, "warehouse": shipment.warehouse_id}
