"""Whom the survey asks on which scale, whose credit it is, and whom it spares."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from complaints.lifecycle import Status
from complaints.models import Complaint, ExternalRecord, LegalRule, Survey
from complaints.scales import NOTICES, Scale, choose_scale, scores_of
from complaints.services import merge_complaints, post_reply, reopen_complaint, resolve_complaint, set_risk
from complaints.services.invitations import codes_of
from complaints.services.surveys import answer_survey, is_open
from foundation.exceptions import RefusedError
from orders.models import Consent
from tests.complaints.builders import codes, fresh, later, make_survey, nodes, survey_kinds, survey_of
from tests.factories import make_complaint, make_order, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db


def resolve(complaint: Complaint, by) -> Complaint:
    return resolve_complaint(complaint, by=by, expected_version=None, **SOLVED)


# Scales


def test_a_fifth_is_asked_for_effort_and_always_the_same():
    chosen = [choose_scale(number) for number in range(5_000)]

    assert chosen == [choose_scale(number) for number in range(5_000)]
    assert 900 < chosen.count(Scale.CES) < 1_100
    assert chosen.count(Scale.CSAT) == 5_000 - chosen.count(Scale.CES)


def test_a_house_may_ask_a_share_whether_it_would_be_recommended(settings):
    before = [number for number in range(1_000) if choose_scale(number) == Scale.CES]
    settings.BIHUAN_SURVEY_NPS_TX_PERCENT = 30

    chosen = [choose_scale(number) for number in range(1_000)]

    assert [number for number in range(1_000) if chosen[number] == Scale.CES] == before
    assert 240 < chosen.count(Scale.NPS_TX) < 360


@pytest.mark.parametrize(("scale", "score"), [("csat", 0), ("csat", 6), ("ces", 0), ("ces", 8), ("nps_tx", 11)])
def test_the_database_refuses_a_score_off_the_scale(scale, score):
    survey = make_survey(scale)

    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=survey.pk).update(score=score, delivered_at=timezone.now())


@pytest.mark.parametrize("scale", ["csat", "ces", "nps_tx"])
def test_every_score_of_a_scale_can_be_given(scale):
    survey = make_survey(scale)

    for score in scores_of(scale):
        answer_survey(survey, score=score)

    assert fresh(survey).score == scores_of(scale)[-1]


@pytest.mark.parametrize(("scale", "score"), [("csat", 7), ("ces", 8), ("nps_tx", 11), ("csat", 0)])
def test_the_service_refuses_a_score_off_the_scale(scale, score):
    with pytest.raises(RefusedError) as refusal:
        answer_survey(make_survey(scale), score=score)

    assert [reason.code for reason in refusal.value.reasons] == ["score"]


# Whose credit


def test_solver_and_helpers_are_pinned_when_it_is_sent():
    team = make_team()
    solver, helper, later_one = make_user("lead", teams=[team]), make_user(teams=[team]), make_user(teams=[team])
    complaint = make_complaint(Status.OPEN, assignee=helper)

    complaint = resolve(complaint, solver)
    survey = survey_of(complaint)
    Complaint.objects.filter(pk=complaint.pk).update(assignee=later_one, resolved_by=later_one)
    answer_survey(survey, score=5)

    assert (survey.solver, survey.helper_ids) == (solver, [helper.pk])
    for kind in ("survey.invited", "survey.delivered", "survey.answered"):
        said = codes(complaint, kind)
        assert (said["solver"], said["helpers"]) == (solver.pk, [helper.pk])


def test_who_helped_in_an_earlier_round_is_no_helper_of_this_one():
    first, second = make_user(), make_user("lead")
    complaint = make_complaint(Status.RESOLVED, assignee=first)
    complaint = reopen_complaint(complaint, as_customer=True)
    complaint = post_reply(complaint, body="换我来。", by=second, expected_version=None).complaint

    complaint = resolve(complaint, second)

    assert survey_of(complaint).helper_ids == []


# Caps and other reasons not to ask


@pytest.mark.parametrize(("days", "why"), [(13, "cap"), (15, "")])
def test_the_same_mailbox_is_asked_once_in_fourteen_days(days, why):
    make_complaint(Status.RESOLVED)

    with later(days=days):
        again = make_complaint(Status.RESOLVED)

    assert survey_of(again).suppressed_by == why


def test_the_same_customer_is_asked_once_whatever_the_address():
    order = make_order()
    one, other = (make_complaint(Status.RESOLVED, order=order, contact_email=f"{name}@mail.example") for name in "ab")

    assert [survey_of(each).suppressed_by for each in (one, other)] == ["", "cap"]


@pytest.mark.parametrize(("proven", "why"), [((True, True), "cap"), ((True, False), ""), ((False, True), "")])
def test_only_a_phone_that_both_have_proven_names_the_same_customer(proven, why):
    both = [make_complaint(Status.OPEN, contact_email=f"{name}@mail.example", assignee=make_user()) for name in "ab"]
    for complaint, is_proven in zip(both, proven, strict=True):
        Complaint.objects.filter(pk=complaint.pk).update(is_proven=is_proven)

    one, other = (resolve(fresh(each), each.assignee) for each in both)

    assert [survey_of(each).suppressed_by for each in (one, other)] == ["", why]


def test_strangers_do_not_tire_each_other():
    one, other = (make_complaint(Status.RESOLVED, contact_email=f"{name}@mail.example", contact_phone="") for name in "ab")

    assert [survey_of(each).suppressed_by for each in (one, other)] == ["", ""]


def test_what_ended_before_it_left_tires_nobody():
    first = make_complaint(Status.RESOLVED)
    reopen_complaint(first, as_customer=True)

    second = make_complaint(Status.RESOLVED)

    assert survey_of(second).suppressed_by == ""


def test_a_suppressed_survey_is_noted_with_its_reason_and_no_mail():
    make_complaint(Status.RESOLVED)
    complaint = make_complaint(Status.RESOLVED)
    survey = survey_of(complaint)

    assert survey_kinds(complaint) == ["survey.suppressed"]
    assert codes(complaint, "survey.suppressed") == codes_of(survey) | {"reason": "cap"}
    assert nodes(complaint, node__in=NOTICES.values()) == []
    assert not is_open(survey)


def test_without_an_address_nobody_is_asked():
    assert survey_of(make_complaint(Status.RESOLVED, contact_email="")).suppressed_by == "no_contact"


def test_a_customer_before_an_authority_is_not_asked():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    rule = LegalRule.objects.create(code="r", platform="12315", name_zh="回复", name_en="Reply", amount=5, unit="days", source="s")
    ExternalRecord.objects.create(complaint=complaint, rule=rule, external_no="1", received_at=timezone.now(), due_at=timezone.now())

    assert survey_of(resolve(complaint, agent)).suppressed_by == "external"


@pytest.mark.parametrize(("answers", "why"), [((True, False), "no_consent"), ((False, True), "")])
def test_the_last_word_about_being_served_counts(answers, why):
    order = make_order()
    for number, is_given in enumerate(answers):
        at = timezone.now() - timedelta(days=9 - number)
        Consent.objects.create(customer=order.customer, purpose="service", is_given=is_given, text_digest="x", channel="web", at=at)

    assert survey_of(make_complaint(Status.RESOLVED, order=order)).suppressed_by == why


def test_somebody_in_danger_is_not_asked():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    Complaint.objects.filter(pk=complaint.pk).update(risk_signals="safety")

    assert survey_of(resolve(complaint, agent)).suppressed_by == "safety"


def test_a_calmed_reading_lets_the_survey_leave():
    agent, lead = make_user(), make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=agent, description="再不处理我就不想活了")

    complaint = set_risk(complaint, level=1, reason="口头禅", by=lead, expected_version=None)

    assert survey_of(resolve(complaint, agent)).suppressed_by == ""


def test_joining_ends_a_survey_that_nobody_answered():
    agent = make_user()
    survivor = make_complaint(Status.OPEN, assignee=agent)
    child = make_complaint(Status.RESOLVED, assignee=agent, category=survivor.category)

    merge_complaints(child, into=survivor, by=agent, expected_version=None)

    assert codes(child, "survey.suppressed")["reason"] == "merged"
    assert child.surveys.get().suppressed_by == "merged"
    assert survey_of(resolve(fresh(survivor), agent)).suppressed_by == ""
