"""Rows as a shop's system would send them."""

from datetime import UTC, datetime, timedelta

from orders.services import OrderRow, Row, ScanRow, ShipmentRow

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def make_order_row(external_id="A-1001", *, lines=1, customer=None, payments=(), shipments=(), **values):
    """An order of a customer with ``lines`` kinds of goods, placed at noon."""
    goods = tuple(
        Row(str(number), {"sku": f"SKU{number}", "title": "白茶", "unit_fen": 9900, "paid_fen": 9900}) for number in range(1, lines + 1)
    )
    buyer = customer or Row("buyer-1", {"name": "李小满", "phone": "138 0000 1234", "email": "Xiaoman@Mail.example"})
    return OrderRow(external_id, {"placed_at": NOON, "total_fen": 9900 * lines, **values}, buyer, goods, tuple(payments), tuple(shipments))


def make_payment_row(external_id="P1", **values):
    return Row(
        external_id, {"method": "alipay", "amount_fen": 9900, "status": "captured", "paid_at": NOON + timedelta(minutes=5), **values}
    )


def make_scan(hours, status="in_transit", text=""):
    return ScanRow(NOON + timedelta(hours=hours), status, text or f"{status} after {hours} h", "上海")


def make_shipment_row(external_id="S1", *, scans=(), carrier=None, warehouse=None, **values):
    return ShipmentRow(external_id, values, carrier, warehouse, tuple(scans))
