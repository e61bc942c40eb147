"""Where a mark leads: the metric's page one level down, and the list whose count is the mark."""

from collections.abc import Mapping

from django.urls import reverse

from analytics.desk.choice import Choice
from analytics.metrics.questions import Span
from analytics.metrics.registry import Metric


def metric_url(metric: Metric, choice: Choice) -> str:
    return f"{reverse('admin:reports-metric', args=[metric.id])}?{choice.query}"


def list_url(
    metric: Metric, choice: Choice, *, part: str = "", span: Span | None = None, values: Mapping[str, object] | None = None
) -> str:
    """The list of what a mark counts: of the whole, or of one part."""
    choice = choice.narrowed(values) if values else choice
    choice = choice.during(span) if span else choice
    wanted = f"part={part or metric.parts[0].flag}&"
    return f"{reverse('admin:reports-list', args=[metric.id])}?{wanted}{choice.query}"


def backlog_url(choice: Choice, *, bar: int | None = None) -> str:
    wanted = "" if bar is None else f"bar={bar}&"
    return f"{reverse('admin:reports-backlog')}?{wanted}{choice.query}"
