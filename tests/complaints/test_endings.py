"""Resolving, declining, giving up, confirming, withdrawing, appealing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuthorityLimit
from complaints.lifecycle import Status
from complaints.models import AgentLoad
from complaints.scales import NOTICES
from complaints.services import (
    appeal_complaint,
    ask_customer,
    confirm_complaint,
    decide_appeal,
    decline_complaint,
    give_up_complaint,
    log_call,
    miss_answer,
    post_customer_message,
    reopen_complaint,
    resolve_complaint,
    snooze_complaint,
    withdraw_complaint,
)
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.builders import codes, fresh, kinds, later, make_file, nodes
from tests.factories import make_complaint, make_order, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
NO = {"facts": "已超过期限。", "reason_code": "expired", "basis": "售后规则 3.2 v1", "expected_version": None}


def test_resolving_tells_the_customer_and_asks_two_hours_later():
    complaint = make_complaint(Status.RESOLVED)

    assert (complaint.outcome, complaint.timer_at) == ("solved", complaint.resolved_at + timedelta(days=7))
    recorded = ["status.changed", "reason.set", "liability.set", "cycle.resolved", "survey.invited", "clock.started", "callback.due"]
    assert kinds(complaint)[-8:] == [*recorded, "clock.met"]
    assert nodes(complaint, node__in=["resolved", *NOTICES.values()]) == ["resolved", NOTICES[complaint.surveys.get().scale]]
    assert complaint.surveys.get().solver == complaint.resolved_by
    assert AgentLoad.objects.get(user=complaint.assignee).used == 0


@pytest.mark.parametrize("liability", [{}, {"carrier": 99}, {"carrier": 60, "shop": 50}, {"nobody": 100}, {"carrier": 150, "shop": -50}])
def test_liability_must_add_up(liability):
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)

    with pytest.raises(RefusedError) as refusal:
        resolve_complaint(complaint, by=agent, expected_version=None, **(SOLVED | {"liability": liability}))

    assert [reason.code for reason in refusal.value.reasons] == ["liability"]


def test_every_missing_thing_is_named_at_once():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)

    with pytest.raises(RefusedError) as refusal:
        resolve_complaint(complaint, resolution=" ", reason_code="", liability={}, by=agent, expected_version=None)

    assert [reason.code for reason in refusal.value.reasons] == ["no_words", "no_reason_code", "liability"]


def test_nothing_is_resolved_before_somebody_has_answered():
    agent = make_user()
    complaint = make_complaint(Status.NEW, assignee=agent)
    from complaints.services import begin_complaint

    begin_complaint(complaint, by=agent)

    with pytest.raises(RefusedError) as refusal:
        resolve_complaint(complaint, by=agent, expected_version=None, **SOLVED)

    assert [reason.code for reason in refusal.value.reasons] == ["no_human_answer"]


def test_declining_names_facts_rule_and_evidence():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    file = make_file(complaint=complaint)

    declined = decline_complaint(complaint, evidence=[file.pk], by=agent, **NO)

    assert (declined.status, declined.outcome) == (Status.RESOLVED, "declined")
    assert codes(complaint, "declined") == {"reason": "expired", "evidence": [file.pk]}
    assert complaint.outbox.get(node="declined").values["basis"] == "售后规则 3.2 v1"


def test_declining_on_somebody_elses_evidence_is_refused():
    agent = make_user()
    foreign = make_file(complaint=make_complaint())

    with pytest.raises(RefusedError):
        decline_complaint(make_complaint(Status.OPEN, assignee=agent), evidence=[foreign.pk], by=agent, **NO)


def test_a_large_claim_is_declined_by_a_lead_only():
    agent, lead = make_user(), make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=agent, amount_fen=5001)

    with pytest.raises(RefusedError) as refusal:
        decline_complaint(complaint, by=agent, **NO)

    assert [reason.code for reason in refusal.value.reasons] == ["second_person"]
    assert decline_complaint(complaint, by=lead, **NO).outcome == "declined"


def test_the_limit_is_a_row_of_the_authority_limits():
    AuthorityLimit.objects.create(role="agent", scope="grant", limit_fen=9000)
    agent = make_user()

    declined = decline_complaint(make_complaint(Status.OPEN, assignee=agent, amount_fen=9000), by=agent, **NO)

    assert declined.outcome == "declined"


@pytest.mark.parametrize(("age", "is_refused"), [(timedelta(days=6), True), (timedelta(days=8), False)])
def test_within_seven_days_of_delivery_a_lead_decides(age, is_refused):
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent, order=make_order(delivered_at=timezone.now() - age))

    try:
        decline_complaint(complaint, by=agent, **NO)
        refused = False
    except RefusedError:
        refused = True

    assert refused == is_refused


def test_giving_up_needs_silence_two_ways_and_two_days():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    ask_customer(complaint, body="请补充", by=agent, expected_version=None)
    miss_answer(complaint)

    with pytest.raises(RefusedError) as refusal:
        give_up_complaint(complaint, summary="联系不上", by=agent, expected_version=None)
    with later(days=1, hours=1):
        log_call(complaint, summary="无人接听", is_reached=False, by=agent, expected_version=None)
        given_up = give_up_complaint(complaint, summary="联系不上", by=agent, expected_version=None)

    assert [reason.code for reason in refusal.value.reasons] == ["tried_too_little"]
    assert (given_up.outcome, given_up.surveys.get().suppressed_by) == ("no_response", "no_response")


def test_confirming_by_the_customer_and_by_time_are_told_apart():
    by_customer, by_time = make_complaint(Status.RESOLVED), make_complaint(Status.RESOLVED)

    confirm_complaint(by_customer, as_customer=True)
    confirm_complaint(by_time)

    assert codes(by_customer, "cycle.confirmed")["how"] == "confirmed"
    assert codes(by_time, "cycle.confirmed")["how"] == "unobjected"


def test_the_solver_corrects_within_ten_minutes_only():
    agent = make_user()
    complaint = make_complaint(Status.RESOLVED, assignee=agent)

    with later(minutes=11), pytest.raises(RefusedError):
        reopen_complaint(complaint, by=agent, reason="写错了")
    corrected = reopen_complaint(complaint, by=agent)

    assert (corrected.status, corrected.cycle, corrected.outcome) == (Status.OPEN, 1, "")
    assert nodes(complaint, state="queued", node__in=["resolved", *NOTICES.values()]) == []


def test_a_corrected_result_has_one_survey():
    agent = make_user()
    complaint = make_complaint(Status.RESOLVED, assignee=agent)

    reopen_complaint(complaint, by=agent)
    resolve_complaint(complaint, by=agent, expected_version=None, **SOLVED)

    assert complaint.surveys.get().expires_at > timezone.now()


def test_a_colleague_who_is_no_solver_cannot_reopen():
    with pytest.raises(RefusedError):
        reopen_complaint(make_complaint(Status.RESOLVED), by=make_user(), reason="我觉得不对")


def test_a_lead_reopens_with_a_reason():
    lead = make_user("lead")
    complaint = make_complaint(Status.CLOSED)

    with pytest.raises(RefusedError):
        reopen_complaint(complaint, by=lead)

    assert reopen_complaint(complaint, by=lead, reason="复查").cycle == 2


def test_a_withdrawn_complaint_owes_nothing_and_tells_so():
    complaint = withdraw_complaint(make_complaint(Status.WAITING_CUSTOMER), as_customer=True)

    assert nodes(complaint, state="queued") == ["withdrawn"]
    assert not complaint.assignment_requests.filter(state="waiting").exists()
    assert complaint.timer_at is None


def test_an_agent_withdraws_only_with_the_customers_words():
    with pytest.raises(RefusedError):
        withdraw_complaint(make_complaint(), by=make_user())


def test_a_declined_customer_appeals_once_and_another_lead_answers():
    agent, lead, solver = make_user(), make_user("lead"), make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=agent)
    decline_complaint(complaint, by=solver, **NO)

    appealed = appeal_complaint(complaint, reason="我有照片为证。")

    assert appealed.due_at == appealed.appealed_at + timedelta(hours=48)
    with pytest.raises(RefusedError):
        appeal_complaint(complaint, reason="再来一次")
    with pytest.raises(NotAllowedError):
        decide_appeal(complaint, is_upheld=False, answer="维持", by=solver, expected_version=None)
    with pytest.raises(NotAllowedError):
        decide_appeal(complaint, is_upheld=False, answer="维持", by=agent, expected_version=None)
    decided = decide_appeal(complaint, is_upheld=True, answer="同意您的意见。", by=lead, expected_version=None)
    assert (decided.status, decided.cycle, decided.has_open_appeal) == (Status.OPEN, 2, False)


def test_a_rejected_appeal_leaves_the_decision():
    lead = make_user("lead")
    complaint = make_complaint(Status.CLOSED)
    appeal_complaint(complaint, reason="不同意。")

    decided = decide_appeal(complaint, is_upheld=False, answer="维持原决定。", by=lead, expected_version=None)

    assert (decided.status, decided.has_open_appeal) == (Status.CLOSED, False)
    assert codes(complaint, "appeal.decided") == {"upheld": False}
    with pytest.raises(RefusedError):
        decide_appeal(complaint, is_upheld=True, answer="改了", by=lead, expected_version=None)


@pytest.mark.parametrize(("days", "is_refused"), [(14, False), (16, True)])
def test_appeals_come_within_fifteen_days(days, is_refused):
    complaint = make_complaint(Status.CLOSED)

    with later(days=days):
        try:
            appeal_complaint(complaint, reason="不同意。")
            refused = False
        except RefusedError:
            refused = True

    assert refused == is_refused


@pytest.mark.parametrize(("hours", "code"), [(-1, "past"), (24 * 8, "too_far")])
def test_a_snooze_ends_in_time(hours, code):
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)

    with pytest.raises(RefusedError) as refusal:
        snooze_complaint(complaint, until=timezone.now() + timedelta(hours=hours), reason="等", by=agent, expected_version=None)

    assert [reason.code for reason in refusal.value.reasons] == [code]


def test_no_snooze_past_what_the_customer_was_promised():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="请问进度？")

    with pytest.raises(RefusedError) as refusal:
        snooze_complaint(complaint, until=fresh(complaint).due_at + timedelta(hours=1), reason="等", by=agent, expected_version=None)

    assert [reason.code for reason in refusal.value.reasons] == ["after_promise"]
