"""The pages of spikes: the list, one spike, and what is done about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.asked import asked_of, show_reasons
from analytics.models import Spike
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from foundation.exceptions import ReasonedError

from .access import VIEW, spike_for
from .boards import list_spikes, show_spike
from .forms import ExplainForm
from .verbs import acknowledge_spike, close_spike, explain_spike


@desk_view(permission=VIEW)
def show_list(request):
    return render(request, "analytics/spikes.html", {"tab": "spikes", **list_spikes(request.user, request.GET)})


@desk_view(permission=VIEW)
def show_one(request, spike_id):
    return _page(request, spike_for(request.user, spike_id))


@desk_view("POST", permission=VIEW)
def acknowledge(request, spike_id):
    spike = acknowledge_spike(spike_for(request.user, spike_id), **asked_of(request))
    messages.success(request, _("You are looking into it."))
    return _back_to(spike)


@desk_view("POST", permission=VIEW)
def explain(request, spike_id):
    spike, form = spike_for(request.user, spike_id), ExplainForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, spike, form, status=422)
    try:
        explain_spike(spike, **form.cleaned_data, **asked_of(request))
    except ReasonedError as error:
        show_reasons(form, error)
        return _page(request, spike, form, status=error.status_code)
    messages.success(request, _("Explained."))
    return _back_to(spike)


@desk_view("POST", permission=VIEW)
def close(request, spike_id):
    spike = close_spike(spike_for(request.user, spike_id), **asked_of(request))
    messages.success(request, _("Closed."))
    return _back_to(spike)


def _page(request: HttpRequest, spike: Spike, form: ExplainForm | None = None, *, status: int = 200) -> HttpResponse:
    board = show_spike(request.user, spike)
    shown = form or (ExplainForm(user=request.user) if board["may_work"] else None)
    context = board | {"tab": "spikes", "form": shown, "wrong": form, "request_id": new_request_id()}
    return render(request, "analytics/spike.html", context, status=status)


def _back_to(spike: Spike) -> SeeOther:
    return SeeOther(reverse("admin:spike", args=[spike.pk]))
