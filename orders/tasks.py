"""What this app does by itself: it puts its events in commit order."""

from datetime import timedelta

from foundation.events import sequence_feed
from foundation.jobs import periodic
from foundation.retention import keep
from foundation.sweeps import sweep
from orders.models import ImportRun, OrderEvent, OrderFeed
from orders.services.green import mark_green_customers

BATCH = 1000
MOST_ROUNDS = 20


@sweep("orders.feed", every=2)
def sequence_order_feed() -> int:
    """Give new order events their place in the feed, at most twenty thousand in one round."""
    total = 0
    for _round in range(MOST_ROUNDS):
        placed = sequence_feed(OrderEvent, OrderFeed, limit=BATCH)
        total += placed
        if placed < BATCH:
            break
    return total


@periodic("orders.green_channel", every=timedelta(days=1))
def sort_green_channel() -> int:
    """Let customers into the green channel, and out of it, by what they paid within a year."""
    return mark_green_customers()


@keep("orders.imports", period="IMPORTS")
def old_imports(before):
    """What imports found, past its period."""
    return ImportRun.objects.filter(started_at__lt=before).order_by("pk")
