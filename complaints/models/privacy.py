"""What people may ask about their own data, what they were told of it, and what keeps it from being erased."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.crypto import EncryptedTextField

from .complaint import Complaint


class FilingConsent(models.Model):
    """Which notice of personal data was given when a complaint came in: version and hash of the text, how and when. Never changed."""

    class Way(models.TextChoices):
        SHOWN = "shown", _("shown on the form")
        SPOKEN = "spoken", _("told in a call or a talk")
        ELSEWHERE = "elsewhere", _("given by the system that filed it")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="consents")
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    text_digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=20, choices=Complaint.Channel)
    way = models.CharField(max_length=10, choices=Way)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.complaint_id} {self.version}"


class PrivacyRequest(models.Model):
    """A wish about one's own data. ``wanted`` (JSON) holds corrected contact fields, ``words`` what else was said."""

    class Kind(models.TextChoices):
        COPY = "copy", _("a copy")
        CORRECTION = "correction", _("a correction")
        ERASURE = "erasure", _("an erasure")

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting for a decision")
        APPROVED = "approved", _("approved")
        DECLINED = "declined", _("declined")
        DONE = "done", _("done")

    OPEN = (Status.WAITING, Status.APPROVED)

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    words = EncryptedTextField(blank=True, default="")
    wanted = EncryptedTextField(blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [
            ("ask_privacy", "May ask for a customer, and place a hold"),
            ("decide_privacy", "May decide about requests and lift holds"),
            ("run_privacy", "May carry out approved requests"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "kind"], condition=Q(status__in=["waiting", "approved"]), name="complaints_privacyrequest_one_open"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting") | Q(decided_at__isnull=False) | Q(kind="copy"), name="complaints_privacyrequest_decided"
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(status__in=["waiting", "approved"]), name="complaints_privacy_open")]

    def __str__(self):
        return f"{self.kind} {self.status}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class Hold(models.Model):
    """A reason why a complaint may neither be erased nor go with age, for instance a law suit. At most one at a time."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(_("reason"), max_length=300)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=Q(lifted_at__isnull=True), name="complaints_hold_one_at_a_time")
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.reason}"
