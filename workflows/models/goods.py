"""Goods that come back and goods that go out again: parcels and their scans, inspection, replacements and repairs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from complaints.models import Attachment
from foundation.crypto import EncryptedTextField
from orders.models import Carrier, Warehouse
from workflows.machines.inspection import INSPECTION, InspectionState
from workflows.machines.outbound import OUTBOUND, OutboundState
from workflows.machines.parcel import PARCEL, ParcelState
from workflows.machines.repair import REPAIR, RepairState

from .case import Case, CaseUnit
from .moves import Declared


class Parcel(Declared):
    """A parcel on its way back, or the customer's parcel that was refused. Its state is a fold of its ``TrackEvent``s.

    ``waybill`` is normalised: upper case, no spaces or hyphens; empty while only a return is expected. ``return_address`` is what the
    customer was told: contact, phone and address, a line each.
    """

    class Problem(models.TextChoices):
        DIFFICULT = "difficult", _("hard to deliver")
        REFUSED = "refused", _("refused")
        RETURNING = "returning", _("on its way back to the sender")
        LOST = "lost", _("lost")
        UNKNOWN_NO = "unknown_no", _("unknown to the carrier")

    machine = PARCEL

    cases = models.ManyToManyField(Case, through="ParcelCase", related_name="parcels")
    carrier = models.ForeignKey(Carrier, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    waybill = models.CharField(_("waybill"), max_length=60, blank=True)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="parcels")
    state = FSMField(_("state"), default=ParcelState.EXPECTED, protected=True, choices=ParcelState)
    problem = models.CharField(max_length=12, choices=Problem, blank=True)
    is_prepaid = models.BooleanField(_("label paid by the shop"), default=False)
    phone_tail = EncryptedTextField(blank=True, default="")
    label = models.JSONField(default=dict)
    return_address = EncryptedTextField(blank=True, default="")
    announced_at = models.DateTimeField(db_default=Now())
    first_scan_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    scanned_at = models.DateTimeField(null=True)
    scanned_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    weight_g = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("return parcel")
        verbose_name_plural = _("return parcels")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ParcelState.values), name="workflows_parcel_state"),
            models.UniqueConstraint(
                fields=["waybill"],
                condition=~Q(waybill="") & ~Q(state__in=["scanned", "cancelled", "abandoned"]),
                name="workflows_parcel_live_once",
            ),
        ]
        indexes = [models.Index(fields=["waybill"], name="workflows_parcel_waybill", condition=~Q(waybill=""))]

    def __str__(self):
        return self.waybill or f"#{self.pk}"


class ParcelCase(models.Model):
    """A parcel may carry the goods of several cases."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="links", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parcel_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "case"], name="workflows_parcelcase_once")]

    def __str__(self):
        return f"{self.parcel_id} {self.case_id}"


class TrackEvent(models.Model):
    """What a carrier's scanner or our own saw of a parcel. ``digest`` makes a doubled push one event. Append-only."""

    parcel = models.ForeignKey(Parcel, on_delete=models.PROTECT, related_name="scans", db_index=False)
    at = models.DateTimeField()
    tag = models.CharField(max_length=24)
    subtag = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=300, blank=True)
    place = models.CharField(max_length=80, blank=True)
    problem = models.CharField(max_length=12, choices=Parcel.Problem, blank=True)
    is_pickup = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "digest"], name="workflows_trackevent_once")]

    def __str__(self):
        return f"{self.parcel_id} {self.tag}"


class UnclaimedParcel(models.Model):
    """A parcel at the warehouse that belongs to no case yet: kept with photos, never refused.

    ``photos`` are stored files, as ``services.unclaimed`` writes them; they become evidence of the case that it turns out to be.
    """

    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="unclaimed_parcels")
    waybill = models.CharField(_("waybill"), max_length=60, blank=True)
    scan = models.CharField(_("what was scanned"), max_length=120, blank=True)
    note = models.CharField(max_length=200, blank=True)
    phone_index = models.CharField(max_length=64, blank=True, default="", editable=False)
    photos = models.JSONField(default=list)
    scanned_at = models.DateTimeField()
    scanned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    parcel = models.OneToOneField(Parcel, null=True, on_delete=models.PROTECT, related_name="unclaimed")
    matched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("parcel without a case")
        verbose_name_plural = _("parcels without a case")
        indexes = [models.Index(fields=["warehouse", "scanned_at"], name="workflows_unclaimed_open", condition=Q(parcel__isnull=True))]

    def __str__(self):
        return self.waybill or self.scan


