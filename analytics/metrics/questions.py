"""Questions: which days, of what, split by what. A mark, its list and its export ask the same question, so they cannot differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from analytics.ledger.days import index_of
from analytics.ledger.families import Family

WHOLE = frozenset({"merchant", "team", "agent", "warehouse", "priority", "hour", "weekday", "wording"})
# Every fact has a day, so every family knows what is read off it: Monday is 1.
OF_DAY = {"weekday": "day__iso_week_day"}


@dataclass(frozen=True)
class Filters:
    """What facts must be: allowed values by dimension. A scope that somebody may see is a filter like any other."""

    allowed: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, allowed: Mapping[str, Iterable[object]]) -> "Filters":
        return cls(tuple(sorted((name, tuple(sorted({str(value) for value in values}))) for name, values in allowed.items())))

    def __and__(self, other: "Filters") -> "Filters":
        """Both at once: values that both allow."""
        found = dict(self.allowed)
        for name, values in other.allowed:
            found[name] = tuple(value for value in found[name] if value in values) if name in found else values
        return Filters(tuple(sorted(found.items())))

    def without(self, name: str) -> "Filters":
        """The same, whatever one dimension is."""
        return Filters(tuple(each for each in self.allowed if each[0] != name))

    @property
    def names(self) -> set[str]:
        return {name for name, _values in self.allowed}

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.allowed).get(name, ())

    @property
    def condition(self) -> Q:
        """The same as a condition on facts."""
        return Q(**{f"{OF_DAY.get(name, name)}__in": [_typed(name, value) for value in values] for name, values in self.allowed})


def _typed(name: str, value: str) -> str | int:
    return int(value) if name in WHOLE else value


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def indexes(self) -> tuple[int, int]:
        return index_of(self.first), index_of(self.last)

    def moved(self, days: int) -> "Span":
        return Span(self.first + timedelta(days), self.last + timedelta(days))

    def before(self) -> "Span":
        """The days before of the same number, shifted by whole weeks so that the same weekdays are compared."""
        return self.moved(-7 * -(-self.days // 7))

    def parts(self, most: int) -> "list[Span]":
        """The span as at most ``most`` parts of equal length, the last ending with it; the first may be shorter."""
        length = -(-self.days // most)
        starts = range(0, self.days, length)
        return sorted((Span(max(self.first, self.last - timedelta(start + length - 1)), self.last - timedelta(start)) for start in starts),
                      key=lambda part: part.first)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """Figures of one family: for some spans, under filters, split by at most two dimensions."""

    family: Family
    spans: tuple[Span, ...]
    filters: Filters = field(default_factory=Filters)
    split: tuple[str, ...] = ()
    source: int = 0

    def split_by(self, *names: str) -> "Question":
        return replace(self, split=names)

    @property
    def dimensions(self) -> set[str]:
        """What must be known of a row to answer, beside its merchant and its day."""
        return self._told - {"merchant"} - OF_DAY.keys()

    @property
    def needs_days(self) -> bool:
        """Whether days must be told apart within a span."""
        return not self._told.isdisjoint(OF_DAY)

    @property
    def _told(self) -> set[str]:
        return self.filters.names | set(self.split)

    @property
    def facts(self) -> QuerySet:
        """The rows of any day, under the filters and with all that they are split by."""
        of_day = {name: F(OF_DAY[name]) for name in self.split if name in OF_DAY}
        return self.family.fact.objects.filter(self.filters.condition, source=self.source).annotate(**of_day)

    @property
    def is_possible(self) -> bool:
        return self.dimensions <= set(self.family.dimensions)
