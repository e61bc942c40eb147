"""What somebody looks at: period, filters and comparison, as the address says it. Every link of a page is made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.access import Sight
from analytics.ledger.families import FAMILIES, SHARED, Family
from analytics.metrics.asking import Asked, sizes
from analytics.metrics.questions import OF_DAY, WHOLE, Filters, Span
from analytics.metrics.registry import metric
from analytics.metrics.results import FEW
from analytics.metrics.standing import is_stock

PERIODS = {
    "today": _("Today"),
    "7d": _("7 days"),
    "28d": _("28 days"),
    "month": _("This month"),
    "quarter": _("This quarter"),
    "365d": _("365 days"),
}
LENGTHS = {"today": 1, "7d": 7, "28d": 28, "365d": 365}
DEFAULT = "28d"
LONGEST_DAYS = 3700
DIMENSIONS = ("merchant", *SHARED, "hour", "weekday", "kind", "scale", "outcome", "currency", "bearer", "article")
MOST_VALUES = 50


@dataclass(frozen=True)
class Choice:
    """A period with filters. ``period`` is one of ``PERIODS`` or empty for two given days; ``is_choosing``: the filters are laid open."""

    sight: Sight
    span: Span
    period: str = DEFAULT
    chosen: Filters = Filters()
    source: int = 0
    is_choosing: bool = False

    @cached_property
    def filters(self) -> Filters:
        """What is asked for: the choice within what may be seen. An imported log is of no shop; who sees it sees it whole."""
        return self.chosen if self.source else self.chosen & self.sight.filters

    @cached_property
    def is_quiet(self) -> bool:
        """Whether fewer complaints come on a day than a percentage needs."""
        asked = Asked(metric("vol_new"), (self.span,), self.filters_for(FAMILIES["arrival"]), source=self.source)
        found = sizes(asked, ["arrived"], as_of=timezone.now())
        return found is not None and found["arrived"] < FEW * self.span.days

    def filters_for(self, family: Family) -> Filters:
        """The filters that a family knows; ``is_told_by`` says whether it knows all of them."""
        return Filters(tuple((name, values) for name, values in self.filters.allowed if name in known_to(family)))

    def is_told_by(self, family: Family) -> bool:
        """Whether the figures of a family can be limited to this choice at all."""
        return self.filters.names <= known_to(family)

    @cached_property
    def query(self) -> str:
        """The part of an address that says this choice."""
        return self._days + self._rest

    def query_of(self, span: Span | None, values: Mapping[str, object] | None) -> str:
        """The same for other days, or limited to one value of some dimensions: what a mark leads to."""
        days = _days_of(span) if span else self._days
        if not values:
            return days + self._rest
        if self.chosen.names.isdisjoint(values):
            return f"{days}{self._rest}&{urlencode(values)}"
        return days + replace(self, chosen=self.chosen & Filters.of({name: [value] for name, value in values.items()}))._rest

    @cached_property
    def _days(self) -> str:
        return f"period={self.period}" if self.period else _days_of(self.span)

    @cached_property
    def _rest(self) -> str:
        rest = urlencode({**({"source": self.source} if self.source else {}), **dict(self.chosen.allowed)}, doseq=True)
        return f"&{rest}" if rest else ""


def known_to(family: Family) -> set[str]:
    """What can be asked of a family. What lies there on a day has come on any weekday."""
    return {"merchant", *family.dimensions, *(() if is_stock(family) else OF_DAY)}


def choice_of(query: QueryDict, sight: Sight) -> Choice:
    """Read a choice out of an address. What makes no sense is left out, so an old link still shows something."""
    today = timezone.localdate()
    span, period = _span(query, today)
    values = {name: _values(query, name) for name in DIMENSIONS if query.getlist(name)}
    chosen = Filters.of({name: found for name, found in values.items() if found})
    source = query.get("source", "")
    known = int(source) if source.isdigit() and len(source) < 9 and sight.sees_logs else 0
    return Choice(sight, span, period, chosen, known, is_choosing=bool(values) or "choose" in query)


def _values(query: QueryDict, name: str) -> list[str]:
    values = [value[:80] for value in query.getlist(name)[:MOST_VALUES]]
    return [value for value in values if value.isascii() and value.isdigit() and len(value) < 19] if name in WHOLE else values


def _span(query: QueryDict, today: date) -> tuple[Span, str]:
    first, last = _day(query.get("from")), _day(query.get("to"))
    if first and last and first <= last and (last - first).days < LONGEST_DAYS:
        return Span(first, last), ""
    period = query.get("period", DEFAULT)
    period = period if period in PERIODS else DEFAULT
    return span_of(period, today), period


def span_of(period: str, today: date) -> Span:
    """The days of a named period up to today."""
    if period == "month":
        return Span(today.replace(day=1), today)
    if period == "quarter":
        return Span(today.replace(month=today.month - (today.month - 1) % 3, day=1), today)
    return Span(today - timedelta(days=LENGTHS[period] - 1), today)


def _days_of(span: Span) -> str:
    return f"from={span.first.isoformat()}&to={span.last.isoformat()}"


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
