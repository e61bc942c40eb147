"""What the pages of lists that are made into files show."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from analytics.access import Sight
from analytics.desk.choice import choice_of
from analytics.desk.lists import part_named
from analytics.desk.page import say_filters
from analytics.metrics.registry import all_metrics
from analytics.models import ListExport

from .access import exports_for

MOST = 50


@dataclass(frozen=True)
class Line:
    """One export in the reader's language: which list, of which days and with which filters."""

    export: ListExport
    title: str
    url: str
    days: str
    filters: list[str]


def own_lines(user: User) -> list[Line]:
    """The newest exports of somebody."""
    return [line_of(export) for export in exports_for(user).select_related("asked_by").order_by("-asked_at", "-pk")[:MOST]]


def line_of(export: ListExport) -> Line:
    choice = choice_of(QueryDict(export.query), Sight(export.asked_by))
    return Line(export, _title(export), _url(export), f"{choice.span.first} – {choice.span.last}", say_filters(choice))


def _url(export: ListExport) -> str:
    """The page of the list."""
    return f"{reverse('admin:reports-list', args=[export.metric])}?part={export.part}&{export.query}"


def _title(export: ListExport) -> str:
    """A figure that is not there any more is called by its number."""
    one = next((each for each in all_metrics() if each.id == export.metric), None)
    return f"{one.name}: {part_named(one, export.part).name}" if one else export.metric
