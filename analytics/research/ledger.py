"""Whether the facts are up to date: what is published stands for ever, so it must not be read from a ledger that is behind."""

from datetime import datetime, timedelta

from analytics.ledger.filling import CONSUMER
from analytics.models import AnalyticsCursor
from complaints.models import Event, EventFeed
from complaints.models.event import EventPending

LAG = timedelta(minutes=10)


def is_ledger_behind(now: datetime) -> bool:
    """Whether an event older than ten minutes is not in the facts yet."""
    feed = EventFeed._meta.label_lower
    pos = AnalyticsCursor.objects.filter(consumer=CONSUMER, feed=feed).values_list("pos", flat=True).first() or 0
    waiting = EventFeed.objects.filter(pos__gt=pos).order_by("pos").values_list("event_id", flat=True).first()
    pending = EventPending.objects.order_by("event_id").values_list("event_id", flat=True).first()
    oldest = [event for event in (waiting, pending) if event is not None]
    return Event.objects.filter(pk__in=oldest, recorded_at__lt=now - LAG).exists()
