"""How far the ledger is: the moment up to which figures know what happened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from analytics.models import AnalyticsCursor
from complaints.models import Event, EventFeed, EventPending

LATE = timedelta(seconds=30)


@dataclass(frozen=True)
class Freshness:
    """``as_of`` is now while nothing waits to be folded, else when the last folded event was written down."""

    as_of: datetime
    now: datetime

    @property
    def is_late(self) -> bool:
        return self.now - self.as_of > LATE


def freshness() -> Freshness:
    """Read at most four rows: where the ledger stands, what comes next in the feed, and what is not in it yet."""
    now = timezone.now()
    stands = AnalyticsCursor.objects.filter(feed=EventFeed._meta.label_lower).values_list("pos", flat=True).first() or 0
    following = EventFeed.objects.filter(pos__gt=stands).order_by("pos").values_list("event_id", flat=True).first()
    if following is None:
        following = EventPending.objects.order_by("event_id").values_list("event_id", flat=True).first()
    waiting = following and Event.objects.filter(pk=following).values_list("recorded_at", flat=True).first()
    return Freshness(min(waiting, now) if waiting else now, now)
