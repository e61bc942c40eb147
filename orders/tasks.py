"""What this app does by itself: it puts its events in commit order."""

from foundation.events import sequence_feed
from foundation.retention import keep
from foundation.sweeps import sweep
from orders.models import ImportRun, OrderEvent, OrderFeed

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


@keep("orders.imports", period="IMPORTS")
def old_imports(before):
    """What imports found, past its period."""
    return ImportRun.objects.filter(started_at__lt=before).order_by("pk")
