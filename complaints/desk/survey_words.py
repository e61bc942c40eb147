"""Surveys in words for the desk: which scale, what came of it, and why one was not sent."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from complaints.models import Survey
from complaints.scales import QUESTIONS, scores_of
from ui.masking import mask_text

SURVEY_EVENTS = ("survey.invited", "survey.delivered", "survey.expired", "survey.suppressed", "survey.answered", "survey.edited")


def say_survey(codes: Mapping[str, Any]) -> str:
    """What an event of a survey says, from its codes alone."""
    scale = codes.get("scale", "")
    parts = [_name(Survey.Scale, scale), say_score(scale, codes.get("version", 1), codes.get("score"))]
    if codes.get("once") is not None:
        parts.append(_("solved the first time") if codes["once"] else _("not solved the first time"))
    if codes.get("had_answer"):
        parts.append(_("the answer counts no more"))
    parts.append(_name(Survey.Suppression, codes.get("reason", "")))
    return " · ".join(filter(None, parts))


def say_score(scale: str, wording: int, score: int | None) -> str:
    """A score with the end of its scale, and its words where it has some."""
    if score is None or scale not in Survey.Scale.values:
        return ""
    words = QUESTIONS[Survey.Scale(scale), wording].labels.get(score, "")
    counted = _("%(score)s of %(best)s") % {"score": score, "best": scores_of(scale)[-1]}
    return f"{counted} – {words}" if words else counted


def low_scores(complaint_ids: Iterable[int]) -> dict[int, str]:
    """What the customers of these complaints gave last, with their words; one query, and none for nobody."""
    wanted = set(complaint_ids)
    given = Survey.objects.filter(complaint__in=wanted, score__isnull=False).exclude(scale=Survey.Scale.NPS) if wanted else ()
    latest = {survey.complaint_id: survey for survey in sorted(given, key=lambda each: each.cycle)}
    return {complaint_id: _score_and_words(survey) for complaint_id, survey in latest.items()}


def _score_and_words(survey: Survey) -> str:
    said = mask_text(survey.comment)[:300]
    return " · ".join(filter(None, [say_score(survey.scale, survey.wording, survey.score), said]))


def _name(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else ""
