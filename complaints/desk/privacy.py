"""Personal data of one complaint: wishes that staff record for a customer, and the hold that keeps evidence."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from complaints import access
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from complaints.desk.forms import HoldForm
from complaints.desk.places import place_of
from complaints.models import Complaint
from complaints.privacy.forms import FORMS
from complaints.privacy.holds import current_hold, lift_hold, place_hold
from complaints.privacy.requests import ask_privacy
from foundation.exceptions import RefusedError

MAY_ASK, MAY_DECIDE = "complaints.ask_privacy", "complaints.decide_privacy"


@desk_view(permission=MAY_ASK)
def show_privacy(request, number):
    return privacy_page(request, access.complaint_for(request.user, number))


def privacy_page(request: HttpRequest, complaint: Complaint, *, form=None, hold_form=None, reasons=(), status=200) -> HttpResponse:
    asked = [form if form and form.kind == kind else FORMS[kind]() for kind in FORMS]
    context = {
        "complaint": complaint,
        "place": place_of(request),
        "wishes": list(complaint.privacy_requests.order_by("-pk")),
        "consents": list(complaint.consents.order_by("pk")),
        "hold": current_hold(complaint),
        "hold_form": hold_form or HoldForm(),
        "forms": asked,
        "typed": form or hold_form,
        "reasons": reasons,
        "request_id": new_request_id(),
    }
    return render(request, "complaints/desk/privacy.html", context, status=status)


@desk_view("POST", permission=MAY_ASK)
def ask(request, number):
    """Record a customer's wish; who calls has proven to the agent who they are."""
    complaint = access.complaint_for(request.user, number)
    kind = request.POST.get("wish", "")
    form = FORMS[kind if kind in FORMS else "copy"](request.POST)
    if not form.is_valid():
        return privacy_page(request, complaint, form=form, status=422)
    words, request_id = form.cleaned_data["words"], request.POST.get("request_id", "")[:64] or None
    try:
        ask_privacy(complaint, form.kind, words=words, wanted=form.wanted(), by=request.user, request_id=request_id)
    except RefusedError as error:
        return privacy_page(request, complaint, form=form, reasons=error.reasons, status=409)
    return _back(complaint)


@desk_view("POST", permission=MAY_ASK)
def hold(request, number):
    complaint = access.complaint_for(request.user, number)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return privacy_page(request, complaint, hold_form=form, status=422)
    place_hold(complaint, reason=form.cleaned_data["reason"], by=request.user)
    return _back(complaint)


@desk_view("POST", permission=MAY_DECIDE)
def lift(request, number):
    complaint = access.complaint_for(request.user, number)
    lift_hold(complaint, by=request.user)
    return _back(complaint)


def _back(complaint: Complaint) -> HttpResponse:
    return SeeOther(reverse("admin:desk-privacy", args=[complaint.number]))
