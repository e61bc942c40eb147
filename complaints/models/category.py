"""What a complaint can be about, and what the form asks for it. Both are data with shipped defaults."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ui.localize import localized


class Category(models.Model):
    """A kind of complaint, two levels: root (service, logistics, refund) and sub-category (``logistics.damaged``)."""

    class Root(models.TextChoices):
        LOGISTICS = "logistics", _("Delivery")
        REFUND = "refund", _("Return and refund")
        SERVICE = "service", _("Service")

    code = models.CharField(_("code"), max_length=40, unique=True)
    root = models.CharField(_("group"), max_length=20, choices=Root)
    name_zh = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    hint_zh = models.CharField(_("hint (Chinese)"), max_length=120, blank=True)
    hint_en = models.CharField(_("hint (English)"), max_length=120, blank=True)
    team = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, related_name="+", verbose_name=_("team"))
    skill_code = models.CharField(_("skill"), max_length=40, blank=True)
    skill_level = models.PositiveSmallIntegerField(_("minimum level"), default=1)
    priority = models.PositiveSmallIntegerField(_("priority"), default=1)
    promise_hours = models.PositiveSmallIntegerField(_("promise in hours"), default=24)
    order_statuses = models.JSONField(
        _("order states"), default=list, blank=True, help_text=_("Shown only for orders in these states. Empty: for all.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [models.CheckConstraint(condition=Q(priority__lte=3), name="complaints_category_priority_0_to_3")]

    def __str__(self):
        return localized(self, "name")


class Form(models.Model):
    """One published version of a category's questions. A complaint keeps the version it was filed with.

    ``fields`` is a list of ``{"key", "type", "label_zh", "label_en", "hint_zh", "hint_en", "required", "options"}``;
    types: text, long, choice, date, datetime, number, money. ``evidence_zh``/``evidence_en`` name the photos asked for.
    """

    category = models.ForeignKey(Category, db_index=False, on_delete=models.PROTECT, related_name="forms", verbose_name=_("category"))
    version = models.PositiveIntegerField(_("version"), default=1)
    fields = models.JSONField(_("questions"), default=list)
    asks_lines = models.BooleanField(_("asks for the goods"), default=False)
    evidence_zh = models.CharField(_("photos asked for (Chinese)"), max_length=120, blank=True)
    evidence_en = models.CharField(_("photos asked for (English)"), max_length=120, blank=True)
    published_at = models.DateTimeField(_("published"), default=timezone.now)

    class Meta:
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        constraints = [models.UniqueConstraint(fields=["category", "version"], name="complaints_form_version_once")]

    def __str__(self):
        return f"{self.category} – v{self.version}"
