"""Money that goes back: what a payment still holds, what each unit is worth, and every refund with its attempts.

Amounts are integers in fen (minor units of ``currency``). The counters move only by the conditional updates of
``workflows.money.counters``; the CHECKs here are the last word.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from foundation.leases import LeasedRow
from orders.models import Order, OrderLine, Payment
from workflows.machines.refund import REFUND, RefundState

from .case import Case, CasePolicy
from .moves import Declared


def _staff(**options) -> models.ForeignKey:
    """Somebody of the staff who did this; their rows outlive their rights."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, **options)


class PaymentBalance(models.Model):
    """What is left of one payment: held for refunds under way, refunded here, refunded elsewhere.

    ``frozen_at`` stops new refunds and releases until finance lifts it with a reason.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="balance")
    currency = models.CharField(max_length=3)
    captured_fen = models.BigIntegerField(_("received"))
    held_fen = models.BigIntegerField(_("held"), default=0)
    refunded_fen = models.BigIntegerField(_("refunded"), default=0)
    external_fen = models.BigIntegerField(_("refunded elsewhere"), default=0)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_why = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("payment balance")
        constraints = [
            models.CheckConstraint(
                condition=Q(captured_fen__gte=0, held_fen__gte=0, refunded_fen__gte=0, external_fen__gte=0),
                name="workflows_balance_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(captured_fen__gte=F("held_fen") + F("refunded_fen") + F("external_fen")), name="workflows_balance_never_over"
            ),
        ]

    def __str__(self):
        return f"{self.payment_id}: {self.left_fen}"

    @property
    def left_fen(self) -> int:
        return self.captured_fen - self.held_fen - self.refunded_fen - self.external_fen


class RefundableUnit(models.Model):
    """One paid unit of an order line, or the freight of an order: refunded at most once in value, claimed by one open case at a time.

    ``position`` counts the units of a line from 1. A replacement that was sent for a unit names it in ``replaces`` and is worth
    what that one was worth.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refundable_units", db_index=False)
    line = models.ForeignKey(OrderLine, null=True, on_delete=models.PROTECT, related_name="units")
    position = models.PositiveIntegerField(default=1)
    entitled_fen = models.BigIntegerField(_("paid"))
    held_fen = models.BigIntegerField(_("held"), default=0)
    refunded_fen = models.BigIntegerField(_("refunded"), default=0)
    reserved_by = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="reserved_units")
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("refundable unit")
        constraints = [
            models.UniqueConstraint(fields=["order", "line", "position"], nulls_distinct=False, name="workflows_unit_once"),
            models.CheckConstraint(
                condition=Q(entitled_fen__gte=0, held_fen__gte=0, refunded_fen__gte=0), name="workflows_unit_not_negative"
            ),
            models.CheckConstraint(condition=Q(entitled_fen__gte=F("held_fen") + F("refunded_fen")), name="workflows_unit_never_over"),
        ]

    def __str__(self):
        return f"{self.order_id}/{self.line_id or 'freight'}/{self.position}"


class Refund(Declared, LeasedRow):
    """One business refund under one key for ever. ``out_refund_no`` is what the payment provider knows it by; it never changes.

    ``next_at`` is when it is looked at next: submitted, or asked about; far away once it is settled, until a notice or finance asks.
    ``proposal_hash`` is of what the approver saw. ``closing_by`` has asked for a second person to do what the state waits for.
    """

    class Purpose(models.TextChoices):
        GOODS = "goods", _("goods")
        FREIGHT = "freight", _("freight")
        COMPENSATION = "compensation", _("compensation")
        ADVANCE = "advance", _("advance payout")

    machine = REFUND

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="refunds")
    balance = models.ForeignKey(PaymentBalance, on_delete=models.PROTECT, related_name="refunds")
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.GOODS)
    revision = models.PositiveSmallIntegerField(_("revision"))
    amount_fen = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    out_refund_no = models.CharField(_("refund number"), max_length=28, unique=True, editable=False)
    gateway = models.CharField(_("payment provider"), max_length=20)
    state = FSMField(_("state"), default=RefundState.PENDING_APPROVAL, protected=True, choices=RefundState)
    proposal_hash = models.CharField(max_length=64)
    created_by = _staff(null=True)
    created_at = models.DateTimeField(db_default=Now())
    authorised_by = _staff(null=True)
    auto_rule = models.ForeignKey(CasePolicy, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    auto_limit_fen = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField(_("last sent"), null=True)
    asked_count = models.PositiveSmallIntegerField(default=0)
    unpaid_seen = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(_("provider's code"), max_length=60, blank=True)
    closing_by = _staff(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        permissions = [("pay_refund", "May authorise refunds and follow their money")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "balance", "purpose", "revision"], condition=~Q(state="voided"), name="workflows_refund_once"
            ),
            models.CheckConstraint(condition=Q(state__in=RefundState.values), name="workflows_refund_state"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="workflows_refund_positive"),
            models.CheckConstraint(
                condition=Q(authorised_by__isnull=True) | Q(created_by__isnull=True) | ~Q(authorised_by=F("created_by")),
                name="workflows_refund_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending_approval", "voided"])
                | Q(authorised_by__isnull=False)
                | Q(auto_rule__isnull=False, auto_limit_fen__isnull=False, auto_limit_fen__gte=F("amount_fen")),
                name="workflows_refund_authorised",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="workflows_refund_due",
                condition=~Q(state__in=["pending_approval", "armed"]),
            ),
            models.Index(fields=["state", "created_at", "id"], name="workflows_refund_listed"),
            models.Index(fields=["created_at", "id"], name="workflows_refund_done", condition=Q(state__in=["succeeded", "voided"])),
        ]

    def __str__(self):
        return self.out_refund_no


