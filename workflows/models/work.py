"""What people must do about a case and by when: tasks, clocks, approvals, recoveries and appeals."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField

from accounts.models import CalendarVersion
from complaints.models import LegalRule
from orders.models import Warehouse
from workflows.machines.appeal import APPEAL, AppealState
from workflows.machines.approval import APPROVAL, ApprovalState
from workflows.machines.recovery import RECOVERY, RecoveryState

from .case import Case, Resolution
from .moves import Declared


def _staff(related_name: str = "+", **options) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name=related_name, **options)


class Task(models.Model):
    """Work for a role in a case. ``key`` names the step of the flow definition that opened it; empty for the house's own."""

    class Role(models.TextChoices):
        AGENT = "agent", _("agent")
        LEAD = "lead", _("lead")
        MANAGER = "manager", _("manager")
        WAREHOUSE = "warehouse", _("warehouse")
        FINANCE = "finance", _("finance")

    class Outcome(models.TextChoices):
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("no longer needed")
        SKIPPED = "skipped", _("skipped by a lead")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=12, choices=Role)
    owner = _staff("case_tasks", null=True, blank=True)
    warehouse = models.ForeignKey(Warehouse, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    codes = models.JSONField(default=dict)
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = _staff(null=True, db_index=False)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("task")
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")), name="workflows_task_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["role", "due_at", "id"], name="workflows_task_role", condition=Q(done_at__isnull=True)),
            models.Index(fields=["owner", "due_at", "id"], name="workflows_task_owner", condition=Q(done_at__isnull=True)),
        ]

    def __str__(self):
        return f"{self.case_id} {self.kind}"


class CaseClock(models.Model):
    """One obligation of a case. A service clock counts ``remaining_s`` of its calendar and may pause; a legal one runs on in natural days.

    ``because`` is the sequence number of the complaint's event that started it.
    """

    class Kind(models.TextChoices):
        SERVICE = "service", _("service")
        LEGAL = "legal", _("legal")

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        PAUSED = "paused", _("paused")
        MET = "met", _("kept")
        MISSED = "missed", _("missed")
        CANCELLED = "cancelled", _("cancelled")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=30)
    rule = models.ForeignKey(LegalRule, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    calendar = models.ForeignKey(CalendarVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    because = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    remaining_s = models.PositiveIntegerField(null=True)
    fired_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fired_at__isnull=True) | Q(fired_at__gte=F("due_at")), name="workflows_caseclock_never_early"
            ),
            models.CheckConstraint(condition=Q(kind="service") | ~Q(state="paused"), name="workflows_caseclock_law_runs"),
            models.UniqueConstraint(
                fields=["case", "kind", "code"], condition=Q(state__in=["running", "paused"]), name="workflows_caseclock_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="workflows_caseclock_due",
                condition=Q(fired_at__isnull=True, parked_at__isnull=True, state="running"),
            ),
        ]

    def __str__(self):
        return f"{self.case_id} {self.code}"


class Approval(Declared):
    """A chain of signatures under exactly what was seen: any change of ``digest`` voids it."""

    machine = APPROVAL

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="approvals")
    resolution = models.ForeignKey(Resolution, null=True, on_delete=models.PROTECT, related_name="approvals", db_index=False)
    refund = models.ForeignKey("workflows.Refund", null=True, on_delete=models.PROTECT, related_name="approvals")
    state = FSMField(_("state"), default=ApprovalState.PENDING, protected=True, choices=ApprovalState)
    amount_fen = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    level = models.PositiveSmallIntegerField(default=1)
    asked_by = _staff(null=True, db_index=False)
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("approval")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ApprovalState.values), name="workflows_approval_state"),
            models.CheckConstraint(condition=Q(resolution__isnull=False) ^ Q(refund__isnull=False), name="workflows_approval_of_one"),
        ]

    def __str__(self):
        return f"{self.case_id} {self.state}"


class ApprovalStep(models.Model):
    """One signature that a chain needs, and who gave it. Nobody signs twice."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="steps", db_index=False)
    number = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=12, choices=Task.Role)
    signed_by = _staff(null=True, db_index=False)
    signed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["approval", "number"], name="workflows_approvalstep_once"),
            models.UniqueConstraint(fields=["approval", "signed_by"], name="workflows_approvalstep_one_each"),
        ]

    def __str__(self):
        return f"{self.approval_id}.{self.number}"


class AuthorityUse(models.Model):
    """What somebody granted within their own authority: what is left of a limit is the limit less these. Append-only."""

    agent = _staff("authority_uses", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="authority_uses")
    scope = models.CharField(max_length=12)
    order_id = models.BigIntegerField()
    customer_id = models.BigIntegerField(null=True)
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["agent", "at"], name="workflows_authority_agent"),
            models.Index(fields=["order_id"], name="workflows_authority_order"),
            models.Index(fields=["customer_id", "at"], name="workflows_authority_customer", condition=Q(customer_id__isnull=False)),
        ]

    def __str__(self):
        return f"{self.agent_id} {self.amount_fen}"


class Recovery(Declared):
    """What somebody else owes us for a case: the carrier, the supplier, the merchant or the customer."""

    class Debtor(models.TextChoices):
        MERCHANT = "merchant", _("merchant")
        CARRIER = "carrier", _("carrier")
        SUPPLIER = "supplier", _("supplier")
        CUSTOMER = "customer", _("customer")

    machine = RECOVERY

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recoveries")
    debtor = models.CharField(max_length=10, choices=Debtor)
    state = FSMField(_("state"), default=RecoveryState.OPEN, protected=True, choices=RecoveryState)
    amount_fen = models.BigIntegerField()
    collected_fen = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=40)
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)
    proof = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("recovery")
        verbose_name_plural = _("recoveries")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RecoveryState.values), name="workflows_recovery_state"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0, collected_fen__gte=0), name="workflows_recovery_positive"),
            models.CheckConstraint(condition=Q(amount_fen__gte=F("collected_fen")), name="workflows_recovery_never_over"),
        ]

    def __str__(self):
        return f"{self.debtor} {self.amount_fen}"


class Appeal(Declared):
    """A customer's appeal against what was decided. Whoever decided before does not decide again."""

    machine = APPEAL

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    state = FSMField(_("state"), default=AppealState.OPENED, protected=True, choices=AppealState)
    words = models.TextField(_("in the customer's words"))
    opened_at = models.DateTimeField(db_default=Now())
    evidence_until = models.DateTimeField(null=True)
    decided_by = _staff(null=True, db_index=False)
    decided_at = models.DateTimeField(null=True)
    grounds = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("appeal")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="workflows_appeal_state"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["opened", "evidence", "deciding"]), name="workflows_appeal_one_open"
            ),
        ]

    def __str__(self):
        return f"{self.case_id} {self.state}"
