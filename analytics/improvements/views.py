"""The pages of improvement items: the list, one item, the proposal, and each act."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.asked import asked_of, request_id_of, show_reasons
from analytics.lifecycle import IMPROVEMENT_VERBS
from analytics.models import Improvement, Spike
from analytics.spikes.access import spike_for
from analytics.spikes.telling import name_spike
from complaints import access as complaints
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.models import Complaint
from foundation.exceptions import ReasonedError
from foundation.verbs import require

from .access import PROPOSE, VIEW, improvement_for
from .acts import ACTS
from .boards import list_improvements, show_improvement
from .forms import ProposalForm
from .verbs import against, propose_improvement


@desk_view(permission=VIEW)
def show_list(request):
    return render(request, "analytics/improvements.html", {"tab": "improvements", **list_improvements(request.user, request.GET)})


@desk_view(permission=VIEW)
def show_one(request, improvement_id):
    return _page(request, improvement_for(request.user, improvement_id))


@desk_view("GET", "HEAD", "POST", permission=PROPOSE)
def propose(request):
    """A new item; from a complaint or a spike it is prefilled with what is known."""
    complaint, spike = _begun_with(request)
    if request.method != "POST":
        return _proposal_page(request, ProposalForm(user=request.user, initial=_known_of(complaint, spike)), complaint, spike)
    form = ProposalForm(request.POST, user=request.user)
    if not form.is_valid():
        return _proposal_page(request, form, complaint, spike, status=422)
    begun = {"complaint": complaint, "spike": spike, "by": request.user, "request_id": request_id_of(request)}
    item = propose_improvement(**form.cleaned_data, **begun)
    messages.success(request, _("Proposed. A manager accepts it."))
    return _back_to(item)


@desk_view("POST", permission=VIEW)
def act(request, improvement_id, verb):
    if verb not in ACTS:
        raise Http404
    item = improvement_for(request.user, improvement_id)
    require(against(IMPROVEMENT_VERBS[verb], item, request.user))
    form = ACTS[verb].form_for(item, request.POST)
    if not form.is_valid():
        return _page(request, item, wrong=(verb, form), status=422)
    try:
        done = ACTS[verb].run(item, **form.cleaned_data, **asked_of(request))
    except ReasonedError as error:
        show_reasons(form, error)
        return _page(request, item, wrong=(verb, form), status=error.status_code)
    messages.success(request, _("Done: %(state)s") % {"state": done.get_state_display()})
    return _back_to(done)


def _page(request: HttpRequest, item: Improvement, *, wrong: tuple[str, Form] | None = None, status: int = 200) -> HttpResponse:
    board = show_improvement(request.user, item)
    verb, form = wrong or ("", None)
    forms = [{"act": act, "form": form if act.verb == verb else act.form_for(item)} for act in board["acts"]]
    context = board | {"tab": "improvements", "forms": forms, "wrong": form, "request_id": new_request_id()}
    return render(request, "analytics/improvement.html", context, status=status)


def _proposal_page(
    request: HttpRequest, form: ProposalForm, complaint: Complaint | None, spike: Spike | None, *, status: int = 200
) -> HttpResponse:
    context = {
        "tab": "improvements",
        "form": form,
        "complaint": complaint,
        "spike": spike and (spike.pk, name_spike(spike)),
        "request_id": new_request_id(),
    }
    return render(request, "analytics/improvement_new.html", context, status=status)


def _begun_with(request: HttpRequest) -> tuple[Complaint | None, Spike | None]:
    """The complaint or the spike that somebody came from; one that they do not see is a 404."""
    asked = request.POST if request.method == "POST" else request.GET
    number, spike_id = asked.get("complaint", ""), number_in(asked.get("spike"))
    complaint = complaints.complaint_for(request.user, number, "category", "merchant") if number else None
    return complaint, spike_for(request.user, spike_id) if spike_id else None


def _known_of(complaint: Complaint | None, spike: Spike | None) -> dict[str, Any]:
    if spike is not None:
        return {spike.kind: spike.code} | ({spike.cross: spike.value} if spike.cross else {})
    if complaint is None:
        return {}
    return {"reason": complaint.reason_code} if complaint.reason_code else {"category": complaint.category.code}


def _back_to(item: Improvement) -> SeeOther:
    return SeeOther(reverse("admin:improvement", args=[item.pk]))
