"""What an order's state follows from when its shop does not say it itself."""

from collections.abc import Sequence

from orders.models import Order, Payment, Shipment

Status = Order.Status
WAY = [Status.UNPAID, Status.PAID, Status.SHIPPED, Status.DELIVERED, Status.CONFIRMED]


def settle_order(order: Order, payments: Sequence[Payment], shipments: Sequence[Shipment]) -> None:
    """Fill times that are missing from payments and shipments, and move the state forward with them; never back."""
    paid = [payment.paid_at for payment in payments if payment.status == Payment.Status.CAPTURED and payment.paid_at]
    order.paid_at = order.paid_at or min(paid, default=None)
    order.shipped_at = order.shipped_at or min((each.shipped_at for each in shipments if each.shipped_at), default=None)
    if order.delivered_at is None and shipments and all(each.delivered_at for each in shipments):
        order.delivered_at = max(each.delivered_at for each in shipments)
    if order.status != Status.CANCELLED:
        order.status = max(order.status, _status_by_times(order), key=WAY.index)


def _status_by_times(order: Order) -> str:
    reached = [(order.confirmed_at, Status.CONFIRMED), (order.delivered_at, Status.DELIVERED), (order.shipped_at, Status.SHIPPED)]
    later = next((status for at, status in reached if at), None)
    return later or (Status.PAID if order.paid_at else Status.UNPAID)
