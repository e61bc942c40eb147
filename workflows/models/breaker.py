"""How a payment provider fares: written by whoever calls it, so that every worker and the pages know."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class GatewayHealth(models.Model):
    """One row per provider. After several unclear answers in a row nothing is sent until ``paused_until``; questions go on."""

    gateway = models.CharField(max_length=20, unique=True)
    unclear_in_row = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True)
    last_clear_at = models.DateTimeField(null=True)
    last_unclear_at = models.DateTimeField(null=True)
    last_code = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("health of a payment provider")
        verbose_name_plural = _("health of payment providers")

    def __str__(self):
        return f"{self.gateway} {self.unclear_in_row}"
