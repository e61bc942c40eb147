"""The survey after a resolution. A link preselects a score; only the button gives it, so no mail scanner votes."""

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from complaints.intake.surveys import SurveyForm
from complaints.models import Complaint, Survey
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.tracker import opened_complaint
from complaints.scales import is_low, question_of, scores_of
from complaints.services import explain_verbs
from complaints.services.surveys import STAFF, answer_survey, is_open
from foundation.exceptions import NotAllowedError, RefusedError

ABOUT_SHOP = "shop"
ANSWERS_PER_NETWORK = 60


@require_http_methods(["GET", "HEAD", "POST"])
def show_survey(request: HttpRequest, number: str) -> HttpResponse:
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    survey = complaint.surveys.filter(cycle=_cycle_asked(request, complaint)).first()
    if survey is None or not is_open(survey):
        return survey_page(request, complaint, survey, None)
    if request.method != "POST":
        return survey_page(request, complaint, survey, SurveyForm(initial=_initial(request, survey), survey=survey))
    return _submit(request, complaint, survey)


def _cycle_asked(request: HttpRequest, complaint: Complaint) -> int:
    return Survey.OF_SHOP if request.GET.get("about") == ABOUT_SHOP else complaint.cycle


def _submit(request: HttpRequest, complaint: Complaint, survey: Survey) -> HttpResponse:
    form = SurveyForm(request.POST, survey=survey)
    if is_flooding(request, "survey", ANSWERS_PER_NETWORK):
        return calm_down(survey_page(request, complaint, survey, form))
    if not form.is_valid():
        return survey_page(request, complaint, survey, form, status=422)
    by = request.user if request.user.is_authenticated else None
    try:
        answer_survey(survey, **form.cleaned_data, by=by, request_id=request.POST.get("request_id", "")[:64] or None)
    except NotAllowedError:
        return survey_page(request, complaint, survey, form, status=403)
    except RefusedError:
        return survey_page(request, complaint, survey, None, status=409)
    about = f"&about={ABOUT_SHOP}" if survey.cycle == Survey.OF_SHOP else ""
    return see_other(f"{reverse('complaints:survey', args=[complaint.number])}?done=1{about}")


def _initial(request: HttpRequest, survey: Survey) -> dict:
    asked = request.GET.get("score", "")
    score = int(asked) if asked in map(str, scores_of(survey.scale)) else survey.score
    once = {True: "yes", False: "no"}.get(survey.solved_once, "")
    return {"score": score, "once": once, "reasons": survey.reasons, "comment": survey.comment}


def survey_page(request, complaint: Complaint, survey: Survey | None, form: SurveyForm | None, *, status: int = 200) -> HttpResponse:
    verbs = {each["verb"]: each for each in explain_verbs(complaint, None, as_customer=True) if each["allowed"]}
    context = {
        "complaint": complaint,
        "survey": survey,
        "question": question_of(survey) if survey else None,
        "form": form,
        "staff": STAFF if request.user.is_authenticated else None,
        "is_done": "done" in request.GET and survey is not None and survey.answered_at is not None,
        "can_reopen": "reopen" in verbs and survey is not None and is_low(survey.scale, survey.score),
        "request_id": secrets.token_urlsafe(16),
    }
    return show(request, "survey.html", context, status=status)
