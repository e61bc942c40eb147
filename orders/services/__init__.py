"""Every write to what the shop knows."""

from .erasure import erase_customers
from .people import upsert_customers
from .places import add_carriers, upsert_warehouses
from .rows import OrderPart, OrderRow, Outcome, Row, RowResult, ScanRow, ShipmentRow, count_outcomes
from .sync import upsert_orders, upsert_payments, upsert_shipments

__all__ = [
    "OrderPart", "OrderRow", "Outcome", "Row", "RowResult", "ScanRow", "ShipmentRow", "add_carriers", "count_outcomes",
    "erase_customers",
    "upsert_customers", "upsert_orders", "upsert_payments", "upsert_shipments", "upsert_warehouses",
]  # fmt: skip
