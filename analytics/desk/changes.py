"""When a definition changed: no curve joins what was measured before and after, and a mark says so."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from analytics.metrics.questions import Span
from analytics.models import MetricVersion
from ui.charts.figures import Change


def changes_during(span: Span) -> dict[str, list[date]]:
    """The days within a span, by definition, from which on this house had another version. Its first version changed nothing."""
    earlier = MetricVersion.objects.filter(metric=OuterRef("metric"), version__lt=OuterRef("version"))
    rows = MetricVersion.objects.filter(Exists(earlier), since__gt=span.first, since__lte=span.last).order_by("since")
    found: dict[str, list[date]] = {}
    for metric, since in rows.values_list("metric", "since"):
        found.setdefault(metric, []).append(since)
    return found


def changes_between(slots: Sequence[Span], days: Iterable[date]) -> tuple[Change, ...]:
    """The slots of a curve that begin something new: the first that the new definition measured any day of."""
    places = {place for day in days for place, slot in enumerate(slots) if place and slot.first <= day <= slot.last}
    return tuple(Change(place, _("definition changed")) for place in sorted(places))
