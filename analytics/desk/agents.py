"""The table of colleagues: their numbers with n in every cell beside the team's, no composite score and no ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _

from analytics.desk.choice import Choice
from analytics.desk.links import list_url
from analytics.desk.names import name_of
from analytics.desk.page import is_awaiting
from analytics.desk.words import say_counting, say_value
from analytics.metrics.asking import Asked, ask_all
from analytics.metrics.keeping import Wanted, read_all
from analytics.metrics.questions import Filters
from analytics.metrics.registry import Metric, Needs, metric
from analytics.metrics.results import Result

MOST = 100
COLUMNS = ("load_adj", "agent_resolved", "frt_agent", "aht", "reopen_cycles", "agent_csat", "sla_att")


@dataclass(frozen=True)
class Cell:
    """One figure of one person, with how many it is made of."""

    value: str
    n: int
    url: str


@dataclass(frozen=True)
class Line:
    """One person and their figures; the load-adjusted work comes first, so that all others are read by it."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Agents:
    """A page of the table; ``team`` is what everybody together has. ``missing`` says why a part of it is not there yet."""

    heads: list[str]
    lines: list[Line]
    team: Line
    page: Page
    missing: str = ""
    is_awaiting: bool = False


def draw_agents(choice: Choice, at: datetime, page_number: str = "") -> Agents:
    """People by name, so that nobody stands first or last for a number. One's own row is always there."""
    metrics = [metric(each) for each in COLUMNS]
    page = Paginator(_people(choice, metrics, at), MOST).get_page(page_number)
    shown = choice.filters & Filters.of({"agent": page.object_list}) if page.has_other_pages() else choice.filters
    split = [Asked(one, (choice.span,), shown, ("agent",), choice.source) for one in metrics]
    whole = [Asked(one, (choice.span,), choice.filters, (), choice.source) for one in metrics]
    answers = ask_all([*split, *whole], as_of=at)
    by_agent = [{key[0]: result for (_place, key), result in answer.items()} for answer in answers[: len(metrics)]]
    lines = [_line(choice, agent, [found.get(agent, Result()) for found in by_agent]) for agent in page.object_list]
    team = [answer.whole for answer in answers[len(metrics) :]]
    cells = [Cell(say_value(one, result), result.n, list_url(one, choice)) for one, result in zip(metrics, team, strict=True)]
    missing = next((say_counting(each.counted) for each in answers if each.is_missing), "")
    return Agents([str(one.name) for one in metrics], lines, Line(_("Everybody"), cells), page, missing, is_awaiting(answers))


def _people(choice: Choice, metrics: Sequence[Metric], at: datetime) -> list[str]:
    """Whoever is in any of the facts, by name."""
    asked = [Asked(one, (choice.span,), choice.filters, ("agent",), choice.source).question for one in metrics]
    counted = read_all({question: Wanted(question, Needs()) for question in asked}, as_of=at).values()
    people = {key[0] for each in counted for _place, key in each.tallies or ()}
    return sorted(people, key=lambda agent: name_of("agent", agent))


def _line(choice: Choice, agent: str, results: list[Result]) -> Line:
    cells = [
        Cell(say_value(metric(name), result), result.n, list_url(metric(name), choice, values={"agent": agent}) if result.n else "")
        for name, result in zip(COLUMNS, results, strict=True)
    ]
    return Line(name_of("agent", agent), cells)
