"""Bulk sync of orders, payments and shipments from the shop's own systems."""

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.verbs import announce
from orders.models import Merchant, Order, OrderLine, Payment, Shipment, ShipmentEvent
from orders.signals import orders_changed

from .batch import OrderBatch
from .faults import find_faults
from .people import blank_id_fault, customer_faults, repeat_fault
from .rows import OrderPart, OrderRow, Outcome, Row, RowResult, ShipmentRow
from .scans import shipment_status
from .values import order_values, shipment_values

NEEDED = ("placed_at",)


@transaction.atomic
def upsert_orders(merchant: Merchant, rows: Sequence[OrderRow]) -> list[RowResult]:
    """Create and change orders with their customers, lines, payments and shipments.

    Idempotent by external id: a row that says what is already stored writes nothing. Returns one result per row, in order;
    a row with a fault is rejected and stops no other one. The number of statements does not depend on the number of rows.
    Appends the events of what became known, and wakes the hearers of ``orders_changed``.
    """
    customer_ids = (row.customer.external_id for row in rows if row.customer)
    batch = OrderBatch(merchant, (row.external_id for row in rows), customer_ids=customer_ids)
    seen: set[str] = set()
    results = [_put_order(batch, row, seen) for row in rows]
    _save(batch)
    return results


@transaction.atomic
def upsert_payments(merchant: Merchant, parts: Sequence[OrderPart]) -> list[RowResult]:
    """Create and change payments of orders that exist; as ``upsert_orders`` otherwise."""
    return _put_parts(merchant, parts, payment_faults, OrderBatch.put_payment, "payments")


@transaction.atomic
def upsert_shipments(merchant: Merchant, parts: Sequence[OrderPart]) -> list[RowResult]:
    """Create and change shipments of orders that exist, with their scans; as ``upsert_orders`` otherwise."""
    return _put_parts(merchant, parts, shipment_faults, OrderBatch.put_shipment, "shipments")


def order_faults(batch: OrderBatch, row: OrderRow) -> dict[str, str]:
    """Everything wrong with an order and what comes along with it."""
    faults = find_faults(Order, {"external_id": row.external_id, **row.values}) | blank_id_fault(row.external_id)
    faults = faults or find_faults(Order, order_values({"number": row.external_id, **row.values}))
    if batch.orders.get(row.external_id) is None:
        missing = [name for name in NEEDED if not row.values.get(name)] + ([] if row.customer else ["customer"])
        faults |= {name: _("This field may not be empty.") for name in missing}
    if row.customer:
        faults |= _within("customer", customer_faults(row.customer))
    children = (
        ("lines", row.lines, line_faults),
        ("payments", row.payments, payment_faults),
        ("shipments", row.shipments, shipment_faults),
    )
    for name, parts, faults_of in children:
        for index, part in enumerate(parts):
            faults |= _within(f"{name}.{index}", faults_of(batch, row.external_id, part))
    return faults


def line_faults(batch: OrderBatch, order_id: str, row: Row) -> dict[str, str]:
    is_new = batch.lines.get((order_id, row.external_id)) is None
    return _child_faults(OrderLine, row, ("sku", "title") if is_new else ())


def payment_faults(batch: OrderBatch, order_id: str, row: Row) -> dict[str, str]:
    is_new = batch.payments.get((order_id, row.external_id)) is None
    return _child_faults(Payment, row, ("method", "amount_fen") if is_new else ())


def shipment_faults(batch: OrderBatch, order_id: str, row: ShipmentRow) -> dict[str, str]:
    values = row.values | ({"status": shipment_status(row.values["status"])} if row.values.get("status") else {})
    faults = find_faults(Shipment, {"external_id": row.external_id, **values}) | blank_id_fault(row.external_id)
    faults = faults or find_faults(Shipment, shipment_values(row.values))
    if row.carrier and row.carrier not in batch.carriers:
        faults["carrier"] = _("No such carrier.")
    if row.warehouse and row.warehouse not in batch.warehouses:
        faults["warehouse"] = _("No such warehouse.")
    for index, scan in enumerate(row.scans):
        values = {"at": scan.at, "status": shipment_status(scan.status), "text": scan.text, "place": scan.place}
        faults |= _within(f"scans.{index}", find_faults(ShipmentEvent, values))
    return faults


def _put_order(batch: OrderBatch, row: OrderRow, seen: set[str]) -> RowResult:
    faults = repeat_fault() if row.external_id in seen else order_faults(batch, row)
    if faults:
        return RowResult(row.external_id, Outcome.REJECTED, faults)
    seen.add(row.external_id)
    order = batch.put_order(row.external_id, row.values, row.customer)
    for line in row.lines:
        batch.put_line(order, line)
    for payment in row.payments:
        batch.put_payment(order, payment)
    for shipment in row.shipments:
        batch.put_shipment(order, shipment)
    batch.settle(order)
    outcome = batch.orders.outcome(row.external_id)
    is_changed = outcome is Outcome.UNCHANGED and batch.orders.is_touched(row.external_id)
    return RowResult(row.external_id, Outcome.CHANGED if is_changed else outcome)


def _put_parts(merchant: Merchant, parts: Sequence[OrderPart], faults_of: Callable, put: Callable, shelf_name: str) -> list[RowResult]:
    batch = OrderBatch(merchant, (part.order for part in parts))
    shelf, seen, results = getattr(batch, shelf_name), set(), []
    for part in parts:
        key = (part.order, part.row.external_id)
        faults = _part_faults(batch, part, key in seen, faults_of)
        if faults:
            results.append(RowResult(part.row.external_id, Outcome.REJECTED, faults))
            continue
        seen.add(key)
        order = batch.orders.get(part.order)
        put(batch, order, part.row)
        batch.settle(order)
        is_marked = shelf.outcome(key) is Outcome.UNCHANGED and shelf.is_touched(key)
        results.append(RowResult(part.row.external_id, Outcome.CHANGED if is_marked else shelf.outcome(key)))
    _save(batch)
    return results


def _part_faults(batch: OrderBatch, part: OrderPart, is_repeated: bool, faults_of: Callable) -> dict[str, str]:
    if is_repeated:
        return repeat_fault()
    if batch.orders.get(part.order) is None:
        return {"order": _("No such order.")}
    return faults_of(batch, part.order, part.row)


def _child_faults(model, row: Row, needed: Sequence[str]) -> dict[str, str]:
    faults = find_faults(model, {"external_id": row.external_id, **row.values}) | blank_id_fault(row.external_id)
    missing = [name for name in needed if row.values.get(name) in (None, "")]
    return faults | {name: _("This field may not be empty.") for name in missing}


def _within(prefix: str, faults: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}.{name}": text for name, text in faults.items()}


def _save(batch: OrderBatch) -> None:
    touched = batch.save()
    if touched:
        announce(orders_changed, order_ids=[order.pk for order in touched])
