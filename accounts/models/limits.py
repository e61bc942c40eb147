"""What somebody may grant, and what they looked at."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .people import User


class AuthorityLimit(models.Model):
    """How much a role may grant without approval. Limits are added, never changed: the highest version counts."""

    class Scope(models.TextChoices):
        GRANT = "grant", _("per grant")
        COMPLAINT = "complaint", _("per complaint")
        ORDER = "order", _("per order")
        CUSTOMER = "customer", _("per customer")
        AGENT = "agent", _("per agent")
        CASE = "case", _("per case")

    role = models.CharField(_("role"), max_length=20)
    scope = models.CharField(_("scope"), max_length=20, choices=Scope)
    window = models.DurationField(_("window"), null=True, blank=True, help_text=_("Empty: for ever."))
    limit_fen = models.PositiveBigIntegerField(_("limit in fen"))
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("authority limit")
        verbose_name_plural = _("authority limits")
        constraints = [
            models.UniqueConstraint(
                fields=["role", "scope", "window", "version"], nulls_distinct=False, name="accounts_authoritylimit_version_once"
            )
        ]

    def __str__(self):
        return f"{self.role} {self.scope} {self.limit_fen}"


class AccessLog(models.Model):
    """Who saw a personal field, a file or an export: never the value itself. Append-only."""

    class Act(models.TextChoices):
        REVEAL = "reveal", _("revealed")
        DOWNLOAD = "download", _("downloaded")
        EXPORT = "export", _("exported")
        SEARCH = "search", _("searched")

    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("who"))
    act = models.CharField(_("act"), max_length=10, choices=Act)
    subject_type = models.CharField(_("kind of row"), max_length=40)
    subject_id = models.BigIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    network = models.GenericIPAddressField(_("network"), null=True)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access log")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="accounts_access_subject"),
            models.Index(fields=["actor", "at"], name="accounts_access_actor"),
        ]

    def __str__(self):
        return f"{self.get_act_display()} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"
