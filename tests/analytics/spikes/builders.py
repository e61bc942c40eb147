"""Facts for spikes, written as the ledger would, and a house that is old enough to be compared with itself."""

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from analytics.models import Arrival, Cycle, Delivery

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 5, 20, 4, 30, tzinfo=UTC)  # a Wednesday, half past noon in the shop
_roots = count(1_000_000)


def arrive(number: int, *, at: datetime = NOW - timedelta(hours=2), **columns) -> list[int]:
    """So many complaints that arrived at a moment; returns their ids."""
    columns = {"category": "logistics.stalled", "arrived": 1} | columns
    facts = [Arrival(root_id=next(_roots), at=at, day=at.astimezone(ZONE).date(), **columns) for _each in range(number)]
    Arrival.objects.bulk_create(facts)
    return [fact.root_id for fact in facts]


def resolve(number: int, *, at: datetime = NOW - timedelta(hours=2), **columns) -> None:
    """So many complaints whose last resolution was at a moment."""
    columns = {"reason": "logistics.stalled", "last": 1, "opened_at": at, "ended_at": at, "began_at": at} | columns
    Cycle.objects.bulk_create([Cycle(root_id=next(_roots), at=at, day=at.astimezone(ZONE).date(), **columns) for _each in range(number)])


def deliver(number: int, *, at: datetime, **columns) -> list[int]:
    """So many orders that were delivered at a moment; returns their ids."""
    columns = {"delivered": 1, "parcels": 1} | columns
    facts = [Delivery(root_id=next(_roots), at=at, day=at.astimezone(ZONE).date(), **columns) for _each in range(number)]
    Delivery.objects.bulk_create(facts)
    return [fact.root_id for fact in facts]


def live_through_weeks(number: int, *, weeks: int = 8, of=arrive, now: datetime = NOW, **columns) -> None:
    """The same hours of earlier weeks, each with so many complaints; the house began a day before the first of them."""
    arrive(1, at=now - timedelta(weeks=weeks, days=1), category="refund.late")
    for week in range(1, weeks + 1):
        of(number, at=now - timedelta(weeks=week, hours=2), **columns)
