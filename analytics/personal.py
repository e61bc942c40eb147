"""Facts and sums hold codes, numbers and moments; nothing in them names a customer, and nothing of it is text that somebody wrote."""

from django.db import models

from analytics.ledger.families import FAMILIES, SHARED
from foundation.personal import Table

# Text is a code of the shop's own; another column of text has to be thought about here first.
CODES = frozenset({*SHARED, "excluded", "outcome", "kind", "scale", "currency", "bearer", "key"})


def _plain(model: type[models.Model]) -> str:
    fields = model._meta.concrete_fields
    return " ".join(field.name for field in fields if field.name in CODES or not isinstance(field, models.CharField | models.TextField))


def _table(model: type[models.Model], why: str) -> Table:
    return Table(label=model._meta.label, why=why, kept="as long as the events", none=_plain(model))


TABLES = (
    *(_table(family.fact, "figures: facts folded from events") for family in FAMILIES.values()),
    *(_table(family.rollup, "figures: sums of facts") for family in FAMILIES.values()),
    Table(label="analytics.AnalyticsCursor", why="how far the figures are", kept="configuration", none="id consumer feed pos"),
    Table(label="analytics.DirtyNode", why="sums to be made new", kept="until they are", none="family source level idx"),
    Table(label="analytics.FillRange", why="how far a rebuild is", kept="until it is done", none="name done_id last_id started_at pos"),
    Table(
        label="analytics.MetricVersion", why="since when a definition holds", kept="configuration", none="id metric version digest since"
    ),
)
