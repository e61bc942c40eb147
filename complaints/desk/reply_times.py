"""Replies within three minutes: the rate of today and of a week, by team and by person, and who waits right now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _

from complaints import access
from complaints.desk import directory
from complaints.desk.board import Board, board_of
from complaints.desk.doors import desk_view
from complaints.desk.wall import LEAD, REFRESH_SECONDS
from complaints.rounds import FAST, LATE, LEFT, Rate, Round, Sorted, read_rounds
from ui.localize import localized

DAYS = {"today": 1, "week": 7}
MOST_LISTED = 500
# What a figure's list holds.
SETS: dict[str, Callable[[Sorted], list[Round]]] = {
    "fast": lambda rounds: rounds.by_verdict[FAST],
    "decided": lambda rounds: rounds.decided,
    "late": lambda rounds: rounds.by_verdict[LATE],
    "left": lambda rounds: rounds.by_verdict[LEFT],
}


@dataclass(frozen=True)
class Line:
    """One row of a table: whose rounds, how many were fast, and the lists behind the numbers."""

    name: str
    rounds: Sorted
    urls: dict[str, str]

    @property
    def rate(self) -> Rate:
        return self.rounds.rate

    @property
    def people(self) -> Rate:
        return self.rounds.people

    @property
    def left(self) -> int:
        return len(self.rounds.by_verdict[LEFT])


@dataclass(frozen=True)
class Period:
    """Today or the last seven days."""

    key: str
    title: str
    whole: Line
    teams: list[Line]
    agents: list[Line]


@desk_view(permission=LEAD)
def show_rounds(request):
    board, at = board_of(request), now()
    rounds = _read(board, at)
    waiting = sorted((each for each in rounds if each.is_waiting), key=lambda each: each.started_at)
    context = {"board": board, "at": at, "waiting": [(each, name_of(each.agent)) for each in waiting], "refresh": REFRESH_SECONDS}
    if request.htmx:
        return render(request, "complaints/desk/_rounds_waiting.html", context)
    periods = [_period(key, rounds, board, at) for key in DAYS]
    return render(request, "complaints/desk/rounds.html", context | {"periods": periods})


@desk_view(permission=LEAD)
def list_rounds(request):
    """The rounds behind one number, each with its complaint."""
    board, at = board_of(request), now()
    key, chosen = request.GET.get("period", ""), SETS.get(request.GET.get("set", ""))
    if key not in DAYS or chosen is None:
        raise Http404
    rounds = [each for each in _within(_read(board, at, DAYS[key]), key, at) if _fits(each, request)]
    found = sorted(chosen(Sorted.of(rounds, at)), key=lambda each: each.started_at, reverse=True)
    rows = [(each, name_of(each.agent), int(each.waited(at).total_seconds())) for each in found[:MOST_LISTED]]
    complaints = len({each.conversation.complaint for each in found})
    context = {"board": board, "rows": rows, "count": len(found), "complaints": complaints, "title": _title(key)}
    return render(request, "complaints/desk/rounds_list.html", context)


def _read(board: Board, at: datetime, days: int = max(DAYS.values())) -> list[Round]:
    complaints = access.visible_to(board.user).filter(team__in=board.team_ids)
    return read_rounds(complaints, since=_begin(at, days))


def _begin(at: datetime, days: int) -> datetime:
    """Midnight of the first day, in the shop's zone."""
    return localtime(at).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)


def _within(rounds: list[Round], key: str, at: datetime) -> list[Round]:
    return [each for each in rounds if each.started_at >= _begin(at, DAYS[key])]


def _fits(each: Round, request: HttpRequest) -> bool:
    """Whether a round belongs to the row of the table that was asked for."""
    wanted = {"in": each.conversation.team, "agent": each.agent or 0}
    return all(str(value) == request.GET[name] for name, value in wanted.items() if name in request.GET)


def _period(key: str, rounds: list[Round], board: Board, at: datetime) -> Period:
    own = _within(rounds, key, at)
    teams = [_line(localized(team, "name"), own, board, key, at, "in", team.pk) for team in board.shown]
    ids = sorted({each.agent or 0 for each in own})
    agents = [_line(name_of(agent), own, board, key, at, "agent", agent) for agent in ids]
    whole = Line(_title(key), Sorted.of(own, at), _urls(board, period=key))
    return Period(key, _title(key), whole, [line for line in teams if line.rounds.rounds], agents)


def _line(name: str, rounds: list[Round], board: Board, key: str, at: datetime, field: str, value: int) -> Line:
    own = [each for each in rounds if (each.conversation.team if field == "in" else each.agent or 0) == value]
    return Line(name, Sorted.of(own, at), _urls(board, period=key, **{field: value}))


def _urls(board: Board, **query: str | int) -> dict[str, str]:
    base, team = reverse("admin:desk-round-list"), {"team": board.chosen.code} if board.chosen else {}
    return {name: f"{base}?{urlencode({**team, **query, 'set': name})}" for name in SETS}


def _title(key: str) -> str:
    return _("Today") if key == "today" else _("Last 7 days")


def name_of(agent: int | None) -> str:
    return str(directory.colleagues.get(agent) or "") if agent else _("nobody yet")
