"""The wallboard: what a lead must act on now, in figures that open their lists, with the acts beside it."""

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from accounts.services import call_in
from complaints import access, services
from complaints.desk import directory
from complaints.desk.board import Board, board_of
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.desk.people import Person, find_person, read_people
from complaints.desk.queues import KNOWN, page_of
from complaints.desk.rows import draw_rows
from complaints.desk.tiles import read_figures, tiles_of
from complaints.live import publish
from complaints.models import Complaint

LEAD = "complaints.lead_complaint"
MOST_URGENT = 8
REFRESH_SECONDS = 15
STALE_SECONDS = 30


@desk_view(permission=LEAD)
def show_wall(request):
    """The board, a page or the part of it that changes; ``tv`` for a screen on the wall, ``names`` to show them there."""
    board, is_tv = board_of(request), "tv" in request.GET
    context = wall_context(board, has_list=not is_tv) | {"is_tv": is_tv, "query": query_of(request, board)}
    context |= {"has_names": not is_tv or "names" in request.GET, "is_still": "still" in request.GET}
    if request.htmx:
        return render(request, "complaints/desk/_wall.html", context)
    return render(request, f"complaints/desk/wall{'_tv' if is_tv else ''}.html", context | ({"size": "tv"} if is_tv else {}))


@desk_view("POST", permission=LEAD)
def act(request, number):
    """Raise or hand over one complaint without leaving the board."""
    complaint = access.complaint_for(request.user, number)
    given = {"by": request.user, "expected_version": number_in(request.POST.get("expected_version"))}
    given["request_id"] = request.POST.get("request_id")
    if request.POST.get("act") == "raise":
        services.set_priority(complaint, priority=min(complaint.priority + 1, max(Complaint.Priority)), **given)
        messages.success(request, _("%(number)s is more urgent now.") % {"number": complaint.number})
    else:
        to = directory.colleagues.get(number_in(request.POST.get("to")))
        if to is None:
            raise Http404
        services.assign_complaint(complaint, to=to, **given)
        messages.success(request, _("%(name)s has %(number)s now.") % {"name": to, "number": complaint.number})
    return SeeOther(wall_url(request))


@desk_view("POST", permission=LEAD)
def call(request, user_id):
    """Ask somebody of the board's teams to come back."""
    board = board_of(request)
    person = find_person(read_people(board.team_ids), user_id)
    if person is None:
        raise Http404
    call_in(directory.colleagues.get(user_id), by=request.user)
    publish("user", user_id, is_internal=True)
    messages.success(request, _("%(name)s was asked to come back.") % {"name": person.name})
    return SeeOther(wall_url(request))


def wall_context(board: Board, *, has_list: bool) -> dict:
    """Everything the board shows, at one moment."""
    people, at = read_people(board.team_ids), now()
    figures = read_figures(board, people, at=at)
    context = {"board": board, "tiles": tiles_of(figures, board), "people": people, "at": at, "request_id": new_request_id()}
    context |= {"refresh": REFRESH_SECONDS, "stale": STALE_SECONDS, "trigger": trigger_of(board)}
    return context | _urgent(board, people) if has_list else context


def _urgent(board: Board, people: list[Person]) -> dict:
    page = page_of(KNOWN["urgent"], board.filter, board.scope, size=MOST_URGENT)
    takers = [person for person in people if person.is_there]
    return {"rows": draw_rows(page.rows, user=board.user, presence={}), "has_more": bool(page.next_cursor), "takers": takers}


def trigger_of(board: Board) -> str:
    """When the board looks again: at news of its teams and of chats, and every 15 s because news may be lost."""
    topics = [f"queue-{team_id}" for team_id in board.team_ids] + ["chats"]
    return ", ".join([f"every {REFRESH_SECONDS}s", *(f"live:{topic} from:body throttle:2s" for topic in topics)])


def query_of(request: HttpRequest, board: Board) -> str:
    """The address of the board as it is shown, to be asked for again."""
    flags = [name for name in ("tv", "names", "still") if name in request.GET]
    return "&".join(filter(None, [board.query, *(f"{name}=1" for name in flags)]))


def wall_url(request: HttpRequest) -> str:
    return "?".join(filter(None, [reverse("admin:desk-wall"), query_of(request, board_of(request))]))
