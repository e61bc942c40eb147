"""What happened to a complaint: append-only, hash-chained, fed in commit order."""

from django.db import models

from foundation.events import ChainedEvent, FeedCursor, FeedEntry, PendingEvent

from .complaint import Complaint


class EventPending(PendingEvent):
    """Events that the feed has not numbered yet."""


class Event(ChainedEvent):
    """One fact. ``codes`` holds ids and codes and is never erased; ``payload`` holds text and may be."""

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.PROTECT, related_name="events")
    subject_field = "complaint"
    pending_model = EventPending

    class Meta:
        constraints = [models.UniqueConstraint(fields=["complaint", "seq"], name="complaints_event_seq_once")]


class EventFeed(FeedEntry):
    """Events in commit order; ``subject_id`` is the complaint's id."""


class ComplaintCursor(FeedCursor):
    """How far the consumers of this app have read (``order_rematch`` reads the feed of orders)."""
