"""The news about orders: hash-chained per order, fed in commit order to the apps above."""

from django.db import models

from foundation.events import ChainedEvent, FeedEntry, PendingEvent

from .order import Order


class OrderEventPending(PendingEvent):
    """Events that the feed has not numbered yet."""


class OrderEvent(ChainedEvent):
    """``order.placed``, ``.paid``, ``.shipped``, ``.delivered``, ``.cancelled``, ``shipment.scanned``, ``payment.captured``."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events", db_index=False)
    subject_field = "order"
    pending_model = OrderEventPending

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="orders_orderevent_seq_once")]


class OrderFeed(FeedEntry):
    """Order events in commit order; ``subject_id`` is the order's id."""
