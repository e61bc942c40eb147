"""The order as it was when the case was submitted: goods, prices and payments, and nobody's name or address."""

from typing import Any

from orders.models import Order, Payment

OF_LINE = ("id", "sku", "title", "variant", "quantity", "unit_fen", "paid_fen", "exception")


def snapshot_of(order: Order) -> dict[str, Any]:
    payments = order.payments.filter(status=Payment.Status.CAPTURED).order_by("pk")
    return {
        "number": order.number,
        "total_fen": order.total_fen,
        "freight_fen": order.freight_fen,
        "discount_fen": order.discount_fen,
        "currency": order.currency,
        "delivered_at": order.delivered_at.isoformat() if order.delivered_at else None,
        "lines": list(order.lines.order_by("pk").values(*OF_LINE)),
        "payments": [{"id": each.pk, "method": each.method, "amount_fen": each.amount_fen} for each in payments],
    }
