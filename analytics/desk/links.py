"""Where a mark leads: the metric's page one level down, and the list whose count is the mark."""

from collections.abc import Mapping
from functools import cache

from django.urls import reverse

from analytics.desk.choice import Choice
from analytics.metrics.questions import Span
from analytics.metrics.registry import Metric


def metric_url(metric: Metric, choice: Choice) -> str:
    return f"{_address('reports-metric', metric.id)}?{choice.query}"


def list_url(
    metric: Metric, choice: Choice, *, part: str = "", span: Span | None = None, values: Mapping[str, object] | None = None
) -> str:
    """The list of what a mark counts: of the whole, or of one part."""
    return f"{_address('reports-list', metric.id)}?part={part or metric.parts[0].flag}&{choice.query_of(span, values)}"


def backlog_url(choice: Choice, *, bar: int | None = None) -> str:
    wanted = "" if bar is None else f"bar={bar}&"
    return f"{_address('reports-backlog')}?{wanted}{choice.query}"


@cache
def _address(name: str, *arguments: str) -> str:
    """A page of charts has hundreds of links, to a handful of addresses."""
    return reverse(f"admin:{name}", args=arguments)
