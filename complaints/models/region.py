"""Force majeure: one decision that the solutions of a region stand still, and the clocks that follow it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .clock import ClockRun


class RegionPause(models.Model):
    """The time of the solution stands still for complaints about orders to these provinces, until a moment or until somebody ends it.

    Whose complaints was decided with it: those of ``team_ids``, which the person led then, and of ``shop_ids``. It holds for what is
    filed while it is in force as well.
    """

    provinces = ArrayField(models.CharField(max_length=40), verbose_name=_("provinces"))
    team_ids = ArrayField(models.BigIntegerField(), default=list)
    shop_ids = ArrayField(models.BigIntegerField(), default=list)
    reason = models.CharField(_("reason"), max_length=200)
    starts_at = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("starts_at")), name="complaints_regionpause_has_length"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="complaints_regionpause_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["until"], name="complaints_regionpause_until")]

    def __str__(self):
        return f"{', '.join(self.provinces)} – {self.until}"


class RegionPauseRun(models.Model):
    """A clock that follows a pause of its region. Each follows a pause once: whoever lets it go on before is not overruled."""

    pause = models.ForeignKey(RegionPause, db_index=False, on_delete=models.CASCADE, related_name="joined")
    run = models.ForeignKey(ClockRun, db_index=False, on_delete=models.CASCADE, related_name="+")
    joined_at = models.DateTimeField(help_text="The moment up to which the run was counted then; while that stands, it is this pause.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pause", "run"], name="complaints_regionpauserun_once")]

    def __str__(self):
        return f"{self.pause_id} {self.run_id}"
