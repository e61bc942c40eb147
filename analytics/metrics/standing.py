"""What lies there: rounds that were open when a span began or ended, as a number from sums, as rows, and with their ages.

Only families of passages know it. A day's stock is what came in up to then less what went out, so any day of any year costs the same.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import BigIntegerField, Count, F, Func, IntegerField, Q, QuerySet, Sum, Value
from django.utils import timezone

from analytics.ledger.days import FIRST_DAY
from analytics.ledger.families import Family
from analytics.models import STAY

from .buckets import lowest
from .questions import Question, Span

DAY = timedelta(days=1)
# What goes in and out of a stock, as sums of its family.
IN, OUT = "opened", "ended"
STANDS = frozenset({"passage"})
# Beyond a few thousand years no age is told apart.
LOWEST = [lowest(number) for number in range(600)]


def is_stock(family: Family) -> bool:
    return family.name in STANDS


def before(span: Span) -> Span:
    """Everything up to a span."""
    return Span(FIRST_DAY, span.first - DAY)


def with_stays(rows: QuerySet) -> QuerySet:
    return rows.filter(opened=1).alias(stay=STAY)


def _stood(span: Span) -> Q:
    return Q(stay__contains=span.first - DAY)


def _left(span: Span) -> Q:
    return Q(stay__contains=span.last)


def _total(span: Span) -> Q:
    return _stood(span) | Q(came=1, day__range=(span.first, span.last))


# Sets of a stock that are no sums of a span, as conditions on rows with their stays.
SETS: dict[str, Callable[[Span], Q]] = {"stood": _stood, "left": _left, "total": _total}


def count_standing(question: Question, span: Span) -> Iterator[tuple[list[str], int]]:
    """How many were open when a span began, by the values of the split, counted from the rows themselves."""
    rows = with_stays(question.facts).filter(_stood(span)).order_by()
    if not question.split:
        yield [], rows.count()
        return
    for row in rows.values(*question.split).annotate(n=Count("root_id")):
        yield [str(row[name]) for name in question.split], row["n"]


def count_ages(question: Question, span: Span, as_of: datetime) -> Iterator[tuple[list[str], int, int, int]]:
    """What was open when a span ended: split, bucket of its age then, how many, and the sum of their ages."""
    rows = with_ages(with_stays(question.facts).filter(_left(span)).order_by(), end_of(span, as_of))
    for row in rows.values(*question.split, "place").annotate(n=Count("root_id"), total=Sum("age")):
        yield [str(row[name]) for name in question.split], row["place"], row["n"], int(row["total"])


def with_ages(rows: QuerySet, at: datetime) -> QuerySet:
    """Rows with the ``age`` that they have at a moment since they began, in seconds, and the ``place`` of its bucket."""
    age = Func(Value(at), F("began_at"), template=AGE, arg_joiner=" - ", output_field=BigIntegerField())
    return rows.annotate(age=age, place=PLACE)


AGE = "greatest(0, floor(date_part('epoch', %(expressions)s)))::bigint"


def place_among(bounds: list[int]) -> Func:
    """Which of these bounds an age has reached, the first being 0; below all of them is −1."""
    return Func(F("age"), Value(bounds), template="width_bucket(%(expressions)s::bigint[]) - 1", output_field=IntegerField())


PLACE = place_among(LOWEST)  # the buckets of ``buckets.bucket``


def end_of(span: Span, as_of: datetime) -> datetime:
    """The moment at which the ages of a span are taken: the end of its last day, or now while that goes on."""
    return min(start_of(span.last + DAY), as_of)


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
