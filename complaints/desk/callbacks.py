"""Calls that are promised: who is to be called when, and what came of it."""

from django import forms
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.chat.access import own_callback, promised_callbacks
from complaints.chat.callbacks import ATTEMPTS, REPLY, cancel_callback, log_attempt, move_callback
from complaints.chat.hours import Window, call_windows
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from complaints.models import FollowUp
from foundation.exceptions import ReasonedError
from ui.masking import mask_name, mask_text

MOST_CALLS = 100
NO_ANSWER = _("No answer, try again")


class AttemptForm(forms.Form):
    """What came of a call, or another time for it."""

    outcome = forms.ChoiceField(label=_("What came of it?"), required=False)
    summary = forms.CharField(label=_("What was said"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    window = forms.ChoiceField(label=_("Or move it to"), required=False)
    request_id = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args, call: FollowUp, **options):
        super().__init__(*args, auto_id=f"call{call.pk}_%s", **options)
        self.windows = {window.code: window for window in call_windows(timezone.now())}
        labels = dict(FollowUp.Outcome.choices) | {"": NO_ANSWER}
        self.fields["outcome"].choices = [(outcome, labels[outcome]) for outcome in (*ATTEMPTS, FollowUp.Outcome.CANCELLED)]
        self.fields["window"].choices = [("", _("Not moved")), *((code, window.words) for code, window in self.windows.items())]


@desk_view(permission=REPLY)
def show_callbacks(request):
    return _page(request)


@desk_view("POST", permission=REPLY)
def log_call(request, call_id):
    call = own_callback(request.user, call_id)
    form = AttemptForm(request.POST, call=call)
    if not form.is_valid():
        return _page(request, {call.pk: form}, status=422)
    answers = form.cleaned_data
    about = {"by": request.user, "request_id": answers["request_id"] or None}
    try:
        if answers["window"]:
            move_callback(call, form.windows[answers["window"]], **about)
        elif answers["outcome"] == FollowUp.Outcome.CANCELLED:
            cancel_callback(call, reason=answers["summary"], **about)
        else:
            log_attempt(call, outcome=answers["outcome"], summary=answers["summary"], **about)
    except ReasonedError as error:
        return _page(request, {call.pk: form}, reasons=error.reasons, status=error.status_code)
    return SeeOther(reverse("admin:desk-callbacks"))


def _page(request: HttpRequest, forms_kept: dict | None = None, *, reasons=(), status: int = 200):
    at, kept = timezone.now(), forms_kept or {}
    calls = promised_callbacks(request.user)[:MOST_CALLS]
    rows = [
        {
            "call": call,
            "window": Window(call.starts_at, call.due_at),
            "is_late": call.due_at < at,
            "is_now": call.starts_at <= at <= call.due_at,
            "name": mask_name(call.complaint.contact_name),
            "subject": mask_text(call.complaint.subject),
            "form": kept.get(call.pk) or AttemptForm(call=call, initial={"request_id": new_request_id()}),
            "is_kept": call.pk in kept,
        }
        for call in calls
    ]
    return render(request, "complaints/desk/callbacks.html", {"rows": rows, "reasons": reasons}, status=status)
