"""What the shop knows: merchants, customers, orders, payments, shipments, warehouses, and the news about them."""

# A foreign key without an index of its own (``db_index=False``) leads a unique constraint or another index of its table.
from .customer import Consent, Customer
from .event import OrderEvent, OrderEventPending, OrderFeed
from .merchant import ApiToken, Merchant, MerchantMember, Warehouse, WarehouseMember
from .order import Order, OrderLine, Payment
from .shipment import Carrier, Shipment, ShipmentEvent
from .sync import ImportFinding, ImportRun
from .waybill import InboundPush, WaybillFeed, WaybillScan, WaybillScanPending, WaybillWatch

__all__ = [
    "ApiToken", "Carrier", "Consent", "Customer", "ImportFinding", "ImportRun", "InboundPush", "Merchant", "MerchantMember", "Order",
    "OrderEvent", "OrderEventPending", "OrderFeed", "OrderLine", "Payment", "Shipment", "ShipmentEvent", "Warehouse", "WarehouseMember",
    "WaybillFeed", "WaybillScan", "WaybillScanPending", "WaybillWatch",
]  # fmt: skip
