"""Boards and pages of one figure that somebody keeps under a name, shares, and has sent by mail."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team
from foundation.leases import LeasedRow


class SavedReport(models.Model):
    """A page of figures with its filters, as its address says them. It holds no number: whoever opens it sees what they may see.

    ``due_at`` is when it leaves next; nothing while it is not scheduled or paused.
    """

    class Shared(models.TextChoices):
        NOBODY = "nobody", _("only me")
        TEAM = "team", _("a team")
        ROLE = "role", _("a role")

    class Rhythm(models.TextChoices):
        NEVER = "never", _("not by mail")
        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every week")
        MONTHLY = "monthly", _("every month")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_reports")
    name = models.CharField(_("name"), max_length=80)
    board = models.CharField(max_length=20, blank=True)
    metric = models.CharField(max_length=40, blank=True)
    query = models.CharField(max_length=4000, blank=True)
    shared = models.CharField(_("shared with"), max_length=10, choices=Shared, default=Shared.NOBODY)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("team"))
    role = models.CharField(_("role"), max_length=20, blank=True)
    rhythm = models.CharField(_("by mail"), max_length=10, choices=Rhythm, default=Rhythm.NEVER)
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=0, validators=[MaxValueValidator(6)])
    month_day = models.PositiveSmallIntegerField(_("day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)])
    hour = models.PositiveSmallIntegerField(_("hour"), default=8, validators=[MaxValueValidator(23)])
    is_paused = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("saved report")
        verbose_name_plural = _("saved reports")
        permissions = [("save_report", "May save pages of figures, share them and have them sent")]
        constraints = [
            models.CheckConstraint(condition=Q(board="") ^ Q(metric=""), name="analytics_report_of_one_page"),
            models.CheckConstraint(condition=Q(weekday__lte=6, month_day__range=(1, 31), hour__lte=23), name="analytics_report_times"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="analytics_report_due")]

    def __str__(self) -> str:
        return self.name


class ReportRecipient(models.Model):
    """Who gets a report by mail. The figures in it are their own: what they may see when it leaves."""

    report = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="recipients")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "user"], name="analytics_report_recipient_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.user_id}"


class ReportMail(LeasedRow):
    """One mail to one person for one due time, once. ``why`` says why none was sent; ``key`` is its Message-ID at every try."""

    class State(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("mail", "Waiting")
        SENT = "sent", pgettext_lazy("mail", "Sent")
        FAILED = "failed", pgettext_lazy("mail", "Not sent")

    class Why(models.TextChoices):
        NO_RIGHT = "no_right", _("may not see these figures any more")
        NO_ADDRESS = "no_address", _("has no mail address")
        REFUSED = "refused", _("the mail server refuses it")
        TOO_LATE = "too_late", _("it could not be sent for three days")
        TOO_MANY = "too_many", _("too many rows to count for these filters")
        CRASHED = "crashed", _("the sender died on it five times")

    report = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="mails", db_index=False)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    key = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    why = models.CharField(max_length=20, choices=Why, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "due_at", "recipient"], name="analytics_report_mail_once")]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="queued"), name="analytics_report_mail_due")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.due_at:%Y-%m-%d %H:%M} {self.recipient_id}"
