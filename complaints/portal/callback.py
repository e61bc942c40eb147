"""The customer's page of a call: book it, move it, cancel it."""

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from complaints.chat.access import live_chat
from complaints.chat.callbacks import book_callback, cancel_callback, promised_call
from complaints.chat.hours import Window, call_windows
from complaints.intake.forms import WindowForm
from complaints.models import Complaint
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.tracker import opened_complaint
from foundation.exceptions import RefusedError
from ui.masking import mask_phone

CALLS_PER_NETWORK = 60


@require_http_methods(["GET", "HEAD", "POST"])
def show_callback(request: HttpRequest, number: str) -> HttpResponse:
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    if request.method != "POST":
        return _page(request, complaint, _form(complaint))
    form = _form(complaint, request.POST)
    if is_flooding(request, "callback", CALLS_PER_NETWORK):
        return calm_down(_page(request, complaint, form))
    if not form.is_valid():
        return _page(request, complaint, form, status=422)
    try:
        window, phone = form.cleaned_data["window"], form.cleaned_data.get("phone", "")
        book_callback(complaint, window, phone=phone, request_id=_request_id(request))
    except RefusedError as error:
        return _page(request, complaint, form, reasons=error.reasons, status=409)
    return _back(complaint)


@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    complaint = opened_complaint(request, number)
    call = promised_call(complaint)
    if call is not None:
        cancel_callback(call, request_id=_request_id(request))
    return _back(complaint)


def _form(complaint: Complaint, *posted) -> WindowForm:
    return WindowForm(*posted, windows=call_windows(timezone.now()), knows_phone=bool(complaint.contact_phone))


def _page(request, complaint: Complaint, form: WindowForm, *, reasons=(), status=200) -> HttpResponse:
    call = promised_call(complaint)
    context = {
        "complaint": complaint,
        "form": form,
        "call": call,
        "window": Window(call.starts_at, call.due_at) if call else None,
        "phone_mask": mask_phone(complaint.contact_phone),
        "is_waiting": live_chat(complaint) is not None,
        "reasons": reasons,
        "request_id": secrets.token_urlsafe(16),
    }
    return show(request, "callback.html", context, status=status)


def _back(complaint: Complaint) -> HttpResponse:
    return see_other(reverse("complaints:callback", args=[complaint.number]))


def _request_id(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:64] or None
