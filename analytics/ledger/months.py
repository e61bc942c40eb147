"""One month of the ledger, folded anew from its events and compared. Nothing of it stays."""

import logging
import secrets
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Min
from psycopg2 import sql

from analytics.models import Arrival, Delivery, FillRange, Reading
from complaints.models import Event
from knowledge.models import ReadingSession
from orders.models import OrderEvent

from .comparing import Difference, compare
from .days import index_of
from .families import COMPLAINTS, FAMILIES, families_of
from .filling import fold_groups, refold_orders, refold_readings
from .reading import about_orders, house_settings, roots_of
from .rebuilding import PARTS, RANGE, fold_what_is_new
from .rolling import roll_above, roll_days
from .turns import COPY, HOUSE, turn

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)


class LedgerDiffersError(Exception):
    """Facts or sums are not what their events say."""


def verify_random_month() -> None:
    """Compare one month of all that there are. Raises ``LedgerDiffersError``, so that the job is seen to fail until it is put right."""
    months = _months()
    if not months:
        return
    month = secrets.choice(months)
    if differing := verify_month(month):
        tables = ", ".join(each.table for each in differing)
        logger.error("the ledger of %s is not what its events say: %s", f"{month:%Y-%m}", tables)
        raise LedgerDiffersError(f"{month:%Y-%m}: {tables}")


def verify_month(month: date) -> list[Difference]:
    """Where facts of days of this month, and sums of spans within it, differ from what their events say now.

    While a rebuild is under way nothing is compared: it will be by that.
    """
    first, last = month, _next(month) - DAY
    if FillRange.objects.filter(name__in=PARTS).exists():
        return []
    with turn():
        fold_what_is_new(FAMILIES, into=(HOUSE,))
        _fold(first, last)
        while roll_days() or roll_above():
            pass
        found = compare(FAMILIES, facts=_facts_of(first, last), sums=_sums_of(first, last))
        transaction.set_rollback(True)
    return found


def _fold(first: date, last: date) -> None:
    """Every group, order and reading that has or could have a fact in these days, into the copy."""
    orders = _orders_in(first, last)
    for ids in _in_ranges(roots_of(_complaints_in(first, last) | about_orders(orders))):
        fold_groups(ids, into=(COPY,), families=FAMILIES)
    for ids in _in_ranges(orders):
        refold_orders(set(ids), into=(COPY,), families=FAMILIES)
    for ids in _in_ranges(_readings_in(first, last)):
        refold_readings(set(ids), into=(COPY,), families=FAMILIES)


def _complaints_in(first: date, last: date) -> set[int]:
    found = set(Event.objects.filter(at__gte=_start(first), at__lt=_start(last + DAY)).values_list("complaint_id", flat=True))
    for family in families_of(COMPLAINTS).values():
        found.update(family.fact.objects.filter(source=HOUSE, day__range=(first, last)).values_list("root_id", flat=True))
    return found


def _orders_in(first: date, last: date) -> set[int]:
    delivered = OrderEvent.objects.filter(kind="order.delivered", at__gte=_start(first), at__lt=_start(last + DAY))
    kept = Delivery.objects.filter(source=HOUSE, day__range=(first, last))
    return {*delivered.values_list("order_id", flat=True), *kept.values_list("root_id", flat=True)}


def _readings_in(first: date, last: date) -> set[int]:
    begun = ReadingSession.objects.filter(began_at__gte=_start(first), began_at__lt=_start(last + DAY))
    kept = Reading.objects.filter(source=HOUSE, day__range=(first, last))
    return {*begun.values_list("pk", flat=True), *kept.values_list("root_id", flat=True)}


def _start(day: date):
    return house_settings().start_of(day)


def _in_ranges(ids: Collection[int]) -> Iterable[list[int]]:
    found = sorted(ids)
    return (found[place : place + RANGE] for place in range(0, len(found), RANGE))


def _facts_of(first: date, last: date) -> sql.Composable:
    return sql.SQL("day BETWEEN {} AND {}").format(sql.Literal(first), sql.Literal(last))


def _sums_of(first: date, last: date) -> sql.Composable:
    """Spans that lie within these days as a whole."""
    condition = sql.SQL("idx >= -(-{first} >> level) AND (idx + 1) << level <= {end}")
    return condition.format(first=sql.Literal(index_of(first)), end=sql.Literal(index_of(last) + 1))


def _months() -> list[date]:
    """The months from the first arrival to the last."""
    found = Arrival.objects.filter(source=HOUSE, day__isnull=False).aggregate(first=Min("day"), last=Max("day"))
    if found["first"] is None:
        return []
    months = [found["first"].replace(day=1)]
    while (after := _next(months[-1])) <= found["last"]:
        months.append(after)
    return months


def _next(month: date) -> date:
    return (month.replace(day=28) + 4 * DAY).replace(day=1)
