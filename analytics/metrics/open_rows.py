"""Open rows, read for many spans at once: how many count in each, and at which ages."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.models import F, QuerySet

from .opens import Overdue, Waiting
from .questions import Question
from .standing import LOWEST

AGES = """
    SELECT span.place, ARRAY[{key}]::text[], width_bucket(age.seconds, %s::bigint[]) - 1, count(*), sum(age.seconds)
    FROM unnest(%s::int[], %s::date[], %s::date[]) AS span (place, first, last)
    JOIN ({rows}) AS item ON item.day BETWEEN span.first AND span.last
    CROSS JOIN LATERAL (SELECT greatest(0, floor(extract(epoch FROM %s - item.since)))::bigint AS seconds) AS age
    GROUP BY 1, 2, 3
"""
NUMBERS = """
    SELECT span.place, ARRAY[{key}]::text[], count(*)
    FROM unnest(%s::int[], %s::date[], %s::date[]) AS span (place, first, last)
    JOIN ({rows}) AS item ON item.day BETWEEN span.first AND span.last
    GROUP BY 1, 2
"""


def read_ages(question: Question, waiting: Waiting, as_of: datetime) -> Iterator[tuple[int, list[str], int, int, int]]:
    """Place of the span, values of the split, bucket of the age, how many, and the sum of their ages in seconds."""
    rows = _facts(question).filter(waiting.condition).annotate(since=F(waiting.since)).values("day", *question.split, "since")
    inner, values = rows.query.sql_with_params()
    for *found, total in _asked(AGES, question, inner, [LOWEST, *_spans(question), *values, as_of]):
        yield *found, int(total)


def read_overdue(question: Question, overdue: Overdue, as_of: datetime) -> list[tuple[int, list[str], int]]:
    """Place of the span, values of the split, how many."""
    inner, values = _facts(question).filter(overdue.condition(as_of)).values("day", *question.split).query.sql_with_params()
    return _asked(NUMBERS, question, inner, [*_spans(question), *values])


def _facts(question: Question) -> QuerySet:
    """The facts of all days from the first to the last; which of them lie in a span is the join's business."""
    days = (min(span.first for span in question.spans), max(span.last for span in question.spans))
    return question.facts.filter(day__range=days)


def _spans(question: Question) -> list[list]:
    return [list(range(len(question.spans))), [span.first for span in question.spans], [span.last for span in question.spans]]


def _asked(statement: str, question: Question, inner: str, values: list) -> list[tuple]:
    key = ", ".join(f"item.{connection.ops.quote_name(name)}::text" for name in question.split)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(key=key, rows=inner), values)
        return cursor.fetchall()
