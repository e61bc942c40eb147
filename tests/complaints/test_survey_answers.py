"""When a survey counts as delivered, when it ends, what is asked about the shop, and what an answer sets in motion."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from complaints import access
from complaints.channels.relay import drain_mail
from complaints.lifecycle import Status
from complaints.models import Complaint, FollowUp, Outbox, Survey
from complaints.scales import NOTICES, Scale, is_low
from complaints.services import confirm_complaint, reopen_complaint, resolve_complaint, withdraw_complaint
from complaints.services.follow_ups import finish_follow_up
from complaints.services.invitations import codes_of, expire_due_surveys
from complaints.services.surveys import answer_survey, is_open
from foundation.exceptions import NotAllowedError, RefusedError
from orders.models import Consent
from tests.complaints.builders import codes, fresh, kinds, later, make_survey, survey_kinds, survey_of
from tests.factories import make_complaint, make_order, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db


def send_due_mail(settings, backend: str = "django.core.mail.backends.locmem.EmailBackend") -> None:
    settings.EMAIL_BACKEND = backend
    Outbox.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    drain_mail()


# Delivered


def test_it_is_delivered_when_the_mail_has_left(settings):
    complaint = make_complaint(Status.RESOLVED)

    assert survey_kinds(complaint) == ["survey.invited"]
    send_due_mail(settings)

    assert survey_kinds(complaint) == ["survey.invited", "survey.delivered"]
    assert codes(complaint, "survey.delivered") == codes_of(survey_of(complaint)) | {"way": "mail"}
    assert survey_of(complaint).delivered_at is not None


def test_a_mail_that_cannot_be_delivered_delivers_no_survey(settings):
    complaint = make_complaint(Status.RESOLVED)

    send_due_mail(settings, "tests.complaints.refusing.RefusingBackend")

    assert complaint.outbox.filter(node__in=NOTICES.values()).get().state == Outbox.State.DEAD
    assert "survey.delivered" not in kinds(complaint)
    assert survey_of(complaint).delivered_at is None


def test_the_same_mail_delivers_once(settings):
    complaint = make_complaint(Status.RESOLVED)
    send_due_mail(settings)
    complaint.outbox.update(state=Outbox.State.QUEUED)

    send_due_mail(settings)

    assert survey_kinds(complaint).count("survey.delivered") == 1


def test_an_answer_on_the_page_before_the_mail_delivers_it_and_keeps_the_mail_back(settings):
    survey = make_survey()

    answer_survey(survey, score=5)
    mail.outbox.clear()
    send_due_mail(settings)

    assert survey_kinds(survey.complaint) == ["survey.invited", "survey.delivered", "survey.answered"]
    assert codes(survey.complaint, "survey.delivered")["way"] == "page"
    assert not any("/survey/" in letter.body for letter in mail.outbox)


def test_a_mail_under_way_while_the_complaint_is_reopened_delivers_nothing(settings):
    complaint = make_complaint(Status.RESOLVED)
    row = complaint.outbox.get(node__in=NOTICES.values())
    reopen_complaint(complaint, as_customer=True)
    Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.QUEUED)

    send_due_mail(settings)

    assert "survey.delivered" not in kinds(complaint)


# The end


def test_after_fourteen_days_without_an_answer_it_ends_once(settings):
    complaint = make_complaint(Status.RESOLVED)
    send_due_mail(settings)
    Survey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert (expire_due_surveys(), expire_due_surveys()) == (1, 0)

    said = codes(complaint, "survey.expired")
    assert (said["cause"], said["had_answer"], said["was_delivered"]) == ("time", False, True)
    assert not is_open(survey_of(complaint))


def test_an_answered_and_a_suppressed_one_do_not_run_out():
    answered = make_survey()
    answer_survey(answered, score=4)
    make_complaint(Status.RESOLVED)
    Survey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert expire_due_surveys() == 0


def test_one_that_fails_is_put_off_and_keeps_no_other_from_ending():
    broken, sound = (make_survey(contact_email=f"{name}@mail.example", contact_phone="") for name in "ab")
    Survey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    # A head that lags behind makes the next event collide.
    Complaint.objects.filter(pk=broken.complaint_id).update(head_seq=1)

    assert expire_due_surveys() == 1

    assert (fresh(broken).expired_at, fresh(sound).expired_at is None) == (None, False)
    assert fresh(broken).expires_at > timezone.now()


@pytest.mark.parametrize("had_answer", [True, False])
def test_reopening_ends_it_and_its_answer_counts_no_more(had_answer):
    survey = make_survey()
    if had_answer:
        answer_survey(survey, score=5)

    reopen_complaint(survey.complaint, as_customer=True)

    said = codes(survey.complaint, "survey.expired")
    assert (said["cause"], said["had_answer"]) == ("reopened", had_answer)
    assert not is_open(fresh(survey))
    with pytest.raises(RefusedError):
        answer_survey(survey, score=5)


def test_withdrawing_ends_it():
    complaint = make_complaint(Status.RESOLVED)

    withdraw_complaint(complaint, as_customer=True)

    assert codes(complaint, "survey.expired")["cause"] == "withdrawn"


def test_a_corrected_result_asks_anew():
    agent = make_user()
    complaint = make_complaint(Status.RESOLVED, assignee=agent)
    answer_survey(survey_of(complaint), score=5)

    complaint = resolve_complaint(reopen_complaint(complaint, by=agent), by=agent, expected_version=None, **SOLVED)
    survey = survey_of(complaint)

    assert survey_kinds(complaint)[-2:] == ["survey.expired", "survey.invited"]
    assert (survey.score, survey.answered_at, survey.expired_at, is_open(survey)) == (None, None, None, True)


# About the shop


def close(complaint: Complaint) -> Complaint:
    return confirm_complaint(complaint, as_customer=True)


def about_shop(complaint: Complaint) -> Survey | None:
    return complaint.surveys.filter(cycle=Survey.OF_SHOP).first()


def test_a_closed_complaint_asks_about_the_shop_when_the_last_question_is_two_weeks_old():
    complaint = close(make_complaint(Status.RESOLVED))
    survey, last = about_shop(complaint), survey_of(complaint)

    assert (survey.scale, survey.solver, survey.helper_ids) == (Scale.NPS, None, [])
    assert survey.invited_at == last.invited_at + timedelta(days=14)
    assert survey.expires_at == survey.invited_at + timedelta(days=14)
    assert complaint.outbox.get(node="survey_nps").next_at >= survey.invited_at


@pytest.mark.parametrize(("days", "is_asked"), [(89, False), (106, True)])
def test_one_customer_is_asked_about_the_shop_once_in_ninety_days(days, is_asked):
    close(make_complaint(Status.RESOLVED))

    with later(days=days):
        again = close(make_complaint(Status.RESOLVED))

    assert (about_shop(again) is not None) == is_asked


def test_who_wants_no_advertising_is_asked_about_the_service_only():
    order = make_order()
    Consent.objects.create(customer=order.customer, purpose="marketing", is_given=False, text_digest="x", channel="web")

    complaint = close(make_complaint(Status.RESOLVED, order=order))

    assert (survey_of(complaint).suppressed_by, about_shop(complaint)) == ("", None)


def test_a_reopened_complaint_takes_back_the_question_about_the_shop_unless_it_was_put(settings):
    waiting = close(make_complaint(Status.RESOLVED))
    put = close(make_complaint(Status.RESOLVED, contact_email="b@mail.example", contact_phone=""))
    Outbox.objects.filter(complaint=waiting).delete()
    send_due_mail(settings)

    for complaint in (waiting, put):
        reopen_complaint(complaint, as_customer=True)

    assert [about_shop(each).expired_at is None for each in (waiting, put)] == [False, True]


def test_the_answer_about_the_shop_alarms_nobody():
    complaint = close(make_complaint(Status.RESOLVED))

    answer_survey(about_shop(complaint), score=0)

    assert not FollowUp.objects.filter(kind="low_score").exists()
    assert codes(complaint, "survey.answered")["cycle"] == 0


# Answers


def test_an_event_of_an_answer_holds_what_a_figure_needs():
    survey = make_survey(Scale.CES)

    answer_survey(survey, score=6, reasons=["effort", "nonsense"], comment="还行")

    event = survey.complaint.events.get(kind="survey.answered")
    assert event.codes == codes_of(survey) | {"score": 6, "reasons": ["effort"]}
    assert (event.payload, event.author_kind) == ({"comment": "还行"}, "customer")


def test_staff_cannot_answer():
    survey = make_survey()

    with pytest.raises(NotAllowedError) as refusal:
        answer_survey(survey, score=5, by=make_user("manager"))

    assert [reason.code for reason in refusal.value.reasons] == ["staff"]
    assert fresh(survey).score is None


@pytest.mark.parametrize(("scale", "score", "expected"), [("csat", 2, 1), ("csat", 3, 0), ("ces", 2, 1), ("ces", 3, 0), ("nps_tx", 0, 0)])
def test_a_low_score_calls_a_lead(scale, score, expected):
    survey = make_survey(scale)

    answer_survey(survey, score=score)

    assert is_low(scale, score) == bool(expected)
    assert FollowUp.objects.filter(complaint=survey.complaint, kind="low_score", role="lead").count() == expected


def test_a_low_score_waits_for_the_lead_of_the_team_and_outlives_the_closing():
    lead = make_user("lead")
    survey = make_survey()

    answer_survey(survey, score=1)
    complaint = confirm_complaint(fresh(survey.complaint))

    assert complaint.status == Status.CLOSED
    [row] = access.follow_ups_for(lead)
    assert (row.kind, row.due_at > row.created_at) == ("low_score", True)
    finish_follow_up(row, note="已致电致歉。", by=lead)
    assert list(access.follow_ups_for(lead)) == []


def test_a_second_low_score_calls_nobody_again():
    survey = make_survey()

    answer_survey(survey, score=1)
    answer_survey(survey, score=2)

    assert FollowUp.objects.filter(kind="low_score").count() == 1


def test_a_better_score_takes_an_untouched_call_back():
    survey = make_survey()

    answer_survey(survey, score=1)
    answer_survey(survey, score=4)

    row = FollowUp.objects.get(kind="low_score")
    assert (row.outcome, row.done_by) == ("cancelled", None)
    assert codes(survey.complaint, "follow_up.done")["outcome"] == "cancelled"


def test_what_a_lead_has_looked_at_stays_as_it_was():
    lead, survey = make_user("lead"), make_survey()
    answer_survey(survey, score=1)
    finish_follow_up(FollowUp.objects.get(kind="low_score"), note="已致电。", by=lead)

    answer_survey(survey, score=5)

    assert FollowUp.objects.get(kind="low_score").outcome == "done"
