"""How news reach the customer: the outbox and its templates."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint
from .intake import Message


class Noticed:
    """A row of one notice. ``notice_words`` is what the notice tells, given by those above who know it; without them it is its code."""

    notice_words: str = ""


class Template(Noticed, models.Model):
    """The wording of one notice in one language and channel. A change is a new version; the highest counts."""

    node = models.CharField(_("notice"), max_length=40)
    channel = models.CharField(_("channel"), max_length=20, default="mail")
    language = models.CharField(_("language"), max_length=10)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    subject = models.CharField(_("subject"), max_length=120, blank=True)
    body = models.TextField(_("text"))
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("notice template")
        verbose_name_plural = _("notice templates")
        constraints = [models.UniqueConstraint(fields=["node", "channel", "language", "version"], name="complaints_template_version_once")]

    def __str__(self):
        return f"{self.notice_words or self.node} – {self.language} – v{self.version}"


class Outbox(Noticed, models.Model):
    """One message that must leave, written in the transaction of the change it tells about.

    ``key`` names the message for ever (it is the Message-ID), so a receiver that sees it twice keeps one.

    Holds neither an address nor a secret link: both are looked up or made when the message is sent. ``next_at`` is both
    "due" and "lease ends"; ``fence`` makes a late writer lose.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        CANCELLED = "cancelled", _("taken back")
        DEAD = "dead", _("failed")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    complaint = models.ForeignKey(Complaint, null=True, db_index=False, on_delete=models.CASCADE, related_name="outbox")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    event_seq = models.PositiveIntegerField(null=True)
    node = models.CharField(_("notice"), max_length=40)
    channel = models.CharField(_("channel"), max_length=20, default="mail")
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    message = models.ForeignKey(Message, null=True, on_delete=models.CASCADE, related_name="outbox")
    values = models.JSONField(default=dict, help_text="Values of the template's variables; nothing personal, no secret.")
    queue = models.CharField(max_length=10, default="mail")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    next_at = models.DateTimeField(_("next try"), default=timezone.now)
    expires_at = models.DateTimeField(_("given up"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    fence = models.PositiveIntegerField(default=0)
    claimed_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        permissions = [("retry_outbox", "May send failed messages again")]
        constraints = [
            models.CheckConstraint(condition=Q(complaint__isnull=False) | Q(user__isnull=False), name="complaints_outbox_has_recipient")
        ]
        indexes = [
            models.Index(fields=["queue", "next_at", "id"], condition=Q(state__in=["queued", "sending"]), name="complaints_outbox_due"),
            models.Index(fields=["complaint", "id"], name="complaints_outbox_of"),
            models.Index(fields=["id"], condition=Q(state="dead"), name="complaints_outbox_dead"),
        ]

    def __str__(self):
        return f"{self.notice_words or self.node} – {self.get_state_display()}"