class RefundLine(models.Model):
    """How much of a refund is for which unit. Lines of a refund add up to its amount; a compensation has none."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines", db_index=False)
    unit = models.ForeignKey(RefundableUnit, on_delete=models.PROTECT, related_name="refund_lines")
    amount_fen = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["refund", "unit"], name="workflows_refundline_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="workflows_refundline_positive"),
        ]

    def __str__(self):
        return f"{self.refund_id} {self.unit_id} {self.amount_fen}"


class RefundAttempt(models.Model):
    """One call to a payment provider: on record before it is made, with its answer afterwards. ``answer`` is empty until then."""

    class Call(models.TextChoices):
        SUBMIT = "submit", _("sent")
        QUERY = "query", _("asked")
        RETRY = "retry", _("sent again after a bounce")

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="tries", db_index=False)
    number = models.PositiveSmallIntegerField()
    call = models.CharField(max_length=10, choices=Call)
    fence = models.PositiveIntegerField()
    sent_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=60, blank=True)
    is_authenticated = models.BooleanField(default=False)
    raw = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refund", "number"], name="workflows_refundattempt_once")]

    def __str__(self):
        return f"{self.refund_id} {self.call} {self.number}"


class RefundEvent(models.Model):
    """What happened to a refund; its row is the fold of these. Append-only."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="facts", db_index=False)
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=30)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20)
    held_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField(db_default=Now())
    by = _staff(null=True)
    codes = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["refund", "seq"], name="workflows_refundevent_once")]

    def __str__(self):
        return f"{self.refund_id} {self.seq} {self.verb}"


class LedgerEntry(models.Model):
    """One leg of a posting of a case; the legs of a ``posting`` add up to zero, which a deferred trigger checks. Append-only.

    Positive: the account gets money or is owed less; negative: it pays or owes more.
    """

    class Account(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        PROVIDER = "provider", _("payment provider")
        MERCHANT = "merchant", _("merchant")
        PLATFORM = "platform", _("platform")
        CARRIER = "carrier", _("carrier")
        SUPPLIER = "supplier", _("supplier")

    posting = models.UUIDField()
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ledger")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="+")
    account = models.CharField(max_length=12, choices=Account)
    amount_fen = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["posting"], name="workflows_ledger_posting")]
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="workflows_ledger_not_zero")]

    def __str__(self):
        return f"{self.account} {self.amount_fen}"


class Anomaly(models.Model):
    """Something about money that does not fit. It changes no state; it stops the payment until finance has looked."""

    class Kind(models.TextChoices):
        PAID_AFTER_VOID = "paid_after_void", _("paid after it was voided")
        PAID_AFTER_FAILURE = "paid_after_failure", _("paid after it had failed")
        VANISHED = "vanished", _("the provider no longer knows it")
        OTHER_AMOUNT = "other_amount", _("another amount or currency")
        OUTSIDE = "outside", _("a refund made elsewhere does not fit")
        ORDER_CHANGED = "order_changed", _("the order changed after its money was counted")
        ONLY_THERE = "only_there", _("only the provider's statement has it")
        ONLY_HERE = "only_here", _("only our books have it")

    balance = models.ForeignKey(PaymentBalance, null=True, on_delete=models.PROTECT, related_name="anomalies")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="anomalies")
    kind = models.CharField(max_length=20, choices=Kind)
    codes = models.JSONField(default=dict)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = _staff(null=True)
    reason = models.CharField(max_length=200, blank=True)
    second_by = _staff(null=True)
    second_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("anomaly")
        verbose_name_plural = _("anomalies")
        constraints = [
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | ~Q(second_by=F("closed_by")), name="workflows_anomaly_second_look"
            ),
        ]
        indexes = [models.Index(fields=["opened_at"], name="workflows_anomaly_open", condition=Q(closed_at__isnull=True))]

    def __str__(self):
        return f"{self.kind} {self.opened_at}"
