"""How far the ledger is filled. With the cursor and the dirty nodes, killing the process anywhere loses nothing."""

from django.db import models
from django.db.models.functions import Now

from foundation.events import FeedCursor


class AnalyticsCursor(FeedCursor):
    """How far the ledger has read the feeds of complaints, of orders and of readings."""


class DirtyNode(models.Model):
    """A node of a family's rollups that is behind the facts (level 0, a day) or behind its two halves; it may wait until ``due_at``."""

    pk = models.CompositePrimaryKey("family", "source", "level", "idx")
    family = models.CharField(max_length=20)
    source = models.PositiveIntegerField(default=0)
    level = models.PositiveSmallIntegerField(default=0)
    idx = models.IntegerField()
    due_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.family} {self.level}/{self.idx}"


class FillRange(models.Model):
    """How far a rebuild of the facts has come: everything up to ``done_id`` is in the shadow tables."""

    name = models.CharField(max_length=40, primary_key=True)
    done_id = models.BigIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()
    pos = models.JSONField(default=dict, help_text="Where the feeds stood when it began.")

    def __str__(self) -> str:
        return f"{self.name} {self.done_id}/{self.last_id}"


class MetricVersion(models.Model):
    """Since when the figures of a metric follow a version of its definition."""

    metric = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)
    since = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["metric", "version"], name="analytics_metric_version_once")]

    def __str__(self) -> str:
        return f"{self.metric}@{self.version}"
