"""Tables of the ground floor. None of them knows what the business is about."""

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from foundation.crypto import BLIND_INDEX_LENGTH
from foundation.leases import LeasedRow


class RequestRecord(models.Model):
    """One request that was already carried out, so that a double click or a retried call changes nothing twice.

    ``subject_id`` and ``actor_id`` are numbers without a key: this floor knows no tables above it. A creation is recorded
    under subject 0 with the id of what it made in ``result_id``; actor 0 is the system or a visitor without an account.
    """

    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    verb = models.CharField(max_length=40)
    actor_id = models.BigIntegerField(default=0)
    request_id = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    result_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "verb", "actor_id", "request_id"], name="request_once"),
        ]
        indexes = [BrinIndex(fields=["recorded_at"], name="request_by_age")]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class LimitCounter(models.Model):
    """How much of a limit is used up, as the moment at which it would be full again. The table is UNLOGGED: losing it is harmless."""

    key = models.CharField(max_length=BLIND_INDEX_LENGTH, primary_key=True)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class PeriodicJob(LeasedRow):
    """When a periodic job runs next and how its last run went. Claimed like any other work, so any number of sweepers is right."""

    name = models.CharField(max_length=80, primary_key=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When a long-running process last did a round of work; a process that is up but deaf shows here."""

    name = models.CharField(max_length=120, primary_key=True)
    kind = models.CharField(max_length=40)
    beaten_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name


class RestoreMarker(models.Model):
    """One row: up to when this database is known to go on. The file beside it never is ahead, unless the database was set back.

    ``house`` tells this database and its backups from any other one that is used with the same folder.
    """

    house = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)


class Standstill(models.Model):
    """Money and mail stand still, because this database may have forgotten what it sent. Ended by a person, and kept.

    ``remembers_until`` is the last moment that the database certainly remembers, ``file_at`` what the file beside it said instead.
    ``prepared_at`` is when everything that a machine can do was done. ``released_by`` is a number: this floor knows no tables above it.
    """

    since = models.DateTimeField(db_default=Now())
    why = models.CharField(max_length=200)
    remembers_until = models.DateTimeField()
    file_at = models.DateTimeField(null=True)
    prepared_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["released_at"], condition=models.Q(released_at__isnull=True), nulls_distinct=False, name="standstill_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True) | models.Q(released_by__isnull=False), name="standstill_released_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since}: {self.why}"
