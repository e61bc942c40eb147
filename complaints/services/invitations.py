"""Asking the customer how it went: whom, on which scale, when not, and until when. Nobody here chooses who is asked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from complaints import timing
from complaints.models import Complaint, Message, Outbox, Survey
from complaints.scales import NEWEST, NOTICES, choose_scale
from complaints.services.act import Act, lock_act
from complaints.services.notices import cancel_notices
from foundation.sweeps import each_apart
from orders.models import Consent

Scale, Why = Survey.Scale, Survey.Suppression
ROUND = 50
UNANSWERED: dict[str, Any] = {
    "delivered_at": None, "expired_at": None, "score": None, "solved_once": None, "reasons": [], "comment": "", "answered_at": None,
    "version": 1,
}  # fmt: skip
Purpose = Consent.Purpose
# To withdraw the agreement to advertising is enough not to be asked about the shop.
NEEDED = {Scale.NPS: (Purpose.SERVICE, Purpose.MARKETING)}


def invite_survey(act: Act) -> None:
    """Ask the customer two hours later how it went. One survey per cycle, however often its end is corrected.

    Whoever was asked in the last 14 days is spared, and so are those who cannot or should not be asked: that is noted with its reason.
    """
    complaint = act.complaint
    scale = choose_scale(complaint.pk)
    why = _reason_to_spare(act, scale)
    credit = {"solver": act.by, "helper_ids": _others_who_answered(complaint, solver=act.by)}
    _ask(act, scale, cycle=complaint.cycle, leaves_at=act.at + timing.SURVEY_AFTER, why=why, **credit)


def suppress_survey(act: Act, why: str) -> None:
    """Nobody is asked about this cycle."""
    _ask(act, choose_scale(act.complaint.pk), cycle=act.complaint.cycle, leaves_at=act.at, why=why, solver=act.by)


def invite_about_shop(act: Act) -> None:
    """After a closed complaint, ask the customer once in 90 days whether they would recommend the shop.

    The mail leaves when the last question is 14 days old. No complaint is owed this question, so one that occasions none notes nothing.
    """
    complaint = act.complaint
    if complaint.outcome == Complaint.Outcome.NO_RESPONSE or _reason_to_spare(act, Scale.NPS):
        return
    last = _asked(complaint).order_by("-invited_at").values_list("invited_at", flat=True).first()
    leaves_at = max(act.at + timing.SURVEY_AFTER, last + timing.SURVEY_EVERY) if last else act.at + timing.SURVEY_AFTER
    _ask(act, Scale.NPS, cycle=Survey.OF_SHOP, leaves_at=leaves_at, invited_at=leaves_at)


def end_surveys(act: Act, *, cause: str) -> None:
    """The questions about a round end with it, and an answer that was given counts no more.

    What was asked about the shop stays, unless it has not left yet: nobody is asked that while a complaint is open.
    """
    cancel_notices(act.complaint, *NOTICES.values())
    for survey in _standing(act.complaint):
        _end(act, survey, cause=cause)


def merge_survey(act: Act) -> None:
    """Of a group one survey is sent, that of the survivor: one that nobody has answered ends with the joined complaint."""
    for survey in _standing(act.complaint).filter(answered_at__isnull=True):
        if survey.delivered_at:
            _end(act, survey, cause="merged")
        else:
            _save(survey, suppressed_by=Why.MERGED)
            act.note("survey.suppressed", codes=codes_of(survey) | {"reason": Why.MERGED.value})


def put_delivery(act: Act, survey: Survey, *, way: str) -> None:
    """Note that the question has reached the customer, by ``mail`` or on the ``page``; once."""
    if survey.delivered_at is None:
        _save(survey, delivered_at=act.at)
        act.note("survey.delivered", codes=codes_of(survey) | {"way": way})


def hear_delivery(act: Act, row: Outbox) -> None:
    """A notice has left: if it asked a question that still stands, the question is delivered."""
    survey = _standing(act.complaint).filter(pk=row.values.get("survey")).first()
    if survey is not None:
        put_delivery(act, survey, way="mail")


def expire_due_surveys(*, limit: int = ROUND) -> int:
    """End questions that nobody answered in 14 days, one transaction each. Returns how many."""
    due = _due().order_by("expires_at", "id").values_list("pk", flat=True)
    return each_apart(list(due[:limit]), _expire, put_off=_put_off)


def codes_of(survey: Survey) -> dict[str, Any]:
    """What every event of a survey says about it."""
    return {
        "survey": survey.pk,
        "scale": str(survey.scale),
        "version": survey.wording,
        "cycle": survey.cycle,
        "solver": survey.solver_id,
        "helpers": survey.helper_ids,
    }


def _ask(act: Act, scale: str, *, cycle: int, leaves_at: datetime, why: str = "", **about: Any) -> None:
    about = {"invited_at": act.at, "scale": scale, "wording": NEWEST[Scale(scale)], "suppressed_by": why, **about}
    about["expires_at"] = about["invited_at"] + timing.SURVEY_WINDOW
    survey, _is_new = Survey.objects.update_or_create(complaint=act.complaint, cycle=cycle, defaults=UNANSWERED | about)
    if why:
        act.note("survey.suppressed", codes=codes_of(survey) | {"reason": str(why)})
        return
    act.note("survey.invited", codes=codes_of(survey))
    act.tell(NOTICES[Scale(scale)], at=leaves_at, values={"survey": survey.pk})


def _reason_to_spare(act: Act, scale: str) -> str:
    """Why this customer is not asked now."""
    complaint = act.complaint
    if not complaint.contact_email:
        return Why.NO_CONTACT
    if complaint.is_about_safety:
        return Why.SAFETY
    if complaint.external_records.exists():
        return Why.EXTERNAL
    if _has_refused(complaint, NEEDED.get(Scale(scale), (Purpose.SERVICE,))):
        return Why.NO_CONSENT
    return Why.CAP if _was_asked(act, scale) else ""


def _has_refused(complaint: Complaint, purposes: Iterable[str]) -> bool:
    """Whether the last word of the customer about one of these purposes was no."""
    if complaint.customer_id is None:
        return False
    last = Consent.objects.filter(customer=complaint.customer_id, purpose__in=purposes).order_by("purpose", "-at").distinct("purpose")
    return False in last.values_list("is_given", flat=True)


def _was_asked(act: Act, scale: str) -> bool:
    """Whether the same customer was asked too lately: about a service in 14 days, about the shop in 90."""
    _wait_for_the_same(act.complaint)
    if scale == Scale.NPS:
        return _asked(act.complaint).filter(scale=scale, invited_at__gt=act.at - timing.SHOP_SURVEY_EVERY).exists()
    own = Q(complaint=act.complaint, cycle=act.complaint.cycle)
    return _asked(act.complaint).filter(invited_at__gt=act.at - timing.SURVEY_EVERY).exclude(own).exists()


def _wait_for_the_same(complaint: Complaint) -> None:
    """Two complaints of one customer that end in the same moment ask once: the second waits here until the first is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('survey'), hashtext(%s))", [complaint.contact_email_index])


