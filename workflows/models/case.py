"""The case itself: its spine, the units it claims, what was checked, proposed and decided. Only ``workflows.services`` changes it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from complaints.models import Complaint
from orders.models import Merchant, Order, Warehouse
from workflows.machines.spine import SPINE
from workflows.machines.spine_states import CaseState

from .moves import Declared

# Nobody waits for these: they have ended, or nobody has sent them.
NOT_LIVE = (CaseState.COMPLETED, CaseState.REJECTED, CaseState.CANCELLED, CaseState.CLOSED, CaseState.DRAFT)


def _staff(related_name: str = "+", **options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name=related_name, **options)


class CasePolicy(models.Model):
    """One version of the rules of one type of after-sale. A published version never changes; a case keeps the one it began with.

    The first version comes with the house, so nobody has signed it; only a signed one grants by itself. ``merchant`` empty: for every
    shop that has none of its own. ``reasons`` maps a reason's code to its names, the evidence it needs and who is liable; ``checks``
    are the checks that must say yes; ``approvers`` the roles that must sign whatever the amount.
    """

    class Type(models.TextChoices):
        RETURN_NO_REASON = "return_no_reason", _("Return without a reason")
        RETURN_QUALITY = "return_quality", _("Return for quality")
        EXCHANGE_QUALITY = "exchange_quality", _("Exchange for quality")
        REPAIR = "repair", _("Repair")
        REFUND_ONLY = "refund_only", _("Refund without return")
        RESHIP = "reship", _("Send again")
        COMPENSATION = "compensation", _("Compensation")
        ADVANCE_PAYOUT = "advance_payout", _("Advance payout")
        REFUSED_PARCEL = "refused_parcel", _("Refused parcel")

    class Receipt(models.TextChoices):
        REQUIRED = "required", _("goods come back")
        CARRIER = "carrier", _("the carrier brings them back")
        OPTIONAL = "optional", _("goods may come back")
        NONE = "none", _("nothing comes back")

    class Release(models.TextChoices):
        APPROVED = "approved", _("at approval")
        FIRST_SCAN = "first_scan", _("when the carrier has it")
        RECEIVED = "received", _("when it was received")
        INSPECTED = "inspected", _("when it passed inspection")
        REPAIRED = "repaired", _("when it is repaired")
        NONE = "none", _("never")

    class Freight(models.TextChoices):
        CUSTOMER = "customer", _("customer pays")
        MERCHANT = "merchant", _("shop pays")
        LIABLE = "liable", _("who is liable pays")

    type = models.CharField(_("type"), max_length=20, choices=Type)
    merchant = models.ForeignKey(Merchant, null=True, blank=True, on_delete=models.PROTECT, related_name="case_policies", db_index=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    receipt = models.CharField(_("receipt"), max_length=10, choices=Receipt)
    release = models.CharField(_("refund is released"), max_length=12, choices=Release)
    release_trusted = models.CharField(_("refund is released to trusted customers"), max_length=12, choices=Release)
    ships = models.CharField(_("replacement is released"), max_length=12, choices=Release, default=Release.NONE)
    ships_trusted = models.CharField(
        _("replacement is released to trusted customers"), max_length=12, choices=Release, default=Release.NONE
    )
    freight = models.CharField(_("freight"), max_length=10, choices=Freight)
    freight_cap_fen = models.BigIntegerField(_("most for freight"), null=True, blank=True)
    window_days = models.PositiveSmallIntegerField(_("window in days"), null=True, blank=True)
    reasons = models.JSONField(default=dict)
    checks = models.JSONField(default=list)
    approvers = models.JSONField(default=list)
    auto_limit_fen = models.BigIntegerField(_("approved by rule up to"), default=0)
    lower_keeps_approval = models.BooleanField(default=True)
    reprices_discounts = models.BooleanField(default=False)
    proposed_by = _staff(null=True, db_index=False)
    published_by = _staff(null=True, db_index=False)
    published_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("after-sales policy")
        verbose_name_plural = _("after-sales policies")
        permissions = [
            ("propose_policy", "May propose versions of after-sales policies"),
            ("publish_policy", "May publish versions of after-sales policies"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["type", "merchant", "version"], nulls_distinct=False, name="workflows_casepolicy_once"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | (Q(effective_from__isnull=False) & (Q(published_by__isnull=False) | Q(version=1, proposed_by__isnull=True))),
                name="workflows_casepolicy_signed",
            ),
            models.CheckConstraint(
                condition=Q(proposed_by__isnull=True) | ~Q(published_by=models.F("proposed_by")), name="workflows_casepolicy_four_eyes"
            ),
        ]

    def __str__(self):
        return f"{self.get_type_display()} v{self.version}"


class Case(Declared):
    """One claim on units of one order, opened from a complaint and carried to its end.

    ``state`` says only whose turn it is; what holds of goods and money stands in the tracks. ``phase`` is where its procedure
    stands and ``visit`` grows with every entry into a phase; ``flow`` empty: the shipped procedure. ``revision`` counts the proposals.
    ``snapshot`` is the order as it was when the case was submitted.
    """

    machine = SPINE

    number = models.CharField(_("case number"), max_length=20, unique=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="cases")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="cases")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    policy = models.ForeignKey(CasePolicy, on_delete=models.PROTECT, related_name="+", db_index=False)
    flow = models.ForeignKey("workflows.FlowVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = FSMField(_("state"), default=CaseState.DRAFT, protected=True, choices=CaseState)
    revision = models.PositiveSmallIntegerField(default=0)
    phase = models.CharField(max_length=12, blank=True)
    visit = models.PositiveSmallIntegerField(default=1)
    proposed_from = models.CharField(max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=40)
    assignee = _staff("cases", null=True, blank=True)
    warehouse = models.ForeignKey(Warehouse, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    currency = models.CharField(max_length=3)
    snapshot = models.JSONField(default=dict)
    is_trusted = models.BooleanField(default=False)
    is_out_of_window = models.BooleanField(default=False)
    no_reply = models.BooleanField(default=False)
    asked_count = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    since = models.DateTimeField(_("in this state since"), db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        permissions = [
            ("work_case", "May review the cases of visible complaints"),
            ("inspect_case", "May scan and inspect the goods of the own warehouse"),
            ("decide_case", "May decide the cases of the own shops"),
        ]
        constraints = [models.CheckConstraint(condition=Q(state__in=CaseState.values), name="workflows_case_state")]
        indexes = [
            models.Index(fields=["state", "since", "id"], name="workflows_case_open", condition=~Q(state="closed")),
            models.Index(fields=["since", "id"], name="workflows_case_live", condition=~Q(state__in=NOT_LIVE)),
            models.Index(fields=["warehouse", "state", "since"], name="workflows_case_warehouse", condition=Q(warehouse__isnull=False)),
        ]

    def __str__(self):
        return self.number


class CaseUnit(models.Model):
    """One unit that a case claims, and what became of it. ``accepted``: failed, and taken all the same; ``waived``: expected no more."""

    class Verdict(models.TextChoices):
        PENDING = "pending", _("not inspected")
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")
        ACCEPTED = "accepted", _("accepted although it failed")
        WAIVED = "waived", _("no longer expected")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="units", db_index=False)
    unit = models.ForeignKey("workflows.RefundableUnit", on_delete=models.PROTECT, related_name="claims")
    is_approved = models.BooleanField(default=False)
    received_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.PENDING)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "unit"], name="workflows_caseunit_once")]

    def __str__(self):
        return f"{self.case_id}/{self.unit_id}"


class CheckResult(models.Model):
    """What one check of a submitted case found: yes, no, or that a person must look."""

    class Answer(models.TextChoices):
        PASS = "pass", _("yes")  # noqa: S105 - an answer, no password
        FAIL = "fail", _("no")
        UNKNOWN = "unknown", _("a person must look")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="checks", db_index=False)
    visit = models.PositiveSmallIntegerField()
    check_code = models.CharField(max_length=20)
    answer = models.CharField(max_length=10, choices=Answer)
    basis = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "visit", "check_code"], name="workflows_checkresult_once")]

    def __str__(self):
        return f"{self.check_code} {self.answer}"


class Resolution(models.Model):
    """One revision of what is proposed or decided: types, amount, who bears it. ``digest`` is what an approver signs.

    ``rows`` are the policies that it combines with their amounts; ``shares`` say which account bears how much, in fen.
    """

    class Standing(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        CURRENT = "current", _("decided")
        VOID = "void", _("void")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="resolutions", db_index=False)
    revision = models.PositiveSmallIntegerField()
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.PROPOSED)
    is_grant = models.BooleanField(default=True)
    rows = models.JSONField(default=list)
    amount_fen = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    shares = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    has_consent = models.BooleanField(default=False)
    proposed_by = _staff(null=True, db_index=False)
    decided_by = _staff(null=True, db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "revision"], name="workflows_resolution_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(standing="current"), name="workflows_resolution_one_current"),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="workflows_resolution_not_negative"),
        ]

    def __str__(self):
        return f"{self.case_id} r{self.revision}"
