"""Open rows, read for many spans at once: how many count in each, and at which ages."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet

from .opens import Overdue, Waiting
from .questions import Question
from .standing import LOWEST

# Rows are counted by day before they are given to spans: many spans contain the same day.
AGES = """
    SELECT span.place, ARRAY[{key}]::text[], item.bucket, sum(item.n), sum(item.total)
    FROM unnest(%s::int[], %s::date[], %s::date[]) AS span (place, first, last)
    JOIN (
        SELECT day, {columns}width_bucket(age, %s::bigint[]) - 1 AS bucket, count(*) AS n, sum(age) AS total
        FROM (SELECT open.*, greatest(0, floor(date_part('epoch', %s - since)))::bigint AS age FROM ({rows}) AS open) AS aged
        GROUP BY day, {columns}bucket
    ) AS item ON item.day BETWEEN span.first AND span.last
    GROUP BY 1, 2, 3
"""
NUMBERS = """
    SELECT span.place, ARRAY[{key}]::text[], sum(item.n)
    FROM unnest(%s::int[], %s::date[], %s::date[]) AS span (place, first, last)
    JOIN (SELECT {columns}day, count(*) AS n FROM ({rows}) AS open GROUP BY {columns}day) AS item
        ON item.day BETWEEN span.first AND span.last
    GROUP BY 1, 2
"""


def read_ages(question: Question, waiting: Waiting, as_of: datetime) -> Iterator[tuple[int, list[str], int, int, int]]:
    """Place of the span, values of the split, bucket of the age, how many, and the sum of their ages in seconds."""
    rows = _facts(question).filter(waiting.condition).annotate(since=F(waiting.since)).values("day", *question.split, "since")
    inner, values = rows.query.sql_with_params()
    for place, key, bucket, n, total in _asked(AGES, question, inner, [*_spans(question), LOWEST, as_of, *values]):
        yield place, key, bucket, int(n), int(total)


def read_overdue(question: Question, overdue: Overdue, as_of: datetime) -> Iterator[tuple[int, list[str], int]]:
    """Place of the span, values of the split, how many."""
    inner, values = _facts(question).filter(overdue.condition(as_of)).values("day", *question.split).query.sql_with_params()
    for place, key, n in _asked(NUMBERS, question, inner, [*_spans(question), *values]):
        yield place, key, int(n)


def _facts(question: Question) -> QuerySet:
    """The facts of all days from the first to the last; which of them lie in a span is the join's business."""
    days = (min(span.first for span in question.spans), max(span.last for span in question.spans))
    return question.facts.filter(day__range=days)


def _spans(question: Question) -> list[list]:
    return [list(range(len(question.spans))), [span.first for span in question.spans], [span.last for span in question.spans]]


def _asked(statement: str, question: Question, inner: str, values: list) -> list[tuple]:
    names = [connection.ops.quote_name(name) for name in question.split]
    parts = {"key": ", ".join(f"item.{name}::text" for name in names), "columns": "".join(f"{name}, " for name in names)}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**parts, rows=inner), values)
        return cursor.fetchall()
