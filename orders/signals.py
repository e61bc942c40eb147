"""News of this app, sent after the commit. They only wake their hearers: whatever must not be lost is in ``OrderFeed``."""

from django.dispatch import Signal

orders_changed = Signal()  # order_ids: the orders that a sync created or changed
