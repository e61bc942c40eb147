"""The customer's verdict on a resolution."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.models import Survey
from complaints.services.act import lock_act
from foundation.exceptions import Reason, RefusedError

EDIT_WINDOW = timedelta(days=7)
SCALE = {"scale": "csat", "version": 1}
REASONS = {
    "speed": _("How fast it went"),
    "result": _("The result"),
    "manner": _("How we spoke with you"),
    "effort": _("How much you had to do"),
    "repeat": _("Having to repeat yourself"),
}
EXPIRED = Reason("survey_over", _("This survey is over."), _("Write to us on the complaint; a person reads it."))


def is_open(survey: Survey) -> bool:
    """Whether it can be answered, or its answer still be changed (7 days)."""
    now = timezone.now()
    if survey.suppressed_by:
        return False
    return survey.expires_at > now if survey.answered_at is None else survey.answered_at + EDIT_WINDOW > now


@transaction.atomic
def answer_survey(survey: Survey, *, score: int, reasons: Collection[str] = (), comment: str = "", request_id: str | None = None) -> Survey:
    """Record or change the score (1–5) of one cycle; the last answer inside the window counts.

    ``RefusedError`` once it is over or the complaint has been opened again.
    """
    act = lock_act(survey.complaint, "answer_survey", by=None, as_customer=True, request_id=request_id)
    survey = Survey.objects.get(pk=survey.pk)
    if act.is_replay:
        return survey
    if survey.cycle != act.complaint.cycle or not is_open(survey):
        raise RefusedError([EXPIRED])
    kind = "survey.edited" if survey.answered_at else "survey.answered"
    survey.score, survey.reasons, survey.comment = score, [code for code in REASONS if code in reasons], comment
    survey.answered_at = survey.answered_at or act.at
    survey.version += 1
    survey.save(update_fields=["score", "reasons", "comment", "answered_at", "version"])
    act.note(kind, codes=SCALE | {"cycle": survey.cycle, "score": score, "reasons": survey.reasons}, payload={"comment": comment})
    act.finish(raises_version=False)
    return survey
