"""How long agents work on complaints, as their pages report it, until it is settled into events."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .complaint import Complaint


class EffortMark(models.Model):
    """Up to when an agent's time is settled; nothing before it is counted again. Its lock is that of the settling."""

    agent = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="effort_mark")
    settled_to = models.DateTimeField()

    def __str__(self):
        return f"{self.agent_id} {self.settled_to:%Y-%m-%d %H:%M}"


class WorkStretch(models.Model):
    """A stretch of time in which an agent had a complaint before them, or (without one) the list of their conversations.

    A page numbers its stretches, so that one which is sent twice is one. ``input_at`` is the last sign of the agent in it.
    """

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, db_index=False, on_delete=models.CASCADE, related_name="+")
    complaint = models.ForeignKey(Complaint, null=True, db_index=False, on_delete=models.CASCADE, related_name="+")
    page = models.UUIDField(help_text="One loaded page of the desk.")
    number = models.PositiveIntegerField(help_text="Of the stretch within its page.")
    is_call = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    input_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "page", "number"], name="complaints_workstretch_once"),
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="complaints_workstretch_has_length"),
        ]
        indexes = [models.Index(fields=["agent", "ended_at"], name="complaints_workstretch_settle")]

    def __str__(self):
        return f"{self.agent_id} {self.page} {self.number}"
