"""Every write to what the shop knows."""

from .erasure import erase_customers
from .people import upsert_customers
from .places import add_carriers, upsert_warehouses
from .rows import OrderPart, OrderRow, Outcome, Row, RowResult, ScanRow, ShipmentRow, count_outcomes
from .sync import upsert_orders, upsert_payments, upsert_shipments
from .tracking import carrier_scan, record_scans, scan_digest
from .watching import end_watch, watch_waybill

__all__ = [
    "OrderPart", "OrderRow", "Outcome", "Row", "RowResult", "ScanRow", "ShipmentRow", "add_carriers", "carrier_scan", "count_outcomes",
    "end_watch", "erase_customers", "record_scans", "scan_digest", "upsert_customers", "upsert_orders", "upsert_payments",
    "upsert_shipments", "upsert_warehouses", "watch_waybill",
]  # fmt: skip
