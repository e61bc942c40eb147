"""The fill: what is new in the feeds becomes facts, the days that changed become sums. Safe doubled, skipped and killed anywhere."""

from analytics.models import AnalyticsCursor
from complaints.models import EventFeed
from foundation.events import consume_feed
from foundation.failpoints import failpoint
from orders.models import OrderFeed

from .deliveries import fold_delivery
from .families import FAMILIES
from .folding import fold
from .reading import about_orders, house_settings, kin_of, read_groups, read_orders, roots_of
from .rolling import roll_above, roll_days
from .storing import all_families, store_facts

CONSUMER = "ledger"
ENTRIES = 500
# What makes another complaint of the same customer count differently.
KINDRED = frozenset(
    {"complaint.filed", "category.set", "order.bound", "order.unbound", "complaint.merged", "complaint.unmerged", "excluded.set"}
)
# After which the events of an order change what is known of its complaints.
ABOUT_GOODS = frozenset({"order.placed", "order.shipped", "order.delivered", "shipment.scanned"})


def fill_from_complaints() -> int:
    """Fold the complaints of the next entries of their feed; returns how many entries there were."""
    return consume_feed(AnalyticsCursor, EventFeed, CONSUMER, work=_refold_complaints, limit=ENTRIES)


def fill_from_orders() -> int:
    """Fold the orders of the next entries of their feed, and what is complained about them."""
    return consume_feed(AnalyticsCursor, OrderFeed, CONSUMER, work=_refold_orders, limit=ENTRIES)


def fill_sums() -> int:
    """Bring the sums of days in line with their facts; longer spans when no day is left."""
    return roll_days() or roll_above()


def refold(complaint_ids: set[int]) -> None:
    """Make the facts of these complaints, and of the orders that they are or were about, what their events say."""
    roots = roots_of(complaint_ids)
    orders = _orders_of(roots)
    settings = house_settings()
    facts = [row for group in read_groups(roots) for row in fold(group, settings)]
    store_facts(roots, facts, families=all_families())
    failpoint("ledger.stored")
    refold_orders(orders | _orders_of(roots))


def refold_orders(order_ids: set[int]) -> None:
    """Make the facts of these orders what their events and their complaints say."""
    settings = house_settings()
    facts = [row for group in read_orders(sorted(order_ids)) for row in fold_delivery(group, settings)]
    store_facts(order_ids, facts, families=[FAMILIES["delivery"]])


def _refold_complaints(entries: list) -> None:
    changed = {entry.subject_id for entry in entries}
    kindred = {entry.subject_id for entry in entries if entry.kind in KINDRED}
    refold(changed | kin_of(kindred))


def _refold_orders(entries: list) -> None:
    refold_orders({entry.subject_id for entry in entries})
    refold(about_orders({entry.subject_id for entry in entries if entry.kind in ABOUT_GOODS}))


def _orders_of(roots: set[int]) -> set[int]:
    arrivals = FAMILIES["arrival"].fact.objects.filter(source=0, root_id__in=roots, order_id__gt=0)
    return set(arrivals.values_list("order_id", flat=True))