def _asked(complaint: Complaint) -> QuerySet[Survey]:
    """What the customer of a complaint was asked, here and elsewhere: the same customer of the shop, mailbox or proven phone.

    What ended before it left was never asked.
    """
    # One after the other: together no index would serve them all.
    known = [Complaint.objects.filter(contact_email_index=complaint.contact_email_index)]
    if complaint.customer_id:
        known.append(Complaint.objects.filter(customer=complaint.customer_id))
    if complaint.is_proven and complaint.contact_phone_index:
        known.append(Complaint.objects.filter(contact_phone_index=complaint.contact_phone_index, is_proven=True))
    first, *others = [each.filter(merchant=complaint.merchant_id).values("pk") for each in known]
    asked = Survey.objects.filter(complaint__in=first.union(*others) if others else first, suppressed_by="")
    return asked.exclude(expired_at__isnull=False, delivered_at__isnull=True)


def _others_who_answered(complaint: Complaint, *, solver: Any) -> list[int]:
    """Who else answered in public in this cycle."""
    answers = complaint.messages.filter(kind=Message.Kind.PUBLIC, author_kind=Message.Author.HUMAN, retracted_at__isnull=True)
    if complaint.cycle > 1:
        begun = complaint.events.filter(kind="cycle.reopened", codes__cycle=complaint.cycle, codes__correction=False)
        answers = answers.filter(created_at__gte=begun.order_by("-seq").values("at")[:1])
    writers = set(answers.values_list("author_id", flat=True)) - {None, solver and solver.pk}
    return sorted(writers)


def _standing(complaint: Complaint) -> QuerySet[Survey]:
    """Questions that were asked and have not ended."""
    return Survey.objects.filter(complaint=complaint, expired_at__isnull=True, suppressed_by="").order_by("pk")


def _end(act: Act, survey: Survey, *, cause: str) -> None:
    if survey.scale == Scale.NPS and survey.delivered_at and cause != "time":
        return
    had = {"had_answer": survey.answered_at is not None, "was_delivered": survey.delivered_at is not None}
    _save(survey, expired_at=act.at)
    act.note("survey.expired", codes=codes_of(survey) | had | {"cause": cause})


def _save(survey: Survey, **values: Any) -> None:
    for name, value in values.items():
        setattr(survey, name, value)
    survey.save(update_fields=list(values))


def _due() -> QuerySet[Survey]:
    return Survey.objects.filter(expires_at__lte=Now(), expired_at__isnull=True, answered_at__isnull=True, suppressed_by="")


def _put_off(pk: int) -> None:
    Survey.objects.filter(pk=pk).update(expires_at=Now() + timing.SURVEY_AGAIN)


@transaction.atomic
def _expire(pk: int) -> bool:
    """Look again under the lock: the customer may have been faster."""
    found = _due().filter(pk=pk).select_related("complaint").first()
    if found is None:
        return False
    act = lock_act(found.complaint, "survey_end", by=None)
    survey = _due().filter(pk=pk).first()
    if survey is None:
        return False
    cancel_notices(act.complaint, values__survey=survey.pk)
    _end(act, survey, cause="time")
    act.finish(raises_version=False)
    return True
