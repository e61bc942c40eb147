"""One view for every act of the workspace: its form in a dialog or as a page, and carrying it out."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from complaints import access
from complaints.desk.acts import ACTS, DeskAct
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from complaints.desk.places import address_of, place_of
from complaints.desk.snapshot import differences, snapshot
from complaints.desk.workspace import RELATED
from complaints.models import Complaint
from foundation.exceptions import ReasonedError, VersionConflictError


@desk_view("GET", "HEAD", "POST")
def do_act(request, number, name):
    act = ACTS.get(name)
    if act is None:
        raise Http404
    complaint = access.complaint_for(request.user, number, *RELATED)
    if request.method != "POST":
        form = act.form(complaint=complaint, user=request.user, initial={"request_id": new_request_id(), "run": request.GET.get("run", "")})
        return _show(request, act, complaint, form)
    form = act.form(request.POST, complaint=complaint, user=request.user)
    if not form.is_valid():
        return _show(request, act, complaint, form, status=422)
    try:
        goal = form.goal(form.run())
    except VersionConflictError as conflict:
        return _show_conflict(request, act, conflict.current, form)
    except ReasonedError as error:
        return _show(request, act, complaint, form, status=error.status_code, reasons=error.reasons)
    return SeeOther(address_of(goal, place_of(request).query))


def _show(request: HttpRequest, act: DeskAct, complaint: Complaint, form, *, status: int = 200, **context) -> HttpResponse:
    template = "complaints/desk/_act.html" if request.htmx else "complaints/desk/act.html"
    context |= {"act": act, "complaint": complaint, "form": form, "place": place_of(request)}
    return render(request, template, context, status=status)


def _show_conflict(request: HttpRequest, act: DeskAct, current: Complaint, form) -> HttpResponse:
    """Both versions, field by field. Sending again keeps mine; the form begins anew with the latest."""
    changes = differences(form.cleaned_data["seen"], current)
    again = request.POST.copy()
    again["expected_version"], again["seen"] = str(current.version), snapshot(current)
    mine = act.form(again, complaint=current, user=request.user)
    return _show(request, act, current, mine, status=409, changes=changes, is_stale=True)
