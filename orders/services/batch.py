"""Orders with everything that hangs on them, changed in memory and written with a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from foundation.events import store_events
from orders.models import Carrier, Merchant, Order, OrderLine, Payment, Shipment, ShipmentEvent, Warehouse

from .erasure import CUSTOMER_FIELDS, without_erased
from .locks import lock_sync
from .news import OrderNews
from .people import load_customers, put_customer
from .rows import Row, ScanRow, ShipmentRow
from .scans import fold_times, last_status, scan_digest, shipment_status
from .shelf import Shelf
from .timeline import settle_order
from .values import order_values, shipment_values


class OrderBatch:
    """The orders of one call, loaded and locked at once."""

    def __init__(self, merchant: Merchant, external_ids: Iterable[str], *, customer_ids: Iterable[str] = ()) -> None:
        lock_sync(merchant)
        self.merchant = merchant
        self.customers = load_customers(merchant, customer_ids)
        self.orders = Shelf(Order, lambda row: row.external_id, self._stored_orders(external_ids))
        self.id_of_order = {row.pk: key for key, row in self.orders.rows.items()}
        self.news = {key: OrderNews(row) for key, row in self.orders.rows.items()}
        self.lines, self.payments, self.shipments = (self._load_children(model) for model in (OrderLine, Payment, Shipment))
        self.scans, self.new_scans = self._load_scans(), []
        self.carriers = {carrier.code: carrier for carrier in Carrier.objects.all()}
        self.warehouses = {place.code: place for place in Warehouse.objects.filter(merchant=merchant)}

    def _stored_orders(self, external_ids: Iterable[str]) -> QuerySet[Order]:
        """Locked, each with whether its customer was erased; the customer's own fields are left where they are."""
        orders = Order.objects.filter(merchant=self.merchant, external_id__in=set(external_ids)).order_by("id")
        told = orders.select_related("customer").defer(*(f"customer__{name}" for name in CUSTOMER_FIELDS))
        return told.select_for_update(no_key=True, of=("self",))

    def put_order(self, external_id: str, values: dict[str, Any], customer: Row | None) -> Order:
        if external_id not in self.orders.rows:
            # A new order has a number, and its state follows from what is known about it.
            values = {"number": external_id, "status": Order.Status.UNPAID, "currency": self.merchant.currency, **values}
        values = without_erased(self.orders.get(external_id), order_values(values))
        order = self.orders.put(external_id, values, merchant=self.merchant, external_id=external_id)
        if customer is not None:
            order.customer = put_customer(self.customers, self.merchant, customer)
        self.news.setdefault(external_id, OrderNews(None))
        return order

    def put_line(self, order: Order, row: Row) -> None:
        self.lines.put((order.external_id, row.external_id), row.values, order=order, external_id=row.external_id)

    def put_payment(self, order: Order, row: Row) -> None:
        key = (order.external_id, row.external_id)
        before = self.payments.get(key)
        was_captured = before is not None and before.status == Payment.Status.CAPTURED
        payment = self.payments.put(key, row.values, order=order, external_id=row.external_id, currency=order.currency)
        if payment.status == Payment.Status.CAPTURED and not was_captured:
            self.news[order.external_id].captured.append(payment)

    def put_shipment(self, order: Order, row: ShipmentRow) -> None:
        key = (order.external_id, row.external_id)
        shipment = self.shipments.put(key, shipment_values(row.values), order=order, external_id=row.external_id)
        if row.carrier is not None:
            shipment.carrier = self.carriers[row.carrier] if row.carrier else None
        if row.warehouse is not None:
            shipment.warehouse = self.warehouses[row.warehouse] if row.warehouse else None
        for scan in row.scans:
            self._put_scan(key, shipment, scan)
        known = self.scans[key]
        if known:
            fold_times(shipment, known.values())
        if row.scans:
            shipment.status = last_status(known.values())

    def settle(self, order: Order) -> None:
        """Let the order follow from its payments and shipments where the shop said nothing itself."""
        key = order.external_id
        settle_order(order, self.payments.children(key), self.shipments.children(key))
        if any(shelf.has_touched_children(key) for shelf in (self.lines, self.payments, self.shipments)):
            self.orders.mark(key)

    def save(self) -> list[Order]:
        """Write whatever changed, with its events; returns the orders that were touched."""
        self.customers.save()
        self.orders.reserve_ids()
        self.shipments.reserve_ids()
        touched = self.orders.touched()
        events = [event for order in touched for event in self._events_of(order)]
        for shelf in (self.orders, self.lines, self.payments, self.shipments):
            shelf.save()
        ShipmentEvent.objects.bulk_create(self.new_scans)
        store_events(events)
        return touched

    def _events_of(self, order: Order) -> list:
        return self.news[order.external_id].events(order, self.lines.children(order.external_id))

    def _put_scan(self, key: tuple[str, str], shipment: Shipment, row: ScanRow) -> None:
        row = replace(row, status=shipment_status(row.status))
        digest = scan_digest(row)
        if digest in self.scans[key]:
            return
        scan = ShipmentEvent(shipment=shipment, at=row.at, status=row.status, place=row.place, text=row.text, digest=digest)
        self.scans[key][digest] = scan
        self.new_scans.append(scan)
        self.shipments.mark(key)
        self.news[key[0]].scans.append(scan)

    def _load_children(self, model) -> Shelf:
        stored = model.objects.filter(order__in=list(self.id_of_order)).order_by("id") if self.id_of_order else ()
        return Shelf(model, lambda row: (self.id_of_order[row.order_id], row.external_id), stored)

    def _load_scans(self) -> dict[tuple[str, str], dict[str, ShipmentEvent]]:
        scans: dict = defaultdict(dict)
        key_of = {row.pk: key for key, row in self.shipments.rows.items()}
        for scan in ShipmentEvent.objects.filter(shipment__in=list(key_of)) if key_of else ():
            scans[key_of[scan.shipment_id]][scan.digest] = scan
        return scans
