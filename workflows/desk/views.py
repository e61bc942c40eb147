"""The pages of cases on the desk: beside a complaint, by itself, in lists, and each act as a form."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from complaints import access as complaints
from complaints.desk.doors import SeeOther, desk_view, leave_for, new_request_id
from foundation.exceptions import ReasonedError, VersionConflictError
from workflows import access
from workflows.access import WORK
from workflows.desk.acts import ACTS, CaseAct, acts_for
from workflows.desk.lists import page_of_cases
from workflows.desk.opening import OpenCase
from workflows.desk.sheet import ledger_of, owners_of, sheet_of
from workflows.desk.telling import name_event
from workflows.models import Case
from workflows.portal.stops import stage_of

RELATED = ("complaint__category", "complaint__team", "policy", "order__customer", "warehouse", "assignee", "flow")


@desk_view(permission=WORK)
def show_panel(request, number):
    """The cases of a complaint, beside it."""
    complaint = complaints.complaint_for(request.user, number)
    cases = [{"case": case, "stage": stage_of(case.state)} for case in access.cases_of(complaint)]
    template = "workflows/desk/_panel.html" if request.htmx else "workflows/desk/panel.html"
    return render(request, template, {"complaint": complaint, "cases": cases})


@desk_view(permission=WORK)
def show_cases(request):
    return render(request, "workflows/desk/cases.html", page_of_cases(request.user, request.GET))


@desk_view(permission=WORK)
def show_case(request, number):
    return _page(request, access.case_for(request.user, number, *RELATED))


@desk_view("GET", "HEAD", "POST", permission=WORK)
def open_case(request, number):
    """A new case from a complaint: one form, prefilled with what is known."""
    complaint = complaints.complaint_for(request.user, number, "order__customer", "merchant", "category")
    if request.method != "POST":
        form = OpenCase(complaint=complaint, user=request.user, initial={"request_id": new_request_id()})
        return _show_opening(request, complaint, form)
    form = OpenCase(request.POST, complaint=complaint, user=request.user)
    if not form.is_valid():
        return _show_opening(request, complaint, form, status=422)
    try:
        case = form.run()
    except ReasonedError as error:
        return _show_opening(request, complaint, form, status=error.status_code, reasons=error.reasons)
    return SeeOther(reverse("admin:case", args=[case.number]))


@desk_view("GET", "HEAD", "POST", permission=WORK)
def do_act(request, number, name):
    case = access.case_for(request.user, number, *RELATED)
    act = ACTS.get(name)
    if act is None:
        raise Http404
    if request.method != "POST":
        return _show_act(request, act, case, act.form(case=case, user=request.user, initial={"request_id": new_request_id()}))
    form = act.form(request.POST, case=case, user=request.user)
    if not form.is_valid():
        return _show_act(request, act, case, form, status=422)
    try:
        form.run()
    except VersionConflictError:
        fresh = access.case_for(request.user, number, *RELATED)
        return _show_act(request, act, fresh, _again(request, act, fresh), status=409, is_stale=True)
    except ReasonedError as error:
        return _show_act(request, act, case, form, status=error.status_code, reasons=error.reasons)
    return leave_for(request, reverse("admin:case", args=[case.number]))


def _page(request: HttpRequest, case: Case) -> HttpResponse:
    sheet = sheet_of(case, request.user)
    context = {
        "case": case,
        "sheet": sheet,
        "stage": stage_of(case.state),
        "owners": owners_of(case),
        "acts": acts_for(case, request.user),
        "ledger": ledger_of(case),
        "history": [(name_event(event), event) for event in sheet.events],
    }
    return render(request, "workflows/desk/case.html", context)


def _again(request: HttpRequest, act: CaseAct, case: Case):
    """The same answers over the newest version: sending them again is keeping one's own."""
    answers = request.POST.copy()
    form = act.form(answers, case=case, user=request.user)
    answers["expected_version"] = str(form.seen_version)
    return form


def _show_act(request: HttpRequest, act: CaseAct, case: Case, form, *, status: int = 200, **context) -> HttpResponse:
    template = "workflows/desk/_act.html" if request.htmx else "workflows/desk/act.html"
    approval = sheet_of(case, request.user).pending_approval if act.name == "sign" else None
    where = {"send_url": reverse("admin:case-act", args=[case.number, act.name]), "back_url": reverse("admin:case", args=[case.number])}
    told = {"act": act, "case": case, "form": form, "approval": approval, "now_says": case.get_state_display(), **where, **context}
    return render(request, template, told, status=status)


def _show_opening(request: HttpRequest, complaint, form, *, status: int = 200, **context) -> HttpResponse:
    return render(request, "workflows/desk/new.html", {"complaint": complaint, "form": form, **context}, status=status)
