"""Files that people have made for them: the wish, what it is for, and what came of it."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.leases import LeasedRow


class Export(LeasedRow):
    """Something that a worker makes for one person, who can fetch it for 24 hours. ``why`` is the code of a refusal."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("research", "Waiting")
        RUNNING = "running", pgettext_lazy("research", "Being made")
        DONE = "done", pgettext_lazy("research", "Done")
        REFUSED = "refused", pgettext_lazy("research", "Not made")

    OPEN = (State.WAITING, State.RUNNING)
    KEPT = timedelta(hours=24)

    asked_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(_("What is it for?"), max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done_count = models.PositiveIntegerField(default=0)
    row_count = models.PositiveIntegerField(default=0)
    why = models.CharField(max_length=20, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def ends_at(self) -> datetime | None:
        """Until when it can be fetched, once it is made."""
        return self.ended_at and self.ended_at + self.KEPT

    @property
    def is_expired(self) -> bool:
        """Whether it can be fetched no more."""
        return self.ends_at is not None and timezone.now() >= self.ends_at

    @property
    def stage(self) -> str:
        """Its state as it is shown; expired once there is nothing left to fetch."""
        return "expired" if self.state == self.State.DONE and self.is_expired else self.state


class ListExport(Export):
    """A list behind a mark that is too long to be written while somebody waits, as one person asked for it.

    ``query`` says the choice with its days, ``name`` and ``extension`` how the file is called, ``entry`` is the row of the access log
    whose number stands in it. ``row_count`` is how many rows there were when it was asked for, and are in the file once it is made.
    ``scope`` are the filters with which it was made; who sees less by now gets no file. On disk it lies under ``key`` and ``fence``.
    """

    class Why(models.TextChoices):
        NO_RIGHT = "no_right", _("You may not take this list any more.")
        TOO_LONG = "too_long", _("The list is too long for one file. Choose fewer days or a filter.")
        FAILED = "failed", _("It could not be made. The log of the server says why.")
        CRASHED = "crashed", _("It stopped several times while it was made.")

    key = models.UUIDField(default=uuid.uuid4, unique=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=40)
    part = models.CharField(max_length=40)
    query = models.TextField(blank=True)
    name = models.CharField(max_length=120)
    extension = models.CharField(max_length=4)
    why = models.CharField(max_length=20, choices=Why, blank=True)
    entry = models.BigIntegerField()
    scope = models.JSONField(default=list)
    byte_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("list as a file")
        verbose_name_plural = _("lists as files")
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state__in=["waiting", "running"]), name="analytics_list_export_due"),
            models.Index(fields=["-asked_at"], name="analytics_list_export_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.part}.{self.extension}"
