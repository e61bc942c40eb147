"""Selected complaints: choose an act, see what it will do, do it, and take it back within ten seconds."""

import time
from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints import access
from complaints.desk.bulk_acts import BULK_ACTS, BulkAct
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.desk.places import place_of
from complaints.models import Complaint
from foundation.exceptions import ReasonedError, VersionConflictError

MOST = 50
UNDO_SECONDS = 10
SLACK_SECONDS = 5
SHOWN_FAILURES = 5
UNDO = "desk_undo"


@desk_view("POST")
def preview(request):
    act, selected = _act(request), _selected(request)
    if not selected:
        messages.warning(request, _("Select complaints first."))
        return SeeOther(_queue_url(request))
    return _ask(request, act, selected, _form(act, selected))


@desk_view("POST")
def apply(request):
    act, selected = _act(request), _selected(request)
    form = _form(act, selected, request.POST)
    if not selected or not form.is_valid():
        return _ask(request, act, selected, form, status=422)
    done, failed = [], []
    for complaint in selected:
        version = complaint.version
        try:
            kept = act.run(complaint, form.cleaned_data["value"], request_id=request.POST.get("request_id") or new_request_id())
            done.append([complaint.pk, version, kept])
        except (ReasonedError, VersionConflictError) as error:
            failed.append((complaint, error))
    _report(request, done, failed)
    _remember(request, act, done)
    return SeeOther(_queue_url(request))


@desk_view("POST")
def undo(request):
    """Put back what the last act changed; complaints that were changed since stay as they are and are named."""
    kept = request.session.pop(UNDO, None)
    if not kept or kept["until"] + SLACK_SECONDS < time.time():
        messages.warning(request, _("Too late to undo."))
        return SeeOther(_queue_url(request))
    act = BULK_ACTS[kept["act"]](request.user)
    complaints = access.visible_to(request.user).in_bulk([row[0] for row in kept["rows"]])
    failed = [
        complaint
        for pk, version, before in kept["rows"]
        if (complaint := complaints.get(pk)) and not _put_back(act, complaint, version, before)
    ]
    if failed:
        numbers = ", ".join(complaint.number for complaint in failed[:SHOWN_FAILURES])
        messages.warning(request, _("Not undone, because they changed since: %(numbers)s") % {"numbers": numbers})
    else:
        messages.success(request, _("Undone."))
    return SeeOther(_queue_url(request))


def pending_undo(request: HttpRequest) -> dict | None:
    """The last bulk act of this session while it can still be taken back."""
    kept = request.session.get(UNDO)
    left = int(kept["until"] - time.time()) if kept else 0
    if left <= 0:
        return None
    until = datetime.fromtimestamp(kept["until"], tz=UTC).isoformat()
    return {"seconds": left, "until": until, "count": len(kept["rows"]), "title": BULK_ACTS[kept["act"]].title}


def _put_back(act: BulkAct, complaint: Complaint, version: int, before) -> bool:
    try:
        act.undo(complaint, before, version=version)
    except (ReasonedError, VersionConflictError):
        return False
    return True


def _act(request: HttpRequest) -> BulkAct:
    act = BULK_ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    if not request.user.has_perm(act.permission):
        raise PermissionDenied
    return act(request.user)


def _selected(request: HttpRequest) -> list[Complaint]:
    """The visible ones of the ticked complaints, each at the version that the list showed."""
    pairs = [pair.split(":", 1) for pair in request.POST.getlist("selected")[:MOST] if ":" in pair]
    ticked = {number: version for key, version in pairs if (number := number_in(key)) is not None}
    found = list(
        access.visible_to(request.user)
        .filter(pk__in=ticked)
        .select_related("order", "category")
        .prefetch_related("tags")
        .order_by("due_at", "pk")
    )
    for complaint in found:
        complaint.current_version, complaint.version = complaint.version, number_in(ticked[complaint.pk]) or 0
    return found


def _form(act: BulkAct, selected: list[Complaint], answers=None) -> forms.Form:
    form = forms.Form(answers)
    form.fields["value"] = act.field(selected)
    return form


def _ask(request: HttpRequest, act: BulkAct, selected: list[Complaint], form: forms.Form, *, status: int = 200) -> HttpResponse:
    context = {
        "act": act,
        "form": form,
        "selected": [(complaint, act.before(complaint)) for complaint in selected],
        "place": place_of(request),
        "request_id": request.POST.get("request_id") or new_request_id(),
    }
    return render(request, "complaints/desk/_bulk.html" if request.htmx else "complaints/desk/bulk.html", context, status=status)


def _report(request: HttpRequest, done: list, failed: list) -> None:
    if done:
        messages.success(
            request, ngettext("%(count)d complaint changed.", "%(count)d complaints changed.", len(done)) % {"count": len(done)}
        )
    for complaint, error in failed[:SHOWN_FAILURES]:
        reasons = getattr(error, "reasons", None)
        words = " ".join(str(reason.text) for reason in reasons) if reasons else _("Somebody changed it meanwhile.")
        messages.warning(request, f"{complaint.number}: {words}")
    if len(failed) > SHOWN_FAILURES:
        rest = len(failed) - SHOWN_FAILURES
        messages.warning(request, ngettext("%(count)d more was not changed.", "%(count)d more were not changed.", rest) % {"count": rest})


def _remember(request: HttpRequest, act: BulkAct, done: list) -> None:
    """Keep what undo needs: id, the version that the act made, and what was there before."""
    versions = dict(access.visible_to(request.user).filter(pk__in=[row[0] for row in done]).values_list("pk", "version"))
    rows = [[pk, versions.get(pk, version), kept] for pk, version, kept in done]
    request.session[UNDO] = {"act": act.name, "rows": rows, "until": time.time() + UNDO_SECONDS}


def _queue_url(request: HttpRequest) -> str:
    return f"{reverse('admin:desk-queue')}?{place_of(request).query}"
