"""The tabs beside the days: anomalies, which people explain, and what others owe."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.desk.doors import SeeOther, new_request_id
from workflows.reconciling import access, boards
from workflows.reconciling.access import RECONCILE
from workflows.reconciling.doors import money_view
from workflows.reconciling.forms import ReasonForm
from workflows.services.anomalies import count_elsewhere, explain_anomaly, lift_freeze, look_again


@money_view(permission=RECONCILE)
def show_anomalies(request):
    return _anomaly_page(request)


@money_view("POST", permission=RECONCILE)
def explain(request, anomaly_id):
    return _with_reason(request, anomaly_id, explain_anomaly, _("Explained."))


@money_view("POST", permission=RECONCILE)
def count_as_elsewhere(request, anomaly_id):
    return _with_reason(request, anomaly_id, count_elsewhere, _("Counted as refunded elsewhere."))


@money_view("POST", permission=RECONCILE)
def lift(request, anomaly_id):
    return _with_reason(request, anomaly_id, lift_freeze, _("The payment can be used again."))


@money_view("POST", permission=RECONCILE)
def confirm(request, anomaly_id):
    look_again(access.anomaly_for(request.user, anomaly_id), agrees=True, by=request.user, request_id=_number(request))
    messages.success(request, _("Confirmed."))
    return SeeOther(_place(request))


@money_view("POST", permission=RECONCILE)
def send_back(request, anomaly_id):
    def return_it(anomaly, **given):
        return look_again(anomaly, agrees=False, **given)

    return _with_reason(request, anomaly_id, return_it, _("Sent back."))


@money_view()
def show_recoveries(request):
    return render(request, "workflows/reconcile_recoveries.html", boards.recovery_board(request.user))


def _with_reason(request: HttpRequest, anomaly_id: int, act, words: str) -> HttpResponse:
    """An act that needs a reason; without one the page comes back with its error."""
    anomaly, form = access.anomaly_for(request.user, anomaly_id), ReasonForm(request.POST, auto_id=f"id_%s_{anomaly_id}")
    if not form.is_valid():
        return _anomaly_page(request, wrong=(anomaly_id, form), status=422)
    act(anomaly, reason=form.cleaned_data["reason"], by=request.user, request_id=_number(request))
    messages.success(request, words)
    return SeeOther(_place(request))


def _anomaly_page(request: HttpRequest, *, wrong: tuple[int, ReasonForm] | None = None, status: int = 200) -> HttpResponse:
    board = boards.anomaly_board(request.user, is_open=_shows_open(request))
    for row in board["anomalies"]:
        pk = row.anomaly.pk
        row.form = wrong[1] if wrong and wrong[0] == pk else ReasonForm(auto_id=f"id_%s_{pk}")
    context = board | {"wrong": wrong[1] if wrong else None, "request_id": new_request_id(), **boards.figures(request.user)}
    return render(request, "workflows/reconcile_anomalies.html", context, status=status)


def _shows_open(request: HttpRequest) -> bool:
    return (request.POST or request.GET).get("shown") != "explained"


def _place(request: HttpRequest) -> str:
    return reverse("admin:reconcile-anomalies") + ("" if _shows_open(request) else "?shown=explained")


def _number(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:64] or None
