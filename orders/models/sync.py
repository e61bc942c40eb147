"""What imports did and what they found odd."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .merchant import Merchant


class ImportRun(models.Model):
    """One run of ``manage.py import_orders``; ``counts`` holds created, changed, unchanged, rejected and odd per kind of row."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="import_runs", verbose_name=_("merchant"))
    profile = models.CharField(_("kind of file"), max_length=40)
    folder = models.CharField(_("folder"), max_length=400)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    counts = models.JSONField(_("counts"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("started by"))

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self):
        return f"{self.profile} {self.started_at:%Y-%m-%d %H:%M}"


class ImportFinding(models.Model):
    """One rejected or odd row: file, line, reason."""

    class Kind(models.TextChoices):
        REJECTED = "rejected", _("rejected")
        ODD = "odd", _("odd")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="findings", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    file = models.CharField(max_length=120)
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=60)
    text = models.CharField(max_length=400)

    class Meta:
        indexes = [models.Index(fields=["run", "id"], name="orders_finding_run")]

    def __str__(self):
        return f"{self.file}:{self.line} {self.code}"
