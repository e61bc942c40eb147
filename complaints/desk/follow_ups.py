"""What waits for somebody here: missed promises, threats, customers who did not answer."""

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from complaints import access
from complaints.desk.doors import SeeOther, desk_view, new_request_id
from complaints.desk.survey_words import low_scores
from complaints.models import FollowUp
from complaints.services.follow_ups import finish_follow_up
from foundation.exceptions import ReasonedError
from ui.masking import mask_text

MOST = 100


@desk_view()
def show_follow_ups(request):
    return _page(request)


@desk_view("POST")
def finish(request, follow_up_id):
    row = access.follow_ups_for(request.user).filter(pk=follow_up_id).first()
    if row is None:
        raise Http404
    note = request.POST.get("note", "")[:2000]
    try:
        finish_follow_up(row, note=note, by=request.user, request_id=request.POST.get("request_id", "")[:64] or None)
    except ReasonedError as error:
        status = 422 if any(reason.code == "empty" for reason in error.reasons) else error.status_code
        return _page(request, kept={row.pk: note}, reasons=error.reasons, status=status)
    return SeeOther(reverse("admin:desk-follow-ups"))


def _page(request: HttpRequest, *, kept: dict[int, str] | None = None, reasons=(), status: int = 200):
    at, kept = timezone.now(), kept or {}
    found = list(access.follow_ups_for(request.user)[:MOST])
    scores = low_scores(row.complaint_id for row in found if row.kind == FollowUp.Kind.LOW_SCORE)
    rows = [
        {
            "row": row,
            "subject": mask_text(row.complaint.subject),
            "is_late": row.due_at < at,
            "note": kept.get(row.pk, ""),
            "is_kept": row.pk in kept,
            "request_id": new_request_id(),
            "score": scores.get(row.complaint_id) if row.kind == FollowUp.Kind.LOW_SCORE else None,
        }
        for row in found
    ]
    late = sum(row["is_late"] for row in rows)
    return render(request, "complaints/desk/follow_ups.html", {"rows": rows, "late": late, "reasons": reasons}, status=status)
