"""The fill: what is new in the feeds becomes facts, the days that changed become sums. Safe doubled, skipped and killed anywhere."""

from collections.abc import Collection, Sequence

from django.db.models import Q

from analytics.models import AnalyticsCursor, Arrival
from complaints.models import Event, EventFeed
from foundation.events import consume_feed
from foundation.failpoints import failpoint
from knowledge.models import ReadingSession
from orders.models import OrderFeed

from .deliveries import fold_delivery
from .families import COMPLAINTS, FAMILIES, ORDERS, READINGS, Family, families_of
from .folding import fold
from .reading import about_orders, house_settings, kin_of, read_groups, read_orders, roots_of
from .readings import fold_reading, settled
from .rolling import roll_above, roll_days
from .storing import store_facts
from .turns import HOUSE, in_turn

CONSUMER = "ledger"
ENTRIES = 500
# What makes another complaint of the same customer or order count differently; so does what is taken out of spam.
KINDRED = frozenset(
    {"complaint.filed", "category.set", "order.bound", "order.unbound", "complaint.merged", "complaint.unmerged", "excluded.set"}
)
# After which the events of an order change what is known of its complaints.
ABOUT_GOODS = frozenset(
    {"order.placed", "order.paid", "order.shipped", "order.delivered", "order.confirmed", "order.cancelled", "shipment.scanned"}
)


@in_turn
def fill_from_complaints() -> int:
    """Fold the complaints of the next entries of their feed; returns how many entries there were."""
    return consume_feed(AnalyticsCursor, EventFeed, CONSUMER, work=refold_news, limit=ENTRIES)


@in_turn
def fill_from_orders() -> int:
    """Fold the orders of the next entries of their feed, and what is complained about them."""
    return consume_feed(AnalyticsCursor, OrderFeed, CONSUMER, work=refold_order_news, limit=ENTRIES)


@in_turn
def fill_from_readings() -> int:
    """Fold the reading sessions that have been settled since; returns how many there were."""
    return consume_feed(AnalyticsCursor, ReadingSession, CONSUMER, work=refold_reading_news, limit=ENTRIES)


@in_turn
def fill_sums(*, is_patient: bool = False) -> int:
    """Bring the sums of days in line with their facts; longer spans when no day is left, all of them or those that are due."""
    return roll_days() or roll_above(is_patient=is_patient)


def refold_news(entries: Collection[EventFeed], *, into: Sequence[int] = (HOUSE,), families: Collection[str] = frozenset(FAMILIES)) -> None:
    """Fold the complaints that these entries are about, and those that count differently because of them."""
    refold({entry.subject_id for entry in entries} | _kindred(entries), into=into, families=families)
    failpoint("ledger.filled")


def refold_order_news(
    entries: Collection[OrderFeed], *, into: Sequence[int] = (HOUSE,), families: Collection[str] = frozenset(FAMILIES)
) -> None:
    """Fold the orders that these entries are about, and the complaints about them."""
    refold_orders({entry.subject_id for entry in entries}, into=into, families=families)
    refold(about_orders({entry.subject_id for entry in entries if entry.kind in ABOUT_GOODS}), into=into, families=families)


def refold(complaint_ids: set[int], *, into: Sequence[int] = (HOUSE,), families: Collection[str] = frozenset(FAMILIES)) -> None:
    """Make the facts of these complaints, and of the orders that they are or were about, what their events say.

    Facts are folded once and stored in every source of ``into``; only those of ``families``.
    """
    roots = roots_of(complaint_ids)
    orders = _orders_of(roots, into)
    fold_groups(roots, into=into, families=families)
    failpoint("ledger.stored")
    refold_orders(orders | _orders_of(roots, into), into=into, families=families)


def fold_groups(roots: Collection[int], *, into: Sequence[int], families: Collection[str]) -> None:
    """Make the facts of these groups what their events say; orders stay as they are."""
    settings, wanted = house_settings(), _wanted(COMPLAINTS, families)
    if not wanted:
        return
    facts = [row for group in read_groups(roots) for row in fold(group, settings)]
    for source in into:
        store_facts(roots, facts, families=wanted, source=source)


def refold_orders(order_ids: set[int], *, into: Sequence[int] = (HOUSE,), families: Collection[str] = frozenset(FAMILIES)) -> None:
    """Make the facts of these orders what their events and their complaints say."""
    settings, wanted = house_settings(), _wanted(ORDERS, families)
    if not wanted:
        return
    facts = [row for group in read_orders(sorted(order_ids), source=into[-1]) for row in fold_delivery(group, settings)]
    for source in into:
        store_facts(order_ids, facts, families=wanted, source=source)


def refold_reading_news(
    entries: Collection[ReadingSession], *, into: Sequence[int] = (HOUSE,), families: Collection[str] = frozenset(FAMILIES)
) -> None:
    """Fold these reading sessions: each is an entry of its own feed."""
    refold_readings({session.pk for session in entries}, into=into, families=families)


def refold_readings(session_ids: set[int], *, into: Sequence[int] = (HOUSE,), families: Collection[str] = frozenset(FAMILIES)) -> None:
    """Make the facts of these reading sessions what their rows say."""
    settings, wanted = house_settings(), _wanted(READINGS, families)
    if not wanted:
        return
    facts = [fold_reading(session, settings) for session in settled(session_ids)]
    for source in into:
        store_facts(session_ids, facts, families=wanted, source=source)


def _wanted(subject: str, names: Collection[str]) -> list[Family]:
    return [family for name, family in families_of(subject).items() if name in names]


def _kindred(entries: Collection[EventFeed]) -> set[int]:
    asked = [entry.event_id for entry in entries if entry.kind in KINDRED | {"status.changed"}]
    told = Event.objects.filter(Q(kind__in=KINDRED) | Q(codes__verb="restore"), pk__in=asked).values_list("complaint_id", "kind", "codes")
    rebound = [codes for _pk, kind, codes in told if kind in ("order.bound", "order.unbound")]
    customers = {codes.get("customer_was") for codes in rebound}
    orders = {codes[name] for codes in rebound for name in ("order", "was") if codes.get(name)}
    return kin_of({row[0] for row in told}, customers=customers, orders=orders) if told else set()


def _orders_of(roots: set[int], into: Sequence[int]) -> set[int]:
    arrivals = Arrival.objects.filter(source__in=into, root_id__in=roots, order_id__gt=0)
    return set(arrivals.values_list("order_id", flat=True))
