"""A ledger that is filled as the sweeper does it, and what is in it."""

from analytics.ledger.comparing import digest, tables_of
from analytics.ledger.families import FAMILIES
from analytics.ledger.filling import fill_from_complaints, fill_from_orders, fill_sums
from analytics.ledger.turns import COPY, HOUSE
from analytics.models import DirtyNode
from complaints.models import Event, EventFeed
from foundation.events import sequence_feed
from orders.models import OrderEvent, OrderFeed


def sequence() -> None:
    while sequence_feed(Event, EventFeed) or sequence_feed(OrderEvent, OrderFeed):
        pass


def fill() -> None:
    """Until nothing is left to do."""
    sequence()
    while fill_from_complaints() or fill_from_orders() or fill_sums():
        pass


def digests(source: int = HOUSE) -> dict[str, str]:
    """What every table of the ledger holds."""
    return {model._meta.db_table: digest(model, source) for model, _is_rollup in tables_of(FAMILIES)}


def empty_ledger() -> None:
    for model, _is_rollup in tables_of(FAMILIES):
        model.objects.all().delete()
    DirtyNode.objects.all().delete()


def has_copy() -> bool:
    return any(model.objects.filter(source=COPY).exists() for model, _is_rollup in tables_of(FAMILIES))
