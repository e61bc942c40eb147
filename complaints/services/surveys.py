"""The customer's answer to a survey, and what a low one sets in motion."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import timing
from complaints.assignment.patience import service_hours
from complaints.models import FollowUp, Survey
from complaints.scales import Scale, asks_once, is_low, question_of, scores_of
from complaints.services.act import Act, lock_act
from complaints.services.invitations import codes_of, put_delivery
from complaints.services.notices import cancel_notices
from complaints.services.risk import call_leads
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

EXPIRED = Reason("survey_over", _("This survey is over."), _("Write to us on the complaint; a person reads it."))
UNKNOWN = Reason("score", _("This score is not on the scale."))
STAFF = Forbidden(
    "staff", _("You are signed in as a member of staff. Only the customer can answer."), _("Sign out to answer as a customer.")
)


def is_open(survey: Survey) -> bool:
    """Whether it can be answered, or its answer still be changed (7 days)."""
    now = timezone.now()
    if survey.suppressed_by or survey.expired_at:
        return False
    return survey.expires_at > now if survey.answered_at is None else survey.answered_at + timing.SURVEY_EDIT > now


@transaction.atomic
def answer_survey(
    survey: Survey,
    *,
    score: int,
    once: bool | None = None,
    reasons: Collection[str] = (),
    comment: str = "",
    by: User | None = None,
    request_id: str | None = None,
) -> Survey:
    """Record or change the score of one survey; the last answer inside the window counts. ``once``: it was solved the first time.

    ``by`` is whoever is signed in where the answer comes from: ``NotAllowedError`` for staff. ``RefusedError`` once it is over or the
    complaint has been opened again. A low score calls the leads; a better one takes the call back while nobody has looked.
    """
    act = lock_act(survey.complaint, "answer_survey", by=None, as_customer=True, request_id=request_id)
    survey = Survey.objects.get(pk=survey.pk)
    if act.is_replay:
        return survey
    require([STAFF] if by is not None else [])
    require(_against_answering(act, survey, score))
    put_delivery(act, survey, way="page")
    kind = "survey.edited" if survey.answered_at else "survey.answered"
    survey.score, survey.reasons, survey.comment = score, [code for code in question_of(survey).reasons if code in reasons], comment
    survey.solved_once = once if asks_once(survey.scale) else None
    survey.answered_at = survey.answered_at or act.at
    survey.version += 1
    survey.save(update_fields=["score", "solved_once", "reasons", "comment", "answered_at", "version"])
    cancel_notices(act.complaint, values__survey=survey.pk)
    told = {"score": score, "reasons": survey.reasons} | ({} if survey.solved_once is None else {"once": survey.solved_once})
    act.note(kind, codes=codes_of(survey) | told, payload={"comment": comment})
    follow_score(act, survey)
    act.finish(raises_version=False)
    return survey


def _against_answering(act: Act, survey: Survey, score: int) -> list[Reason]:
    if survey.cycle not in (act.complaint.cycle, Survey.OF_SHOP) or not is_open(survey):
        return [EXPIRED]
    return [] if score in scores_of(survey.scale) else [UNKNOWN]


def follow_score(act: Act, survey: Survey) -> None:
    """A lead looks at a low score within four hours of work."""
    if survey.scale == Scale.NPS:
        return
    waiting = FollowUp.objects.filter(complaint=act.complaint, kind=FollowUp.Kind.LOW_SCORE, done_at__isnull=True)
    if not is_low(survey.scale, survey.score):
        _take_back(act, list(waiting))
    elif not waiting.exists():
        due_at = service_hours().add(act.at, int(timing.LOW_SCORE_WITHIN.total_seconds()))
        act.follow_up(FollowUp.Kind.LOW_SCORE, role=FollowUp.Role.LEAD, due_at=due_at)
        call_leads(act.complaint)


def _take_back(act: Act, alerts: list[FollowUp]) -> None:
    for alert in alerts:
        alert.done_at, alert.outcome = act.at, FollowUp.Outcome.CANCELLED
        alert.save(update_fields=["done_at", "outcome"])
        codes = {"follow_up": alert.pk, "kind": alert.kind, "role": alert.role, "outcome": str(alert.outcome)}
        act.note("follow_up.done", codes=codes)
    if alerts:
        call_leads(act.complaint)
