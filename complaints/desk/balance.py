"""Who holds what, side by side, and sharing work out again: choose, look at what would happen, do it, take it back."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import access
from complaints.assignment.agents import read_agents
from complaints.assignment.balance import UNDO_WITHIN, Move, Plan, PlanRow, Result, Way, apply_balance, preview_balance, undo_balance
from complaints.assignment.explain import say_blocked
from complaints.desk.board import Board, board_of
from complaints.desk.clocks import draw_clock
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.desk.filters import Filter, read_filter
from complaints.desk.people import Person, find_person, read_people
from complaints.desk.queues import KNOWN, QUEUES, page_of, rows_of
from complaints.desk.rows import draw_rows
from complaints.desk.wall import LEAD
from complaints.models import Complaint

RISK = KNOWN["urgent"].condition
OVERDUE = KNOWN["overdue"].condition
VIEWS = ("unassigned", "urgent", "overdue", "team")
ONE = "one"
MOST = 50
KEPT = "desk_balance"


@dataclass(frozen=True)
class MatrixRow:
    """One person's line of the matrix; every number opens the list that it counts."""

    person: Person
    open: int
    at_risk: int
    overdue: int
    urls: dict[str, str]


@dataclass(frozen=True)
class Step:
    """One complaint of a preview: from whom to whom, and what stands before it there."""

    row: PlanRow
    clock: str
    why_not: str
    has_effect: bool

    @property
    def move(self) -> str:
        return f"{self.row.complaint.number}:{self.row.complaint.version}:{self.row.to.id}" if self.row.to and not self.row.stays else ""


@desk_view(permission=LEAD)
def show_balance(request):
    return _show(request, board_of(request))


@desk_view("POST", permission=LEAD)
def preview(request):
    """What would happen to the selected complaints; nothing is changed yet."""
    board, selected = board_of(request), _selected(request)
    way, to = request.POST.get("way", ""), number_in(request.POST.get("to"))
    if not selected or way not in (*Way.values, ONE) or (way == ONE and to is None):
        messages.warning(request, _("Select complaints and how to share them out first."))
        return SeeOther(_back(request))
    people = read_people(board.team_ids)
    plan = _to_one(selected, to, people) if way == ONE else preview_balance(request.user, selected, way=way)
    context = {"board": board, "steps": _steps(plan, way), "burdens": _burdens(plan, people), "way": _way_words(way)}
    context |= {"left_out": len(selected) - len(plan.rows), "query": request.GET.urlencode(), "request_id": new_request_id()}
    return render(request, "complaints/desk/balance_preview.html", context | {"moves": len(plan.moves)})


@desk_view("POST", permission=LEAD)
def apply(request):
    """Do what the preview said, one complaint at a time; whatever could not be moved is named with its reason."""
    moves = [move for text in request.POST.getlist("move")[:MOST] if (move := _move_in(text))]
    request_id = request.POST.get("request_id") or new_request_id()
    results = apply_balance(moves, by=request.user, request_id=request_id)
    done = sum(result.is_done for result in results)
    request.session[KEPT] = {"request_id": request_id, "until": time.time() + UNDO_WITHIN.total_seconds(), "count": done}
    if done:
        messages.success(request, ngettext("%(count)d complaint moved.", "%(count)d complaints moved.", done) % {"count": done})
    _tell_failures(request, results)
    return SeeOther(_back(request))


@desk_view("POST", permission=LEAD)
def undo(request):
    """Give back what the last sharing out moved, where nobody has worked on it since."""
    kept = request.session.pop(KEPT, None)
    if not kept or kept["until"] < time.time():
        messages.warning(request, _("Too late to undo."))
        return SeeOther(_back(request))
    results = undo_balance(by=request.user, request_id=kept["request_id"])
    if any(result.is_done for result in results):
        messages.success(request, _("Undone."))
    _tell_failures(request, results)
    return SeeOther(_back(request))


def matrix_of(board: Board, people: Sequence[Person]) -> list[MatrixRow]:
    """What everybody of the board holds in its teams. One query."""
    ids = [person.id for person in people]
    held = rows_of(QUEUES["team"], board.filter, board.scope).filter(assignee__in=ids).order_by().values("assignee")
    counted = held.annotate(open=Count("pk"), at_risk=Count("pk", filter=RISK), overdue=Count("pk", filter=OVERDUE))
    counts = {row["assignee"]: row for row in counted}
    return [_row(person, counts.get(person.id, {}), board) for person in people]


