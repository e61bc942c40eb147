"""What the customer was asked afterwards, and what they said."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint


def _within(scale: str, low: int, high: int) -> Q:
    return Q(scale=scale, score__gte=low, score__lte=high)


class Survey(models.Model):
    """One question after a round of work, bound to its cycle; or one about the shop (``nps``), which hangs on the complaint that
    occasioned it with cycle 0.

    ``solver`` and ``helper_ids`` (who else answered in public) are those of the moment in which it was sent. ``delivered_at`` is when the
    mail really left, or the answer came before it. ``expired_at`` is set once, by time or when the complaint was opened again: an answer
    that was given then counts no more. One that was not sent says why in ``suppressed_by``.
    """

    class Scale(models.TextChoices):
        CSAT = "csat", _("Satisfaction")
        CES = "ces", _("Customer effort")
        NPS = "nps", _("Recommendation")
        NPS_TX = "nps_tx", _("Recommendation after service")

    class Suppression(models.TextChoices):
        CAP = "cap", _("asked less than 14 days ago")
        NO_CONSENT = "no_consent", _("the customer does not agree")
        NO_RESPONSE = "no_response", _("the customer was not reached")
        MERGED = "merged", _("joined with another complaint")
        EXTERNAL = "external", _("also before an authority or on a platform")
        NO_CONTACT = "no_contact", _("no e-mail address")
        SAFETY = "safety", _("a person may be in danger")

    RANGES = {Scale.CSAT: (1, 5), Scale.CES: (1, 7), Scale.NPS: (0, 10), Scale.NPS_TX: (0, 10)}
    OF_SHOP = 0

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.CASCADE, related_name="surveys")
    cycle = models.PositiveSmallIntegerField()
    scale = models.CharField(max_length=10, choices=Scale, default=Scale.CSAT)
    wording = models.PositiveSmallIntegerField(default=1, help_text="The version of the question's words.")
    solver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    helper_ids = ArrayField(models.BigIntegerField(), default=list, blank=True)
    invited_at = models.DateTimeField(default=timezone.now)
    delivered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    expired_at = models.DateTimeField(null=True)
    suppressed_by = models.CharField(max_length=20, choices=Suppression, blank=True)
    score = models.PositiveSmallIntegerField(null=True)
    reasons = models.JSONField(default=list)
    solved_once = models.BooleanField(null=True, help_text="Whether it was solved the first time, as the customer says; null: not told.")
    comment = models.TextField(blank=True, max_length=2000)
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "cycle"], name="complaints_survey_once_per_cycle"),
            models.CheckConstraint(
                condition=Q(score__isnull=True)
                | _within("csat", 1, 5)
                | _within("ces", 1, 7)
                | _within("nps", 0, 10)
                | _within("nps_tx", 0, 10),
                name="complaints_survey_score_in_scale",
            ),
            models.CheckConstraint(
                condition=Q(scale="nps", cycle=0) | (~Q(scale="nps") & Q(cycle__gte=1)), name="complaints_survey_shop_has_no_cycle"
            ),
            models.CheckConstraint(
                condition=Q(suppressed_by="") | Q(delivered_at__isnull=True, score__isnull=True),
                name="complaints_survey_suppressed_is_silent",
            ),
            models.CheckConstraint(
                condition=Q(solved_once__isnull=True) | Q(scale="csat", score__isnull=False), name="complaints_survey_once_of_answered"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(delivered_at__isnull=False), name="complaints_survey_answered_was_delivered"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at", "id"],
                condition=Q(expired_at__isnull=True, answered_at__isnull=True, suppressed_by=""),
                name="complaints_survey_due",
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.cycle}"
