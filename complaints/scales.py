"""The scales of the survey: which one a complaint gets, how each is put, and what counts as low.

CSAT asks how it was (1–5). CES 2.0 asks how easy it was (1–7, higher is better). NPS asks whether the shop would be recommended (0–10);
as ``nps_tx`` it is put right after a service and never added to the other. A question's words are pinned by their version: whoever
changes them adds a version, and answers to different words are never put together.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from complaints.models import Survey

Scale = Survey.Scale
CES_PERCENT = 20
# A customer who gives this or less is offered to reopen, and a lead looks at it.
LOW = {Scale.CSAT: 2, Scale.CES: 2}
NOTICES = {Scale.CSAT: "survey", Scale.CES: "survey_ces", Scale.NPS: "survey_nps", Scale.NPS_TX: "survey_nps_tx"}

SERVICE_REASONS = {
    "speed": _("How fast it went"),
    "result": _("The result"),
    "manner": _("How we spoke with you"),
    "effort": _("How much you had to do"),
    "repeat": _("Having to repeat yourself"),
}
SHOP_REASONS = {
    "goods": _("The goods"),
    "price": _("The prices"),
    "delivery": _("The delivery"),
    "service": _("The service"),
    "information": _("What the pages said"),
}


@dataclass(frozen=True)
class Question:
    """How a scale is put. ``labels`` are the words of its scores, of all or of the two ends."""

    title: Any
    text: Any
    labels: dict[int, Any]
    reasons: dict[str, Any]


_RECOMMEND = {0: _("Not at all likely"), 10: _("Extremely likely")}
QUESTIONS: dict[tuple[str, int], Question] = {
    (Scale.CSAT, 1): Question(
        title=_("How was it?"),
        text=_("How was it?"),
        labels={1: _("Very bad"), 2: _("Bad"), 3: _("So-so"), 4: _("Good"), 5: _("Very good")},
        reasons=SERVICE_REASONS,
    ),
    (Scale.CES, 1): Question(
        title=_("How easy was it?"),
        text=_("The shop made it easy to handle my issue."),
        labels={1: _("Strongly disagree"), 7: _("Strongly agree")},
        reasons=SERVICE_REASONS,
    ),
    (Scale.NPS, 1): Question(
        title=_("Would you recommend us?"),
        text=_("How likely are you to recommend our shop to a friend or colleague?"),
        labels=_RECOMMEND,
        reasons=SHOP_REASONS,
    ),
    (Scale.NPS_TX, 1): Question(
        title=_("Would you recommend us?"),
        text=_("After this service, how likely are you to recommend our shop to a friend or colleague?"),
        labels=_RECOMMEND,
        reasons=SERVICE_REASONS,
    ),
}
NEWEST = {scale: max(wording for each, wording in QUESTIONS if each == scale) for scale in Scale}


def choose_scale(complaint_id: int) -> str:
    """The scale of a complaint, the same in every round: a fifth is asked for effort, the share set by the house for ``nps_tx``."""
    share = int.from_bytes(sha256(f"survey:{complaint_id}".encode()).digest()[:4]) % 100
    if share < CES_PERCENT:
        return Scale.CES
    return Scale.NPS_TX if share < CES_PERCENT + settings.BIHUAN_SURVEY_NPS_TX_PERCENT else Scale.CSAT


def asks_once(scale: str) -> bool:
    """Whether the customer is also asked if it was solved the first time."""
    return scale == Scale.CSAT


def question_of(survey: Survey) -> Question:
    return QUESTIONS[survey.scale, survey.wording]


def scores_of(scale: str) -> range:
    low, high = Survey.RANGES[Scale(scale)]
    return range(low, high + 1)


def is_low(scale: str, score: int | None) -> bool:
    return score is not None and score <= LOW.get(Scale(scale), -1)
