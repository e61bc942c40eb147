"""What carriers tell by themselves: their pushes as they came, and the waybills that we ask them to follow."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.crypto import EncryptedTextField
from foundation.events import FeedEntry, PendingEvent
from foundation.leases import LeasedRow

from .shipment import Carrier


class InboundPush(LeasedRow):
    """A push of a carrier as it came, stored before anything is done with it. A doubled push is one row.

    ``tracker`` is the adapter it came for, ``headers`` those that prove it. A rejected one is kept as a record only: its digest is
    another one, so that a forgery never stands in the way of the push that it imitates.
    """

    class State(models.TextChoices):
        STORED = "stored", _("to be read")
        READ = "read", _("read")
        REJECTED = "rejected", _("rejected")
        DEAD = "dead", pgettext_lazy("carrier push", "given up")

    tracker = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    why = models.CharField(max_length=60, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at", "id"], name="orders_push_due", condition=Q(state="stored")),
            models.Index(fields=["received_at"], name="orders_push_received"),
        ]

    def __str__(self):
        return f"{self.tracker} {self.state}"


class WaybillWatch(LeasedRow):
    """A waybill that we follow although we do not ship it. ``waybill`` is stored normalised, as that of a shipment.

    ``tracker_code`` is the courier's code at the tracking service, once that has corrected ours. ``heard_at``: the last news of it.
    """

    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+", db_index=False)
    waybill = models.CharField(_("waybill"), max_length=60)
    phone_tail = EncryptedTextField(blank=True, default="")
    tracker_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    subscribed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["carrier", "waybill"], name="orders_watch_once")]
        indexes = [models.Index(fields=["next_at", "id"], name="orders_watch_due", condition=Q(ended_at__isnull=True))]

    def __str__(self):
        return self.waybill


class WaybillScanPending(PendingEvent):
    """Scans that the feed has not numbered yet."""


class WaybillScan(models.Model):
    """One scan of a watched waybill, as the carrier told it. ``digest`` makes a doubled push one scan. Append-only."""

    subject_field = "watch"
    pending_model = WaybillScanPending

    watch = models.ForeignKey(WaybillWatch, on_delete=models.PROTECT, related_name="scans", db_index=False)
    kind = models.CharField(max_length=60, default="waybill.scanned", help_text="Stands in the feed.")
    at = models.DateTimeField()
    tag = models.CharField(max_length=24)
    subtag = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=80, blank=True)
    problem = models.CharField(max_length=12, blank=True)
    is_pickup = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["watch", "digest"], name="orders_waybillscan_once")]

    def __str__(self):
        return f"{self.watch_id} {self.tag}"


class WaybillFeed(FeedEntry):
    """Scans of watched waybills in commit order; ``subject_id`` is the watch's id."""
