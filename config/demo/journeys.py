"""What happens to a parcel: when it leaves, where it is seen, how it arrives; or why it does not."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from orders.models import Order, Shipment

from .corpus import City, texts
from .seasons import strain

Status = Shipment.Status
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TO_SHIP = timedelta(hours=48)
CANCELLED_SHARE = 0.03
STATION_SHARE = 0.35
LOST_SHARE = 0.008
UNTIL_LOST = timedelta(days=6)
NEVER = datetime(2999, 1, 1, tzinfo=UTC)


@dataclass
class Journey:
    """Times of an order and the scans of its parcel, cut off at the present."""

    placed_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    promised_ship_at: datetime | None = None
    promised_delivery_at: datetime | None = None
    scans: list[tuple[datetime, str, str, str]] = field(default_factory=list)

    @property
    def order_status(self) -> str:
        if self.cancelled_at:
            return Order.Status.CANCELLED
        reached = [(self.confirmed_at, "confirmed"), (self.delivered_at, "delivered"), (self.shipped_at, "shipped"), (self.paid_at, "paid")]
        return next((status for at, status in reached if at), Order.Status.UNPAID)

    def last_news(self, at: datetime) -> datetime:
        """When the customer last saw something happen before this moment."""
        known = [self.placed_at, *(scan[0] for scan in self.scans)]
        return max(moment for moment in known if moment <= at)


def travel(luck: Random, *, placed_at: datetime, now: datetime, city: City, pace: float, hub: str, filed_at: datetime | None, fate: str):
    """The journey of one order. ``fate`` is what its customer will complain of at ``filed_at``, if there is a complaint."""
    journey = Journey(placed_at, paid_at=placed_at + timedelta(seconds=luck.randint(20, 1200)))
    journey.promised_ship_at = journey.paid_at + TO_SHIP
    journey.promised_delivery_at = placed_at + TO_SHIP + city.distance * DAY
    if filed_at is None and luck.random() < CANCELLED_SHARE:
        return _cancel(journey, luck)
    slowness = pace * strain(placed_at)
    shipped = journey.paid_at + luck.uniform(3, 26) * HOUR * slowness
    delivered = shipped + (luck.uniform(16, 34) + 18 * city.distance) * HOUR * slowness
    if filed_at is not None:
        shipped, delivered = FATES[fate](luck, journey.paid_at, shipped, delivered, filed_at)
    plan = _plan_scans(luck, shipped, delivered, hub, city, fate if filed_at else "")
    if filed_at is None and luck.random() < LOST_SHARE:
        plan = [*plan[:3], (delivered.replace(microsecond=0) + UNTIL_LOST, Status.LOST, city.name, texts()["scans"]["lost"][0])]
        delivered = NEVER
    return _cut(journey, shipped, delivered, plan, now)


def _cancel(journey: Journey, luck: Random) -> Journey:
    journey.cancelled_at = journey.paid_at + luck.uniform(0.1, 8) * HOUR
    return journey


def _not_shipped(luck, paid, _shipped, _delivered, filed):
    shipped = filed + luck.uniform(14, 40) * HOUR
    return shipped, shipped + luck.uniform(40, 80) * HOUR


def _stalled(luck, paid, shipped, _delivered, filed):
    shipped = min(shipped, paid + (filed - paid) * 0.3)
    return shipped, filed + luck.uniform(26, 70) * HOUR


def _arrived(luck, paid, shipped, _delivered, filed):
    delivered = paid + (filed - paid) * luck.uniform(0.55, 0.9)
    return min(shipped, paid + (delivered - paid) * 0.4), delivered


FATES = {"not_shipped": _not_shipped, "stalled": _stalled, "damaged": _arrived, "lost": _arrived, "delivered": _arrived}


def _plan_scans(luck: Random, shipped: datetime, delivered: datetime, hub: str, city: City, fate: str) -> list[tuple]:
    said, road = texts()["scans"], delivered - shipped
    # A parcel that stalls is seen twice early on and then not again until the day before it arrives.
    shares = (0.1, 0.25, 0.93) if fate == "stalled" else (0.25, 0.6, 0.9)
    steps = [
        (shipped, Status.IN_TRANSIT, hub, said["picked_up"][0]),
        (shipped + road * shares[0], Status.IN_TRANSIT, hub, said["transit"][0]),
        (shipped + road * shares[1], Status.IN_TRANSIT, city.name, said["transit"][1]),
        (shipped + road * shares[2], Status.OUT_FOR_DELIVERY, city.name, said["out"][0]),
        (delivered, Status.DELIVERED, city.name, said["delivered"][1 if fate == "lost" else luck.randrange(2)]),
    ]
    if fate == "damaged":
        steps.insert(3, (shipped + road * 0.7, Status.EXCEPTION, city.name, said["problem"][0]))
    elif luck.random() < STATION_SHARE:
        steps.insert(4, (shipped + road * 0.95, Status.AT_STATION, city.name, said["station"][0]))
    return [(at.replace(microsecond=0), status, place, text.format(hub=hub, city=city.name)) for at, status, place, text in steps]


def _cut(journey: Journey, shipped: datetime, delivered: datetime, plan: list[tuple], now: datetime) -> Journey:
    """Keep what has happened by now."""
    journey.paid_at = journey.paid_at if journey.paid_at <= now else None
    journey.scans = [step for step in plan if step[0] <= now]
    journey.shipped_at = shipped.replace(microsecond=0) if shipped <= now else None
    journey.delivered_at = delivered.replace(microsecond=0) if delivered <= now else None
    confirmed = delivered + 7 * DAY
    journey.confirmed_at = confirmed.replace(microsecond=0) if confirmed <= now else None
    return journey


def label_of(journey: Journey) -> dict[str, Any]:
    """State and times of the parcel itself."""
    last = journey.scans[-1] if journey.scans else None
    return {
        "status": last[1] if last else Status.PENDING,
        "shipped_at": journey.shipped_at,
        "delivered_at": journey.delivered_at,
        "last_scan_at": last[0] if last else None,
    }
