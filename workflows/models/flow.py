"""Flow definitions as data, their versions, and the steps that a case took through the version that it keeps."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .case import Case, CasePolicy


class FlowDefinition(models.Model):
    """The flow of one type of after-sale."""

    type = models.CharField(_("type"), max_length=20, choices=CasePolicy.Type, unique=True)

    class Meta:
        verbose_name = _("flow definition")
        verbose_name_plural = _("flow definitions")

    def __str__(self):
        return self.get_type_display()


class FlowVersion(models.Model):
    """One version of a flow definition. After publication a trigger refuses every change; cases keep the version they began with.

    A definition has at most one proposal that is not published. The first version comes with the house, so nobody has signed it.
    """

    SHIPPED = 1

    definition = models.ForeignKey(FlowDefinition, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    sha256 = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    published_at = models.DateTimeField(null=True)
    effective_from = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("flow version")
        verbose_name_plural = _("flow versions")
        permissions = [
            ("propose_flow", "May propose versions of flow definitions"),
            ("publish_flow", "May publish versions of flow definitions"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="workflows_flowversion_once"),
            models.UniqueConstraint(
                fields=["definition"], condition=Q(published_at__isnull=True), name="workflows_flowversion_one_proposal"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | Q(effective_from__isnull=False)
                & Q(effective_from__gte=F("published_at"))
                & (Q(published_by__isnull=False) | Q(number=1)),
                name="workflows_flowversion_signed",
            ),
        ]

    def __str__(self):
        return f"{self.definition} v{self.number}"


class Step(models.Model):
    """One leaf of a flow in one visit of a phase: open, done, or no longer needed. ``codes`` keep the facts that a choice was made by."""

    class Standing(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("no longer needed")
        SKIPPED = "skipped", _("skipped by a lead")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps", db_index=False)
    phase = models.CharField(max_length=12)
    visit = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    round = models.PositiveSmallIntegerField(default=1)
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.OPEN)
    outcome = models.CharField(max_length=30, blank=True)
    codes = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "phase", "visit", "key", "round"], name="workflows_step_once"),
            models.CheckConstraint(
                condition=Q(standing="open", ended_at__isnull=True) | Q(ended_at__isnull=False), name="workflows_step_ended"
            ),
        ]
        indexes = [models.Index(fields=["due_at"], name="workflows_step_due", condition=Q(standing="open", due_at__isnull=False))]

    def __str__(self):
        return f"{self.case_id} {self.key}"
