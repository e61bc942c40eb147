"""The rows of a case on a page of their own, and each act on one of them as a form."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from complaints.desk.doors import leave_for, new_request_id
from foundation.exceptions import ReasonedError, VersionConflictError
from workflows import access
from workflows.access import WORK
from workflows.desk.doors import frame_of, track_view
from workflows.desk.sheet import owners_of
from workflows.desk.track_acts import ACTS, TrackAct, require_role
from workflows.desk.track_forms import TrackForm
from workflows.desk.tracks import hints_on, name_row, tracks_of
from workflows.models import Case
from workflows.portal.stops import stage_of

RELATED = ("complaint__category", "complaint__team", "policy", "order__customer", "warehouse", "flow")


@track_view()
def show_tracks(request, number):
    """Goods, repairs and recoveries of one case, for warehouses and finance, who do not see the complaint."""
    case = access.case_for(request.user, number, *RELATED)
    context = {
        "frame": frame_of(request),
        "case": case,
        "stage": stage_of(case.state),
        "owners": owners_of(case),
        "tracks": tracks_of(case, request.user),
    }
    return render(request, "workflows/desk/tracks.html", context)


@track_view("GET", "HEAD", "POST")
def do_track_act(request, number, machine, pk, name):
    case = access.case_for(request.user, number, *RELATED)
    row, act = access.track_of(case, machine, pk), ACTS.get((machine, name))
    if act is None:
        raise Http404
    require_role(act, row, case, request.user)
    if request.method != "POST":
        form = act.form(case=case, user=request.user, row=row, initial={"request_id": new_request_id()})
        return _show(request, act, case, form)
    return _carry_out(request, act, case, act.form(request.POST, case=case, user=request.user, row=row))


def _carry_out(request: HttpRequest, act: TrackAct, case: Case, form: TrackForm) -> HttpResponse:
    if not form.is_valid():
        return _show(request, act, case, form, status=422)
    try:
        form.run()
    except VersionConflictError:
        fresh = access.case_for(request.user, case.number, *RELATED)
        return _show(request, act, fresh, _again(request, act, fresh, form.row.pk), status=409, is_stale=True)
    except ReasonedError as error:
        return _show(request, act, case, form, status=error.status_code, reasons=error.reasons)
    return leave_for(request, _page_of(request, case))


def _again(request: HttpRequest, act: TrackAct, case: Case, pk: int) -> TrackForm:
    """The same answers over the newest version: sending them again is keeping one's own."""
    answers = request.POST.copy()
    form = act.form(answers, case=case, user=request.user, row=access.track_of(case, act.kind, pk))
    answers["expected_version"] = str(form.seen_version)
    return form


def _page_of(request: HttpRequest, case: Case) -> str:
    """Where somebody sees the row again."""
    return reverse("admin:case" if request.user.has_perm(WORK) else "admin:case-tracks", args=[case.number])


def _show(request: HttpRequest, act: TrackAct, case: Case, form: TrackForm, *, status: int = 200, **told: Any) -> HttpResponse:
    template = "workflows/desk/_act.html" if request.htmx else "workflows/desk/act.html"
    row = form.row
    context = {
        "frame": frame_of(request),
        "act": act,
        "case": case,
        "form": form,
        "send_url": reverse("admin:case-track-act", args=[case.number, act.kind, row.pk, act.name]),
        "back_url": _page_of(request, case),
        "row_name": name_row(act.kind, row),
        "hints": hints_on(act.kind, row),
        "now_says": row.get_state_display() if hasattr(row, "get_state_display") else case.get_state_display(),
        **told,
    }
    return render(request, template, context, status=status)
