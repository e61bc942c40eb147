"""What a definition reads beside its own family: how many orders were delivered, which complaints came in spite of an improvement."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone

from analytics.improvements.scopes import Scope
from analytics.ledger.families import FAMILIES
from analytics.lifecycle import ImprovementState
from analytics.models import ImprovementStep

from .questions import OF_DAY, Filters, Question
from .registry import Needs

Found = Iterator[tuple[int, Sequence[str], int]]
Read = Callable[[Question, Needs], dict]


def count_orders(question: Question, read: Read) -> Found:
    """Delivered orders of the same days. What orders do not know (a team, a kind of problem) does not limit them."""
    family = FAMILIES["delivery"]
    known = {"merchant", *family.dimensions, *OF_DAY}
    split = tuple(name for name in question.split if name in known)
    filters = Filters(tuple(each for each in question.filters.allowed if each[0] in known))
    orders = read(Question(family, question.spans, filters, split, question.source), Needs(("delivered",)))
    for place, key in read(question, Needs()):
        named = dict(zip(question.split, key, strict=True))
        tally = orders.get((place, tuple(named[name] for name in split)))
        yield place, key, tally["delivered"] if tally else 0


def count_repeated(question: Question, read: Read) -> Found:
    """Complaints of the scope of an improvement whose effect had been shown before they came."""
    repeats = question.facts.filter(repeated()).order_by()
    for place, span in enumerate(question.spans):
        facts = repeats.filter(day__range=(span.first, span.last))
        if not question.split:
            yield place, (), facts.count()
            continue
        for row in facts.values(*question.split).annotate(n=Count("root_id")):
            yield place, [str(row[name]) for name in question.split], row["n"]


def repeated() -> Q:
    """Arrivals of the same reason and scope after the day on which an effect was shown."""
    shown = ImprovementStep.objects.filter(verb="conclude", codes__verdict=ImprovementState.EFFECTIVE).select_related("improvement")
    first: dict[Scope, date] = {}
    for step in shown.order_by("at"):
        first.setdefault(Scope.of(step.improvement), timezone.localdate(step.at))
    scopes = [Q(**scope.filters, day__gt=day) for scope, day in first.items()]
    return Q(*scopes, _connector=Q.OR) & Q(arrived=1) if scopes else Q(root_id__in=[])


LOOKUPS: dict[str, Callable[[Question, Read], Found]] = {"orders": count_orders, "repeated": count_repeated}
