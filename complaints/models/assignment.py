"""Who works on it: the demand, the load and the reason of every decision."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .complaint import Complaint


class AssignmentRequest(models.Model):
    """A complaint that waits for an agent. ``rank_at`` (see ``assignment.demand``) is stored, so ageing needs no rewrite.

    Once assigned, ``check_at`` is when somebody looks whether the agent has begun; it is empty when there is nothing to look at.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ASSIGNED = "assigned"
        CANCELLED = "cancelled"

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="assignment_requests")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    team = models.ForeignKey("accounts.Team", db_index=False, on_delete=models.PROTECT, related_name="+")
    skill_code = models.CharField(max_length=40, blank=True)
    skill_level = models.PositiveSmallIntegerField(default=1)
    language = models.CharField(max_length=10, default="zh-hans")
    weight = models.PositiveSmallIntegerField(default=5)
    band = models.PositiveSmallIntegerField(default=0)
    excluded_ids = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="Agents who must not get it.")
    enqueued_at = models.DateTimeField(default=timezone.now)
    rank_at = models.DateTimeField()
    blocked_by = models.CharField(max_length=40, blank=True, help_text="Why nobody could take it at the last try.")
    chat = models.ForeignKey("complaints.ChatSession", null=True, blank=True, on_delete=models.CASCADE, related_name="assignment_requests")
    sticky_agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, db_index=False, on_delete=models.SET_NULL, related_name="+"
    )
    sticky_until = models.DateTimeField(null=True, help_text="Until then it waits for who knows the customer.")
    check_at = models.DateTimeField(null=True, help_text="Assigned, and nobody has begun: when it is looked at again.")
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=Q(state="waiting"), name="complaints_assignmentrequest_one_waiting"),
            models.CheckConstraint(condition=Q(band__lte=5), name="complaints_assignmentrequest_band_0_to_5"),
        ]
        indexes = [
            models.Index(fields=["rank_at", "id"], condition=Q(state="waiting"), name="complaints_assignment_waiting"),
            models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="complaints_assignment_check"),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.state}"


class AgentLoad(models.Model):
    """Units of work that an agent holds now; moves in the transaction that moves state or assignee.

    ``shift_units`` is what they were given since ``shift_started_at``: the start of their shift or, without one, the first work of
    the day.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="load")
    used = models.PositiveIntegerField(default=0)
    last_assigned_at = models.DateTimeField(null=True)
    shift_units = models.PositiveIntegerField(default=0)
    shift_started_at = models.DateTimeField(null=True)

    def __str__(self):
        return f"{self.user_id} {self.used}"


class Decision(models.Model):
    """Why somebody got a complaint: every candidate with the first reason it lost, and the winner."""

    class Cause(models.TextChoices):
        SWEEP = "sweep"
        CLAIM = "claim"
        MANUAL = "manual"
        BALANCE = "balance"
        CHAT = "chat"
        ESCALATION = "escalation"

    complaint = models.ForeignKey(Complaint, db_index=False, on_delete=models.CASCADE, related_name="decisions")
    request = models.ForeignKey(AssignmentRequest, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    cause = models.CharField(max_length=10, choices=Cause)
    rule_version = models.PositiveSmallIntegerField(default=1)
    winner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    candidates = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["complaint", "-id"], name="complaints_decision_latest")]

    def __str__(self):
        return f"{self.complaint_id} → {self.winner_id}"
