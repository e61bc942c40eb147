"""What open pages of the desk ask again and again: who else is here, and whether something new was written."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render

from complaints import access
from complaints.desk import directory, presence
from complaints.desk.doors import desk_view, number_in
from complaints.desk.rows import draw_presence
from complaints.models import Complaint
from complaints.numbers import parse_number
from foundation.limits import flood

MOST_ROWS = 60
PULSES_A_MINUTE = 240  # of one person, over all their pages; a page needs a few


@desk_view("POST")
def pulse(request, number):
    """Say that the complaint is open here, and learn who else has it open and whether something new was written."""
    complaint = access.complaint_for(request.user, number)
    if not flood(f"pulse:{request.user.pk}", PULSES_A_MINUTE, 60):
        return HttpResponse(status=429)
    mode = presence.TYPING if request.POST.get("mode") == presence.TYPING else presence.VIEWING
    presence.note_presence(complaint, request.user.pk, mode=mode)
    seen = number_in(request.POST.get("seen")) or 0
    newer = complaint.messages.filter(pk__gt=seen).exclude(author=request.user, author__isnull=False).exists()
    is_changed = complaint.version != number_in(request.POST.get("version"))
    context = {"complaint": complaint, "others": others_on(complaint, request.user), "newer": newer, "is_changed": is_changed}
    return render(request, "complaints/desk/_pulse.html", context)


@desk_view("POST")
def leave(request, number):
    presence.leave(access.complaint_for(request.user, number), request.user.pk)
    return HttpResponse(status=204)


@desk_view()
def show_here(request):
    """Who has which complaint of a list open: one mark per row, each in its place."""
    numbers = [parse_number(text) for text in request.GET.getlist("n")]
    if len(numbers) > MOST_ROWS:
        raise BadRequest
    others = presence.who_is_where(but=request.user.pk)
    ids = access.visible_ids(request.user, numbers)
    marks = [(number, draw_presence(others.get(pk, {}))) for number, pk in ids]
    return render(request, "complaints/desk/_here.html", {"marks": marks})


def others_on(complaint: Complaint, user) -> list[tuple[str, str]]:
    """The colleagues who have a complaint open, and what they do there."""
    others = presence.who_is_where(but=user.pk).get(complaint.pk, {})
    return [(str(directory.colleagues.get(user_id) or ""), mode) for user_id, mode in others.items()]
