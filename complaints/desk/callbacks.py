"""The calls that somebody is to make: their list, and logging, moving and taking them over."""

from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse

from complaints.chat.access import call_for, calls_for, visible_call
from complaints.chat.callbacks import REPLY, cancel_callback, log_attempt, move_callback, take_call
from complaints.desk.calls import AttemptForm, draw_calls
from complaints.desk.doors import SeeOther, desk_view
from complaints.models import FollowUp
from foundation.exceptions import ReasonedError
from foundation.keyset import InvalidCursorError, Page, keyset_page

PAGE_SIZE = 25


@desk_view(permission=REPLY)
def show_callbacks(request):
    return _page(request)


@desk_view("POST", permission=REPLY)
def log_call(request, call_id):
    call = call_for(request.user, call_id)
    form = AttemptForm(request.POST, call=call)
    if not form.is_valid():
        return _page(request, {call.pk: form}, status=422)
    try:
        _log(call, form, by=request.user)
    except ReasonedError as error:
        return _page(request, {call.pk: form}, reasons=error.reasons, status=error.status_code)
    return SeeOther(reverse("admin:desk-callbacks"))


@desk_view("POST", permission=REPLY)
def take(request, call_id):
    call = take_call(visible_call(request.user, call_id), by=request.user, request_id=request.POST.get("request_id", "")[:64] or None)
    return SeeOther(reverse("admin:desk-callbacks") + f"#call{call.pk}")


def _log(call: FollowUp, form: AttemptForm, *, by) -> None:
    answers = form.cleaned_data
    about = {"by": by, "request_id": answers["request_id"] or None}
    if answers["window"]:
        move_callback(call, form.windows[answers["window"]], **about)
    elif answers["outcome"] == FollowUp.Outcome.CANCELLED:
        cancel_callback(call, reason=answers["summary"], **about)
    else:
        log_attempt(call, outcome=answers["outcome"], summary=answers["summary"], **about)


def _page(request: HttpRequest, forms_kept: dict[int, AttemptForm] | None = None, *, reasons=(), status: int = 200):
    page = _calls_on(request)
    rows = draw_calls(page.rows, own={call.pk for call in page.rows}, kept=forms_kept)
    context = {"rows": rows, "page": page, "late": sum(row["is_late"] for row in rows), "reasons": reasons}
    return render(request, "complaints/desk/callbacks.html", context, status=status)


def _calls_on(request: HttpRequest) -> Page:
    calls = calls_for(request.user).select_related("complaint")
    try:
        return keyset_page(calls, order=("due_at", "id"), after=request.GET.get("after", ""), size=PAGE_SIZE)
    except InvalidCursorError:
        return keyset_page(calls, order=("due_at", "id"), size=PAGE_SIZE)
