"""Goods going out: carriers, shipments and what the scanners saw."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .merchant import Warehouse
from .order import Order


class Carrier(models.Model):
    """A courier company. ``tracker`` is the adapter that follows its waybills, ``tracker_code`` how that one calls it."""

    class Tracker(models.TextChoices):
        KUAIDI100 = "kuaidi100", _("Kuaidi100")
        AFTERSHIP = "aftership", _("AfterShip")
        DEMO = "demo", _("demo carrier")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    tracker = models.CharField(
        _("tracking service"), max_length=20, choices=Tracker, blank=True, help_text=_("Tells where parcels are; empty: nobody is asked.")
    )
    tracker_code = models.CharField(
        _("code at the tracking service"), max_length=40, blank=True, help_text=_("Only if it differs from ours.")
    )

    class Meta:
        ordering = ["code"]
        verbose_name = _("carrier")
        verbose_name_plural = _("carriers")

    def __str__(self):
        return self.name_zh


class Shipment(models.Model):
    """One parcel on its way to the customer. ``waybill`` is stored normalised: upper case, no spaces or hyphens."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Label made")
        IN_TRANSIT = "in_transit", _("On its way")
        OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
        AT_STATION = "at_station", _("At the pick-up station")
        DELIVERED = "delivered", _("Delivered")
        EXCEPTION = "exception", _("Exception")
        RETURNING = "returning", _("On its way back")
        LOST = "lost", _("Lost")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments", db_index=False)
    external_id = models.CharField(max_length=80)
    carrier = models.ForeignKey(Carrier, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey(Warehouse, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waybill = models.CharField(_("waybill"), max_length=60, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.PENDING)
    shipped_at = models.DateTimeField(null=True, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_scan_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = [models.UniqueConstraint(fields=["order", "external_id"], name="orders_shipment_external_once")]
        indexes = [
            models.Index(fields=["waybill"], name="orders_shipment_waybill", condition=~models.Q(waybill="")),
            models.Index(fields=["synced_at", "id"], name="orders_shipment_synced"),
        ]

    def __str__(self):
        return self.waybill or self.external_id


class ShipmentEvent(models.Model):
    """One scan. ``digest`` (sha256 of time, code and text) makes a repeated delivery of the same scan change nothing."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="scans", db_index=False)
    at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Shipment.Status)
    place = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shipment", "digest"], name="orders_shipmentevent_once")]
        indexes = [models.Index(fields=["shipment", "at"], name="orders_scan_by_time")]

    def __str__(self):
        return self.text
