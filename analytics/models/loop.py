"""The loop from complaint to cause: spikes, improvement items, and what was done about them."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import RETURN_VALUE, FSMField, transition

from analytics.lifecycle import IMPROVEMENT_VERBS, OPEN_ITEMS, SPIKE_VERBS, TAKEN_ON, VERDICTS, ImprovementState, SpikeState, Verb


def verb_of(table: dict[str, Verb], name: str, field: str = "state"):
    """The ``@transition`` of one row of a table; without a target the method says where it leads."""
    row = table[name]
    return transition(field=field, source=sorted(row.sources), target=row.target or RETURN_VALUE(*sorted(VERDICTS)))


def _staff(**options: Any) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options)


class Step(models.Model):
    """What somebody did, when, and why. ``by`` empty is the system. Append-only."""

    verb = models.CharField(max_length=20)
    by = _staff(null=True, db_index=False)
    at = models.DateTimeField(db_default=Now())
    note = models.CharField(max_length=1000, blank=True)
    codes = models.JSONField(default=dict)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.verb


class Spike(models.Model):
    """A series of complaints that is far above its comparable weeks. At most one is open for each series.

    ``count`` to ``history`` are the figures of the window in which it was found, ``latest_*`` those of the last hour in which it was
    still one; ``calmed_at`` says since when it is none. A broader series is ``folded_under`` the narrower one that explains it.
    """

    State = SpikeState

    class Kind(models.TextChoices):
        CATEGORY = "category", _("Category")
        REASON = "reason", _("Reason")

    class Cross(models.TextChoices):
        NONE = "", _("all of it")
        SKU = "sku", _("Article (SKU)")
        CARRIER = "carrier", _("Carrier")
        WAREHOUSE = "warehouse", _("Warehouse")
        PROVINCE = "province", _("Province")
        MERCHANT = "merchant", _("Shop")

    class Cause(models.TextChoices):
        IMPROVEMENT = "improvement", _("An improvement item takes care of it")
        KNOWN = "known", _("A known cause that passes by itself")
        OTHER = "other", _("Something else")

    verbs: ClassVar[dict[str, Verb]] = SPIKE_VERBS
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    code = models.CharField(_("code"), max_length=60)
    cross = models.CharField(_("crossed with"), max_length=10, choices=Cross, blank=True, default="")
    value = models.CharField(_("value"), max_length=80, blank=True, default="")
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey("orders.Merchant", null=True, on_delete=models.PROTECT, related_name="+")
    state = FSMField(_("state"), default=SpikeState.OPEN, protected=True, choices=SpikeState)
    until = models.DateTimeField()
    count = models.PositiveIntegerField()
    median = models.FloatField()
    phi = models.FloatField()
    z = models.FloatField()
    history = models.JSONField(default=list, help_text="Counts of the comparable windows, newest first, each with the end of its window.")
    latest_until = models.DateTimeField()
    latest_count = models.PositiveIntegerField()
    latest_z = models.FloatField()
    calmed_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="By when somebody has to look into it.")
    escalated_at = models.DateTimeField(null=True)
    folded_under = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="folded")
    cause = models.CharField(_("cause"), max_length=12, choices=Cause, blank=True, default="")
    explanation = models.CharField(_("explanation"), max_length=1000, blank=True, default="")
    improvement = models.ForeignKey("analytics.Improvement", null=True, on_delete=models.PROTECT, related_name="spikes")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("spike")
        verbose_name_plural = _("spikes")
        permissions = [("work_spike", "May acknowledge, explain and close spikes")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SpikeState.values), name="analytics_spike_state"),
            models.UniqueConstraint(
                fields=["kind", "code", "cross", "value"], condition=~Q(state="closed"), name="analytics_spike_one_open"
            ),
            models.CheckConstraint(condition=Q(cross="") ^ ~Q(value=""), name="analytics_spike_value_of_cross"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "acknowledged"]) | (~Q(explanation="") & ~Q(cause="")), name="analytics_spike_explained"
            ),
            models.CheckConstraint(condition=~Q(cause="improvement") | Q(improvement__isnull=False), name="analytics_spike_item"),
            models.CheckConstraint(condition=~Q(folded_under=F("id")), name="analytics_spike_not_under_itself"),
        ]
        indexes = [
            models.Index(fields=["-found_at", "-id"], name="analytics_spike_newest"),
            models.Index(fields=["due_at"], condition=Q(state="open", escalated_at=None, folded_under=None), name="analytics_spike_unseen"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.cross} {self.value}".strip()

    @property
    def is_live(self) -> bool:
        return self.state != SpikeState.CLOSED

    @verb_of(SPIKE_VERBS, "acknowledge")
    def acknowledge(self) -> None: ...

    @verb_of(SPIKE_VERBS, "explain")
    def explain(self) -> None: ...

    @verb_of(SPIKE_VERBS, "close")
    def close(self) -> None: ...


class SpikeStep(Step):
    """One step in the life of a spike."""

    spike = models.ForeignKey(Spike, on_delete=models.PROTECT, related_name="steps")


class Improvement(models.Model):
    """Something that is to be changed at the source of complaints, and whether that helped.

    The scope says about which complaints (``reason`` or ``category``) of which delivered orders (shop, warehouse, carrier, article,
    province) it is; ``control_by`` and ``control_value`` put another value into one part of the scope, for a comparison in the same
    weeks. ``measured`` is the frozen result: definition, filters, days, numbers and interval.
    """

    State = ImprovementState

    class Department(models.TextChoices):
        PRODUCT = "product", _("Product and quality")
        PAGE = "page", _("Product page and information")
        WAREHOUSE = "warehouse", pgettext_lazy("department", "Warehouse")
        CARRIER = "carrier", pgettext_lazy("department", "Carriers and delivery")
        PRICE = "price", _("Prices and promotions")
        PAYMENT = "payment", _("Payment and refunds")
        SERVICE = "service", _("Customer service")
        SYSTEM = "system", _("Systems")

    class Control(models.TextChoices):
        NONE = "", _("no comparison")
        WAREHOUSE = "warehouse", _("Warehouse")
        CARRIER = "carrier", _("Carrier")
        SKU = "sku", _("Article (SKU)")
        PROVINCE = "province", _("Province")
        CATEGORY = "category", _("Category")

    verbs: ClassVar[dict[str, Verb]] = IMPROVEMENT_VERBS
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(_("title"), max_length=120)
    department = models.CharField(_("department"), max_length=12, choices=Department)
    cause = models.CharField(_("cause"), max_length=1000, blank=True)
    action = models.CharField(_("what is changed"), max_length=1000, blank=True)
    category = models.CharField(_("category"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    merchant = models.ForeignKey("orders.Merchant", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey("orders.Warehouse", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    carrier = models.CharField(_("carrier"), max_length=40, blank=True)
    sku = models.CharField(_("Article (SKU)"), max_length=80, blank=True)
    province = models.CharField(_("province"), max_length=40, blank=True)
    control_by = models.CharField(_("compared with another"), max_length=10, choices=Control, blank=True, default="")
    control_value = models.CharField(_("namely"), max_length=80, blank=True, default="")
    target_percent = models.PositiveSmallIntegerField(_("fewer complaints by, in percent"), null=True, blank=True)
    team = models.ForeignKey("accounts.Team", null=True, on_delete=models.PROTECT, related_name="+")
    state = FSMField(_("state"), default=ImprovementState.PROPOSED, protected=True, choices=ImprovementState)
    proposed_by = _staff(null=True, db_index=False)
    proposed_at = models.DateTimeField(db_default=Now())
    owner = _staff(null=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    accepted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    measured = models.JSONField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = _staff(null=True, db_index=False)
    came_back = models.PositiveSmallIntegerField(default=0, help_text="How often it was taken up again after an effect was shown.")

    class Meta:
        verbose_name = _("improvement item")
        verbose_name_plural = _("improvement items")
        permissions = [
            ("link_improvement", "May link a complaint to an open improvement item"),
            ("propose_improvement", "May propose improvement items"),
            ("decide_improvement", "May accept, drop and close improvement items"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImprovementState.values), name="analytics_improvement_state"),
            models.CheckConstraint(condition=~Q(category="", reason=""), name="analytics_improvement_scope"),
            models.CheckConstraint(condition=Q(control_by="") ^ ~Q(control_value=""), name="analytics_improvement_control"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(TAKEN_ON)) | Q(owner__isnull=False, due_on__isnull=False, accepted_at__isnull=False),
                name="analytics_improvement_taken_on",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(VERDICTS)) | Q(measured__isnull=False, closed_by__isnull=False),
                name="analytics_improvement_verdict",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | Q(owner__isnull=True) | ~Q(closed_by=F("owner")),
                name="analytics_improvement_closed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(target_percent__isnull=True) | Q(target_percent__gte=1, target_percent__lte=100),
                name="analytics_improvement_target",
            ),
        ]
        indexes = [
            models.Index(fields=["-proposed_at", "-id"], name="analytics_improvement_newest"),
            models.Index(fields=["state", "due_on"], condition=Q(state__in=sorted(OPEN_ITEMS)), name="analytics_improvement_open"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_overdue(self, today: date) -> bool:
        return self.due_on is not None and self.due_on < today and self.state in (ImprovementState.ACCEPTED, ImprovementState.IN_PROGRESS)

    @verb_of(IMPROVEMENT_VERBS, "accept")
    def accept(self) -> None: ...

    @verb_of(IMPROVEMENT_VERBS, "begin")
    def begin(self) -> None: ...

    @verb_of(IMPROVEMENT_VERBS, "finish")
    def finish(self) -> None: ...

    @verb_of(IMPROVEMENT_VERBS, "measure")
    def measure(self) -> None: ...

    @verb_of(IMPROVEMENT_VERBS, "conclude")
    def conclude(self, *, verdict: str) -> str:
        return verdict

    @verb_of(IMPROVEMENT_VERBS, "drop")
    def drop(self) -> None: ...

    @verb_of(IMPROVEMENT_VERBS, "relapse")
    def relapse(self) -> None: ...


class ImprovementStep(Step):
    """One step in the life of an improvement item."""

    improvement = models.ForeignKey(Improvement, on_delete=models.PROTECT, related_name="steps")


class ImprovementComplaint(models.Model):
    """A complaint that speaks for an improvement item."""

    improvement = models.ForeignKey(Improvement, on_delete=models.CASCADE, related_name="leads", db_index=False)
    complaint = models.ForeignKey("complaints.Complaint", on_delete=models.CASCADE, related_name="+")
    by = _staff(null=True, db_index=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["improvement", "complaint"], name="analytics_improvement_lead_once")]

    def __str__(self) -> str:
        return f"{self.improvement_id} {self.complaint_id}"
