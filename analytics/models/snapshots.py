"""Kept answers to questions that are too large to wait for."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.leases import LeasedRow


class Snapshot(LeasedRow):
    """A question that a worker answers, and its last answer: ``payload`` are the tallies as of ``watermark``.

    ``key`` is the digest of the question without what is read of the facts; ``needs`` grows with whoever asks for more of them, and
    the payload says for which it holds. The rights of a reader are filters of the question, so nobody gets another one's answer.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    key = models.CharField(max_length=64, unique=True)
    question = models.JSONField()
    needs = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    payload = models.JSONField(null=True)
    watermark = models.DateTimeField(null=True)
    error = models.CharField(max_length=100, blank=True, default="")
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(payload__isnull=True) | Q(watermark__isnull=False), name="analytics_snapshot_has_a_time"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="analytics_snapshot_due"),
            models.Index(fields=["-asked_at"], name="analytics_snapshot_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.question.get('family')} {self.key[:12]}"
