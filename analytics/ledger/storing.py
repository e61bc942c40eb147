"""Facts into their tables, by difference: what is there already is left alone, so a repeated delivery changes nothing."""

import csv
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from functools import cache
from io import StringIO
from typing import Any

from django.db import connection, models
from psycopg2 import sql

from analytics.metrics.buckets import bucket
from analytics.models import DirtyNode, Fact, durations_of
from analytics.models.fields import bucket_of

from .days import index_of
from .families import Family
from .turns import HOUSE

Row = tuple[Any, ...]
KEY = ("source", "root_id", "ordinal")


def store_facts(roots: Collection[int], facts: Iterable[Fact], *, families: Iterable[Family], source: int = HOUSE) -> None:
    """Make the facts of these groups in a source exactly those that are given, and mark the days whose sums that changes."""
    by_model: dict[type[Fact], list[Fact]] = defaultdict(list)
    for fact in facts:
        fact.source = source
        by_model[type(fact)].append(fact)
    for family in families:
        changed = _replace(family, list(roots), by_model[family.fact], source)
        mark_days(family, source, changed)


def mark_days(family: Family, source: int, days: Iterable[date]) -> None:
    nodes = [DirtyNode(family=family.name, source=source, level=0, idx=index_of(day)) for day in sorted(set(days))]
    DirtyNode.objects.bulk_create(nodes, ignore_conflicts=True)


def _replace(family: Family, roots: list[int], facts: list[Fact], source: int) -> set[date]:
    """Write the difference; returns the days that changed."""
    names = columns_of(family.fact)
    place = names.index("day")
    stored = {row[:3]: row for row in family.fact.objects.filter(source=source, root_id__in=roots).values_list(*names)}
    wanted = {row[:3]: row for row in map(row_of, facts)}
    gone = [row for key, row in stored.items() if wanted.get(key) != row]
    new = [row for key, row in wanted.items() if stored.get(key) != row]
    if gone:
        _delete(family, [row[:3] for row in gone])
    copy_rows(family.table, family.fact, new)
    return {row[place] for row in (*gone, *new)} - {None}


def _delete(family: Family, keys: list[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DELETE.format(table=sql.Identifier(family.table)), [list(each) for each in zip(*keys, strict=True)])


def copy_rows(table: str, model: type[models.Model], rows: Collection[Row]) -> None:
    """Insert rows in the order of ``columns_of``; many thousands cost little more than a few."""
    if not rows:
        return
    text = StringIO()
    csv.writer(text).writerows([NULL if value is None else value for value in row] for row in rows)
    text.seek(0)
    columns = sql.SQL(", ").join(map(sql.Identifier, columns_of(model)))
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY.format(table=sql.Identifier(table), columns=columns, null=sql.Literal(NULL)), text)


NULL = "\x01"  # no shop writes this as an article number
COPY = sql.SQL("COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL {null})")
DELETE = sql.SQL("DELETE FROM {table} WHERE (source, root_id, ordinal) IN (SELECT * FROM unnest(%s::int[], %s::bigint[], %s::int[]))")


@cache
def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """The columns of a table of facts, its key first."""
    names = [field.attname for field in model._meta.concrete_fields]
    return (*KEY, *(name for name in names if name not in KEY))


@cache
def _durations(model: type[Fact]) -> tuple[tuple[str, str], ...]:
    return tuple((name, bucket_of(name)) for name in durations_of(model))


def row_of(fact: Fact) -> Row:
    """A fact as a row, with the buckets of its durations."""
    for name, quantised in _durations(type(fact)):
        value = getattr(fact, name)
        setattr(fact, quantised, None if value is None else bucket(value))
    return tuple(getattr(fact, name) for name in columns_of(type(fact)))
