"""The survey after a resolution. A link preselects a score; only the button gives it, so no mail scanner votes."""

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from complaints.intake.surveys import SCORES, SurveyForm
from complaints.models import Complaint, Survey
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.tracker import opened_complaint
from complaints.services import explain_verbs
from complaints.services.surveys import answer_survey, is_open
from foundation.exceptions import RefusedError

LOW = 2
ANSWERS_PER_NETWORK = 60


@require_http_methods(["GET", "HEAD", "POST"])
def show_survey(request: HttpRequest, number: str) -> HttpResponse:
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    survey = complaint.surveys.filter(cycle=complaint.cycle).first()
    if survey is None or not is_open(survey):
        return survey_page(request, complaint, survey, None)
    if request.method != "POST":
        return survey_page(request, complaint, survey, SurveyForm(initial=_initial(request, survey)))
    return _submit(request, complaint, survey)


def _submit(request: HttpRequest, complaint: Complaint, survey: Survey) -> HttpResponse:
    form = SurveyForm(request.POST)
    if is_flooding(request, "survey", ANSWERS_PER_NETWORK):
        return calm_down(survey_page(request, complaint, survey, form))
    if not form.is_valid():
        return survey_page(request, complaint, survey, form, status=422)
    try:
        answer_survey(survey, **form.cleaned_data, request_id=request.POST.get("request_id", "")[:64] or None)
    except RefusedError:
        return survey_page(request, complaint, survey, None, status=409)
    return see_other(reverse("complaints:survey", args=[complaint.number]) + "?done=1")


def _initial(request: HttpRequest, survey: Survey) -> dict:
    asked = request.GET.get("score", "")
    score = int(asked) if asked in {str(score) for score in SCORES} else survey.score
    return {"score": score, "reasons": survey.reasons, "comment": survey.comment}


def survey_page(request, complaint: Complaint, survey: Survey | None, form: SurveyForm | None, *, status: int = 200) -> HttpResponse:
    verbs = {each["verb"]: each for each in explain_verbs(complaint, None, as_customer=True) if each["allowed"]}
    context = {
        "complaint": complaint,
        "survey": survey,
        "form": form,
        "is_done": "done" in request.GET and survey is not None and survey.answered_at is not None,
        "can_reopen": "reopen" in verbs and survey is not None and survey.score is not None and survey.score <= LOW,
        "request_id": secrets.token_urlsafe(16),
    }
    return show(request, "survey.html", context, status=status)