class WarehouseScan(models.Model):
    """A code that somebody in a warehouse scanned, once under the number that their device gave it, and what it turned out to be.

    Never changed afterwards: a device that sends its waiting scans again gets the answer of the first time.
    """

    class Outcome(models.TextChoices):
        RECEIVED = "received", _("checked in")
        REPEAT = "repeat", _("scanned before")
        UNCLAIMED = "unclaimed", _("belongs to no case")
        CHOOSE = "choose", _("fits several parcels")
        LATE = "late", _("too late for its case")
        ELSEWHERE = "elsewhere", _("expected at another warehouse")

    client_id = models.UUIDField(unique=True)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="scans", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    mode = models.CharField(max_length=10)
    code = models.CharField(max_length=120)
    scanned_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.PROTECT, related_name="codes_scanned")
    unclaimed = models.ForeignKey(UnclaimedParcel, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("scan")
        indexes = [models.Index(fields=["warehouse", "-recorded_at"], name="workflows_scan_by_place")]

    def __str__(self):
        return f"{self.code} {self.outcome}"


class InspectionLine(Declared):
    """What the warehouse found of one unit."""

    class Grade(models.TextChoices):
        A = "a", _("as new")
        B = "b", _("opened, complete")
        C = "c", _("used, damaged or incomplete")

    class Disposition(models.TextChoices):
        RESTOCK = "restock", _("back to stock")
        REFURBISH = "refurbish", _("refurbish")
        SCRAP = "scrap", _("scrap")
        SUPPLIER = "supplier", _("back to the supplier")
        SHIP_BACK = "ship_back", _("back to the customer")
        HOLD = "hold", _("undecided")

    class Fault(models.TextChoices):
        WRONG = "wrong", _("wrong item")
        USED = "used", _("used")
        DAMAGED = "damaged", _("damaged")
        MISSING = "missing", _("missing")
        COUNTERFEIT = "counterfeit", _("not our item")

    machine = INSPECTION

    claim = models.ForeignKey(CaseUnit, on_delete=models.PROTECT, related_name="inspections")
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.PROTECT, related_name="lines")
    state = FSMField(_("state"), default=InspectionState.PENDING, protected=True, choices=InspectionState)
    round = models.PositiveSmallIntegerField(default=1)
    serial = models.CharField(_("serial number"), max_length=80, blank=True)
    graded = models.CharField(max_length=1, choices=Grade, blank=True)
    fault = models.CharField(max_length=12, choices=Fault, blank=True)
    disposition = models.CharField(max_length=10, choices=Disposition, blank=True)
    accessories = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)
    photos = models.ManyToManyField(Attachment, related_name="+")
    inspected_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    inspected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "round"], name="workflows_inspection_once"),
            models.CheckConstraint(condition=Q(state__in=InspectionState.values), name="workflows_inspection_state"),
        ]

    def __str__(self):
        return f"{self.claim_id} {self.state}"


class Outbound(Declared):
    """Goods that go out for a case: a replacement, what was repaired, what was missing, or the customer's own goods back."""

    class Kind(models.TextChoices):
        REPLACEMENT = "replacement", _("replacement")
        REPAIRED = "repaired", _("repaired goods")
        RESHIP = "reship", _("sent again")
        SHIP_BACK = "ship_back", _("back to the customer")

    machine = OUTBOUND

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="outbounds")
    kind = models.CharField(max_length=12, choices=Kind)
    state = FSMField(_("state"), default=OutboundState.RESERVED, protected=True, choices=OutboundState)
    units = models.ManyToManyField(CaseUnit, related_name="outbounds")
    sku = models.CharField(max_length=80)
    quantity = models.PositiveIntegerField(default=1)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+", db_index=False)
    carrier = models.ForeignKey(Carrier, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    waybill = models.CharField(max_length=60, blank=True)
    weight_g = models.PositiveIntegerField(null=True)
    serials = models.JSONField(default=list)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("goods going out")
        constraints = [models.CheckConstraint(condition=Q(state__in=OutboundState.values), name="workflows_outbound_state")]
        indexes = [
            models.Index(fields=["waybill"], name="workflows_outbound_waybill", condition=~Q(waybill="")),
            models.Index(
                fields=["warehouse", "since", "id"], name="workflows_outbound_to_send", condition=Q(state__in=["released", "picking"])
            ),
        ]

    def __str__(self):
        return f"{self.case_id} {self.kind}"


class Repair(Declared):
    """The repair of one unit. A quote exists only out of warranty."""

    machine = REPAIR

    claim = models.OneToOneField(CaseUnit, on_delete=models.PROTECT, related_name="repair")
    state = FSMField(_("state"), default=RepairState.INTAKE, protected=True, choices=RepairState)
    in_warranty = models.BooleanField(default=True)
    quote_fen = models.BigIntegerField(null=True)
    finding = models.CharField(max_length=300, blank=True)
    failed_before = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("repair")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RepairState.values), name="workflows_repair_state"),
            models.CheckConstraint(condition=Q(quote_fen__isnull=True) | Q(in_warranty=False), name="workflows_repair_quote"),
        ]

    def __str__(self):
        return f"{self.claim_id} {self.state}"
