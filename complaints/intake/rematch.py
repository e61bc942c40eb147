"""Complaints whose order was not there yet: each new order or waybill from the shop's systems tries them again, for seven days."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from complaints.intake.matching import Match
from complaints.intake.submission import snapshot
from complaints.lifecycle import LIVE
from complaints.models import Complaint, ComplaintCursor
from complaints.services import bind_order
from foundation.events import FeedEntry, consume_feed
from foundation.exceptions import RefusedError
from orders.models import Order, OrderFeed
from ui.normalise import normalise_code

CONSUMER = "order_rematch"
TELLING = {"order.placed", "order.paid", "order.shipped", "shipment.scanned"}
RETRY_FOR = timedelta(days=7)


def rematch_orders(*, limit: int = 500) -> int:
    """Read the next news about orders and bind the complaints that waited for them; returns how many entries were read."""
    return consume_feed(ComplaintCursor, OrderFeed, CONSUMER, work=_try_again, limit=limit)


def _try_again(entries: list[FeedEntry]) -> None:
    ids = {entry.subject_id for entry in entries if entry.kind in TELLING}
    orders = list(Order.objects.filter(pk__in=ids).select_related("customer").prefetch_related("lines", "shipments")) if ids else []
    waiting = _waiting_for(orders)
    for order in orders:
        for complaint in _of_phone(waiting, order):
            if normalise_code(complaint.order_text) in _codes(order):
                _bind(complaint, order)


def _waiting_for(orders: Iterable[Order]) -> list[Complaint]:
    """Unmatched live complaints of the last days from the phones of these orders. One query."""
    phones = {index for order in orders for index in _phones(order)}
    if not phones:
        return []
    recent = Complaint.objects.filter(contact_phone_index__in=phones, filed_at__gte=timezone.now() - RETRY_FOR)
    return list(
        recent.filter(order__isnull=True, status__in=LIVE).exclude(order_text="").only("order_text", "contact_phone_index").order_by("pk")
    )


def _of_phone(complaints: list[Complaint], order: Order) -> list[Complaint]:
    return [each for each in complaints if each.contact_phone_index in _phones(order)]


def _phones(order: Order) -> set[str]:
    return {order.receiver_phone_index, order.customer.phone_index} - {""}


def _codes(order: Order) -> set[str]:
    return {order.number, *(shipment.waybill for shipment in order.shipments.all())} - {""}


def _bind(complaint: Complaint, order: Order) -> None:
    try:
        bind_order(complaint, order=order, by=None, expected_version=None, evidence="phone", snapshot=snapshot(Match(order, "phone")))
    except RefusedError:
        # Another shop's order, or somebody was faster: people look at what is left.
        return