def _row(person: Person, counts: dict, board: Board) -> MatrixRow:
    lists = {"open": "team", "at_risk": "urgent", "overdue": "overdue"}
    numbers = {name: counts.get(name, 0) for name in lists}
    urls = {name: board.list_url(view, assignee=str(person.id)) for name, view in lists.items()}
    here = "&".join(filter(None, [f"view=team&assignee={person.id}", board.query]))
    return MatrixRow(person, **numbers, urls=urls | {"pick": f"{reverse('admin:desk-balance')}?{here}#pick"})


def _show(request: HttpRequest, board: Board, status: int = 200):
    view = request.GET.get("view", "")
    queue, chosen = KNOWN[view if view in VIEWS else VIEWS[0]], _filter_of(request, board)
    page = page_of(queue, chosen, board.scope, after=request.GET.get("after", ""), size=MOST)
    people = read_people(board.team_ids)
    context = {"board": board, "matrix": matrix_of(board, people), "people": people, "queue": queue, "page": page}
    context |= {"rows": draw_rows(page.rows, user=request.user, presence={}), "undo": _pending(request), "ways": Way.choices}
    context |= {"views": [(key, KNOWN[key].title, key == queue.key) for key in VIEWS], "query": request.GET.urlencode()}
    context["assignee"] = find_person(people, number_in(request.GET.get("assignee")))
    return render(request, "complaints/desk/balance.html", context, status=status)


def _filter_of(request: HttpRequest, board: Board) -> Filter:
    """The filter of the address within the board's teams."""
    asked = read_filter(request.GET)
    return Filter(asked.match, {**{name: values for name, values in asked.chosen.items() if name != "team"}, **board.filter.chosen})


def _selected(request: HttpRequest) -> list[Complaint]:
    """The visible ones of the ticked complaints, each at the version that the list showed."""
    pairs = [pair.split(":", 1) for pair in request.POST.getlist("selected")[:MOST] if ":" in pair]
    ticked = {number: version for key, version in pairs if (number := number_in(key)) is not None}
    found = list(access.visible_to(request.user).filter(pk__in=ticked).select_related("category", "customer").order_by("due_at", "pk"))
    for complaint in found:
        complaint.version = number_in(ticked[complaint.pk]) or 0
    return found


def _to_one(complaints: Iterable[Complaint], to: int, people: Sequence[Person]) -> Plan:
    """Everything to one person of the board; whether it fits, each move finds out for itself."""
    if find_person(people, to) is None:
        raise Http404
    complaints = list(complaints)
    agents = {agent.id: agent for agent in read_agents(user_ids={to, *(each.assignee_id for each in complaints)} - {None})}
    return Plan([PlanRow(each, agents.get(each.assignee_id), agents[to]) for each in complaints])


def _steps(plan: Plan, way: str) -> list[Step]:
    at = now()
    return [Step(row, draw_clock(row.complaint, at), say_blocked(row.block) if row.block else "", way != ONE) for row in plan.rows]


def _burdens(plan: Plan, people: Sequence[Person]) -> list[tuple]:
    """Loads before and after, each with the person as they are now, so that who is away or full shows."""
    known = {person.id: person for person in people}
    return [(burden, known.get(burden.agent.id)) for burden in plan.burdens]


def _way_words(way: str) -> str:
    return _("To one person") if way == ONE else str(Way(way).label)


def _move_in(text: str) -> Move | None:
    number, version, to = [*text.split(":"), "", "", ""][:3]
    known = number_in(version), number_in(to)
    return None if None in known or not number else Move(number, known[0], known[1])


def _tell_failures(request: HttpRequest, results: Iterable[Result]) -> None:
    for result in results:
        if not result.is_done:
            words = " ".join(f"{reason.text} {reason.cure}".strip() for reason in result.reasons)
            messages.warning(request, f"{result.number}: {words}")


def _pending(request: HttpRequest) -> dict | None:
    kept = request.session.get(KEPT)
    return kept if kept and kept["count"] and kept["until"] > time.time() else None


def _back(request: HttpRequest) -> str:
    return "?".join(filter(None, [reverse("admin:desk-balance"), request.GET.urlencode()]))
