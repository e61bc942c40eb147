"""Who holds what, side by side, and moving work from one to others: choose, look at what would happen, do it, take it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.shortcuts import render

from complaints.desk.board import Board, board_of
from complaints.desk.doors import desk_view
from complaints.desk.people import Person, read_people
from complaints.desk.queues import KNOWN, QUEUES, rows_of
from complaints.desk.wall import LEAD

RISK = KNOWN["urgent"].condition
OVERDUE = KNOWN["overdue"].condition


@dataclass(frozen=True)
class MatrixRow:
    """One person's line of the matrix; every number opens the list that it counts."""

    person: Person
    open: int
    at_risk: int
    overdue: int
    urls: dict[str, str]


def matrix_of(board: Board, people: Sequence[Person]) -> list[MatrixRow]:
    """What everybody of the board holds in its teams. One query."""
    ids = [person.id for person in people]
    held = rows_of(QUEUES["team"], board.filter, board.scope).filter(assignee__in=ids).order_by().values("assignee")
    counts = {
        row["assignee"]: row
        for row in held.annotate(open=Count("pk"), at_risk=Count("pk", filter=RISK), overdue=Count("pk", filter=OVERDUE))
    }
    return [_row(person, counts.get(person.id, {}), board) for person in people]


def _row(person: Person, counts: dict, board: Board) -> MatrixRow:
    lists = {"open": "team", "at_risk": "urgent", "overdue": "overdue"}
    numbers = {name: counts.get(name, 0) for name in lists}
    urls = {name: board.list_url(view, assignee=str(person.id)) for name, view in lists.items()}
    return MatrixRow(person, **numbers, urls=urls)


@desk_view(permission=LEAD)
def show_balance(request):
    board = board_of(request)
    context = {"board": board, "matrix": matrix_of(board, read_people(board.team_ids))}
    return render(request, "complaints/desk/balance.html", context)
