"""What has been published for research: each closed period of a shop once and for ever, and who asked for it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Merchant

from .exports import Export


class Step(models.TextChoices):
    """What is made anonymous as one and published as one."""

    MONTH = "month", _("each month")
    QUARTER = "quarter", _("each quarter")
    YEAR = "year", _("each year")


class ResearchCohort(models.Model):
    """A closed period of a shop as it was published: never made again, so that no two exports of it differ.

    ``codes`` holds the published values of each of its ``columns``, to which the numbers in the pages lead. ``figures`` says how fine each
    column is, how diverse the classes are, and how small the smallest is.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", verbose_name=_("merchant"))
    first_on = models.DateField()
    last_on = models.DateField()
    step = models.CharField(max_length=10, choices=Step)
    version = models.PositiveSmallIntegerField(help_text="Of the definition of the columns.")
    columns = ArrayField(models.CharField(max_length=20))
    k = models.PositiveSmallIntegerField()
    l = models.PositiveSmallIntegerField(default=1)  # noqa: E741 - what the literature calls it
    row_count = models.PositiveIntegerField()
    suppressed_count = models.PositiveIntegerField()
    codes = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("published period")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "first_on"], name="analytics_cohort_once"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="analytics_cohort_days"),
            models.CheckConstraint(condition=Q(k__gte=3, l__gte=1), name="analytics_cohort_k_at_least_3"),
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.first_on} – {self.last_on}"


class ResearchPage(models.Model):
    """Some rows of a published period: JSON of lists, each a random key that gives the order, then a number for each column."""

    cohort = models.ForeignKey(ResearchCohort, on_delete=models.PROTECT, related_name="pages", db_index=False)
    number = models.PositiveIntegerField()
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "number"], name="analytics_page_once")]

    def __str__(self) -> str:
        return f"{self.cohort_id}/{self.number}"


class ResearchExport(Export):
    """Somebody's wish for a file, why, and what came of it. ``asked_by`` empty: somebody at the machine itself.

    ``floors`` are the coarsest levels that will do, by column, for periods that are not published yet. ``about`` is what a refusal
    speaks of. The file itself is read from the published periods while it is fetched.
    """

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    merchant_ids = ArrayField(models.BigIntegerField())
    first_on = models.DateField()
    last_on = models.DateField()
    step = models.CharField(max_length=10, choices=Step, default=Step.MONTH)
    k = models.PositiveSmallIntegerField(default=5)
    l = models.PositiveSmallIntegerField(default=1)  # noqa: E741 - what the literature calls it
    columns = ArrayField(models.CharField(max_length=20))
    floors = models.JSONField(default=dict)
    period_count = models.PositiveIntegerField(default=0)
    suppressed_count = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    about = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("export for research")
        verbose_name_plural = _("exports for research")
        permissions = [("export_research", "May export anonymised after-sales data for research")]
        constraints = [
            models.CheckConstraint(condition=Q(k__gte=3, l__gte=1), name="analytics_research_k_at_least_3"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="analytics_research_days"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=["waiting", "running"]), name="analytics_research_due"),
            models.Index(fields=["-asked_at", "-id"], name="analytics_research_listed"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.first_on} – {self.last_on}"
